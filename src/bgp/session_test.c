/* The state machine, transition by transition as RFC 4271 8.2.2 lists them, driven by hand. */
#include "bgp/session_rig.h"

static struct rig rig;

static void begin_with(struct session_config config)
{
    rig_init(&rig, &config);
}

static void begin(void)
{
    begin_with(rig_config());
}

static void end(void)
{
    rig_done(&rig);
}

/* ---- Idle ---- */

static void idle_start_connects_at_once(void) /* event 1 */
{
    begin();
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    start(&rig);
    CHECK_TEXT(said(&rig), "connect");
    CHECK_TEXT(state_of(&rig), "Connect");
    CHECK_EQUAL(session_deadline_us(&rig.session), 10 * S);
    start(&rig); /* again: nothing */
    CHECK_TEXT(said(&rig), "");
    end();
}

static void idle_start_waits_for_start_delay(void)
{
    struct session_config config = rig_config();
    config.start_delay_us = 1 * S;
    begin_with(config);
    rig.now_us = 5 * S;
    start(&rig);
    CHECK_TEXT(said(&rig), "");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(session_deadline_us(&rig.session), 6 * S);
    at_us(&rig, 6 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 6 * S);
    CHECK_TEXT(said(&rig), "connect");
    end();
}

static void idle_passive_start_listens(void) /* event 4 */
{
    struct session_config config = rig_config();
    config.mode = SESSION_PASSIVE;
    begin_with(config);
    start(&rig);
    CHECK_TEXT(said(&rig), "");
    CHECK_TEXT(state_of(&rig), "Active");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    end();
}

static void idle_refuses_connections(void)
{
    begin();
    CHECK(!session_accepts(&rig.session));
    connected(&rig, BGP_IN);
    CHECK_TEXT(said(&rig), "close(in connection-refused)");
    CHECK_TEXT(state_of(&rig), "Idle");
    connected(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "close(out connection-refused)");
    end();
}

static void idle_ignores_everything_else(void)
{
    begin();
    closed(&rig, BGP_IN);
    session_connect_failed(&rig.session, rig_turn(&rig));
    hear(&rig, BGP_OUT, keepalive()); /* swallowed */
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_SHUTDOWN, (struct slice){0});
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 1000 * S);
    CHECK_TEXT(said(&rig), "");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK(!session_ask_refresh(&rig.session, rig_turn(&rig)));
    end();
}

/* ---- Connect ---- */

static void connect_stop(void) /* event 2 */
{
    begin();
    start(&rig);
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_SHUTDOWN, (struct slice){0});
    CHECK_TEXT(said(&rig), "close(out admin-stop) down(admin-stop)");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    CHECK(!session_has_bytes(&rig.session, BGP_OUT));
    end();
}

static void connect_retry_begins_anew(void) /* event 9 */
{
    begin();
    start(&rig);
    at_us(&rig, 10 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 10 * S);
    CHECK_TEXT(said(&rig), "close(out connect-retry-expired) connect");
    CHECK_TEXT(state_of(&rig), "Connect");
    CHECK_EQUAL(rig.session.since_us, 0); /* it has been Connect all the time */
    CHECK_EQUAL(session_deadline_us(&rig.session), 20 * S);
    end();
}

static void connect_succeeds_and_sends_open(void) /* event 16 */
{
    begin();
    start(&rig);
    rig.now_us = 2 * S;
    connected(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "send(out)");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    CHECK_EQUAL(session_deadline_us(&rig.session), 32 * S); /* hold only; retry is off */
    CHECK(session_has_bytes(&rig.session, BGP_OUT));
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "");
    end();
}

static void connect_failure_waits_in_active(void) /* event 18, as FRR */
{
    begin();
    start(&rig);
    rig.now_us = 3 * S;
    session_connect_failed(&rig.session, rig_turn(&rig));
    CHECK_TEXT(said(&rig), "");
    CHECK_TEXT(state_of(&rig), "Active");
    CHECK_EQUAL(session_deadline_us(&rig.session), 13 * S);
    at_us(&rig, 13 * S);
    CHECK_TEXT(said(&rig), "connect");
    CHECK_TEXT(state_of(&rig), "Connect");
    end();
}

static void connect_accepts_beside_the_attempt(void) /* event 17 */
{
    begin();
    start(&rig);
    connected(&rig, BGP_IN);
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    session_connect_failed(&rig.session, rig_turn(&rig)); /* ours fails, theirs lives */
    CHECK_TEXT(state_of(&rig), "OpenSent");
    CHECK_EQUAL(session_deadline_us(&rig.session), 30 * S);
    end();
}

static void connect_attempt_keeps_its_limit_beside_an_incoming(void)
{
    begin();
    start(&rig);
    connected(&rig, BGP_IN);
    at_us(&rig, 10 * S);
    CHECK_TEXT(said(&rig), "close(out connect-retry-expired)"); /* and no new attempt */
    CHECK_TEXT(state_of(&rig), "OpenSent");
    end();
}

/* ---- Active ---- */

static void active_stop(void) /* event 2 */
{
    struct session_config config = rig_config();
    config.mode = SESSION_PASSIVE;
    begin_with(config);
    start(&rig);
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_SHUTDOWN, (struct slice){0});
    CHECK_TEXT(said(&rig), "down(admin-stop)");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK(!session_accepts(&rig.session));
    end();
}

static void active_accepts(void) /* event 17 */
{
    begin();
    start(&rig);
    session_connect_failed(&rig.session, rig_turn(&rig));
    CHECK(session_accepts(&rig.session));
    connected(&rig, BGP_IN);
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    CHECK_EQUAL(session_deadline_us(&rig.session), 30 * S); /* retry is off */
    end();
}

static void connect_only_accepts_nothing(void)
{
    struct session_config config = rig_config();
    config.mode = SESSION_CONNECT_ONLY;
    begin_with(config);
    start(&rig);
    CHECK(!session_accepts(&rig.session));
    connected(&rig, BGP_IN);
    CHECK_TEXT(said(&rig), "close(in connection-refused)");
    CHECK_TEXT(state_of(&rig), "Connect");
    end();
}

static void passive_never_connects(void)
{
    struct session_config config = rig_config();
    config.mode = SESSION_PASSIVE;
    begin_with(config);
    to_open_sent(&rig, BGP_IN);
    closed(&rig, BGP_IN);
    CHECK_TEXT(state_of(&rig), "Active");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    end();
}

/* ---- OpenSent ---- */

static void open_sent_hold_timer(void) /* event 10 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    at_us(&rig, 30 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 30 * S);
    CHECK_TEXT(said(&rig), "send(out) close(out hold-timer-expired) down(hold-timer-expired 4/0)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN NOTIFICATION 4/0");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(session_deadline_us(&rig.session), 31 * S);
    end();
}

static void open_sent_waits_as_configured(void)
{
    struct session_config config = rig_config();
    config.open_hold_s = 240;
    begin_with(config);
    to_open_sent(&rig, BGP_OUT);
    CHECK_EQUAL(session_deadline_us(&rig.session), 240 * S);
    end();
    config.open_hold_s = config.hold_s = 0;
    begin_with(config);
    to_open_sent(&rig, BGP_OUT);
    CHECK_EQUAL(session_deadline_us(&rig.session), (int64_t)SESSION_OPEN_HOLD_S * S);
    end();
}

static void open_sent_stop(void) /* event 2 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_DECONFIGURED, (struct slice){0});
    CHECK_TEXT(said(&rig), "send(out) close(out admin-stop) down(admin-stop 6/3)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN NOTIFICATION 6/3");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    end();
}

static void open_sent_tcp_ends(void) /* event 18 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    rig.now_us = 1 * S;
    closed(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "");
    CHECK_TEXT(state_of(&rig), "Active");
    CHECK_EQUAL(session_deadline_us(&rig.session), 11 * S);
    CHECK(!session_has_bytes(&rig.session, BGP_OUT));
    end();
}

static void open_sent_open(void) /* event 19 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    rig.now_us = 1 * S;
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(said(&rig), "send(out)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN KEEPALIVE");
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, 31 * S);
    CHECK_EQUAL(rig.session.slots[BGP_OUT].keepalive_us, 11 * S);
    CHECK_EQUAL(session_deadline_us(&rig.session), 11 * S);
    CHECK(session_terms(&rig.session) == NULL); /* not yet */
    end();
}

static void open_sent_bad_header(void) /* event 21 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    uint8_t bytes[BGP_KEEPALIVE_BYTES];
    memcpy(bytes, keepalive().data, sizeof bytes);
    bytes[3] = 0;
    hear(&rig, BGP_OUT, (struct slice){bytes, sizeof bytes});
    CHECK_TEXT(said(&rig), "send(out) close(out bad-header) down(bad-header 1/1)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN NOTIFICATION 1/1");
    end();
}

static void open_sent_bad_open(void) /* event 22 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    struct bgp_open open = peer_open();
    open.as4 = 64513;
    hear(&rig, BGP_OUT, open_message(&open));
    CHECK_TEXT(said(&rig), "send(out) close(out bad-peer-as) down(bad-peer-as 2/2)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN NOTIFICATION 2/2");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(rig.session.retry_count, 1);
    end();
}

static void open_sent_notification(void) /* events 24 and 25 */
{
    begin();
    to_open_sent(&rig, BGP_OUT);
    hear(&rig, BGP_OUT, notification(BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_VERSION));
    CHECK_TEXT(said(&rig), "close(out notification-received) down(notification-received 2/1)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), ""); /* never answered, RFC 4271 6.4 */
    CHECK_TEXT(state_of(&rig), "Idle");
    end();
}

static void open_sent_unexpected(void) /* events 26, 27 and ROUTE-REFRESH: RFC 6608 */
{
    struct slice messages[] = {keepalive(), end_of_rib(), refresh(1, 0, 1)};
    const char *answers[] = {"OPEN NOTIFICATION 5/1 04", "OPEN NOTIFICATION 5/1 02",
                             "OPEN NOTIFICATION 5/1 05"};
    for (unsigned i = 0; i < 3; i++) {
        begin();
        to_open_sent(&rig, BGP_OUT);
        hear(&rig, BGP_OUT, messages[i]);
        CHECK_TEXT(said(&rig),
                   "send(out) close(out unexpected-message) down(unexpected-message 5/1)");
        CHECK_TEXT(pulled(&rig, BGP_OUT), answers[i]);
        CHECK_TEXT(state_of(&rig), "Idle");
        end();
    }
}

/* ---- OpenConfirm ---- */

static void open_confirm_hold_timer(void) /* event 10 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    rig.session.slots[BGP_OUT].keepalive_us = SESSION_NEVER; /* only the hold timer here */
    at_us(&rig, 30 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 30 * S);
    CHECK_TEXT(said(&rig), "send(out) close(out hold-timer-expired) down(hold-timer-expired 4/0)");
    end();
}

static void open_confirm_keepalive_timer(void) /* event 11 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN KEEPALIVE");
    at_us(&rig, 10 * S);
    CHECK_TEXT(said(&rig), "send(out)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "KEEPALIVE");
    CHECK_EQUAL(session_deadline_us(&rig.session), 20 * S);
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    end();
}

static void open_confirm_stop(void) /* event 2, RFC 9003 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN KEEPALIVE");
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_SHUTDOWN,
                 (struct slice){(const uint8_t *)"bye", 3});
    CHECK_TEXT(said(&rig), "send(out) close(out admin-stop) down(admin-stop 6/2)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/2 03627965");
    end();
}

static void open_confirm_tcp_ends(void) /* event 18 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    closed(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "down(tcp-closed)");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK_EQUAL(session_deadline_us(&rig.session), 1 * S);
    end();
}

static void open_confirm_notification(void) /* event 25 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    hear(&rig, BGP_OUT, notification(BGP_ERROR_CEASE, BGP_CEASE_REJECTED));
    CHECK_TEXT(said(&rig), "close(out notification-received) down(notification-received 6/5)");
    CHECK_TEXT(state_of(&rig), "Idle");
    end();
}

static void open_confirm_keepalive_establishes(void) /* event 26 */
{
    begin();
    to_open_confirm(&rig, BGP_OUT);
    rig.now_us = 4 * S;
    hear(&rig, BGP_OUT, keepalive());
    CHECK_TEXT(said(&rig), "established(out) ready");
    CHECK_TEXT(state_of(&rig), "Established");
    CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, 34 * S);
    CHECK_EQUAL(rig.session.since_us, 4 * S);
    CHECK(rig.session.ready);
    const struct open_terms *terms = session_terms(&rig.session);
    CHECK(terms && terms->four_octet_as && terms->refresh && terms->hold_s == 30);
    CHECK(terms && terms->peer_id == 0xc0000202);
    end();
}

static void open_confirm_unexpected(void) /* OPEN, UPDATE, ROUTE-REFRESH */
{
    struct slice messages[] = {open_of_peer(), end_of_rib(), refresh(1, 0, 1)};
    const char *answers[] = {"OPEN KEEPALIVE NOTIFICATION 5/2 01",
                             "OPEN KEEPALIVE NOTIFICATION 5/2 02",
                             "OPEN KEEPALIVE NOTIFICATION 5/2 05"};
    for (unsigned i = 0; i < 3; i++) {
        begin();
        to_open_confirm(&rig, BGP_OUT);
        hear(&rig, BGP_OUT, messages[i]);
        CHECK_TEXT(said(&rig),
                   "send(out) close(out unexpected-message) down(unexpected-message 5/2)");
        CHECK_TEXT(pulled(&rig, BGP_OUT), answers[i]);
        end();
    }
}

/* ---- Established ---- */

static void established_stop(void) /* event 2 */
{
    begin();
    to_established(&rig, BGP_OUT);
    session_stop(&rig.session, rig_turn(&rig), BGP_CEASE_RESET, (struct slice){0});
    CHECK_TEXT(said(&rig), "send(out) close(out admin-stop) down(admin-stop 6/4 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/4");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER);
    CHECK_EQUAL(rig.session.retry_count, 0);
    start(&rig);
    CHECK_TEXT(said(&rig), "connect");
    end();
}

static void established_hold_timer(void) /* event 10 */
{
    begin();
    to_established(&rig, BGP_IN);
    CHECK(!session_accepts(&rig.session));
    rig.now_us = 7 * S;
    hear(&rig, BGP_IN, keepalive());
    rig.session.slots[BGP_IN].keepalive_us = SESSION_NEVER;
    at_us(&rig, 37 * S - 1);
    CHECK_TEXT(said(&rig), "");
    at_us(&rig, 37 * S);
    CHECK_TEXT(said(&rig),
               "send(in) close(in hold-timer-expired) down(hold-timer-expired 4/0 established)");
    CHECK_TEXT(pulled(&rig, BGP_IN), "NOTIFICATION 4/0");
    CHECK_EQUAL(rig.session.last_reason, BGP_DOWN_HOLD_TIMER);
    CHECK_EQUAL(rig.session.last_down_us, 37 * S);
    CHECK_EQUAL(session_deadline_us(&rig.session), 38 * S);
    CHECK(session_terms(&rig.session) == NULL);
    end();
}

static void established_keepalive_timer(void) /* event 11 */
{
    begin();
    to_established(&rig, BGP_OUT);
    for (int64_t moment_us = 10 * S; moment_us <= 20 * S; moment_us += 10 * S) {
        at_us(&rig, moment_us - 1);
        CHECK_TEXT(said(&rig), "");
        at_us(&rig, moment_us);
        CHECK_TEXT(said(&rig), "send(out)");
        CHECK_TEXT(pulled(&rig, BGP_OUT), "KEEPALIVE");
    }
    end();
}

static void established_tcp_ends(void) /* event 18 */
{
    begin();
    to_established(&rig, BGP_OUT);
    closed(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "down(tcp-closed established)");
    CHECK_TEXT(state_of(&rig), "Idle");
    CHECK(!rig.session.ready);
    end();
}

static void established_notification(void) /* event 25 */
{
    begin();
    to_established(&rig, BGP_OUT);
    at_us(&rig, 10 * S); /* a KEEPALIVE waits, and is not sent to a closed connection */
    hear(&rig, BGP_OUT, notification(BGP_ERROR_CEASE, BGP_CEASE_SHUTDOWN));
    CHECK_TEXT(said(&rig),
               "close(out notification-received) down(notification-received 6/2 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "");
    end();
}

static void established_update(void) /* event 27 */
{
    begin();
    to_established(&rig, BGP_OUT);
    rig.now_us = 9 * S;
    struct slice update = end_of_rib();
    hear(&rig, BGP_OUT, update);
    CHECK_TEXT(said(&rig), "update 23");
    CHECK(rig.turn.actions[0].message.data == update.data); /* not copied */
    CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, 39 * S);
    end();
}

static void established_refresh(void)
{
    begin();
    to_established(&rig, BGP_OUT);
    int64_t hold_us = rig.session.slots[BGP_OUT].hold_us;
    rig.now_us = 9 * S;
    hear(&rig, BGP_OUT, refresh(1, BGP_REFRESH_REQUEST, 1));
    CHECK_TEXT(said(&rig), "refresh");
    hear(&rig, BGP_OUT, refresh(BGP_AFI_IPV6, BGP_REFRESH_REQUEST, 1));
    CHECK_TEXT(said(&rig), "");
    hear(&rig, BGP_OUT, refresh(1, BGP_REFRESH_BEGIN, 1)); /* RFC 7313 */
    CHECK_TEXT(said(&rig), "refresh begin");
    hear(&rig, BGP_OUT, refresh(1, BGP_REFRESH_END, 1));
    CHECK_TEXT(said(&rig), "refresh end");
    hear(&rig, BGP_OUT, refresh(1, 3, 1));
    CHECK_TEXT(said(&rig), "");
    rig.session.slots[BGP_OUT].terms.enhanced_refresh = false;
    hear(&rig, BGP_OUT, refresh(1, BGP_REFRESH_BEGIN, 1));
    CHECK_TEXT(said(&rig), "");
    CHECK_EQUAL(rig.session.slots[BGP_OUT].hold_us, hold_us); /* KEEPALIVE and UPDATE only */
    end();
}

static void established_bad_refresh(void) /* RFC 7313 5: the whole message as data */
{
    begin();
    to_established(&rig, BGP_OUT);
    uint8_t bytes[BGP_REFRESH_BYTES + 1] = {0};
    memcpy(bytes, refresh(1, BGP_REFRESH_BEGIN, 1).data, BGP_REFRESH_BYTES);
    bytes[17] = 24;
    hear(&rig, BGP_OUT, (struct slice){bytes, 24});
    CHECK_TEXT(said(&rig), "send(out) close(out bad-refresh) down(bad-refresh 7/1 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT),
               "NOTIFICATION 7/1 ffffffffffffffffffffffffffffffff0018050001010100");
    end();
    begin();
    to_established(&rig, BGP_OUT);
    bytes[17] = 22;
    hear(&rig, BGP_OUT, (struct slice){bytes, 22});
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 1/2 0016");
    end();
}

static void established_asks_refresh(void)
{
    begin();
    to_established(&rig, BGP_OUT);
    CHECK(session_ask_refresh(&rig.session, rig_turn(&rig)));
    CHECK_TEXT(said(&rig), "send(out)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "ROUTE-REFRESH");
    end();
    begin();
    to_open_sent(&rig, BGP_OUT);
    struct bgp_open open = peer_open();
    open.refresh = false;
    hear(&rig, BGP_OUT, open_message(&open));
    hear(&rig, BGP_OUT, keepalive());
    CHECK(!session_ask_refresh(&rig.session, rig_turn(&rig)));
    end();
}

static void established_open_is_unexpected(void) /* event 19 */
{
    begin();
    to_established(&rig, BGP_OUT);
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(said(&rig), "send(out) close(out unexpected-message) "
                           "down(unexpected-message 5/3 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 5/3 01");
    end();
}

static void established_bad_length(void) /* event 21, RFC 4271 6.1: the length as data */
{
    begin();
    to_established(&rig, BGP_OUT);
    uint8_t bytes[BGP_HEADER_BYTES];
    memcpy(bytes, keepalive().data, sizeof bytes);
    bytes[16] = 0x10;
    bytes[17] = 0x01; /* 4097 */
    hear(&rig, BGP_OUT, (struct slice){bytes, sizeof bytes});
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 1/2 1001");
    end();
    begin();
    to_established(&rig, BGP_OUT);
    memcpy(bytes, keepalive().data, sizeof bytes);
    bytes[18] = 6;
    hear(&rig, BGP_OUT, (struct slice){bytes, sizeof bytes});
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 1/3 06");
    end();
}

static void established_reset_by_update(void) /* event 28: the intake found it */
{
    begin();
    struct bgp_error error = {BGP_ERROR_UPDATE, BGP_UPDATE_NETWORK, {0}};
    session_reset(&rig.session, rig_turn(&rig), BGP_DOWN_BAD_UPDATE, &error, 1 * S);
    CHECK_TEXT(said(&rig), "");
    to_open_confirm(&rig, BGP_OUT);
    session_reset(&rig.session, rig_turn(&rig), BGP_DOWN_BAD_UPDATE, &error, 1 * S);
    CHECK_TEXT(said(&rig), ""); /* not Established either */
    hear(&rig, BGP_OUT, keepalive());
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN KEEPALIVE");
    session_reset(&rig.session, rig_turn(&rig), BGP_DOWN_BAD_UPDATE, &error, 5 * S);
    CHECK_TEXT(said(&rig), "send(out) close(out bad-update) down(bad-update 3/10 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 3/10");
    CHECK_EQUAL(session_deadline_us(&rig.session), 5 * S);
    end();
}

static void established_max_prefixes_as_aws_says_it(void) /* facts/aws 3.2 */
{
    begin();
    to_established(&rig, BGP_OUT);
    session_reset_max_prefixes(&rig.session, rig_turn(&rig), 100, SESSION_NEVER);
    CHECK_TEXT(said(&rig), "send(out) close(out max-prefixes) down(max-prefixes 6/1 established)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/1 00010100000064");
    CHECK_EQUAL(session_deadline_us(&rig.session), SESSION_NEVER); /* stays Idle */
    at_us(&rig, 1000 * S);
    CHECK_TEXT(state_of(&rig), "Idle");
    start(&rig);
    CHECK_TEXT(said(&rig), "connect");
    end();
}

int main(void)
{
    TEST(idle_start_connects_at_once);
    TEST(idle_start_waits_for_start_delay);
    TEST(idle_passive_start_listens);
    TEST(idle_refuses_connections);
    TEST(idle_ignores_everything_else);
    TEST(connect_stop);
    TEST(connect_retry_begins_anew);
    TEST(connect_succeeds_and_sends_open);
    TEST(connect_failure_waits_in_active);
    TEST(connect_accepts_beside_the_attempt);
    TEST(connect_attempt_keeps_its_limit_beside_an_incoming);
    TEST(active_stop);
    TEST(active_accepts);
    TEST(connect_only_accepts_nothing);
    TEST(passive_never_connects);
    TEST(open_sent_hold_timer);
    TEST(open_sent_waits_as_configured);
    TEST(open_sent_stop);
    TEST(open_sent_tcp_ends);
    TEST(open_sent_open);
    TEST(open_sent_bad_header);
    TEST(open_sent_bad_open);
    TEST(open_sent_notification);
    TEST(open_sent_unexpected);
    TEST(open_confirm_hold_timer);
    TEST(open_confirm_keepalive_timer);
    TEST(open_confirm_stop);
    TEST(open_confirm_tcp_ends);
    TEST(open_confirm_notification);
    TEST(open_confirm_keepalive_establishes);
    TEST(open_confirm_unexpected);
    TEST(established_stop);
    TEST(established_hold_timer);
    TEST(established_keepalive_timer);
    TEST(established_tcp_ends);
    TEST(established_notification);
    TEST(established_update);
    TEST(established_refresh);
    TEST(established_bad_refresh);
    TEST(established_asks_refresh);
    TEST(established_open_is_unexpected);
    TEST(established_bad_length);
    TEST(established_reset_by_update);
    TEST(established_max_prefixes_as_aws_says_it);
    return harness_done();
}
