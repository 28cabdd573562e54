#include "network/build_rig.h"

#include "network/build_parts.h"

/* The changes that the nth step of the story brings, to be done by the caller. */
static struct build_changes changes_of(struct rig *rig, size_t step)
{
    struct build_changes changes;
    build_change(rig->world, rig->network, &rig->network->story[step], &changes);
    return changes;
}

/* As the simulator does it: told, and kept for later engines. */
static void apply(struct rig *rig, size_t step)
{
    struct build_changes changes = changes_of(rig, step);
    for (size_t i = 0; i < changes.count; i++) {
        struct node *node = &rig->world->nodes[changes.items[i].node];
        node_add_setup(node, &changes.items[i].event);
        if (node->engine)
            rig_step(node, &changes.items[i].event);
    }
    build_changes_done(&changes);
}

static struct rig with_story(const char *text, const char *steps)
{
    char story[2048];
    snprintf(story, sizeof story, "story:\n%s", steps);
    return rig_build(rig_and(text, story));
}

static void places_of_what_a_story_names(void)
{
    struct rig rig = with_story(rig_incident, "  - {at: 1s, fail: {router: vyatta}}\n"
                                              "  - {at: 2s, fail: {tunnel: vpn-vyatta/1}}\n"
                                              "  - {at: 3s, fail: {vpn_connection: vpn-vyatta}}\n"
                                              "  - {at: 4s, fail: {direct_connect: dxvif-1}}\n"
                                              "  - {at: 5s, fail: {vpn_gateway: vgw-main}}\n"
                                              "  - {at: 6s, fail: {link: i-vyatta}}\n"
                                              "  - {at: 7s, fail: {link: i-app}}\n"
                                              "  - {at: 8s, configure: {route_table: rtb-branch, "
                                              "remove_routes: [0.0.0.0/0]}}\n");
    const struct build_place expected[] = {
        {world_find_node(rig.world, "vyatta"), -1, -1, -1},
        {world_find_node(rig.world, "vyatta"), 0, 0, -1},
        {world_find_node(rig.world, "vyatta"), 0, -1, -1},
        {world_find_node(rig.world, "dx-edge"), -1, -1, 0},
        {world_find_node(rig.world, "vgw-main"), -1, -1, -1},
        {world_find_node(rig.world, "vyatta"), -1, -1, -1}, /* the instance is the router */
        {world_find_node(rig.world, "i-app"), -1, -1, -1},
        {world_find_node(rig.world, "vpc-branch"), -1, 0, -1},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct build_place at = build_find(rig.world, rig.network, &rig.network->story[i].object);
        CHECK_EQUAL(at.node, expected[i].node);
        CHECK_EQUAL(at.connection, expected[i].connection);
        CHECK_EQUAL(at.part, expected[i].part);
        CHECK_EQUAL(at.direct_connect, expected[i].direct_connect);
    }
    rig_done(&rig);
}

static void an_announcement_says_what_the_step_says(void)
{
    struct rig rig =
        with_story(rig_incident, "  - {at: 1s, announce: {router: dx-edge, prefix: 0.0.0.0/0, "
                                 "as_path: [65099], med: 5, communities: [7224:7300]}}\n");
    struct event event;
    build_announcement(&rig.network->story[0].announcement, &event);
    CHECK_EQUAL(event.kind, EVENT_ANNOUNCE);
    CHECK(event.announce.prefix.len == 0 && event.announce.as_path[0] == 65099);
    CHECK(event.announce.has_med && event.announce.med == 5);
    CHECK(event.announce.communities[0] == (7224u << 16 | 7300));
    rig_done(&rig);
}

static void a_routers_routes_come_and_go(void)
{
    struct rig rig = with_story(
        rig_site, "  - at: 1s\n"
                  "    configure:\n"
                  "      router: site\n"
                  "      add_routes: [{prefix: 203.0.113.1/32, via: 198.51.100.1},\n"
                  "                   {prefix: 10.77.0.0/16, tunnel: vpn/1}]\n"
                  "  - {at: 2s, configure: {router: site, remove_routes: [203.0.113.1/32]}}\n"
                  "  - {at: 3s, configure: {router: site, remove_routes: [0.0.0.0/0]}}\n"
                  "  - {at: 4s, configure: {router: site, remove_routes: [10.20.0.0/16]}}\n");
    rig_boot(&rig);
    rig_establish(&rig);
    struct node *site = rig_node(&rig, "site");
    struct prefix pin = {RIG_IP(203, 0, 113, 1), 32};
    apply(&rig, 0);
    CHECK(kernel_exact(&site->kernel, pin) != NULL);
    CHECK_EQUAL(rig_send(&rig, "site", 0, RIG_IP(10, 77, 0, 1)).tunnels_seen, 1);
    apply(&rig, 1);
    CHECK(kernel_exact(&site->kernel, pin) == NULL);
    CHECK(kernel_exact(&site->kernel, (struct prefix){0, 0}) != NULL);
    apply(&rig, 2);
    CHECK(kernel_exact(&site->kernel, (struct prefix){0, 0}) == NULL);
    apply(&rig, 3); /* its own network lies behind it all the same */
    CHECK(kernel_exact(&site->kernel, (struct prefix){RIG_IP(10, 20, 0, 0), 16}) != NULL);
    rig_done(&rig);
}

/* The second of two ways to one prefix is no replacement of the first. */
static void two_routes_for_one_prefix_are_two(void)
{
    struct rig rig = with_story(
        rig_site, "  - {at: 1s, configure: {router: site, add_routes: [{prefix: 10.77.0.0/16, via: "
                  "198.51.100.1}]}}\n"
                  "  - {at: 2s, configure: {router: site, add_routes: [{prefix: 10.77.0.0/16, via: "
                  "198.51.100.2, distance: 250}]}}\n");
    rig_boot(&rig);
    apply(&rig, 0);
    apply(&rig, 1);
    struct table_candidate candidate;
    const struct table *table = engine_table(rig_node(&rig, "site")->engine);
    struct prefix prefix = {RIG_IP(10, 77, 0, 0), 16};
    CHECK(table_candidate(table, prefix, 0, &candidate));
    CHECK_EQUAL(candidate.route.gateway, RIG_IP(198, 51, 100, 1));
    CHECK(table_candidate(table, prefix, 1, &candidate));
    rig_done(&rig);
}

static void a_guard_is_changed_at_its_own_connection(void)
{
    struct rig rig = with_story(
        rig_with(rig_incident, "direct_connects:\n",
                 "  - id: vpn-other\n"
                 "    vpn_gateway: vgw-main\n"
                 "    customer_gateway: cgw-vyatta\n"
                 "    tunnels: [{outside: 203.0.113.226, inside: {vgw: 169.254.252.33, cgw: "
                 "169.254.252.34}}]\n"
                 "direct_connects:\n"),
        "  - {at: 1s, configure: {vpn_connection: vpn-other, guard: carve}}\n");
    rig_boot(&rig);
    apply(&rig, 0);
    const struct engine *engine = rig_node(&rig, "vgw-main")->engine;
    CHECK_EQUAL(engine_attachment(engine, 1)->guard, GUARD_WARN);
    CHECK_EQUAL(engine_attachment(engine, 2)->guard, GUARD_CARVE);
    rig_done(&rig);
}

/* A later engine is told the same things and comes to the same table. */
static void changes_outlive_a_restart(void)
{
    struct rig rig = with_story(
        rig_site,
        "  - {at: 1s, configure: {router: site, add_routes: [{prefix: 203.0.113.1/32, via: "
        "198.51.100.1}]}}\n"
        "  - {at: 2s, configure: {router: site, remove_routes: [203.0.113.1/32], add_routes: "
        "[{prefix: 203.0.113.1/32, via: 198.51.100.9}]}}\n");
    rig_boot(&rig);
    apply(&rig, 0);
    apply(&rig, 1);
    struct node *site = rig_node(&rig, "site");
    uint64_t before = engine_digest(site->engine);
    engine_destroy(site->engine);
    kernel_clear(&site->kernel);
    site->engine = engine_create(&site->config);
    rig_step(site, &(struct event){.kind = EVENT_BOOT, .boot = {.seed = 1}});
    for (size_t i = 0; i < site->setup_count; i++)
        rig_step(site, &site->setup[i]);
    CHECK(engine_digest(site->engine) == before);
    const struct kernel_entry *pin =
        kernel_exact(&site->kernel, (struct prefix){RIG_IP(203, 0, 113, 1), 32});
    CHECK(pin && pin->gateway == RIG_IP(198, 51, 100, 9));
    rig_done(&rig);
}

static void a_routers_filter_is_for_the_neighbor_it_names(void)
{
    struct rig rig =
        with_story(rig_incident,
                   "  - {at: 1s, configure: {router: vyatta, import: [{deny: 0.0.0.0/0, neighbor: "
                   "169.254.252.30}]}}\n"
                   "  - {at: 2s, configure: {router: vyatta, import: [], export: [{permit: "
                   "10.20.0.0/16}]}}\n");
    struct build_changes changes = changes_of(&rig, 0);
    CHECK_EQUAL((int64_t)changes.count, 1);
    const struct event_filter *filter = &changes.items[0].event.filter;
    CHECK(filter->count == 1 && filter->permit_rest && !filter->export);
    CHECK_EQUAL(changes.items[0].node, world_find_node(rig.world, "vyatta"));
    build_changes_done(&changes);
    changes = changes_of(&rig, 1);
    CHECK_EQUAL((int64_t)changes.count, 2);
    CHECK(changes.items[0].event.filter.count == 0); /* an empty filter lets everything pass */
    CHECK(changes.items[0].event.filter.permit_rest);
    CHECK(changes.items[1].event.filter.export && !changes.items[1].event.filter.permit_rest);
    build_changes_done(&changes);
    rig_done(&rig);
}

/* accept, on_import and on_export of a router: towards one neighbor, or all of them. */
static void a_routers_policy_is_for_the_neighbor_it_names(void)
{
    struct rig rig = with_story(rig_incident,
                                "  - {at: 1s, configure: {router: vyatta, neighbor: "
                                "169.254.252.30, accept: [10.10.0.0/16], on_import: "
                                "{local_preference: 50}}}\n"
                                "  - {at: 2s, configure: {router: vyatta, on_export: {prepend: "
                                "2}}}\n"
                                "  - {at: 3s, configure: {direct_connect: dxvif-1, accept: []}}\n");
    struct build_changes changes = changes_of(&rig, 0);
    CHECK_EQUAL((int64_t)changes.count, 2);
    CHECK_EQUAL(changes.items[0].node, world_find_node(rig.world, "vyatta"));
    const struct event_filter *allowed = &changes.items[0].event.filter;
    CHECK(allowed->allowed && allowed->count == 1 && !allowed->permit_rest);
    CHECK_EQUAL(changes.items[1].event.policy.edit.local_pref, 50);
    build_changes_done(&changes);
    changes = changes_of(&rig, 1);
    CHECK_EQUAL((int64_t)changes.count, 1);
    CHECK(changes.items[0].event.policy.export && changes.items[0].event.policy.edit.prepend == 2);
    build_changes_done(&changes);
    changes = changes_of(&rig, 2);
    CHECK_EQUAL((int64_t)changes.count, 1);
    CHECK_EQUAL(changes.items[0].node, world_find_node(rig.world, "vgw-main"));
    CHECK(changes.items[0].event.filter.allowed && changes.items[0].event.filter.count == 0);
    build_changes_done(&changes);
    rig_done(&rig);
}

static void a_connections_filters_and_guard_are_the_gateways(void)
{
    struct rig rig = with_story(
        rig_incident,
        "  - {at: 1s, configure: {vpn_connection: vpn-vyatta, export: [{deny: 0.0.0.0/0}]}}\n"
        "  - {at: 2s, configure: {vpn_connection: vpn-vyatta, guard: hold}}\n"
        "  - {at: 3s, configure: {vpn_connection: vpn-vyatta, guard: warn}}\n");
    int vgw = world_find_node(rig.world, "vgw-main");
    struct build_changes changes = changes_of(&rig, 0);
    CHECK(changes.count == 1 && changes.items[0].node == vgw);
    CHECK(changes.items[0].event.filter.attachment == 1 && changes.items[0].event.filter.export);
    build_changes_done(&changes);
    rig_boot(&rig);
    apply(&rig, 1);
    CHECK_EQUAL(engine_attachment(rig_node(&rig, "vgw-main")->engine, 1)->guard, GUARD_HOLD);
    apply(&rig, 2);
    const struct event_attachment *said = engine_attachment(rig_node(&rig, "vgw-main")->engine, 1);
    CHECK(said->guard == GUARD_WARN && said->kind == ATTACHMENT_VPN);
    CHECK_EQUAL(engine_attachment_count(rig_node(&rig, "vgw-main")->engine), 2);
    rig_done(&rig);
}

static void a_direct_connects_filters_are_the_gateways(void)
{
    struct rig rig = with_story(rig_incident,
                                "  - {at: 1s, configure: {direct_connect: dxvif-1, import: [{deny: "
                                "0.0.0.0/0}]}}\n");
    struct build_changes changes = changes_of(&rig, 0);
    CHECK_EQUAL((int64_t)changes.count, 1);
    CHECK_EQUAL(changes.items[0].node, world_find_node(rig.world, "vgw-main"));
    CHECK_EQUAL(changes.items[0].event.filter.attachment, 2);
    build_changes_done(&changes);
    rig_done(&rig);
}

static void a_route_tables_routes_come_and_go(void)
{
    struct rig rig = with_story(
        rig_incident,
        "  - {at: 1s, configure: {route_table: rtb-branch, remove_routes: [10.10.0.0/16]}}\n"
        "  - {at: 2s, configure: {route_table: rtb-branch, add_routes: [{prefix: 10.10.0.0/16, "
        "target: blackhole}]}}\n"
        "  - {at: 3s, configure: {route_table: rtb-app, add_routes: [{prefix: 0.0.0.0/0, target: "
        "vgw-main}]}}\n"
        "  - {at: 4s, configure: {route_table: rtb-app, remove_routes: [0.0.0.0/0]}}\n");
    rig_boot(&rig);
    ip_addr host = RIG_IP(10, 20, 0, 20), far = RIG_IP(10, 10, 1, 10);
    CHECK_EQUAL(rig_send(&rig, "i-host", host, far).node, world_find_node(rig.world, "vyatta"));
    apply(&rig, 0);
    CHECK_EQUAL(rig_send(&rig, "i-host", host, far).drop, DROP_NO_PUBLIC_ADDRESS); /* the default */
    apply(&rig, 1);
    CHECK_EQUAL(rig_send(&rig, "i-host", host, far).drop, DROP_BLACKHOLE);
    CHECK_EQUAL(rig_send(&rig, "i-app", far, RIG_IP(8, 8, 8, 8)).drop, DROP_NO_VPC_ROUTE);
    apply(&rig, 2); /* the VPC's tables are in its gateway's engine */
    CHECK_EQUAL(rig_send(&rig, "i-app", far, RIG_IP(8, 8, 8, 8)).drop, DROP_GATEWAY_UNKNOWN_PREFIX);
    apply(&rig, 3);
    CHECK_EQUAL(rig_send(&rig, "i-app", far, RIG_IP(8, 8, 8, 8)).drop, DROP_NO_VPC_ROUTE);
    rig_done(&rig);
}

int main(void)
{
    TEST(places_of_what_a_story_names);
    TEST(an_announcement_says_what_the_step_says);
    TEST(a_routers_routes_come_and_go);
    TEST(two_routes_for_one_prefix_are_two);
    TEST(changes_outlive_a_restart);
    TEST(a_routers_filter_is_for_the_neighbor_it_names);
    TEST(a_routers_policy_is_for_the_neighbor_it_names);
    TEST(a_connections_filters_and_guard_are_the_gateways);
    TEST(a_guard_is_changed_at_its_own_connection);
    TEST(a_direct_connects_filters_are_the_gateways);
    TEST(a_route_tables_routes_come_and_go);
    return harness_done();
}
