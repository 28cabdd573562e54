/* Running a story to where it can be said how it ends: at rest, in a circle, or neither.
 *
 * At rest: for longer than any timer runs nothing has happened but keepalives.
 *
 * In a circle: each time a tunnel begins to be swallowed, the canonical state of its router is
 * digested: kernel table, sessions, IKE at both ends of its tunnels, without uptimes, counters and
 * phases. When such a state has come back REPEATS times after the story's last step, the run would
 * go on so for ever, and the time between two equal states is the period. A second, brief loop
 * inside a cycle has another digest (a DPD request is outstanding), so it is not taken for one. */
#include "sim/parts.h"

#include <stdlib.h>

enum { REPEATS = 3, CYCLES_MAX = 24 };

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
    struct prefix4 prefix;
    uint32_t handle;
    bool more = lpm4_next(&kernel->prefixes, NULL, &prefix, &handle);
    while (more) {
        const struct kernel_entry *entry = pool_get(&kernel->entries, handle);
        digest_u64(digest, (uint64_t)prefix.addr << 8 | prefix.len);
        digest_u64(digest, (uint64_t)entry->gateway << 16 | entry->port);
        struct prefix4 at = prefix;
        more = lpm4_next(&kernel->prefixes, &at, &prefix, &handle);
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

/* The most often repeated state of a tunnel's beginnings since the moment: how often, and the first
 * and last time. */
static unsigned repeats(const struct sim *sim, int tunnel, int64_t since_us, int64_t *ret_first_us,
                        int64_t *ret_last_us)
{
    unsigned best = 0;
    for (size_t i = 0; i < sim->moment_count; i++) {
        const struct moment *first = &sim->moments[i];
        if (first->kind != MOMENT_SWALLOWED || first->tunnel != tunnel || first->at_us < since_us)
            continue;
        unsigned count = 0;
        int64_t last_us = first->at_us;
        for (size_t j = i; j < sim->moment_count; j++) {
            const struct moment *again = &sim->moments[j];
            if (again->kind != MOMENT_SWALLOWED || again->tunnel != tunnel ||
                again->state != first->state)
                continue;
            count++;
            last_us = again->at_us;
        }
        if (count > best) {
            best = count;
            *ret_first_us = first->at_us;
            *ret_last_us = last_us;
        }
    }
    return best;
}

int64_t sim_period_us(const struct sim *sim, int tunnel)
{
    int64_t first_us = 0, last_us = 0;
    unsigned count = repeats(sim, tunnel, sim_story_end_us(sim), &first_us, &last_us);
    return count >= REPEATS ? (last_us - first_us) / (int64_t)(count - 1) : 0;
}

int64_t sim_swallowed_us(const struct sim *sim, int tunnel)
{
    return sim->tunnels[tunnel].first_swallowed_us;
}

bool sim_tunnel_up(const struct sim *sim, int tunnel)
{
    const struct tunnel *of = &sim->world->tunnels[tunnel];
    if (of->failed || sim->tunnels[tunnel].swallowed[0] || sim->tunnels[tunnel].swallowed[1])
        return false;
    for (int end = 0; end < 2; end++) {
        struct path path = {.hops = NULL};
        forward_outer(sim->world, tunnel, end, &path);
        if (!path.delivered || path.beyond)
            return false;
    }
    return of->plain || (of->ends[0].sa != 0 && of->ends[0].sa == of->ends[1].sa);
}

/* Longer than any timer that could still change something: twice a dead peer's time and the hold
 * time, and what a daemon waits before it begins again. */
static int64_t quiet_us(const struct sim *sim)
{
    int64_t longest_us = 30 * 1000000ll;
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            const struct tunnel_dpd *dpd = &sim->world->tunnels[i].dpd[end];
            int64_t dead_us = 2 * (dpd->delay_us + dpd->interval_us * (int64_t)dpd->tries);
            if (dead_us > longest_us)
                longest_us = dead_us;
        }
    }
    for (size_t i = 0; i < sim->world->node_count; i++) {
        const struct engine *engine = sim->world->nodes[i].engine;
        for (uint16_t n = 1; engine && n <= engine_neighbor_count(engine); n++) {
            const struct event_neighbor *neighbor = engine_neighbor(engine, n);
            int64_t timers_us = (neighbor->hold_s + 2 * neighbor->connect_retry_s) * 1000000ll;
            if (timers_us > longest_us)
                longest_us = timers_us;
        }
    }
    return longest_us + 5 * 1000000ll;
}

/* Every tunnel that was swallowed after the story's end goes in a circle, and there is one. */
static bool goes_round(const struct sim *sim)
{
    bool any = false;
    int64_t end_us = sim_story_end_us(sim);
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        int64_t first_us, last_us;
        unsigned count = repeats(sim, (int)i, end_us, &first_us, &last_us);
        if (count == 1 || count == 2)
            return false;
        any |= count >= REPEATS;
    }
    return any;
}

static unsigned most_cycles(const struct sim *sim)
{
    unsigned most = 0;
    for (size_t i = 0; i < sim->world->tunnel_count; i++) {
        unsigned count = 0;
        for (size_t j = 0; j < sim->moment_count; j++)
            count += sim->moments[j].kind == MOMENT_SWALLOWED && sim->moments[j].tunnel == (int)i &&
                     sim->moments[j].at_us >= sim_story_end_us(sim);
        if (count > most)
            most = count;
    }
    return most;
}

enum sim_end sim_run_story(struct sim *sim)
{
    int64_t end_us = sim_story_end_us(sim);
    bool until = sim->network && sim->network->until_us >= 0;
    sim_run(sim, until ? sim->network->until_us : end_us);
    size_t looked_at = 0;
    while (!until && !sim->complaint) {
        const struct heap_entry *first = heap_first(&sim->queue);
        int64_t quiet_at_us = sim->last_change_us + quiet_us(sim);
        if (quiet_at_us < end_us)
            quiet_at_us = end_us;
        if (!first || first->when_us > quiet_at_us) {
            sim->now_us = quiet_at_us;
            return SIM_SETTLED;
        }
        if (!sim_next(sim, INT64_MAX) || sim->event_count >= sim->options.events ||
            sim->now_us > sim->options.limit_us)
            return SIM_LIMIT;
        if (sim->moment_count == looked_at)
            continue;
        looked_at = sim->moment_count;
        if (sim->moments[looked_at - 1].kind != MOMENT_SWALLOWED)
            continue;
        if (goes_round(sim))
            return SIM_REPEATS;
        if (most_cycles(sim) > CYCLES_MAX)
            return SIM_LIMIT;
    }
    if (sim->complaint)
        return SIM_BROKEN;
    return goes_round(sim) ? SIM_REPEATS : SIM_UNTIL;
}
