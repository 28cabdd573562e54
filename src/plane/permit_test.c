#include "plane/permit.h"

#include "tests/harness.h"

#include <string.h>

static char sentence[ORDER_SENTENCE_BYTES];

static struct plane_tunnel tunnel(const char *name, ip_addr outside)
{
    struct plane_tunnel tunnel = {.outside = outside};
    snprintf(tunnel.name, sizeof tunnel.name, "%s", name);
    return tunnel;
}

static bool wants(struct permit *permit, const char *name, ip_addr outside, const char *psk_file)
{
    struct plane_tunnel wanted = tunnel(name, outside);
    return permit_want(permit, &wanted, psk_file, sentence);
}

static void until_it_is_settled_everything_is_the_authors(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    CHECK(wants(permit, "vpn-a/1", 1, "/keys/a"));
    CHECK(wants(permit, "vpn-a/1", 2, "/other/a"));
    CHECK(wants(permit, "vpn-b/1", 3, ""));
    CHECK(permit_has(permit, "vpn-a/1") && !permit_has(permit, "vpn-c/1"));
    permit_destroy(permit);
}

static void later_an_outside_address_is_one_that_was_named(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    CHECK(wants(permit, "vpn-a/1", 0xcb007101, ""));
    permit_settle(permit);
    CHECK(wants(permit, "vpn-a/1", 0xcb007101, ""));
    CHECK(!wants(permit, "vpn-a/1", 0x08080808, ""));
    CHECK_TEXT(sentence, "the outside address 8.8.8.8 of vpn-a/1 was not in the file when sekishod "
                         "started, and lies in no --pool");
    CHECK(!wants(permit, "vpn-b/1", 0x08080808, ""));
    CHECK(!permit_has(permit, "vpn-b/1"));
    permit_unwant(permit, "vpn-a/1");
    CHECK(wants(permit, "vpn-b/1", 0xcb007101, "")); /* another tunnel's now */
    permit_destroy(permit);
}

static void a_pool_is_allowed_from_the_beginning(void)
{
    struct permit_pools pools = {.items = {prefix_make(false, 0xcb007100, 24)}, .count = 1};
    struct permit *permit = permit_create("vgw", &pools);
    permit_settle(permit);
    CHECK(wants(permit, "vpn-a/1", 0xcb0071ff, ""));
    CHECK(!wants(permit, "vpn-a/2", 0xcb007200, ""));
    permit_destroy(permit);
}

static void later_a_file_is_in_a_folder_that_was_named(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    struct plane_tunnel with = tunnel("vpn-c/1", 1);
    snprintf(with.private_key, sizeof with.private_key, "/pki/private/vgw.pem");
    CHECK(wants(permit, "vpn-a/1", 1, "/keys/a"));
    CHECK(permit_want(permit, &with, "", sentence));
    permit_settle(permit);
    CHECK(wants(permit, "vpn-a/1", 1, "/keys/b"));
    CHECK(wants(permit, "vpn-a/1", 1, "/pki/private/psk"));
    CHECK(!wants(permit, "vpn-a/1", 1, "/etc/shadow"));
    CHECK_TEXT(sentence, "the file /etc/shadow of vpn-a/1 is in a folder of which the file named "
                         "none when sekishod started");
    CHECK(!wants(permit, "vpn-a/1", 1, "/pki/vgw.pem"));
    CHECK(!wants(permit, "vpn-a/1", 1, "/keys/deeper/a"));
    CHECK(!wants(permit, "vpn-a/1", 1, "/keys/../etc/shadow"));
    CHECK(!wants(permit, "vpn-a/1", 1, "/keys/.."));
    CHECK(!wants(permit, "vpn-a/1", 1, "/keys/"));
    snprintf(with.private_key, sizeof with.private_key, "/secret/x");
    CHECK(!permit_want(permit, &with, "", sentence));
    permit_destroy(permit);
}

static void there_are_so_many_and_no_more(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    char name[32];
    for (int i = 0; i < PERMIT_TUNNELS; i++) {
        snprintf(name, sizeof name, "v%d/1", i);
        CHECK(wants(permit, name, 1, ""));
    }
    permit_settle(permit);
    CHECK(!wants(permit, "w/1", 1, ""));
    CHECK_TEXT(sentence, "w/1 is one tunnel more than the 512 of a gateway");
    CHECK(wants(permit, "v7/1", 1, "")); /* again */
    permit_unwant(permit, "v7/1");
    CHECK(!permit_has(permit, "v7/1"));
    CHECK(wants(permit, "w/1", 1, ""));
    permit_destroy(permit);
}

static void two_that_would_be_called_the_same_are_refused(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    CHECK(wants(permit, "vpn-bran-nagoya-naha-saga/1", 1, ""));
    CHECK(!wants(permit, "vpn-bran-hakata-sendai-mito/1", 2, ""));
    CHECK_TEXT(sentence, "vpn-bran-nagoya-naha-saga/1 and vpn-bran-hakata-sendai-mito/1 would have "
                         "the same device on this machine; one of them needs another name");
    CHECK(wants(permit, "vpn-bran-hakata-sendai-mito/2", 2, ""));
    permit_destroy(permit);
}

static void a_copy_is_asked_and_nothing_has_changed(void)
{
    struct permit *permit = permit_create("vgw", NULL);
    struct permit *copy = permit_copy(permit);
    CHECK(wants(copy, "vpn-a/1", 1, ""));
    CHECK(!permit_has(permit, "vpn-a/1"));
    permit_destroy(permit);
    permit_destroy(copy);
    permit_destroy(NULL);
}

int main(void)
{
    TEST(until_it_is_settled_everything_is_the_authors);
    TEST(later_an_outside_address_is_one_that_was_named);
    TEST(a_pool_is_allowed_from_the_beginning);
    TEST(later_a_file_is_in_a_folder_that_was_named);
    TEST(there_are_so_many_and_no_more);
    TEST(two_that_would_be_called_the_same_are_refused);
    TEST(a_copy_is_asked_and_nothing_has_changed);
    return harness_done();
}
