/* What was seen of a lab, as an answer: the incident's first minutes, handmade. */
#include "cli/lab_session.h"

#include "network/build_rig.h"

#define S_US 1000000ll

static int64_t began_us; /* a quarter of an hour ago */
static struct rig rig;
static struct lab_session session;

static void swallow(int64_t at_us, bool on)
{
    int vyatta = world_find_node(rig.world, "vyatta");
    uint16_t port = rig.world->tunnels[0].ends[TUNNEL_CUSTOMER].port;
    struct seen_route route = {.metric = 20, .entry = {.port = port, .source = ROUTE_EBGP}};
    struct heard up = {.kind = HEARD_IKE_UP, .name = "vpn-vyatta/1"};
    if (!on) {
        seen_route_gone(&session.seen, vyatta, route.prefix, 20, began_us + at_us);
        return;
    }
    seen_heard(&session.seen, vyatta, &up, began_us + at_us);
    seen_route(&session.seen, vyatta, &route, began_us + at_us);
}

static struct echo_way inside; /* through the only tunnel */

static json_t *answer_of_three_cycles(void)
{
    rig = rig_build(rig_incident);
    session =
        (struct lab_session){.world = rig.world, .network = rig.network, .inside_ways = &inside};
    inside = (struct echo_way){.asked = false};
    session.lab = running_create("t", "x.yaml");
    struct running_node *node = running_add_node(session.lab);
    snprintf(node->id, sizeof node->id, "vyatta");
    node->kind = NODE_ROUTER;
    seen_init(&session.seen, rig.world, began_us);
    for (int i = 0; i < 3; i++) {
        swallow(i * 78 * S_US + S_US, true);
        swallow(i * 78 * S_US + 31 * S_US, false);
    }
    return lab_session_json(&session);
}

static void done(json_t *answer)
{
    json_decref(answer);
    seen_done(&session.seen);
    running_free(session.lab);
    rig_done(&rig);
}

static void it_has_the_form_of_a_simulated_run(void)
{
    static const char *const keys[] = {"timeline", "tunnels", "tables", "reach", "flaps"};
    json_t *answer = answer_of_three_cycles();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        CHECK(json_object_get(answer, keys[i]) != NULL);
    json_t *moment = json_array_get(json_object_get(answer, "timeline"), 2);
    CHECK_TEXT(json_string_value(json_object_get(moment, "kind")), "swallowed");
    CHECK_TEXT(json_string_value(json_object_get(moment, "tunnel")), "vpn-vyatta/1");
    CHECK(json_number_value(json_object_get(moment, "at_s")) == 1.0);
    done(answer);
}

static void check_sentence(const char *expected, bool well)
{
    char bytes[128];
    struct text text = text_over(bytes, sizeof bytes);
    CHECK_EQUAL(lab_session_sentence(&session, 0, false, &text), well);
    CHECK_TEXT(bytes, expected);
}

static void who_flaps_has_a_period(void)
{
    json_t *answer = answer_of_three_cycles();
    json_t *flap = json_array_get(json_object_get(answer, "flaps"), 0);
    CHECK_TEXT(json_string_value(json_object_get(flap, "tunnel")), "vpn-vyatta/1");
    CHECK(json_number_value(json_object_get(flap, "period_s")) == 78.0);
    json_t *tunnel = json_array_get(json_object_get(answer, "tunnels"), 0);
    CHECK(json_is_false(json_object_get(tunnel, "up")));
    CHECK_TEXT(json_string_value(json_object_get(tunnel, "state")), "down");
    check_sentence("vpn-vyatta/1 goes down and comes back, every 78 s", false);
    CHECK(!lab_session_sentence(&session, 0, true, NULL)); /* and down it is */
    CHECK(json_number_value(json_object_get(tunnel, "swallowed_s")) == 1.0);
    done(answer);
}

static void hear(const char *node, struct heard heard, int64_t at_us)
{
    snprintf(heard.name, sizeof heard.name, "vpn-vyatta/1");
    seen_heard(&session.seen, world_find_node(rig.world, node), &heard, began_us + at_us);
}

/* What has IPsec at both ends is not down, whatever becomes of its packets. */
static void who_is_swallowed_is_said_to_be(void)
{
    rig = rig_build(rig_incident);
    session =
        (struct lab_session){.world = rig.world, .network = rig.network, .inside_ways = &inside};
    inside = (struct echo_way){.asked = false};
    session.lab = running_create("t", "x.yaml");
    seen_init(&session.seen, rig.world, began_us);
    check_sentence("vpn-vyatta/1 is down", false);
    hear("vgw-main", (struct heard){.kind = HEARD_IKE_UP}, 0);
    hear("vyatta", (struct heard){.kind = HEARD_IKE_UP}, 0);
    check_sentence("vpn-vyatta/1 is up, but its BGP is down", false);
    hear("vgw-main", (struct heard){.kind = HEARD_SESSION_UP}, S_US);
    check_sentence("vpn-vyatta/1 is up", true);
    CHECK(lab_session_sentence(&session, 0, true, NULL));
    swallow(2 * S_US, true);
    check_sentence("vpn-vyatta/1 swallows itself", false);
    hear("vyatta", (struct heard){.kind = HEARD_SESSION_UP}, S_US);
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    session.seen.ends[0][TUNNEL_CUSTOMER].into =
        1; /* another tunnel's, and BGP stands, for minutes */
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_UP);
    hear("vyatta", (struct heard){.kind = HEARD_SESSION_DOWN}, 32 * S_US);
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    session.seen.ends[0][TUNNEL_CUSTOMER].into = 0;
    hear("vgw-main", (struct heard){.kind = HEARD_SESSION_DOWN}, 32 * S_US);
    check_sentence("vpn-vyatta/1 swallows itself, and its BGP is down", false);
    done(lab_session_json(&session));
}

/* Without BGP it is IKE that would not stand: 10 s, and three questions 10 s apart, twice. */
static void a_static_tunnel_through_another_is_up_when_its_ike_stands(void)
{
    rig = rig_build(rig_with(rig_incident, "    guard: warn\n",
                             "    guard: warn\n    static_routes: [10.20.0.0/16]\n"));
    session =
        (struct lab_session){.world = rig.world, .network = rig.network, .inside_ways = &inside};
    inside = (struct echo_way){.asked = false};
    session.lab = running_create("t", "x.yaml");
    seen_init(&session.seen, rig.world, began_us);
    hear("vgw-main", (struct heard){.kind = HEARD_IKE_UP}, 0);
    swallow(S_US, true);
    struct seen_end *end = &session.seen.ends[0][TUNNEL_CUSTOMER];
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    end->into = 1;
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_UP);
    end->since_us = lab_session_now_us(&session) - 10 * S_US;
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    done(lab_session_json(&session));
}

/* One that left after the tunnel went there, and came out of it. */
static void a_packet_says_that_a_tunnel_through_another_is_up(void)
{
    rig = rig_build(rig_incident);
    session =
        (struct lab_session){.world = rig.world, .network = rig.network, .inside_ways = &inside};
    inside = (struct echo_way){.asked = true};
    session.lab = running_create("t", "x.yaml");
    seen_init(&session.seen, rig.world, began_us);
    for (int end = 0; end < 2; end++) {
        const char *node = end ? "vyatta" : "vgw-main";
        hear(node, (struct heard){.kind = HEARD_IKE_UP}, 0);
        hear(node, (struct heard){.kind = HEARD_SESSION_UP}, S_US);
    }
    swallow(2 * S_US, true);
    session.seen.ends[0][TUNNEL_CUSTOMER].into = 1;
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED); /* for minutes */
    inside.arrived = true;
    session.arrived_us = began_us + S_US;
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    session.arrived_us = began_us + 3 * S_US;
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_UP);
    hear("vyatta", (struct heard){.kind = HEARD_SESSION_DOWN}, 32 * S_US);
    CHECK_EQUAL(lab_session_tunnel(&session, 0).being, BEING_SWALLOWED);
    done(lab_session_json(&session));
}

static void a_routers_table_is_its_kernels(void)
{
    json_t *answer = answer_of_three_cycles();
    json_t *table = json_object_get(json_object_get(answer, "tables"), "vyatta");
    CHECK_TEXT(json_string_value(json_object_get(table, "kind")), "router");
    CHECK_EQUAL(json_array_size(json_object_get(table, "routes")), 0);
    json_decref(answer);
    swallow(300 * S_US, true);
    answer = lab_session_json(&session);
    table = json_object_get(json_object_get(answer, "tables"), "vyatta");
    json_t *route = json_array_get(json_object_get(table, "routes"), 0);
    CHECK_TEXT(json_string_value(json_object_get(route, "prefix")), "0.0.0.0/0");
    CHECK_TEXT(json_string_value(json_object_get(route, "interface")), "vti1");
    CHECK(json_is_true(json_object_get(route, "used")));
    done(answer);
}

int main(void)
{
    began_us = watch_wall_us() - 900 * S_US;
    TEST(it_has_the_form_of_a_simulated_run);
    TEST(who_flaps_has_a_period);
    TEST(who_is_swallowed_is_said_to_be);
    TEST(a_static_tunnel_through_another_is_up_when_its_ike_stands);
    TEST(a_packet_says_that_a_tunnel_through_another_is_up);
    TEST(a_routers_table_is_its_kernels);
    return harness_done();
}
