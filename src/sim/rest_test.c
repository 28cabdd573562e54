#include "sim/sim_rig.h"

/* A gateway with a site, a Direct Connect and a site with the same AS, whose routes it refuses. */
static struct run at_rest(void)
{
    struct run run = run_with(rig_incident, &(struct sim_options){.seed = 3, .audit = true});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    return run;
}

static void a_world_at_rest_is_at_one_with_itself(void)
{
    struct run run = at_rest();
    const char *complaint = sim_audit_rest(run.sim);
    CHECK_TEXT(complaint ? complaint : "", "");
    run_done(&run);
}

/* Tells an engine something behind its sessions' backs: nothing of it is sent. */
static void whisper(struct run *run, const char *node, enum event_kind kind, ip_addr addr,
                    const uint32_t *as_path, uint16_t as_path_count)
{
    struct event event = {.kind = kind, .at_us = sim_now_us(run->sim)};
    event.announce = (struct event_announce){
        .prefix = {addr, 16}, .as_path = as_path, .as_path_count = as_path_count};
    engine_step(rig_node(&run->rig, node)->engine, &event);
}

static void check_complaint(struct run *run, const char *expected)
{
    const char *complaint = sim_audit_rest(run->sim);
    CHECK_TEXT(complaint ? complaint : "", expected);
}

static void a_route_that_never_arrived_is_found(void)
{
    struct run run = at_rest();
    whisper(&run, "dx-edge", EVENT_ANNOUNCE, RIG_IP(10, 77, 0, 0), NULL, 0);
    check_complaint(&run, "a neighbor has not heard of a route that it is told");
    run_done(&run);
}

static void a_route_that_was_never_taken_back_is_found(void)
{
    struct run run = at_rest();
    whisper(&run, "dx-edge", EVENT_WITHDRAW, RIG_IP(10, 30, 0, 0), NULL, 0);
    const char *complaint = sim_audit_rest(run.sim);
    CHECK(complaint && strstr(complaint, "has heard of a route"));
    run_done(&run);
}

static void a_route_with_old_attributes_is_found(void)
{
    struct run run = at_rest();
    static const uint32_t path[] = {65099, 65098};
    whisper(&run, "dx-edge", EVENT_ANNOUNCE, RIG_IP(10, 30, 0, 0), path, 2);
    check_complaint(&run, "a neighbor has heard of a route with other attributes than it is told");
    run_done(&run);
}

static void a_path_of_another_length_is_found(void)
{
    struct run run = run_with(rig_with(rig_incident, "announce: [10.30.0.0/16]",
                                       "announce: [{prefix: 10.30.0.0/16, as_path: [65098]}]"),
                              &(struct sim_options){.seed = 3});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    check_complaint(&run, "");
    static const uint32_t path[] = {65099, 65098};
    for (uint16_t count = 0; count < 3; count += 2) { /* none, and one too many */
        whisper(&run, "dx-edge", EVENT_ANNOUNCE, RIG_IP(10, 30, 0, 0), path, count);
        check_complaint(&run,
                        "a neighbor has heard of a route with other attributes than it is told");
    }
    run_done(&run);
}

/* An UPDATE that the gateway never said: 10.55.0.0/16, AS path 10124. */
static void a_route_that_nobody_has_is_found(void)
{
    static const uint8_t update[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 0,   46,  2,   0,   0,   0,   20,  64,
                                     1,   1,   0,   64,  2,   6,   2,   1,   0,   0,   39,  140,
                                     64,  3,   4,   169, 254, 252, 30,  16,  10,  55};
    struct run run = at_rest();
    struct event event = {.kind = EVENT_RECEIVED, .at_us = sim_now_us(run.sim)};
    event.received.connection = (struct event_connection){.neighbor = 1, .slot = BGP_OUT};
    event.received.bytes = (struct slice){update, sizeof update};
    struct engine *vyatta = rig_node(&run.rig, "vyatta")->engine;
    engine_step(vyatta, &event);
    event = (struct event){.kind = EVENT_TIME, .at_us = sim_now_us(run.sim) + 100 * MS};
    engine_step(vyatta, &event);
    CHECK(rib_find(engine_rib(vyatta), (struct prefix){RIG_IP(10, 55, 0, 0), 16}) != 0);
    const char *complaint = sim_audit_rest(run.sim);
    CHECK(complaint && (strstr(complaint, "nobody has") || strstr(complaint, "kernel")));
    struct kernel_entry entry = {
        .port = 2, .gateway = RIG_IP(169, 254, 252, 30), .source = ROUTE_EBGP};
    kernel_set(&rig_node(&run.rig, "vyatta")->kernel, (struct prefix){RIG_IP(10, 55, 0, 0), 16},
               &entry);
    check_complaint(&run, "a neighbor has heard of a route that nobody has");
    run_done(&run);
}

static void a_kernel_that_lags_behind_is_found(void)
{
    struct run run = at_rest();
    struct kernel *kernel = &rig_node(&run.rig, "vyatta")->kernel;
    struct prefix known = {RIG_IP(10, 30, 0, 0), 16}, unknown = {RIG_IP(10, 99, 0, 0), 16};
    struct kernel_entry entry = *kernel_exact(kernel, known), other = entry;
    other.gateway++;
    kernel_set(kernel, known, &other);
    check_complaint(&run, "a kernel does not hold what its router's table wants");
    kernel_remove(kernel, known);
    check_complaint(&run, "a kernel does not hold what its router's table wants");
    kernel_set(kernel, known, &entry);
    check_complaint(&run, "");
    kernel_set(kernel, unknown, &entry);
    check_complaint(&run, "a kernel holds more than its router's table wants");
    run_done(&run);
}

static void a_session_with_one_end_is_found(void)
{
    struct run run = at_rest();
    struct event closed = {.kind = EVENT_CLOSED,
                           .at_us = sim_now_us(run.sim),
                           .connection = {.neighbor = 1, .slot = BGP_OUT}};
    engine_step(rig_node(&run.rig, "vyatta")->engine, &closed);
    check_complaint(&run, "a session is Established at one end only");
    run_done(&run);
}

/* Refused paths are in the Adj-RIB-In; those beyond the limits are only counted. */
static void refused_routes_are_heard_and_those_beyond_limits_counted(void)
{
    static char text[1 << 16];
    size_t at = (size_t)snprintf(text, sizeof text, "%s",
                                 rig_with(rig_site, "    tunnels:\n",
                                          "    import: [{deny: 10.0.0.0/8, ge: 24}]\n"
                                          "    tunnels:\n"));
    char *list = strstr(text, "[10.20.0.0/16]");
    at = (size_t)(list - text);
    at += (size_t)snprintf(text + at, sizeof text - at, "[10.20.0.0/16");
    for (int i = 0; i < 150; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, ", 10.99.%d.0/24", i);
    snprintf(text + at, sizeof text - at, "]}\n");
    struct run run = run_with(text, &(struct sim_options){.seed = 3, .audit = true});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    const struct engine *vgw = rig_node(&run.rig, "vgw")->engine;
    const struct rib_counts *counts =
        &rib_source_get(engine_rib(vgw), engine_neighbor_source(vgw, 1))->counts;
    CHECK(counts->accepted == 1 && counts->refused == 100 && counts->discarded > 0);
    check_complaint(&run, "");
    run_done(&run);
}

/* An internal session (trap T25: one AS on both sides) prepends nothing. */
static void internal_sessions_are_held_to_their_own_rules(void)
{
    struct run run = run_with(rig_with(rig_with(rig_site, "asn: 64600", "asn: 65010"),
                                       "announce: [10.20.0.0/16]",
                                       "announce: [{prefix: 10.20.0.0/16, as_path: [65077]}]"),
                              &(struct sim_options){.seed = 3, .audit = true});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    check_complaint(&run, "");
    run_done(&run);
}

/* Policies at both ends: what is told and what is heard differ as they say, and in nothing else. */
static void policies_explain_what_differs(void)
{
    char text[8192];
    snprintf(text, sizeof text, "%s",
             rig_with(rig_incident, "    guard: warn\n",
                      "    guard: warn\n    on_export: {med: 50, prepend: 2, add_communities: "
                      "[65000:7]}\n    on_import: {local_preference: 200, add_communities: "
                      "[65000:8]}\n"));
    const char *both =
        rig_with(text, "announce: [10.20.0.0/16]",
                 "announce: [10.20.0.0/16], neighbors: [{address: 169.254.252.30, on_import: "
                 "{remove_communities: [65000:7], local_preference: 90}, on_export: "
                 "{prepend: 1}}]");
    struct run run = run_with(both, &(struct sim_options){.seed = 3, .audit = true});
    CHECK_EQUAL(sim_run_story(run.sim), SIM_SETTLED);
    check_complaint(&run, "");
    struct event event = {.kind = EVENT_POLICY,
                          .at_us = sim_now_us(run.sim),
                          .policy = {.attachment = 1, .export = true, .edit = {.prepend = 1}}};
    engine_step(rig_node(&run.rig, "vgw-main")->engine, &event); /* nothing of it is sent */
    check_complaint(&run, "a neighbor has heard of a route with other attributes than it is told");
    event.policy.edit = (struct route_edit){.prepend = 2, .med = 50, .has_med = true};
    engine_step(rig_node(&run.rig, "vgw-main")->engine, &event);
    check_complaint(&run, ""); /* the community is taken out on the other side */
    event.policy.edit.add[event.policy.edit.add_count++] = 65000u << 16 | 9;
    engine_step(rig_node(&run.rig, "vgw-main")->engine, &event);
    check_complaint(&run, "a neighbor has heard of a route with other attributes than it is told");
    run_done(&run);
}

int main(void)
{
    TEST(a_world_at_rest_is_at_one_with_itself);
    TEST(a_route_that_never_arrived_is_found);
    TEST(a_route_that_was_never_taken_back_is_found);
    TEST(a_route_with_old_attributes_is_found);
    TEST(a_path_of_another_length_is_found);
    TEST(a_route_that_nobody_has_is_found);
    TEST(a_kernel_that_lags_behind_is_found);
    TEST(a_session_with_one_end_is_found);
    TEST(refused_routes_are_heard_and_those_beyond_limits_counted);
    TEST(internal_sessions_are_held_to_their_own_rules);
    TEST(policies_explain_what_differs);
    return harness_done();
}
