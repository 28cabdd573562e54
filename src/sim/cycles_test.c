#include "sim/cycles.h"

#include "tests/harness.h"

enum { SECOND_US = 1000000, CUSTOMER = 3, GATEWAY = 1 };

static void swallow(struct cycles *cycles, int64_t at_s, uint64_t state)
{
    struct moment moment = {
        .kind = MOMENT_SWALLOWED, .at_us = at_s * SECOND_US, .node = CUSTOMER, .state = state};
    cycles_take(cycles, &moment, CUSTOMER);
}

static void renew(struct cycles *cycles, int node)
{
    struct moment moment = {.kind = MOMENT_IKE_UP, .node = node};
    cycles_take(cycles, &moment, CUSTOMER);
}

static void two_even_cycles_are_a_circle(void)
{
    struct cycles cycles;
    cycles_init(&cycles);
    CHECK(!cycles_is_circle(&cycles) && cycles.last_us == -1);
    swallow(&cycles, 60, 7);
    renew(&cycles, CUSTOMER);
    swallow(&cycles, 138, 7);
    CHECK(!cycles_is_circle(&cycles) && cycles_period_us(&cycles) == 0);
    renew(&cycles, CUSTOMER);
    swallow(&cycles, 216, 7);
    CHECK(cycles_is_circle(&cycles));
    CHECK_EQUAL(cycles_period_us(&cycles), 78ll * SECOND_US);
}

static void another_state_is_no_repetition(void)
{
    struct cycles cycles;
    cycles_init(&cycles);
    for (int i = 0; i < 8; i++) {
        swallow(&cycles, 60 + 78 * i, (uint64_t)i);
        renew(&cycles, CUSTOMER);
    }
    CHECK(!cycles_is_circle(&cycles));
}

static void a_brief_second_loop_belongs_to_its_cycle(void)
{
    struct cycles cycles;
    cycles_init(&cycles);
    for (int i = 0; i < 3; i++) {
        swallow(&cycles, 60 + 82 * i, 7);
        swallow(&cycles, 98 + 82 * i, 9);
        renew(&cycles, GATEWAY); /* the other end's word does not count */
        renew(&cycles, CUSTOMER);
    }
    CHECK_EQUAL((int64_t)cycles_count(&cycles), 3);
    CHECK_EQUAL(cycles_period_us(&cycles), 82ll * SECOND_US);
    CHECK_EQUAL(cycles.last_us, (98ll + 82 * 2) * SECOND_US);
}

static void without_new_ike_each_swallowing_counts(void)
{
    struct cycles cycles;
    cycles_init(&cycles);
    for (int i = 0; i < 3; i++)
        swallow(&cycles, 60 + 41 * i, 7);
    CHECK_EQUAL((int64_t)cycles_count(&cycles), 1);
    swallow(&cycles, 60 + 41 * 3, 7);
    CHECK_EQUAL((int64_t)cycles_count(&cycles), 4);
    CHECK_EQUAL(cycles_period_us(&cycles), 41ll * SECOND_US);
}

static void many_uneven_cycles_are_a_circle_with_their_median(void)
{
    static const int lengths[] = {78, 82, 82, 78, 90, 82};
    struct cycles cycles;
    int64_t at_s = 60;
    cycles_init(&cycles);
    swallow(&cycles, at_s, 7);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        if (i != 2) /* there, two even ones would follow each other */
            CHECK(!cycles_is_circle(&cycles));
        renew(&cycles, CUSTOMER);
        at_s += lengths[i] + (i == 2 ? 3 : 0);
        swallow(&cycles, at_s, 7);
    }
    CHECK(cycles_is_circle(&cycles));
    CHECK_EQUAL(cycles_period_us(&cycles), 82ll * SECOND_US);
}

enum { ENDS = CYCLES_SESSION + 4, MOMENTS = 2 * ENDS };

/* Of each end of a session both neighbors say so. */
static void end_sessions(struct moment *moments)
{
    for (int i = 0; i < MOMENTS; i++) {
        moments[i] = (struct moment){.kind = MOMENT_SESSION_DOWN,
                                     .at_us = i / 2 * 60ll * SECOND_US,
                                     .node = i % 2 ? GATEWAY : CUSTOMER,
                                     .neighbor = 4,
                                     .reason = i % 2 ? 1 : 2};
    }
}

static void a_session_that_ends_again_and_again_is_a_circle(void)
{
    struct moment moments[MOMENTS];
    end_sessions(moments);
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION - 2, 0));
    CHECK(cycles_of_session(moments, 2 * CYCLES_SESSION, 0));
    CHECK(cycles_of_session(moments, 2 * CYCLES_SESSION - 1, 0));
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION, 1)); /* the first was before */
    moments[6].kind = MOMENT_SWALLOWED;                        /* then it is the tunnel's */
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION, 0));
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION + 5, 0));
    CHECK(cycles_of_session(moments, 2 * CYCLES_SESSION + 6, 0));
}

static void sessions_of_another_neighbor_or_reason_do_not_count(void)
{
    struct moment moments[MOMENTS];
    end_sessions(moments);
    moments[3].neighbor = 5;
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION, 0));
    CHECK(cycles_of_session(moments, 2 * CYCLES_SESSION + 2, 0));
    moments[3].neighbor = 4;
    moments[3].reason = 7;
    CHECK(!cycles_of_session(moments, 2 * CYCLES_SESSION + 2, 0));
    CHECK(cycles_of_session(moments, 2 * CYCLES_SESSION + 4, 0));
}

int main(void)
{
    TEST(two_even_cycles_are_a_circle);
    TEST(another_state_is_no_repetition);
    TEST(a_brief_second_loop_belongs_to_its_cycle);
    TEST(without_new_ike_each_swallowing_counts);
    TEST(many_uneven_cycles_are_a_circle_with_their_median);
    TEST(a_session_that_ends_again_and_again_is_a_circle);
    TEST(sessions_of_another_neighbor_or_reason_do_not_count);
    return harness_done();
}
