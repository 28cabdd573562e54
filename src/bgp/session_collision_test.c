/* Two connections at once: RFC 4271 6.8, in both orders and with every outcome. The rig's own
 * identifier is 192.0.2.1, the lower one, unless a test says otherwise. */
#include "bgp/session_rig.h"

static struct rig rig;

static void begin(uint32_t own_id)
{
    struct session_config config = rig_config();
    config.router_id = own_id;
    rig_init(&rig, &config);
    start(&rig);
    connected(&rig, BGP_OUT);
    connected(&rig, BGP_IN);
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "OPEN");
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN");
}

enum { LOWER = 0xc0000201, HIGHER = 0xc0000203 };

static void lower_keeps_incoming_when_its_open_is_first(void)
{
    begin(LOWER);
    hear(&rig, BGP_IN, open_of_peer());
    CHECK_TEXT(said(&rig), "send(out) close(out collision) send(in)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/7");
    CHECK_TEXT(pulled(&rig, BGP_IN), "KEEPALIVE");
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    hear(&rig, BGP_IN, keepalive());
    CHECK_TEXT(said(&rig), "established(in) ready");
    rig_done(&rig);
}

static void lower_keeps_incoming_when_its_open_is_second(void)
{
    begin(LOWER);
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(said(&rig), "send(out) close(out collision)");
    CHECK_TEXT(pulled(&rig, BGP_OUT), "NOTIFICATION 6/7");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    hear(&rig, BGP_IN, open_of_peer());
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    rig_done(&rig);
}

static void higher_keeps_outgoing_when_its_open_is_first(void)
{
    begin(HIGHER);
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(said(&rig), "send(in) close(in collision) send(out)");
    CHECK_TEXT(pulled(&rig, BGP_IN), "NOTIFICATION 6/7");
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    hear(&rig, BGP_OUT, keepalive());
    CHECK_TEXT(said(&rig), "established(out) ready");
    rig_done(&rig);
}

static void higher_keeps_outgoing_when_its_open_is_second(void)
{
    begin(HIGHER);
    hear(&rig, BGP_IN, open_of_peer());
    CHECK_TEXT(said(&rig), "send(in) close(in collision)");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    rig_done(&rig);
}

static void the_other_may_be_in_open_confirm(void) /* ours connects late */
{
    struct session_config config = rig_config();
    rig_init(&rig, &config);
    start(&rig);
    connected(&rig, BGP_IN);
    hear(&rig, BGP_IN, open_of_peer());
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    connected(&rig, BGP_OUT);
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    hear(&rig, BGP_OUT, open_of_peer());
    CHECK_TEXT(said(&rig), "send(out) close(out collision)");
    CHECK_TEXT(state_of(&rig), "OpenConfirm");
    hear(&rig, BGP_IN, keepalive());
    CHECK_TEXT(state_of(&rig), "Established");
    rig_done(&rig);
}

static void equal_identifiers_are_decided_by_as(void) /* RFC 6286 2.3: 65000 > 64512 */
{
    begin(0xc0000202);
    hear(&rig, BGP_IN, open_of_peer());
    CHECK_TEXT(said(&rig), "send(in) close(in collision)");
    rig_done(&rig);
}

static void established_always_wins(void)
{
    for (unsigned i = 0; i < 2; i++) {
        struct session_config config = rig_config();
        config.router_id = i == 0 ? LOWER : HIGHER;
        rig_init(&rig, &config);
        to_established(&rig, BGP_OUT);
        CHECK(session_accepts(&rig.session));
        connected(&rig, BGP_IN);
        CHECK_TEXT(said(&rig), "send(in)");
        CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN");
        hear(&rig, BGP_IN, open_of_peer());
        CHECK_TEXT(said(&rig), "send(in) close(in collision)");
        CHECK_TEXT(pulled(&rig, BGP_IN), "NOTIFICATION 6/7");
        CHECK_TEXT(state_of(&rig), "Established");
        rig_done(&rig);
    }
}

static void established_ends_an_attempt_under_way(void)
{
    struct session_config config = rig_config();
    rig_init(&rig, &config);
    start(&rig);
    connected(&rig, BGP_IN);
    hear(&rig, BGP_IN, open_of_peer());
    hear(&rig, BGP_IN, keepalive());
    CHECK_TEXT(said(&rig), "close(out collision) established(in) ready");
    CHECK_EQUAL(rig.session.retry_us, SESSION_NEVER);
    connected(&rig, BGP_OUT); /* reported all the same: closed again */
    CHECK_TEXT(said(&rig), "close(out connection-refused)");
    CHECK_TEXT(state_of(&rig), "Established");
    rig_done(&rig);
}

static void the_session_survives_the_end_of_the_other_connection(void)
{
    begin(LOWER);
    hear(&rig, BGP_OUT, notification(BGP_ERROR_CEASE, BGP_CEASE_COLLISION));
    CHECK_TEXT(said(&rig), "close(out notification-received)");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    hear(&rig, BGP_IN, keepalive()); /* a fault on the last one: down */
    CHECK_TEXT(said(&rig), "send(in) close(in unexpected-message) down(unexpected-message 5/1)");
    rig_done(&rig);
}

static void a_fault_beside_an_attempt_leaves_connect(void)
{
    struct session_config config = rig_config();
    rig_init(&rig, &config);
    start(&rig);
    connected(&rig, BGP_IN);
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN");
    hear(&rig, BGP_IN, keepalive());
    CHECK_TEXT(said(&rig), "send(in) close(in unexpected-message)");
    CHECK_TEXT(state_of(&rig), "Connect");
    connected(&rig, BGP_IN); /* the slot is free; what was not pulled of the former is lost */
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN");
    rig_done(&rig);
}

static void a_newcomer_falls_with_an_established_session(void)
{
    struct session_config config = rig_config();
    rig_init(&rig, &config);
    to_established(&rig, BGP_OUT);
    connected(&rig, BGP_IN);
    closed(&rig, BGP_OUT);
    CHECK_TEXT(said(&rig), "send(in) close(in connection-refused) down(tcp-closed established)");
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN NOTIFICATION 6/5");
    CHECK_TEXT(state_of(&rig), "Idle");
    rig_done(&rig);
}

static void a_second_incoming_takes_the_place_of_the_first(void)
{
    struct session_config config = rig_config();
    config.mode = SESSION_PASSIVE;
    rig_init(&rig, &config);
    to_open_confirm(&rig, BGP_IN);
    CHECK(session_accepts(&rig.session));
    connected(&rig, BGP_IN); /* FRR: the session stays as it was, the newcomer begins */
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN"); /* and nothing that was meant for the first */
    CHECK_TEXT(state_of(&rig), "OpenSent");
    rig_done(&rig);
}

static void a_first_incoming_that_is_said_to_be_over_leads_to_idle(void)
{
    struct session_config config = rig_config();
    config.mode = SESSION_PASSIVE;
    rig_init(&rig, &config);
    to_open_confirm(&rig, BGP_IN);
    CHECK(session_accepts(&rig.session));
    closed(&rig, BGP_IN); /* OpenConfirm: RFC 4271 goes to Idle */
    CHECK_TEXT(said(&rig), "down(tcp-closed)");
    at_us(&rig, 1 * S);
    CHECK_TEXT(state_of(&rig), "Active");
    connected(&rig, BGP_IN);
    connected(&rig, BGP_IN); /* not reported closed: it must be gone all the same */
    CHECK_TEXT(said(&rig), "send(in)");
    CHECK_TEXT(pulled(&rig, BGP_IN), "OPEN");
    CHECK_TEXT(state_of(&rig), "OpenSent");
    rig_done(&rig);
}

int main(void)
{
    TEST(lower_keeps_incoming_when_its_open_is_first);
    TEST(lower_keeps_incoming_when_its_open_is_second);
    TEST(higher_keeps_outgoing_when_its_open_is_first);
    TEST(higher_keeps_outgoing_when_its_open_is_second);
    TEST(the_other_may_be_in_open_confirm);
    TEST(equal_identifiers_are_decided_by_as);
    TEST(established_always_wins);
    TEST(established_ends_an_attempt_under_way);
    TEST(the_session_survives_the_end_of_the_other_connection);
    TEST(a_fault_beside_an_attempt_leaves_connect);
    TEST(a_newcomer_falls_with_an_established_session);
    TEST(a_second_incoming_takes_the_place_of_the_first);
    TEST(a_first_incoming_that_is_said_to_be_over_leads_to_idle);
    return harness_done();
}
