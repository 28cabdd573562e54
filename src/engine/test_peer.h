/* Scripted neighbors: the far ends of an engine's sessions, driven by a test. A peer connects,
 * says its OPEN, announces what the test says, and remembers what it was told: not how often or in
 * how many messages, but what stands in the end. */
#pragma once

#include "engine/test_says.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"

enum { PEERS = 24, PEER_TOLD = 5000, PEER_PATH = 8, PEER_COMMUNITIES = 6, PEER_CAP = 65536 };

struct told {
    struct prefix prefix;
    ip_addr next_hop;
    uint32_t med;
    uint32_t local_pref;
    bool has_med;
    bool has_local_pref;
    uint8_t path_count;
    uint8_t community_count;
    uint32_t path[PEER_PATH];
    uint32_t communities[PEER_COMMUNITIES];
};

struct peer {
    uint16_t neighbor;
    uint32_t asn;
    uint32_t router_id;
    uint16_t hold_s;
    bool no_refresh;    /* does not understand ROUTE-REFRESH */
    uint16_t restart_s; /* graceful restart and enhanced refresh are offered; 0: are not */
    uint8_t restart_flags;
    bool restarted;       /* it says so */
    struct bgp_open open; /* what the engine's last OPEN said */
    bool connected;
    size_t pull_cap; /* bytes asked for at once; 0: many */
    struct told told[PEER_TOLD];
    uint32_t told_count;
    uint32_t update_count; /* heard since it connected */
    uint32_t withdrawal_count;
    uint32_t end_count; /* End-of-RIB, of IPv4 */
    uint32_t refresh_count;
    uint32_t call_count; /* the engine wanted to connect to it */
    uint8_t refresh_kinds[4];
    int64_t first_update_us, last_update_us; /* when heard; of no meaning before */
    uint8_t notice[64];
    size_t notice_bytes; /* code, subcode and data of the NOTIFICATION heard; 0: none */
    uint8_t stream[PEER_CAP];
    size_t stream_bytes;
};

/* An offer: what a test announces. An empty path: the peer's own ASN. Lists end with 0. */
struct offer {
    uint32_t path[PEER_PATH];
    ip_addr next_hop; /* 0: the peer's address */
    uint32_t med;     /* 0: none */
    uint32_t local_pref;
    uint32_t communities[4];
    uint8_t origin;
};

static struct rig gate RIG_UNUSED;
static struct peer peers[PEERS] RIG_UNUSED;

/* -- hearing -- */

RIG_UNUSED static struct told *peer_told(struct peer *peer, struct prefix prefix)
{
    for (uint32_t i = 0; i < peer->told_count; i++) {
        if (prefix_equal(peer->told[i].prefix, prefix))
            return &peer->told[i];
    }
    return NULL;
}

RIG_UNUSED static struct told told_of(const struct bgp_attrs *attrs)
{
    struct told told = {.next_hop = attrs->next_hop,
                        .med = attrs->med,
                        .local_pref = attrs->local_pref,
                        .has_med = attrs->present & BGP_HAS_MED,
                        .has_local_pref = attrs->present & BGP_HAS_LOCAL_PREF};
    struct cursor cursor = cursor_over(attrs->as_path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment)) {
        for (unsigned i = 0; i < segment.count && told.path_count < PEER_PATH; i++)
            told.path[told.path_count++] = bgp_segment_as(&segment, i);
    }
    cursor = cursor_over(attrs->communities);
    while (cursor_remaining(&cursor) > 0 && told.community_count < PEER_COMMUNITIES)
        told.communities[told.community_count++] = cursor_u32(&cursor);
    return told;
}

RIG_UNUSED static void peer_hear_update(struct peer *peer, const struct rig *rig, struct slice body)
{
    static struct bgp_attr_room room;
    struct bgp_update_fields fields;
    struct bgp_error error;
    struct bgp_attrs attrs = {0};
    struct prefix prefix;
    bool whole = bgp_update_split(body, &fields, &error);
    CHECK(whole);
    if (!whole)
        return;
    if (peer->update_count++ == 0)
        peer->first_update_us = rig->now_us;
    peer->last_update_us = rig->now_us;
    peer->end_count += body.size == 4;
    struct cursor cursor = cursor_over(fields.withdrawn);
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        struct told *told = peer_told(peer, prefix);
        peer->withdrawal_count++;
        if (told)
            *told = peer->told[--peer->told_count];
    }
    CHECK(!cursor.failed || cursor.at == cursor.end);
    if (fields.nlri.size == 0)
        return;
    bool external = peer->asn != engine_config_of(rig->engine)->asn;
    struct bgp_attr_facts facts = {.as4 = true, .external = external, .nlri = true};
    struct bgp_attr_verdict verdict = bgp_attrs_decode(fields.attributes, facts, &room, &attrs);
    CHECK(verdict.class <= BGP_ATTR_DISCARD);
    cursor = cursor_over(fields.nlri);
    while (bgp_nlri_next(&cursor, false, &prefix)) {
        struct told *told = peer_told(peer, prefix);
        CHECK(peer->told_count < PEER_TOLD);
        if (!told && peer->told_count < PEER_TOLD)
            told = &peer->told[peer->told_count++];
        if (told)
            *told = told_of(&attrs);
        if (told)
            told->prefix = prefix;
    }
}

RIG_UNUSED static void peer_hear(struct peer *peer, const struct rig *rig)
{
    size_t at = 0;
    struct bgp_frame frame;
    struct bgp_error error;
    while (bgp_frame((struct slice){peer->stream + at, peer->stream_bytes - at}, &frame, &error) ==
           BGP_FRAME_WHOLE) {
        at += frame.size_bytes;
        if (frame.type == BGP_UPDATE)
            peer_hear_update(peer, rig, frame.body);
        else if (frame.type == BGP_OPEN)
            CHECK(bgp_open_decode(frame.body, &peer->open, &error));
        else if (frame.type == BGP_ROUTE_REFRESH)
            peer->refresh_kinds[peer->refresh_count++ % 4] = frame.body.data[2];
        else if (frame.type == BGP_NOTIFICATION && frame.body.size <= sizeof peer->notice)
            memcpy(peer->notice, frame.body.data, peer->notice_bytes = frame.body.size);
    }
    CHECK_EQUAL((int64_t)at, (int64_t)peer->stream_bytes); /* engine_pull gives whole messages */
    peer->stream_bytes = 0;
}

RIG_UNUSED static void peer_pull(struct peer *peer, struct rig *rig, uint8_t slot)
{
    struct event_connection connection = {.neighbor = peer->neighbor, .slot = slot};
    size_t cap = peer->pull_cap ? peer->pull_cap : sizeof peer->stream;
    for (;;) {
        size_t size = engine_pull(rig->engine, connection, peer->stream, cap);
        CHECK(size <= cap);
        if (size == 0 && cap >= BGP_MESSAGE_MAX)
            return;
        cap = size == 0 ? BGP_MESSAGE_MAX : cap; /* the next message did not fit */
        peer->stream_bytes = size;
        peer_hear(peer, rig);
    }
}

RIG_UNUSED static void peers_effect(void *far, struct rig *rig, const struct effect *effect)
{
    struct peer *peer = (struct peer *)far + effect->connection.neighbor;
    CHECK(effect->connection.neighbor < PEERS);
    peer->call_count += effect->kind == EFFECT_CONNECT;
    if (effect->connection.slot == BGP_OUT || effect->kind == EFFECT_BFD_SEND)
        return; /* nobody listens; the peers connect */
    if (peer->connected)
        peer_pull(peer, rig, effect->connection.slot);
    if (effect->kind == EFFECT_CLOSE)
        peer->connected = false;
}

/* -- speaking -- */

RIG_UNUSED static void peer_send(struct peer *peer, struct slice bytes)
{
    struct event_received said = {{.neighbor = peer->neighbor, .slot = BGP_IN}, bytes};
    rig_step(&gate, &(struct event){.kind = EVENT_RECEIVED, .received = said});
}

RIG_UNUSED static void peer_open(struct peer *peer)
{
    uint8_t bytes[BGP_OPEN_MAX + BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_open open = {
        .version = BGP_VERSION,
        .as2 = peer->asn > 65535 ? BGP_AS_TRANS : (uint16_t)peer->asn,
        .hold_time_s = peer->hold_s,
        .identifier = peer->router_id,
        .capabilities = true,
        .has_as4 = true,
        .as4 = peer->asn,
        .refresh = !peer->no_refresh,
        .enhanced_refresh = peer->restart_s > 0,
        .graceful_restart = peer->restart_s > 0,
        .restart_flags = peer->restarted ? BGP_RESTARTED : 0,
        .restart_time_s = peer->restart_s,
        .restart_family_count = 1,
        .restart_families = {{BGP_AFI_IPV4, BGP_SAFI_UNICAST, peer->restart_flags}}};
    bgp_open_encode(&open, &writer);
    bgp_keepalive_encode(&writer);
    peer_send(peer, writer_slice(&writer));
}

/* A neighbor of the gate and its peer; not yet connected. */
RIG_UNUSED static struct peer *peer_add(struct event_neighbor neighbor)
{
    struct peer *peer = &peers[neighbor.neighbor];
    memset(peer, 0, sizeof *peer);
    peer->neighbor = neighbor.neighbor;
    peer->asn = neighbor.peer_asn;
    peer->router_id = (uint32_t)neighbor.peer_addr;
    peer->hold_s = neighbor.hold_s;
    gate.far = peers;
    gate.tell_far = peers_effect;
    say_neighbor(&gate, neighbor);
    say_start(&gate, neighbor.neighbor);
    return peer;
}

/* Connects and says its OPEN; what comes of it is the engine's affair. */
RIG_UNUSED static void peer_connect(struct peer *peer)
{
    peer->connected = true;
    peer->told_count = peer->update_count = peer->withdrawal_count = 0;
    peer->notice_bytes = peer->stream_bytes = 0;
    say_connection(&gate, EVENT_CONNECTED, peer->neighbor, BGP_IN);
    peer_open(peer);
}

RIG_UNUSED static void peer_up(struct peer *peer)
{
    peer_connect(peer);
    CHECK_TEXT(session_state_word(engine_session(gate.engine, peer->neighbor)->state),
               "Established");
}

/* The connection is gone; what was told is void. */
RIG_UNUSED static void peer_cut(struct peer *peer)
{
    peer->connected = false;
    peer->told_count = 0;
    say_connection(&gate, EVENT_CLOSED, peer->neighbor, BGP_IN);
    rig_pass(&gate, 0); /* it is accepted again */
}

RIG_UNUSED static void write_list(struct writer *writer, const uint32_t *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        writer_u32(writer, items[i]);
}

RIG_UNUSED static unsigned list_count(const uint32_t *items, unsigned max)
{
    unsigned count = 0;
    while (count < max && items[count])
        count++;
    return count;
}

RIG_UNUSED static void write_offer(const struct peer *peer, const struct offer *offer,
                                   struct writer *writer)
{
    uint8_t path_bytes[2 + 4 * PEER_PATH], community_bytes[16];
    struct writer path = writer_over(path_bytes, sizeof path_bytes);
    struct writer communities = writer_over(community_bytes, sizeof community_bytes);
    unsigned hops = list_count(offer->path, PEER_PATH);
    writer_u8(&path, BGP_AS_SEQUENCE);
    writer_u8(&path, (uint8_t)(hops ? hops : 1));
    write_list(&path, hops ? offer->path : &peer->asn, hops ? hops : 1);
    write_list(&communities, offer->communities, list_count(offer->communities, 4));
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP,
                              .origin = offer->origin,
                              .as_path = writer_slice(&path),
                              .next_hop =
                                  offer->next_hop ? offer->next_hop : peer_addr_of(peer->neighbor),
                              .med = offer->med,
                              .local_pref = offer->local_pref,
                              .communities = writer_slice(&communities)};
    attrs.present |= (uint32_t)(offer->med ? BGP_HAS_MED : 0);
    attrs.present |= (uint32_t)(offer->local_pref ? BGP_HAS_LOCAL_PREF : 0);
    attrs.present |= (uint32_t)(communities.size ? BGP_HAS_COMMUNITIES : 0);
    bgp_attrs_encode_canonical(&attrs, writer);
}
