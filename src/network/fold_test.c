#include "network/fold.h"

#include "network/build_rig.h"
#include "network/edit.h"
#include "network/probe.h"

/* The incident with a story of these steps, all folded in; what then stands in the file has the
 * line, or has it not. */
static void check_folded(const char *steps, const char *line, bool there)
{
    char text[1 << 14];
    snprintf(text, sizeof text, "%sstory:\n%s", rig_incident, steps);
    struct network *network = probe_parse(text);
    CHECK(network != NULL);
    for (size_t i = 0; i < network->step_count; i++)
        network_fold(network, &network->story[i]);
    network->until_us = -1;
    network_drop_steps(network, 0);
    char *said = probe_format(network);
    struct network *again = probe_parse(said);
    CHECK(again && network_equal(network, again));
    if ((strstr(said, line) != NULL) != there)
        printf("# \"%s\" in:\n%s", line, said);
    CHECK_EQUAL(strstr(said, line) != NULL, there);
    network_free(again);
    network_free(network);
    free(said);
}

static void what_is_announced_is_in_the_list(void)
{
    static const char step[] = "  - {at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n";
    check_folded(step, "announce: [10.30.0.0/16, 0.0.0.0/0]", true);
    check_folded("  - {at: 1s, withdraw: {router: dx-edge, prefix: 10.30.0.0/16}}\n",
                 "10.30.0.0/16", false);
}

static void an_announcement_takes_the_place_of_the_former(void)
{
    check_folded("  - {at: 1s, announce: {router: dx-edge, prefix: 10.30.0.0/16, med: 7}}\n",
                 "announce: [{prefix: 10.30.0.0/16, med: 7}]", true);
}

static void a_router_is_configured(void)
{
    check_folded("  - at: 1s\n    configure:\n      router: vyatta\n      add_routes: "
                 "[{prefix: 203.0.113.225/32, via: 10.20.0.1}]\n",
                 "{prefix: 203.0.113.225/32, via: 10.20.0.1}", true);
    check_folded("  - {at: 1s, configure: {router: vyatta, remove_routes: [0.0.0.0/0]}}\n", "dhcp",
                 false);
    check_folded("  - {at: 1s, configure: {router: vyatta, import: [{deny: 0.0.0.0/0}]}}\n",
                 "import: [{deny: 0.0.0.0/0}]", true);
}

static void a_policy_towards_all_is_one_towards_each(void)
{
    static const char step[] =
        "  - {at: 1s, configure: {router: vyatta, on_import: {local_preference: 50}}}\n";
    check_folded(step, "address: 169.254.252.30", true);
    check_folded(step, "local_preference: 50", true);
}

static void a_connection_is_configured(void)
{
    check_folded("  - {at: 1s, configure: {vpn_connection: vpn-vyatta, guard: carve}}\n",
                 "guard: carve", true);
    check_folded("  - {at: 1s, configure: {vpn_connection: vpn-vyatta, guard: carve}}\n",
                 "guard: warn", false);
    check_folded(
        "  - {at: 1s, configure: {direct_connect: dxvif-1, import: [{deny: 0.0.0.0/0}]}}\n",
        "import: [{deny: 0.0.0.0/0}]", true);
}

static void a_route_table_is_configured(void)
{
    check_folded("  - at: 1s\n    configure:\n      route_table: rtb-branch\n      add_routes: "
                 "[{prefix: 10.40.0.0/16, target: i-vyatta}]\n",
                 "{prefix: 10.40.0.0/16, target: i-vyatta}", true);
    check_folded("  - {at: 1s, configure: {route_table: rtb-branch, remove_routes: [0.0.0.0/0]}}\n",
                 "target: igw-branch", false);
}

static void what_is_done_to_machines_changes_no_file(void)
{
    check_folded("  - {at: 1s, restart: {router: vyatta}}\n"
                 "  - {at: 2s, fail: {tunnel: vpn-vyatta/1}}\n",
                 "announce: [10.30.0.0/16]", true);
}

int main(void)
{
    TEST(what_is_announced_is_in_the_list);
    TEST(an_announcement_takes_the_place_of_the_former);
    TEST(a_router_is_configured);
    TEST(a_policy_towards_all_is_one_towards_each);
    TEST(a_connection_is_configured);
    TEST(a_route_table_is_configured);
    TEST(what_is_done_to_machines_changes_no_file);
    return harness_done();
}
