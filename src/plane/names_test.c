#include "plane/names.h"

#include "tests/harness.h"

#include <string.h>

static void a_name_says_whose_it_is(void)
{
    char space[NAME_SPACE_BYTES], device[NAME_DEVICE_BYTES];
    name_inner("vgw-main", space);
    CHECK_TEXT(space, "sekisho-vgw-main");
    name_endpoint("vgw-main", "vpn-a/2", space);
    CHECK_TEXT(space, "sekisho-vgw-main@vpn-a-2");
    name_device("vpn-a/2", device);
    CHECK_TEXT(device, "vpn-a-2");
}

static void a_long_name_stays_its_own(void)
{
    char one[NAME_DEVICE_BYTES], other[NAME_DEVICE_BYTES];
    name_device("vpn-osaka-west/1", one);
    name_device("vpn-osaka-west/2", other);
    CHECK_EQUAL(strlen(one), NAME_DEVICE_BYTES - 1);
    CHECK(strncmp(one, "vpn-osak-", 9) == 0);
    CHECK(strcmp(one, other) != 0);
    name_device("vpn-osaka-wes/1", one); /* the longest that is left as it is */
    CHECK_TEXT(one, "vpn-osaka-wes-1");
}

static void outer_devices_are_of_both_names(void)
{
    char one[NAME_DEVICE_BYTES], other[NAME_DEVICE_BYTES];
    name_outer("vgw-a", "vpn-b/1", one);
    name_outer("vgw-b", "vpn-b/1", other);
    CHECK_EQUAL(strlen(one), 14);
    CHECK(strcmp(one, other) != 0);
    name_outer("vgw-av", "pn-b/1", other); /* the same letters, cut elsewhere */
    CHECK(strcmp(one, other) != 0);
}

/* The same head, and the same 24 bits; the same 32 bits of the outer name. */
static void names_that_meet_are_seen(void)
{
    char one[NAME_DEVICE_BYTES], other[NAME_DEVICE_BYTES];
    name_device("vpn-bran-nagoya-naha-saga/1", one);
    name_device("vpn-bran-hakata-sendai-mito/1", other);
    CHECK_TEXT(one, other);
    CHECK(names_meet("vgw", "vpn-bran-nagoya-naha-saga/1", "vpn-bran-hakata-sendai-mito/1"));
    CHECK(names_meet("vgw", "v-44586/1", "v-48351/1"));
    CHECK(!names_meet("vgw-b", "v-44586/1", "v-48351/1"));
    CHECK(!names_meet("vgw", "vpn-a/1", "vpn-a/2"));
    CHECK(!names_meet("vgw", "vpn-a/1", "vpn-a/1"));
}

/* Of a thousand gateways none may find that the two tunnels of a connection meet. */
static void two_tunnels_of_a_connection_do_not_meet(void)
{
    char gateway[32];
    unsigned meeting = 0;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(gateway, sizeof gateway, "vgw-%u", i);
        meeting += names_meet(gateway, "vpn-0/1", "vpn-0/2");
    }
    CHECK_EQUAL(meeting, 0);
}

int main(void)
{
    TEST(a_name_says_whose_it_is);
    TEST(a_long_name_stays_its_own);
    TEST(outer_devices_are_of_both_names);
    TEST(names_that_meet_are_seen);
    TEST(two_tunnels_of_a_connection_do_not_meet);
    return harness_done();
}
