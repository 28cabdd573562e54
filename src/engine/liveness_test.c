/* BFD between a gateway and a site: what it costs a session, and what it spares it. */
#include "engine/test_gate.h"
#include "engine/test_pair.h"

enum { GATEWAY, SITE };

static struct event_neighbor end_of(int end, bool bfd)
{
    return (struct event_neighbor){.neighbor = 1,
                                   .attachment = 1,
                                   .interface = 1,
                                   .local_addr = 0xa9fe6401u + (unsigned)end,
                                   .peer_addr = 0xa9fe6402u - (unsigned)end,
                                   .peer_asn = end == 0 ? 65001 : GATE_ASN,
                                   .hold_s = 90,
                                   .keepalive_s = 30,
                                   .connect_retry_s = 5,
                                   .bfd_interval_us = bfd ? 300 * MS : 0,
                                   .bfd_multiplier = 3,
                                   .passive = end == 0};
}

static void begin(bool here, bool there)
{
    lab_prng = prng_seed(3);
    lab_add(rig_config(&lab[GATEWAY], PLATFORM_SEKISHO, GATE_ASN));
    lab_add(rig_config(&lab[SITE], PLATFORM_BIRD, 65001));
    say_attachment(&lab[GATEWAY],
                   (struct event_attachment){.attachment = 1, .kind = ATTACHMENT_DX});
    say_attachment(&lab[SITE], (struct event_attachment){.attachment = 1});
    lab_cable(GATEWAY, end_of(0, here), SITE, end_of(1, there));
    say_announce(&lab[SITE], "10.20.0.0/16");
    lab_pass(10 * S);
    CHECK_EQUAL(engine_session(lab[GATEWAY].engine, 1)->state, SESSION_ESTABLISHED);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "via 169.254.100.2 on 1, ebgp 1");
}

static uint8_t bfd_state(int rig)
{
    return engine_bfd(lab[rig].engine, 1)->state;
}

static void a_dead_way_ends_the_session_in_a_second(void)
{
    begin(true, true);
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_UP);
    CHECK_EQUAL(bfd_state(SITE), BFD_UP);
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_BFD_UP), 1);
    cables[0].dark = true;
    lab_pass(S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "none");
    CHECK_EQUAL(rig_note(&lab[GATEWAY], NOTE_BFD_DOWN).reason, BFD_DIAG_EXPIRED);
    CHECK_EQUAL(rig_note(&lab[GATEWAY], NOTE_SESSION_DOWN).reason, BGP_DOWN_BFD);
    const struct bgp_session *session = engine_session(lab[SITE].engine, 1);
    CHECK_EQUAL(session->last_reason, BGP_DOWN_BFD);
    CHECK_EQUAL(session->last_code, BGP_ERROR_CEASE);
    CHECK_EQUAL(session->last_subcode, BGP_CEASE_BFD_DOWN);
    cables[0].dark = false;
    lab_pass(20 * S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "via 169.254.100.2 on 1, ebgp 1");
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_UP);
    lab_finish();
}

static void without_it_the_hold_time_must_pass(void)
{
    begin(false, false);
    CHECK(engine_bfd(lab[GATEWAY].engine, 1) == NULL);
    cables[0].dark = true;
    lab_pass(60 * S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "via 169.254.100.2 on 1, ebgp 1");
    lab_pass(31 * S);
    CHECK_TEXT(rig_entry(&lab[GATEWAY], "10.20.0.0/16"), "none");
    CHECK_EQUAL(rig_note(&lab[GATEWAY], NOTE_SESSION_DOWN).reason, BGP_DOWN_HOLD_TIMER);
    lab_finish();
}

/* RFC 5882 4.1: a neighbor that has no BFD is none the worse for ours. */
static void one_end_alone_does_no_harm(void)
{
    begin(true, false);
    lab_pass(600 * (int64_t)S);
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_DOWN);
    CHECK_EQUAL(engine_session(lab[GATEWAY].engine, 1)->state, SESSION_ESTABLISHED);
    CHECK_EQUAL(rig_notes(&lab[GATEWAY], NOTE_BFD_DOWN), 0);
    lab_finish();
}

static void who_stops_by_hand_stops_its_bfd(void)
{
    begin(true, true);
    say_connection(&lab[SITE], EVENT_HALT, 1, 0);
    lab_pass(10 * S);
    CHECK_EQUAL(bfd_state(SITE), BFD_ADMIN_DOWN);
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_DOWN);
    CHECK_EQUAL(rig_note(&lab[GATEWAY], NOTE_SESSION_DOWN).reason, BGP_DOWN_NOTIFICATION);
    say_connection(&lab[SITE], EVENT_START, 1, 0);
    lab_pass(10 * S);
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_UP);
    CHECK_EQUAL(engine_session(lab[GATEWAY].engine, 1)->state, SESSION_ESTABLISHED);
    lab_finish();
}

/* A reload that changes a neighbor changes its BFD. */
static void a_changed_neighbor_has_the_bfd_it_is_said_to_have(void)
{
    begin(true, true);
    say_connection(&lab[GATEWAY], EVENT_HALT, 1, 0);
    lab_pass(10 * S);
    say_neighbor(&lab[GATEWAY], end_of(0, false));
    CHECK(engine_bfd(lab[GATEWAY].engine, 1) == NULL);
    struct event_neighbor slower = end_of(0, true);
    slower.bfd_interval_us = 900 * MS;
    say_neighbor(&lab[GATEWAY], slower);
    CHECK_EQUAL(engine_bfd(lab[GATEWAY].engine, 1)->config.interval_us, 900 * MS);
    say_connection(&lab[GATEWAY], EVENT_START, 1, 0);
    lab_pass(10 * S);
    CHECK_EQUAL(bfd_state(GATEWAY), BFD_UP);
    CHECK_EQUAL(engine_bfd(lab[SITE].engine, 1)->detection_us, 2700 * MS);
    lab_finish();
}

/* A driver in the middle of a long round asks for BFD's time alone: its packets go out, and whoever
 * has fallen silent is missed; no session's timer is looked at and nothing is decided. */
static void its_time_passes_apart_from_the_sessions(void)
{
    begin(true, true);
    struct engine *engine = lab[GATEWAY].engine;
    const struct bfd_end *end = engine_bfd(engine, 1);
    CHECK_EQUAL(engine_bfd_deadline_us(engine), bfd_deadline_us(end));
    struct event time = {.kind = EVENT_BFD_TIME, .at_us = end->detect_us - 1};
    struct step step = engine_step(engine, &time);
    CHECK_EQUAL(step.effect_count, 1);
    CHECK_EQUAL(step.effects[0].kind, EFFECT_BFD_SEND);
    CHECK(engine_bfd_deadline_us(engine) > time.at_us);
    time.at_us += 10 * S;
    step = engine_step(engine, &time);
    CHECK_EQUAL(end->state, BFD_DOWN);
    CHECK_EQUAL(engine_session(engine, 1)->last_reason, BGP_DOWN_BFD);
    lab_finish();
    begin(true, false);
    engine = lab[GATEWAY].engine;
    time.at_us = lab[GATEWAY].now_us + 200 * (int64_t)S; /* longer than the hold time */
    step = engine_step(engine, &time);
    CHECK_EQUAL(engine_session(engine, 1)->state, SESSION_ESTABLISHED);
    time.kind = EVENT_TIME;
    step = engine_step(engine, &time);
    CHECK_EQUAL(engine_session(engine, 1)->last_reason, BGP_DOWN_HOLD_TIMER);
    lab_finish();
}

static void a_discriminator_is_somebodys(void)
{
    begin(true, true);
    const struct engine *engine = lab[GATEWAY].engine;
    uint32_t discriminator = engine_bfd(engine, 1)->config.discriminator;
    CHECK_EQUAL(engine_bfd_of(engine, discriminator), 1);
    CHECK_EQUAL(engine_bfd_of(engine, discriminator + 1), 0);
    CHECK_EQUAL(engine_bfd_of(engine, discriminator ^ 1 << 16), 0);
    CHECK_EQUAL(engine_bfd_of(engine, 0), 0);
    lab_finish();
    begin(false, true);
    CHECK_EQUAL(engine_bfd_of(lab[GATEWAY].engine, discriminator), 0);
    CHECK_EQUAL(engine_bfd_deadline_us(lab[GATEWAY].engine), ENGINE_NEVER);
    lab_finish();
}

/* However much there is to say elsewhere: a datagram is a step that looks at one neighbor. */
static void a_thousand_neighbors_keep_their_interval(void)
{
    enum { MANY = 1000 };
    struct rig *rig = &lab[0];
    rig_start(rig, rig_config(rig, PLATFORM_SEKISHO, GATE_ASN));
    lab_rig_count = 1;
    rig->unaudited = true;
    for (uint16_t i = 1; i <= MANY; i++) {
        struct event_neighbor neighbor = end_of(0, true);
        neighbor.neighbor = neighbor.attachment = neighbor.interface = i;
        neighbor.local_addr += (ip_addr)i << 8;
        neighbor.peer_addr += (ip_addr)i << 8;
        say_attachment(rig, (struct event_attachment){.attachment = i, .kind = ATTACHMENT_DX});
        say_neighbor(rig, neighbor);
        say_connection(rig, EVENT_START, i, 0);
    }
    uint32_t sent = 0;
    struct event time = {.kind = EVENT_TIME};
    size_t used_bytes = engine_used_bytes(rig->engine);
    for (int64_t end_us = rig->now_us + 10 * S; rig->wake_at_us <= end_us;) {
        rig->now_us = time.at_us = rig->wake_at_us;
        struct step step = engine_step(rig->engine, &time);
        rig->wake_at_us = step.wake_at_us;
        for (uint32_t i = 0; i < step.effect_count; i++) {
            uint8_t packet[BFD_PACKET_BYTES];
            CHECK_EQUAL(step.effects[i].kind, EFFECT_BFD_SEND);
            uint16_t to = step.effects[i].connection.neighbor;
            sent += engine_pull_bfd(rig->engine, to, packet, sizeof packet) > 0;
        }
    }
    CHECK(sent >= 10 * MANY && sent <= 14 * MANY); /* 0.75 to 1 s apart: nobody answers */
    CHECK_EQUAL((int64_t)(engine_used_bytes(rig->engine) - used_bytes), 0);
    rig_audit(rig);
    lab_finish();
}

int main(void)
{
    TEST(a_dead_way_ends_the_session_in_a_second);
    TEST(without_it_the_hold_time_must_pass);
    TEST(one_end_alone_does_no_harm);
    TEST(who_stops_by_hand_stops_its_bfd);
    TEST(a_changed_neighbor_has_the_bfd_it_is_said_to_have);
    TEST(its_time_passes_apart_from_the_sessions);
    TEST(a_discriminator_is_somebodys);
    TEST(a_thousand_neighbors_keep_their_interval);
    return harness_done();
}
