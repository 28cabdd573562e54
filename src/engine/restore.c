/* An engine is made again from its checkpoint. What follows from the items is decided by the code
 * that decides it always; the budget refuses nothing of what was there. */
#include "engine/checkpoint.h"

#include "engine/event_bytes.h"
#include "engine/items.h"
#include "wire/bgp_canonical.h"

#include <assert.h>
#include <string.h>

struct restore {
    struct checkpoint_reader *reader;
    struct engine *engine;
    struct coder coder;
};

static bool read_engine(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct item_engine item = {0}; /* a reader looks at what it replaces */
    code_engine(&restore->coder, &item);
    if (coder_failed(&restore->coder) || engine->booted || item.now_us < 0)
        return false;
    struct event boot = {.kind = EVENT_BOOT, .at_us = item.now_us};
    engine_step(engine, &boot);
    if (engine->bgp) {
        engine->bgp->carve.attachment_count = item.carving;
        engine->bgp->kept = item.kept;
    }
    return true;
}

static bool read_policy(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct event event;
    memset(&event, 0, sizeof event);
    code_event(&restore->coder, &event);
    event.at_us = engine->now_us;
    if (coder_failed(&restore->coder) || event_objection(engine, &event))
        return false;
    if (event.kind == EVENT_FILTER) {
        policy_filter(engine, &event.filter);
    } else if (event.kind == EVENT_POLICY) {
        policy_edit(engine, &event.policy);
    } else if (event.kind == EVENT_ENDPOINT) {
        policy_endpoint(engine, &event.endpoint);
    } else if (event.kind == EVENT_ATTACHMENT &&
               event.attachment.attachment > engine_attachment_count(engine)) {
        uint32_t number = pool_take(&engine->bgp->attachments);
        engine_attachment_at(engine, (uint16_t)number)->said = event.attachment;
    } else {
        return false;
    }
    return true;
}

/* -- sources -- */

static bool read_neighbor(struct restore *restore, const struct item_source *item)
{
    struct engine *engine = restore->engine;
    struct event event = item->neighbor;
    event.at_us = engine->now_us;
    if (event.kind != EVENT_NEIGHBOR || event_objection(engine, &event) ||
        event.neighbor.neighbor <= engine_neighbor_count(engine))
        return false;
    for (int i = 0; i < BGP_SLOTS; i++) {
        bool known = item->session.slots[i].phase >= SESSION_OPEN_CONFIRM;
        if (known && item->session.slots[i].terms.peer_id == 0)
            return false;
    }
    return sessions_restore(engine, item);
}

static bool read_static(struct engine *engine, const struct item_source *item)
{
    if (item->attachment < 1 || item->attachment > engine_attachment_count(engine))
        return false;
    struct engine_attachment *at = engine_attachment_at(engine, item->attachment);
    struct source source = {.kind = SOURCE_VPN_STATIC, .attachment = {item->attachment}};
    if (at->static_source.v != 0)
        return false;
    at->static_source = rib_source_add(&engine->bgp->rib, &source);
    at->static_interface = item->interface;
    return at->static_source.v != 0;
}

/* A source that the engine has once at most. */
static bool read_own(struct engine *engine, struct source_id *place, struct source source)
{
    if (place->v != 0)
        return false;
    *place = rib_source_add(&engine->bgp->rib, &source);
    return place->v != 0;
}

static bool read_source(struct restore *restore)
{
    struct item_source item;
    memset(&item, 0, sizeof item);
    code_source(&restore->coder, &item);
    if (coder_failed(&restore->coder) || !restore->engine->bgp)
        return false;
    struct engine *engine = restore->engine;
    switch (item.kind) {
    case ITEM_OF_NEIGHBOR:
        return read_neighbor(restore, &item);
    case ITEM_OF_STATIC:
        return read_static(engine, &item);
    case ITEM_OF_FRAGMENTS:
        return read_own(engine, &engine->bgp->carve.fragments,
                        (struct source){.kind = SOURCE_FRAGMENT, .external = true});
    case ITEM_OF_ASIDE:
        return read_own(engine, &engine->bgp->aside, (struct source){.kind = SOURCE_LOCAL});
    case ITEM_OF_KINDS:
    default:
        return false;
    }
}

/* -- the router's table -- */

static bool read_interface(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct item_interface item = {0};
    code_interface_item(&restore->coder, &item);
    if (coder_failed(&restore->coder) || item.interface != engine->interfaces.high + 1)
        return false;
    uint32_t number = pool_take(&engine->interfaces);
    if (number == 0)
        return false;
    *(struct prefix *)pool_get(&engine->interfaces, number) = item.connected;
    return table_interface(&engine->table, item.interface, item.up);
}

static bool read_route(struct restore *restore)
{
    struct item_route item = {0};
    code_route_item(&restore->coder, &item);
    return !coder_failed(&restore->coder) &&
           table_set(&restore->engine->table, item.prefix, &item.route);
}

/* The range is announced and connected already, as far as it still was. */
static bool read_vpc(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct event event;
    memset(&event, 0, sizeof event);
    code_event(&restore->coder, &event);
    event.at_us = engine->now_us;
    if (coder_failed(&restore->coder) || event.kind < EVENT_VPC || event_objection(engine, &event))
        return false;
    if (event.kind == EVENT_VPC)
        event.vpc.propagated_limit = UINT32_MAX; /* until it is known who waits */
    if (event.kind != EVENT_VPC_CIDR) {
        entries_vpc(engine, &event);
        return true;
    }
    struct engine_vpc *at = pool_get(&engine->vpcs, event.vpc_part.vpc);
    return vpc_add_cidr(&at->vpc, event.vpc_part.prefix) == VPC_DONE;
}

/* -- the Adj-RIB-In -- */

static bool read_piece(struct restore *restore)
{
    struct prefix piece = {0};
    code_prefix(&restore->coder, &piece);
    return !coder_failed(&restore->coder) && restore->engine->bgp &&
           lpm_set(&restore->engine->bgp->carve.pieces, piece, 1);
}

static bool is_source(const struct engine *engine, uint16_t source)
{
    return engine->bgp && source >= 1 && source <= engine->bgp->rib.sources.high;
}

static bool is_path(struct slice path)
{
    struct cursor cursor = cursor_over(path);
    while (cursor_remaining(&cursor) > 0) {
        (void)cursor_u8(&cursor);
        uint8_t count = cursor_u8(&cursor);
        (void)cursor_slice(&cursor, 4u * (size_t)count);
    }
    return !cursor.failed;
}

static bool is_attribute(uint8_t code, struct slice value)
{
    switch (code) {
    case BGP_CODE_ORIGIN:
        return value.size == 1 && value.data[0] <= BGP_ORIGIN_INCOMPLETE;
    case BGP_CODE_AS_PATH:
        return is_path(value);
    case BGP_CODE_NEXT_HOP:
        return value.size == 4 || value.size == 16;
    case BGP_CODE_MED:
    case BGP_CODE_LOCAL_PREF:
        return value.size == 4;
    case BGP_CODE_COMMUNITIES:
        return value.size % 4 == 0;
    default:
        return true;
    }
}

/* Of the form that the rib takes for granted in a set of attributes? */
static bool is_set(struct slice set)
{
    struct cursor cursor = cursor_over(set);
    unsigned last_code = 0;
    while (cursor_remaining(&cursor) > 0) {
        uint8_t flags = cursor_u8(&cursor), code = cursor_u8(&cursor);
        size_t size = flags & BGP_FLAG_EXTENDED ? cursor_u16(&cursor) : cursor_u8(&cursor);
        struct slice value = cursor_slice(&cursor, size);
        if (cursor.failed || code <= last_code || !is_attribute(code, value))
            return false;
        last_code = code;
    }
    return !cursor.failed && last_code >= BGP_CODE_ORIGIN;
}

/* The path's set of attributes; the reader keeps the reference. */
static struct attr_id set_of(struct restore *restore, const struct item_path *item)
{
    struct attr_store *attrs = &restore->engine->bgp->rib.attrs;
    struct attr_id *known = &restore->reader->sets[item->place];
    if (!item->fresh)
        return *known;
    attr_unref(attrs, *known);
    known->v = 0;
    if (!is_set(item->set))
        return *known;
    *known = attr_intern(attrs, item->set);
    return *known;
}

static bool read_path(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct item_path item = {0};
    code_path(&restore->coder, &item);
    if (coder_failed(&restore->coder) || !is_source(engine, item.source))
        return false;
    struct attr_id set = set_of(restore, &item);
    return set.v != 0 && flow_put(engine, (struct source_id){item.source}, item.prefix, set,
                                  (enum reason)item.refused);
}

static bool read_count(struct restore *restore)
{
    struct item_count item = {0};
    code_count(&restore->coder, &item);
    if (coder_failed(&restore->coder) || !is_source(restore->engine, item.source))
        return false;
    struct rib_source *source = pool_get(&restore->engine->bgp->rib.sources, item.source);
    source->counts.discarded = item.discarded;
    return true;
}

static bool read_waiting(struct restore *restore)
{
    struct engine *engine = restore->engine;
    struct item_waiting item = {0};
    code_waiting(&restore->coder, &item);
    if (coder_failed(&restore->coder) || item.vpc < 1 || item.vpc > engine->vpcs.high)
        return false;
    if (engine->bgp)
        flow_settle_now(engine); /* all that is propagated is there */
    struct vpc *vpc = &((struct engine_vpc *)pool_get(&engine->vpcs, item.vpc))->vpc;
    vpc->limits.propagated = item.limit;
    return item.table == 0 || vpc_make_wait(vpc, item.table, item.prefix, ENGINE_GATEWAY);
}

static void tell_members(struct engine *engine)
{
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        if (engine_neighbor_at(engine, i)->member)
            sessions_restore_member(engine, i);
    }
}

static bool read_last(struct restore *restore)
{
    struct engine *engine = restore->engine;
    uint64_t state = 0;
    code_u64(&restore->coder, &state);
    if (coder_failed(&restore->coder) || cursor_remaining(restore->coder.in) > 0)
        return false;
    if (engine->bgp) {
        flow_settle_now(engine);
        carve_settle(engine);
        engine->bgp->settle_at_us = ENGINE_NEVER;
        tell_members(engine);
    }
    engine->prng.state = state;
    restore->reader->whole = true;
    return true;
}

static bool (*const readers[ITEM_SECTIONS])(struct restore *restore) = {
    [ITEM_ENGINE] = read_engine,       [ITEM_POLICY] = read_policy, [ITEM_SOURCE] = read_source,
    [ITEM_INTERFACE] = read_interface, [ITEM_ROUTE] = read_route,   [ITEM_VPC] = read_vpc,
    [ITEM_PIECE] = read_piece,         [ITEM_PATH] = read_path,     [ITEM_COUNT] = read_count,
    [ITEM_WAITING] = read_waiting,     [ITEM_LAST] = read_last,
};

static bool read_items(struct restore *restore)
{
    struct engine *engine = restore->engine;
    uint8_t section = cursor_u8(restore->coder.in);
    bool follows = section >= restore->reader->section && section < ITEM_SECTIONS && section > 0;
    if (!follows || restore->reader->whole || (section == ITEM_ENGINE) == engine->booted)
        return false;
    restore->reader->section = section;
    while (cursor_remaining(restore->coder.in) > 0) {
        if (!readers[section](restore))
            return false;
    }
    return true;
}

bool checkpoint_read(struct checkpoint_reader *reader, struct engine *engine, struct slice part,
                     struct step *ret_step)
{
    struct cursor cursor = cursor_over(part);
    struct restore restore = {reader, engine, coder_reading(&cursor, &engine->arena)};
    arena_reset(&engine->arena);
    engine->effects = NULL;
    engine->effect_count = engine->effect_cap = 0;
    size_t limit_bytes = engine->config.budget_bytes;
    engine->config.budget_bytes = engine->budget.limit_bytes = 0;
    bool fine = read_items(&restore);
    do
        engine->more = false, entries_settle(engine);
    while (engine->more);
    engine->config.budget_bytes = engine->budget.limit_bytes = limit_bytes;
    *ret_step = (struct step){.effects = engine->effects,
                              .effect_count = engine->effect_count,
                              .wake_at_us = ENGINE_NEVER};
    return fine;
}

void checkpoint_read_done(struct checkpoint_reader *reader, struct engine *engine)
{
    for (int i = 0; i < CHECKPOINT_SETS && engine->bgp; i++)
        attr_unref(&engine->bgp->rib.attrs, reader->sets[i]);
    memset(reader->sets, 0, sizeof reader->sets);
}
