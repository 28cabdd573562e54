/* Routes that outlive their session.
 *
 * A session that ends without a NOTIFICATION, with a neighbor that said so before, is taken for a
 * restart (RFC 4724 4.2): the neighbor goes on forwarding, so its routes stay and are chosen as
 * before, only marked stale. They go when the neighbor is not back in time, when it comes back
 * without having kept its forwarding state, or when it has said everything (End-of-RIB) and not
 * them. RFC 7313 is the same within a session: between the two demarcations of a refresh everything
 * is said again, and what is not goes with the second. */
#include "engine/parts.h"
#include "rib/lose.h"

enum {
    SECOND_US = 1000000,
    ALL = OPEN_FOUR | OPEN_SIX,
    /* RFC 4724 4.2 wants an upper bound and gives none; FRR's bgp graceful-restart stalepath-time
     * is 360 s. */
    SAID_AGAIN_US = 360 * SECOND_US,
};

static void note(struct engine *engine, const struct engine_neighbor *neighbor, enum note_kind kind)
{
    struct effect_note *note = engine_note(engine, kind);
    note->neighbor = neighbor->said.neighbor;
    note->attachment = neighbor->said.attachment;
}

/* What is stale of these families has had its time. */
static void end(struct engine *engine, struct engine_neighbor *neighbor, uint8_t families)
{
    families &= neighbor->stale;
    neighbor->stale &= (uint8_t)~families;
    if (neighbor->stale == 0)
        neighbor->stale_until_us = ENGINE_NEVER;
    if (families)
        flow_drop(engine, neighbor, families);
}

/* Was it lost before and not said again since, it goes now: a second restart keeps only what the
 * first one brought back (RFC 4724 4.2). */
void restart_lost(struct engine *engine, struct engine_neighbor *neighbor,
                  const struct bgp_action *down)
{
    if (neighbor->stale || neighbor->dropping & down->kept)
        flow_lose_at_once(engine, neighbor);
    neighbor->stale = down->kept;
    neighbor->stale_until_us = ENGINE_NEVER;
    flow_lose(engine, neighbor, down->kept);
    if (!down->kept)
        return;
    neighbor->stale_until_us = engine->now_us + (int64_t)down->kept_s * SECOND_US;
    note(engine, neighbor, NOTE_ROUTES_KEPT);
}

/* It is back: with its forwarding state, or not. */
void restart_established(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (!neighbor->stale)
        return;
    end(engine, neighbor, ALL & (uint8_t)~session_terms(&neighbor->session)->kept_families);
    if (neighbor->stale)
        neighbor->stale_until_us = engine->now_us + SAID_AGAIN_US;
}

void restart_refresh(struct engine *engine, struct engine_neighbor *neighbor,
                     const struct bgp_action *refresh)
{
    uint8_t family = refresh->six ? OPEN_SIX : OPEN_FOUR;
    if (refresh->refresh == BGP_REFRESH_END) {
        end(engine, neighbor, family);
        return;
    }
    if (neighbor->dropping & family) /* what was lost before goes before */
        flow_lose_at_once(engine, neighbor);
    rib_lose_family(&engine->bgp->rib, neighbor->source, refresh->six);
    neighbor->stale |= family;
    neighbor->stale_until_us = engine->now_us + SAID_AGAIN_US;
}

/* End-of-RIB of a family. */
void restart_complete(struct engine *engine, struct engine_neighbor *neighbor, uint8_t family)
{
    end(engine, neighbor, family);
    deferral_heard(engine, neighbor, family);
}

/* Stopped by hand while it was away: nobody waits for it any more. */
void restart_halted(struct engine *engine, struct engine_neighbor *neighbor)
{
    end(engine, neighbor, ALL);
}

void restart_expired(struct engine *engine, struct engine_neighbor *neighbor)
{
    note(engine, neighbor, NOTE_ROUTES_EXPIRED);
    end(engine, neighbor, ALL);
}
