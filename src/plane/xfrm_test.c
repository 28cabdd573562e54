/* What needs no kernel with ESP. */
#include "plane/xfrm.h"

#include "tests/harness.h"

static void a_number_is_the_tunnels_own(void)
{
    uint32_t one = xfrm_number("vgw", "vpn-a/1");
    CHECK(one != 0);
    CHECK_EQUAL(xfrm_number("vgw", "vpn-a/1"), one);
    CHECK(xfrm_number("vgw", "vpn-a/2") != one);
    CHECK(xfrm_number("vgw-b", "vpn-a/1") != one);
}

static void it_is_the_plane_that_it_says(void)
{
    CHECK_EQUAL(carrier_xfrm.choice, PLANE_XFRM);
    CHECK_TEXT(plane_choice_word(carrier_xfrm.choice), "xfrm");
}

int main(void)
{
    TEST(a_number_is_the_tunnels_own);
    TEST(it_is_the_plane_that_it_says);
    return harness_done();
}
