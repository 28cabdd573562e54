#include "check/outside.h"

#include "check/check_rig.h"

static void a_customers_address_is_protected_by_the_platform(void)
{
    static const char *const platforms[][2] = {
        {NULL, "platform: aws"}, {"{id: vgw-main, vpc: vpc-main}", "platform: sekisho"}};
    for (size_t i = 0; i < 2; i++) {
        struct network *network = rig_story("gateway-recursion.yaml", platforms[i][0],
                                            "{id: vgw-main, vpc: vpc-main, platform: sekisho}");
        struct check *check = rig_check(network);
        const struct check_finding *finding =
            rig_finding(check, CHECK_FINDING_GATEWAY_RECURSION, 0);
        CHECK_EQUAL(finding->level, CHECK_PROTECTED);
        CHECK_TEXT(finding->guard_line, platforms[i][1]);
        CHECK_TEXT(finding->place, "vpn-nagano");
        CHECK_TEXT(finding->origin.router, "nagano");
        CHECK(prefix_equal(finding->prefix, rig_prefix(198, 51, 100, 0, 24)));
        CHECK(strstr(finding->because.items[0], "198.51.100.10") != NULL);
        CHECK_EQUAL(check_exit_code(check, CHECK_LATENT), 0);
        check_free(check);
        network_free(network);
    }
}

/* Two tunnels, two connections, one prefix: one finding. */
static void one_finding_for_a_prefix(void)
{
    char *text = rig_read_in("tests/stories", "gateway-recursion.yaml");
    rig_edit(text, "  - {id: cgw-osaka, asn: 65030,",
             "  - {id: cgw-nara, asn: 65031, address: 198.51.100.11}\n"
             "  - {id: cgw-osaka, asn: 65030,");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-nara\n    vpn_gateway: vgw-main\n"
             "    customer_gateway: cgw-nara\n    tunnels: [{outside: 203.0.113.245, inside: {vgw:"
             " 169.254.254.29, cgw: 169.254.254.30}}]\n");
    struct network *more = rig_parse(text);
    struct check *check = rig_check_as_told(more);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_GATEWAY_RECURSION), 1);
    check_free(check);
    network_free(more);
    free(text);
}

/* Where a tunnel's finding speaks of the prefix, it has the name, and nothing is said twice. */
static void a_graver_finding_takes_it_in(void)
{
    static const char *const examples[] = {"incident.yaml", "incident-held.yaml",
                                           "incident-pinned.yaml", "pasted-sample.yaml"};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct network *network = rig_example(examples[i]);
        struct check *check = rig_check_without_cures(network);
        const struct check_finding *finding = rig_recursion(check, 0);
        size_t told = 0;
        for (size_t j = 0; j < finding->also_count; j++)
            told += finding->also[j] == CHECK_FINDING_GATEWAY_RECURSION;
        CHECK_EQUAL((int64_t)told, 1);
        CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_GATEWAY_RECURSION), 0);
        check_free(check);
        network_free(network);
    }
}

/* Without the branch's direct tunnel nobody's packets are taken: latent, and the site may stop. */
static void an_own_range_is_latent_until_somebody_builds_there(void)
{
    char *text = rig_read_in("tests/stories", "own-range-announced.yaml");
    char *from = strstr(text, "  - id: vpn-direct"), *to = strstr(text, "routers:\n");
    CHECK(from && to && from < to);
    if (from && to)
        memmove(from, to, strlen(to) + 1);
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_OWN_RANGE_ANNOUNCED, 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_OWN_RANGE_ANNOUNCED), 1);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->place, "vpn-head");
    CHECK_EQUAL(finding->outside, rig_ip(198, 51, 100, 10));
    CHECK_EQUAL((int64_t)finding->also_count, 1);
    CHECK_EQUAL(finding->also[0], CHECK_FINDING_GATEWAY_RECURSION);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    check_free(check);
    network_free(network);
    free(text);
}

/* It comes by a Direct Connect: whose routers have no gateway's outside address. */
static void a_far_side_has_no_own_range(void)
{
    struct network *network =
        rig_story("covering-prefix.yaml", "prefix: 203.0.113.0/24", "prefix: 198.51.100.0/24");
    struct check *check = rig_check_as_told(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_OWN_RANGE_ANNOUNCED), 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_GATEWAY_RECURSION), 1);
    CHECK_TEXT(rig_finding(check, CHECK_FINDING_GATEWAY_RECURSION, 0)->place, "dxvif-1");
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(a_customers_address_is_protected_by_the_platform);
    TEST(one_finding_for_a_prefix);
    TEST(a_graver_finding_takes_it_in);
    TEST(an_own_range_is_latent_until_somebody_builds_there);
    TEST(a_far_side_has_no_own_range);
    return harness_done();
}
