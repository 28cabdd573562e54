#include "check/search.h"

#include "base/sort.h"
#include "check/remedy.h"

#include <string.h>

enum {
    NO_STEP = UINT16_MAX,
    STEPS_MAX = 8192,
    NODES_MAX = 8192,      /* small sets that are looked at */
    PEERING_PLACES = 1000, /* it builds anew what others mend: whatever else there is comes first */
};

struct search_step {
    struct change *changes;
    size_t count;
};

struct need {
    struct need *next;                  /* known at the same place of the search */
    uint16_t steps[CHECK_REMEDY_KINDS]; /* NO_STEP: this kind has no answer */
};

/* Steps, in the order in which they were taken. */
struct set {
    uint16_t *items;
    size_t count, cap;
};

/* A small set, and what trying it has shown. */
struct trial_set {
    struct trial_set *parent, *next;
    struct need *needs;
    uint16_t steps[SEARCH_STEPS_MAX];
    uint8_t count;
};

/* -- steps and needs -- */

static bool same_changes(const struct change *left, size_t left_count, const struct change *right,
                         size_t right_count)
{
    if (left_count != right_count)
        return false;
    for (size_t i = 0; i < left_count; i++) {
        if (!change_equal(&left[i], &right[i]))
            return false;
    }
    return true;
}

static uint16_t step_of(struct search *search, const struct change *changes, size_t count)
{
    struct check *check = search->patient->check;
    for (size_t i = 0; i < search->step_count; i++) {
        const struct search_step *step = &search->steps[i];
        if (same_changes(step->changes, step->count, changes, count))
            return (uint16_t)i;
    }
    search->ended |= search->step_count == STEPS_MAX;
    if (search->step_count == STEPS_MAX)
        return NO_STEP;
    struct search_step step = {.changes = check_take(check, count * sizeof *changes),
                               .count = count};
    memcpy(step.changes, changes, count * sizeof *changes);
    search->steps = check_grow(check, search->steps, search->step_count, &search->step_cap,
                               sizeof *search->steps);
    search->steps[search->step_count] = step;
    return (uint16_t)search->step_count++;
}

/* What each kind suggests for the tunnel, put before the list unless it stands there; NULL is an
 * empty list. */
static struct need *need_of(struct search *search, const struct evidence *evidence,
                            struct need *list)
{
    static _Thread_local struct change changes[REMEDY_CHANGES_MAX];
    const struct patient *patient = search->patient;
    struct need need = {.next = list};
    bool any = false;
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        size_t count = 0;
        if (i != CHECK_REMEDY_ORIGIN_WITHDRAW || !search->no_withdrawal)
            count = remedy_suggest((enum check_remedy_kind)i, patient->network, patient->world,
                                   evidence, changes, REMEDY_CHANGES_MAX);
        need.steps[i] = count > 0 ? step_of(search, changes, count) : NO_STEP;
        any |= need.steps[i] != NO_STEP;
        search->seen[i] |= need.steps[i] != NO_STEP;
    }
    for (const struct need *other = list; any && other; other = other->next)
        any = memcmp(other->steps, need.steps, sizeof need.steps) != 0;
    if (!any)
        return list;
    struct need *own = check_take(patient->check, sizeof *own);
    *own = need;
    return own;
}

/* What the last trial has left: the first of the file last, so that it stands first. */
static struct need *needs_left(struct search *search)
{
    struct need *needs = NULL;
    for (size_t i = search->patient->swallowed_count; i > 0; i--)
        needs = need_of(search, &search->patient->swallowed[i - 1], needs);
    return needs;
}

static bool has_step(const uint16_t *steps, size_t count, uint16_t step)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i] == step)
            return true;
    }
    return false;
}

static bool is_met(const struct need *need, const uint16_t *steps, size_t count)
{
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        if (need->steps[i] != NO_STEP && has_step(steps, count, need->steps[i]))
            return true;
    }
    return false;
}

/* -- cures -- */

enum check_remedy_kind search_kind(const struct change *change)
{
    static const enum check_remedy_kind kinds[] = {
        [CHANGE_GUARD_HOLD] = CHECK_REMEDY_VGW_EXPORT_FILTER,
        [CHANGE_EXPORT_DENY] = CHECK_REMEDY_VGW_EXPORT_FILTER,
        [CHANGE_HOST_ROUTE] = CHECK_REMEDY_CGW_HOST_ROUTE,
        [CHANGE_NEXT_HOP_ROUTE] = CHECK_REMEDY_CGW_NEXT_HOP_ROUTE,
        [CHANGE_IMPORT_DENY] = CHECK_REMEDY_CGW_IMPORT_FILTER,
        [CHANGE_PREFER] = CHECK_REMEDY_CGW_LOCAL_PREFERENCE,
        [CHANGE_STOP] = CHECK_REMEDY_ORIGIN_WITHDRAW,
        [CHANGE_STOP_STATIC] = CHECK_REMEDY_ORIGIN_WITHDRAW,
        [CHANGE_TABLE_DELETE] = CHECK_REMEDY_ROUTE_TABLE_DELETE,
        [CHANGE_ROUTER_DELETE] = CHECK_REMEDY_ROUTE_TABLE_DELETE,
        [CHANGE_TABLE_PROPAGATE] = CHECK_REMEDY_ROUTE_TABLE_PROPAGATE,
        [CHANGE_ALLOWAS_OFF] = CHECK_REMEDY_CGW_ALLOWAS_IN_OFF,
        [CHANGE_ANNOUNCE] = CHECK_REMEDY_ORIGIN_ANNOUNCE,
        [CHANGE_ROUTE_TUNNEL] = CHECK_REMEDY_CGW_SAME_TUNNEL,
        [CHANGE_GATEWAY_ASN] = CHECK_REMEDY_GATEWAY_RENUMBER,
        [CHANGE_CUSTOMER_ASN] = CHECK_REMEDY_CUSTOMER_RENUMBER,
        [CHANGE_SPEAK_BGP] = CHECK_REMEDY_VPN_BGP,
        [CHANGE_ADD_STATIC] = CHECK_REMEDY_VPN_STATIC,
        [CHANGE_SUMMARIZE] = CHECK_REMEDY_ORIGIN_SUMMARIZE,
        [CHANGE_REFUSE] = CHECK_REMEDY_VGW_IMPORT_FILTER,
        [CHANGE_REFUSE_DIRECT] = CHECK_REMEDY_VGW_IMPORT_FILTER,
        [CHANGE_WITHHOLD] = CHECK_REMEDY_ORIGIN_EXPORT_FILTER,
        [CHANGE_PEER] = CHECK_REMEDY_VPC_PEERING,
        [CHANGE_ASN] = CHECK_REMEDY_UNIQUE_ASN,
    };
    return kinds[change->kind];
}

/* Gateways' connections, then routers, then VPCs; each as they are in the file. */
static int place_class(const struct change *change)
{
    switch (change->kind) {
    case CHANGE_GUARD_HOLD:
    case CHANGE_EXPORT_DENY:
    case CHANGE_STOP_STATIC:
    case CHANGE_SPEAK_BGP:
    case CHANGE_ADD_STATIC:
    case CHANGE_GATEWAY_ASN:
    case CHANGE_CUSTOMER_ASN:
    case CHANGE_REFUSE:
    case CHANGE_REFUSE_DIRECT:
    case CHANGE_PEER:
        return 0;
    case CHANGE_TABLE_DELETE:
    case CHANGE_TABLE_PROPAGATE:
        return 2;
    case CHANGE_HOST_ROUTE:
    case CHANGE_NEXT_HOP_ROUTE:
    case CHANGE_IMPORT_DENY:
    case CHANGE_PREFER:
    case CHANGE_WITHHOLD:
    case CHANGE_STOP:
    case CHANGE_ROUTER_DELETE:
    case CHANGE_ALLOWAS_OFF:
    case CHANGE_ASN:
    case CHANGE_SUMMARIZE:
    case CHANGE_ANNOUNCE:
    case CHANGE_ROUTE_TUNNEL:
    default:
        return 1;
    }
}

static int by_place(const void *left, const void *right, const void *ctx)
{
    const struct change *first = left, *second = right;
    (void)ctx;
    if (place_class(first) != place_class(second))
        return place_class(first) - place_class(second);
    if (first->index != second->index)
        return first->index < second->index ? -1 : 1;
    if (first->kind != second->kind)
        return (int)first->kind - (int)second->kind;
    return first->part - second->part;
}

static size_t count_places(const struct change *changes, size_t count)
{
    size_t places = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_place(&changes[i - 1], &changes[i], NULL) != 0)
            places += changes[i].kind == CHANGE_PEER ? PEERING_PLACES : 1;
    return places;
}

/* The smaller first; of equals by their kinds, as remedy.def has them, then by what changes. */
static int by_size(const void *left, const void *right, const void *ctx)
{
    const struct cure *first = left, *second = right;
    size_t counts[2][CHECK_REMEDY_KINDS] = {{0}};
    (void)ctx;
    if (first->places != second->places)
        return first->places < second->places ? -1 : 1;
    for (size_t i = 0; i < first->count; i++)
        counts[0][search_kind(&first->changes[i])]++;
    for (size_t i = 0; i < second->count; i++)
        counts[1][search_kind(&second->changes[i])]++;
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        if (counts[0][i] != counts[1][i])
            return counts[0][i] > counts[1][i] ? -1 : 1;
    }
    for (size_t i = 0; i < first->count && i < second->count; i++) {
        int order = by_place(&first->changes[i], &second->changes[i], NULL);
        if (order != 0)
            return order;
    }
    return 0;
}

static bool holds_all(const struct change *changes, size_t count, const struct cure *cure)
{
    for (size_t i = 0; i < cure->count; i++) {
        if (!change_is_among(&cure->changes[i], changes, count))
            return false;
    }
    return true;
}

/* One way of curing is known of which this one would be a longer form, or the same. */
static bool is_known(const struct search *search, const struct change *changes, size_t count)
{
    for (size_t i = 0; i < search->cure_count; i++) {
        if (holds_all(changes, count, &search->cures[i]))
            return true;
    }
    return false;
}

/* Takes away what is not needed, until nothing can be taken away any more. */
static void reduce(struct search *search, struct cure *cure)
{
    static _Thread_local struct change without[REMEDY_CHANGES_MAX];
    struct patient *patient = search->patient;
    bool changed = true;
    while (changed && cure->count > 1) {
        changed = false;
        for (size_t i = cure->count; i > 0 && cure->count > 1; i--) {
            if (cure->needed && cure->needed[i - 1])
                continue;
            memcpy(without, cure->changes, (i - 1) * sizeof *without);
            memcpy(without + i - 1, cure->changes + i, (cure->count - i) * sizeof *without);
            cure->unproven |= patient->trials_left == 0;
            search->ended |= cure->unproven;
            if (!trial_cures(patient, without, cure->count - 1))
                continue;
            memcpy(cure->changes, without, --cure->count * sizeof *without);
            cure->needed = NULL;
            changed = true;
        }
    }
}

/* Changes that are known to cure; what can be done without is taken away later, so that the trials
 * suffice for every lead first. */
static void record(struct search *search, const struct change *changes, size_t count)
{
    struct check *check = search->patient->check;
    struct cure cure = {.changes = check_take(check, count * sizeof *changes), .count = count};
    struct change *scratch = check_take(check, count * sizeof *changes);
    memcpy(cure.changes, changes, count * sizeof *changes);
    sort_stable(cure.changes, count, sizeof *changes, scratch, by_place, NULL);
    cure.places = count_places(cure.changes, cure.count);
    cure.needed = check_take(check, count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            cure.needed[i] |=
                search->patient->needed[j] && change_equal(&cure.changes[i], &changes[j]);
    }
    if (search->cure_count < SEARCH_CURES_MAX)
        search->cures[search->cure_count++] = cure;
    else
        search->ended = true;
}

/* Is it the longer form of another one, or the same as one that stands before it? */
static bool is_longer(const struct search *search, size_t at)
{
    const struct cure *cure = &search->cures[at];
    for (size_t i = 0; i < search->cure_count; i++) {
        const struct cure *other = &search->cures[i];
        if (i != at && holds_all(cure->changes, cure->count, other) &&
            (other->count < cure->count || i < at))
            return true;
    }
    return false;
}

/* Makes each as small as it can be, and orders them. */
static void finish(struct search *search)
{
    struct cure scratch[SEARCH_CURES_MAX];
    size_t size_bytes = sizeof *search->cures, kept = 0;
    sort_stable(search->cures, search->cure_count, size_bytes, scratch, by_size, NULL);
    for (size_t i = 0; i < search->cure_count; i++) {
        reduce(search, &search->cures[i]);
        search->cures[i].places = count_places(search->cures[i].changes, search->cures[i].count);
    }
    for (size_t i = 0; i < search->cure_count; i++) {
        if (!is_longer(search, i))
            scratch[kept++] = search->cures[i];
    }
    memcpy(search->cures, scratch, kept * size_bytes);
    search->cure_count = kept;
    sort_stable(search->cures, search->cure_count, size_bytes, scratch, by_size, NULL);
}

/* Tries the steps together. What is known to cure, or to be longer than a cure, is not tried. */
static bool try_steps(struct search *search, const uint16_t *steps, size_t count)
{
    static _Thread_local struct change changes[REMEDY_CHANGES_MAX];
    size_t change_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct search_step *step = &search->steps[steps[i]];
        for (size_t j = 0; j < step->count && change_count < REMEDY_CHANGES_MAX; j++) {
            if (!change_is_among(&step->changes[j], changes, change_count))
                changes[change_count++] = step->changes[j];
        }
    }
    search->patient->swallowed_count = 0;
    if (is_known(search, changes, change_count))
        return true;
    search->ended |= search->patient->trials_left == 0;
    if (!trial_cures(search->patient, changes, change_count))
        return false;
    record(search, changes, change_count);
    return true;
}

/* -- leads -- */

static void take_step(struct search *search, struct set *set, uint16_t step)
{
    set->items =
        check_grow(search->patient->check, set->items, set->count, &set->cap, sizeof *set->items);
    set->items[set->count++] = step;
}

/* The lead's step for the need, or that of the first kind that has one and has not failed yet. */
static uint16_t choose(const struct need *need, const struct set *set, enum check_remedy_kind lead)
{
    if (need->steps[lead] != NO_STEP && !has_step(set->items, set->count, need->steps[lead]))
        return need->steps[lead];
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        if (need->steps[i] != NO_STEP && !has_step(set->items, set->count, need->steps[i]))
            return need->steps[i];
    }
    return NO_STEP;
}

static void follow_lead(struct search *search, enum check_remedy_kind lead)
{
    struct set set = {NULL, 0, 0};
    const struct need *needs = search->needs;
    bool first = true, more = true;
    while (more) {
        more = false;
        for (const struct need *need = needs; need; need = need->next) {
            bool met = first && is_met(need, set.items, set.count);
            uint16_t step = met ? NO_STEP : choose(need, &set, lead);
            if (step == NO_STEP)
                continue;
            take_step(search, &set, step);
            more = true;
        }
        first = false;
        if (more && try_steps(search, set.items, set.count))
            return;
        needs = more ? needs_left(search) : NULL;
    }
}

/* -- small sets -- */

struct queue {
    struct trial_set *first, *last, *done; /* done: looked at, the latest first */
    size_t count;
};

static bool same_steps(const struct trial_set *left, const uint16_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (left->count != count || !has_step(left->steps, left->count, steps[i]))
            return false;
    }
    return true;
}

static bool is_queued(const struct trial_set *list, const struct trial_set *node)
{
    for (; list; list = list->next) {
        if (same_steps(list, node->steps, node->count))
            return true;
    }
    return false;
}

static void add_child(struct search *search, struct queue *queue, struct trial_set *parent,
                      uint16_t step)
{
    struct trial_set child = {.parent = parent, .count = parent->count};
    memcpy(child.steps, parent->steps, sizeof child.steps);
    child.steps[child.count++] = step;
    if (is_queued(queue->first, &child) || is_queued(queue->done, &child))
        return;
    search->ended |= queue->count == NODES_MAX;
    if (queue->count == NODES_MAX)
        return;
    struct trial_set *own = check_take(search->patient->check, sizeof *own);
    *own = child;
    if (queue->last)
        queue->last->next = own;
    else
        queue->first = own;
    queue->last = own;
    queue->count++;
}

static void branch(struct search *search, struct queue *queue, struct trial_set *node,
                   const struct need *need)
{
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        uint16_t step = need->steps[i];
        if (step != NO_STEP && !has_step(node->steps, node->count, step))
            add_child(search, queue, node, step);
    }
}

/* Of all that is known on the way to the node. */
static const struct need *find_unmet(const struct trial_set *node)
{
    for (const struct trial_set *at = node; at; at = at->parent) {
        for (const struct need *need = at->needs; need; need = need->next) {
            if (!is_met(need, node->steps, node->count))
                return need;
        }
    }
    return NULL;
}

/* Its step did not help: another kind's may. */
static const struct need *find_open(const struct trial_set *node)
{
    const struct need *need = node->needs;
    for (; need; need = need->next) {
        for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
            if (need->steps[i] != NO_STEP && !has_step(node->steps, node->count, need->steps[i]))
                return need;
        }
    }
    return NULL;
}

static void look_at(struct search *search, struct queue *queue, struct trial_set *node, size_t most)
{
    const struct need *unmet = find_unmet(node);
    if (!unmet && node->count > 0) {
        if (try_steps(search, node->steps, node->count))
            return;
        node->needs = needs_left(search);
        unmet = find_unmet(node);
        if (!unmet)
            unmet = find_open(node);
    }
    if (unmet && node->count < most)
        branch(search, queue, node, unmet);
}

/* All sets of so many steps at most; with one_only until one more cures. */
static void try_small(struct search *search, size_t most, bool one_only)
{
    size_t before = search->cure_count;
    struct queue queue = {.count = 0};
    struct trial_set root = {.needs = search->needs};
    look_at(search, &queue, &root, most);
    while (queue.first && !(one_only && search->cure_count > before)) {
        struct trial_set *node = queue.first;
        queue.first = node->next;
        if (!queue.first)
            queue.last = NULL;
        node->next = queue.done;
        queue.done = node;
        look_at(search, &queue, node, most);
    }
}

/* -- all of it -- */

void search_init(struct search *search, struct patient *patient, bool no_withdrawal)
{
    *search = (struct search){.patient = patient, .no_withdrawal = no_withdrawal};
}

void search_add(struct search *search, const struct evidence *evidence)
{
    search->needs = need_of(search, evidence, search->needs);
}

/* How many places the smallest cure has that is known. */
static size_t smallest(const struct search *search)
{
    size_t places = SEARCH_STEPS_MAX + 1;
    for (size_t i = 0; i < search->cure_count; i++)
        places = search->cures[i].places < places ? search->cures[i].places : places;
    return places;
}

/* A kind that is seen for the first time in a trial leads, too. */
static void follow_leads(struct search *search)
{
    bool followed[CHECK_REMEDY_KINDS] = {false};
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        if (!search->seen[i] || followed[i])
            continue;
        followed[i] = true;
        follow_lead(search, (enum check_remedy_kind)i);
        i = -1;
    }
}

void search_run(struct search *search)
{
    const struct check_options *options = &search->patient->check->options;
    if (options->cheapest)
        try_small(search, 1, true);
    if (search->cure_count == 0)
        follow_leads(search);
    size_t most = options->all ? SEARCH_STEPS_MAX : smallest(search) - 1;
    if (most > 0)
        try_small(search, most, options->cheapest);
    finish(search);
}
