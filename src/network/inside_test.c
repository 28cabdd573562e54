#include "network/inside.h"

#include "network/probe.h"
#include "tests/harness.h"

static ip_addr addr(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static void what_is_a_pair(void)
{
    CHECK(network_is_pair(addr("169.254.8.1"), addr("169.254.8.2")));
    CHECK(network_is_pair(addr("fd00::2"), addr("fd00::1")));
    CHECK(!network_is_pair(addr("fd00::1"), addr("fd00::6")));
    CHECK(!network_is_pair(addr("fd00:0:0:1::"), addr("fd00:0:0:1::3")));
    CHECK(!network_is_pair(addr("fd00::1"), addr("fd01::2")));
    CHECK(!network_is_pair(addr("0.0.0.1"), addr("fd00::2")));
}

static void a_tunnel_speaks_over_one_family(void)
{
    struct network_tunnel tunnel = {.inside_vgw = addr("169.254.8.1"),
                                    .inside_cgw = addr("169.254.8.2")};
    struct network_inside inside = network_tunnel_inside(&tunnel);
    CHECK(!inside.own_session && inside.six[0] == 0 && inside.six[1] == 0);
    CHECK(inside.four[0] == tunnel.inside_vgw && inside.four[1] == tunnel.inside_cgw);
    CHECK_EQUAL(inside.four_len, 30);
    tunnel.inside_six = prefix_around(addr("fd00:8::"), 64);
    inside = network_tunnel_inside(&tunnel);
    CHECK(!inside.own_session && inside.six[0] == addr("fd00:8::1"));
    CHECK(inside.six[1] == addr("fd00:8::2"));
    CHECK_EQUAL(inside.six_len, 64);
    tunnel =
        (struct network_tunnel){.inside_vgw = addr("fd00:8::2"), .inside_cgw = addr("fd00:8::1")};
    inside = network_tunnel_inside(&tunnel);
    CHECK(inside.own_session && inside.four[0] == 0 && inside.four[1] == 0);
    CHECK(inside.six[0] == addr("fd00:8::2") && inside.six[1] == addr("fd00:8::1"));
    CHECK_EQUAL(inside.six_len, 126);
    tunnel.inside_cgw = addr("fd00:9::1");
    CHECK_EQUAL(network_tunnel_inside(&tunnel).six_len, 128);
}

static void an_interface_may_have_a_session_of_each(void)
{
    struct network_session_six six = {.vgw = addr("2001:db8::1"), .peer = addr("2001:db8::2")};
    struct network_direct_connect dx = {
        .inside_vgw = addr("169.254.9.1"), .inside_peer = addr("169.254.9.2"), .session_six = &six};
    struct network_inside inside = network_direct_inside(&dx);
    CHECK(inside.own_session && inside.four[1] == dx.inside_peer && inside.six[1] == six.peer);
    CHECK(network_direct_neighbors(&dx).addresses[0] == dx.inside_vgw);
    CHECK(network_direct_neighbors(&dx).addresses[1] == six.vgw);
    dx.session_six = NULL;
    CHECK(!network_direct_inside(&dx).own_session);
    CHECK(network_direct_neighbors(&dx).addresses[1] == 0);
    dx.inside_vgw = six.vgw;
    dx.inside_peer = six.peer;
    inside = network_direct_inside(&dx);
    CHECK(inside.own_session && inside.four[0] == 0 && inside.six[0] == six.vgw);
    CHECK(network_direct_neighbors(&dx).addresses[0] == six.vgw);
}

/* -- what is wrong in a file -- */

#define FOUR  "{vgw: 169.254.252.30, cgw: 169.254.252.29}"
#define OTHER "{vgw: 169.254.252.33, cgw: 169.254.252.34}"
#define DX    "{vgw: 169.254.100.1, peer: 169.254.100.2}"
#define SIX   "{vgw: 'fd00:1::1', cgw: 'fd00:1::2'}"

static char *both_six(void)
{
    char *text = probe_replace(probe_sound, FOUR, SIX);
    char *both = probe_replace(text, OTHER, "{vgw: 'fd00:2::1', cgw: 'fd00:2::2'}");
    free(text);
    return both;
}

static void both_tunnels_are_of_one_family(void)
{
    char *sound = both_six();
    CHECK_ERRORS(sound, "fine");
    free(sound);
    CHECK_BROKEN(FOUR, SIX,
                 "25:48 the inside addresses are of another family than the first tunnel's | "
                 "expected IPv6 addresses");
    CHECK_BROKEN(OTHER, SIX,
                 "25:48 the inside addresses are of another family than the first tunnel's | "
                 "expected IPv4 addresses");
    CHECK_BROKEN(FOUR, "{vgw: 169.254.252.30, cgw: 'fd00::1'}",
                 "24:69 the inside addresses are of two families | expected an IPv4 address");
}

static void inside_addresses_of_ipv6_are_the_hosts_of_one_slash_126(void)
{
    char *sound = both_six();
    char *far = probe_replace(sound, "cgw: 'fd00:1::2'", "cgw: 'fd00:1::6'");
    char *range = probe_replace(sound, SIX, SIX ", inside_ipv6: 'fd00:7::/126'");
    char *taken = probe_replace(sound, "{vgw: 'fd00:2::1', cgw: 'fd00:2::2'}", SIX);
    char *local = probe_replace(sound, SIX, "{vgw: 'fe80::1', cgw: 'fe80::2'}");
    CHECK_ERRORS(far, "24:66 inside address fd00:1::6 is not in the /126 of its peer | expected "
                      "fd00:1::2, the other host of fd00:1::/126");
    CHECK_ERRORS(range, "24:93 the inside addresses are IPv6's already | leave it out");
    CHECK_ERRORS(taken, "25:48 the inside range fd00:1::/126 overlaps that of vpn-vyatta (line "
                        "24) | expected a range of its own");
    CHECK_ERRORS(local,
                 "24:48 vgw: \"fe80::1\" is no host's address | expected a unicast IPv6 address\n"
                 "24:64 cgw: \"fe80::2\" is no host's address | expected a unicast IPv6 address");
    free(sound);
    free(far);
    free(range);
    free(taken);
    free(local);
}

static void of_aws_they_are_in_fd00(void)
{
    char *sound = both_six();
    char *guard = probe_replace(sound, "    guard: warn\n", "");
    char *aws = probe_replace(guard, ", platform: sekisho", "");
    char *global = probe_replace(aws, "{vgw: 'fd00:2::1', cgw: 'fd00:2::2'}",
                                 "{vgw: '2001:db8::1', cgw: '2001:db8::2'}");
    char *fixed = probe_replace(sound, "    guard: warn\n",
                                "    static_routes: ['2001:db8::/32', 10.0.0.0/8]\n");
    CHECK_ERRORS(aws, "fine");
    CHECK_ERRORS(global, "24:48 a gateway of AWS takes no such inside address | expected one in "
                         "fd00::/8");
    CHECK_ERRORS(fixed,
                 "22:38 the tunnels are IPv6's, and carry no IPv4 | expected an IPv6 prefix");
    free(sound);
    free(guard);
    free(aws);
    free(global);
    free(fixed);
}

static void a_second_session_is_of_ipv6(void)
{
#define SECOND "{vgw: '2001:db8::1', peer: '2001:db8::2'}"
    CHECK_BROKEN("inside: " DX, "inside: " DX ", ipv6_session: " SECOND, "fine");
    CHECK_BROKEN("inside: " DX, "inside: " SECOND, "fine");
    CHECK_BROKEN("inside: " DX,
                 "inside: " SECOND ", ipv6_session: {vgw: 'fd00::1', peer: 'fd00::2'}",
                 "28:57 the session of `inside` is over IPv6 already | leave it out, or give IPv4 "
                 "in `inside`");
    CHECK_BROKEN("inside: " DX, "inside: " DX ", inside_ipv6: 'fd00::/126', ipv6_session: " SECOND,
                 "28:70 IPv6's routes have a session of their own | leave out this or "
                 "ipv6_session");
    CHECK_BROKEN("inside: " DX,
                 "inside: " DX ", ipv6_session: {vgw: 169.254.1.1, peer: '2001:db8::2'}",
                 "28:77 vgw: 169.254.1.1 is not an address | expected an IPv6 address such as "
                 "2001:db8::10");
    CHECK_BROKEN("inside: " DX,
                 "inside: " DX ", ipv6_session: {vgw: '2001:db8::1', peer: '2001:db8::1'}",
                 "28:98 both ends have the same inside address");
}

int main(void)
{
    TEST(what_is_a_pair);
    TEST(a_tunnel_speaks_over_one_family);
    TEST(an_interface_may_have_a_session_of_each);
    TEST(both_tunnels_are_of_one_family);
    TEST(inside_addresses_of_ipv6_are_the_hosts_of_one_slash_126);
    TEST(of_aws_they_are_in_fd00);
    TEST(a_second_session_is_of_ipv6);
    return harness_done();
}
