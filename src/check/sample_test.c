#include "check/settled.h"

#include "check/check_rig.h"

#include <string.h>

static struct check *ask(struct network *network)
{
    struct check_options options = {.seed = RIG_SEED};
    return check_run(network, &options);
}

static void who_is_harmed_decides_the_level(void)
{
    static const struct {
        const char *from, *to;
        enum check_level level;
    } cases[] = {
        {NULL, NULL, CHECK_PROTECTED}, /* Tokyo has a default that comes first */
        {"{prefix: 0.0.0.0/0, via: 198.51.100.1}",
         "{prefix: 0.0.0.0/0, via: 198.51.100.1, from: "
         "dhcp, distance: 210}",
         CHECK_LIKELY},
        {"    customer_gateway: cgw-nagano\n",
         "    customer_gateway: cgw-nagano\n    import: [{deny: 0.0.0.0/0}]\n", CHECK_PROTECTED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct network *network = rig_story("default-from-sample.yaml", cases[i].from, cases[i].to);
        struct check *check = ask(network);
        CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE), 1);
        const struct check_finding *finding =
            rig_finding(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE, 0);
        CHECK_EQUAL(finding->level, cases[i].level);
        CHECK_TEXT(finding->origin.router, "nagano");
        CHECK_TEXT(finding->origin.attachment, "vpn-nagano");
        CHECK_EQUAL(finding->origin.asn, 65020);
        CHECK_EQUAL(finding->prefix.len, 0);
        CHECK(finding->because.count >= 2);
        CHECK(strstr(finding->because.items[1], "set protocols bgp 65020 network 0.0.0.0/0"));
        check_free(check);
        network_free(network);
    }
}

static void what_the_gateway_refuses_says_so(void)
{
    struct network *network =
        rig_story("default-from-sample.yaml", "    customer_gateway: cgw-nagano\n",
                  "    customer_gateway: cgw-nagano\n    import: [{deny: 0.0.0.0/0}]\n");
    struct check *check = ask(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE, 0);
    CHECK(finding->protection && strstr(finding->protection, "vgw-main refuses it"));
    CHECK(check_has_text(&finding->why, "import-filter"));
    check_free(check);
    network_free(network);
}

/* Of an attachment with a list that does not have the default, foreign-prefix tells it. */
static void a_broken_promise_is_told_once(void)
{
    struct network *network =
        rig_story("default-from-sample.yaml", "    customer_gateway: cgw-nagano\n",
                  "    customer_gateway: cgw-nagano\n    may_announce: [10.40.0.0/16]\n");
    struct check *check = ask(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE), 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_FOREIGN_PREFIX), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_FOREIGN_PREFIX, 0);
    CHECK_TEXT(
        finding->because.items[1],
        "the configurations that AWS hands out announce 0.0.0.0/0; pasted, and not meant: see"
        " default-from-sample");
    check_free(check);
    network_free(network);
}

/* The cure of the tunnel that it swallows is its cure. */
static void the_withdrawal_is_shared(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = ask(network);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE, 0);
    CHECK_EQUAL(finding->level, CHECK_LIKELY);
    CHECK_EQUAL((int64_t)finding->remedy_count, 1);
    if (finding->remedy_count == 1) {
        CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
        CHECK_TEXT(finding->remedies[0].where, "nagano");
        struct network *cured = check_remedy_applied(check, finding->remedies[0].number);
        struct check *again = ask(cured);
        CHECK_EQUAL((int64_t)rig_count_settled(again), 0);
        check_free(again);
        network_free(cured);
    }
    check_free(check);
    network_free(network);
}

static size_t count_in(struct network *network)
{
    struct check *check = ask(network);
    size_t count = rig_count(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE);
    check_free(check);
    network_free(network);
    return count;
}

static void what_is_meant_is_none(void)
{
    CHECK_EQUAL((int64_t)count_in(rig_story("default-from-sample-near.yaml", NULL, NULL)), 0);
    CHECK_EQUAL((int64_t)count_in(rig_story("default-from-sample.yaml", ", 0.0.0.0/0]", "]")), 0);
    CHECK_EQUAL((int64_t)count_in(rig_story("default-from-sample.yaml", ", 0.0.0.0/0]",
                                            ", 0.0.0.0/0], export: [{deny: 0.0.0.0/0}]")),
                0);
}

/* A Direct Connect whose default is somebody's tunnel-recursion has been named there. */
static void a_direct_connect_is_told_once(void)
{
    CHECK_EQUAL((int64_t)count_in(rig_example("incident.yaml")), 0);
    CHECK_EQUAL((int64_t)count_in(rig_example("incident-held.yaml")), 0);
}

static void a_default_of_ipv6_is_one_too(void)
{
    struct network *network = rig_story("dual-stack.yaml", "\"2001:db8:20::/48\"", "\"::/0\"");
    struct check *check = ask(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_DEFAULT_FROM_SAMPLE, 0);
    CHECK(finding->prefix.six && finding->prefix.len == 0);
    CHECK_TEXT(finding->what, "tokyo announces the default of IPv6, and nobody said it is the way"
                              " out");
    CHECK_TEXT(finding->because.items[0], "::/0 comes by vpn-tokyo, which does not say"
                                          " internet_exit");
    CHECK(!strstr(finding->because.items[1], "the configuration that AWS hands out"));
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(who_is_harmed_decides_the_level);
    TEST(what_the_gateway_refuses_says_so);
    TEST(a_broken_promise_is_told_once);
    TEST(the_withdrawal_is_shared);
    TEST(what_is_meant_is_none);
    TEST(a_direct_connect_is_told_once);
    TEST(a_default_of_ipv6_is_one_too);
    return harness_done();
}
