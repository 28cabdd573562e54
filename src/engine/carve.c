/* The guard's policy `carve`: a prefix that covers an endpoint of the customer gateway is not told
 * to it, but the pieces around its endpoints are.
 *
 *     203.0.0.0/8 best, endpoint 203.0.113.1     not told; told are 203.128.0.0/9,
 *                                                203.64.0.0/10, ...
 *
 * A piece is a path of a source of its own, with the attributes of the prefix it was cut from, in
 * the same Adj-RIB-In as all others: where somebody announces the piece itself, his path is the
 * best, and everybody is told that. The gateway does not install pieces; it has the whole.
 *
 * Which pieces there are, with which attributes and for whom, is a function of the best paths, the
 * endpoints and the policies; nothing is remembered of it but that a piece is there. The piece's
 * parent is the longest prefix that covers it and has a best path: that one covers an endpoint too,
 * since the piece's sibling does. Whenever a prefix that covers endpoints, or pieces, changes, all
 * pieces in question are derived anew, after the batch. Pieces are never carved in turn.
 *
 * A default is held, not carved: its complement would beat static defaults that the default itself
 * does not beat. What is carved is bounded by configuration, so the budget refuses only the paths.
 */
#include "engine/parts.h"

#include <assert.h>

void carve_init(struct engine *engine)
{
    struct engine_carve *carve = &engine->bgp->carve;
    *carve = (struct engine_carve){0};
    lpm_init(&carve->pieces, &engine->budget, 3);
    pool_init(&carve->parents, &engine->budget, sizeof(struct prefix), 3);
}

void carve_done(struct engine *engine)
{
    lpm_done(&engine->bgp->carve.pieces);
    pool_done(&engine->bgp->carve.parents);
}

void carve_policy(struct engine *engine, enum guard_policy was, enum guard_policy is)
{
    struct engine_carve *carve = &engine->bgp->carve;
    carve->attachment_count -= was == GUARD_CARVE;
    carve->attachment_count += is == GUARD_CARVE;
    if (is != GUARD_CARVE || carve->fragments.v != 0)
        return;
    struct source source = {.kind = SOURCE_FRAGMENT, .external = true};
    carve->fragments = rib_source_add(&engine->bgp->rib, &source);
    assert(carve->fragments.v != 0); /* while something is configured the budget refuses nothing */
}

/* -- what a piece is to be -- */

/* The longest prefix above the piece with a best path; 0: none. */
static uint32_t parent_of(const struct engine *engine, struct prefix piece)
{
    const struct rib *rib = &engine->bgp->rib;
    uint32_t numbers[RIB_COVERING_MAX];
    for (uint32_t i = rib_covering(rib, piece.addr, numbers); i > 0; i--) {
        uint32_t number = numbers[i - 1];
        struct rib_route best = rib_best(rib, number);
        if (rib_prefix_of(rib, rib_prefix_get(rib, number)).len < piece.len && best.attr.v != 0 &&
            best.source.v != engine->bgp->carve.fragments.v)
            return number;
    }
    return 0;
}

/* The parent's pieces for the attachment; 0: it is not carved for it. */
static uint32_t cut(const struct engine *engine, uint16_t attachment, struct prefix parent,
                    struct prefix ret_pieces[GUARD_FRAGMENTS_MAX])
{
    const struct guard *guard = &engine->bgp->guard;
    const struct event_attachment *said = engine_attachment(engine, attachment);
    struct cgw_id cgw = {said->customer_gateway};
    bool carves = guard_export_judge(guard, cgw, said->guard, parent).action == GUARD_CARVE;
    return carves ? guard_carve(guard, cgw, parent, ret_pieces) : 0;
}

static bool is_cut(const struct engine *engine, uint16_t attachment, struct prefix parent,
                   struct prefix piece)
{
    struct prefix pieces[GUARD_FRAGMENTS_MAX];
    for (uint32_t i = cut(engine, attachment, parent, pieces); i > 0; i--) {
        if (prefix_equal(pieces[i - 1], piece))
            return true;
    }
    return false;
}

/* Who is told the piece, ascending; the parent's own attachment is not, as of any route. Returns
 * how many; ret_attachments may be NULL. */
static uint32_t audience_of_piece(const struct engine *engine, uint32_t parent, struct prefix piece,
                                  uint16_t *ret_attachments)
{
    const struct rib *rib = &engine->bgp->rib;
    struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, parent));
    uint16_t own = rib_source_get(rib, rib_best(rib, parent).source)->source.attachment.v;
    uint32_t count = 0;
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        if (i == own || !is_cut(engine, i, prefix, piece))
            continue;
        if (ret_attachments)
            ret_attachments[count] = i;
        count++;
    }
    return count;
}

/* -- while a batch is looked at -- */

static void restrict_piece(struct engine *engine, struct rib_change *change)
{
    struct rib *rib = &engine->bgp->rib;
    struct prefix piece = rib_change_prefix(&engine->bgp->rib, change);
    uint32_t parent = parent_of(engine, piece);
    size_t size_bytes = sizeof(uint16_t) * engine->bgp->attachments.high;
    uint16_t *attachments = arena_take(&engine->arena, size_bytes);
    assert(attachments);
    uint32_t count = parent ? audience_of_piece(engine, parent, piece, attachments) : 0;
    adj_out_clear(rib, change);
    bool done = adj_out_restrict(rib, change, attachments, count);
    assert(done); /* others would be told */
}

static void carve_later(struct engine *engine, struct prefix parent)
{
    struct engine_carve *carve = &engine->bgp->carve;
    uint32_t place = carve->parent_count + 1;
    if (place > carve->parents.high) {
        uint32_t taken = pool_take(&carve->parents);
        assert(taken == place);
    }
    *(struct prefix *)pool_get(&carve->parents, place) = parent;
    carve->parent_count = place;
}

bool carve_change(struct engine *engine, struct rib_change *change, bool covers_endpoint)
{
    struct engine_carve *carve = &engine->bgp->carve;
    struct prefix prefix = rib_change_prefix(&engine->bgp->rib, change);
    if (carve->fragments.v == 0)
        return false;
    bool was_piece = change->old_source == carve->fragments.v;
    bool is_piece = change->new_source == carve->fragments.v;
    bool concerns =
        (carve->attachment_count > 0 && covers_endpoint) || lpm_any_inside(&carve->pieces, prefix);
    if (concerns && !(was_piece && is_piece))
        carve_later(engine, prefix);
    if (is_piece)
        restrict_piece(engine, change);
    else if (was_piece)
        adj_out_clear(&engine->bgp->rib, change);
    return is_piece;
}

/* -- after it -- */

static void derive_piece(struct engine *engine, struct prefix piece)
{
    struct engine_carve *carve = &engine->bgp->carve;
    const struct rib *rib = &engine->bgp->rib;
    uint32_t parent = parent_of(engine, piece), number = rib_find(rib, piece);
    if (number && rib_best(rib, number).source.v == carve->fragments.v)
        flow_touch(engine, piece); /* the same attributes may have another audience now */
    if (parent && audience_of_piece(engine, parent, piece, NULL) > 0) {
        engine->budget.limit_bytes = 0;
        bool there = lpm_set(&carve->pieces, piece, 1);
        engine->budget.limit_bytes = engine->config.budget_bytes;
        assert(there);
        (void)flow_put(engine, carve->fragments, piece, rib_best(rib, parent).attr, REASON_NONE);
    } else if (lpm_remove(&carve->pieces, piece)) {
        flow_take(engine, carve->fragments, piece, false);
    }
}

/* Those that are there, and those that shall be. */
static void carve_prefix(struct engine *engine, struct prefix parent)
{
    struct engine_carve *carve = &engine->bgp->carve;
    struct prefix piece = parent, at = parent;
    uint32_t value;
    while (lpm_next(&carve->pieces, &at, &piece, &value) && prefix_covers(parent, piece)) {
        derive_piece(engine, piece);
        at = piece;
    }
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        struct prefix pieces[GUARD_FRAGMENTS_MAX];
        for (uint32_t k = cut(engine, i, parent, pieces); k > 0; k--)
            derive_piece(engine, pieces[k - 1]);
    }
}

void carve_settle(struct engine *engine)
{
    struct engine_carve *carve = &engine->bgp->carve;
    while (carve->parent_count > 0) {
        for (uint32_t i = 1; i <= carve->parent_count; i++) /* a full list of changes adds some */
            carve_prefix(engine, *(struct prefix *)pool_get(&carve->parents, i));
        carve->parent_count = 0;
        flow_settle_now(engine);
    }
}

/* -- is it so? -- */

static const char *audit_piece(const struct engine *engine, struct prefix piece)
{
    const struct rib *rib = &engine->bgp->rib;
    uint32_t parent = parent_of(engine, piece), number = rib_find(rib, piece);
    if (!parent || audience_of_piece(engine, parent, piece, NULL) == 0)
        return "a piece is there that nobody is to be told";
    const struct rib_path *path =
        number ? rib_path_of(rib, number, engine->bgp->carve.fragments) : NULL;
    if (path && !attr_equal(path->attr, rib_best(rib, parent).attr))
        return "a piece has other attributes than what it was cut from";
    return NULL;
}

static const char *audit_parent(const struct engine *engine, uint32_t parent)
{
    struct prefix prefix =
        rib_prefix_of(&engine->bgp->rib, rib_prefix_get(&engine->bgp->rib, parent));
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        struct prefix pieces[GUARD_FRAGMENTS_MAX];
        for (uint32_t k = cut(engine, i, prefix, pieces); k > 0; k--) {
            bool wanted = parent_of(engine, pieces[k - 1]) == parent &&
                          audience_of_piece(engine, parent, pieces[k - 1], NULL) > 0;
            if (wanted && !lpm_exact(&engine->bgp->carve.pieces, pieces[k - 1]))
                return "a piece is not there that somebody is to be told";
        }
    }
    return NULL;
}

const char *carve_audit(const struct engine *engine)
{
    const struct rib *rib = &engine->bgp->rib;
    const struct engine_carve *carve = &engine->bgp->carve;
    const char *complaint = NULL;
    struct prefix piece, at;
    uint32_t value;
    bool more = lpm_next(&carve->pieces, NULL, &piece, &value);
    for (; more && !complaint; more = lpm_next(&carve->pieces, &at, &piece, &value)) {
        complaint = audit_piece(engine, piece);
        at = piece;
    }
    for (uint32_t i = 1; i < rib_number_end(rib) && carve->fragments.v && !complaint; i++) {
        struct rib_route best = rib_best(rib, i);
        if (best.attr.v != 0 && best.source.v != carve->fragments.v &&
            guard_covers_any(&engine->bgp->guard, rib_prefix_of(rib, rib_prefix_get(rib, i))))
            complaint = audit_parent(engine, i);
    }
    return complaint;
}
