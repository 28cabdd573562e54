#include "check/settled.h"

#include "check/check_rig.h"

static void one_tunnel_is_told(void)
{
    struct network *network = rig_story("single-tunnel.yaml", NULL, NULL);
    struct check *check = rig_check(network);
    CHECK_EQUAL(check_verdict(check), CHECK_STABLE);
    CHECK_EQUAL((int64_t)rig_count_settled(check), 1);
    const struct check_finding *finding = rig_finding(check, CHECK_FINDING_SINGLE_TUNNEL, 0);
    CHECK_EQUAL(finding->level, CHECK_LATENT);
    CHECK_TEXT(finding->connection, "vpn-tokyo");
    CHECK_TEXT(finding->tunnel, "vpn-tokyo/1");
    CHECK_TEXT(finding->router, "tokyo");
    CHECK(finding->no_prefix);
    CHECK_EQUAL((int64_t)finding->remedy_count, 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_LIKELY), 0);
    check_free(check);
    network_free(network);
}

static size_t count_in(const char *story, const char *from, const char *to)
{
    struct network *network = rig_story(story, from, to);
    struct check *check = rig_check(network);
    size_t count = rig_count(check, CHECK_FINDING_SINGLE_TUNNEL);
    check_free(check);
    network_free(network);
    return count;
}

static void what_has_two_ways_is_not(void)
{
    CHECK_EQUAL((int64_t)count_in("single-tunnel-near.yaml", NULL, NULL), 0);
    CHECK_EQUAL((int64_t)count_in("inside-addresses-near.yaml", NULL, NULL), 0);
}

/* Swallowed is another story: a tunnel that goes down and comes back was set up. */
static void a_tunnel_that_is_swallowed_counts(void)
{
    struct network *network = rig_example("incident-two-tunnels.yaml");
    struct check *check = rig_check_without_cures(network);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_SINGLE_TUNNEL), 0);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_TUNNEL_RECURSION), 2);
    check_free(check);
    network_free(network);
}

/* Settled, and both tunnels dead by a route: set up they were. */
static void tunnels_that_a_route_keeps_dead_count(void)
{
    struct network *network =
        rig_network("incident-two-tunnels.yaml", "via: 10.20.0.1, from: dhcp}",
                    "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.226/32, tunnel: vpn-vyatta/1}",
                    NULL, NULL);
    struct check_options options = {.seed = RIG_SEED, .no_remedies = true};
    size_t step_count = network->step_count;
    network->step_count = 0; /* all that happens in it is another matter */
    struct check *check = check_run(network, &options);
    CHECK_EQUAL(check_verdict(check), CHECK_DEGRADED);
    CHECK_EQUAL((int64_t)rig_count(check, CHECK_FINDING_SINGLE_TUNNEL), 0);
    check_free(check);
    network->step_count = step_count;
    network_free(network);
}

int main(void)
{
    TEST(one_tunnel_is_told);
    TEST(what_has_two_ways_is_not);
    TEST(a_tunnel_that_is_swallowed_counts);
    TEST(tunnels_that_a_route_keeps_dead_count);
    return harness_done();
}
