#include "network/probe.h"
#include "tests/harness.h"

static void timers_are_those_of_aws(void)
{
    struct network *network = probe_parse(probe_sound);
    CHECK(network != NULL);
    if (!network)
        return;
    const struct network_direct_connect *dx = &network->direct_connects[0];
    CHECK_EQUAL(dx->bgp.keepalive_us, 30000000);
    CHECK_EQUAL(dx->bgp.hold_us, 90000000);
    CHECK_EQUAL(dx->vlan, 101);
    CHECK_EQUAL(dx->inside_vgw, 0xa9fe6401);
    CHECK_EQUAL(dx->inside_peer, 0xa9fe6402);
    CHECK_EQUAL(dx->router.index, 1);
    network_free(network);
}

static void the_far_side_and_the_tag_are_checked(void)
{
    CHECK_BROKEN("vlan: 101", "vlan: 4095",
                 "27:65 vlan: 4095 is out of range | expected a number from 1 to 4094");
    CHECK_BROKEN("vlan: 101", "vlan: \"101\"",
                 "27:65 vlan: \"101\" is text | expected it without quotes");
    CHECK_BROKEN(" vlan: 101,", "", "fine");
    CHECK_BROKEN("router: dx-edge, vlan", "router: dx-egde, vlan",
                 "27:50 no router is called \"dx-egde\" | did you mean \"dx-edge\" (line 33)?");
    CHECK_BROKEN("peer: 169.254.100.2", "peer: 169.254.100.1",
                 "28:41 both ends have the same inside address");
    CHECK_BROKEN("peer: 169.254.100.2", "peer: 192.168.7.1", "fine");
}

int main(void)
{
    TEST(timers_are_those_of_aws);
    TEST(the_far_side_and_the_tag_are_checked);
    return harness_done();
}
