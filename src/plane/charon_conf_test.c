#include "plane/charon_conf.h"

#include "tests/harness.h"

#include <string.h>

static const struct charon_conf USERSPACE = {
    .socket = "/run/s/vpn-a-1/charon.vici",
    .log = "/run/s/vpn-a-1/charon.log",
    .userspace = true,
    .watch = {10000000, 10000000, 3},
};

static bool has(const char *text, const char *line)
{
    return strstr(text, line) != NULL;
}

static void the_userspace_plane_says_what_libipsec_needs(void)
{
    char text[CHARON_CONF_BYTES];
    CHECK(charon_conf_text(&USERSPACE, text));
    CHECK(has(text, " kernel-libipsec kernel-netlink ")); /* in this order */
    CHECK(has(text, "            fwmark = 0x7220\n"));
    CHECK(has(text, "            allow_peer_ts = yes\n"));
    CHECK(has(text, "    interfaces_ignore = ipsec0\n"));
    CHECK(has(text, "    routing_table = 220\n"));
    CHECK(has(text, "    threads = 16\n"));
    CHECK(has(text, "            socket = unix:///run/s/vpn-a-1/charon.vici\n"));
    CHECK(has(text, "            path = /run/s/vpn-a-1/charon.log\n"));
}

static void the_kernels_plane_makes_no_table(void)
{
    char text[CHARON_CONF_BYTES];
    struct charon_conf conf = USERSPACE;
    conf.userspace = false;
    CHECK(charon_conf_text(&conf, text));
    CHECK(!has(text, "libipsec") && !has(text, "ipsec0") && !has(text, "fwmark"));
    CHECK(has(text, "    routing_table = 0\n"));
    CHECK(has(text, "    install_routes = no\n"));
}

/* AWS's: probed three times, 10 s apart. The first is no repetition. */
static void dead_peer_timing_is_that_of_repetitions(void)
{
    char text[CHARON_CONF_BYTES];
    CHECK(charon_conf_text(&USERSPACE, text));
    CHECK(has(text, "    retransmit_timeout = 10.000\n"));
    CHECK(has(text, "    retransmit_tries = 2\n"));
    CHECK(has(text, "    retransmit_base = 1\n"));
    struct charon_conf conf = USERSPACE;
    conf.watch = tunnel_watch_of(1);
    CHECK(charon_conf_text(&conf, text));
    CHECK(has(text, "    retransmit_timeout = 0.250\n"));
}

static void floods_and_keys_are_seen_to(void)
{
    char text[CHARON_CONF_BYTES];
    CHECK(charon_conf_text(&USERSPACE, text));
    CHECK(has(text, "    cookie_threshold = 10\n") && has(text, "    block_threshold = 5\n"));
    CHECK(has(text, "    init_limit_half_open = 256\n"));
    CHECK(has(text, "            default = 1\n")); /* secrets begin at 4 */
    CHECK(has(text, "            esp = 0\n"));     /* 1 is a line for each stray packet */
}

static void a_path_is_not_a_place_to_write_settings(void)
{
    static const char *const wrong[] = {"relative", "/a b", "/a\n}", "/a\"", "/a#b", "/a{", "/a=b"};
    char text[CHARON_CONF_BYTES], longest[CHARON_CONF_BYTES];
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct charon_conf conf = USERSPACE;
        conf.log = wrong[i];
        CHECK(!charon_conf_text(&conf, text));
        conf = USERSPACE;
        conf.socket = wrong[i];
        CHECK(!charon_conf_text(&conf, text));
    }
    memset(longest, '/', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    struct charon_conf conf = USERSPACE;
    conf.log = longest;
    CHECK(!charon_conf_text(&conf, text)); /* it does not fit */
}

int main(void)
{
    TEST(the_userspace_plane_says_what_libipsec_needs);
    TEST(the_kernels_plane_makes_no_table);
    TEST(dead_peer_timing_is_that_of_repetitions);
    TEST(floods_and_keys_are_seen_to);
    TEST(a_path_is_not_a_place_to_write_settings);
    return harness_done();
}
