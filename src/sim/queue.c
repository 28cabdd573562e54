#include "sim/parts.h"

#include <assert.h>

/* What is to happen, in order of time; of equal times, what was queued first. */
uint32_t sim_at(struct sim *sim, int64_t at_us, const struct happening *happening)
{
    assert(at_us >= sim->now_us);
    uint32_t id = pool_take(&sim->happenings);
    assert(id);
    *(struct happening *)pool_get(&sim->happenings, id) = *happening;
    bool queued = heap_set(&sim->queue, id, at_us, sim->next_tie++);
    assert(queued);
    return id;
}

void sim_cancel(struct sim *sim, uint32_t *timer)
{
    if (!*timer)
        return;
    heap_drop(&sim->queue, *timer);
    pool_give(&sim->happenings, *timer);
    *timer = 0;
}

int64_t sim_late(struct sim *sim, int64_t most_us)
{
    if (sim->options.no_phase || most_us <= 0)
        return 0;
    return (int64_t)prng_below(&sim->prng, (uint64_t)most_us + 1);
}
