/* What the tests of this room, of guard and of bgp/outlog share: a rib on a counted allocator, and
 * attribute sets made from a few numbers. */
#pragma once

#include "base/prng.h"
#include "rib/adj_out.h"
#include "rib/rib.h"
#include "tests/harness.h"
#include "tests/memory.h"

#define RIG_UNUSED __attribute__((unused))

static struct memory rig_memory RIG_UNUSED;
static struct budget rig_budget RIG_UNUSED;
static struct rib rig RIG_UNUSED;

RIG_UNUSED static void rig_start_with(struct rib_config config, size_t limit_bytes)
{
    rig_memory = (struct memory){0};
    budget_init(&rig_budget, memory_alloc(&rig_memory), limit_bytes);
    config.secret = 0x5ec1e7;
    rib_init(&rig, &rig_budget, &config);
}

RIG_UNUSED static void rig_start(enum best_rules rules)
{
    struct rib_config config = rib_config_small;
    config.rules = rules;
    rig_start_with(config, 0);
}

RIG_UNUSED static void rig_finish(void)
{
    rib_done(&rig);
    CHECK_EQUAL((int64_t)rig_memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)rig_budget.used_bytes, 0);
}

/* What a test says about an attribute set. Communities and path end at the first 0. */
struct rig_attrs {
    uint8_t origin;
    uint32_t path[8];
    ip_addr next_hop;
    bool has_med;
    uint32_t med;
    bool has_local_pref;
    uint32_t local_pref;
    uint32_t communities[4];
};

RIG_UNUSED static void rig_header(struct writer *writer, uint8_t flags, uint8_t code, uint8_t size)
{
    writer_u8(writer, flags);
    writer_u8(writer, code);
    writer_u8(writer, size);
}

RIG_UNUSED static void rig_write_list(struct writer *writer, const uint32_t *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        writer_u32(writer, items[i]);
}

/* The canonical bytes, in the caller's buffer of 256. */
RIG_UNUSED static struct slice rig_canonical(const struct rig_attrs *attrs, uint8_t buffer[256])
{
    struct writer writer = writer_over(buffer, 256);
    unsigned hops = 0, communities = 0;
    while (hops < 8 && attrs->path[hops])
        hops++;
    while (communities < 4 && attrs->communities[communities])
        communities++;
    rig_header(&writer, 0x40, 1, 1);
    writer_u8(&writer, attrs->origin);
    rig_header(&writer, 0x40, 2, (uint8_t)(hops ? 2 + 4 * hops : 0));
    if (hops) {
        writer_u8(&writer, 2);
        writer_u8(&writer, (uint8_t)hops);
        rig_write_list(&writer, attrs->path, hops);
    }
    rig_header(&writer, 0x40, 3, 4);
    writer_u32(&writer, (uint32_t)attrs->next_hop);
    if (attrs->has_med) {
        rig_header(&writer, 0x80, 4, 4);
        writer_u32(&writer, attrs->med);
    }
    if (attrs->has_local_pref) {
        rig_header(&writer, 0x40, 5, 4);
        writer_u32(&writer, attrs->local_pref);
    }
    if (communities) {
        rig_header(&writer, 0xc0, 8, (uint8_t)(4 * communities));
        rig_write_list(&writer, attrs->communities, communities);
    }
    return writer_slice(&writer);
}

/* With a reference for the caller. */
RIG_UNUSED static struct attr_id rig_attr(const struct rig_attrs *attrs)
{
    uint8_t buffer[256];
    return attr_intern(&rig.attrs, rig_canonical(attrs, buffer));
}

RIG_UNUSED static struct source_id rig_source(enum source_kind kind, uint16_t attachment,
                                              uint32_t peer_as, ip_addr peer_address)
{
    struct source source = {.kind = kind,
                            .attachment = {attachment},
                            .external = kind != SOURCE_LOCAL,
                            .peer_as = peer_as,
                            .router_id = (uint32_t)peer_address,
                            .peer_address = peer_address,
                            .outside = peer_address};
    return rib_source_add(&rig, &source);
}

RIG_UNUSED static struct prefix rig_prefix(unsigned a, unsigned b, unsigned c, unsigned d,
                                           uint8_t len)
{
    return prefix_around(a << 24 | b << 16 | c << 8 | d, len);
}

/* Announces a path of these AS numbers. */
RIG_UNUSED static enum rib_result rig_announce(struct source_id source, struct prefix prefix,
                                               struct rig_attrs attrs)
{
    struct attr_id attr = rig_attr(&attrs);
    enum rib_result result = rib_announce(&rig, source, prefix, attr, REASON_NONE);
    attr_unref(&rig.attrs, attr);
    return result;
}

/* Settles and forgets; returns how many changes there were. */
RIG_UNUSED static uint32_t rig_round(void)
{
    uint32_t count = rib_settle(&rig);
    rib_settled(&rig);
    return count;
}

RIG_UNUSED static struct rib_route rig_best(struct prefix prefix)
{
    uint32_t number = rib_find(&rig, prefix);
    return number ? rib_best(&rig, number) : (struct rib_route){{0}, {0}};
}

/* Why a source's path to the prefix is not used. */
RIG_UNUSED static enum reason rig_why(struct prefix prefix, struct source_id source)
{
    return (enum reason)rib_path_of(&rig, rib_find(&rig, prefix), source)->why;
}

#define CHECK_AUDIT()                                                                              \
    do {                                                                                           \
        const char *rig_wrong = rib_audit(&rig);                                                   \
        CHECK_TEXT(rig_wrong ? rig_wrong : "", "");                                                \
    } while (0)
