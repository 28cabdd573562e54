/* Bytes as a life of an engine: neighbors connect, say what is right and what is broken, and go;
 * policies, endpoints, routes, VPCs and the clock change. After every step the audit is asked; what
 * the neighbors were told must read as BGP, and when all is quiet it must be what the engine says
 * it told them. Half of the inputs are lived twice, and must end alike; and beside a life without a
 * budget goes an engine that has only what a journal has (test_mirror.h).
 *
 *     head: platform and switches, latencies, budget, seed; then verbs of two bytes, some with more
 */
#include "engine/parts.h"
#include "engine/test_mirror.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NEIGHBORS = 5, ATTACHMENTS = 4, TOLD = 2048, HEAD_BYTES = 4, OWN_AS = 64512 };
enum { MS = 1000, S = 1000 * MS, ENDPOINTS = 4, VPC_INTERFACE = 100, REST_S = 8 };

enum line { LINE_NONE, LINE_CONNECTING, LINE_OPEN };

struct told {
    struct prefix prefix;
    ip_addr next_hop;
    unsigned path_length;
};

struct far {
    enum line lines[BGP_SLOTS];
    struct told told[TOLD];
    uint32_t told_count;
};

static const struct {
    uint16_t attachment;
    uint32_t asn;
    ip_addr outside;
} plan[NEIGHBORS + 1] = {
    {0},           {1, 65001, 0xcb007101}, {1, 65001, 0xcb007102}, {2, 65002, 0xcb007103},
    {3, 65003, 0}, {4, OWN_AS, 0}};

static const ip_addr endpoints[ENDPOINTS] = {0xcb007101, 0xcb007102, 0xcb007103, 0xc6336401};

static const struct prefix prefixes[16] = {
    {0x00000000, 0},  {0x80000000, 1},  {0xcb007100, 24}, {0xcb007101, 32},
    {0xcb000000, 8},  {0xc6336400, 24}, {0x0a000000, 8},  {0x0a010000, 16},
    {0x0a010100, 24}, {0x0a020000, 16}, {0x0a0a0000, 16}, {0x0a0a0700, 24},
    {0x7f000000, 8},  {0xa9fe0100, 30}, {0xe0000000, 4},  {0x0a030000, 17}};

struct life {
    struct memory memory;
    struct platform_profile profile;
    struct engine *engine;
    struct mirror mirror;
    int64_t now_us, wake_at_us;
    bool lags; /* nothing is pulled for the moment */
    bool late; /* only BFD has been told what time it is */
    struct far fars[NEIGHBORS + 1];
    uint8_t endpoint_counts[3][ENDPOINTS];
    uint16_t table_count;
    const uint8_t *at, *end; /* of the input */
};

static uint8_t next(struct life *life)
{
    return life->at < life->end ? *life->at++ : 0;
}

static struct prefix next_prefix(struct life *life)
{
    return prefixes[next(life) % 16];
}

/* -- what the neighbors are told -- */

static struct told *find_told(struct far *far, struct prefix prefix)
{
    for (uint32_t i = 0; i < far->told_count; i++) {
        if (prefix_equal(far->told[i].prefix, prefix))
            return &far->told[i];
    }
    return NULL;
}

static void hear_withdrawn(struct far *far, struct slice withdrawn)
{
    struct cursor cursor = cursor_over(withdrawn);
    struct prefix prefix;
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        struct told *told = find_told(far, prefix);
        if (told)
            *told = far->told[--far->told_count];
    }
}

static void hear_update(struct far *far, uint16_t neighbor, struct slice body)
{
    static struct bgp_attr_room room;
    struct bgp_update_fields fields;
    struct bgp_error error;
    size_t count;
    bool whole = bgp_update_split(body, &fields, &error) &&
                 bgp_nlri_check(fields.withdrawn, false, &count) &&
                 bgp_nlri_check(fields.nlri, false, &count);
    assert(whole);
    hear_withdrawn(far, fields.withdrawn);
    if (fields.nlri.size == 0)
        return;
    struct bgp_attrs attrs;
    struct bgp_attr_facts facts = {
        .as4 = true, .external = plan[neighbor].asn != OWN_AS, .nlri = true};
    struct bgp_attr_verdict verdict = bgp_attrs_decode(fields.attributes, facts, &room, &attrs);
    assert(verdict.class == BGP_ATTR_OK);
    struct cursor cursor = cursor_over(fields.nlri);
    struct prefix prefix;
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        struct told *told = find_told(far, prefix);
        if (!told) {
            assert(far->told_count < TOLD);
            told = &far->told[far->told_count++];
        }
        *told = (struct told){prefix, attrs.next_hop, bgp_as_path_length(attrs.as_path)};
    }
}

static void hear(struct life *life, uint16_t neighbor, struct slice bytes)
{
    struct bgp_frame frame;
    struct bgp_error error;
    while (bytes.size > 0) {
        enum bgp_frame_verdict verdict = bgp_frame(bytes, &frame, &error);
        assert(verdict == BGP_FRAME_WHOLE); /* engine_pull gives whole messages */
        if (frame.type == BGP_UPDATE)
            hear_update(&life->fars[neighbor], neighbor, frame.body);
        bytes.data += frame.size_bytes;
        bytes.size -= frame.size_bytes;
    }
}

static void pull(struct life *life, struct event_connection connection)
{
    static uint8_t bytes[3 * BGP_MESSAGE_MAX];
    size_t size, cap = sizeof bytes;
    while ((size = engine_pull(life->engine, connection, bytes, cap)) > 0) {
        assert(size <= cap);
        hear(life, connection.neighbor, (struct slice){bytes, size});
        cap = BGP_MESSAGE_MAX;
    }
}

/* -- effects -- */

static void pull_bfd(struct life *life, uint16_t neighbor)
{
    uint8_t bytes[BFD_PACKET_BYTES];
    struct bfd_packet packet;
    while (engine_pull_bfd(life->engine, neighbor, bytes, sizeof bytes) > 0)
        assert(bfd_decode((struct slice){bytes, sizeof bytes}, &packet) == BFD_FAULT_NONE);
}

static void connection_effect(struct life *life, const struct effect *effect)
{
    struct event_connection at = effect->connection;
    assert(at.neighbor >= 1 && at.neighbor <= NEIGHBORS && at.slot < BGP_SLOTS);
    enum line *line = &life->fars[at.neighbor].lines[at.slot];
    if (effect->kind == EFFECT_BFD_SEND) {
        pull_bfd(life, at.neighbor);
        return;
    }
    if (effect->kind == EFFECT_CONNECT) {
        assert(at.slot == BGP_OUT && *line == LINE_NONE);
        *line = LINE_CONNECTING;
        return;
    }
    if (*line == LINE_OPEN && (!life->lags || effect->kind == EFFECT_CLOSE))
        pull(life, at);
    if (effect->kind == EFFECT_CLOSE)
        *line = LINE_NONE;
}

/* A new session knows nothing. Pulling gives all there is, so this comes before. */
static void take_notes(struct life *life, const struct step *step)
{
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect_note *note = &step->effects[i].note;
        if (step->effects[i].kind != EFFECT_NOTE)
            continue;
        assert(note->kind < NOTE_COUNT && note->neighbor <= NEIGHBORS);
        if (note->kind == NOTE_SESSION_UP)
            life->fars[note->neighbor].told_count = 0;
    }
}

static void take(struct life *life, const struct step *step)
{
    take_notes(life, step);
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect *effect = &step->effects[i];
        assert(effect->kind < EFFECT_COUNT);
        if (effect->kind == EFFECT_ENTRY)
            assert(effect->entry.neighbor <= NEIGHBORS);
        else if (effect->kind != EFFECT_NOTE && effect->kind != EFFECT_VPC_ENTRY)
            connection_effect(life, effect);
    }
}

static void step(struct life *life, struct event event)
{
    life->late = event.kind == EVENT_BFD_TIME || (life->late && event.kind != EVENT_TIME);
    for (unsigned rounds = 0;; rounds++) {
        event.at_us = life->now_us;
        struct step step = engine_step(life->engine, &event);
        take(life, &step);
        mirror_step(&life->mirror, life->engine, &event);
        assert((step.wake_at_us >= life->now_us || life->late) && rounds < 1000);
        life->wake_at_us = step.wake_at_us;
        if (!step.more)
            break;
        event = (struct event){.kind = EVENT_CONTINUE};
    }
    assert(engine_audit(life->engine) == NULL);
}

static void pass(struct life *life, int64_t us)
{
    int64_t end_us = life->now_us + us;
    for (unsigned i = 0; life->wake_at_us <= end_us && i < 200; i++) {
        life->now_us = life->wake_at_us > life->now_us ? life->wake_at_us : life->now_us;
        step(life, (struct event){.kind = EVENT_TIME});
    }
    if (life->wake_at_us > end_us) /* else it has been long enough */
        life->now_us = end_us > life->now_us ? end_us : life->now_us;
}

/* A round that takes so long: in the midst of it BFD alone is looked after. */
static void take_long(struct life *life, int64_t us)
{
    int64_t end_us = life->now_us + us, due_us;
    for (unsigned i = 0; i < 200; i++) {
        due_us = engine_bfd_deadline_us(life->engine);
        if (due_us > end_us)
            break;
        life->now_us = due_us > life->now_us ? due_us : life->now_us;
        step(life, (struct event){.kind = EVENT_BFD_TIME});
        due_us = engine_bfd_deadline_us(life->engine);
        assert(due_us >= life->now_us);
    }
    life->now_us = end_us;
    step(life, (struct event){.kind = EVENT_BFD_TIME});
}

/* -- connections -- */

static void tell(struct life *life, enum event_kind kind, uint16_t neighbor, uint8_t slot)
{
    struct event event = {.kind = kind};
    if (kind == EVENT_HALT)
        event.halt = (struct event_halt){.connection = {neighbor, slot}};
    else
        event.connection = (struct event_connection){neighbor, slot};
    step(life, event);
}

static void lose(struct life *life, uint16_t neighbor, uint8_t slot)
{
    life->fars[neighbor].lines[slot] = LINE_NONE;
    tell(life, EVENT_CLOSED, neighbor, slot);
}

static bool accepts(const struct life *life, uint16_t neighbor)
{
    return session_accepts(engine_session(life->engine, neighbor));
}

static void connect(struct life *life, uint16_t neighbor, uint8_t detail)
{
    enum line *lines = life->fars[neighbor].lines;
    if (lines[BGP_OUT] == LINE_CONNECTING && detail & 1) {
        lines[BGP_OUT] = detail & 2 ? LINE_OPEN : LINE_NONE;
        tell(life, detail & 2 ? EVENT_CONNECTED : EVENT_CONNECT_FAILED, neighbor, BGP_OUT);
    } else if (detail & 4) {
        uint8_t slot = detail & 8 ? BGP_OUT : BGP_IN;
        if (lines[slot] == LINE_OPEN)
            lose(life, neighbor, slot);
    } else if (accepts(life, neighbor)) {
        if (lines[BGP_IN] == LINE_OPEN)
            lose(life, neighbor, BGP_IN);
        if (!accepts(life, neighbor))
            return;
        lines[BGP_IN] = LINE_OPEN;
        tell(life, EVENT_CONNECTED, neighbor, BGP_IN);
    }
}

/* -- what neighbors say -- */

static void say(struct life *life, uint16_t neighbor, struct slice bytes)
{
    const enum line *lines = life->fars[neighbor].lines;
    uint8_t slot = lines[BGP_IN] == LINE_OPEN ? BGP_IN : BGP_OUT;
    if (lines[slot] != LINE_OPEN)
        return;
    struct event_received said = {{neighbor, slot}, bytes};
    step(life, (struct event){.kind = EVENT_RECEIVED, .received = said});
}

/* who: the neighbor may come back as somebody else. */
static void write_open(const struct life *life, uint16_t neighbor, uint8_t who,
                       struct writer *writer)
{
    struct bgp_open open = {
        .version = BGP_VERSION,
        .as2 = (uint16_t)plan[neighbor].asn,
        .hold_time_s = engine_neighbor(life->engine, neighbor)->hold_s,
        .identifier = 0x0a0a0a00u + neighbor + 256u * (who & 3u),
        .capabilities = true,
        .has_as4 = true,
        .as4 = plan[neighbor].asn,
        .refresh = neighbor != 3,
        .enhanced_refresh = neighbor != 2,
        .graceful_restart = who & 4,
        .restart_time_s = who >> 4,
        .restart_family_count = 1,
        .restart_families = {{BGP_AFI_IPV4, BGP_SAFI_UNICAST, who & 8 ? BGP_FORWARDING_KEPT : 0}}};
    bgp_open_encode(&open, writer);
    bgp_keepalive_encode(writer);
}

static void write_attributes(uint16_t neighbor, uint8_t variant, struct writer *writer)
{
    static const uint32_t tails[] = {0, 65009, OWN_AS, 65002, 4200000000, 65001, 1, 0};
    uint8_t path_bytes[10], community_bytes[4];
    struct writer path = writer_over(path_bytes, sizeof path_bytes);
    struct writer communities = writer_over(community_bytes, sizeof community_bytes);
    uint32_t tail = tails[variant & 7];
    writer_u8(&path, BGP_AS_SEQUENCE);
    writer_u8(&path, tail ? 2 : 1);
    writer_u32(&path, (variant & 7) == 7 ? 65077 : plan[neighbor].asn);
    if (tail)
        writer_u32(&path, tail);
    if ((variant & 7) == 6)
        path.size = 0;
    writer_u32(&communities, variant & 16 ? 7224u << 16 | 7300 : BGP_NO_EXPORT);
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP,
                              .origin = variant >> 6 & 1,
                              .as_path = writer_slice(&path),
                              .next_hop = 0xa9fe0002u + ((ip_addr)neighbor << 8),
                              .med = variant,
                              .local_pref = 100u + (variant >> 5),
                              .communities = writer_slice(&communities)};
    attrs.present |= (uint32_t)(variant & 8 ? BGP_HAS_MED : 0);
    attrs.present |= (uint32_t)(variant & 32 ? BGP_HAS_COMMUNITIES : 0);
    attrs.present |= (uint32_t)(plan[neighbor].asn == OWN_AS ? BGP_HAS_LOCAL_PREF : 0);
    bgp_attrs_encode_canonical(&attrs, writer);
}

static size_t write_update(struct life *life, uint16_t neighbor, uint8_t variant, uint8_t *bytes)
{
    uint8_t attributes[256];
    struct writer writer = writer_over(bytes, BGP_MESSAGE_MAX);
    struct writer section = writer_over(attributes, sizeof attributes);
    struct bgp_update update;
    size_t at;
    bool fits = bgp_update_begin(&update, &writer);
    if (variant & 128) {
        fits = fits && bgp_update_withdraw(&update, next_prefix(life));
    } else {
        write_attributes(neighbor, variant, &section);
        fits = fits && bgp_update_attributes(&update, writer_slice(&section), &at);
        for (unsigned more = next(life) & 3; fits && more > 0; more--)
            fits = bgp_update_announce(&update, next_prefix(life));
        fits = fits && bgp_update_announce(&update, next_prefix(life));
    }
    assert(fits);
    return bgp_update_finish(&update);
}

static void say_update(struct life *life, uint16_t neighbor, uint8_t variant, unsigned flips)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    size_t size = write_update(life, neighbor, variant, bytes);
    for (; flips > 0; flips--) {
        size_t at = next(life);
        bytes[at % size] ^= next(life);
    }
    say(life, neighbor, (struct slice){bytes, size});
}

static void say_raw(struct life *life, uint16_t neighbor, uint8_t count)
{
    size_t left = (size_t)(life->end - life->at);
    size_t size = count < left ? count : left;
    struct slice bytes = {life->at, size};
    life->at += size;
    say(life, neighbor, bytes);
}

static void say_own(struct life *life, uint16_t neighbor, uint8_t which)
{
    uint8_t bytes[BGP_OPEN_MAX + BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    if (which % 5 == 0)
        bgp_keepalive_encode(&writer);
    else if (which % 5 == 4)
        write_open(life, neighbor, which >> 3, &writer);
    else if (which % 5 == 1)
        bgp_refresh_encode((struct bgp_refresh){BGP_AFI_IPV4, which >> 6, BGP_SAFI_UNICAST},
                           &writer);
    else if (which % 5 == 2)
        bgp_notification_encode((struct bgp_error){which >> 4, 1, {0}}, &writer);
    else
        bgp_end_of_rib_encode(&writer);
    say(life, neighbor, writer_slice(&writer));
}

/* From an end that knows ours, if it says so; or bytes as they come. */
static void say_bfd(struct life *life, uint16_t neighbor, uint8_t which)
{
    const struct bfd_end *end = engine_bfd(life->engine, neighbor);
    uint8_t bytes[BFD_PACKET_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bfd_packet packet = {.state = which & 3,
                                .poll = which & 4,
                                .final = (which & 12) == 8,
                                .demand = which & 16,
                                .multiplier = 3,
                                .my_discriminator = 7,
                                .your_discriminator =
                                    end && which & 32 ? end->config.discriminator : 0,
                                .desired_min_tx_us = 300 * MS,
                                .required_min_rx_us = which & 64 ? 0 : 300 * MS};
    bfd_encode(&packet, &writer);
    if (which & 128)
        bytes[next(life) % sizeof bytes] ^= next(life);
    step(life, (struct event){.kind = EVENT_BFD_RECEIVED,
                              .received = {.connection = {.neighbor = neighbor},
                                           .bytes = writer_slice(&writer)}});
}

/* -- what the operator says -- */

static void set_policy(struct life *life, uint8_t detail)
{
    struct event_attachment said = {.attachment = 1 + detail % ATTACHMENTS};
    const struct event_attachment *was = engine_attachment(life->engine, said.attachment);
    said.kind = was->kind;
    said.customer_gateway = detail & 128 ? 0 : 1 + (detail >> 2 & 1);
    said.guard = (enum guard_policy)((detail >> 3) % 5);
    said.prefix_limit = detail & 64 ? 3 : 0;
    said.limit_refuses_alone = detail & 32;
    said.policy_required = (detail & 96) == 96;
    step(life, (struct event){.kind = EVENT_ATTACHMENT, .attachment = said});
}

static void set_filter(struct life *life, uint8_t detail)
{
    struct prefix_rule rules[3];
    uint16_t count = detail >> 2 & 3;
    for (uint16_t i = 0; i < count; i++) {
        struct prefix prefix = next_prefix(life);
        rules[i] = (struct prefix_rule){
            .prefix = prefix, .ge = prefix.len, .le = 32, .permit = detail >> (4 + i) & 1};
    }
    struct event_filter said = {.attachment = 1 + detail % ATTACHMENTS,
                                .export = detail & 64,
                                .allowed = !(detail & 64) && detail & 3 && next(life) & 1,
                                .permit_rest = detail & 128,
                                .count = count,
                                .rules = rules};
    step(life, (struct event){.kind = EVENT_FILTER, .filter = said});
}

static void set_edit(struct life *life, uint8_t detail)
{
    struct event_policy said = {.attachment = 1 + detail % ATTACHMENTS, .export = detail & 4};
    uint8_t what = next(life);
    said.edit = (struct route_edit){.local_pref = 98u + (what & 3),
                                    .med = what,
                                    .add = {BGP_NO_EXPORT, 7224u << 16 | 7300},
                                    .remove = {7224u << 16 | 7100},
                                    .add_count = what >> 3 & 1,
                                    .remove_count = what >> 4 & 1,
                                    .prepend = said.export ? what & 3 : 0,
                                    .drop_communities = what & 32,
                                    .has_local_pref = !said.export && what & 64,
                                    .has_med = said.export && what & 64};
    if (detail & 8)
        said.edit = (struct route_edit){0};
    step(life, (struct event){.kind = EVENT_POLICY, .policy = said});
}

static void set_endpoint(struct life *life, uint8_t detail)
{
    uint8_t cgw = 1 + (detail >> 2 & 1);
    uint8_t *count = &life->endpoint_counts[cgw][detail % ENDPOINTS];
    bool present = *count == 0 || (detail & 8 && *count < 3);
    *count = (uint8_t)(present ? *count + 1 : *count - 1);
    step(life, (struct event){.kind = EVENT_ENDPOINT,
                              .endpoint = {cgw, endpoints[detail % ENDPOINTS], present}});
}

static void set_own(struct life *life, uint8_t detail)
{
    struct event event = {.kind = detail & 16 ? EVENT_WITHDRAW : EVENT_ANNOUNCE};
    event.announce.prefix = prefixes[detail % 16];
    event.announce.aside = detail & 64;
    if (detail & 32) {
        struct event_static_vpn said = {.attachment = 1 + (detail >> 6 & 1),
                                        .interface = detail & 128 ? 1 : 2,
                                        .prefix = event.announce.prefix,
                                        .present = detail & 16};
        event = (struct event){.kind = EVENT_STATIC_VPN, .static_vpn = said};
    }
    step(life, event);
}

static void set_route(struct life *life, uint8_t detail)
{
    if (detail & 128) {
        struct event_interface said = {.interface = 1 + detail % 7,
                                       .addr = 0xa9fe0001u + ((ip_addr)(next(life) % 8) << 8),
                                       .len = 30,
                                       .up = detail & 64};
        step(life, (struct event){.kind = EVENT_INTERFACE, .interface = said});
        return;
    }
    struct event_route said = {.prefix = prefixes[detail % 16],
                               .source = ROUTE_STATIC,
                               .tag = detail >> 5 & 1,
                               .discard = detail & 64,
                               .interface = detail & 64 ? 0 : 1 + (next(life) % 7)};
    step(life,
         (struct event){.kind = detail & 16 ? EVENT_ROUTE_REMOVE : EVENT_ROUTE_SET, .route = said});
}

static void set_vpc(struct life *life, uint8_t detail)
{
    static const enum event_kind kinds[] = {EVENT_VPC_CIDR,  EVENT_VPC_TABLE,  EVENT_VPC_SUBNET,
                                            EVENT_VPC_ROUTE, EVENT_VPC_TARGET, EVENT_VPC_PEERING,
                                            EVENT_VPC_ROUTE, EVENT_VPC};
    struct event event = {.kind = kinds[detail & 7]};
    struct event_vpc_part *part = &event.vpc_part;
    if (event.kind == EVENT_VPC) { /* again */
        event.vpc = (struct event_vpc){1, detail & 32 ? VPC_INTERFACE : 0, detail & 16 ? 2 : 0};
        life->table_count = 0;
        step(life, event);
        return;
    }
    *part = (struct event_vpc_part){.vpc = 1,
                                    .table = 1 + (detail >> 3 & 3),
                                    .prefix = next_prefix(life),
                                    .present = detail & 32};
    part->target = (struct vpc_target){1, (uint8_t)(1 + next(life) % 5)};
    if (part->target.kind == VPC_TO_BLACKHOLE)
        part->target.id = 0;
    part->peering = (struct vpc_peering){
        .id = 1, .cidr_count = 1, .active = detail & 32, .cidrs = {part->prefix}};
    if (event.kind == EVENT_VPC_TABLE && part->table > life->table_count)
        part->table = ++life->table_count;
    step(life, event);
}

/* -- a life -- */

static void say_neighbor(struct life *life, uint16_t n, uint8_t switches)
{
    struct event_neighbor said = {.neighbor = n,
                                  .attachment = plan[n].attachment,
                                  .interface = n,
                                  .local_addr = 0xa9fe0001u + ((ip_addr)n << 8),
                                  .peer_addr = 0xa9fe0002u + ((ip_addr)n << 8),
                                  .outside_addr = plan[n].outside,
                                  .peer_asn = plan[n].asn,
                                  .med = n == 2 ? 100 : 0,
                                  .hold_s = switches & 1 ? 30 : 0,
                                  .keepalive_s = switches & 1 ? 10 : 0,
                                  .connect_retry_s = 5,
                                  .passive = n % 2 || switches & 2,
                                  .allowas_in = n == 3,
                                  .bfd_interval_us = switches & 32 ? 100 * MS * n : 0,
                                  .bfd_multiplier = (uint8_t)n,
                                  .restart_s = switches & 64 ? 10 : 0,
                                  .advertisement_s = switches & 128 ? 5 : 0};
    struct event_interface link = {n, said.local_addr, 30, true};
    step(life, (struct event){.kind = EVENT_INTERFACE, .interface = link});
    step(life, (struct event){.kind = EVENT_NEIGHBOR, .neighbor = said});
    tell(life, EVENT_START, n, 0);
}

static void begin(struct life *life, const uint8_t *head)
{
    static const enum platform platforms[] = {PLATFORM_SEKISHO, PLATFORM_AWS, PLATFORM_FRR,
                                              PLATFORM_BIRD, PLATFORM_VYATTA};
    static const enum attachment_kind kinds[] = {ATTACHMENT_VPN, ATTACHMENT_VPN, ATTACHMENT_DX,
                                                 ATTACHMENT_PLAIN};
    memset(life, 0, sizeof *life);
    life->profile = *platform_profile(platforms[head[0] % 5]);
    if (head[1] & 4)
        platform_take_no_time(&life->profile);
    struct engine_config config = {.alloc = memory_alloc(&life->memory),
                                   .budget_bytes = head[2] ? 256u * head[2] : 0,
                                   .profile = &life->profile,
                                   .gateway = head[0] % 5 < 2,
                                   .no_entries = head[0] & 64,
                                   .announce_back = head[0] & 128,
                                   .asn = OWN_AS,
                                   .router_id = 0x0a0a0a0a};
    life->engine = engine_create(&config);
    if (!life->engine)
        return;
    mirror_init(&life->mirror, &config);
    step(life, (struct event){.kind = EVENT_BOOT, .boot = {head[3], head[3] & 1 ? 15 : 0}});
    for (uint16_t i = 0; i < ATTACHMENTS; i++) {
        struct event_attachment said = {.attachment = i + 1,
                                        .kind = kinds[i],
                                        .customer_gateway = i < 2 ? i + 1 : 0,
                                        .guard = i < 2 ? GUARD_HOLD : GUARD_OFF};
        step(life, (struct event){.kind = EVENT_ATTACHMENT, .attachment = said});
    }
    for (uint8_t i = 0; i < 3; i++)
        set_endpoint(life, i < 2 ? i : i | 4);
    struct event_vpc vpc = {1, head[1] & 8 ? VPC_INTERFACE : 0, head[1] & 16 ? 2 : 0};
    step(life, (struct event){.kind = EVENT_VPC, .vpc = vpc});
    for (uint16_t n = 1; n <= NEIGHBORS; n++)
        say_neighbor(life, n, head[1]);
}

static void hasten(struct life *life, uint16_t neighbor, uint8_t who)
{
    uint8_t bytes[BGP_OPEN_MAX + BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    connect(life, neighbor, 0);
    write_open(life, neighbor, who, &writer);
    say(life, neighbor, writer_slice(&writer));
}

static void set_lag(struct life *life, bool lags)
{
    life->lags = lags;
    for (uint16_t n = 1; n <= NEIGHBORS && !lags; n++) {
        for (uint8_t slot = 0; slot < BGP_SLOTS; slot++) {
            if (life->fars[n].lines[slot] == LINE_OPEN)
                pull(life, (struct event_connection){n, slot});
        }
    }
}

static void act(struct life *life, uint8_t verb, uint8_t detail)
{
    uint16_t neighbor = 1 + (verb >> 4) % NEIGHBORS;
    switch (verb & 15) {
    case 0:
        connect(life, neighbor, detail);
        break;
    case 1:
        hasten(life, neighbor, detail);
        break;
    case 2:
    case 3:
    case 4:
        say_update(life, neighbor, detail, 0);
        break;
    case 5:
        say_update(life, neighbor, detail, 1 + (detail & 3));
        break;
    case 6:
        say_raw(life, neighbor, detail);
        break;
    case 7:
        say_own(life, neighbor, detail);
        break;
    case 8:
        pass(life, (int64_t)detail * (verb & 16 ? S : 3 * MS));
        break;
    case 9:
        set_policy(life, detail);
        break;
    case 10:
        if (verb & 64)
            set_edit(life, detail);
        else
            set_filter(life, detail);
        break;
    case 11:
        set_endpoint(life, detail);
        break;
    case 12:
        set_own(life, detail);
        break;
    case 13:
        set_route(life, detail);
        break;
    case 14:
        set_vpc(life, detail);
        break;
    default:
        if (verb & 32)
            say_bfd(life, neighbor, detail);
        else if (verb & 16 && detail & 2)
            take_long(life, (int64_t)(detail >> 2) * 100 * MS);
        else if (verb & 16)
            set_lag(life, detail & 1);
        else
            tell(life, detail & 1 ? EVENT_HALT : EVENT_START, 1 + (detail >> 1) % NEIGHBORS, 0);
        break;
    }
}

/* At rest each neighbor knows what the engine says it told it. */
static void compare(struct life *life, uint16_t neighbor)
{
    struct far *far = &life->fars[neighbor];
    const struct rib *rib = engine_rib(life->engine);
    const struct engine_neighbor *at = engine_neighbor_at(life->engine, neighbor);
    uint32_t count = 0;
    if (at->member == 0)
        return;
    for (uint32_t number = 1; number < rib_number_end(rib); number++) {
        const struct rib_prefix *record = rib_prefix_get(rib, number);
        enum reason reason;
        if (!(record->bits & RIB_IN_USE))
            continue;
        struct prefix prefix = rib_prefix_of(rib, record);
        struct rib_route route = engine_told(life->engine, neighbor, prefix, &reason);
        struct told *told = find_told(far, prefix);
        assert((route.attr.v != 0) == (told != NULL));
        if (!told)
            continue;
        count++;
        const struct route_edit *edit = policy_edit_of(life->engine, at->said.attachment, true);
        unsigned own = at->said.peer_asn != OWN_AS ? 1u + (edit ? edit->prepend : 0) : 0;
        assert(told->next_hop == at->said.local_addr);
        assert(told->path_length == attr_get(&rib->attrs, route.attr)->path_length + own);
    }
    assert(count == far->told_count);
}

static void rest(struct life *life)
{
    set_lag(life, false);
    for (int i = 0; i < REST_S; i++) /* longer than an advertisement interval */
        pass(life, S);
    if (life->engine->bgp->settle_at_us != ENGINE_NEVER)
        return;
    for (uint16_t n = 1; n <= NEIGHBORS; n++)
        compare(life, n);
}

static uint64_t live(const uint8_t *data, size_t size)
{
    static struct life life;
    begin(&life, data);
    if (!life.engine)
        return 0;
    life.at = data + HEAD_BYTES;
    life.end = data + size;
    while (life.end - life.at >= 2) {
        uint8_t verb = *life.at++, detail = *life.at++;
        act(&life, verb, detail);
    }
    rest(&life);
    uint64_t digest = engine_digest(life.engine);
    engine_destroy(life.engine);
    mirror_done(&life.mirror);
    assert(life.memory.live_blocks == 0);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD_BYTES)
        return 0;
    uint64_t digest = live(data, size);
    if (data[3] & 1) {
        uint64_t again = live(data, size);
        assert(again == digest);
    }
    return 0;
}
