/* Is the rib what it should be? Counts are counted again; and every decision is verified from its
 * reasons, in another way than it was made: whoever lost at a step must have met somebody better
 * there who went on, and whoever went on must not have. */
#include "rib/lose.h"
#include "rib/prefixes.h"

#include <assert.h>

enum { STEPS_MAX = 12 };

static const uint8_t steps_vgw[STEPS_MAX] = {
    REASON_LOST_FRAGMENT,  REASON_LOST_LOCAL_ORIGIN, REASON_LOST_LOCAL_PREF, REASON_LOST_KIND,
    REASON_LOST_COMMUNITY, REASON_LOST_PATH_LENGTH,  REASON_LOST_MED,        REASON_LOST_OUTSIDE,
    REASON_LOST_ROUTER_ID, REASON_LOST_PEER_ADDRESS, REASON_LOST_SOURCE};

static const uint8_t steps_rfc4271[STEPS_MAX] = {REASON_LOST_FRAGMENT,     REASON_LOST_LOCAL_ORIGIN,
                                                 REASON_LOST_LOCAL_PREF,   REASON_LOST_PATH_LENGTH,
                                                 REASON_LOST_ORIGIN,       REASON_LOST_MED,
                                                 REASON_LOST_INTERNAL,     REASON_LOST_ROUTER_ID,
                                                 REASON_LOST_PEER_ADDRESS, REASON_LOST_SOURCE};

static const uint8_t steps_frr[STEPS_MAX] = {
    REASON_LOST_FRAGMENT,     REASON_LOST_LOCAL_ORIGIN, REASON_LOST_LOCAL_PREF,
    REASON_LOST_PATH_LENGTH,  REASON_LOST_ORIGIN,       REASON_LOST_MED,
    REASON_LOST_INTERNAL,     REASON_LOST_AGE,          REASON_LOST_ROUTER_ID,
    REASON_LOST_PEER_ADDRESS, REASON_LOST_SOURCE};

static const uint8_t *steps_of(enum best_rules rules)
{
    switch (rules) {
    case BEST_VGW:
        return steps_vgw;
    case BEST_RFC4271:
        return steps_rfc4271;
    case BEST_FRR:
        return steps_frr;
    }
    assert(false);
    return steps_vgw;
}

/* The step at which a path lost; STEPS_MAX: it is the best; -1: no step of these rules. */
static int step_of(const uint8_t *steps, uint8_t why)
{
    if (why == REASON_BEST)
        return STEPS_MAX;
    for (int step = 0; step < STEPS_MAX && steps[step] != 0; step++)
        if (steps[step] == why)
            return step;
    return -1;
}

static int kind_rank(enum source_kind kind)
{
    static const int ranks[] = {
        [SOURCE_LOCAL] = 0,   [SOURCE_DX] = 1,        [SOURCE_VPN_STATIC] = 2,
        [SOURCE_VPN_BGP] = 3, [SOURCE_PLAIN_BGP] = 3, [SOURCE_FRAGMENT] = 4};
    return ranks[kind];
}

static bool is_internal(const struct source *source)
{
    return source->kind == SOURCE_PLAIN_BGP && !source->external;
}

/* Does a beat b at this step, nothing else considered? */
static bool beats(uint8_t step, const struct best_candidate *a, const struct best_candidate *b)
{
    const struct source *as = a->source, *bs = b->source;
    const struct attr_facts *aa = a->attr, *ba = b->attr;
    if (step == REASON_LOST_FRAGMENT)
        return bs->kind == SOURCE_FRAGMENT && as->kind != SOURCE_FRAGMENT;
    if (step == REASON_LOST_LOCAL_PREF)
        return aa->local_pref > ba->local_pref;
    if (step == REASON_LOST_LOCAL_ORIGIN)
        return as->kind == SOURCE_LOCAL && bs->kind != SOURCE_LOCAL;
    if (step == REASON_LOST_KIND)
        return kind_rank(as->kind) < kind_rank(bs->kind);
    if (step == REASON_LOST_COMMUNITY)
        return as->kind == SOURCE_DX && bs->kind == SOURCE_DX && aa->community > ba->community;
    if (step == REASON_LOST_PATH_LENGTH)
        return aa->path_length < ba->path_length;
    if (step == REASON_LOST_ORIGIN)
        return aa->origin < ba->origin;
    if (step == REASON_LOST_MED)
        return aa->first_as != 0 && aa->first_as == ba->first_as && aa->med < ba->med;
    if (step == REASON_LOST_INTERNAL)
        return !is_internal(as) && is_internal(bs);
    if (step == REASON_LOST_AGE)
        return as->external && bs->external && best_earlier(a->arrival, b->arrival);
    if (step == REASON_LOST_OUTSIDE)
        return as->attachment.v != 0 && as->attachment.v == bs->attachment.v &&
               as->outside < bs->outside;
    if (step == REASON_LOST_ROUTER_ID)
        return as->router_id < bs->router_id;
    if (step == REASON_LOST_PEER_ADDRESS)
        return as->peer_address < bs->peer_address;
    return a->source_id.v < b->source_id.v;
}

static struct best_candidate candidate_of(const struct rib *rib, const struct rib_path *path)
{
    return (struct best_candidate){.attr = attr_get(&rib->attrs, path->attr),
                                   .source = &source_at(rib, path->source)->source,
                                   .source_id = path->source,
                                   .arrival = path->arrival,
                                   .why = path->why};
}

/* One path against all others of its prefix. */
static const char *audit_decision(const struct rib *rib, uint32_t number,
                                  const struct rib_path *path)
{
    const uint8_t *steps = steps_of(rib->config.rules);
    struct best_candidate mine = candidate_of(rib, path);
    int my_step = step_of(steps, path->why);
    if (my_step < 0)
        return "a feasible path has no reason, or one that these rules do not have";
    bool beaten = my_step == STEPS_MAX;
    const struct rib_path *other = NULL;
    while ((other = rib_path_next(rib, number, other)) != NULL) {
        if (other == path || !path_feasible(other))
            continue;
        if (other->source.v == path->source.v)
            return "a source has two paths to one prefix";
        struct best_candidate theirs = candidate_of(rib, other);
        int their_step = step_of(steps, other->why);
        if (my_step == STEPS_MAX && their_step == STEPS_MAX)
            return "a prefix has two best paths";
        for (int step = 0; step < my_step && step <= their_step && steps[step] != 0; step++)
            if (beats(steps[step], &theirs, &mine))
                return "a path went on although it was beaten";
        if (their_step > my_step && beats(steps[my_step], &theirs, &mine))
            beaten = true;
    }
    return beaten ? NULL : "a path lost although nobody beat it";
}

static const char *audit_paths(const struct rib *rib, uint32_t number, uint32_t *ret_paths)
{
    const struct rib_prefix *prefix = prefix_at(rib, number);
    bool any_feasible = false;
    uint32_t count = 0;
    const struct rib_path *path = NULL;
    while ((path = rib_path_next(rib, number, path)) != NULL) {
        if (!source_at(rib, path->source)->used)
            return "a path has no source";
        if (attr_get(&rib->attrs, path->attr)->refs == 0)
            return "a path's attributes are not held";
        if (number < source_at(rib, path->source)->first)
            return "a source has a path below its first";
        count++;
        if (!path_feasible(path))
            continue;
        any_feasible = true;
        const char *wrong = audit_decision(rib, number, path);
        if (wrong)
            return wrong;
    }
    path = rib_path_next(rib, number, NULL);
    if (any_feasible && path->why != REASON_BEST)
        return "the best path is not the first";
    if (prefix->source != (path ? path->source.v : 0))
        return "a prefix does not know its first path's source";
    if (!(prefix->bits & RIB_MANY) != (count < 2) || !(prefix->bits & RIB_DEAD) != (count > 0))
        return "a prefix's flags contradict its paths";
    *ret_paths += count;
    return NULL;
}

static const char *audit_prefixes(const struct rib *rib)
{
    uint32_t live = 0, dead = 0, best = 0, paths = 0, held = 0;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *prefix = prefix_at(rib, number);
        if (!(prefix->bits & RIB_IN_USE))
            continue;
        if (rib_find(rib, rib_prefix_of(rib, prefix)) != number)
            return "a prefix is not found by its name, or is held twice";
        const char *wrong = audit_paths(rib, number, &paths);
        if (wrong)
            return wrong;
        live += !(prefix->bits & RIB_DEAD);
        dead += !!(prefix->bits & RIB_DEAD);
        held += !!(prefix->bits & RIB_HELD);
        best += rib_best(rib, number).attr.v != 0;
    }
    if (live != rib->live_count || dead != rib->dead_count)
        return "prefixes are miscounted";
    if (live + dead != rib->slots.count + rib->six.count || live + dead != rib->prefixes.used_count)
        return "prefixes and their hash disagree in number";
    if (rib->six.count != rib->six_addrs.used_count)
        return "prefixes of IPv6 and their addresses disagree in number";
    if (paths != rib->paths.used_count)
        return "paths are miscounted";
    if (held != rib->excepts.used_count || held != rib->except_slots.count)
        return "exceptions are miscounted";
    return best == rib->best_count ? NULL : "best paths are miscounted";
}

static const char *audit_source(const struct rib *rib, struct source_id id)
{
    struct rib_counts counted = {0};
    uint32_t stale[2] = {0}, held[2] = {0};
    const struct rib_source *source = source_at(rib, id);
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        if (!(prefix_at(rib, number)->bits & RIB_IN_USE))
            continue;
        const struct rib_path *path = rib_path_of(rib, number, id);
        if (!path)
            continue;
        counted.accepted += path_feasible(path);
        counted.refused += !path_feasible(path);
        counted.best += path->why == REASON_BEST;
        bool six = prefix_at(rib, number)->bits & RIB_SIX;
        held[six]++;
        stale[six] += rib_path_is_stale(rib, number, path);
    }
    if (counted.accepted != source->counts.accepted || counted.refused != source->counts.refused)
        return "a source's paths are miscounted";
    if (counted.best != source->counts.best)
        return "a source's best paths are miscounted";
    if (held[0] != source->held[0] || held[1] != source->held[1])
        return "a source's paths of a family are miscounted";
    return stale[0] == source->stale[0] && stale[1] == source->stale[1]
               ? NULL
               : "a source's stale paths are miscounted";
}

const char *rib_audit(const struct rib *rib)
{
    if (rib->change_count > 0)
        return "changes are pending";
    const char *wrong = attr_store_audit(&rib->attrs);
    if (!wrong)
        wrong = audit_prefixes(rib);
    for (uint32_t i = 1; i <= rib->sources.high && !wrong; i++)
        if (source_at(rib, (struct source_id){(uint16_t)i})->used)
            wrong = audit_source(rib, (struct source_id){(uint16_t)i});
    return wrong;
}
