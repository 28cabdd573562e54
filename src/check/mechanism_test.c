#include "check/mechanism.h"

#include "check/check_rig.h"

/* The first finding of a tunnel of the network, all of it for the caller to free. */
struct seen {
    struct network *network;
    struct check *check;
    const struct check_finding *finding;
};

static struct seen look(struct network *network)
{
    struct seen seen = {.network = network, .check = rig_check_without_cures(network)};
    seen.finding = rig_recursion(seen.check, 0);
    return seen;
}

static void forget(struct seen *seen)
{
    check_free(seen->check);
    network_free(seen->network);
}

/* What is changed in the incident, and by which mechanism it then happens. */
static const struct cause {
    const char *from, *to, *from_too, *to_too;
    unsigned traits;
} causes[] = {
    {NULL, NULL, NULL, NULL, FAMILY_WEAK | FAMILY_GATEWAY},
    {"platform: vyatta\n", "platform: bird\n", NULL, NULL, FAMILY_WEAK | FAMILY_GATEWAY},
    {"prefix: 0.0.0.0/0}}", "prefix: 203.0.0.0/8}}", NULL, NULL, FAMILY_COVERING},
    {"prefix: 0.0.0.0/0}}", "prefix: 128.0.0.0/1}}", NULL, NULL, FAMILY_COVERING | FAMILY_GATEWAY},
    {"via: 10.20.0.1, from: dhcp}",
     "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 192.0.2.1}", NULL, NULL,
     FAMILY_NEXT_HOP | FAMILY_WEAK | FAMILY_GATEWAY},
    {"via: 10.20.0.1, from: dhcp}", "via: 10.20.0.1}, {prefix: 203.0.113.225/32, via: 192.0.2.1}",
     "prefix: 0.0.0.0/0}}", "prefix: 192.0.2.0/24}}", FAMILY_NEXT_HOP | FAMILY_COVERING},
    /* held back: the same prefix, and what is true of it all the same */
    {"guard: warn", "guard: hold", NULL, NULL, FAMILY_WEAK | FAMILY_GATEWAY},
    {"guard: warn", "guard: hold", ", from: dhcp}", "}", FAMILY_GATEWAY},
};

static void each_cause_has_its_traits(void)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        const struct cause *cause = &causes[i];
        struct seen seen = look(
            rig_network("incident.yaml", cause->from, cause->to, cause->from_too, cause->to_too));
        CHECK_EQUAL(seen.finding->traits, cause->traits);
        CHECK_EQUAL((int64_t)seen.finding->circle.count, 0);
        forget(&seen);
    }
}

static void the_next_hop_is_told(void)
{
    struct seen seen = look(rig_story("next-hop-in-tunnel.yaml", NULL, NULL));
    CHECK_EQUAL(seen.finding->next_hop, rig_ip(192, 0, 2, 1));
    CHECK(prefix_equal(seen.finding->pinned, rig_prefix(203, 0, 113, 225, 32)));
    CHECK_EQUAL(seen.finding->prefix.len, 0);
    forget(&seen);
}

static void the_other_tunnel_of_the_connection_is_no_circle(void)
{
    struct seen seen = look(rig_example("incident-two-tunnels.yaml"));
    const struct check_finding *second = rig_recursion(seen.check, 1);
    CHECK_EQUAL(seen.finding->kind, CHECK_FINDING_TUNNEL_RECURSION);
    CHECK(!(seen.finding->traits & (FAMILY_TWIN | FAMILY_CIRCLE)));
    CHECK_EQUAL(second->kind, CHECK_FINDING_TUNNEL_RECURSION);
    CHECK(second->traits & FAMILY_TWIN && !(second->traits & FAMILY_CIRCLE));
    CHECK_EQUAL((int64_t)second->circle.count, 0);
    forget(&seen);
}

static void a_circle_is_told_from_each_tunnel_on(void)
{
    static const char *const tunnels[][3] = {{"vpn-east/1", "vpn-west/1", "vpn-east/1"},
                                             {"vpn-west/1", "vpn-east/1", "vpn-west/1"}};
    struct seen seen = look(rig_story("mutual-recursion.yaml", NULL, NULL));
    for (size_t i = 0; i < 2; i++) {
        const struct check_finding *finding = rig_recursion(seen.check, i);
        CHECK_EQUAL((int64_t)finding->circle.count, 3);
        for (size_t j = 0; j < 3 && j < finding->circle.count; j++)
            CHECK_TEXT(finding->circle.items[j], tunnels[i][j]);
    }
    forget(&seen);
}

/* vpn-west is taken by one that stands then, and is taken itself four seconds later. */
static void a_circle_that_closes_later_is_one(void)
{
    struct seen seen =
        look(rig_story("mutual-recursion.yaml", "at: 60s, announce: {router: colo-west",
                       "at: 64s, announce: {router: colo-west"));
    for (size_t i = 0; i < 2; i++) {
        const struct check_finding *finding = rig_recursion(seen.check, i);
        CHECK_EQUAL(finding->kind, CHECK_FINDING_MUTUAL_RECURSION);
        CHECK_EQUAL((int64_t)finding->circle.count, 3);
    }
    forget(&seen);
}

/* Into a tunnel that swallows itself, and is another connection's: a chain into a circle. */
static void a_chain_into_a_circle_is_one(void)
{
    char *text = rig_read_in("tests/stories", "mutual-recursion.yaml");
    rig_edit(text, "  - {at: 60s, announce: {router: colo-west, prefix: 203.0.113.0/24}}",
             "  - {at: 60s, announce: {router: colo-east, prefix: 203.0.113.0/24}}");
    struct seen seen = look(rig_parse(text));
    const struct check_finding *east = rig_recursion(seen.check, 0),
                               *west = rig_recursion(seen.check, 1);
    if (strcmp(east->tunnel, "vpn-west/1") == 0) {
        const struct check_finding *swap = east;
        east = west;
        west = swap;
    }
    CHECK_TEXT(east->tunnel, "vpn-east/1");
    CHECK_EQUAL(east->kind, CHECK_FINDING_COVERING_PREFIX);
    CHECK_EQUAL(west->kind, CHECK_FINDING_MUTUAL_RECURSION);
    CHECK_EQUAL((int64_t)west->circle.count, 3);
    if (west->circle.count == 3) {
        CHECK_TEXT(west->circle.items[1], "vpn-east/1");
        CHECK_TEXT(west->circle.items[2], "vpn-east/1");
    }
    forget(&seen);
    free(text);
}

/* Taken by one that stands, and lost there: neither a circle nor a tunnel in a tunnel. */
static void what_ends_nowhere_is_none_of_both(void)
{
    struct seen seen = look(rig_story("mutual-recursion.yaml",
                                      "  - {at: 60s, announce: {router: colo-west, prefix:"
                                      " 203.0.113.0/24}}\n",
                                      ""));
    CHECK_TEXT(seen.finding->tunnel, "vpn-west/1");
    CHECK_EQUAL(seen.finding->traits, FAMILY_COVERING | FAMILY_ELSEWHERE);
    CHECK_EQUAL(seen.finding->kind, CHECK_FINDING_COVERING_PREFIX);
    CHECK_EQUAL(seen.finding->level, CHECK_CERTAIN);
    forget(&seen);
}

static void a_range_is_longer_than_the_halves(void)
{
    static const struct {
        unsigned len;
        bool own;
    } lengths[] = {{0, false}, {1, false}, {2, true}, {24, true}, {32, true}};
    struct network *network = rig_story("own-range-announced.yaml", NULL, NULL);
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    int head = world_find_node(run.world, "head"), branch = world_find_node(run.world, "branch");
    ip_addr address = rig_ip(198, 51, 100, 10);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct prefix prefix = prefix_around(address, (uint8_t)lengths[i].len);
        CHECK_EQUAL(mechanism_own_range(run.world, head, prefix), lengths[i].own ? address : 0);
    }
    CHECK_EQUAL(mechanism_own_range(run.world, branch, prefix_around(address, 24)), 0);
    run_done(&run);
    network_free(network);
}

int main(void)
{
    TEST(each_cause_has_its_traits);
    TEST(the_next_hop_is_told);
    TEST(the_other_tunnel_of_the_connection_is_no_circle);
    TEST(a_circle_is_told_from_each_tunnel_on);
    TEST(a_circle_that_closes_later_is_one);
    TEST(a_chain_into_a_circle_is_one);
    TEST(what_ends_nowhere_is_none_of_both);
    TEST(a_range_is_longer_than_the_halves);
    return harness_done();
}
