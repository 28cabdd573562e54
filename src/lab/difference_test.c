#include "lab/difference.h"

#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

static const char before[] = "hostname site\n"
                             "ip route 0.0.0.0/0 10.0.0.1 210\n"
                             "ip prefix-list n1-in-10 seq 5 permit 10.0.0.0/8\n"
                             "route-map n1-in permit 10\n"
                             " match ip address prefix-list n1-in-10\n"
                             " set metric 5\n"
                             "exit\n"
                             "router bgp 65000\n"
                             " neighbor 169.254.1.1 remote-as 64600\n"
                             " address-family ipv4 unicast\n"
                             "  network 10.20.0.0/16\n"
                             "  neighbor 169.254.1.1 activate\n"
                             " exit-address-family\n"
                             "exit\n";

/* The text with from turned into to, and the commands that lead there, with "; " between them. */
static void check_commands(const char *from, const char *to, const char *expected)
{
    char after[2048], said[2048] = "";
    const char *at = strstr(before, from);
    CHECK(at != NULL);
    snprintf(after, sizeof after, "%.*s%s%s", (int)(at - before), before, to, at + strlen(from));
    struct commands commands;
    frr_difference(before, after, &commands);
    for (size_t i = 0; i < commands.count; i++) {
        size_t used = strlen(said);
        snprintf(said + used, sizeof said - used, "%s%s", i ? "; " : "", commands.items[i]);
    }
    CHECK_TEXT(said, expected);
    commands_done(&commands);
}

static void what_is_alike_says_nothing(void)
{
    check_commands("hostname", "hostname", "");
}

static void a_network_comes_inside_of_what_it_belongs_to(void)
{
    check_commands("  network 10.20.0.0/16\n", "  network 10.20.0.0/16\n  network 0.0.0.0/0\n",
                   "configure terminal; router bgp 65000; address-family ipv4 unicast; "
                   "network 0.0.0.0/0; end");
}

static void a_network_goes(void)
{
    check_commands("  network 10.20.0.0/16\n", "",
                   "configure terminal; router bgp 65000; address-family ipv4 unicast; "
                   "no network 10.20.0.0/16; end");
}

static void a_route_of_another_distance_takes_the_place_of_the_former(void)
{
    check_commands("10.0.0.1 210", "10.0.0.1 1",
                   "configure terminal; no ip route 0.0.0.0/0 10.0.0.1 210; end; "
                   "configure terminal; ip route 0.0.0.0/0 10.0.0.1 1; end");
}

static void what_was_in_what_goes_goes_with_it(void)
{
    check_commands("route-map n1-in permit 10\n match ip address prefix-list n1-in-10\n"
                   " set metric 5\nexit\n",
                   "", "configure terminal; no route-map n1-in permit 10; end");
}

static void a_line_of_a_map_goes_alone(void)
{
    check_commands(" set metric 5\n", "",
                   "configure terminal; route-map n1-in permit 10; no set metric 5; end");
}

int main(void)
{
    TEST(what_is_alike_says_nothing);
    TEST(a_network_comes_inside_of_what_it_belongs_to);
    TEST(a_network_goes);
    TEST(a_route_of_another_distance_takes_the_place_of_the_former);
    TEST(what_was_in_what_goes_goes_with_it);
    TEST(a_line_of_a_map_goes_alone);
    return harness_done();
}
