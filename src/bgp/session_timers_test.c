/* The timers, exact to the microsecond, and what a session costs. */
#include "bgp/session_rig.h"

static struct rig rig;

static void begin_with(struct session_config config)
{
    rig_init(&rig, &config);
}

static void open_with_hold(enum bgp_slot which, uint16_t hold_s)
{
    struct bgp_open open = peer_open();
    open.hold_time_s = hold_s;
    to_open_sent(&rig, which);
    hear(&rig, which, open_message(&open));
    hear(&rig, which, keepalive());
}

static void the_smaller_hold_time_is_taken(void) /* RFC 4271 4.2 */
{
    struct {
        uint16_t ours, theirs, configured, hold_s, keepalive_s;
    } cases[] = {
        {30, 90, 10, 30, 10}, {90, 30, 0, 30, 10},     {9, 180, 0, 9, 3},
        {10, 10, 0, 10, 3},   {180, 180, 60, 180, 60}, {30, 30, 30, 30, 10},
        {30, 30, 4, 30, 4},   {3, 3, 0, 3, 1},         {5, 240, 0, 5, 1},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_config config = rig_config();
        config.hold_s = cases[i].ours;
        config.keepalive_s = cases[i].configured;
        begin_with(config);
        rig.now_us = 100;
        open_with_hold(BGP_OUT, cases[i].theirs);
        CHECK_EQUAL(session_terms(&rig.session)->hold_s, cases[i].hold_s);
        CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, 100 + (int64_t)cases[i].hold_s * S);
        CHECK_EQUAL(rig.session.slots[BGP_OUT].keepalive_us,
                    100 + (int64_t)cases[i].keepalive_s * S);
        rig_done(&rig);
    }
}

static void hold_zero_disables_both(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct session_config config = rig_config();
        config.hold_s = i == 0 ? 0 : 30;
        begin_with(config);
        open_with_hold(BGP_OUT, i == 0 ? 30 : 0);
        CHECK_TEXT(state_of(&rig), "Established");
        CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
        hear(&rig, BGP_OUT, keepalive());
        CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
        rig_done(&rig);
    }
}

static void the_send_hold_time_is_long(void) /* RFC 9687 */
{
    static const struct {
        uint16_t hold_s;
        int64_t send_hold_us;
    } cases[] = {{3, 480 * S},
                 {180, 480 * S},
                 {240, 480 * S},
                 {241, 482 * S},
                 {65535, (int64_t)131070 * S},
                 {0, SESSION_NEVER}};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct session_config config = rig_config();
        config.hold_s = cases[i].hold_s;
        begin_with(config);
        CHECK_EQUAL(session_send_hold_us(&rig.session), SESSION_NEVER);
        open_with_hold(BGP_OUT, 65535);
        CHECK_TEXT(state_of(&rig), "Established");
        CHECK_EQUAL(session_send_hold_us(&rig.session), cases[i].send_hold_us);
        rig_done(&rig);
    }
}

static void idle_hold_then_starts_by_itself(void)
{
    struct session_config config = rig_config();
    config.idle_hold_us = 1234567;
    begin_with(config);
    rig.now_us = 10 * S;
    to_established(&rig, BGP_OUT);
    rig.now_us = 20 * S;
    closed(&rig, BGP_OUT);
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(rig.session.since_us, 20 * S);
    at_us(&rig, 20 * S + 1234566);
    CHECK_TEXT(said(&rig), "");
    CHECK(!session_accepts(&rig.session));
    at_us(&rig, 20 * S + 1234567);
    CHECK_TEXT(said(&rig), "connect");
    CHECK(session_accepts(&rig.session));
    rig_done(&rig);
}

static void start_in_idle_hold_does_not_wait(void)
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    closed(&rig, BGP_OUT);
    start(&rig);
    CHECK_TEXT(said(&rig), "connect");
    rig_done(&rig);
}

static void stop_in_idle_hold_stays_idle(void)
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    closed(&rig, BGP_OUT);
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_SHUTDOWN, (struct slice){0});
    CHECK_TEXT(said(&rig), "");
    CHECK(!rig.session.started);
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    rig_done(&rig);
}

static void first_updates_wait(void)
{
    struct session_config config = rig_config();
    config.first_update_delay_us = 1 * S;
    begin_with(config);
    to_established(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "established(out)");
    CHECK(!rig.session.ready);
    CHECK_EQUAL(session_deadline_us(&rig.session), 1 * S);
    at_us(&rig, 1 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 1 * S);
    CHECK_TEXT(said(&rig), "ready");
    CHECK(rig.session.ready);
    at_us(&rig, 1 * S);
    CHECK_TEXT(said(&rig), "");
    closed(&rig, BGP_OUT); /* and anew with the next session */
    at_us(&rig, 2 * S);
    to_established(&rig, BGP_OUT);
    CHECK(!rig.session.ready);
    closed(&rig, BGP_OUT); /* ended before it was ready: never said */
    at_us(&rig, 3 * S);
    CHECK_TEXT(said(&rig), "connect");
    CHECK(session_deadline_us(&rig.session) > 4 * S);
    rig_done(&rig);
}

static void deadlines_come_in_order(void) /* however late the caller is */
{
    struct session_config config = rig_config();
    config.first_update_delay_us = 1 * S;
    begin_with(config);
    to_established(&rig, BGP_OUT);
    at_us(&rig, 1000 * S);
    CHECK_TEXT(said(&rig), "ready");
    at_us(&rig, 1000 * S);
    CHECK_TEXT(said(&rig), "send(out)"); /* keepalive of 10 s */
    at_us(&rig, 1000 * S);
    CHECK_TEXT(said(&rig),
               "send(out) close(out hold-timer-expired) down(hold-timer-expired 4/0 established)");
    CHECK_EQUAL(session_deadline_us(&rig.session), 1001 * S);
    rig_done(&rig);
}

static void hold_counts_from_the_last_keepalive_or_update(void)
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    for (int64_t moment_us = 1; moment_us < 100 * S; moment_us += 7 * S) {
        rig.now_us = moment_us;
        hear(&rig, BGP_OUT, moment_us % 2 ? keepalive() : end_of_rib());
        CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, moment_us + 30 * S);
    }
    uint8_t half[10];
    memcpy(half, keepalive().data, sizeof half); /* a piece is not a message */
    int64_t hold_us = rig.session.slots[BGP_OUT].hold_us;
    rig.now_us += 1;
    hear(&rig, BGP_OUT, (struct slice){half, sizeof half});
    CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, hold_us);
    rig_done(&rig);
}

static void updates_restart_keepalives_where_configured(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct session_config config = rig_config();
        config.update_restarts_keepalive = i == 1;
        begin_with(config);
        session_updates_sent(&rig.session, rig_turn(&rig)); /* not Established: nothing */
        CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
        to_established(&rig, BGP_OUT);
        rig.now_us = 4 * S;
        session_updates_sent(&rig.session, rig_turn(&rig));
        CHECK_EQUAL(rig.session.slots[BGP_OUT].keepalive_us, i == 1 ? 14 * S : 10 * S);
        rig_done(&rig);
    }
}

/* RFC 4271 10: a factor between 0.75 and 1.0, spread over the whole range. */
static void jitter_shortens_by_at_most_its_share(void)
{
    struct session_config config = rig_config();
    config.jitter_percent = 25;
    begin_with(config);
    to_established(&rig, BGP_OUT);
    int64_t least_us = INT64_MAX, most_us = 0, moment_us = 0;
    for (unsigned i = 0; i < 2000; i++) {
        int64_t due_us = rig.session.slots[BGP_OUT].keepalive_us;
        int64_t interval_us = due_us - moment_us;
        least_us = interval_us < least_us ? interval_us : least_us;
        most_us = interval_us > most_us ? interval_us : most_us;
        moment_us = rig.now_us = due_us;
        hear(&rig, BGP_OUT, keepalive());
        at_us(&rig, due_us);
        CHECK_TEXT(said(&rig), "send(out)");
        CHECK_TEXT(pulled(&rig, BGP_OUT), "KEEPALIVE");
    }
    CHECK(least_us >= 7500000 && least_us < 7600000);
    CHECK(most_us <= 10 * S && most_us > 9900000);
    rig_done(&rig);
    begin_with(config);
    start(&rig);
    CHECK(rig.session.retry_us >= 7500000 && rig.session.retry_us <= 10 * S);
    rig_done(&rig);
}

/* Each message draws anew; where nothing is said of it, the hold time is what was negotiated. */
static void the_hold_timer_jitters_where_it_is_told_to(void)
{
    for (int jitters = 0; jitters < 2; jitters++) {
        struct session_config config = rig_config();
        config.jitter_percent = 25;
        config.hold_jitters = jitters;
        begin_with(config);
        to_established(&rig, BGP_OUT);
        int64_t least_us = INT64_MAX, most_us = 0;
        for (unsigned i = 0; i < 2000; i++) {
            hear(&rig, BGP_OUT, keepalive());
            int64_t left_us = rig.session.slots[BGP_OUT].hold_us - rig.now_us;
            least_us = left_us < least_us ? left_us : least_us;
            most_us = left_us > most_us ? left_us : most_us;
        }
        CHECK(jitters ? least_us >= 22500000 && least_us < 22800000 : least_us == 30 * S);
        CHECK(most_us <= 30 * S && most_us > 29700000);
        rig_done(&rig);
    }
}

static void keepalives_do_not_pile_up(void)
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    at_us(&rig, 10 * S);
    at_us(&rig, 20 * S);
    CHECK_TEXT(pulled(&rig, BGP_OUT), "KEEPALIVE");
    rig_done(&rig);
}

static void options_refused_means_a_plain_open_next(void) /* RFC 5492 3 */
{
    begin_with(rig_config());
    to_open_sent(&rig, BGP_OUT);
    uint8_t bytes[BGP_OPEN_MAX];
    size_t with = session_pull(&rig.session, &rig.budget, BGP_OUT, bytes, sizeof bytes);
    hear(&rig, BGP_OUT, notification(BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_PARAMETER));
    at_us(&rig, 1 * S);
    connected(&rig, BGP_OUT);
    size_t without = session_pull(&rig.session, &rig.budget, BGP_OUT, bytes, sizeof bytes);
    CHECK(with > BGP_OPEN_MIN);
    CHECK_EQUAL((int64_t)without, BGP_OPEN_MIN);
    hear(&rig, BGP_OUT, open_of_peer());
    hear(&rig, BGP_OUT, keepalive());
    CHECK_TEXT(state_of(&rig), "Established");
    CHECK(!session_terms(&rig.session)->four_octet_as);
    rig_done(&rig);
}

static void a_session_is_small(void)
{
    printf("# struct bgp_session: %zu bytes\n", sizeof(struct bgp_session));
    CHECK(sizeof(struct bgp_session) <= 448);
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    for (unsigned i = 0; i < 100; i++) {
        at_us(&rig, session_deadline_us(&rig.session));
        hear(&rig, BGP_OUT, keepalive());
    }
    CHECK_EQUAL((int64_t)rig.budget.peak_bytes, 0); /* nothing but itself */
    rig_done(&rig);
}

static void a_cut_message_costs_its_own_size(void)
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    struct slice update = end_of_rib();
    size_t taken =
        session_bytes(&rig.session, rig_turn(&rig), BGP_OUT, (struct slice){update.data, 20});
    CHECK_EQUAL((int64_t)taken, 20);
    CHECK_EQUAL((int64_t)rig.budget.used_bytes, 23);
    hear(&rig, BGP_OUT, (struct slice){update.data + 20, 3});
    CHECK_TEXT(said(&rig), "update 23");
    CHECK(slice_equal(rig.turn.actions[0].message, update));
    CHECK_EQUAL((int64_t)session_bytes(&rig.session, rig_turn(&rig), BGP_OUT, (struct slice){0}),
                0);
    CHECK_EQUAL((int64_t)rig.budget.used_bytes, 0); /* the last call gave it back */
    rig_done(&rig);
}

static void out_of_memory_is_a_cease(void) /* RFC 4486 4, subcode 8 */
{
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    rig.budget.limit_bytes = 22;
    hear(&rig, BGP_OUT, (struct slice){end_of_rib().data, 20});
    CHECK_TEXT(said(&rig),
               "send(out) close(out out-of-resources) down(out-of-resources 6/8 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/8");
    rig_done(&rig);
    begin_with(rig_config());
    to_established(&rig, BGP_OUT);
    rig.budget.limit_bytes = 8; /* not even for the NOTIFICATION's data: it goes without */
    session_reset_max_prefixes(&rig.session, rig_turn(&rig), 100, 1 * S);
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/1");
    rig_done(&rig);
}

static void states_have_rfc_words(void)
{
    CHECK_TEXT(session_state_word(SESSION_IDLE), "Idle");
    CHECK_TEXT(session_state_word(SESSION_ACTIVE), "Active");
    CHECK_EQUAL(SESSION_ESTABLISHED, 6); /* RFC 4273 bgpPeerState */
}

int main(void)
{
    TEST(the_smaller_hold_time_is_taken);
    TEST(hold_zero_disables_both);
    TEST(the_send_hold_time_is_long);
    TEST(idle_hold_then_starts_by_itself);
    TEST(start_in_idle_hold_does_not_wait);
    TEST(stop_in_idle_hold_stays_idle);
    TEST(first_updates_wait);
    TEST(deadlines_come_in_order);
    TEST(hold_counts_from_the_last_keepalive_or_update);
    TEST(updates_restart_keepalives_where_configured);
    TEST(jitter_shortens_by_at_most_its_share);
    TEST(the_hold_timer_jitters_where_it_is_told_to);
    TEST(keepalives_do_not_pile_up);
    TEST(options_refused_means_a_plain_open_next);
    TEST(a_session_is_small);
    TEST(a_cut_message_costs_its_own_size);
    TEST(out_of_memory_is_a_cease);
    TEST(states_have_rfc_words);
    return harness_done();
}
