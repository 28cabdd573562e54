#include "rib/best.h"

#include <assert.h>

/* The candidates of one election. Who is still in has why == REASON_NONE. */
struct field {
    struct best_candidate *candidates;
    uint32_t count;
    uint32_t left; /* still in */
};

/* What a step compares, so that lower is better; or a candidate's group. */
typedef uint64_t (*best_key)(const struct best_candidate *candidate);

static bool still_in(const struct best_candidate *candidate)
{
    return candidate->why == REASON_NONE;
}

static void eliminate(struct field *field, struct best_candidate *candidate, enum reason why)
{
    candidate->why = (uint8_t)why;
    field->left--;
}

/* Everyone who is not lowest is out. */
static void keep_lowest(struct field *field, best_key key, enum reason why)
{
    if (field->left == 1)
        return;
    uint64_t lowest = UINT64_MAX;
    for (uint32_t i = 0; i < field->count; i++)
        if (still_in(&field->candidates[i]) && key(&field->candidates[i]) < lowest)
            lowest = key(&field->candidates[i]);
    for (uint32_t i = 0; i < field->count; i++)
        if (still_in(&field->candidates[i]) && key(&field->candidates[i]) > lowest)
            eliminate(field, &field->candidates[i], why);
}

static void keep_lowest_from(struct field *field, uint32_t first, best_key group, best_key key,
                             enum reason why)
{
    uint64_t of_group = group(&field->candidates[first]), lowest = UINT64_MAX;
    for (uint32_t i = first; i < field->count; i++) {
        struct best_candidate *candidate = &field->candidates[i];
        if (still_in(candidate) && group(candidate) == of_group && key(candidate) < lowest)
            lowest = key(candidate);
    }
    for (uint32_t i = first; i < field->count; i++) {
        struct best_candidate *candidate = &field->candidates[i];
        if (!still_in(candidate) || group(candidate) != of_group)
            continue;
        candidate->compared = true;
        if (key(candidate) > lowest)
            eliminate(field, candidate, why);
    }
}

/* The same within each group; group 0 is compared with nobody. All groups are done before anyone
 * looks at what is left, so the order of the candidates does not matter. */
static void keep_lowest_of_group(struct field *field, best_key group, best_key key, enum reason why)
{
    if (field->left == 1)
        return;
    for (uint32_t i = 0; i < field->count; i++)
        field->candidates[i].compared = group(&field->candidates[i]) == 0;
    for (uint32_t i = 0; i < field->count; i++)
        if (still_in(&field->candidates[i]) && !field->candidates[i].compared)
            keep_lowest_from(field, i, group, key, why);
}

/* Ages wrap around, so they are compared in pairs. Only external paths have one that counts. */
static void keep_oldest(struct field *field)
{
    if (field->left == 1)
        return;
    const struct best_candidate *oldest = NULL;
    for (uint32_t i = 0; i < field->count; i++) {
        const struct best_candidate *candidate = &field->candidates[i];
        if (!still_in(candidate))
            continue;
        if (!candidate->source->external)
            return;
        if (!oldest || best_earlier(candidate->arrival, oldest->arrival))
            oldest = candidate;
    }
    for (uint32_t i = 0; i < field->count; i++)
        if (still_in(&field->candidates[i]) && &field->candidates[i] != oldest)
            eliminate(field, &field->candidates[i], REASON_LOST_AGE);
}

/* -- what the steps compare: lower is better -- */

uint32_t best_local_pref(const struct best_candidate *candidate)
{
    return candidate->attr->local_pref;
}

static uint64_t by_fragment(const struct best_candidate *candidate)
{
    return candidate->source->kind == SOURCE_FRAGMENT;
}

static uint64_t by_local_pref(const struct best_candidate *candidate)
{
    return UINT32_MAX - best_local_pref(candidate);
}

static uint64_t by_local_origin(const struct best_candidate *candidate)
{
    return candidate->source->kind != SOURCE_LOCAL;
}

static uint64_t by_kind(const struct best_candidate *candidate)
{
    switch (candidate->source->kind) {
    case SOURCE_LOCAL:
        return 0;
    case SOURCE_DX:
        return 1;
    case SOURCE_VPN_STATIC:
        return 2;
    case SOURCE_VPN_BGP:
    case SOURCE_PLAIN_BGP:
        return 3;
    case SOURCE_FRAGMENT:
        return 4;
    }
    assert(false);
    return 5;
}

static uint64_t by_dx_community(const struct best_candidate *candidate)
{
    if (candidate->source->kind != SOURCE_DX)
        return 0;
    return (uint32_t)(ATTR_COMMUNITY_HIGH - candidate->attr->community);
}

static uint64_t by_path_length(const struct best_candidate *candidate)
{
    return candidate->attr->path_length;
}

static uint64_t by_origin(const struct best_candidate *candidate)
{
    return candidate->attr->origin;
}

static uint64_t neighbor_as(const struct best_candidate *candidate)
{
    return candidate->attr->first_as;
}

static uint64_t by_med(const struct best_candidate *candidate)
{
    return candidate->attr->med;
}

static uint64_t by_internal(const struct best_candidate *candidate)
{
    return candidate->source->kind == SOURCE_PLAIN_BGP && !candidate->source->external;
}

static uint64_t attachment(const struct best_candidate *candidate)
{
    return candidate->source->attachment.v;
}

/* An address in two halves, the higher one first. */
static uint64_t by_outside_high(const struct best_candidate *candidate)
{
    return (uint64_t)(candidate->source->outside >> 64);
}

static uint64_t by_outside(const struct best_candidate *candidate)
{
    return (uint64_t)candidate->source->outside;
}

static uint64_t by_router_id(const struct best_candidate *candidate)
{
    return candidate->source->router_id;
}

static uint64_t by_peer_address_high(const struct best_candidate *candidate)
{
    return (uint64_t)(candidate->source->peer_address >> 64);
}

static uint64_t by_peer_address(const struct best_candidate *candidate)
{
    return (uint64_t)candidate->source->peer_address;
}

static uint64_t by_source(const struct best_candidate *candidate)
{
    return candidate->source_id.v;
}

/* -- the platforms' orders -- */

static void order_vgw(struct field *field)
{
    /* 0 */ keep_lowest(field, by_fragment, REASON_LOST_FRAGMENT);
    /* 1 */ keep_lowest(field, by_local_origin, REASON_LOST_LOCAL_ORIGIN);
    /* 2 */ keep_lowest(field, by_local_pref, REASON_LOST_LOCAL_PREF);
    /* 3 */ keep_lowest(field, by_kind, REASON_LOST_KIND);
    /* 4 */ keep_lowest(field, by_dx_community, REASON_LOST_COMMUNITY);
    /* 5 */ keep_lowest(field, by_path_length, REASON_LOST_PATH_LENGTH);
    /* 6 */ keep_lowest_of_group(field, neighbor_as, by_med, REASON_LOST_MED);
    /* 7 */ keep_lowest_of_group(field, attachment, by_outside_high, REASON_LOST_OUTSIDE);
    keep_lowest_of_group(field, attachment, by_outside, REASON_LOST_OUTSIDE);
    /* 8 */ keep_lowest(field, by_router_id, REASON_LOST_ROUTER_ID);
    /* 9 */ keep_lowest(field, by_peer_address_high, REASON_LOST_PEER_ADDRESS);
    keep_lowest(field, by_peer_address, REASON_LOST_PEER_ADDRESS);
}

static void order_rfc4271(struct field *field, bool oldest_first)
{
    keep_lowest(field, by_fragment, REASON_LOST_FRAGMENT);
    /* ours  */ keep_lowest(field, by_local_origin, REASON_LOST_LOCAL_ORIGIN);
    /* 9.1.1 */ keep_lowest(field, by_local_pref, REASON_LOST_LOCAL_PREF);
    /* a */ keep_lowest(field, by_path_length, REASON_LOST_PATH_LENGTH);
    /* b */ keep_lowest(field, by_origin, REASON_LOST_ORIGIN);
    /* c */ keep_lowest_of_group(field, neighbor_as, by_med, REASON_LOST_MED);
    /* d */ keep_lowest(field, by_internal, REASON_LOST_INTERNAL);
    /* e: the interior cost is not known here */
    if (oldest_first)
        keep_oldest(field);
    /* f */ keep_lowest(field, by_router_id, REASON_LOST_ROUTER_ID);
    /* g */ keep_lowest(field, by_peer_address_high, REASON_LOST_PEER_ADDRESS);
    keep_lowest(field, by_peer_address, REASON_LOST_PEER_ADDRESS);
}

uint32_t best_choose(enum best_rules rules, struct best_candidate *candidates, uint32_t count)
{
    assert(count > 0);
    struct field field = {candidates, count, count};
    for (uint32_t i = 0; i < count; i++)
        candidates[i].why = REASON_NONE;
    switch (rules) {
    case BEST_VGW:
        order_vgw(&field);
        break;
    case BEST_RFC4271:
        order_rfc4271(&field, false);
        break;
    case BEST_FRR:
        order_rfc4271(&field, true);
        break;
    }
    keep_lowest(&field, by_source, REASON_LOST_SOURCE);
    assert(field.left == 1);
    uint32_t best = 0;
    while (!still_in(&candidates[best]))
        best++;
    candidates[best].why = REASON_BEST;
    return best;
}
