#include "engine/event_bytes.h"

#include "base/digest.h"
#include "engine/items.h"
#include "wire/bgp_as_path.h"

#include <assert.h>
#include <string.h>

/* A field that is new changes its structure's size: then it is to be coded below, and the size
 * here follows. */
CODED(event_boot, 16);
CODED(event_attachment, 24);
CODED(event_neighbor, 100);
CODED(event_halt, 24);
CODED(event_interface, 24);
CODED(event_route, 56);
CODED(event_filter, 16);
CODED(prefix_rule, 28);
CODED(route_edit, 80);
CODED(event_policy, 84);
CODED(event_announce, 56);
CODED(event_vpc_part, 136);

enum { FIXED_MAX = 320, PREFIX_MAX = 18, RULE_MAX = PREFIX_MAX + 8, RULE_LEAST = 14 };

static void code_attachment(struct coder *coder, struct event_attachment *said)
{
    code_u16(coder, &said->attachment);
    said->kind = (enum attachment_kind)code_below(coder, (int)said->kind, ATTACHMENT_DX + 1);
    code_u16(coder, &said->customer_gateway);
    said->guard = (enum guard_policy)code_below(coder, (int)said->guard, GUARD_REFUSE + 1);
    code_u32(coder, &said->prefix_limit);
    code_bool(coder, &said->limit_refuses_alone);
    code_bool(coder, &said->refuse_default);
    code_bool(coder, &said->policy_required);
    code_u8(coder, &said->warn_percent);
}

static void code_neighbor(struct coder *coder, struct event_neighbor *said)
{
    code_u16(coder, &said->neighbor);
    code_u16(coder, &said->attachment);
    code_u16(coder, &said->interface);
    code_ip(coder, &said->local_addr);
    code_ip(coder, &said->peer_addr);
    code_ip(coder, &said->other_addr);
    code_ip(coder, &said->outside_addr);
    code_u32(coder, &said->peer_asn);
    code_u32(coder, &said->med);
    code_u16(coder, &said->hold_s);
    code_u16(coder, &said->keepalive_s);
    code_u16(coder, &said->connect_retry_s);
    code_bool(coder, &said->passive);
    code_u8(coder, &said->allowas_in);
    code_u8(coder, &said->bfd_multiplier);
    code_u16(coder, &said->restart_s);
    code_u16(coder, &said->advertisement_s);
    coder->wrong |= said->restart_s > BGP_RESTART_MAX_S;
    code_u32(coder, &said->bfd_interval_us);
    coder->wrong |= said->bfd_interval_us != 0 && said->bfd_multiplier == 0;
}

static void code_connection(struct coder *coder, struct event_connection *at)
{
    code_u16(coder, &at->neighbor);
    at->slot = (uint8_t)code_below(coder, at->slot, BGP_SLOTS);
}

static void code_halt(struct coder *coder, struct event_halt *halt)
{
    code_connection(coder, &halt->connection);
    code_u8(coder, &halt->cease);
    code_slice(coder, &halt->text);
}

static void code_received(struct coder *coder, struct event_received *received)
{
    code_connection(coder, &received->connection);
    code_slice(coder, &received->bytes);
}

static void code_interface(struct coder *coder, struct event_interface *said)
{
    code_u16(coder, &said->interface);
    code_ip(coder, &said->addr);
    code_u8(coder, &said->len);
    code_bool(coder, &said->up);
    coder->wrong |= said->len > ip_bits(ip_is_six(said->addr));
}

static void code_route(struct coder *coder, struct event_route *said)
{
    code_prefix(coder, &said->prefix);
    said->source = (enum route_source)code_below(coder, (int)said->source, ROUTE_SOURCE_COUNT);
    code_u32(coder, &said->tag);
    code_ip(coder, &said->gateway);
    code_u16(coder, &said->interface);
    code_bool(coder, &said->discard);
    code_bool(coder, &said->has_distance);
    code_bool(coder, &said->has_metric);
    code_u8(coder, &said->distance);
    code_u32(coder, &said->metric);
}

/* Items are copied: what is written may be constant. */
static void code_numbers(struct coder *coder, const uint32_t **numbers, uint16_t *count)
{
    code_u16(coder, count);
    uint32_t *room = code_room(coder, *numbers, *count, sizeof *room, sizeof *room);
    for (uint16_t i = 0; room && i < *count; i++) {
        uint32_t number = coder->out ? room[i] : 0;
        code_u32(coder, &number);
        if (!coder->out)
            room[i] = number;
    }
    *numbers = room;
}

static void code_announce(struct coder *coder, struct event_announce *said)
{
    code_prefix(coder, &said->prefix);
    code_numbers(coder, &said->as_path, &said->as_path_count);
    code_numbers(coder, &said->communities, &said->community_count);
    code_bool(coder, &said->has_med);
    code_bool(coder, &said->aside);
    code_u32(coder, &said->med);
    coder->wrong |= said->as_path_count > BGP_SEGMENT_MAX;
    coder->wrong |= said->community_count > BGP_SEGMENT_MAX;
}

static void code_filter(struct coder *coder, struct event_filter *said)
{
    code_u16(coder, &said->attachment);
    code_bool(coder, &said->export);
    code_bool(coder, &said->allowed);
    coder->wrong |= said->export && said->allowed;
    code_bool(coder, &said->permit_rest);
    code_u16(coder, &said->count);
    struct prefix_rule *room = code_room(coder, said->rules, said->count, sizeof *room, RULE_LEAST);
    for (uint16_t i = 0; room && i < said->count; i++) {
        struct prefix_rule rule = coder->out ? room[i] : (struct prefix_rule){0};
        code_prefix(coder, &rule.prefix);
        code_u8(coder, &rule.ge);
        code_u8(coder, &rule.le);
        code_bool(coder, &rule.permit);
        code_bool(coder, &rule.has_community);
        code_u32(coder, &rule.community);
        if (!coder->out)
            room[i] = rule;
    }
    said->rules = room;
}

static void code_communities(struct coder *coder, uint32_t *communities, uint8_t *count)
{
    *count = (uint8_t)code_below(coder, *count, ROUTE_EDIT_COMMUNITIES + 1);
    for (uint8_t i = 0; i < *count; i++)
        code_u32(coder, &communities[i]);
}

static void code_policy(struct coder *coder, struct event_policy *said)
{
    struct route_edit *edit = &said->edit;
    code_u16(coder, &said->attachment);
    code_bool(coder, &said->export);
    code_u32(coder, &edit->local_pref);
    code_u32(coder, &edit->med);
    code_communities(coder, edit->add, &edit->add_count);
    code_communities(coder, edit->remove, &edit->remove_count);
    edit->prepend = (uint8_t)code_below(coder, edit->prepend, ROUTE_EDIT_PREPEND_MAX + 1);
    code_bool(coder, &edit->drop_communities);
    code_bool(coder, &edit->has_local_pref);
    code_bool(coder, &edit->has_med);
}

static void code_static_vpn(struct coder *coder, struct event_static_vpn *said)
{
    code_u16(coder, &said->attachment);
    code_u16(coder, &said->interface);
    code_prefix(coder, &said->prefix);
    code_bool(coder, &said->present);
}

static void code_endpoint(struct coder *coder, struct event_endpoint *said)
{
    code_u16(coder, &said->customer_gateway);
    code_ip(coder, &said->addr);
    code_bool(coder, &said->present);
}

static void code_vpc(struct coder *coder, struct event_vpc *said)
{
    code_u16(coder, &said->vpc);
    code_u16(coder, &said->interface);
    code_u32(coder, &said->propagated_limit);
}

static void code_peering(struct coder *coder, struct vpc_peering *peering)
{
    code_u16(coder, &peering->id);
    code_bool(coder, &peering->active);
    peering->cidr_count = (uint8_t)code_below(coder, peering->cidr_count, VPC_CIDR_MAX + 1);
    for (uint8_t i = 0; i < peering->cidr_count; i++)
        code_prefix(coder, &peering->cidrs[i]);
}

static void code_vpc_part(struct coder *coder, enum event_kind kind, struct event_vpc_part *part)
{
    code_u16(coder, &part->vpc);
    code_u16(coder, &part->table);
    code_prefix(coder, &part->prefix);
    code_u16(coder, &part->target.id);
    part->target.kind = (uint8_t)code_below(coder, part->target.kind, VPC_TO_BLACKHOLE + 1);
    code_bool(coder, &part->present);
    if (kind == EVENT_VPC_PEERING)
        code_peering(coder, &part->peering);
}

static void code_said(struct coder *coder, struct event *event)
{
    switch (event->kind) {
    case EVENT_BOOT:
        code_u64(coder, &event->boot.seed);
        code_u16(coder, &event->boot.deferral_s);
        break;
    case EVENT_ATTACHMENT:
        code_attachment(coder, &event->attachment);
        break;
    case EVENT_NEIGHBOR:
        code_neighbor(coder, &event->neighbor);
        break;
    case EVENT_HALT:
        code_halt(coder, &event->halt);
        break;
    case EVENT_START:
    case EVENT_CONNECTED:
    case EVENT_CONNECT_FAILED:
    case EVENT_CLOSED:
    case EVENT_STUCK:
        code_connection(coder, &event->connection);
        break;
    case EVENT_RECEIVED:
    case EVENT_BFD_RECEIVED:
        code_received(coder, &event->received);
        break;
    case EVENT_INTERFACE:
        code_interface(coder, &event->interface);
        break;
    case EVENT_ROUTE_SET:
    case EVENT_ROUTE_REMOVE:
        code_route(coder, &event->route);
        break;
    case EVENT_ANNOUNCE:
    case EVENT_WITHDRAW:
        code_announce(coder, &event->announce);
        break;
    case EVENT_STATIC_VPN:
        code_static_vpn(coder, &event->static_vpn);
        break;
    case EVENT_FILTER:
        code_filter(coder, &event->filter);
        break;
    case EVENT_POLICY:
        code_policy(coder, &event->policy);
        break;
    case EVENT_ENDPOINT:
        code_endpoint(coder, &event->endpoint);
        break;
    case EVENT_VPC:
        code_vpc(coder, &event->vpc);
        break;
    case EVENT_VPC_CIDR:
    case EVENT_VPC_TABLE:
    case EVENT_VPC_SUBNET:
    case EVENT_VPC_ROUTE:
    case EVENT_VPC_TARGET:
    case EVENT_VPC_PEERING:
        code_vpc_part(coder, event->kind, &event->vpc_part);
        break;
    case EVENT_TIME:
    case EVENT_CONTINUE:
    case EVENT_BFD_TIME:
        break;
    case EVENT_COUNT:
    default:
        assert(event->kind < EVENT_COUNT);
    }
}

void code_event(struct coder *coder, struct event *event)
{
    event->kind = (enum event_kind)code_below(coder, (int)event->kind, EVENT_COUNT);
    code_i64(coder, &event->at_us);
    if (!coder->wrong)
        code_said(coder, event);
}

size_t event_bytes_max(const struct event *event)
{
    size_t size = FIXED_MAX;
    if (event->kind == EVENT_RECEIVED || event->kind == EVENT_BFD_RECEIVED)
        size += event->received.bytes.size;
    else if (event->kind == EVENT_HALT)
        size += event->halt.text.size;
    else if (event->kind == EVENT_FILTER)
        size += (size_t)event->filter.count * RULE_MAX;
    else if (event->kind == EVENT_ANNOUNCE || event->kind == EVENT_WITHDRAW)
        size += 4u * ((size_t)event->announce.as_path_count + event->announce.community_count);
    return size;
}

void event_encode(const struct event *event, struct writer *writer)
{
    struct event copy = *event;
    struct coder coder = coder_writing(writer);
    code_event(&coder, &copy);
}

bool event_decode(struct slice bytes, struct arena *arena, struct event *ret_event)
{
    struct cursor cursor = cursor_over(bytes);
    struct coder coder = coder_reading(&cursor, arena);
    struct event event;
    memset(&event, 0, sizeof event);
    code_event(&coder, &event);
    if (coder_failed(&coder) || cursor_remaining(&cursor) > 0)
        return false;
    *ret_event = event;
    return true;
}

/* -- may it be said? -- */

static bool is_neighbor(const struct engine *engine, uint16_t neighbor)
{
    return neighbor >= 1 && neighbor <= engine_neighbor_count(engine);
}

static bool is_attachment(const struct engine *engine, uint16_t attachment)
{
    return attachment >= 1 && attachment <= engine_attachment_count(engine);
}

static const char *object_to_neighbor(const struct engine *engine,
                                      const struct event_neighbor *said)
{
    if (is_neighbor(engine, said->neighbor)) {
        const struct bgp_session *session = engine_session(engine, said->neighbor);
        if (session->started || session->state != SESSION_IDLE)
            return "a neighbor changes that is not halted";
        if (engine_neighbor(engine, said->neighbor)->attachment != said->attachment)
            return "a neighbor changes its attachment";
    } else if (said->neighbor != engine_neighbor_count(engine) + 1) {
        return "a neighbor's number is not the next one";
    }
    if (!is_attachment(engine, said->attachment))
        return "a neighbor hangs on an attachment that is not there";
    bool timers = (said->hold_s == 0 || said->hold_s >= 3) && said->connect_retry_s >= 1;
    bool addresses = said->local_addr != 0 && said->peer_addr != 0 && said->peer_asn != 0;
    return timers && addresses ? NULL : "a neighbor's session has impossible settings";
}

static const char *object_to_endpoint(const struct engine *engine,
                                      const struct event_endpoint *said)
{
    struct cgw_id cgw = {said->customer_gateway};
    if (cgw.v == 0 || said->addr == 0)
        return "an endpoint is nobody's";
    bool there = said->present || guard_endpoint_count(&engine->bgp->guard, cgw, said->addr) > 0;
    return there ? NULL : "an endpoint is taken away that is not there";
}

static const char *object_to_vpc(const struct engine *engine, const struct event *event)
{
    uint16_t number = event->vpc_part.vpc;
    if (number < 1 || number > engine->vpcs.high)
        return "a part belongs to a VPC that is not there";
    const struct vpc *vpc = engine_vpc(engine, number);
    bool table = event->kind == EVENT_VPC_TABLE || event->kind == EVENT_VPC_SUBNET ||
                 event->kind == EVENT_VPC_ROUTE;
    if (table && event->vpc_part.table == 0)
        return "a VPC's route table has no number";
    if (event->kind == EVENT_VPC_TABLE && event->vpc_part.table > vpc->tables.high + 1)
        return "a VPC's route table has a number that is not the next one";
    return NULL;
}

static const char *object_to_bgp(const struct engine *engine, const struct event *event)
{
    if (event->kind == EVENT_NEIGHBOR)
        return object_to_neighbor(engine, &event->neighbor);
    if (event->kind == EVENT_ATTACHMENT) {
        uint16_t number = event->attachment.attachment;
        return number >= 1 && number <= engine_attachment_count(engine) + 1
                   ? NULL
                   : "an attachment's number is not the next one";
    }
    if (event->kind == EVENT_FILTER || event->kind == EVENT_POLICY ||
        event->kind == EVENT_STATIC_VPN) {
        uint16_t number = event->kind == EVENT_FILTER   ? event->filter.attachment
                          : event->kind == EVENT_POLICY ? event->policy.attachment
                                                        : event->static_vpn.attachment;
        return is_attachment(engine, number) ? NULL : "an attachment is not there";
    }
    if (event->kind == EVENT_ENDPOINT)
        return object_to_endpoint(engine, &event->endpoint);
    bool session = event->kind == EVENT_START || event->kind == EVENT_HALT ||
                   event->kind == EVENT_CONNECTED || event->kind == EVENT_CONNECT_FAILED ||
                   event->kind == EVENT_CLOSED || event->kind == EVENT_RECEIVED ||
                   event->kind == EVENT_BFD_RECEIVED || event->kind == EVENT_STUCK;
    uint16_t neighbor =
        event->kind == EVENT_HALT ? event->halt.connection.neighbor : event->connection.neighbor;
    if (event->kind == EVENT_RECEIVED || event->kind == EVENT_BFD_RECEIVED)
        neighbor = event->received.connection.neighbor;
    if (session && !is_neighbor(engine, neighbor))
        return "a neighbor is not there";
    return NULL;
}

static bool concerns_bgp(enum event_kind kind)
{
    return kind != EVENT_CONTINUE && kind != EVENT_INTERFACE && kind != EVENT_ROUTE_SET &&
           kind != EVENT_ROUTE_REMOVE &&
           (kind < EVENT_VPC || kind == EVENT_BFD_TIME || kind == EVENT_STUCK);
}

const char *event_objection(const struct engine *engine, const struct event *event)
{
    if (engine->booted == (event->kind == EVENT_BOOT))
        return engine->booted ? "the engine has started already" : "the engine has not started";
    if (event->at_us < engine->now_us)
        return "time runs backwards";
    if (event->kind == EVENT_BOOT)
        return NULL;
    if (concerns_bgp(event->kind))
        return engine->bgp ? object_to_bgp(engine, event) : "the engine speaks no BGP";
    if (event->kind == EVENT_INTERFACE && event->interface.interface == 0)
        return "an interface has no number";
    if (event->kind == EVENT_VPC)
        return event->vpc.vpc >= 1 && event->vpc.vpc <= engine->vpcs.high + 1
                   ? NULL
                   : "a VPC's number is not the next";
    return event->kind > EVENT_VPC ? object_to_vpc(engine, event) : NULL;
}

/* -- the tables -- */

enum { WORD_MAX = 64 };

static void digest_word(struct digest *digest, const char *word)
{
    size_t size = 0;
    while (size < WORD_MAX && word[size])
        size++;
    digest_bytes(digest, (struct slice){(const uint8_t *)word, size});
}

uint64_t event_tables(void)
{
    struct digest digest = digest_start();
    for (int i = 0; i < EVENT_COUNT; i++)
        digest_word(&digest, event_word((enum event_kind)i));
    for (int i = 0; i < EFFECT_COUNT; i++)
        digest_word(&digest, effect_word((enum effect_kind)i));
    for (int i = 0; i < NOTE_COUNT; i++)
        digest_word(&digest, note_word((enum note_kind)i));
    for (int i = 0; i < REASON_COUNT; i++)
        digest_word(&digest, reason_text((enum reason)i)->name);
    for (int i = 0; i < PLATFORM_COUNT; i++)
        digest_word(&digest, platform_name((enum platform)i));
    for (int i = 0; i < ROUTE_SOURCE_COUNT; i++)
        digest_word(&digest, route_source_name((enum route_source)i));
    return digest_end(&digest);
}
