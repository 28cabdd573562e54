#include "check/recursion.h"

#include "check/mechanism.h"
#include "check/timeline.h"

#include <stdlib.h>
#include <string.h>

static const struct network_router *router_said(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    return ref.kind == NETWORK_ROUTER ? &network->routers[ref.index] : NULL;
}

/* Is what the router would do with the route a supposition? Its routes are not in the file; or it
 * was distances that decided, and nobody knows the platform's. */
static bool is_supposed(const struct check *check, const struct world *world,
                        const struct evidence *evidence)
{
    const struct node *node = &world->nodes[evidence->router];
    const struct network_router *router = router_said(check->network, node->id);
    bool unknown = !router || (!router->routes && !router->underlay);
    bool distances =
        evidence->by_distance && (node->profile->assumed & 1u << PLATFORM_ASSUMES_DISTANCES);
    return evidence->turn == TURN_ROUTER && (unknown || distances);
}

/* Swallowed now, nothing arrives, and with that settled. */
static bool stays_swallowed(const struct run *run, int tunnel)
{
    struct path path = {.hops = NULL};
    forward_outer(run->world, tunnel, TUNNEL_CUSTOMER, &path);
    return run->end == SIM_SETTLED && path.swallowed && (!path.delivered || path.beyond);
}

/* Another tunnel took the packets, they arrived, and the tunnel never fell for it. */
static bool is_nested(const struct run *run, const struct path *path, int tunnel)
{
    return path->delivered && sim_tunnel_up(run->sim, tunnel) &&
           sim_period_us(run->sim, tunnel) == 0;
}

static enum check_level judge(const struct check *check, const struct run *run, bool agrees,
                              const struct evidence *evidence)
{
    bool for_ever = run->end == SIM_REPEATS && sim_period_us(run->sim, evidence->tunnel) > 0;
    bool dead = stays_swallowed(run, evidence->tunnel);
    bool known = agrees && !is_supposed(check, run->world, evidence);
    return (for_ever || dead) && known ? CHECK_CERTAIN : CHECK_LIKELY;
}

static void copy_as_path(struct check *check, const struct evidence *evidence,
                         struct check_finding *finding)
{
    size_t bytes = evidence->as_path_count * sizeof *finding->as_path;
    finding->as_path = check_take(check, bytes + sizeof *finding->as_path);
    memcpy(finding->as_path, evidence->as_path, bytes);
    finding->as_path_count = evidence->as_path_count;
}

struct check_finding *recursion_say(struct check *check, const struct run *run,
                                    const struct run *now, int tunnel)
{
    static _Thread_local struct hop hops[PATH_HOPS];
    struct path path;
    struct evidence *evidence = check_take(check, sizeof *evidence);
    if (!evidence_take(now->world, tunnel, hops, evidence, &path))
        return NULL;
    struct check_finding *finding = check_add_finding(check);
    finding->prefix = evidence->prefix;
    finding->evidence = evidence;
    finding->traits = is_nested(run, &path, tunnel) ? FAMILY_NESTED : 0;
    evidence_say_place(check, now->world, tunnel, finding);
    evidence_say_origin(check, now->world, &evidence->origin, finding);
    copy_as_path(check, evidence, finding);
    evidence_say_choice(check, now->world, evidence, finding);
    mechanism_say(check, now->world, finding);
    family_name(check, finding);
    evidence_say_loop(check, now->world, &path, &finding->loop);
    timeline_say(check, run, evidence, sim_swallowed_us(run->sim, tunnel), finding);
    return finding;
}

int recursion_next(const struct run *run, int64_t at_us, int tunnel, int64_t *ret_at_us)
{
    int next = WORLD_NONE;
    int64_t next_us = 0;
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        int64_t its_us = sim_swallowed_us(run->sim, (int)i);
        bool later = its_us > at_us || (its_us == at_us && (int)i > tunnel);
        if (its_us < 0 || !later || (next != WORLD_NONE && its_us >= next_us))
            continue;
        next = (int)i;
        next_us = its_us;
    }
    if (next != WORLD_NONE)
        *ret_at_us = next_us;
    return next;
}

/* Before the first step of the story all is well. Without one, it is as well as it gets just before
 * the first swallowing. */
static void mark_reach(struct check *check, struct run *now, int64_t first_us)
{
    const struct network *network = check->network;
    int64_t step_us = network->step_count > 0 ? network->story[0].at_us : first_us;
    bool story = step_us > 0 && step_us < first_us;
    run_until(now, (story ? step_us : first_us) - 1);
    if (!story)
        reach_mark_said(&check->reach);
    reach_mark(&check->reach, now->world);
}

/* The findings so far: by now their tunnels may be in a circle. A router's tunnel goes into one of
 * the same router's; one that a VPC's table leads astray may go into any. */
static void look_back(struct check *check, const struct world *world, size_t from, int router)
{
    for (size_t i = from; i < check->finding_count; i++) {
        struct check_finding *finding = &check->findings[i];
        if ((finding->evidence->router == router || finding->evidence->turn == TURN_TABLE) &&
            mechanism_look_again(check, world, finding))
            family_name(check, finding);
    }
}

void recursion_find(struct check *check, const struct run *run, bool agrees)
{
    struct run now;
    int64_t at_us = -1;
    size_t before = check->finding_count;
    int tunnel = recursion_next(run, -1, WORLD_NONE, &at_us);
    if (tunnel == WORLD_NONE ||
        !run_begin(&now, check->network, check->options.seed, check->options.limit_us))
        return;
    mark_reach(check, &now, at_us);
    check_counted(check, "evidence");
    while (tunnel != WORLD_NONE) {
        run_until(&now, at_us);
        struct check_finding *finding = recursion_say(check, run, &now, tunnel);
        if (finding) {
            finding->level = judge(check, run, agrees, finding->evidence);
            bool certain = finding->level == CHECK_CERTAIN;
            finding->period_us = certain ? sim_period_us(run->sim, tunnel) : 0;
            look_back(check, now.world, before, finding->evidence->router);
        }
        tunnel = recursion_next(run, at_us, tunnel, &at_us);
    }
    run_done(&now);
}
