#include "check/timeline.h"

#include "sim/tell.h"

#include <stdlib.h>

enum { MOMENTS_MAX = 32 };

struct recital {
    struct check *check;
    const struct run *run;
    const struct evidence *evidence;
    struct check_finding *finding;
    const struct moment *moments;
    size_t cap;
    int64_t cause_us;
    bool swallowed; /* so far */
    bool renewed;   /* an IKE_SA has come up since */
};

static bool is_step(const struct moment *moment)
{
    return moment->kind == MOMENT_STORY || moment->kind == MOMENT_FAILED ||
           moment->kind == MOMENT_RESTORED;
}

/* The latest step of the story before the swallowing that announces the prefix, or else the latest;
 * an index, count when there is none. */
static size_t find_cause(const struct recital *recital, size_t count, int64_t at_us)
{
    size_t latest = count;
    for (size_t i = count; i-- > 0;) {
        const struct moment *moment = &recital->moments[i];
        if (moment->at_us > at_us || !is_step(moment))
            continue;
        const struct network_step *step = &recital->run->network.story[moment->step];
        if (step->verb == NETWORK_STEP_ANNOUNCE &&
            prefix_equal(step->announcement.prefix, recital->evidence->prefix))
            return i;
        latest = latest == count ? i : latest;
    }
    return latest;
}

static void recite(struct recital *recital, size_t index, enum check_moment_kind kind)
{
    const struct moment *moment = &recital->moments[index];
    const struct world *world = recital->run->world;
    struct check_finding *finding = recital->finding;
    finding->timeline = check_grow(recital->check, finding->timeline, finding->timeline_count,
                                   &recital->cap, sizeof *finding->timeline);
    char *what = tell_moment(world, &recital->run->network, recital->moments, index);
    finding->timeline[finding->timeline_count++] = (struct check_moment){
        .after_us = moment->at_us - recital->cause_us,
        .kind = kind,
        .where = check_text(recital->check, "%s",
                            moment->node == WORLD_NONE ? "" : world->nodes[moment->node].id),
        .what = check_text(recital->check, "%s", what)};
    free(what);
}

static void recite_own(struct recital *recital, size_t index)
{
    switch (recital->moments[index].kind) {
    case MOMENT_SESSION_UP:
        recite(recital, index, CHECK_BGP_UP);
        break;
    case MOMENT_SESSION_DOWN:
        recite(recital, index, CHECK_BGP_DOWN);
        break;
    case MOMENT_IKE_GIVEN_UP:
        recite(recital, index, CHECK_IKE_GIVEN_UP);
        break;
    case MOMENT_IKE_UP:
        recite(recital, index, CHECK_IKE_UP);
        recital->renewed |= recital->swallowed;
        break;
    case MOMENT_SWALLOWED:
        recite(recital, index,
               recital->swallowed && recital->renewed ? CHECK_AGAIN : CHECK_TRAFFIC_STOPS);
        recital->swallowed = true;
        break;
    case MOMENT_BOOT:
    case MOMENT_STORY:
    case MOMENT_IKE_DPD:
    case MOMENT_IKE_REPLACED:
    case MOMENT_ROUTE:
    case MOMENT_ROUTE_GONE:
    case MOMENT_FREED:
    case MOMENT_LOOP:
    case MOMENT_GUARD_HELD:
    case MOMENT_GUARD_WARNED:
    case MOMENT_REFUSED:
    case MOMENT_LIMIT:
    case MOMENT_FAILED:
    case MOMENT_RESTORED:
    case MOMENT_COUNT:
    default:
        break;
    }
}

static bool is_closed(const struct recital *recital)
{
    size_t count = recital->finding->timeline_count;
    return count > 0 && recital->finding->timeline[count - 1].kind == CHECK_AGAIN;
}

static void recite_moment(struct recital *recital, size_t index)
{
    const struct moment *moment = &recital->moments[index];
    bool route = moment->kind == MOMENT_ROUTE || moment->kind == MOMENT_ROUTE_GONE;
    if (route && moment->node == recital->evidence->router &&
        prefix_equal(moment->prefix, recital->evidence->prefix))
        recite(recital, index, CHECK_ROUTE);
    else if (moment->tunnel == recital->evidence->tunnel)
        recite_own(recital, index);
}

void timeline_say(struct check *check, const struct run *run, const struct evidence *evidence,
                  int64_t at_us, struct check_finding *finding)
{
    size_t count;
    struct recital recital = {.check = check,
                              .run = run,
                              .evidence = evidence,
                              .finding = finding,
                              .moments = sim_moments(run->sim, &count),
                              .cause_us = at_us};
    size_t cause = find_cause(&recital, count, at_us), from = 0;
    if (cause < count) {
        recital.cause_us = recital.moments[cause].at_us;
        recite(&recital, cause, CHECK_CAUSE);
        from = cause + 1;
    } else {
        while (from < count && recital.moments[from].at_us < at_us)
            from++;
    }
    for (size_t i = from; i < count && finding->timeline_count < MOMENTS_MAX; i++) {
        /* where the story goes on while the tunnel is down, its cycle is no longer its own */
        if (is_closed(&recital) || (recital.swallowed && is_step(&recital.moments[i])))
            break;
        recite_moment(&recital, i);
    }
}
