/* MinRouteAdvertisementInterval, RFC 4271 9.2.1.1: a neighbor that wants it is not told of a prefix
 * again before its interval is over. One deadline a neighbor, not one a prefix: what waits is in
 * the log (bgp/outlog_pace.c), and is told in one walk.
 *
 *     told at once ── the walk ends ──► interval ── something waits ──► told by a walk, and again
 *          ▲                               │
 *          └────── nothing waits ──────────┘
 *
 * The interval is shortened by a random quarter at most (RFC 4271 10), so that neighbors do not
 * fall into step. It counts from where a walk ended, which only the pulls know; so the deadline
 * that is armed with a walk may come too early, and is then armed anew. */
#include "engine/parts.h"

enum { SECOND_US = 1000000, JITTER_PERCENT = 25 };

static int64_t draw(struct engine *engine, const struct engine_neighbor *neighbor)
{
    int64_t us = (int64_t)neighbor->said.advertisement_s * SECOND_US;
    uint64_t span = (uint64_t)us * JITTER_PERCENT / 100;
    return us - (int64_t)prng_below(&engine->bgp->pace, span + 1);
}

/* A walk has begun. */
static void begin(struct engine *engine, struct engine_neighbor *neighbor)
{
    neighbor->pace_us = draw(engine, neighbor);
    neighbor->pace_at_us = neighbor->paced_us = engine->now_us + neighbor->pace_us;
}

void pace_joined(struct engine *engine, struct engine_neighbor *neighbor)
{
    neighbor->pace_at_us = ENGINE_NEVER;
    if (neighbor->said.advertisement_s > 0 && neighbor->member)
        begin(engine, neighbor);
}

void pace_news(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (neighbor->said.advertisement_s == 0 || neighbor->pace_at_us != ENGINE_NEVER)
        return;
    if (outlog_release(&engine->bgp->outlog, neighbor->member))
        begin(engine, neighbor);
}

void pace_pulled(struct engine *engine, struct engine_neighbor *neighbor, bool walked)
{
    if (walked && !outlog_walks(&engine->bgp->outlog, neighbor->member))
        neighbor->paced_us = engine->now_us + neighbor->pace_us;
}

void pace_time(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (outlog_walks(&engine->bgp->outlog, neighbor->member)) {
        neighbor->pace_at_us = engine->now_us + neighbor->pace_us;
    } else if (engine->now_us < neighbor->paced_us) {
        neighbor->pace_at_us = neighbor->paced_us;
    } else if (outlog_release(&engine->bgp->outlog, neighbor->member)) {
        begin(engine, neighbor);
        engine->bgp->news = true;
    } else {
        neighbor->pace_at_us = ENGINE_NEVER;
    }
}
