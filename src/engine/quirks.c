/* What a platform's daemon does with its sessions that no state machine says: it sleeps over its
 * first UPDATE, and waits longer after each error. Whether and how long is the profile's
 * (platform.h); a gateway's own daemon does neither.
 *
 * A session that sleeps is Established and not yet ready. Whatever its daemon's loop has to do
 * wakes it: a message of any neighbor, a connection, a timer of any session. */
#include "engine/parts.h"

void quirks_wake(struct engine *engine)
{
    const struct platform_profile *profile = engine->config.profile;
    if (!profile->first_update_sleep_us)
        return;
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        struct engine_neighbor *neighbor = engine_neighbor_at(engine, i);
        session_hasten(&neighbor->session, engine->now_us + profile->first_update_us);
        sessions_arm(engine, neighbor);
    }
}

/* The hold timer, and NOTIFICATIONs of either end but Cease (RFC 4486): who was asked to stop has
 * made no error. */
static bool is_error(const struct bgp_action *down)
{
    return down->code != 0 && down->code != BGP_ERROR_CEASE;
}

void quirks_down(struct engine *engine, struct engine_neighbor *neighbor,
                 const struct bgp_action *down)
{
    const struct platform_profile *profile = engine->config.profile;
    if (!profile->error_wait_us)
        return;
    if (is_error(down)) {
        bool forgotten = neighbor->error_wait_us == 0 ||
                         engine->now_us - neighbor->error_at_us >= profile->error_forget_us;
        int64_t wait_us = forgotten ? profile->error_wait_us : 2 * neighbor->error_wait_us;
        neighbor->error_wait_us =
            wait_us < profile->error_wait_limit_us ? wait_us : profile->error_wait_limit_us;
        neighbor->error_at_us = engine->now_us;
    }
    struct span wait = {neighbor->error_wait_us / 4 * 3, neighbor->error_wait_us};
    if (neighbor->error_wait_us > 0 && (is_error(down) || down->was_established))
        session_put_off(&neighbor->session, engine_draw(engine, wait));
}
