/* The engine's own watchman: each test breaks one thing behind the engine's back, and the audit
 * names it. */
#include "engine/parts.h"
#include "engine/test_gate.h"

/* A gateway with two tunnels, a Direct Connect, a VPC, routes from all, and a default that is
 * held. Sound, and from now on audited by the test. */
static void sound_gate(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_dx(3, 65003);
    say_vpc(&gate, VPC_INTERFACE, 0);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    announce(1, "10.1.0.0/16");
    announce(2, "10.1.0.0/16");
    announce(3, "0.0.0.0/0");
    announce_as(2, "10.66.0.0/16", (struct offer){.path = {65002, GATE_ASN}});
    say_static_vpn(&gate, 1, 1, "10.7.0.0/16", true);
    CHECK(engine_audit(gate.engine) == NULL);
}

static const char *complaint(void)
{
    const char *said = engine_audit(gate.engine);
    return said ? said : "sound";
}

static struct rib *broken_rib(void)
{
    return &gate.engine->bgp->rib;
}

static void a_wrong_table_is_seen(void)
{
    sound_gate();
    gate.engine->table.route_count++;
    CHECK_TEXT(complaint(), "a router's table is not a function of its candidates");
    gate.engine->table.route_count--;
    CHECK_TEXT(complaint(), "sound");
    gate_finish();
}

static void a_wrong_vpc_is_seen(void)
{
    sound_gate();
    struct vpc *vpc = &((struct engine_vpc *)pool_get(&gate.engine->vpcs, 1))->vpc;
    vpc->limits.propagated = 1; /* two are there, and none waits */
    CHECK_TEXT(complaint(), "a VPC's route tables do not add up");
    vpc->limits.propagated = VPC_PROPAGATED_MAX;
    CHECK_TEXT(complaint(), "sound");
    gate_finish();
}

static void a_wrong_count_is_seen(void)
{
    sound_gate();
    broken_rib()->best_count++;
    CHECK_TEXT(complaint(), "best paths are miscounted");
    broken_rib()->best_count--;
    gate_finish();
}

/* Best is what a naive choice over the Adj-RIB-In is. */
static void a_wrong_choice_is_seen(void)
{
    sound_gate();
    struct rib *rib = broken_rib();
    uint32_t number = rib_find(rib, net("10.1.0.0/16"));
    const struct rib_path *best = rib_path_next(rib, number, NULL);
    struct rib_source *source = pool_get(&rib->sources, best->source.v);
    source->source.router_id = UINT32_MAX; /* now the other one would be chosen */
    CHECK_TEXT(complaint(), "a path went on although it was beaten");
    gate_finish();
}

static void a_route_of_a_dead_session_is_seen(void)
{
    sound_gate();
    struct bgp_session *session = &engine_neighbor_at(gate.engine, 2)->session;
    session->state = SESSION_IDLE;
    CHECK_TEXT(complaint(), "a route without a live source is in the Adj-RIB-In");
    session->state = SESSION_ESTABLISHED;
    gate_finish();
}

static void a_dead_session_that_is_told_is_seen(void)
{
    gate_start();
    gate_vpn(1, 65001);
    struct bgp_session *session = &engine_neighbor_at(gate.engine, 1)->session;
    session->state = SESSION_IDLE;
    CHECK_TEXT(complaint(), "a session that is down is still told of routes");
    session->state = SESSION_ESTABLISHED;
    gate_finish();
}

/* A prefix that the guard holds is told to nobody of that customer gateway. */
static void a_hole_in_the_guard_is_seen(void)
{
    sound_gate();
    bool added = guard_endpoint_add(&gate.engine->bgp->guard, (struct cgw_id){1}, ip("10.1.2.3"));
    CHECK(added);
    CHECK_TEXT(complaint(), "sound"); /* best is its own: split horizon keeps it from there */
    added = guard_endpoint_add(&gate.engine->bgp->guard, (struct cgw_id){2}, ip("10.1.2.3"));
    CHECK(added);
    CHECK_TEXT(complaint(), "a prefix that the guard holds is told to its customer gateway");
    gate_finish();
}

static void a_policy_that_was_not_heeded_is_seen(void)
{
    sound_gate();
    struct event_attachment *said = &engine_attachment_at(gate.engine, 1)->said;
    said->guard = GUARD_OFF;
    mirror_done(&gate.mirror); /* events do not tell of this */
    rig_step(&gate,
             &(struct event){.kind = EVENT_ENDPOINT, .endpoint = {1, ip("203.0.113.1"), true}});
    CHECK_TEXT(told(1, "0.0.0.0/0"), "64512 65003 via 169.254.1.1");
    said->guard = GUARD_REFUSE;
    CHECK_TEXT(complaint(), "a prefix that the guard holds is told to its customer gateway");
    gate_finish();
}

static void a_best_path_that_is_not_installed_is_seen(void)
{
    sound_gate();
    struct table *table = &gate.engine->table;
    CHECK(table_remove(table, net("0.0.0.0/0"), ROUTE_EBGP, 3));
    CHECK_EQUAL(table_settle(table, UINT32_MAX), 0);
    CHECK_TEXT(complaint(), "a best path is not in the router's table");
    gate_finish();
}

static void a_route_that_is_not_best_is_seen(void)
{
    sound_gate();
    struct table *table = &gate.engine->table;
    struct table_route route = {
        .gateway = peer_addr_of(2), .tag = 2, .source = ROUTE_EBGP, .flags = ROUTE_ON_LINK_ONLY};
    CHECK(table_set(table, net("10.1.0.0/16"), &route));
    CHECK_EQUAL(table_settle(table, UINT32_MAX), 0);
    CHECK_TEXT(complaint(), "the router's table has a BGP route that is not the best path");
    gate_finish();
}

static void a_vpc_that_was_not_told_is_seen(void)
{
    sound_gate();
    struct vpc *vpc = &((struct engine_vpc *)pool_get(&gate.engine->vpcs, 1))->vpc;
    CHECK_EQUAL(vpc_propagate(vpc, ENGINE_GATEWAY, net("10.1.0.0/16"), false), VPC_DONE);
    CHECK_TEXT(complaint(), "a VPC's route table has other prefixes than its gateway propagates");
    CHECK_EQUAL(vpc_propagate(vpc, ENGINE_GATEWAY, net("10.1.0.0/16"), true), VPC_DONE);
    CHECK_TEXT(complaint(), "sound");
    gate_finish();
}

static void a_deadline_that_was_forgotten_is_seen(void)
{
    sound_gate();
    struct bgp_session *session = &engine_neighbor_at(gate.engine, 2)->session;
    session->ready_us = 77 * S;
    CHECK_TEXT(complaint(), "a session's deadline is not the one that is armed");
    session->ready_us = SESSION_NEVER;
    heap_drop(&gate.engine->bgp->deadlines, 2);
    CHECK_TEXT(complaint(), "a neighbor has no place among the deadlines");
    gate_finish();
}

/* While changes gather nothing is decided, so what is not yet decided is no fault. */
static void what_gathers_is_not_judged(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    gate.profile.decision = (struct span){S, S};
    rig_start(&gate, config);
    gate_vpn(1, 65001);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(complaint(), "sound");
    rig_pass(&gate, S);
    CHECK_TEXT(complaint(), "sound");
    CHECK_TEXT(rig_entry(&gate, "10.1.0.0/16"), "via 169.254.1.2 on 1, ebgp 1");
    gate_finish();
}

int main(void)
{
    TEST(a_wrong_table_is_seen);
    TEST(a_wrong_vpc_is_seen);
    TEST(a_wrong_count_is_seen);
    TEST(a_wrong_choice_is_seen);
    TEST(a_route_of_a_dead_session_is_seen);
    TEST(a_dead_session_that_is_told_is_seen);
    TEST(a_hole_in_the_guard_is_seen);
    TEST(a_policy_that_was_not_heeded_is_seen);
    TEST(a_best_path_that_is_not_installed_is_seen);
    TEST(a_route_that_is_not_best_is_seen);
    TEST(a_vpc_that_was_not_told_is_seen);
    TEST(a_deadline_that_was_forgotten_is_seen);
    TEST(what_gathers_is_not_judged);
    return harness_done();
}
