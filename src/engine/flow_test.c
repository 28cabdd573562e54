/* Routes on their way through a gateway: what comes in at one neighbor and goes out at others. */
#include "engine/test_gate.h"

static void a_route_goes_to_the_others_with_their_next_hop(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_dx(3, 65003);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(1, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65001 via 169.254.2.1");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "64512 65001 via 169.254.3.1");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    withdraw(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(told(3, "10.1.0.0/16"), "nothing");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "none");
    gate_finish();
}

int main(void)
{
    TEST(a_route_goes_to_the_others_with_their_next_hop);
    return harness_done();
}
