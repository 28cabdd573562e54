/* The gateway of the tests: AS 64512, its neighbors scripted peers, and what each of them was told
 * as words. Outside addresses are 203.0.113.n for neighbor n. */
#pragma once

#include "engine/test_peer.h"

enum { GATE_ASN = 64512 };

RIG_UNUSED static void gate_start(void)
{
    rig_start(&gate, rig_config(&gate, PLATFORM_SEKISHO, GATE_ASN));
}

RIG_UNUSED static void gate_finish(void)
{
    rig_finish(&gate);
}

/* A tunnel of an attachment that exists; its endpoint is the customer gateway's of that number. */
RIG_UNUSED static struct peer *gate_tunnel(uint16_t neighbor, uint16_t attachment, uint32_t asn)
{
    char outside[IP_TEXT_BYTES];
    struct text text = text_over(outside, sizeof outside);
    text_ip(&text, ip("203.0.113.0") + neighbor);
    say_endpoint(&gate, attachment, outside, true);
    return peer_add(neighbor_on(neighbor, attachment, asn, outside));
}

/* Neighbor n, the only tunnel of the next attachment, a VPN connection, up. */
RIG_UNUSED static struct peer *gate_vpn(uint16_t neighbor, uint32_t asn)
{
    uint16_t attachment = (uint16_t)(engine_attachment_count(gate.engine) + 1);
    say_vpn(&gate, attachment);
    struct peer *peer = gate_tunnel(neighbor, attachment, asn);
    peer_up(peer);
    return peer;
}

/* Neighbor n of the next attachment, a Direct Connect, up. */
RIG_UNUSED static struct peer *gate_dx(uint16_t neighbor, uint32_t asn)
{
    uint16_t attachment = (uint16_t)(engine_attachment_count(gate.engine) + 1);
    say_attachment(&gate, (struct event_attachment){attachment, .kind = ATTACHMENT_DX});
    struct peer *peer = peer_add(neighbor_on(neighbor, attachment, asn, NULL));
    peer_up(peer);
    return peer;
}

/* An UPDATE of one prefix with these attributes, given as bytes; empty: it is withdrawn. */
RIG_UNUSED static void peer_update(struct peer *peer, struct prefix prefix, struct slice attributes)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    size_t at;
    bool fits = bgp_update_begin(&update, &writer);
    if (attributes.size == 0)
        fits = fits && bgp_update_withdraw(&update, prefix);
    else
        fits = fits && bgp_update_attributes(&update, attributes, &at) &&
               bgp_update_announce(&update, prefix);
    CHECK(fits);
    bgp_update_finish(&update);
    peer_send(peer, writer_slice(&writer));
}

RIG_UNUSED static void announce_as(uint16_t neighbor, const char *prefix, struct offer offer)
{
    uint8_t bytes[512];
    struct writer writer = writer_over(bytes, sizeof bytes);
    write_offer(&peers[neighbor], &offer, &writer);
    peer_update(&peers[neighbor], net(prefix), writer_slice(&writer));
}

RIG_UNUSED static void announce(uint16_t neighbor, const char *prefix)
{
    announce_as(neighbor, prefix, (struct offer){0});
}

RIG_UNUSED static void withdraw(uint16_t neighbor, const char *prefix)
{
    peer_update(&peers[neighbor], net(prefix), (struct slice){0});
}

/* UPDATEs of many prefixes: from 10.0.0.0/24 on; withdrawn or announced. */
RIG_UNUSED static void say_packed(uint16_t neighbor, uint32_t count, bool withdrawn)
{
    uint8_t attributes[64], bytes[BGP_MESSAGE_MAX];
    struct writer section = writer_over(attributes, sizeof attributes);
    write_offer(&peers[neighbor], &(struct offer){0}, &section);
    for (uint32_t i = 0; i < count;) {
        struct writer writer = writer_over(bytes, sizeof bytes);
        struct bgp_update update;
        size_t at;
        bool fits = bgp_update_begin(&update, &writer);
        if (!withdrawn)
            fits = fits && bgp_update_attributes(&update, writer_slice(&section), &at);
        while (fits && i < count) {
            struct prefix prefix = prefix_around(0x0a000000u + (i << 8), 24);
            fits = withdrawn ? bgp_update_withdraw(&update, prefix)
                             : bgp_update_announce(&update, prefix);
            i += fits;
        }
        bgp_update_finish(&update);
        peer_send(&peers[neighbor], writer_slice(&writer));
    }
}

/* "64512 65001 via 169.254.1.1 med 100 65001:7", or "nothing". */
RIG_UNUSED static const char *told(uint16_t neighbor, const char *prefix)
{
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    const struct told *told = peer_told(&peers[neighbor], net(prefix));
    if (!told)
        return "nothing";
    for (unsigned i = 0; i < told->path_count; i++) {
        text_u64(&text, told->path[i]);
        text_char(&text, ' ');
    }
    text_add(&text, "via ");
    text_ip(&text, told->next_hop);
    if (told->has_med) {
        text_add(&text, " med ");
        text_u64(&text, told->med);
    }
    if (told->has_local_pref) {
        text_add(&text, " local-pref ");
        text_u64(&text, told->local_pref);
    }
    for (unsigned i = 0; i < told->community_count; i++) {
        text_char(&text, ' ');
        text_u64(&text, told->communities[i] >> 16);
        text_char(&text, ':');
        text_u64(&text, told->communities[i] & 0xffff);
    }
    return words;
}

/* The NOTIFICATION that a peer heard: "6/1 00010100000064"; "none". */
RIG_UNUSED static const char *notice(uint16_t neighbor)
{
    static char words[RIG_TEXT];
    struct text text = text_over(words, sizeof words);
    const struct peer *peer = &peers[neighbor];
    if (peer->notice_bytes == 0)
        return "none";
    text_u64(&text, peer->notice[0]);
    text_char(&text, '/');
    text_u64(&text, peer->notice[1]);
    for (size_t i = 2; i < peer->notice_bytes; i++) {
        if (i == 2)
            text_char(&text, ' ');
        text_char(&text, "0123456789abcdef"[peer->notice[i] >> 4]);
        text_char(&text, "0123456789abcdef"[peer->notice[i] & 15]);
    }
    return words;
}

/* Why a neighbor is not told the prefix: the reason's name; "none" when it is. */
RIG_UNUSED static const char *why_not(uint16_t neighbor, const char *prefix)
{
    enum reason reason;
    (void)engine_told(gate.engine, neighbor, net(prefix), &reason);
    return reason_text(reason)->name;
}

/* Why a neighbor's path stands where it stands; "absent" when it has none. */
RIG_UNUSED static const char *why(uint16_t neighbor, const char *prefix)
{
    const struct rib *rib = engine_rib(gate.engine);
    uint32_t number = rib_find(rib, net(prefix));
    struct source_id source = engine_neighbor_source(gate.engine, neighbor);
    const struct rib_path *path = number ? rib_path_of(rib, number, source) : NULL;
    return path ? reason_text(path->why)->name : "absent";
}
