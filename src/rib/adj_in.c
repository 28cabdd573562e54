/* Adj-RIB-In: offers come and go. Nothing is decided here; a prefix whose feasible paths change is
 * put on the list of changes. Memory is reserved before anything is altered, so a refusal leaves no
 * trace. */
#include "rib/lose.h"
#include "rib/prefixes.h"
#include "rib/rib.h"

#include <assert.h>

/* As many losses without the walk coming to an end, before generations are numbered anew. */
enum { GENERATIONS_MAX = 200 };

/* Where a source's path is, or would be, in a prefix's chain. */
struct place {
    uint32_t number;
    uint32_t path;     /* 0: not there */
    uint32_t previous; /* 0: it is the first */
    uint32_t count;    /* paths looked at */
};

static struct place find_path(const struct rib *rib, uint32_t number, struct source_id source)
{
    struct place place = {.number = number};
    const struct rib_prefix *prefix = prefix_at(rib, number);
    if (!(prefix->bits & RIB_MANY)) { /* no need to look at the path itself */
        place.count = prefix->paths != 0;
        place.path = prefix->source == source.v ? prefix->paths : 0;
        return place;
    }
    for (uint32_t at = prefix->paths; at; at = path_at(rib, at)->next) {
        place.count++;
        if (path_at(rib, at)->source.v == source.v) {
            place.path = at;
            return place;
        }
        place.previous = at;
    }
    place.previous = 0;
    return place;
}

static void count_path(struct rib_source *source, const struct rib_path *path, bool six,
                       uint32_t change)
{
    source->held[six] += change;
    if (path_feasible(path))
        source->counts.accepted += change, source->counts.accepted_six += six ? change : 0;
    else
        source->counts.refused += change, source->counts.refused_six += six ? change : 0;
    if (path->generation != source->generation[six])
        source->stale[six] += change;
}

/* An election needs a place for each candidate. */
static bool reserve_scratch(struct rib *rib, uint32_t count)
{
    if (count <= rib->scratch_cap)
        return true;
    uint32_t cap = count + count / 2 + 2;
    struct best_candidate *scratch = budget_get(rib->budget, cap * sizeof *scratch);
    if (!scratch)
        return false;
    budget_put(rib->budget, rib->scratch, rib->scratch_cap * sizeof *scratch);
    rib->scratch = scratch;
    rib->scratch_cap = cap;
    return true;
}

static void insert_path(struct rib *rib, uint32_t number, uint32_t handle)
{
    struct rib_prefix *prefix = prefix_at(rib, number);
    struct rib_path *path = path_at(rib, handle);
    if (prefix->paths) { /* behind the first, which stays what was best */
        struct rib_path *first = path_at(rib, prefix->paths);
        path->next = first->next;
        first->next = handle;
        prefix->bits |= RIB_MANY;
        return;
    }
    prefix->paths = handle;
    prefix->source = path->source.v;
    prefix->bits &= (uint16_t)~RIB_DEAD;
    rib->dead_count--;
    rib->live_count++;
}

static void remove_path(struct rib *rib, const struct place *place)
{
    struct rib_prefix *prefix = prefix_at(rib, place->number);
    struct rib_path *path = path_at(rib, place->path);
    count_path(source_at(rib, path->source), path, prefix->bits & RIB_SIX, UINT32_MAX);
    if (place->previous)
        path_at(rib, place->previous)->next = path->next;
    else
        prefix->paths = path->next;
    attr_unref(&rib->attrs, path->attr);
    pool_give(&rib->paths, place->path);
    if (prefix->paths == 0) {
        prefix->source = 0;
        prefix->bits |= RIB_DEAD;
        rib->live_count--;
        rib->dead_count++;
        return;
    }
    const struct rib_path *first = path_at(rib, prefix->paths);
    prefix->source = first->source.v;
    if (first->next == 0)
        prefix->bits &= (uint16_t)~RIB_MANY;
}

/* A prefix that the source did not offer until now. */
static enum rib_result add_path(struct rib *rib, const struct place *place,
                                const struct rib_path *offer)
{
    if (!reserve_scratch(rib, place->count + 1))
        return RIB_BUDGET;
    uint32_t handle = pool_take(&rib->paths);
    if (handle == 0)
        return RIB_BUDGET;
    if (path_feasible(offer) && !change_mark(rib, place->number)) {
        pool_give(&rib->paths, handle);
        return rib->change_count > 0 ? RIB_FULL : RIB_BUDGET;
    }
    struct rib_path *path = path_at(rib, handle);
    *path = *offer;
    path->arrival = ++rib->arrivals;
    attr_ref(&rib->attrs, path->attr);
    insert_path(rib, place->number, handle);
    struct rib_source *source = source_at(rib, offer->source);
    count_path(source, path, prefix_at(rib, place->number)->bits & RIB_SIX, 1);
    if (place->number < source->first)
        source->first = place->number;
    return RIB_ADDED;
}

/* The source has offered the prefix before. Its age stays: it is the offer's, not the attributes'.
 * But the offer of a lost session has no age any more, and where age counts that is a change. */
static enum rib_result replace_path(struct rib *rib, const struct place *place,
                                    const struct rib_path *offer)
{
    struct rib_path *path = path_at(rib, place->path);
    struct rib_source *source = source_at(rib, offer->source);
    bool was_feasible = path_feasible(path), is_feasible = path_feasible(offer);
    bool same_why = was_feasible == is_feasible && (is_feasible || path->why == offer->why);
    bool renewed = path->generation != offer->generation;
    bool same = attr_equal(path->attr, offer->attr) && same_why &&
                !(renewed && rib->config.rules == BEST_FRR);
    if (!same && (was_feasible || is_feasible) && !change_mark(rib, place->number))
        return RIB_FULL;
    bool six = prefix_at(rib, place->number)->bits & RIB_SIX;
    count_path(source, path, six, UINT32_MAX);
    path->generation = offer->generation;
    if (renewed)
        path->arrival = ++rib->arrivals;
    if (!same) {
        attr_ref(&rib->attrs, offer->attr);
        attr_unref(&rib->attrs, path->attr);
        path->attr = offer->attr;
        path->why = offer->why;
    }
    count_path(source, path, six, 1);
    return same ? RIB_SAME : RIB_REPLACED;
}

enum rib_result rib_announce_at(struct rib *rib, struct source_id source,
                                const struct prefix *prefix, struct attr_id attr,
                                enum reason reason)
{
    const struct rib_source *from = rib_source_get(rib, source);
    assert(attr.v != 0 && (reason == REASON_NONE || reason_refuses((uint8_t)reason)));
    struct rib_path offer = {.attr = attr,
                             .source = source,
                             .why = (uint8_t)reason,
                             .generation = from->generation[prefix->six]};
    bool fresh;
    uint32_t number = prefix_find_or_create(rib, prefix, &fresh);
    if (number == 0)
        return RIB_BUDGET;
    struct place place = find_path(rib, number, source);
    if (place.path != 0)
        return replace_path(rib, &place, &offer);
    enum rib_result result = add_path(rib, &place, &offer);
    if (fresh && result != RIB_ADDED)
        prefix_forget(rib, number);
    return result;
}

static enum rib_result take_away(struct rib *rib, const struct place *place)
{
    if (place->path == 0)
        return RIB_ABSENT;
    if (path_feasible(path_at(rib, place->path)) && !change_mark(rib, place->number))
        return RIB_FULL;
    remove_path(rib, place);
    return RIB_REMOVED;
}

enum rib_result rib_withdraw_at(struct rib *rib, struct source_id source,
                                const struct prefix *prefix)
{
    uint32_t number = prefix_find(rib, prefix);
    if (number == 0)
        return RIB_ABSENT;
    struct place place = find_path(rib, number, source);
    return take_away(rib, &place);
}

enum rib_result rib_discard(struct rib *rib, struct source_id source, struct prefix prefix)
{
    enum rib_result result = rib_withdraw(rib, source, prefix);
    if (result != RIB_FULL)
        source_at(rib, source)->counts.discarded++;
    return result;
}

/* -- losing a session -- */

/* All paths of the source are stale, of many generations; they become those of the last one. */
static void merge_generations(struct rib *rib, struct source_id id, bool six)
{
    struct rib_source *source = source_at(rib, id);
    for (uint32_t number = source->first; number < rib_number_end(rib); number++) {
        struct place place = find_path(rib, number, id);
        if (place.path != 0 && !(prefix_at(rib, number)->bits & RIB_SIX) == !six)
            path_at(rib, place.path)->generation = source->generation[six];
    }
    source->generations[six] = 0;
}

void rib_lose_family(struct rib *rib, struct source_id id, bool six)
{
    struct rib_source *source = source_at(rib, id);
    assert(source->used);
    source->stale[six] = source->held[six];
    source->drop_at[six] = source->first;
    if (source->stale[six] == 0)
        return;
    if (source->generations[six] == GENERATIONS_MAX)
        merge_generations(rib, id, six);
    source->generation[six]++;
    source->generations[six]++;
}

void rib_lose(struct rib *rib, struct source_id id)
{
    source_at(rib, id)->counts.discarded = 0;
    rib_lose_family(rib, id, false);
    rib_lose_family(rib, id, true);
}

/* Returns how many prefixes may still be looked at. */
static uint32_t drop_slice(struct rib *rib, struct source_id id, bool six, uint32_t limit)
{
    struct rib_source *source = source_at(rib, id);
    uint32_t *at = &source->drop_at[six];
    for (; source->stale[six] > 0 && limit > 0; limit--, ++*at) {
        assert(*at < rib_number_end(rib));
        const struct rib_prefix *prefix = prefix_at(rib, *at);
        if (!(prefix->bits & RIB_SIX) == six)
            continue;
        if (!(prefix->bits & RIB_MANY) && prefix->source != id.v)
            continue;
        struct place place = find_path(rib, *at, id);
        if (place.path == 0 || path_at(rib, place.path)->generation == source->generation[six])
            continue;
        if (take_away(rib, &place) == RIB_FULL)
            return limit;
    }
    if (source->stale[six] == 0)
        source->generations[six] = 0;
    if (source->counts.accepted + source->counts.refused == 0)
        source->first = UINT32_MAX;
    return limit;
}

bool rib_drop_family(struct rib *rib, struct source_id id, bool six, uint32_t limit)
{
    (void)drop_slice(rib, id, six, limit);
    return source_at(rib, id)->stale[six] > 0;
}

bool rib_drop(struct rib *rib, struct source_id id, uint32_t limit)
{
    limit = drop_slice(rib, id, false, limit);
    if (source_at(rib, id)->stale[false] > 0)
        return true;
    return rib_drop_family(rib, id, true, limit);
}

bool rib_path_is_stale(const struct rib *rib, uint32_t number, const struct rib_path *path)
{
    bool six = prefix_at(rib, number)->bits & RIB_SIX;
    return path->generation != rib_source_get(rib, path->source)->generation[six];
}
