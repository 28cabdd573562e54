/* TCP between a gateway and a site over a connection without IPsec, in exact time: the way takes
 * WAY_US, nothing is late. The site's router begins its session a second after it has booted. */
#include "sim/sim_rig.h"

enum {
    WAY_US = 1000 + 20 + 30 + 20, /* the underlay; the port, the tunnel, the outer port */
    BACK_US = 1000 + 20 + 30,     /* a gateway's outer packets ask no table */
    START_US = 1013 * MS,         /* platform.c: session_restart of FRR, its least */
};

static const char *plain(void)
{
    return rig_with(rig_site, "    tunnels:\n", "    ipsec: none\n    tunnels:\n");
}

/* The site's way out is cut: what it sends is lost, what it is sent arrives. */
static void cut(struct run *run, bool up)
{
    rig_node(&run->rig, "site")->ports[1].up = up;
}

static const struct tcp_end *end_at(const struct run *run, const char *node)
{
    for (uint32_t i = 1; i <= run->sim->tcp_count; i++) {
        for (int end = 0; run->sim->tcps[i].used && end < 2; end++) {
            if (run->sim->tcps[i].ends[end].state != TCP_NONE &&
                run->sim->tcps[i].ends[end].node == run_node(run, node))
                return &run->sim->tcps[i].ends[end];
        }
    }
    return NULL;
}

static void a_connection_opens_in_three_segments(void)
{
    struct run run = run_exactly(plain());
    struct watched seen[8];
    size_t count = run_watch(&run, 1100 * MS, HAPPENS_SEGMENT, NULL, seen, 8);
    CHECK(count >= 4);
    CHECK(seen[0].segment == SEGMENT_SYN && seen[1].segment == SEGMENT_SYN_ACK);
    CHECK_EQUAL(seen[0].at_us, START_US + WAY_US);
    CHECK_EQUAL(seen[1].at_us, START_US + WAY_US + BACK_US);
    CHECK(seen[2].segment == SEGMENT_ACK && seen[3].segment == SEGMENT_BYTES); /* its OPEN */
    CHECK_EQUAL(seen[3].at_us, START_US + 2 * WAY_US + BACK_US);
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

/* With one direction dead, one flight still passes in the other; its acknowledgment is lost, and
 * it alone is repeated, after 0.2 s, 0.4 s, 0.8 s, ... (RFC 6298 5.5). */
static void one_flight_passes_then_it_is_repeated_ever_more_slowly(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 15 * SECOND);
    cut(&run, false);
    struct watched seen[16];
    size_t count = run_watch(&run, 36 * SECOND, HAPPENS_SEGMENT, "site", seen, 16);
    int64_t gap_us = 200 * MS;
    CHECK(count >= 7);
    for (size_t i = 1; i < 7; i++) {
        CHECK_EQUAL(seen[i].at_us - seen[i - 1].at_us, gap_us);
        CHECK(seen[i].segment == SEGMENT_BYTES && seen[i].size == seen[0].size);
        gap_us *= 2;
    }
    CHECK_EQUAL(seen[0].size, 19); /* a keepalive; the next one waits behind it */
    const struct tcp_end *vgw = end_at(&run, "vgw");
    CHECK(vgw && vgw->in_flight == 19 && vgw->size == 38);
    run_done(&run);
}

static void what_waited_goes_in_the_next_flight(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 15 * SECOND);
    cut(&run, false);
    sim_run(run.sim, 32 * SECOND); /* two keepalives of the gateway's */
    cut(&run, true);
    struct watched seen[16];
    size_t count = run_watch(&run, 39 * SECOND, HAPPENS_SEGMENT, "site", seen, 16);
    size_t i = 0;
    while (i < count && seen[i].segment != SEGMENT_BYTES)
        i++;
    CHECK(i < count && seen[i].size == 19); /* the repeated one, */
    while (++i < count && seen[i].segment != SEGMENT_BYTES)
        ;
    CHECK(i < count && seen[i].size == 19); /* and what had waited */
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    const struct tcp_end *vgw = end_at(&run, "vgw");
    CHECK(vgw && vgw->size == 0 && vgw->timer == 0);
    run_done(&run);
}

static void a_syn_is_repeated_after_1_2_4_seconds(void)
{
    struct run run = run_exactly(
        rig_with(plain(), "bgp: {asn: 65010,", "bgp: {asn: 65010, timers: {connect_retry: 300s},"));
    sim_run(run.sim, 0);
    rig_node(&run.rig, "vgw")->failed = true;
    struct watched seen[16];
    size_t count = run_watch(&run, 200 * SECOND, HAPPENS_TCP, "site", seen, 16);
    CHECK_EQUAL((int64_t)count, 7); /* six more; with the seventh it is given up */
    int64_t at_us = START_US;
    for (size_t i = 0; i < count; i++) {
        at_us += (int64_t)SECOND << i;
        CHECK_EQUAL(seen[i].at_us, at_us);
    }
    CHECK(end_at(&run, "site") == NULL);
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ACTIVE); /* the session heard of it */
    run_done(&run);
}

static void a_closed_end_repeats_its_farewell_as_an_orphan(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    cut(&run, false);
    struct event halt = {.kind = EVENT_HALT, .connection = {.neighbor = 1}};
    sim_step_engine(run.sim, run_node(&run, "vgw"), &halt);
    const struct tcp_end *vgw = end_at(&run, "vgw");
    CHECK(vgw && vgw->state == TCP_ORPHAN && vgw->in_flight == vgw->size);
    struct watched seen[16];
    size_t count = run_watch(&run, 100 * SECOND, HAPPENS_SEGMENT, "site", seen, 16);
    CHECK_EQUAL((int64_t)count, 8); /* tcp_orphan_retries: sent once and repeated seven times */
    CHECK_EQUAL(seen[7].at_us - seen[0].at_us, 200 * MS * 127);
    CHECK_EQUAL(run_when(&run, MOMENT_SESSION_DOWN, "site", 12 * SECOND), 12 * SECOND + BACK_US);
    CHECK(end_at(&run, "vgw") == NULL);
    run_done(&run);
}

/* Nobody will ever read what comes: RFC 1122 4.2.2.13. */
static void an_orphan_that_is_spoken_to_answers_with_a_reset(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    cut(&run, false);
    sim_run(run.sim, 39 * SECOND); /* the site has something that is not acknowledged */
    struct event halt = {.kind = EVENT_HALT, .connection = {.neighbor = 1}};
    sim_step_engine(run.sim, run_node(&run, "vgw"), &halt);
    cut(&run, true);
    struct watched heard[8], seen[8];
    const struct heap_entry *first;
    size_t at = 0;
    while (at == 0 &&
           (first = heap_first(&run.sim->queue))) /* what it is told, for the first time */
        at = run_watch(&run, first->when_us, HAPPENS_SEGMENT, "vgw", heard, 8);
    CHECK(at > 0 && heard[0].segment == SEGMENT_BYTES);
    CHECK(end_at(&run, "vgw") == NULL || end_at(&run, "vgw")->state != TCP_ORPHAN);
    size_t count = run_watch(&run, heard[0].at_us + BACK_US, HAPPENS_SEGMENT, "site", seen, 8);
    CHECK(count > 0 && seen[count - 1].segment == SEGMENT_RST);
    run_done(&run);
}

static void a_peer_that_has_forgotten_resets(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    sim_shut_down(run.sim, run_node(&run, "vgw"));
    sim_boot(run.sim, run_node(&run, "vgw"), 13 * SECOND);
    struct watched seen[8];
    int64_t asked_us = START_US + 20 * SECOND; /* the site's second keepalive meets nobody */
    size_t count = run_watch(&run, asked_us + 100 * MS, HAPPENS_SEGMENT, "site", seen, 8);
    CHECK(count == 1 && seen[0].segment == SEGMENT_RST);
    CHECK(run_when(&run, MOMENT_SESSION_DOWN, "site", 13 * SECOND) > 0);
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    run_done(&run);
}

/* A second connection from the neighbor, while the first is only answered, takes its place. */
static void a_new_connection_takes_an_unheard_ones_place(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, START_US + WAY_US); /* the gateway has answered the SYN */
    CHECK(end_at(&run, "vgw") && end_at(&run, "vgw")->state == TCP_SYN_RECEIVED);
    struct event_connection out = {.neighbor = 1, .slot = BGP_OUT};
    tcp_close(run.sim, run_node(&run, "site"), out);
    tcp_connect(run.sim, run_node(&run, "site"), 1);
    sim_run(run.sim, 5 * SECOND);
    CHECK_EQUAL(run_session(&run, "site", 1), SESSION_ESTABLISHED);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    run_done(&run);
}

/* The next segment of a kind on its way to a node, taken out of the world. */
static struct happening catch_segment(struct run *run, const char *node, enum segment_kind kind)
{
    struct sim *sim = run->sim;
    const struct heap_entry *first;
    while ((first = heap_first(&sim->queue))) {
        struct happening next = *(struct happening *)pool_get(&sim->happenings, first->id);
        uint32_t id = first->id;
        if (next.kind == HAPPENS_SEGMENT && next.node == run_node(run, node) &&
            next.segment.kind == kind) {
            sim_cancel(sim, &id);
            return next;
        }
        sim_next(sim, INT64_MAX);
    }
    CHECK(!"there is such a segment");
    return (struct happening){0};
}

/* And so it is when the gateway's session has begun to talk on the first: what still happens to
 * that one is nothing to the session. The site boots anew so fast that it never resets it. */
static void a_new_connection_takes_a_used_ones_place(void)
{
    struct run run =
        run_exactly(rig_and(rig_with(plain(), "platform: sekisho",
                                     "platform: sekisho, latency: {session_restart: 50ms}"),
                            "    latency: {session_restart: 100ms}\n"));
    struct happening caught = catch_segment(&run, "vgw", SEGMENT_BYTES); /* its OPEN is lost */
    free(caught.segment.bytes);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_OPEN_SENT);
    sim_shut_down(run.sim, run_node(&run, "site"));
    sim_boot(run.sim, run_node(&run, "site"), 750 * MS); /* 0.2 s and 0.6 s met nobody */
    sim_run(run.sim, SECOND);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    run_done(&run);
}

/* Also when the session had gone further on the first: it does not fall back to Idle. */
static void a_new_connection_takes_a_confirmed_ones_place(void)
{
    struct run run =
        run_exactly(rig_and(rig_with(plain(), "platform: sekisho",
                                     "platform: sekisho, latency: {session_restart: 50ms}"),
                            "    latency: {session_restart: 100ms}\n"));
    sim_run(run.sim, 100 * MS + 2 * WAY_US + BACK_US);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_OPEN_CONFIRM);
    sim_shut_down(run.sim, run_node(&run, "site"));
    sim_boot(run.sim, run_node(&run, "site"), 750 * MS);
    sim_run(run.sim, SECOND);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    sim_run(run.sim, 30 * SECOND);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    run_done(&run);
}

static void a_segment_that_reaches_another_node_is_not_heard(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    struct happening caught = catch_segment(&run, "vgw", SEGMENT_BYTES);
    uint64_t expected = end_at(&run, "vgw")->expected;
    tcp_arrive(run.sim, &caught.segment, run_node(&run, "site"));
    CHECK(end_at(&run, "vgw")->expected == expected);
    tcp_arrive(run.sim, &caught.segment, run_node(&run, "vgw"));
    CHECK(end_at(&run, "vgw")->expected == expected + caught.segment.size);
    free(caught.segment.bytes);
    run_done(&run);
}

/* A connection's place is used again; what was meant for the former one does not reach it. */
static void a_former_connections_segment_is_void(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    struct happening caught = catch_segment(&run, "vgw", SEGMENT_BYTES);
    struct event halt = {.kind = EVENT_HALT, .connection = {.neighbor = 1}};
    struct event start = {.kind = EVENT_START, .connection = {.neighbor = 1}};
    sim_step_engine(run.sim, run_node(&run, "site"), &halt);
    sim_step_engine(run.sim, run_node(&run, "site"), &start);
    sim_run(run.sim, 100 * SECOND);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    CHECK(run.sim->tcps[caught.segment.connection].used);
    caught.segment.kind = SEGMENT_RST;
    int64_t since_us = sim_now_us(run.sim);
    tcp_arrive(run.sim, &caught.segment, run_node(&run, "vgw"));
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, since_us), 0);
    free(caught.segment.bytes);
    run_done(&run);
}

/* Every segment arrives twice, the copy later, between others of its stream. */
static void copies_that_come_late_change_nothing(void)
{
    struct run run = run_exactly(plain());
    struct sim *sim = run.sim;
    const struct heap_entry *first;
    unsigned copies = 0;
    while ((first = heap_first(&sim->queue)) && first->when_us <= 60 * SECOND) {
        struct happening copy = *(struct happening *)pool_get(&sim->happenings, first->id);
        int64_t at_us = first->when_us;
        bool again = copy.kind == HAPPENS_SEGMENT && copy.step == 0;
        if (again && copy.segment.bytes) {
            uint8_t *bytes = malloc(copy.segment.size);
            memcpy(bytes, copy.segment.bytes, copy.segment.size);
            copy.segment.bytes = bytes;
        }
        copy.step = 1;
        if (again)
            sim_at(sim, at_us + 700 + 1500 * (copies++ % 3), &copy);
        sim_next(sim, 60 * SECOND);
    }
    CHECK(copies > 20);
    CHECK_EQUAL(run_moments(&run, MOMENT_SESSION_DOWN, NULL, 0), 0);
    CHECK_EQUAL(run_session(&run, "vgw", 1), SESSION_ESTABLISHED);
    const struct rib *rib = engine_rib(rig_node(&run.rig, "vgw")->engine);
    CHECK(rib_find(rib, (struct prefix){RIG_IP(10, 20, 0, 0), 16}) != 0);
    run_done(&run);
}

/* Linux's timer wheel: never early, and late by no more than the granule of its level. (Each way
 * takes up to 0.2 ms more.) */
static void timers_are_late_as_linuxs_are(void)
{
    static const int64_t granules_us[] = {4 * MS, 32 * MS, 32 * MS, 32 * MS, 256 * MS, 256 * MS};
    int64_t latest_us[6] = {0};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct run run = run_with(plain(), &(struct sim_options){.seed = seed});
        sim_run(run.sim, 60 * SECOND);
        cut(&run, false);
        struct watched seen[16];
        size_t count = run_watch(&run, 90 * SECOND, HAPPENS_SEGMENT, "site", seen, 16);
        for (size_t i = 0; i < 6 && i + 1 < count; i++) {
            int64_t late_us = seen[i + 1].at_us - seen[i].at_us - (200 * MS << i);
            CHECK(late_us >= -200 && late_us <= granules_us[i] + 200);
            if (late_us > latest_us[i])
                latest_us[i] = late_us;
        }
        run_done(&run);
    }
    for (size_t i = 0; i < 6; i++)
        CHECK(latest_us[i] > granules_us[i] * 3 / 4);
}

/* More than a flight: 65536 bytes and the rest, and all of it arrives in order. */
static void a_long_stream_goes_flight_by_flight(void)
{
    static char text[1 << 19];
    size_t at = (size_t)snprintf(text, sizeof text, "%s", plain());
    char *list = strstr(text, "[10.20.0.0/16]");
    at = (size_t)(list - text);
    at += (size_t)snprintf(text + at, sizeof text - at, "[10.20.0.0/16");
    for (unsigned i = 0; i < 2500; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, ", {prefix: 10.%u.%u.0/24, med: %u}",
                               100 + i / 200, i % 200, i);
    snprintf(text + at, sizeof text - at, "]}\n");
    char *limits = strstr(text, "asn: 64600,");
    struct network *network = rig_parse(text);
    CHECK(limits != NULL);
    network->vpn_gateways[0].limits.vpn_received = 10000;
    struct world *world = network_build(network);
    struct sim *sim = sim_create(world, network, &(struct sim_options){.seed = 1});
    sim_run(sim, 60 * SECOND);
    const struct node *vgw = &world->nodes[world_find_node(world, "vgw")];
    struct source_id source = engine_neighbor_source(vgw->engine, 1);
    CHECK_EQUAL(rib_source_get(engine_rib(vgw->engine), source)->counts.accepted, 2501);
    CHECK(sim_complaint(sim) == NULL);
    sim_destroy(sim);
    world_destroy(world);
    network_free(network);
}

static void a_node_that_goes_takes_its_ends_along(void)
{
    struct run run = run_exactly(plain());
    sim_run(run.sim, 12 * SECOND);
    CHECK(end_at(&run, "site") != NULL);
    sim_shut_down(run.sim, run_node(&run, "site"));
    CHECK(end_at(&run, "site") == NULL || end_at(&run, "site")->state == TCP_GONE);
    sim_run(run.sim, 200 * SECOND); /* the other end repeats and gives up, or its session does */
    CHECK(end_at(&run, "vgw") == NULL);
    CHECK(run_when(&run, MOMENT_SESSION_DOWN, "vgw", 12 * SECOND) > 0);
    run_done(&run);
}

int main(void)
{
    TEST(a_connection_opens_in_three_segments);
    TEST(one_flight_passes_then_it_is_repeated_ever_more_slowly);
    TEST(what_waited_goes_in_the_next_flight);
    TEST(a_syn_is_repeated_after_1_2_4_seconds);
    TEST(a_closed_end_repeats_its_farewell_as_an_orphan);
    TEST(an_orphan_that_is_spoken_to_answers_with_a_reset);
    TEST(a_peer_that_has_forgotten_resets);
    TEST(a_new_connection_takes_an_unheard_ones_place);
    TEST(a_new_connection_takes_a_used_ones_place);
    TEST(a_new_connection_takes_a_confirmed_ones_place);
    TEST(a_segment_that_reaches_another_node_is_not_heard);
    TEST(a_former_connections_segment_is_void);
    TEST(copies_that_come_late_change_nothing);
    TEST(timers_are_late_as_linuxs_are);
    TEST(a_long_stream_goes_flight_by_flight);
    TEST(a_node_that_goes_takes_its_ends_along);
    return harness_done();
}
