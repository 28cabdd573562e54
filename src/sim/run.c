/* Running a story to where it can be said how it ends.
 *
 * At rest: for longer than any timer runs nothing has happened but keepalives. In a circle: every
 * tunnel that was swallowed since the story's end goes round for ever (sim/cycles.h). */
#include "sim/parts.h"

#include <stdlib.h>

bool sim_run(struct sim *sim, int64_t until_us)
{
    while (sim_next(sim, until_us)) {
        if (sim->event_count >= sim->options.events || sim->now_us > sim->options.limit_us ||
            sim->complaint)
            return false;
    }
    bool more = heap_first(&sim->queue) != NULL;
    sim->now_us = until_us;
    return more;
}

void sim_tell(struct sim *sim, int node, const struct event *event)
{
    struct event copy = *event;
    sim_step_engine(sim, node, &copy);
}

int64_t sim_now_us(const struct sim *sim)
{
    return sim->now_us;
}

const struct moment *sim_moments(const struct sim *sim, size_t *ret_count)
{
    *ret_count = sim->moment_count;
    return sim->moments;
}

uint64_t sim_digest(const struct sim *sim)
{
    return digest_end(&sim->digest);
}

bool sim_is_quiet(const struct sim *sim)
{
    return sim->now_us - sim->last_change_us >= sim->quiet_us;
}

uint64_t sim_event_count(const struct sim *sim)
{
    return sim->event_count;
}

const char *sim_complaint(const struct sim *sim)
{
    return sim->complaint;
}

static void digest_kernel(struct digest *digest, const struct kernel *kernel)
{
    struct prefix prefix;
    uint32_t handle;
    bool more = lpm_next(&kernel->prefixes, NULL, &prefix, &handle);
    while (more) {
        const struct kernel_entry *entry = pool_get(&kernel->entries, handle);
        digest_prefix(digest, prefix);
        digest_u64(digest, (uint64_t)entry->gateway << 16 | entry->port);
        digest_six(digest, ip_is_six(entry->gateway), entry->gateway);
        struct prefix at = prefix;
        more = lpm_next(&kernel->prefixes, &at, &prefix, &handle);
    }
}

static void digest_tunnel(const struct sim *sim, struct digest *digest, int tunnel)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    digest_u64(digest, of->ends[0].sa != 0 && of->ends[0].sa == of->ends[1].sa);
    for (int end = 0; end < 2; end++) {
        const struct ike_end *ike = &sim->tunnels[tunnel].ends[end];
        const struct engine *engine = sim->world->nodes[of->ends[end].node].engine;
        digest_u64(digest, (uint64_t)ike->state << 1 | ike->outstanding);
        if (engine && of->ends[end].neighbor)
            digest_u64(digest, engine_session(engine, of->ends[end].neighbor)->state);
    }
}

uint64_t sim_router_digest(const struct sim *sim, int node)
{
    struct digest digest = digest_start();
    digest_kernel(&digest, &sim->world->nodes[node].kernel);
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        if (sim->world->tunnels[i].ends[TUNNEL_CUSTOMER].node == node)
            digest_tunnel(sim, &digest, (int)i);
    }
    return digest_end(&digest);
}

uint64_t sim_state_digest(const struct sim *sim)
{
    struct digest digest = digest_start();
    for (size_t i = 0; i < sim->world->node_count; i++) {
        const struct node *node = &sim->world->nodes[i];
        digest_kernel(&digest, &node->kernel);
        digest_u64(&digest, node->failed);
        if (node->engine)
            digest_u64(&digest, engine_digest(node->engine));
    }
    for (size_t i = 0; i < sim->world->tunnel_count; i++)
        digest_tunnel(sim, &digest, (int)i);
    return digest_end(&digest);
}

int64_t sim_story_end_us(const struct sim *sim)
{
    size_t count = sim->network ? sim->network->step_count : 0;
    return count ? sim->network->story[count - 1].at_us : 0;
}

/* Each moment since the story's end is read once. */
static void watch_cycles(struct sim *sim)
{
    int64_t end_us = sim_story_end_us(sim);
    for (; sim->moments_watched < sim->moment_count; sim->moments_watched++) {
        const struct moment *moment = &sim->moments[sim->moments_watched];
        if (moment->tunnel == WORLD_NONE || moment->at_us < end_us)
            continue;
        int customer = sim->world->tunnels[moment->tunnel].ends[TUNNEL_CUSTOMER].node;
        cycles_take(&sim->tunnels[moment->tunnel].cycles, moment, customer);
    }
}

const struct moment *sim_restless(const struct sim *sim)
{
    return sim->restless ? &sim->moments[sim->restless - 1] : NULL;
}

int64_t sim_period_us(const struct sim *sim, int tunnel)
{
    struct cycles cycles = sim->tunnels[tunnel].cycles;
    int customer = sim->world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].node;
    for (size_t i = sim->moments_watched; i < sim->moment_count; i++) {
        const struct moment *moment = &sim->moments[i];
        if (moment->tunnel == tunnel && moment->at_us >= sim_story_end_us(sim))
            cycles_take(&cycles, moment, customer);
    }
    return cycles_period_us(&cycles);
}

int64_t sim_swallowed_us(const struct sim *sim, int tunnel)
{
    return sim->tunnels[tunnel].first_swallowed_us;
}

bool sim_tunnel_up(const struct sim *sim, int tunnel)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    if (of->failed)
        return false;
    for (int end = 0; end < 2; end++) {
        struct path path = {.hops = NULL};
        forward_outer(sim->world, tunnel, end, &path);
        if (!path.delivered || path.beyond)
            return false;
    }
    return of->plain || (of->ends[0].sa != 0 && of->ends[0].sa == of->ends[1].sa);
}

/* Longer than any timer that could still change something: twice a dead peer's time; the hold time,
 * and what a daemon waits before it begins again, a minute and more after a limit. */
int64_t sim_quiet_us(const struct world *world)
{
    int64_t longest_us = 70 * 1000000ll;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            const struct tunnel_dpd *dpd = &world->tunnels[i].dpd[end];
            int64_t dead_us = 2 * (dpd->delay_us + dpd->interval_us * (int64_t)dpd->tries);
            if (dead_us > longest_us)
                longest_us = dead_us;
        }
    }
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        for (size_t e = 0; e < node->setup_count; e++) {
            const struct event_neighbor *said = &node->setup[e].neighbor;
            if (node->setup[e].kind != EVENT_NEIGHBOR)
                continue;
            int64_t timers_us = (said->hold_s + 2 * said->connect_retry_s) * 1000000ll +
                                node->profile->session_restart.max_us;
            if (node->profile->error_wait_us > 0)
                timers_us += node->profile->error_wait_limit_us;
            if (timers_us > longest_us)
                longest_us = timers_us;
        }
    }
    return longest_us + 5 * 1000000ll;
}

/* A tunnel that was swallowed and lies dead since, for longer than the others' cycles last, keeps
 * nobody waiting. */
static bool goes_round(struct sim *sim)
{
    int64_t waited_for_us = -1, longest_us = 0;
    bool any = false;
    watch_cycles(sim);
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        const struct cycles *cycles = &sim->tunnels[i].cycles;
        int64_t period_us = cycles_period_us(cycles);
        any |= period_us > 0;
        if (period_us > longest_us)
            longest_us = period_us;
        if (period_us == 0 && cycles->last_us > waited_for_us)
            waited_for_us = cycles->last_us;
    }
    return any && (waited_for_us < 0 || sim->now_us - waited_for_us > 3 * longest_us);
}

/* One that has ended again, among the moments that are new, and not by a fault of the plan's. */
static bool session_goes_round(struct sim *sim)
{
    int64_t since_us = sim_story_end_us(sim);
    if (sim->faults && fault_end_us(sim) > since_us)
        since_us = fault_end_us(sim);
    while (sim->ends_watched < sim->moment_count && sim->restless == 0) {
        size_t count = ++sim->ends_watched;
        if (sim->moments[count - 1].kind == MOMENT_SESSION_DOWN &&
            cycles_of_session(sim->moments, count, since_us))
            sim->restless = count;
    }
    return sim->restless != 0;
}

static bool too_many_cycles(const struct sim *sim)
{
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        if (cycles_count(&sim->tunnels[i].cycles) > CYCLES_MAX)
            return true;
    }
    return false;
}

static bool is_exhausted(const struct sim *sim)
{
    return sim->event_count >= sim->options.events || sim->now_us > sim->options.limit_us;
}

/* When nothing happens until then, nothing ever will; who is to boot is waited for. */
static int64_t quiet_at_us(const struct sim *sim)
{
    int64_t since_us = sim->last_change_us;
    int64_t end_us = sim_story_end_us(sim);
    if (since_us < sim->last_boot_us)
        since_us = sim->last_boot_us;
    return since_us + sim->quiet_us > end_us ? since_us + sim->quiet_us : end_us;
}

/* For who only asks whether: all that happens in the moment of the first swallowing, and no more.
 * false: there is none, and the end is another. */
static bool run_to_swallowing(struct sim *sim)
{
    while (!sim->complaint && !is_exhausted(sim) && !sim->any_swallowed) {
        if (!sim_next(sim, quiet_at_us(sim)) || session_goes_round(sim))
            return false;
    }
    if (sim->any_swallowed)
        sim_run(sim, sim->now_us);
    return sim->any_swallowed && !sim->complaint;
}

enum sim_end sim_run_story(struct sim *sim)
{
    bool until = sim->network && sim->network->until_us >= 0;
    bool watched = sim->options.until_swallowed && !until;
    if (watched && run_to_swallowing(sim))
        return SIM_UNTIL;
    if (!watched)
        sim_run(sim, until ? sim->network->until_us : sim_story_end_us(sim));
    size_t looked_at = 0;
    while (!until && !sim->complaint && !is_exhausted(sim)) {
        int64_t at_us = quiet_at_us(sim);
        if (!sim_next(sim, at_us)) {
            sim->now_us = at_us;
            return SIM_SETTLED;
        }
        if (sim->moment_count == looked_at)
            continue;
        if (session_goes_round(sim))
            return SIM_REPEATS;
        looked_at = sim->moment_count;
        if (sim->moments[looked_at - 1].kind != MOMENT_SWALLOWED)
            continue;
        if (goes_round(sim))
            return SIM_REPEATS;
        if (too_many_cycles(sim))
            return SIM_LIMIT;
    }
    if (sim->complaint)
        return SIM_BROKEN;
    if (is_exhausted(sim))
        return SIM_LIMIT;
    return goes_round(sim) ? SIM_REPEATS : SIM_UNTIL;
}
