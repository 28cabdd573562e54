#include "check/run.h"

#include "base/digest.h"

bool run_begin(struct run *run, const struct network *network, uint64_t seed, int64_t limit_us)
{
    *run = (struct run){.network = *network, .end = SIM_LIMIT};
    run->network.until_us = -1;
    run->world = network_build(&run->network);
    if (!run->world)
        return false;
    struct sim_options options = {.seed = seed, .limit_us = limit_us};
    run->sim = sim_create(run->world, &run->network, &options);
    if (run->sim)
        return true;
    run_done(run);
    return false;
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

bool run_is_well(const struct run *run)
{
    return run->end == SIM_SETTLED && !run_any_swallowed(run) && run_all_up(run);
}

static void digest_kernel(struct digest *digest, const struct kernel *kernel)
{
    struct prefix4 at;
    uint32_t handle;
    bool more = lpm4_next(&kernel->prefixes, NULL, &at, &handle);
    while (more) {
        const struct kernel_entry *entry = pool_get(&kernel->entries, handle);
        digest_u64(digest, (uint64_t)at.addr << 8 | at.len);
        digest_u64(digest, (uint64_t)entry->gateway << 16 | entry->port);
        struct prefix4 from = at;
        more = lpm4_next(&kernel->prefixes, &from, &at, &handle);
    }
}

uint64_t run_shape(const struct run *run)
{
    const struct world *world = run->world;
    struct digest digest = digest_start();
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        digest_kernel(&digest, &node->kernel);
        const struct vpc *vpc = node->kind == NODE_VPC ? world_vpc(world, node) : NULL;
        if (vpc)
            vpc_digest(vpc, &digest);
    }
    for (size_t i = 0; i < world->tunnel_count; i++)
        digest_u64(&digest, sim_tunnel_up(run->sim, (int)i));
    return digest_end(&digest);
}
