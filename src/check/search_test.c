#include "check/search.h"

#include "check/check_rig.h"

#include <jansson.h>

static struct check *answer_of(const struct network *network, bool all, bool cheapest)
{
    struct check_options options = {
        .seed = RIG_SEED, .no_variants = true, .all = all, .cheapest = cheapest};
    struct check *check = check_run(network, &options);
    CHECK(check != NULL);
    return check;
}

/* Two gateways lead the tunnel's packets astray: the route table of the VPC to one, and in the
 * story the router's own table to the other. */
static struct network *twice_astray(void)
{
    char *text = rig_read("incident.yaml");
    rig_edit(text, "{prefix: 0.0.0.0/0, target: igw-branch}",
             "{prefix: 203.0.113.0/24, target: vgw-edge}, {prefix: 0.0.0.0/0, target: igw-branch}");
    rig_edit(text, "customer_gateways:\n",
             "  - {id: vgw-edge, asn: 10125, vpc: vpc-branch}\n\ncustomer_gateways:\n"
             "  - {id: cgw-hq, asn: 65007, address: 192.0.2.7, router: hq}\n");
    rig_edit(text, "vpn_connections:\n",
             "vpn_connections:\n  - id: vpn-hq\n    vpn_gateway: vgw-edge\n"
             "    customer_gateway: cgw-hq\n    tunnels: [{outside: 203.0.114.225, inside: {vgw:"
             " 169.254.252.34, cgw: 169.254.252.33}}]\n");
    rig_edit(text, "routers:\n",
             "routers:\n  - {id: hq, platform: frr, routes: [{prefix: 0.0.0.0/0, via:"
             " 192.0.2.1}], bgp: {asn: 65007, announce: [0.0.0.0/0]}}\n");
    struct network *network = rig_parse(text);
    free(text);
    return network;
}

static bool is_well(const struct network *network, const struct change *changes, size_t count)
{
    struct network *copy = change_copy(network, changes, count);
    bool well = true;
    for (unsigned i = 0; well && i < 4; i++) {
        struct run run;
        CHECK(run_begin(&run, copy, run_seed(RIG_SEED, i), 0));
        run_finish(&run);
        well = run_is_well(&run);
        run_done(&run);
    }
    network_free(copy);
    return well;
}

/* Every remedy of the answer cures, and none of its changes can be left out. */
static void check_minimal(const struct network *network, const struct check *check)
{
    const struct check_finding *finding = check_finding(check, 0);
    for (size_t i = 0; i < finding->remedy_count; i++) {
        const struct check_remedy *remedy = &finding->remedies[i];
        struct change without[64];
        CHECK(remedy->change_count <= 64);
        CHECK(is_well(network, remedy->changes, remedy->change_count));
        for (size_t j = 0; j < remedy->change_count; j++) {
            memcpy(without, remedy->changes, j * sizeof *without);
            memcpy(without + j, remedy->changes + j + 1,
                   (remedy->change_count - j - 1) * sizeof *without);
            CHECK(!is_well(network, without, remedy->change_count - 1));
        }
        for (size_t j = 0; j < finding->remedy_count; j++) {
            const struct check_remedy *other = &finding->remedies[j];
            size_t shared = 0;
            for (size_t k = 0; k < other->change_count; k++)
                shared +=
                    change_is_among(&other->changes[k], remedy->changes, remedy->change_count);
            CHECK(i == j || shared < other->change_count);
        }
    }
}

static void two_kinds_cure_together(void)
{
    struct network *network = twice_astray();
    struct check *check = answer_of(network, false, false);
    const struct check_finding *finding = check_finding(check, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 5);
    CHECK_EQUAL(finding->remedies[4].kind, CHECK_REMEDY_VPC_PEERING); /* one place, and the last */
    for (size_t i = 0; i + 1 < finding->remedy_count; i++) {
        const struct check_remedy *remedy = &finding->remedies[i];
        CHECK_EQUAL(remedy->kind, CHECK_REMEDY_MIXED);
        CHECK_EQUAL((int64_t)remedy->step_count, 2);
        CHECK_EQUAL(remedy->steps[1].kind, CHECK_REMEDY_ROUTE_TABLE_DELETE);
        CHECK(check_has_text(&remedy->lines, "aws ec2 delete-route --route-table-id rtb-branch"
                                             " --destination-cidr-block 203.0.113.0/24"));
    }
    CHECK_EQUAL(finding->remedies[0].steps[0].kind, CHECK_REMEDY_VGW_EXPORT_FILTER);
    CHECK_EQUAL(finding->remedies[3].steps[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
    check_minimal(network, check);
    check_free(check);
    network_free(network);
}

/* Two sites, each to be cured in one of three ways, or both at the source: 3 x 3 + 1. */
static void all_small_sets_are_found(void)
{
    struct network *network = rig_sites(2, "sekisho");
    struct check *one_of_each = answer_of(network, false, false);
    struct check *all = answer_of(network, true, false);
    CHECK_EQUAL((int64_t)check_finding(one_of_each, 0)->remedy_count, 4);
    CHECK_EQUAL((int64_t)check_finding(all, 0)->remedy_count, 10);
    CHECK_EQUAL(check_finding(all, 0)->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
    CHECK_EQUAL(check_finding(all, 0)->remedies[1].kind, CHECK_REMEDY_VGW_EXPORT_FILTER);
    CHECK_EQUAL(check_finding(all, 0)->remedies[2].kind, CHECK_REMEDY_MIXED);
    check_minimal(network, all);
    check_minimal(network, one_of_each);
    check_free(all);
    check_free(one_of_each);
    network_free(network);
}

/* What is smaller than one set of each kind is found and comes first, also without those. */
static void the_smallest_comes_first(void)
{
    struct network *network = rig_sites(3, "aws");
    struct check *usual = answer_of(network, false, false);
    struct check *cheapest = answer_of(network, false, true);
    const struct check_finding *finding = check_finding(usual, 0);
    for (size_t i = 1; i < finding->remedy_count; i++)
        CHECK(finding->remedies[i - 1].step_count <= finding->remedies[i].step_count);
    CHECK_EQUAL(finding->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
    CHECK_EQUAL((int64_t)check_finding(cheapest, 0)->remedy_count, 1);
    CHECK_EQUAL(check_finding(cheapest, 0)->remedies[0].kind, CHECK_REMEDY_ORIGIN_WITHDRAW);
    CHECK(check_networks_run(cheapest) < check_networks_run(usual));
    check_free(usual);
    check_free(cheapest);
    network_free(network);
}

/* The tunnels do not fall in the order of the file; the steps stand in it. */
static void places_stand_as_in_the_file(void)
{
    struct network *network = rig_sites(5, "aws");
    struct check *check = answer_of(network, false, false);
    const struct check_finding *finding = check_finding(check, 0);
    CHECK_EQUAL((int64_t)finding->remedy_count, 3);
    for (size_t i = 1; i < finding->remedy_count; i++) {
        CHECK_EQUAL((int64_t)finding->remedies[i].step_count, 5);
        for (size_t j = 0; j < finding->remedies[i].step_count; j++) {
            char site[32];
            snprintf(site, sizeof site, "site-%zu", j + 1);
            CHECK_TEXT(finding->remedies[i].steps[j].where, site);
        }
    }
    check_free(check);
    network_free(network);
}

/* Of two endpoints, one lies outside what is announced: nobody need pin it. */
static void no_change_more_than_is_needed(void)
{
    char *text = rig_read("incident-two-tunnels.yaml");
    rig_edit(text, "prefix: 0.0.0.0/0}}", "prefix: 203.0.113.225/32}}");
    struct network *network = rig_parse(text);
    struct check *check = answer_of(network, false, false);
    const struct check_finding *finding = check_finding(check, 0);
    bool pinned = false;
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (finding->remedies[i].kind != CHECK_REMEDY_CGW_HOST_ROUTE)
            continue;
        pinned = true;
        CHECK_EQUAL((int64_t)finding->remedies[i].change_count, 1);
    }
    CHECK(pinned);
    check_minimal(network, check);
    check_free(check);
    network_free(network);
    free(text);
}

static void a_limit_is_said(void)
{
    static struct search search;
    struct network *network = rig_sites(3, "aws");
    struct check *check = answer_of(network, false, true);
    struct world *world = network_build(network);
    for (size_t trials = 0; trials <= 12; trials += 4) {
        struct patient patient;
        patient_init(&patient, check, network, world, &check->reach, NULL);
        patient.trials_left = trials;
        search_init(&search, &patient, true);
        for (size_t i = 0; i < check_finding_count(check); i++)
            search_add(&search, check_finding(check, i)->evidence);
        check->options.cheapest = false;
        check->options.thorough = true;
        search_run(&search);
        CHECK(search.ended);
        CHECK(search.cure_count == 0 || search.cures[search.cure_count - 1].unproven);
        CHECK_EQUAL((int64_t)search.cure_count, trials < 4 ? 0 : 2); /* all leads go first */
    }
    world_destroy(world);
    check_free(check);
    network_free(network);
}

static void the_same_is_found_every_time(void)
{
    struct network *network = rig_sites(2, "sekisho");
    struct check *left = answer_of(network, true, false), *right = answer_of(network, true, false);
    json_t *first = check_json(left), *second = check_json(right);
    CHECK(json_equal(first, second));
    CHECK_EQUAL((int64_t)check_networks_run(left), (int64_t)check_networks_run(right));
    json_decref(first);
    json_decref(second);
    check_free(left);
    check_free(right);
    network_free(network);
}

int main(void)
{
    TEST(two_kinds_cure_together);
    TEST(all_small_sets_are_found);
    TEST(the_smallest_comes_first);
    TEST(places_stand_as_in_the_file);
    TEST(no_change_more_than_is_needed);
    TEST(a_limit_is_said);
    TEST(the_same_is_found_every_time);
    return harness_done();
}
