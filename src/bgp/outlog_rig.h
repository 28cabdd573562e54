/* What the tests of outlog share: a neighbor that believes what it is told. It decodes the bytes
 * with the wire room and keeps a table of the prefixes of the test. */
#pragma once

#include "bgp/outlog.h"
#include "rib/rib_rig.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_message.h"
#include "wire/bgp_nlri.h"

enum { RIG_PREFIXES = 400, RIG_OWN_AS = 64512 };

/* One route as a neighbor holds it. */
struct told {
    bool present;
    bool has_med;
    uint32_t med;
    ip_addr next_hop;
    uint32_t first_as;
    uint32_t origin_as;
    unsigned path_length;
};

struct listener {
    struct told table[RIG_PREFIXES];
    unsigned updates;
    unsigned announced;
    unsigned withdrawn;
    unsigned vain; /* withdrawals of what was not there */
    unsigned end_of_rib;
    unsigned begins, ends; /* demarcations of refreshes; what was announced between them */
    unsigned between;
    ip_addr last_withdrawn;
    bool as4;
};

static struct outlog rig_log RIG_UNUSED;

/* 10.0.0.0/20 and so on: number i. */
RIG_UNUSED static struct prefix rig_nth(unsigned i)
{
    return prefix_around(0x0a000000 + (i << 12), (uint8_t)(20 + i % 2));
}

RIG_UNUSED static unsigned rig_index(struct prefix prefix)
{
    unsigned index = (unsigned)(prefix.addr - 0x0a000000) >> 12;
    CHECK(index < RIG_PREFIXES && prefix_equal(prefix, rig_nth(index)));
    return index < RIG_PREFIXES ? index : 0;
}

RIG_UNUSED static void rig_hear_nlri(struct listener *listener, const struct bgp_attrs *attrs,
                                     struct slice nlri)
{
    struct cursor cursor = cursor_over(nlri);
    struct prefix prefix;
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        listener->table[rig_index(prefix)] =
            (struct told){.present = true,
                          .has_med = attrs->present & BGP_HAS_MED,
                          .med = attrs->present & BGP_HAS_MED ? attrs->med : 0,
                          .next_hop = attrs->next_hop,
                          .first_as = bgp_as_path_first(attrs->as_path),
                          .origin_as = bgp_as_path_origin(attrs->as_path),
                          .path_length = bgp_as_path_length(attrs->as_path)};
        listener->announced++;
    }
    CHECK(!cursor.failed);
}

RIG_UNUSED static void rig_hear_withdrawn(struct listener *listener, struct slice withdrawn)
{
    struct cursor cursor = cursor_over(withdrawn);
    struct prefix prefix;
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        struct told *told = &listener->table[rig_index(prefix)];
        listener->vain += !told->present;
        *told = (struct told){0};
        listener->withdrawn++;
        listener->last_withdrawn = prefix.addr;
    }
    CHECK(!cursor.failed);
}

RIG_UNUSED static void rig_hear_update(struct listener *listener, struct slice body)
{
    static struct bgp_attr_room room;
    struct bgp_update_fields fields;
    struct bgp_error error;
    CHECK(bgp_update_split(body, &fields, &error));
    listener->updates++;
    if (fields.withdrawn.size + fields.nlri.size == 0)
        listener->end_of_rib++;
    rig_hear_withdrawn(listener, fields.withdrawn);
    if (fields.nlri.size == 0)
        return;
    struct bgp_attr_facts facts = {.as4 = listener->as4, .external = true, .nlri = true};
    struct bgp_attrs attrs;
    struct bgp_attr_verdict verdict = bgp_attrs_decode(fields.attributes, facts, &room, &attrs);
    CHECK_TEXT(bgp_fault_name(verdict.fault), bgp_fault_name(BGP_FAULT_NONE));
    rig_hear_nlri(listener, &attrs, fields.nlri);
}

RIG_UNUSED static void rig_hear_demarcation(struct listener *listener, struct slice body)
{
    CHECK(body.size == 4 && body.data[1] == BGP_AFI_IPV4 && body.data[3] == BGP_SAFI_UNICAST);
    CHECK_EQUAL(body.data[2],
                listener->begins > listener->ends ? BGP_REFRESH_END : BGP_REFRESH_BEGIN);
    if (body.data[2] == BGP_REFRESH_BEGIN) {
        listener->begins++;
        listener->between = listener->announced;
    } else {
        listener->ends++;
        listener->between = listener->announced - listener->between;
    }
}

RIG_UNUSED static void rig_hear(struct listener *listener, struct slice stream)
{
    while (stream.size > 0) {
        struct bgp_frame frame;
        struct bgp_error error;
        bool whole = bgp_frame(stream, &frame, &error) == BGP_FRAME_WHOLE;
        CHECK(whole);
        if (!whole)
            return;
        CHECK(frame.type == BGP_UPDATE || frame.type == BGP_ROUTE_REFRESH);
        if (frame.type == BGP_UPDATE)
            rig_hear_update(listener, frame.body);
        else
            rig_hear_demarcation(listener, frame.body);
        stream.data += frame.size_bytes;
        stream.size -= frame.size_bytes;
    }
}

/* Pulls until nothing comes any more. */
RIG_UNUSED static void rig_drain(struct listener *listener, uint32_t member, size_t cap)
{
    static uint8_t buffer[1 << 16];
    CHECK(cap <= sizeof buffer);
    size_t size;
    while ((size = outlog_pull(&rig_log, member, buffer, cap)) > 0) {
        CHECK(size <= cap);
        rig_hear(listener, (struct slice){buffer, size});
    }
}

RIG_UNUSED static const struct outlog_spec rig_spec = {
    .policy = {.own_as = RIG_OWN_AS, .external = true, .as4 = true}, .next_hop = 0xa9fe0001};

RIG_UNUSED static uint32_t rig_join(uint16_t attachment, ip_addr next_hop)
{
    struct outlog_spec spec = rig_spec;
    spec.attachment = (struct attachment_id){attachment};
    spec.next_hop = next_hop;
    return outlog_join(&rig_log, &spec);
}

RIG_UNUSED static void rig_log_start(uint32_t limit_bytes)
{
    rig_start(BEST_VGW);
    struct outlog_config config = outlog_config_small;
    config.limit_bytes = limit_bytes;
    outlog_init(&rig_log, &rig_budget, &rig, (struct adj_out_filter){0}, &config);
}

RIG_UNUSED static void rig_log_finish(void)
{
    outlog_done(&rig_log);
    rig_finish();
}

/* A whole round without exceptions. */
RIG_UNUSED static uint32_t rig_log_round(void)
{
    uint32_t count = rib_settle(&rig);
    if (count > 0)
        outlog_encode(&rig_log);
    rib_settled(&rig);
    outlog_trim(&rig_log);
    return count;
}
