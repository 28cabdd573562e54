/* We have restarted: the other side of restart.c.
 *
 * An earlier life ended without a word. Its neighbors keep what it told them, and the kernel goes
 * on forwarding by what it installed; both are right as long as nobody changes them. So nothing is
 * told and nothing is installed until all neighbors have said what they have (End-of-RIB): the
 * first of them may be the worst path to everywhere (RFC 4724 4.1). What they say is taken in and
 * chosen among meanwhile, which nobody sees.
 *
 * Waited for is who may keep our routes (restart_s), from its start on, and whoever else is up and
 * knows End-of-RIB; not who has restarted itself, for it may wait for us. The Selection Deferral
 * Timer bounds it all. Families end together: a gateway's two are few messages apart.
 *
 * Who keeps our routes does so for the time that we said, but whether it tries to reach us by then
 * is its own affair: one whose attempt was refused while we were away may wait for its
 * ConnectRetryTimer, 120 s where nobody said otherwise (RFC 4271 10). So whoever is waited for is
 * also called, passive or not.
 *
 * As long as it lasts our OPENs have the Restart State bit. */
#include "engine/parts.h"

#include <assert.h>

enum { SECOND_US = 1000000, ALL = OPEN_FOUR | OPEN_SIX };

void deferral_begin(struct engine *engine, uint16_t deferral_s)
{
    struct engine_bgp *bgp = engine->bgp;
    bgp->kept = deferral_s > 0;
    bgp->deferral_us =
        deferral_s > 0 ? engine->now_us + (int64_t)deferral_s * SECOND_US : ENGINE_NEVER;
}

bool deferral_holds(const struct engine *engine)
{
    return engine->bgp->deferral_us != ENGINE_NEVER;
}

bool deferral_calls(const struct engine *engine, const struct engine_neighbor *neighbor)
{
    return deferral_holds(engine) && neighbor->said.restart_s > 0;
}

/* What is taken in is decided first, so that End-of-RIB comes behind all of it. */
static void end(struct engine *engine)
{
    flow_settle_now(engine);
    engine->bgp->deferral_us = ENGINE_NEVER;
    engine_note(engine, NOTE_RESTART_OVER);
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, i);
        neighbor->awaited = 0;
        neighbor->session.config.restarted = false;
        if (neighbor->said.passive)
            neighbor->session.config.mode = SESSION_PASSIVE;
        if (neighbor->session.ready && !neighbor->member)
            sessions_tell(engine, neighbor);
    }
}

static void end_if_all_spoke(struct engine *engine)
{
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        if (engine_neighbor_at(engine, i)->awaited)
            return;
    }
    end(engine);
}

void deferral_started(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (deferral_calls(engine, neighbor))
        neighbor->awaited = ALL;
}

void deferral_established(struct engine *engine, struct engine_neighbor *neighbor)
{
    const struct open_terms *terms = session_terms(&neighbor->session);
    if (!deferral_holds(engine))
        return;
    neighbor->awaited = 0;
    if (terms->restart && !terms->restarted)
        neighbor->awaited = (uint8_t)((terms->four ? OPEN_FOUR : 0) | (terms->six ? OPEN_SIX : 0));
    end_if_all_spoke(engine);
}

void deferral_heard(struct engine *engine, struct engine_neighbor *neighbor, uint8_t family)
{
    if (!deferral_holds(engine))
        return;
    neighbor->awaited &= (uint8_t)~family;
    end_if_all_spoke(engine);
}

void deferral_halted(struct engine *engine, struct engine_neighbor *neighbor)
{
    if (!deferral_holds(engine))
        return;
    neighbor->awaited = 0;
    end_if_all_spoke(engine);
}

void deferral_time(struct engine *engine)
{
    if (engine->now_us >= engine->bgp->deferral_us)
        end(engine);
}
