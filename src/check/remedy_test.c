#include "check/remedy.h"

#include "check/check_rig.h"

static const struct check_remedy *find_remedy(const struct check_finding *finding,
                                              enum check_remedy_kind kind)
{
    for (size_t i = 0; i < finding->remedy_count; i++) {
        if (finding->remedies[i].kind == kind)
            return &finding->remedies[i];
    }
    return NULL;
}

/* "Pin one endpoint" is no cure; what is offered pins both. */
static void half_a_pin_is_no_cure(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    struct check *check = rig_check(network);
    const struct check_remedy *pin =
        find_remedy(check_finding(check, 0), CHECK_REMEDY_CGW_HOST_ROUTE);
    CHECK(pin != NULL);
    CHECK(pin && pin->change_count == 2);
    for (size_t i = 0; pin && i < pin->change_count; i++) {
        struct network *half = change_copy(network, &pin->changes[i], 1);
        struct check *answer = rig_check_without_cures(half);
        CHECK(check_verdict(answer) != CHECK_STABLE);
        CHECK_EQUAL(check_exit_code(answer, CHECK_CERTAIN), 1);
        check_free(answer);
        network_free(half);
    }
    check_free(check);
    network_free(network);
}

/* Two announcers: that one of them stops changes nothing, so the remedy names both. */
static void a_remedy_grows_by_what_is_still_wrong(void)
{
    struct network *network = rig_network(
        "pasted-sample.yaml", "routers:\n",
        "direct_connects: [{id: dxvif-1, vpn_gateway: vgw-main, router: dx-edge, vlan: 101, inside:"
        " {vgw: 169.254.100.1, peer: 169.254.100.2}}]\nrouters:\n  - {id: dx-edge, platform: frr,"
        " bgp: {asn: 65001, announce: [10.30.0.0/16, 0.0.0.0/0]}}\n",
        NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_remedy *stop =
        find_remedy(check_finding(check, 0), CHECK_REMEDY_ORIGIN_WITHDRAW);
    CHECK(stop != NULL);
    CHECK(stop && stop->change_count == 2);
    CHECK(stop && check_has_text(&stop->lines, "  no network 0.0.0.0/0"));
    CHECK(stop && check_has_text(&stop->lines, "delete protocols bgp 65020 network 0.0.0.0/0"));
    CHECK(stop && stop->note && strcmp(stop->note, "not yours to change") == 0);
    check_free(check);
    network_free(network);
}

/* One cure for two findings has one number, and the search is not made twice: for the second tunnel
 * it is only asked, of the two cures with a line for each tunnel, whether one line would do, and
 * the runs that were cured tell that themselves (spare.h). */
static void findings_share_their_cures(void)
{
    struct network *two = rig_example("incident-two-tunnels.yaml");
    struct network *one = rig_example("incident.yaml");
    struct check *left = rig_check(two), *right = rig_check(one);
    const struct check_finding *first = check_finding(left, 0), *second = check_finding(left, 1);
    CHECK_EQUAL((int64_t)first->remedy_count, (int64_t)second->remedy_count);
    for (size_t i = 0; i < first->remedy_count && i < second->remedy_count; i++) {
        CHECK_EQUAL((int64_t)first->remedies[i].number, (int64_t)i + 1);
        CHECK_EQUAL((int64_t)second->remedies[i].number, (int64_t)i + 1);
    }
    CHECK_EQUAL((int64_t)check_remedy_total(left), (int64_t)first->remedy_count);
    CHECK_EQUAL((int64_t)check_networks_run(left), (int64_t)check_networks_run(right));
    check_free(left);
    check_free(right);
    network_free(two);
    network_free(one);
}

static void the_cheapest_is_the_first_that_cures(void)
{
    struct network *network = rig_example("incident-aws.yaml");
    struct check_options options = {.seed = RIG_SEED, .cheapest = true};
    struct check *check = check_run(network, &options);
    CHECK_EQUAL((int64_t)check_finding(check, 0)->remedy_count, 1);
    CHECK_EQUAL(check_finding(check, 0)->remedies[0].kind, CHECK_REMEDY_CGW_HOST_ROUTE);
    check_free(check);
    network_free(network);
}

/* A remedy that cures and takes away what is wanted is none: here somebody wants to reach what lies
 * behind the very default that one of them would take back. */
static void what_is_wanted_is_not_given_up(void)
{
    char *text = rig_read("incident.yaml");
    char *story = strstr(text, "story:\n");
    CHECK(story != NULL);
    if (story)
        *story = 0;
    rig_edit(text, "{id: dx-edge, bgp: {asn: 65001, announce: [10.30.0.0/16]}}",
             "{id: dx-edge, lan: [172.30.0.0/16], bgp: {asn: 65001, announce: [0.0.0.0/0]}}");
    struct network *free_of_wishes = rig_parse(text);
    rig_edit(text, "routers:\n", "wanted: [{from: i-app, to: 172.30.0.1}]\n\nrouters:\n");
    struct network *network = rig_parse(text);
    struct check *check = rig_check(network), *other = rig_check(free_of_wishes);
    const struct check_finding *finding = check_finding(check, 0);
    CHECK(find_remedy(finding, CHECK_REMEDY_VGW_EXPORT_FILTER) != NULL);
    CHECK(find_remedy(finding, CHECK_REMEDY_CGW_HOST_ROUTE) != NULL);
    CHECK(find_remedy(finding, CHECK_REMEDY_ORIGIN_WITHDRAW) == NULL);
    CHECK(find_remedy(check_finding(other, 0), CHECK_REMEDY_VGW_EXPORT_FILTER) != NULL);
    check_free(check);
    check_free(other);
    network_free(network);
    network_free(free_of_wishes);
    free(text);
}

static void a_configured_route_is_deleted(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", "via: 10.20.0.1, from: dhcp}",
        "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.0/24, tunnel: vpn-vyatta/1}", NULL, NULL);
    struct check *check = rig_check(network);
    const struct check_remedy *cure =
        find_remedy(check_finding(check, 0), CHECK_REMEDY_ROUTE_TABLE_DELETE);
    CHECK(cure != NULL);
    CHECK(cure && check_has_text(&cure->lines, "delete protocols static route 203.0.113.0/24"));
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(half_a_pin_is_no_cure);
    TEST(a_remedy_grows_by_what_is_still_wrong);
    TEST(findings_share_their_cures);
    TEST(the_cheapest_is_the_first_that_cures);
    TEST(what_is_wanted_is_not_given_up);
    TEST(a_configured_route_is_deleted);
    return harness_done();
}
