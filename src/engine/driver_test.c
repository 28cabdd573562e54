/* What the daemon's shell asks of an engine beyond what a simulated world does: rounds, farewells
 * in words, and neighbors that change while everything runs. */
#include "engine/test_gate.h"

/* rig_start makes its engine from a config; here it gathers by rounds. */
static void start_by_rounds(void)
{
    struct engine_config config = rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN);
    config.rounds = true;
    rig_start(&gate, config);
}

static struct step receive_withdrawal(uint16_t neighbor, const char *prefix)
{
    static uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    bool fits = bgp_update_begin(&update, &writer) && bgp_update_withdraw(&update, net(prefix));
    CHECK(fits);
    bgp_update_finish(&update);
    struct event event = {.kind = EVENT_RECEIVED,
                          .at_us = gate.now_us,
                          .received = {{neighbor, BGP_IN}, writer_slice(&writer)}};
    return engine_step(gate.engine, &event);
}

/* What two neighbors say in one round is decided once, when the round ends. */
static void a_round_is_decided_when_it_ends(void)
{
    start_by_rounds();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(2, "10.2.0.0/16");
    uint32_t live = engine_rib(gate.engine)->best_count;
    CHECK_EQUAL(live, 2);
    struct step first = receive_withdrawal(1, "10.1.0.0/16");
    CHECK(first.more);
    CHECK_EQUAL(first.effect_count, 0);
    struct step second = receive_withdrawal(2, "10.2.0.0/16");
    CHECK(second.more);
    CHECK_EQUAL(engine_rib(gate.engine)->best_count, 2);
    struct event end = {.kind = EVENT_CONTINUE, .at_us = gate.now_us};
    struct step third = engine_step(gate.engine, &end);
    CHECK(third.effect_count > 0);
    CHECK_EQUAL(engine_rib(gate.engine)->best_count, 0);
    rig_take_effects(&gate, &third);
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    gate_finish();
}

/* News first: the dead prefixes are forgotten in the round after the one that told of them. */
static void what_is_forgotten_waits_for_what_is_told(void)
{
    static const char *const nets[] = {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"};
    struct event go_on = {.kind = EVENT_CONTINUE};
    start_by_rounds();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    const struct rib *rib = engine_rib(gate.engine);
    for (unsigned i = 0; i < 4; i++)
        announce(1, nets[i]);
    go_on.at_us = gate.now_us;
    for (unsigned i = 0; i < 2; i++)
        CHECK(receive_withdrawal(1, nets[i]).more);
    struct step settled = engine_step(gate.engine, &go_on);
    CHECK(settled.more && rib->best_count == 2 && rib->dead_count == 2);
    rig_take_effects(&gate, &settled); /* and here the driver sends */
    CHECK_TEXT(told(2, nets[0]), "nothing");
    CHECK(engine_step(gate.engine, &go_on).more);
    CHECK_EQUAL(rib->dead_count, 2);
    CHECK(!engine_step(gate.engine, &go_on).more);
    CHECK_EQUAL(rib->dead_count, 0);
    gate_finish();
}

static void a_crowd_of_dead_is_not_waited_for(void)
{
    static const char *const nets[] = {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16"};
    struct event go_on = {.kind = EVENT_CONTINUE};
    start_by_rounds();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    const struct rib *rib = engine_rib(gate.engine);
    for (unsigned i = 0; i < 4; i++)
        announce(1, nets[i]);
    go_on.at_us = gate.now_us;
    for (unsigned i = 0; i < 3; i++) {
        (void)receive_withdrawal(1, nets[i]);
        struct step settled = engine_step(gate.engine, &go_on);
        rig_take_effects(&gate, &settled);
        CHECK_EQUAL(rib->dead_count, i < 2 ? i + 1 : 1); /* the third is yet to be told */
    }
    gate_finish();
}

static void halt(uint16_t neighbor, uint8_t cease, const char *text)
{
    struct event_halt said = {{.neighbor = neighbor}, cease, {(const uint8_t *)text, strlen(text)}};
    rig_step(&gate, &(struct event){.kind = EVENT_HALT, .halt = said});
}

static void a_farewell_has_its_subcode_and_its_words(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    halt(1, BGP_CEASE_SHUTDOWN, "sekishod stops");
    CHECK_EQUAL(peers[1].notice_bytes, 2 + 1 + 14);
    CHECK(peers[1].notice[1] == BGP_CEASE_SHUTDOWN && peers[1].notice[2] == 14);
    CHECK(memcmp(peers[1].notice + 3, "sekishod stops", 14) == 0);
    halt(2, BGP_CEASE_DECONFIGURED, "");
    CHECK_EQUAL(peers[2].notice_bytes, 2);
    CHECK_EQUAL(peers[2].notice[1], BGP_CEASE_DECONFIGURED);
    gate_finish();
}

static void say_stuck(uint16_t neighbor, uint8_t slot)
{
    struct event_connection at = {.neighbor = neighbor, .slot = slot};
    rig_step(&gate, &(struct event){.kind = EVENT_STUCK, .connection = at});
}

/* RFC 9687: a session is no session when nothing of ours arrives, whatever comes from there. Its
 * routes go, for it was ended and did not end; and it begins again. */
static void who_takes_nothing_has_no_session(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    CHECK(strcmp(told(2, "10.1.0.0/16"), "nothing") != 0);
    const struct bgp_session *session = engine_session(gate.engine, 1);
    say_stuck(1, !session->slot); /* not the connection of the session */
    CHECK_EQUAL(session->state, SESSION_ESTABLISHED);
    say_stuck(1, session->slot);
    CHECK_EQUAL(session->state, SESSION_IDLE);
    CHECK_EQUAL(session->last_reason, BGP_DOWN_SEND_HOLD);
    CHECK_EQUAL(session->last_code, BGP_ERROR_SEND_HOLD);
    CHECK_EQUAL(rig_note(&gate, NOTE_SESSION_DOWN).reason, BGP_DOWN_SEND_HOLD);
    CHECK_TEXT(bgp_notice_name(session->last_code, session->last_subcode),
               "Send Hold Timer Expired");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    CHECK_EQUAL(engine_session(gate.engine, 2)->state, SESSION_ESTABLISHED);
    say_stuck(1, 0);
    CHECK_EQUAL(session->state, SESSION_IDLE);
    rig_pass(&gate, 2 * session->config.idle_hold_us + 1);
    peer_up(&peers[1]);
    CHECK_EQUAL(session->state, SESSION_ESTABLISHED);
    gate_finish();
}

static void shut_down(uint16_t n, const char *words)
{
    uint8_t bytes[512];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_shutdown_encode(BGP_CEASE_SHUTDOWN, (struct slice){(const uint8_t *)words, strlen(words)},
                        &writer);
    peer_send(&peers[n], writer_slice(&writer));
    peers[n].connected = false;
    rig_pass(&gate, 0);
}

/* RFC 9003: who looks at a session that is down reads why; of the one before nothing is left. */
static void what_a_neighbor_says_at_the_end_is_kept(void)
{
    gate_start();
    gate_vpn(1, 65001);
    const struct bgp_session *session = engine_session(gate.engine, 1);
    CHECK(session->words == NULL);
    shut_down(1, "maintenance");
    CHECK_EQUAL(session->words_size, 11);
    CHECK(memcmp(session->words, "maintenance", 11) == 0);
    peer_up(&peers[1]);
    CHECK_EQUAL(session->words_size, 11);
    shut_down(1, "again");
    CHECK_EQUAL(session->words_size, 5);
    peer_up(&peers[1]);
    peer_cut(&peers[1]);
    CHECK(session->words == NULL);
    peer_up(&peers[1]);
    shut_down(1, "still there at the end"); /* and given back: the rig counts */
    gate_finish();
}

static void messages_are_counted_both_ways(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    announce(1, "10.2.0.0/16");
    withdraw(1, "10.1.0.0/16");
    const struct bgp_tally *first = &engine_session(gate.engine, 1)->tally;
    const struct bgp_tally *second = &engine_session(gate.engine, 2)->tally;
    CHECK_EQUAL((int64_t)first->heard[BGP_OPEN], 1);
    CHECK_EQUAL((int64_t)first->heard[BGP_UPDATE], 3);
    CHECK_EQUAL((int64_t)first->said[BGP_OPEN], 1);
    CHECK_EQUAL((int64_t)first->said[BGP_UPDATE], 0);
    CHECK_EQUAL((int64_t)second->said[BGP_UPDATE], peers[2].update_count);
    CHECK_EQUAL((int64_t)second->heard[BGP_UPDATE], 0);
    CHECK_EQUAL((int64_t)second->said[BGP_KEEPALIVE], 1);
    uint32_t told_counts[2];
    engine_told_counts(gate.engine, 2, told_counts);
    CHECK(told_counts[0] == peers[2].told_count && told_counts[1] == 0);
    CHECK_EQUAL(told_counts[0], 1);
    engine_told_counts(gate.engine, 1, told_counts);
    CHECK_EQUAL(told_counts[0], 0); /* its own */
    gate_finish();
}

/* Another AS at the other end, and the same number: the former one's routes are gone. */
static void a_halted_neighbor_may_become_another(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    announce(1, "10.1.0.0/16");
    halt(1, BGP_CEASE_DECONFIGURED, "");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "nothing");
    struct event_neighbor other = *engine_neighbor(gate.engine, 1);
    other.peer_asn = peers[1].asn = 65007;
    rig_step(&gate, &(struct event){.kind = EVENT_NEIGHBOR, .neighbor = other});
    CHECK_EQUAL(engine_neighbor_count(gate.engine), 2);
    CHECK(!session_accepts(engine_session(gate.engine, 1)));
    say_start(&gate, 1);
    peer_up(&peers[1]);
    announce(1, "10.1.0.0/16");
    CHECK_TEXT(told(2, "10.1.0.0/16"), "64512 65007 via 169.254.2.1");
    gate_finish();
}

/* What a full socket does not take is said again: nothing twice, nothing never. */
static void what_was_not_sent_is_pulled_again(void)
{
    enum { PREFIXES = 2000 };
    static uint8_t whole[1 << 16], parts[1 << 16], piece[8192];
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_vpn(3, 65003);
    gate.tell_far = NULL;
    say_packed(1, PREFIXES, false);
    struct event_connection two = {2, BGP_IN}, three = {3, BGP_IN};
    size_t total = engine_pull(gate.engine, two, whole, sizeof whole), at = 0;
    CHECK(total > PREFIXES * 4 && total < sizeof whole);
    for (size_t sent = 1;; sent = sent * 7 % 4001) {
        size_t size = engine_pull(gate.engine, three, piece, sizeof piece), wanted = sent;
        if (size == 0)
            break;
        wanted = wanted < size ? wanted : size;
        size_t kept = engine_unpull(gate.engine, three, piece, size, wanted);
        CHECK(kept >= wanted && kept <= size && at + kept <= total);
        memcpy(parts + at, piece, kept);
        at += kept;
    }
    CHECK_EQUAL(at, total);
    for (size_t i = 0; i < total; i++) /* each has a next hop of its own */
        CHECK(whole[i] == parts[i] || (whole[i] == 2 && parts[i] == 3));
    gate_finish();
}

int main(void)
{
    TEST(a_round_is_decided_when_it_ends);
    TEST(what_is_forgotten_waits_for_what_is_told);
    TEST(a_crowd_of_dead_is_not_waited_for);
    TEST(a_farewell_has_its_subcode_and_its_words);
    TEST(who_takes_nothing_has_no_session);
    TEST(what_a_neighbor_says_at_the_end_is_kept);
    TEST(messages_are_counted_both_ways);
    TEST(a_halted_neighbor_may_become_another);
    TEST(what_was_not_sent_is_pulled_again);
    return harness_done();
}
