#include "engine/engine.h"

#include "engine/parts.h"

#include <assert.h>
#include <string.h>

enum {
    SMALL_TABLE_SHIFT = 3,
    HUB_TABLE_SHIFT = 12,
    FEW_SHIFT = 3,
    ARENA_BYTES = 1024,
    FIRST_EFFECTS = 8,
};

struct engine *engine_create(const struct engine_config *config)
{
    struct budget budget;
    budget_init(&budget, config->alloc, config->budget_bytes);
    struct engine *engine = budget_get(&budget, sizeof *engine);
    if (!engine)
        return NULL;
    engine->config = *config;
    engine->budget = budget;
    arena_init(&engine->arena, &engine->budget, ARENA_BYTES);
    table_init(&engine->table, config->profile, &engine->budget,
               config->hub ? HUB_TABLE_SHIFT : SMALL_TABLE_SHIFT);
    pool_init(&engine->interfaces, &engine->budget, sizeof(struct prefix), FEW_SHIFT);
    pool_init(&engine->vpcs, &engine->budget, sizeof(struct engine_vpc), FEW_SHIFT);
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    sessions_done(engine);
    for (uint32_t i = 1; i <= engine->vpcs.high; i++)
        vpc_done(&((struct engine_vpc *)pool_get(&engine->vpcs, i))->vpc);
    pool_done(&engine->vpcs);
    pool_done(&engine->interfaces);
    table_done(&engine->table);
    arena_done(&engine->arena);
    struct budget budget = engine->budget;
    budget_put(&budget, engine, sizeof *engine);
}

/* The budget bounds what neighbors bring. What the driver configures and what it is told in return
 * is not refused: it would be neither safe nor of use. Ends with budget_bound. */
static void budget_free(struct engine *engine)
{
    engine->budget.limit_bytes = 0;
}

static void budget_bound(struct engine *engine)
{
    engine->budget.limit_bytes = engine->config.budget_bytes;
}

/* Effects lie in the step's arena. */
struct effect *engine_effect(struct engine *engine, enum effect_kind kind)
{
    if (engine->effect_count == engine->effect_cap) {
        uint32_t cap = engine->effect_cap ? engine->effect_cap * 2 : FIRST_EFFECTS;
        size_t limit_bytes = engine->budget.limit_bytes;
        budget_free(engine);
        struct effect *effects = arena_take(&engine->arena, cap * sizeof *effects);
        engine->budget.limit_bytes = limit_bytes;
        assert(effects);
        if (engine->effect_count > 0)
            memcpy(effects, engine->effects, engine->effect_count * sizeof *effects);
        engine->effects = effects;
        engine->effect_cap = cap;
    }
    struct effect *effect = &engine->effects[engine->effect_count++];
    effect->kind = kind;
    return effect;
}

struct effect_note *engine_note(struct engine *engine, enum note_kind kind)
{
    struct effect_note *note = &engine_effect(engine, EFFECT_NOTE)->note;
    *note = (struct effect_note){.kind = kind};
    return note;
}

void engine_exhausted(struct engine *engine, struct prefix prefix, uint16_t neighbor)
{
    if (neighbor)
        engine_neighbor_at(engine, neighbor)->exhausted = engine->bgp->exhausted = true;
    if (engine->short_noted)
        return;
    struct effect_note *note = engine_note(engine, NOTE_OUT_OF_BUDGET);
    note->prefix = prefix;
    note->neighbor = neighbor;
    note->reason = REASON_BUDGET;
    engine->short_noted = true;
}

int64_t engine_draw(struct engine *engine, struct span span)
{
    if (span.max_us <= span.min_us)
        return span.min_us;
    uint64_t width = (uint64_t)(span.max_us - span.min_us) + 1;
    return span.min_us + (int64_t)prng_below(&engine->prng, width);
}

static void boot(struct engine *engine, const struct event_boot *said)
{
    assert(!engine->booted);
    engine->booted = true;
    engine->prng = prng_seed(said->seed);
    if (engine->config.asn != 0) {
        bool ready = sessions_init(engine);
        assert(ready);
        deferral_begin(engine, said->deferral_s);
    }
}

static void take_time(struct engine *engine, enum event_kind kind)
{
    liveness_time(engine);
    if (kind == EVENT_BFD_TIME)
        return;
    sessions_time(engine);
    deferral_time(engine);
}

static void dispatch(struct engine *engine, const struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOT:
        boot(engine, &event->boot);
        break;
    case EVENT_TIME:
    case EVENT_BFD_TIME:
        take_time(engine, event->kind);
        break;
    case EVENT_CONTINUE:
        break;
    case EVENT_ATTACHMENT:
        policy_attachment(engine, &event->attachment);
        break;
    case EVENT_FILTER:
        policy_filter(engine, &event->filter);
        break;
    case EVENT_POLICY:
        policy_edit(engine, &event->policy);
        break;
    case EVENT_ENDPOINT:
        policy_endpoint(engine, &event->endpoint);
        break;
    case EVENT_NEIGHBOR:
    case EVENT_START:
    case EVENT_HALT:
    case EVENT_CONNECTED:
    case EVENT_CONNECT_FAILED:
    case EVENT_CLOSED:
    case EVENT_RECEIVED:
    case EVENT_STUCK:
        sessions_event(engine, event);
        break;
    case EVENT_BFD_RECEIVED:
        liveness_received(engine, &event->received);
        break;
    case EVENT_INTERFACE:
        entries_interface(engine, &event->interface);
        break;
    case EVENT_ROUTE_SET:
        entries_route(engine, &event->route, true);
        break;
    case EVENT_ROUTE_REMOVE:
        entries_route(engine, &event->route, false);
        break;
    case EVENT_ANNOUNCE:
        aside_announce(engine, &event->announce);
        break;
    case EVENT_WITHDRAW:
        aside_withdraw(engine, event->announce.prefix);
        break;
    case EVENT_STATIC_VPN:
        entries_static_vpn(engine, &event->static_vpn);
        break;
    case EVENT_VPC:
    case EVENT_VPC_CIDR:
    case EVENT_VPC_TABLE:
    case EVENT_VPC_SUBNET:
    case EVENT_VPC_ROUTE:
    case EVENT_VPC_TARGET:
    case EVENT_VPC_PEERING:
        entries_vpc(engine, event);
        break;
    case EVENT_COUNT:
    default:
        assert(event->kind < EVENT_COUNT);
    }
}

/* Not what comes from neighbors, and not the clock, which only acts on what came. */
static bool is_configuration(enum event_kind kind)
{
    return kind != EVENT_TIME && kind != EVENT_CONTINUE && kind != EVENT_CONNECTED &&
           kind != EVENT_CONNECT_FAILED && kind != EVENT_CLOSED && kind != EVENT_RECEIVED &&
           kind != EVENT_BFD_RECEIVED && kind != EVENT_BFD_TIME && kind != EVENT_STUCK;
}

static int64_t wake_at(const struct engine *engine)
{
    if (!engine->bgp)
        return ENGINE_NEVER;
    const struct heap_entry *first = heap_first(&engine->bgp->deadlines);
    const struct heap_entry *first_bfd = heap_first(&engine->bgp->bfd_deadlines);
    int64_t at_us = first ? first->when_us : ENGINE_NEVER;
    if (first_bfd && first_bfd->when_us < at_us)
        at_us = first_bfd->when_us;
    if (engine->bgp->deferral_us < at_us)
        at_us = engine->bgp->deferral_us;
    return engine->bgp->settle_at_us < at_us ? engine->bgp->settle_at_us : at_us;
}

/* What a session brings: of that there may be more in the driver's round. */
static bool gathers(const struct engine *engine, enum event_kind kind)
{
    return engine->config.rounds &&
           (kind == EVENT_RECEIVED || kind == EVENT_CONNECTED || kind == EVENT_CONNECT_FAILED ||
            kind == EVENT_CLOSED || kind == EVENT_BFD_RECEIVED || kind == EVENT_BFD_TIME ||
            kind == EVENT_STUCK);
}

struct step engine_step(struct engine *engine, const struct event *event)
{
    assert(event->at_us >= engine->now_us);
    assert(engine->booted || event->kind == EVENT_BOOT);
    engine->now_us = event->at_us;
    arena_reset(&engine->arena);
    engine->effects = NULL;
    engine->effect_count = engine->effect_cap = 0;
    engine->more = engine->short_noted = false;
    if (is_configuration(event->kind))
        budget_free(engine);
    dispatch(engine, event);
    budget_bound(engine);
    if (engine->bgp) {
        if (gathers(engine, event->kind))
            engine->more = engine->bgp->settle_at_us <= engine->now_us;
        else
            flow_settle(engine);
        sessions_end_exhausted(engine);
    }
    entries_settle(engine);
    if (engine->bgp)
        sessions_say_pending(engine);
    return (struct step){.effects = engine->effects,
                         .effect_count = engine->effect_count,
                         .more = engine->more,
                         .wake_at_us = wake_at(engine)};
}
