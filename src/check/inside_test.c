#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static const struct check_finding *inside_of(const struct check *check)
{
    return rig_finding(check, CHECK_FINDING_INSIDE_ADDRESSES, 0);
}

static void stale_pins_are_replaced(void)
{
    struct network *network = rig_story("inside-addresses.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = inside_of(check);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->place, "tokyo");
    CHECK(prefix_equal(finding->prefix, rig_prefix(203, 0, 113, 5, 32)));
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        CHECK_EQUAL((int64_t)finding->remedies[0].change_count, 4);
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = rig_check(cured);
        CHECK_EQUAL((int64_t)rig_count_settled(again), 0);
        CHECK_EQUAL((int64_t)cured->routers[0].route_count, 3);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

/* The incident, with a host route for the address that the tunnel had before. */
static void a_stale_pin_that_costs_a_tunnel_is_likely(void)
{
    struct network *network = rig_network("incident-pinned.yaml", "{prefix: 203.0.113.225/32,",
                                          "{prefix: 203.0.113.5/32,", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    const struct check_finding *finding = inside_of(check);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = rig_check(cured);
        CHECK_EQUAL(check_verdict(again), CHECK_STABLE);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

static size_t count_in(const char *from, const char *to)
{
    struct network *network = rig_story("inside-addresses.yaml", from, to);
    struct check *check = rig_check(network);
    size_t count = rig_count(check, CHECK_FINDING_INSIDE_ADDRESSES);
    check_free(check);
    network_free(network);
    return count;
}

static void other_host_routes_are_let_be(void)
{
    struct network *network = rig_story("inside-addresses-near.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 0);
    check_free(check);
    network_free(network);
    static const char both[] = "      - {prefix: 203.0.113.5/32, via: 198.51.100.1}\n"
                               "      - {prefix: 203.0.113.6/32, via: 198.51.100.1}\n";
    /* one that drops, one that leads into a tunnel, and one for a next hop */
    CHECK_EQUAL((int64_t)count_in(both, "      - {prefix: 203.0.113.5/32, blackhole: true}\n"), 0);
    CHECK_EQUAL((int64_t)count_in(both, "      - {prefix: 203.0.113.5/32, tunnel: vpn-tokyo/1}\n"),
                0);
    CHECK_EQUAL((int64_t)count_in(both, "      - {prefix: 203.0.113.5/32, via: 198.51.100.1}\n"
                                        "      - {prefix: 172.16.0.0/12, via: 203.0.113.5}\n"),
                0);
    /* an outer VRF needs no pins */
    CHECK_EQUAL(
        (int64_t)count_in("    platform: frr\n", "    platform: frr\n    outer_vrf: true\n"), 0);
}

static void reserved_ranges_are_told(void)
{
    static const struct {
        const char *to;
        size_t count;
    } cases[] = {
        {"inside: {vgw: 169.254.0.1, cgw: 169.254.0.2}", 1},
        {"inside: {vgw: 169.254.5.1, cgw: 169.254.5.2}", 1},
        {"inside: {vgw: 169.254.169.253, cgw: 169.254.169.254}", 1},
        {"inside: {vgw: 169.254.6.1, cgw: 169.254.6.2}", 0},
        {"inside: {vgw: 169.254.5.5, cgw: 169.254.5.6}", 0},
        {"inside: {vgw: 169.254.169.249, cgw: 169.254.169.250}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network =
            rig_story("inside-addresses-near.yaml",
                      "inside: {vgw: 169.254.252.29, cgw: 169.254.252.30}", cases[i].to);
        struct check *check = rig_check(network);
        CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_INSIDE_ADDRESSES),
                    (int64_t)cases[i].count);
        if (cases[i].count > 0) {
            CHECK_EQUAL(inside_of(check)->level, CHECK_LIKELY);
            CHECK_TEXT(inside_of(check)->tunnel, "vpn-tokyo/1");
        }
        check_free(check);
        network_free(network);
    }
}

/* Two gateways, each with the same range for Tokyo. */
static void a_range_used_twice_is_told(void)
{
    char *text = rig_read_in("tests/stories", "duplicate-asn-near.yaml");
    rig_edit(text, "    customer_gateway: cgw-nagano\n", "    customer_gateway: cgw-tokyo\n");
    rig_edit(text, "inside: {vgw: 169.254.253.29, cgw: 169.254.253.30}",
             "inside: {vgw: 169.254.252.29, cgw: 169.254.252.30}");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_INSIDE_ADDRESSES), 1);
    const struct check_finding *finding = inside_of(check);
    CHECK(finding->level >= CHECK_LIKELY);
    CHECK_TEXT(finding->tunnel, "vpn-nagano/1");
    CHECK(strstr(finding->what, "vpn-tokyo/1 and vpn-nagano/1"));
    CHECK(prefix_equal(finding->prefix, rig_prefix(169, 254, 252, 28, 30)));
    check_free(check);
    network_free(network);
    free(text);
}

/* Two gateways may well have the same range for two routers. */
static void a_range_at_two_routers_is_let_be(void)
{
    struct network *network =
        rig_story("duplicate-asn-near.yaml", "inside: {vgw: 169.254.253.29, cgw: 169.254.253.30}",
                  "inside: {vgw: 169.254.252.29, cgw: 169.254.252.30}");
    struct check *check = rig_check(network);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 0);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(stale_pins_are_replaced);
    TEST(a_stale_pin_that_costs_a_tunnel_is_likely);
    TEST(other_host_routes_are_let_be);
    TEST(reserved_ranges_are_told);
    TEST(a_range_used_twice_is_told);
    TEST(a_range_at_two_routers_is_let_be);
    return harness_done();
}
