/* Deciding: every changed prefix gets its best path, once a round, whatever happened to it since.
 */
#include "rib/adj_out.h"
#include "rib/prefixes.h"

#include <assert.h>

/* The chosen path becomes the first of its chain. */
static void move_to_front(struct rib *rib, struct rib_prefix *prefix, uint32_t chosen)
{
    if (prefix->paths == chosen)
        return;
    uint32_t before = prefix->paths;
    while (path_at(rib, before)->next != chosen)
        before = path_at(rib, before)->next;
    struct rib_path *path = path_at(rib, chosen);
    path_at(rib, before)->next = path->next;
    path->next = prefix->paths;
    prefix->paths = chosen;
    prefix->source = path->source.v;
}

static uint32_t gather(const struct rib *rib, const struct rib_prefix *prefix,
                       struct best_candidate *candidates, uint32_t cap)
{
    uint32_t count = 0;
    for (uint32_t at = prefix->paths; at; at = path_at(rib, at)->next) {
        const struct rib_path *path = path_at(rib, at);
        if (!path_feasible(path))
            continue;
        assert(count < cap);
        candidates[count++] = (struct best_candidate){
            .attr = attr_get(&rib->attrs, path->attr),
            .source = &source_at(rib, path->source)->source,
            .source_id = path->source,
            .arrival = path->arrival,
        };
    }
    return count;
}

/* Writes why every feasible path lost; returns the best one's handle, 0 when there is none. */
static uint32_t elect(struct rib *rib, const struct rib_prefix *prefix)
{
    uint32_t count = gather(rib, prefix, rib->scratch, rib->scratch_cap);
    if (count == 0)
        return 0;
    best_choose(rib->config.rules, rib->scratch, count);
    uint32_t chosen = 0, index = 0;
    for (uint32_t at = prefix->paths; at; at = path_at(rib, at)->next) {
        struct rib_path *path = path_at(rib, at);
        if (!path_feasible(path))
            continue;
        path->why = rib->scratch[index++].why;
        if (path->why == REASON_BEST)
            chosen = at;
    }
    assert(index == count && chosen != 0);
    return chosen;
}

/* The candidates but the source's are in the scratch, and why each of them is what it then is. Of a
 * prefix that has a single path: none. */
static uint32_t elect_without(const struct rib *rib, uint32_t number, struct source_id source)
{
    const struct rib_prefix *prefix = prefix_at(rib, number);
    uint32_t count = 0, kept = 0;
    if (prefix->bits & RIB_MANY)
        count = gather(rib, prefix, rib->scratch, rib->scratch_cap);
    for (uint32_t i = 0; i < count; i++) {
        if (rib->scratch[i].source_id.v != source.v)
            rib->scratch[kept++] = rib->scratch[i];
    }
    if (kept > 0)
        best_choose(rib->config.rules, rib->scratch, kept);
    return kept;
}

struct rib_route rib_best_without(const struct rib *rib, uint32_t number, struct source_id source)
{
    const struct rib_prefix *prefix = prefix_at(rib, number);
    const struct rib_path *only =
        prefix->bits & RIB_MANY || prefix->paths == 0 ? NULL : path_at(rib, prefix->paths);
    if (only && path_feasible(only) && only->source.v != source.v)
        return (struct rib_route){only->attr, only->source};
    uint32_t count = elect_without(rib, number, source);
    for (uint32_t i = 0; i < count; i++) {
        struct source_id best = rib->scratch[i].source_id;
        if (rib->scratch[i].why == REASON_BEST)
            return (struct rib_route){rib_path_of(rib, number, best)->attr, best};
    }
    return (struct rib_route){{0}, {0}};
}

enum reason rib_why_without(const struct rib *rib, uint32_t number, struct source_id source,
                            struct source_id of)
{
    uint32_t count = elect_without(rib, number, source);
    for (uint32_t i = 0; i < count; i++) {
        if (rib->scratch[i].source_id.v == of.v)
            return (enum reason)rib->scratch[i].why;
    }
    return REASON_NONE;
}

static uint32_t decide(struct rib *rib, struct rib_prefix *prefix)
{
    if (prefix->paths == 0)
        return 0;
    if (!(prefix->bits & RIB_MANY)) {
        struct rib_path *path = path_at(rib, prefix->paths);
        if (!path_feasible(path))
            return 0;
        path->why = REASON_BEST;
        return prefix->paths;
    }
    uint32_t chosen = elect(rib, prefix);
    if (chosen != 0)
        move_to_front(rib, prefix, chosen);
    return chosen;
}

static void count_best(struct rib *rib, uint16_t source, uint32_t change)
{
    if (source == 0)
        return;
    source_at(rib, (struct source_id){source})->counts.best += change;
    rib->best_count += change;
}

/* Is there anything to tell? The change's new half is filled in. */
static bool settle_one(struct rib *rib, struct rib_change *change)
{
    struct rib_prefix *prefix = prefix_at(rib, change->number);
    uint32_t chosen = decide(rib, prefix);
    prefix->bits &= (uint16_t)~RIB_DIRTY;
    prefix->stamp = change->stamp;
    if (chosen != 0) {
        const struct rib_path *path = path_at(rib, chosen);
        change->new_attr = path->attr;
        change->new_source = path->source.v;
    }
    bool same =
        attr_equal(change->new_attr, change->old_attr) && change->new_source == change->old_source;
    if (same && (!change->touched || change->new_attr.v == 0))
        return false;
    count_best(rib, change->old_source, UINT32_MAX);
    count_best(rib, change->new_source, 1);
    adj_out_begin(rib, change);
    return true;
}

uint32_t rib_settle(struct rib *rib)
{
    assert(rib->settled_count == 0);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rib->change_count; i++) {
        struct rib_change *change = rib_change_at(rib, i);
        if (!settle_one(rib, change)) {
            attr_unref(&rib->attrs, change->old_attr);
            continue;
        }
        prefix_at(rib, change->number)->stamp = rib->batch + 1;
        if (kept != i)
            *rib_change_at(rib, kept) = *change;
        kept++;
    }
    rib->change_count = kept;
    rib->settled_count = kept;
    rib->batch += kept > 0;
    return kept;
}

/* The last reference to a set goes with its last route; its place in the hash is fetched ahead. */
static void hint_release(const struct rib *rib, uint32_t index)
{
    if (index + 1 >= rib->settled_count)
        return;
    struct attr_id attr = rib_change_at(rib, index)->old_attr;
    if (!attr_equal(attr, rib_change_at(rib, index + 1)->old_attr))
        attr_hint_release(&rib->attrs, attr);
}

void rib_settled(struct rib *rib)
{
    enum { AHEAD = 32 };
    for (uint32_t i = 0; i < rib->settled_count; i++) {
        hint_release(rib, i + AHEAD);
        struct rib_change *change = rib_change_at(rib, i);
        adj_out_end(rib, change);
        attr_unref(&rib->attrs, change->old_attr);
    }
    rib->change_count = 0;
    rib->settled_count = 0;
}
