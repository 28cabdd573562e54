/* BFD of the neighbors that have it: whether packets get through, which a BGP session only learns
 * when its hold time is over. Neither a datagram nor a deadline looks at more than one neighbor. */
#include "engine/parts.h"

#include <assert.h>

static struct bfd_end *end_of(const struct engine *engine, const struct engine_neighbor *neighbor)
{
    return neighbor->bfd ? pool_get(&engine->bgp->bfd_ends, neighbor->bfd) : NULL;
}

static void arm(struct engine *engine, const struct engine_neighbor *neighbor,
                const struct bfd_end *end)
{
    uint16_t number = neighbor->said.neighbor;
    bool armed = heap_set(&engine->bgp->bfd_deadlines, number, bfd_deadline_us(end), number);
    assert(armed); /* it has its place since the neighbor was added */
}

static void forget(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (neighbor->bfd == 0)
        return;
    heap_drop(&engine->bgp->bfd_deadlines, neighbor->said.neighbor);
    pool_give(&engine->bgp->bfd_ends, neighbor->bfd);
    neighbor->bfd = 0;
}

/* Of one that has changed, the former end is silent at once: it was halted before. */
void liveness_add(struct engine *engine, struct engine_neighbor *neighbor)
{
    const struct event_neighbor *said = &neighbor->said;
    forget(engine, neighbor);
    if (said->bfd_interval_us == 0)
        return;
    /* one's own among all, and hard to guess (RFC 5880 6.8.1) */
    uint32_t discriminator = (uint32_t)prng_next(&engine->prng) << 16 | said->neighbor;
    struct bfd_config config = {.discriminator = discriminator,
                                .interval_us = said->bfd_interval_us,
                                .multiplier = said->bfd_multiplier};
    neighbor->bfd = pool_take(&engine->bgp->bfd_ends);
    assert(neighbor->bfd); /* configuration is not refused */
    bfd_init(end_of(engine, neighbor), &config);
    arm(engine, neighbor, end_of(engine, neighbor));
}

static void note(struct engine *engine, const struct engine_neighbor *neighbor,
                 const struct bfd_end *end, bool up)
{
    struct effect_note *note = engine_note(engine, up ? NOTE_BFD_UP : NOTE_BFD_DOWN);
    note->neighbor = neighbor->said.neighbor;
    note->attachment = neighbor->said.attachment;
    note->reason = end->diag;
}

/* RFC 5882 4.1: the session that ran over what is broken ends at once, and says why (RFC 9384). */
static void act(struct engine *engine, struct engine_neighbor *neighbor, enum bfd_news news)
{
    static const struct flow_refusal broken = {.reason = BGP_DOWN_BFD,
                                               .error = {BGP_ERROR_CEASE, BGP_CEASE_BFD_DOWN, {0}}};
    struct bfd_end *end = end_of(engine, neighbor);
    if (news != BFD_SAME)
        note(engine, neighbor, end, news == BFD_CAME_UP);
    if (news == BFD_WENT_DOWN)
        sessions_end(engine, neighbor, &broken);
    if (bfd_has_packet(end))
        engine_effect(engine, EFFECT_BFD_SEND)->connection =
            (struct event_connection){.neighbor = neighbor->said.neighbor};
    arm(engine, neighbor, end);
}

void liveness_start(struct engine *engine, struct engine_neighbor *neighbor, bool start)
{
    struct bfd_end *end = end_of(engine, neighbor);
    if (!end)
        return;
    if (start)
        bfd_start(end, engine->now_us, &engine->prng);
    else
        bfd_stop(end, engine->now_us, &engine->prng);
    act(engine, neighbor, BFD_SAME);
}

/* Of a neighbor that has no BFD here: nobody asked for it. */
void liveness_received(struct engine *engine, const struct event_received *received)
{
    struct engine_neighbor *neighbor = engine_neighbor_at(engine, received->connection.neighbor);
    struct bfd_end *end = end_of(engine, neighbor);
    if (end)
        act(engine, neighbor, bfd_receive(end, engine->now_us, &engine->prng, received->bytes));
}

void liveness_time(struct engine *engine)
{
    const struct heap_entry *first;
    while ((first = heap_first(&engine->bgp->bfd_deadlines)) && first->when_us <= engine->now_us) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, (uint16_t)first->id);
        struct bfd_end *end = end_of(engine, neighbor);
        act(engine, neighbor, bfd_time(end, engine->now_us, &engine->prng));
    }
}

/* The neighbor was added again; what it was is so again. */
void liveness_restore(struct engine *engine, struct engine_neighbor *neighbor,
                      const struct bfd_end *was)
{
    struct bfd_end *end = end_of(engine, neighbor);
    struct bfd_config config = end->config;
    config.discriminator = was->config.discriminator;
    *end = *was;
    end->config = config;
    arm(engine, neighbor, end);
}

size_t engine_pull_bfd(struct engine *engine, uint16_t neighbor, uint8_t *data, size_t cap)
{
    struct bfd_end *end = end_of(engine, engine_neighbor_at(engine, neighbor));
    return end ? bfd_pull(end, data, cap) : 0;
}

int64_t engine_bfd_deadline_us(const struct engine *engine)
{
    const struct heap_entry *first = engine->bgp ? heap_first(&engine->bgp->bfd_deadlines) : NULL;
    return first ? first->when_us : ENGINE_NEVER;
}

/* A discriminator says whose it is (liveness_add). */
uint16_t engine_bfd_of(const struct engine *engine, uint32_t discriminator)
{
    uint16_t neighbor = (uint16_t)discriminator;
    if (!engine->bgp || neighbor == 0 || neighbor > engine_neighbor_count(engine))
        return 0;
    const struct bfd_end *end = engine_bfd(engine, neighbor);
    return end && end->config.discriminator == discriminator ? neighbor : 0;
}

const struct bfd_end *engine_bfd(const struct engine *engine, uint16_t neighbor)
{
    return end_of(engine, engine_neighbor_at(engine, neighbor));
}
