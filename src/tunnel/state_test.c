#include "tests/harness.h"
#include "tunnel/state.h"

enum { S = 1000000 };

static void a_life(void)
{
    struct {
        int64_t at_us;
        enum tunnel_cause cause;
        enum tunnel_change change;
        bool up;
        int64_t since_us;
        enum tunnel_cause kept;
        uint32_t failures;
    } story[] = {
        {1 * S, TUNNEL_CAUSE_NO_ANSWER, TUNNEL_SAME, false, 0, TUNNEL_CAUSE_NO_ANSWER, 1},
        {2 * S, TUNNEL_CAUSE_NO_PROPOSAL, TUNNEL_SAME, false, 0, TUNNEL_CAUSE_NO_PROPOSAL, 2},
        {3 * S, TUNNEL_CAUSE_ESTABLISHED, TUNNEL_UP, true, 3 * S, TUNNEL_CAUSE_ESTABLISHED, 0},
        {4 * S, TUNNEL_CAUSE_ESTABLISHED, TUNNEL_SAME, true, 3 * S, TUNNEL_CAUSE_ESTABLISHED, 0},
        {5 * S, TUNNEL_CAUSE_REKEYED, TUNNEL_SAME, true, 3 * S, TUNNEL_CAUSE_ESTABLISHED, 0},
        {6 * S, TUNNEL_CAUSE_REKEY_REFUSED, TUNNEL_SAME, true, 3 * S, TUNNEL_CAUSE_REKEY_REFUSED,
         0},
        {7 * S, TUNNEL_CAUSE_REKEYED, TUNNEL_SAME, true, 3 * S, TUNNEL_CAUSE_REKEY_REFUSED, 0},
        {8 * S, TUNNEL_CAUSE_ESTABLISHED, TUNNEL_SAME, true, 3 * S, TUNNEL_CAUSE_ESTABLISHED, 0},
        {43 * S, TUNNEL_CAUSE_DEAD_PEER, TUNNEL_DOWN, false, 43 * S, TUNNEL_CAUSE_DEAD_PEER, 0},
        {44 * S, TUNNEL_CAUSE_REKEYED, TUNNEL_SAME, false, 43 * S, TUNNEL_CAUSE_DEAD_PEER, 0},
        {50 * S, TUNNEL_CAUSE_AUTH_FAILED, TUNNEL_SAME, false, 43 * S, TUNNEL_CAUSE_AUTH_FAILED, 1},
        {60 * S, TUNNEL_CAUSE_PLAIN, TUNNEL_UP, true, 60 * S, TUNNEL_CAUSE_PLAIN, 0},
        {60 * S, TUNNEL_CAUSE_ADMIN, TUNNEL_DOWN, false, 60 * S, TUNNEL_CAUSE_ADMIN, 0},
    };
    struct tunnel_status status;
    tunnel_status_init(&status, 0);
    CHECK(!status.up && status.cause == TUNNEL_CAUSE_NONE);
    for (unsigned i = 0; i < sizeof story / sizeof story[0]; i++) {
        CHECK_EQUAL(tunnel_report(&status, story[i].cause, story[i].at_us), story[i].change);
        CHECK_EQUAL(status.up, story[i].up);
        CHECK_EQUAL(status.since_us, story[i].since_us);
        CHECK_EQUAL(status.cause, story[i].kept);
        CHECK_EQUAL(status.failures, story[i].failures);
    }
    CHECK_EQUAL(status.up_count, 2);
}

static void telemetry(void) /* aws.md 3.9 */
{
    struct {
        bool ipsec, has_bgp, established, up;
        enum tunnel_message message;
    } cases[] = {
        {false, true, false, false, TUNNEL_SAYS_IPSEC_IS_DOWN},
        {false, true, true, false, TUNNEL_SAYS_IPSEC_IS_DOWN}, /* BGP has yet to notice */
        {false, false, false, false, TUNNEL_SAYS_IPSEC_IS_DOWN},
        {true, false, false, true, TUNNEL_SAYS_NOTHING},
        {true, true, false, false, TUNNEL_SAYS_IPSEC_IS_UP},
        {true, true, true, true, TUNNEL_SAYS_BGP_ROUTES},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tunnel_status status;
        tunnel_status_init(&status, 0);
        if (cases[i].ipsec)
            tunnel_report(&status, TUNNEL_CAUSE_ESTABLISHED, 1);
        struct tunnel_telemetry said =
            tunnel_telemetry_of(&status, cases[i].has_bgp, cases[i].established);
        CHECK_EQUAL(said.up, cases[i].up);
        CHECK_EQUAL(said.message, cases[i].message);
    }
}

static void words(void)
{
    for (int i = 0; i < TUNNEL_CAUSES; i++) {
        const char *sentence = tunnel_cause_sentence((enum tunnel_cause)i);
        CHECK(sentence[strlen(sentence) - 1] == '.');
        CHECK(tunnel_cause_reference((enum tunnel_cause)i) != NULL);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(tunnel_cause_word((enum tunnel_cause)i),
                         tunnel_cause_word((enum tunnel_cause)j)) != 0);
    }
}

int main(void)
{
    TEST(a_life);
    TEST(telemetry);
    TEST(words);
    return harness_done();
}
