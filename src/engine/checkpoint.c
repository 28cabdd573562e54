/* The walk over an engine that writes its checkpoint. Each section has a function that writes its
 * next items, and says whether there were any. */
#include "engine/checkpoint.h"

#include "engine/items.h"

#include <assert.h>
#include <string.h>

bool checkpoint_possible(const struct engine *engine)
{
    const struct engine_bgp *bgp = engine->bgp;
    if (!engine->booted || engine->table.dirty_count > 0)
        return false;
    if (!bgp)
        return true;
    bool quiet =
        bgp->settle_at_us == ENGINE_NEVER && bgp->rib.change_count == 0 && !deferral_holds(engine);
    for (uint16_t i = 1; quiet && i <= engine_neighbor_count(engine); i++)
        quiet = !engine_neighbor_at(engine, i)->dropping && !engine_neighbor_at(engine, i)->stale;
    return quiet;
}

static bool write_engine(struct checkpoint_walk *walk, const struct engine *engine,
                         struct coder *coder)
{
    struct item_engine item = {.now_us = engine->now_us,
                               .carving = engine->bgp ? engine->bgp->carve.attachment_count : 0,
                               .kept = engine->bgp && engine->bgp->kept};
    if (walk->at++ > 0)
        return false;
    code_engine(coder, &item);
    return true;
}

/* -- policies: each attachment with its filters and edits, then all endpoints -- */

static void write_filter(const struct engine *engine, uint16_t number, struct event event,
                         struct coder *coder)
{
    if (number == 0)
        return;
    const struct engine_filter *filter = pool_get(&engine->bgp->filters, number);
    event.kind = EVENT_FILTER;
    event.filter.permit_rest = filter->permit_rest;
    event.filter.count = filter->count;
    event.filter.rules = filter->rules;
    code_event(coder, &event);
}

static void write_edit(const struct engine *engine, uint16_t attachment, bool export,
                       struct coder *coder)
{
    const struct route_edit *edit = policy_edit_of(engine, attachment, export);
    if (!edit)
        return;
    struct event event = {.kind = EVENT_POLICY, .policy = {attachment, export, *edit}};
    code_event(coder, &event);
}

static void write_endpoints(const struct engine *engine, struct coder *coder)
{
    const struct guard *guard = &engine->bgp->guard;
    for (int six = 0; six < 2; six++) {
        struct guard_cursor cursor = {0};
        while (guard_covered_next(guard, prefix_make(six, 0, 0), &cursor)) {
            struct event event = {.kind = EVENT_ENDPOINT,
                                  .endpoint = {cursor.cgw.v, cursor.outside, true}};
            uint32_t count = guard_endpoint_count(guard, cursor.cgw, cursor.outside);
            for (; count > 0; count--)
                code_event(coder, &event);
        }
    }
}

static bool write_policy(struct checkpoint_walk *walk, const struct engine *engine,
                         struct coder *coder)
{
    uint32_t number = ++walk->at, last = engine_attachment_count(engine);
    if (!engine->bgp || number > last + 1)
        return false;
    if (number == last + 1) {
        write_endpoints(engine, coder);
        return true;
    }
    const struct engine_attachment *at = engine_attachment_at(engine, (uint16_t)number);
    struct event event = {.kind = EVENT_ATTACHMENT, .attachment = at->said};
    code_event(coder, &event);
    struct event filter = {.filter = {.attachment = (uint16_t)number}};
    write_filter(engine, at->import, filter, coder);
    filter.filter.allowed = true;
    write_filter(engine, at->allowed, filter, coder);
    filter.filter.allowed = false;
    filter.filter.export = true;
    write_filter(engine, at->export, filter, coder);
    write_edit(engine, (uint16_t)number, false, coder);
    write_edit(engine, (uint16_t)number, true, coder);
    return true;
}

/* -- sources -- */

/* What has come of a message that is not whole yet. */
static struct slice cut_of(const struct inbox *inbox)
{
    return inbox->block ? (struct slice){inbox->block, inbox->block_size}
                        : (struct slice){inbox->head, inbox->head_size};
}

static void fill_neighbor(const struct engine *engine, uint16_t number, struct item_source *item)
{
    const struct engine_neighbor *neighbor = engine_neighbor_at(engine, number);
    item->kind = ITEM_OF_NEIGHBOR;
    item->neighbor = (struct event){.kind = EVENT_NEIGHBOR, .neighbor = neighbor->said};
    item->session = neighbor->session;
    for (int i = 0; i < BGP_SLOTS; i++)
        item->cut[i] = cut_of(&neighbor->session.slots[i].inbox);
    item->bfd = neighbor->bfd != 0;
    if (item->bfd)
        item->end = *engine_bfd(engine, number);
    item->member = neighbor->member != 0;
    item->fresh = neighbor->fresh;
    item->error_wait_us = neighbor->error_wait_us;
    item->error_at_us = neighbor->error_at_us;
    item->limit_near_noted = neighbor->limit_near_noted;
    item->limit_noted = neighbor->limit_noted;
}

static void fill_static(const struct engine *engine, uint16_t source, struct item_source *item)
{
    item->kind = ITEM_OF_STATIC;
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        const struct engine_attachment *at = engine_attachment_at(engine, i);
        if (at->static_source.v != source)
            continue;
        item->attachment = i;
        item->interface = at->static_interface;
    }
    assert(item->attachment != 0);
}

/* The first source is the engine's own, which it makes itself. */
static bool write_source(struct checkpoint_walk *walk, const struct engine *engine,
                         struct coder *coder)
{
    struct item_source item;
    uint16_t source = (uint16_t)(2 + walk->at++);
    memset(&item, 0, sizeof item);
    if (!engine->bgp || source > engine->bgp->rib.sources.high)
        return false;
    uint16_t neighbor = engine_source_neighbor(engine, (struct source_id){source});
    if (neighbor)
        fill_neighbor(engine, neighbor, &item);
    else if (source == engine->bgp->carve.fragments.v)
        item.kind = ITEM_OF_FRAGMENTS;
    else if (source == engine->bgp->aside.v)
        item.kind = ITEM_OF_ASIDE;
    else
        fill_static(engine, source, &item);
    code_source(coder, &item);
    return true;
}

/* -- the router's table -- */

static bool write_interface(struct checkpoint_walk *walk, const struct engine *engine,
                            struct coder *coder)
{
    uint16_t number = (uint16_t)++walk->at;
    if (number > engine->interfaces.high)
        return false;
    struct item_interface item = {.interface = number,
                                  .connected =
                                      *(const struct prefix *)pool_get(&engine->interfaces, number),
                                  .up = table_interface_up(&engine->table, number)};
    code_interface_item(coder, &item);
    return true;
}

static bool write_routes(struct checkpoint_walk *walk, const struct engine *engine,
                         struct coder *coder)
{
    struct table_candidate candidate;
    struct item_route item;
    if (!table_next(&engine->table, walk->begun ? &walk->prefix : NULL, &item.prefix))
        return false;
    walk->begun = true;
    walk->prefix = item.prefix;
    for (uint32_t i = 0; table_candidate(&engine->table, item.prefix, i, &candidate); i++) {
        item.route = candidate.route;
        code_route_item(coder, &item);
    }
    return true;
}

/* -- VPCs, in the order in which none of it is refused -- */

static void write_part(struct coder *coder, enum event_kind kind, const struct event_vpc_part *part)
{
    struct event event = {.kind = kind, .vpc_part = *part};
    code_event(coder, &event);
}

static void write_static_routes(const struct vpc *vpc, struct event_vpc_part part,
                                struct coder *coder)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route;
    enum vpc_reason reason;
    while (vpc_next(vpc, part.table, &walk, &route, &reason)) {
        if (route.origin != VPC_ORIGIN_STATIC)
            continue;
        part.prefix = route.prefix;
        part.target = route.target;
        write_part(coder, EVENT_VPC_ROUTE, &part);
    }
}

static void write_tables(const struct vpc *vpc, uint16_t number, struct coder *coder)
{
    for (uint16_t table = 1; table <= vpc->tables.high; table++) {
        struct event_vpc_part part = {
            .vpc = number, .table = table, .present = vpc_propagates(vpc, table, ENGINE_GATEWAY)};
        write_part(coder, EVENT_VPC_TABLE, &part);
        part.present = true;
        write_static_routes(vpc, part, coder);
    }
}

static void write_ranges(const struct vpc *vpc, uint16_t number, struct coder *coder)
{
    struct event_vpc_part part = {.vpc = number, .present = true};
    for (uint32_t i = 0; i < vpc->cidr_count; i++) {
        part.prefix = vpc->cidrs[i];
        write_part(coder, EVENT_VPC_CIDR, &part);
    }
    for (uint16_t i = 1; i <= vpc->subnets.high; i++) {
        part.prefix = vpc_subnet_prefix(vpc, i);
        part.table = vpc_subnet_table(vpc, i);
        write_part(coder, EVENT_VPC_SUBNET, &part);
    }
}

static void write_targets(const struct vpc *vpc, uint16_t number, struct coder *coder)
{
    struct event_vpc_part part = {.vpc = number};
    for (uint32_t i = 1; i <= vpc->peerings.high; i++) {
        part.peering = *(const struct vpc_peering *)pool_get(&vpc->peerings, i);
        write_part(coder, EVENT_VPC_PEERING, &part);
    }
    uint32_t cursor = 0;
    while (vpc_gone_next(vpc, &cursor, &part.target))
        write_part(coder, EVENT_VPC_TARGET, &part);
}

static bool write_vpc(struct checkpoint_walk *walk, const struct engine *engine,
                      struct coder *coder)
{
    uint16_t number = (uint16_t)++walk->at;
    if (number > engine->vpcs.high)
        return false;
    const struct engine_vpc *at = pool_get(&engine->vpcs, number);
    struct event event = {.kind = EVENT_VPC,
                          .vpc = {.vpc = number,
                                  .interface = at->interface,
                                  .propagated_limit = at->vpc.limits.propagated}};
    code_event(coder, &event);
    write_tables(&at->vpc, number, coder);
    write_ranges(&at->vpc, number, coder);
    write_targets(&at->vpc, number, coder);
    return true;
}

/* -- the Adj-RIB-In -- */

static bool write_piece(struct checkpoint_walk *walk, const struct engine *engine,
                        struct coder *coder)
{
    struct prefix piece;
    uint32_t value;
    if (!engine->bgp ||
        !lpm_next(&engine->bgp->carve.pieces, walk->begun ? &walk->prefix : NULL, &piece, &value))
        return false;
    walk->begun = true;
    walk->prefix = piece;
    code_prefix(coder, &piece);
    return true;
}

static void write_path(struct checkpoint_walk *walk, const struct rib *rib, struct prefix prefix,
                       const struct rib_path *path, struct coder *coder)
{
    struct item_path item = {.prefix = prefix,
                             .source = path->source.v,
                             .refused = reason_refuses(path->why) ? path->why : REASON_NONE,
                             .place = (uint8_t)(hash_u64(path->attr.v, 0) % CHECKPOINT_SETS)};
    uint32_t *known = &walk->sets[item.place];
    item.fresh = *known != path->attr.v;
    if (item.fresh)
        item.set = attr_bytes(&rib->attrs, path->attr);
    *known = path->attr.v;
    code_path(coder, &item);
}

/* The oldest path that is younger than the one before; NULL: there is none. */
static const struct rib_path *next_by_age(const struct rib *rib, uint32_t number,
                                          const struct rib_path *before)
{
    const struct rib_path *path = NULL, *oldest = NULL;
    while ((path = rib_path_next(rib, number, path)) != NULL) {
        bool younger = !before || best_earlier(before->arrival, path->arrival);
        if (younger && (!oldest || best_earlier(path->arrival, oldest->arrival)))
            oldest = path;
    }
    return oldest;
}

static bool write_paths(struct checkpoint_walk *walk, const struct engine *engine,
                        struct coder *coder)
{
    const struct rib *rib = engine_rib(engine);
    uint32_t number = ++walk->at;
    if (!rib || number >= rib_number_end(rib))
        return false;
    const struct rib_prefix *record = rib_prefix_get(rib, number);
    if (!(record->bits & RIB_IN_USE))
        return true;
    struct prefix prefix = rib_prefix_of(rib, record);
    bool by_age = rib->config.rules == BEST_FRR;
    const struct rib_path *path = NULL;
    while ((path = by_age ? next_by_age(rib, number, path) : rib_path_next(rib, number, path)))
        write_path(walk, rib, prefix, path, coder);
    return true;
}

static bool write_count(struct checkpoint_walk *walk, const struct engine *engine,
                        struct coder *coder)
{
    struct item_count item = {.source = (uint16_t)++walk->at};
    if (!engine->bgp || item.source > engine->bgp->rib.sources.high)
        return false;
    item.discarded =
        rib_source_get(&engine->bgp->rib, (struct source_id){item.source})->counts.discarded;
    if (item.discarded > 0)
        code_count(coder, &item);
    return true;
}

/* Where the limit is, and behind it which routes of a table wait. */
static bool write_waiting(struct checkpoint_walk *walk, const struct engine *engine,
                          struct coder *coder)
{
    uint16_t number = (uint16_t)++walk->at;
    if (number > engine->vpcs.high)
        return false;
    const struct vpc *vpc = engine_vpc(engine, number);
    struct item_waiting item = {.vpc = number, .limit = vpc->limits.propagated};
    code_waiting(coder, &item);
    for (item.table = 1; item.table <= vpc->tables.high; item.table++) {
        struct vpc_walk routes = {.begun = false};
        struct vpc_route route;
        enum vpc_reason reason;
        while (vpc_next(vpc, item.table, &routes, &route, &reason)) {
            item.prefix = route.prefix;
            if (route.origin == VPC_ORIGIN_PROPAGATED &&
                vpc_waits(vpc, item.table, route.prefix, ENGINE_GATEWAY))
                code_waiting(coder, &item);
        }
    }
    return true;
}

static bool write_last(struct checkpoint_walk *walk, const struct engine *engine,
                       struct coder *coder)
{
    uint64_t state = engine->prng.state;
    if (walk->at++ > 0)
        return false;
    code_u64(coder, &state);
    return true;
}

typedef bool write_section(struct checkpoint_walk *walk, const struct engine *engine,
                           struct coder *coder);

static write_section *const sections[ITEM_SECTIONS] = {
    [ITEM_ENGINE] = write_engine,       [ITEM_POLICY] = write_policy, [ITEM_SOURCE] = write_source,
    [ITEM_INTERFACE] = write_interface, [ITEM_ROUTE] = write_routes,  [ITEM_VPC] = write_vpc,
    [ITEM_PIECE] = write_piece,         [ITEM_PATH] = write_paths,    [ITEM_COUNT] = write_count,
    [ITEM_WAITING] = write_waiting,     [ITEM_LAST] = write_last,
};

/* A part holds items of one section: its number, then they. */
bool checkpoint_write(struct checkpoint_walk *walk, const struct engine *engine,
                      struct writer *writer)
{
    struct coder coder = coder_writing(writer);
    size_t begin = writer->size;
    bool more = true;
    if (walk->section == 0)
        walk->section = ITEM_ENGINE;
    writer_u8(writer, walk->section);
    while (more && writer->size - begin < CHECKPOINT_PART_BYTES)
        more = sections[walk->section](walk, engine, &coder);
    assert(!writer->failed);
    if (more)
        return true;
    walk->section++;
    walk->at = 0;
    walk->begun = false;
    return walk->section < ITEM_SECTIONS;
}
