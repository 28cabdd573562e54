#include "check/run.h"

enum { FLAPS_MIN = 8 }; /* cycles that nobody would call a start any more */

static bool begin(struct run *run, const struct network *network, const struct sim_options *options)
{
    *run = (struct run){.network = *network, .end = SIM_LIMIT};
    run->network.until_us = -1;
    run->world = network_build(&run->network);
    if (!run->world)
        return false;
    run->sim = sim_create(run->world, &run->network, options);
    if (run->sim)
        return true;
    run_done(run);
    return false;
}

bool run_begin(struct run *run, const struct network *network, uint64_t seed, int64_t limit_us)
{
    return begin(run, network, &(struct sim_options){.seed = seed, .limit_us = limit_us});
}

bool run_begin_trial(struct run *run, const struct network *network, uint64_t seed,
                     int64_t limit_us)
{
    return begin(
        run, network,
        &(struct sim_options){.seed = seed, .limit_us = limit_us, .until_swallowed = true});
}

void run_done(struct run *run)
{
    sim_destroy(run->sim);
    world_destroy(run->world);
    run->sim = NULL;
    run->world = NULL;
}

void run_until(struct run *run, int64_t at_us)
{
    if (at_us > sim_now_us(run->sim))
        sim_run(run->sim, at_us);
}

void run_finish(struct run *run)
{
    run->end = sim_run_story(run->sim);
}

static bool is_cut_off(const struct node *node)
{
    return node->failed || node->underlay_down;
}

bool run_tunnel_excused(const struct run *run, int tunnel)
{
    const struct tunnel *of = &run->world->tunnels[tunnel];
    return of->failed || is_cut_off(&run->world->nodes[of->ends[TUNNEL_GATEWAY].node]) ||
           is_cut_off(&run->world->nodes[of->ends[TUNNEL_CUSTOMER].node]);
}

bool run_all_up(const struct run *run)
{
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (!run_tunnel_excused(run, (int)i) && !sim_tunnel_up(run->sim, (int)i))
            return false;
    }
    return true;
}

bool run_any_swallowed(const struct run *run)
{
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (sim_swallowed_us(run->sim, (int)i) >= 0)
            return true;
    }
    return false;
}

bool run_keeps_flapping(const struct run *run)
{
    size_t count;
    const struct moment *moments = sim_moments(run->sim, &count);
    for (size_t tunnel = 0; run->end == SIM_LIMIT && tunnel < run->world->tunnel_count; tunnel++) {
        /* a second, brief loop with the same SA is no cycle of its own; many are */
        unsigned cycles = 0, within = 0;
        bool renewed = true;
        for (size_t i = 0; i < count; i++) {
            if (moments[i].tunnel != (int)tunnel || moments[i].at_us < sim_story_end_us(run->sim))
                continue;
            renewed |= moments[i].kind == MOMENT_IKE_UP;
            if (moments[i].kind != MOMENT_SWALLOWED)
                continue;
            cycles += renewed;
            within = renewed ? 1 : within + 1;
            renewed = false;
            if (cycles >= FLAPS_MIN || within >= FLAPS_MIN)
                return true;
        }
    }
    return false;
}

static bool is_closing(const struct moment *moment)
{
    return moment->kind == MOMENT_SESSION_DOWN && moment->reason == BGP_DOWN_MAX_PREFIXES;
}

unsigned run_limit_closings(const struct run *run, int gateway, uint16_t neighbor)
{
    size_t count;
    unsigned closings = 0;
    const struct moment *moments = sim_moments(run->sim, &count);
    for (size_t i = 0; i < count; i++)
        closings += is_closing(&moments[i]) && moments[i].node == gateway &&
                    moments[i].neighbor == neighbor;
    return closings;
}

bool run_keeps_closing(const struct run *run)
{
    const struct moment *end = sim_restless(run->sim);
    return run->end == SIM_REPEATS && end && is_closing(end) &&
           run->world->nodes[end->node].kind == NODE_GATEWAY;
}

bool run_is_well(const struct run *run)
{
    return run->end == SIM_SETTLED && !run_any_swallowed(run) && run_all_up(run);
}

uint64_t run_seed(uint64_t seed, unsigned nth)
{
    return seed ^ nth * UINT64_C(0x9e3779b97f4a7c15);
}
