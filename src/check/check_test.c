#include "check/check.h"

#include "check/check_rig.h"
#include "check/select.h"

/* The examples, and what is to be said of each. */
static const struct expected {
    const char *example;
    enum check_verdict verdict;
    size_t certain, protected, remedies; /* of the first finding, at least */
    const char *tunnel;                  /* of the first finding */
    const char *origin, *attachment;
    bool guard; /* is holding it back at the gateway offered? */
} examples[] = {
    {"incident.yaml", CHECK_UNSTABLE, 1, 0, 4, "vpn-vyatta/1", "dx-edge", "dxvif-1", true},
    {"incident-aws.yaml", CHECK_UNSTABLE, 1, 0, 3, "vpn-vyatta/1", "dx-edge", "dxvif-1", false},
    {"incident-held.yaml", CHECK_STABLE, 0, 1, 0, "vpn-vyatta/1", "dx-edge", "dxvif-1", false},
    {"incident-pinned.yaml", CHECK_STABLE, 0, 1, 0, "vpn-vyatta/1", "dx-edge", "dxvif-1", false},
    {"incident-two-tunnels.yaml", CHECK_UNSTABLE, 2, 0, 4, "vpn-vyatta/1", "dx-edge", "dxvif-1",
     true},
    {"control.yaml", CHECK_UNSTABLE, 1, 0, 3, "vpn-vyatta/1", "dx-edge", "dxvif-1", false},
    {"pasted-sample.yaml", CHECK_UNSTABLE, 2, 0, 3, "vpn-tokyo/1", "nagano", "vpn-nagano", false},
};

static size_t count_level(const struct check *check, enum check_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += check_finding(check, i)->level == level;
    return count;
}

/* Tunnels that the story is about. */
static size_t count_told(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < rig_recursions(check); i++)
        count += !check_finding(check, i)->condition;
    return count;
}

static bool offers(const struct check *check, enum check_remedy_kind kind)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        const struct check_finding *finding = check_finding(check, i);
        for (size_t j = 0; j < finding->remedy_count; j++) {
            if (finding->remedies[j].kind == kind)
                return true;
        }
    }
    return false;
}

static void every_example_is_judged_right(void)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct expected *expected = &examples[i];
        struct network *network = rig_example(expected->example);
        struct check *check = rig_check(network);
        printf("# %s: %s\n", expected->example, check_verdict_name(check_verdict(check)));
        CHECK_EQUAL(check_verdict(check), expected->verdict);
        CHECK_EQUAL((int64_t)count_level(check, CHECK_CERTAIN), (int64_t)expected->certain);
        CHECK_EQUAL((int64_t)count_level(check, CHECK_PROTECTED), (int64_t)expected->protected);
        CHECK_EQUAL((int64_t)count_told(check), (int64_t)(expected->certain + expected->protected));
        CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), expected->certain > 0);
        CHECK_EQUAL(offers(check, CHECK_REMEDY_VGW_EXPORT_FILTER), expected->guard);
        CHECK(check_complaint(check) == NULL);
        const struct check_finding *finding = rig_finding(check, CHECK_FINDING_TUNNEL_RECURSION, 0);
        CHECK_TEXT(finding->tunnel, expected->tunnel);
        CHECK_TEXT(finding->origin.router, expected->origin);
        CHECK_TEXT(finding->origin.attachment, expected->attachment);
        CHECK(finding->remedy_count >= expected->remedies);
        CHECK_EQUAL(finding->prefix.len, 0);
        check_free(check);
        network_free(network);
    }
}

/* The promise: each remedy, applied to the file, written, read and checked again, gives exit 0. */
static void every_remedy_cures_the_file(void)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct network *network = rig_example(examples[i].example);
        struct check *check = rig_check_as_told(network);
        for (size_t number = 1; number <= check_remedy_total(check); number++) {
            struct network *cured = check_remedy_applied(check, number);
            CHECK(cured != NULL);
            char *text = NULL;
            size_t size = 0;
            FILE *out = open_memstream(&text, &size);
            network_format(cured, out);
            fclose(out);
            struct network *read = rig_parse(text);
            struct check *again = rig_check(read);
            CHECK_EQUAL(check_verdict(again), CHECK_STABLE);
            CHECK_EQUAL(check_exit_code(again, CHECK_LIKELY), 0);
            check_free(again);
            network_free(read);
            network_free(cured);
            free(text);
        }
        CHECK(check_remedy_applied(check, 0) == NULL);
        CHECK(check_remedy_applied(check, check_remedy_total(check) + 1) == NULL);
        check_free(check);
        network_free(network);
    }
}

static void the_same_question_has_the_same_answer(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    struct check *left = rig_check(network), *right = rig_check(network);
    CHECK_EQUAL((int64_t)check_networks_run(left), (int64_t)check_networks_run(right));
    const struct check_finding *a = check_finding(left, 0), *b = check_finding(right, 0);
    CHECK_EQUAL(a->period_us, b->period_us);
    CHECK_EQUAL((int64_t)a->timeline_count, (int64_t)b->timeline_count);
    for (size_t i = 0; i < a->timeline_count && i < b->timeline_count; i++) {
        CHECK_EQUAL(a->timeline[i].after_us, b->timeline[i].after_us);
        CHECK_TEXT(a->timeline[i].what, b->timeline[i].what);
    }
    check_free(left);
    check_free(right);
    network_free(network);
}

static void no_seed_is_judged_otherwise(void)
{
    struct network *bad = rig_example("incident.yaml"), *good = rig_example("incident-pinned.yaml");
    for (uint64_t seed = 0; seed < 25; seed++) {
        struct check_options options = {.seed = seed * 7919};
        struct check *check = check_run(bad, &options);
        CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
        CHECK_EQUAL(check_finding(check, 0)->level, CHECK_CERTAIN);
        CHECK_EQUAL((int64_t)check_finding(check, 0)->remedy_count, 5);
        check_free(check);
        check = check_run(good, &options);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        check_free(check);
    }
    network_free(bad);
    network_free(good);
}

static void a_run_that_is_cut_short_is_unknown(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check_options options = {.seed = RIG_SEED, .limit_us = 100000000, .no_remedies = true};
    struct check *check = check_run(network, &options);
    CHECK_EQUAL(check_verdict(check), CHECK_UNKNOWN);
    CHECK(check_complaint(check) != NULL);
    CHECK_EQUAL((int64_t)rig_recursions(check), 1);
    CHECK_EQUAL(check_finding(check, 0)->level, CHECK_LIKELY);
    check_free(check);
    options.limit_us = 5000000; /* before anything has come up */
    check = check_run(network, &options);
    CHECK_EQUAL(check_verdict(check), CHECK_UNKNOWN);
    for (size_t i = 0; i < check_finding_count(check); i++)
        CHECK(check_finding(check, i)->level < CHECK_LIKELY);
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 1); /* nothing is shown to be fine */
    struct selection none = {{false}};
    selection_apply(check, &none);
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 1);
    check_free(check);
    network_free(network);
}

static void a_dead_tunnel_without_a_finding_is_named(void)
{
    struct network *network =
        rig_network("incident-held.yaml", ", {prefix: 0.0.0.0/0, target: igw-branch}", "",
                    "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}");
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_DEGRADED);
    CHECK_EQUAL((int64_t)rig_recursions(check), 0);
    bool accounted =
        check_finding_count(check) > 0 && check_finding(check, 0)->level >= CHECK_LIKELY;
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 1);
    CHECK_TEXT(check_complaint(check), "never swallowed, and yet not up in the end: vpn-vyatta/1");
    struct selection recursions = {{false}};
    recursions.kinds[CHECK_FINDING_TUNNEL_RECURSION] = true;
    selection_apply(check, &recursions); /* and what says so is not asked for */
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), !accounted);
    check_free(check);
    network_free(network);
}

/* And why, where a security group holds its own packets back. */
static void a_filtered_tunnel_is_told_with_the_filter(void)
{
    struct network *network = rig_story("filtered-tunnel.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_DEGRADED);
    CHECK_TEXT(check_complaint(check),
               "never swallowed, and yet not up in the end: vpn-vyatta/1 (its udp 4500 → 4500 is "
               "lost at vyatta: no outbound rule of the instance's security groups allows the "
               "packet)");
    check_free(check);
    network_free(network);
    network = rig_story("filtered-tunnel.yaml", "ports: 500", "ports: 500-4500");
    check = rig_check(network);
    CHECK(check_complaint(check) == NULL);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    check_free(check);
    network_free(network);
}

/* What ends a session again and again is told by its finding. */
static void a_session_that_ends_for_ever_is_unstable(void)
{
    struct network *network = rig_story("session-over-limit.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK(check_complaint(check) == NULL);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_PREFIX_LIMIT), 1);
    check_free(check);
    network_free(network);
}

/* A limit of the router's own: no finding speaks of it. */
static void who_ends_it_is_named_where_no_finding_does(void)
{
    struct network *network =
        rig_network("incident.yaml", "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}",
                    "announce: [10.20.0.0/16]",
                    "announce: [10.20.0.0/16], neighbors: [{address: 169.254.252.30, limits: "
                    "{received: 2}}]");
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
    CHECK_TEXT(check_complaint(check), "BGP of vyatta by vpn-vyatta/1 goes up and down for ever: "
                                       "the neighbor announced more prefixes than its limit "
                                       "allows");
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 1);
    check_free(check);
    network_free(network);
}

/* Two connections of one router, equal in everything: which of them it uses depends on who came
 * first, and that is nobody's trouble. */
static void a_tie_that_harms_nobody_is_stable(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "prefix: 0.0.0.0/0}}", "prefix: 172.16.0.0/12}}");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-second\n    vpn_gateway: vgw-main\n"
             "    customer_gateway: cgw-vyatta\n    tunnels: [{outside: 203.0.113.227, inside:"
             " {vgw: 169.254.252.38, cgw: 169.254.252.37}}]\n");
    struct network *network = rig_parse(text);
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct check_options options = {.seed = seed};
        struct check *check = check_run(network, &options);
        CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
        check_free(check);
    }
    network_free(network);
    free(text);
}

/* Two VPCs with one range behind one router: which of them it reaches is decided by who came first.
 */
static const char overlap[] =
    "vpcs:\n"
    "  - {id: vpc-a, cidrs: [10.10.0.0/16], route_tables: [{id: rtb-a, propagate: [vgw-a]}], "
    "subnets:"
    " [{id: net-a, cidr: 10.10.1.0/24}], instances: [{id: i-a, subnet: net-a, address:"
    " 10.10.1.10}]}\n"
    "  - {id: vpc-b, cidrs: [10.10.0.0/16], route_tables: [{id: rtb-b, propagate: [vgw-b]}], "
    "subnets:"
    " [{id: net-b, cidr: 10.10.2.0/24}], instances: [{id: i-b, subnet: net-b, address:"
    " 10.10.2.10}]}\n"
    "vpn_gateways: [{id: vgw-a, asn: 64600, vpc: vpc-a}, {id: vgw-b, asn: 64700, vpc: vpc-b}]\n"
    "customer_gateways: [{id: cgw, address: 198.51.100.10, router: office}]\n"
    "vpn_connections:\n"
    "  - {id: vpn-a, vpn_gateway: vgw-a, customer_gateway: cgw, tunnels: [{outside: 203.0.113.225,"
    " inside: {vgw: 169.254.252.30, cgw: 169.254.252.29}}]}\n"
    "  - {id: vpn-b, vpn_gateway: vgw-b, customer_gateway: cgw, tunnels: [{outside: 203.0.113.235,"
    " inside: {vgw: 169.254.253.30, cgw: 169.254.253.29}}]}\n"
    "routers:\n"
    "  - {id: office, platform: frr, lan: [10.20.0.0/16], routes: [{prefix: 0.0.0.0/0, via:"
    " 198.51.100.1}], bgp: {asn: 65000, announce: [10.20.0.0/16]}}\n";

static void what_depends_on_the_order_is_told(void)
{
    struct network *network = rig_parse(overlap);
    unsigned dependent = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct check_options options = {.seed = seed};
        struct check *check = check_run(network, &options);
        enum check_verdict verdict = check_verdict(check);
        CHECK(verdict == CHECK_ORDER_DEPENDENT || verdict == CHECK_STABLE);
        if (verdict == CHECK_ORDER_DEPENDENT)
            CHECK(strstr(check_complaint(check), "in one order of starts and not in another"));
        CHECK(verdict == CHECK_STABLE || check_exit_code(check, CHECK_LIKELY) == 1);
        dependent += verdict == CHECK_ORDER_DEPENDENT;
        check_free(check);
    }
    CHECK(dependent >= 5); /* of four orders all are alike with a chance of one in eight */
    network_free(network);
}

/* Two sites that are both hit, with two tunnels each, and disturb each other's rounds. */
static void sites_that_disturb_each_other_are_unstable(void)
{
    char *text = rig_read("pasted-sample.yaml");
    rig_edit(text, "announce: [10.40.0.0/16, 0.0.0.0/0]", "announce: [10.40.0.0/16]");
    rig_edit(
        text, "routers:\n",
        "direct_connects: [{id: dxvif-1, vpn_gateway: vgw-main, router: dx-edge, vlan: 101,"
        " inside: {vgw: 169.254.100.1, peer: 169.254.100.2}}]\nrouters:\n  - {id: dx-edge, bgp:"
        " {asn: 65001, announce: [0.0.0.0/0]}}\n");
    struct network *network = rig_parse(text);
    unsigned certain = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct check_options options = {.seed = seed, .no_remedies = true};
        struct check *check = check_run(network, &options);
        CHECK_EQUAL(check_verdict(check), CHECK_UNSTABLE);
        CHECK_EQUAL((int64_t)rig_recursions(check), 4);
        CHECK(check_finding(check, 0)->level >= CHECK_LIKELY);
        certain += check_finding(check, 0)->level == CHECK_CERTAIN;
        check_free(check);
    }
    CHECK(certain >= 6);
    network_free(network);
    free(text);
}

static int64_t ticks(void)
{
    static int64_t now_us;
    return now_us += 5;
}

struct told {
    size_t count;
    bool remedies;
};

static void tell(void *context, const struct check_progress *now)
{
    struct told *told = context;
    CHECK_EQUAL((int64_t)now->networks_run, (int64_t)told->count + 1);
    told->count = now->networks_run;
    told->remedies |= strcmp(now->doing, "remedy") == 0;
}

static void progress_and_time_are_told_to_who_asks(void)
{
    struct network *network = rig_example("incident.yaml");
    struct told told = {0};
    struct check_options options = {
        .seed = RIG_SEED, .progress = tell, .progress_context = &told, .clock_us = ticks};
    struct check *check = check_run(network, &options);
    CHECK_EQUAL((int64_t)told.count, (int64_t)check_networks_run(check));
    CHECK(told.remedies);
    CHECK_EQUAL(check_spent_us(check), 5);
    check_free(check);
    check = rig_check_without_cures(network);
    CHECK_EQUAL(check_spent_us(check), -1);
    check_free(check);
    check_free(NULL);
    network_free(network);
}

static void the_gravest_finding_comes_first(void)
{
    struct network *network = rig_network(
        "incident-two-tunnels.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 10.20.0.1}", NULL, NULL);
    struct check *check = rig_check_without_cures(network);
    for (size_t i = 1; i < check_finding_count(check); i++)
        CHECK(check_finding(check, i - 1)->level >= check_finding(check, i)->level);
    CHECK_TEXT(check_finding(check, 0)->tunnel, "vpn-vyatta/2");
    check_free(check);
    network_free(network);
}

/* -- interrupted -- */

static size_t runs_allowed, runs_late;

static bool is_enough(void)
{
    return runs_allowed == 0 || --runs_allowed == 0;
}

/* Evidence of what was seen is looked at again in a run of its own, and that is not cut off. */
static void count_late(void *context, const struct check_progress *now)
{
    (void)context;
    runs_late += runs_allowed == 0 && strcmp(now->doing, "evidence") != 0;
}

static bool has_finding(const struct check *check, const char *identity)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (strcmp(check_finding(check, i)->identity, identity) == 0)
            return true;
    }
    return false;
}

static size_t remedies_of(const struct check *check)
{
    size_t count = 0;
    for (size_t i = 0; i < check_finding_count(check); i++)
        count += check_finding(check, i)->remedy_count;
    return count;
}

static void interrupt_everywhere(struct network *network)
{
    struct check_options options = {.seed = RIG_SEED};
    struct check *whole = check_run(network, &options);
    size_t all = check_networks_run(whole);
    CHECK(!check_interrupted(whole));
    options.interrupted = is_enough;
    options.progress = count_late;
    for (size_t runs = 1; runs < all; runs++) {
        runs_allowed = runs;
        runs_late = 0;
        struct check *check = check_run(network, &options);
        CHECK(check_interrupted(check));
        CHECK_EQUAL((int64_t)runs_late, 0);
        for (size_t i = 0; i < check_finding_count(check); i++)
            CHECK(has_finding(whole, check_finding(check, i)->identity));
        CHECK(remedies_of(check) <= remedies_of(whole));
        check_free(check);
    }
    check_free(whole);
    network_free(network);
}

/* After any of its runs it says nothing that the whole answer does not say. */
static void what_is_known_is_said_when_it_is_interrupted(void)
{
    interrupt_everywhere(rig_example("incident.yaml"));
    interrupt_everywhere(rig_example("pasted-sample.yaml"));
    interrupt_everywhere(rig_story("one-announcement-away.yaml", NULL, NULL));
    interrupt_everywhere(rig_story("default-from-sample.yaml", NULL, NULL));
    interrupt_everywhere(rig_story("propagation-missing.yaml", NULL, NULL));
    interrupt_everywhere(rig_story("allowas-in-loop.yaml", NULL, NULL));
}

static void interrupted_at_once_it_has_no_remedy(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check_options options = {.seed = RIG_SEED, .interrupted = is_enough};
    runs_allowed = 1;
    struct check *check = check_run(network, &options);
    CHECK_EQUAL((int64_t)check_networks_run(check), 2); /* the story, and its evidence */
    CHECK_EQUAL((int64_t)remedies_of(check), 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 1);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(every_example_is_judged_right);
    TEST(a_session_that_ends_for_ever_is_unstable);
    TEST(who_ends_it_is_named_where_no_finding_does);
    TEST(every_remedy_cures_the_file);
    TEST(the_same_question_has_the_same_answer);
    TEST(no_seed_is_judged_otherwise);
    TEST(a_run_that_is_cut_short_is_unknown);
    TEST(a_tie_that_harms_nobody_is_stable);
    TEST(what_depends_on_the_order_is_told);
    TEST(sites_that_disturb_each_other_are_unstable);
    TEST(a_dead_tunnel_without_a_finding_is_named);
    TEST(a_filtered_tunnel_is_told_with_the_filter);
    TEST(progress_and_time_are_told_to_who_asks);
    TEST(the_gravest_finding_comes_first);
    TEST(what_is_known_is_said_when_it_is_interrupted);
    TEST(interrupted_at_once_it_has_no_remedy);
    return harness_done();
}
