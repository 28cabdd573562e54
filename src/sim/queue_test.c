#include "sim/sim_rig.h"

#include "tests/abort.h"

static struct run empty(bool no_phase)
{
    return run_with("vpcs: []\n", &(struct sim_options){.seed = 7, .no_phase = no_phase});
}

static int next_step(struct sim *sim)
{
    const struct heap_entry *first = heap_first(&sim->queue);
    const struct happening *happening = pool_get(&sim->happenings, first->id);
    int step = happening->step;
    uint32_t id = first->id;
    heap_drop(&sim->queue, id);
    pool_give(&sim->happenings, id);
    return step;
}

static void put(struct sim *sim, int64_t at_us, int step)
{
    struct happening happening = {.kind = HAPPENS_LOOK, .step = step};
    sim_at(sim, at_us, &happening);
}

static void of_equal_times_the_first_queued_comes_first(void)
{
    struct run run = empty(true);
    put(run.sim, 20, 1);
    put(run.sim, 10, 2);
    put(run.sim, 20, 3);
    put(run.sim, 10, 4);
    CHECK_EQUAL(next_step(run.sim), 2);
    CHECK_EQUAL(next_step(run.sim), 4);
    put(run.sim, 20, 5);
    CHECK_EQUAL(next_step(run.sim), 1);
    CHECK_EQUAL(next_step(run.sim), 3);
    CHECK_EQUAL(next_step(run.sim), 5);
    run_done(&run);
}

static void what_is_canceled_does_not_happen(void)
{
    struct run run = empty(true);
    struct happening happening = {.kind = HAPPENS_LOOK, .step = 1};
    uint32_t timer = sim_at(run.sim, 10, &happening);
    put(run.sim, 20, 2);
    sim_cancel(run.sim, &timer);
    CHECK_EQUAL(timer, 0);
    sim_cancel(run.sim, &timer); /* none is fine */
    CHECK_EQUAL(next_step(run.sim), 2);
    CHECK(heap_first(&run.sim->queue) == NULL);
    run_done(&run);
}

/* Against a naive search for the least (time, order). */
static void random_times_come_out_sorted(void)
{
    enum { COUNT = 500 };
    struct run run = empty(true);
    struct prng prng = prng_seed(3);
    int64_t times[COUNT];
    for (int i = 0; i < COUNT; i++) {
        times[i] = (int64_t)prng_below(&prng, 50);
        put(run.sim, times[i], i);
    }
    for (int n = 0; n < COUNT; n++) {
        int least = 0;
        for (int i = 1; i < COUNT; i++) {
            if (times[i] < times[least])
                least = i;
        }
        CHECK_EQUAL(next_step(run.sim), least);
        times[least] = INT64_MAX;
    }
    run_done(&run);
}

static void lateness_is_within_its_bound(void)
{
    struct run run = empty(false);
    bool least = false, most = false;
    for (int i = 0; i < 1000; i++) {
        int64_t late_us = sim_late(run.sim, 9);
        CHECK(late_us >= 0 && late_us <= 9);
        least |= late_us == 0;
        most |= late_us == 9;
    }
    CHECK(least && most);
    CHECK_EQUAL(sim_late(run.sim, 0), 0);
    run_done(&run);
    run = empty(true);
    CHECK_EQUAL(sim_late(run.sim, 1000), 0);
    run_done(&run);
}

static void into_the_past(void *sim)
{
    put(sim, 4, 0);
}

static void nothing_is_queued_into_the_past(void)
{
    struct run run = empty(true);
    sim_run(run.sim, 5);
    CHECK(aborts(into_the_past, run.sim));
    run_done(&run);
}

int main(void)
{
    TEST(of_equal_times_the_first_queued_comes_first);
    TEST(what_is_canceled_does_not_happen);
    TEST(random_times_come_out_sorted);
    TEST(lateness_is_within_its_bound);
    TEST(nothing_is_queued_into_the_past);
    return harness_done();
}
