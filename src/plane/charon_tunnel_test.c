#include "plane/charon_tunnel.h"

#include "tests/harness.h"

#include <string.h>

#define S ((int64_t)1000000)

static struct plane_tunnel wanted_made(enum tunnel_startup startup)
{
    struct plane_tunnel wanted = {
        .name = "vpn-a/1",
        .peer = 0xc633640a,
        .options = tunnel_options_standard,
        .watch = {10 * S, 10 * S, 3},
        .psk = "first_key",
    };
    wanted.options.startup = startup;
    return wanted;
}

static struct charon_tunnel made(enum tunnel_startup startup)
{
    struct charon_tunnel tunnel;
    struct plane_tunnel wanted = wanted_made(startup);
    charon_tunnel_init(&tunnel, &wanted, 0, 100 * S);
    tunnel.loaded = true;
    return tunnel;
}

static const struct charon_sa UP = {.up = true, .child = 1, .number = 1};
static const struct charon_sa NONE;

static enum tunnel_cause line(struct charon_tunnel *tunnel, enum charon_line_kind kind,
                              enum tunnel_cause cause, int64_t now_us)
{
    return charon_tunnel_line(tunnel, &(struct charon_line){.kind = kind, .cause = cause}, now_us);
}

#define FAILS(tunnel, cause, now_us)                                                               \
    line((tunnel), CHARON_LINE_FAILED, TUNNEL_CAUSE_##cause, (now_us))
#define ENDS(tunnel, cause, now_us) line((tunnel), CHARON_LINE_ENDS, TUNNEL_CAUSE_##cause, (now_us))

static void who_starts_is_tried_less_and_less_often(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    int64_t now_us = 100 * S, wait_us = S;
    for (int i = 0; i < 7; i++) {
        CHECK(charon_tunnel_due(&tunnel, now_us));
        CHECK(!charon_tunnel_due(&tunnel, now_us + 31 * S)); /* the attempt is under way */
        now_us += S;
        CHECK_EQUAL(FAILS(&tunnel, AUTH_FAILED, now_us), TUNNEL_CAUSE_AUTH_FAILED);
        CHECK_EQUAL(tunnel.try_us, now_us + wait_us);
        now_us += wait_us;
        wait_us = wait_us * 2 > 30 * S ? 30 * S : wait_us * 2;
    }
    CHECK_EQUAL(tunnel.status.failures, 7);
    CHECK(charon_tunnel_due(&tunnel, now_us));
    CHECK(charon_tunnel_due(&tunnel, now_us + 32 * S)); /* nobody has told how it ended */
}

static void who_waits_is_never_tried(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    CHECK(!charon_tunnel_due(&tunnel, 1000 * S));
    CHECK_EQUAL(FAILS(&tunnel, NO_PROPOSAL, 1000 * S), TUNNEL_CAUSE_NO_PROPOSAL);
    CHECK(!charon_tunnel_due(&tunnel, 2000 * S));
    charon_tunnel_start(&tunnel, 2000 * S); /* by hand, until it was up once */
    CHECK(charon_tunnel_due(&tunnel, 2000 * S));
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &UP, 2001 * S), TUNNEL_CAUSE_ESTABLISHED);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 2002 * S), TUNNEL_CAUSE_DELETED);
    CHECK(!charon_tunnel_due(&tunnel, 3000 * S));
}

static void a_peer_without_an_address_is_never_tried(void)
{
    struct plane_tunnel wanted = wanted_made(TUNNEL_STARTUP_START);
    struct charon_tunnel tunnel;
    wanted.peer = 0;
    charon_tunnel_init(&tunnel, &wanted, 0, 0);
    tunnel.loaded = true;
    CHECK(!charon_tunnel_due(&tunnel, 1000 * S));
}

static void nothing_is_tried_before_charon_knows_it(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    tunnel.loaded = false;
    CHECK(!charon_tunnel_due(&tunnel, 200 * S));
    tunnel.loaded = true;
    CHECK(charon_tunnel_due(&tunnel, 200 * S));
}

static void the_dead_are_called_again_when_the_action_says_so(void)
{
    static const enum tunnel_dead_action actions[] = {TUNNEL_DEAD_CLEAR, TUNNEL_DEAD_NONE,
                                                      TUNNEL_DEAD_RESTART};
    for (unsigned i = 0; i < 3; i++) {
        struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
        tunnel.wanted.options.dead_action = actions[i];
        charon_tunnel_seen(&tunnel, &UP, 101 * S);
        CHECK_EQUAL(ENDS(&tunnel, DEAD_PEER, 140 * S), TUNNEL_CAUSE_NONE);
        CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 140 * S), TUNNEL_CAUSE_DEAD_PEER);
        CHECK_EQUAL(charon_tunnel_due(&tunnel, 141 * S), actions[i] == TUNNEL_DEAD_RESTART);
    }
}

static void a_reason_is_of_what_follows_it(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    charon_tunnel_seen(&tunnel, &UP, 101 * S);
    ENDS(&tunnel, DEAD_PEER, 102 * S); /* …but it lived on */
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 113 * S), TUNNEL_CAUSE_DELETED);
    charon_tunnel_seen(&tunnel, &UP, 114 * S);
    line(&tunnel, CHARON_LINE_ENDS_UNEXPLAINED, TUNNEL_CAUSE_REKEY_FAILED, 115 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 115 * S), TUNNEL_CAUSE_REKEY_FAILED);
    charon_tunnel_seen(&tunnel, &UP, 116 * S);
    ENDS(&tunnel, DELETED, 117 * S);
    line(&tunnel, CHARON_LINE_ENDS_UNEXPLAINED, TUNNEL_CAUSE_REKEY_FAILED, 117 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 117 * S), TUNNEL_CAUSE_DELETED);
}

static enum tunnel_cause refuse(struct charon_tunnel *tunnel, uint32_t number, int64_t now_us)
{
    const struct charon_line line = {
        .kind = CHARON_LINE_REFUSED, .cause = TUNNEL_CAUSE_NO_PROPOSAL, .number = number};
    return charon_tunnel_line(tunnel, &line, now_us);
}

static void a_pair_that_cannot_be_replaced_is_told_once(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    struct charon_sa sa = UP;
    CHECK_EQUAL(refuse(&tunnel, 1, 100 * S), TUNNEL_CAUSE_NO_PROPOSAL); /* the first one was */
    charon_tunnel_seen(&tunnel, &sa, 101 * S);
    CHECK_EQUAL(refuse(&tunnel, 2, 102 * S), TUNNEL_CAUSE_NONE); /* of another IKE SA */
    CHECK_EQUAL(refuse(&tunnel, 1, 103 * S), TUNNEL_CAUSE_REKEY_REFUSED);
    CHECK_EQUAL(refuse(&tunnel, 1, 104 * S), TUNNEL_CAUSE_NONE);
    CHECK(tunnel.status.up && tunnel.status.cause == TUNNEL_CAUSE_REKEY_REFUSED);
    sa.number = 2; /* the IKE SA is replaced, its pair stays */
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &sa, 105 * S), TUNNEL_CAUSE_REKEYED);
    CHECK_EQUAL(tunnel.status.cause, TUNNEL_CAUSE_REKEY_REFUSED);
    sa.child = 2; /* somebody has mended it in time */
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &sa, 106 * S), TUNNEL_CAUSE_ESTABLISHED);
    CHECK_EQUAL(tunnel.status.cause, TUNNEL_CAUSE_ESTABLISHED);
    CHECK_EQUAL(tunnel.status.since_us, 101 * S);
    CHECK_EQUAL(refuse(&tunnel, 2, 107 * S), TUNNEL_CAUSE_REKEY_REFUSED);
}

static void who_ends_for_want_of_a_group_is_told_so(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    const struct charon_sa ike_alone = {.number = 1};
    charon_tunnel_seen(&tunnel, &UP, 101 * S);
    refuse(&tunnel, 1, 102 * S);
    ENDS(&tunnel, REKEY_FAILED, 103 * S);
    ENDS(&tunnel, DELETED, 103 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &ike_alone, 103 * S), TUNNEL_CAUSE_NO_GROUP);
    CHECK_EQUAL(refuse(&tunnel, 1, 104 * S), TUNNEL_CAUSE_NO_GROUP);
    CHECK_EQUAL(refuse(&tunnel, 2, 104 * S), TUNNEL_CAUSE_NO_PROPOSAL); /* a new IKE SA */
    charon_tunnel_seen(&tunnel, &UP, 105 * S);
    refuse(&tunnel, 1, 106 * S);
    ENDS(&tunnel, DELETED, 107 * S); /* all of it, by hand */
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 107 * S), TUNNEL_CAUSE_DELETED);
    charon_tunnel_seen(&tunnel, &UP, 108 * S);
    refuse(&tunnel, 1, 109 * S);
    ENDS(&tunnel, DEAD_PEER, 110 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &ike_alone, 110 * S), TUNNEL_CAUSE_DEAD_PEER);
}

static void one_that_replaces_another_is_no_end(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    struct charon_sa sa = UP;
    charon_tunnel_seen(&tunnel, &sa, 101 * S);
    sa.bytes_in = 99;
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &sa, 102 * S), TUNNEL_CAUSE_NONE);
    ENDS(&tunnel, DELETED, 103 * S); /* of the old one */
    sa.child = 2;
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &sa, 103 * S), TUNNEL_CAUSE_REKEYED);
    sa.number = 2;
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &sa, 104 * S), TUNNEL_CAUSE_REKEYED);
    CHECK_EQUAL(tunnel.status.up_count, 1);
    line(&tunnel, CHARON_LINE_ENDS_UNEXPLAINED, TUNNEL_CAUSE_REKEY_FAILED, 105 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 105 * S), TUNNEL_CAUSE_REKEY_FAILED);
}

static void a_list_without_it_is_doubted_once(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    CHECK(!charon_tunnel_doubts(&tunnel, &NONE)); /* it is not up: nothing is missing */
    CHECK(!charon_tunnel_doubts(&tunnel, &UP));
    charon_tunnel_seen(&tunnel, &UP, 101 * S);
    CHECK(charon_tunnel_doubts(&tunnel, &NONE));
    CHECK(!charon_tunnel_doubts(&tunnel, &UP)); /* it was there all the time */
    CHECK(charon_tunnel_doubts(&tunnel, &NONE));
    CHECK(!charon_tunnel_doubts(&tunnel, &NONE));
}

static void what_we_end_has_our_reason(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    charon_tunnel_seen(&tunnel, &UP, 101 * S);
    charon_tunnel_end(&tunnel, TUNNEL_CAUSE_REPLACED, 102 * S);
    ENDS(&tunnel, DELETED, 102 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 130 * S), TUNNEL_CAUSE_REPLACED);
    CHECK(charon_tunnel_due(&tunnel, 131 * S)); /* it comes back as its startup says */
    charon_tunnel_seen(&tunnel, &UP, 132 * S);
    charon_tunnel_end(&tunnel, TUNNEL_CAUSE_ADMIN, 133 * S);
    CHECK_EQUAL(charon_tunnel_seen(&tunnel, &NONE, 133 * S), TUNNEL_CAUSE_ADMIN);
    CHECK(!charon_tunnel_due(&tunnel, 1000 * S));
}

/* IKEv1: whose keys differ cannot read each other, and says nothing. */
static void silence_after_garbled_answers_is_a_wrong_key(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    CHECK(charon_tunnel_due(&tunnel, 100 * S));
    line(&tunnel, CHARON_LINE_GARBLED, TUNNEL_CAUSE_NONE, 101 * S);
    CHECK_EQUAL(FAILS(&tunnel, NO_ANSWER, 130 * S), TUNNEL_CAUSE_AUTH_FAILED);
    CHECK(charon_tunnel_due(&tunnel, 131 * S));
    CHECK_EQUAL(FAILS(&tunnel, NO_ANSWER, 161 * S), TUNNEL_CAUSE_NO_ANSWER);
}

static void a_former_key_lives_as_long_as_phase_1(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    struct plane_tunnel wanted = wanted_made(TUNNEL_STARTUP_ADD);
    charon_tunnel_want(&tunnel, &wanted, 0, 200 * S);
    CHECK_TEXT(tunnel.former_psk, ""); /* the same key */
    memcpy(wanted.psk, "second_key", 11);
    charon_tunnel_want(&tunnel, &wanted, 0, 200 * S);
    CHECK_TEXT(tunnel.former_psk, "first_key");
    FAILS(&tunnel, AUTH_FAILED, 201 * S);
    CHECK(tunnel.former_first); /* the peer has it still, perhaps */
    FAILS(&tunnel, AUTH_FAILED, 202 * S);
    CHECK(!tunnel.former_first);
    CHECK(!charon_tunnel_former_over(&tunnel, (200 + 28800) * S - 1));
    CHECK(charon_tunnel_former_over(&tunnel, (200 + 28800) * S));
    CHECK_TEXT(tunnel.former_psk, "");
    CHECK(!charon_tunnel_former_over(&tunnel, 100000 * S));
    charon_tunnel_done(&tunnel);
    CHECK_EQUAL(memchr(tunnel.wanted.psk, 's', PLANE_PSK_BYTES) != NULL, false);
}

static void who_deletes_at_once_did_not_believe_our_key(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_ADD);
    struct plane_tunnel wanted = wanted_made(TUNNEL_STARTUP_ADD);
    ENDS(&tunnel, DELETED, 101 * S);
    CHECK(!tunnel.former_first); /* there is none */
    memcpy(wanted.psk, "second_key", 11);
    charon_tunnel_want(&tunnel, &wanted, 0, 200 * S);
    ENDS(&tunnel, DELETED, 201 * S); /* gone before it was seen */
    CHECK(tunnel.former_first);
    charon_tunnel_seen(&tunnel, &UP, 202 * S);
    ENDS(&tunnel, DELETED, 203 * S);
    CHECK(!tunnel.former_first);
    ENDS(&tunnel, DELETED, 204 * S); /* it has been up for long enough */
    CHECK(!tunnel.former_first);
}

static void a_charon_that_ended_took_its_sas_along(void)
{
    struct charon_tunnel tunnel = made(TUNNEL_STARTUP_START);
    CHECK_EQUAL(charon_tunnel_lost(&tunnel, 101 * S), TUNNEL_CAUSE_NONE);
    CHECK(!tunnel.loaded);
    tunnel.loaded = true;
    charon_tunnel_seen(&tunnel, &UP, 102 * S);
    CHECK_EQUAL(charon_tunnel_lost(&tunnel, 103 * S), TUNNEL_CAUSE_DAEMON_ENDED);
    CHECK(!tunnel.status.up && !tunnel.loaded);
    tunnel.loaded = true;
    CHECK(charon_tunnel_due(&tunnel, 103 * S));
}

int main(void)
{
    TEST(who_starts_is_tried_less_and_less_often);
    TEST(who_waits_is_never_tried);
    TEST(a_peer_without_an_address_is_never_tried);
    TEST(nothing_is_tried_before_charon_knows_it);
    TEST(the_dead_are_called_again_when_the_action_says_so);
    TEST(a_reason_is_of_what_follows_it);
    TEST(a_pair_that_cannot_be_replaced_is_told_once);
    TEST(who_ends_for_want_of_a_group_is_told_so);
    TEST(one_that_replaces_another_is_no_end);
    TEST(a_list_without_it_is_doubted_once);
    TEST(what_we_end_has_our_reason);
    TEST(silence_after_garbled_answers_is_a_wrong_key);
    TEST(a_former_key_lives_as_long_as_phase_1);
    TEST(who_deletes_at_once_did_not_believe_our_key);
    TEST(a_charon_that_ended_took_its_sas_along);
    return harness_done();
}
