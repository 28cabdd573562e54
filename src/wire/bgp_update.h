/* UPDATEs for neighbors: canonical attributes turned into those of an export group, and messages
 * filled prefix by prefix.
 *
 * One encoding serves all neighbors of a group though each has its own next hop: NEXT_HOP goes out
 * as four zero bytes whose place is known, and the sender fills them in as it copies. So attributes
 * are encoded once per set, messages once per group:
 *
 *     if (!bgp_attrs_encode_export(canonical, &export, &scratch, &next_hop)) ...not announced...
 *     bgp_update_begin(&update, &log);
 *     bgp_update_attributes(&update, writer_slice(&scratch));
 *     while (... && bgp_update_announce(&update, prefix)) ...
 *     size = bgp_update_finish(&update);    // NEXT_HOP at BGP_UPDATE_ATTRIBUTES_AT + next_hop
 *
 * Withdrawals of the same message come between begin and attributes; a message may have only them
 * (and then bgp_update_attributes is not called).
 *
 * IPv6's routes stand in an attribute, MP_REACH_NLRI or MP_UNREACH_NLRI, the first of all (RFC 7606
 * 5.1), and so does their next hop, 16 bytes. A message has routes of one family only, and of IPv6
 * either announces or withdraws. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"
#include "wire/bgp_edit.h"
#include "wire/bgp_message.h"

struct bgp_export {
    uint32_t own_as;
    bool external; /* own_as is prepended, internal attributes stay behind */
    bool as4;      /* the neighbors read four-octet AS numbers */
    bool six;      /* of IPv6's routes: without NEXT_HOP, which goes with them */
    bool has_med;
    uint32_t med;
    uint32_t local_pref; /* for internal neighbors, of routes that have none */
    uint8_t prepend;     /* external: own_as so many times more, BGP_PREPEND_MAX at most */
    struct bgp_communities_edit communities;
};

enum {
    /* A message without withdrawals has its attributes here. */
    BGP_UPDATE_ATTRIBUTES_AT = BGP_UPDATE_MIN,
    /* MP_REACH_NLRI with nothing reachable: header, family, next hop, reserved byte. */
    BGP_REACH_BYTES = 4 + 3 + 1 + 16 + 1,
    BGP_UNREACH_BYTES = 4 + 3,
    BGP_REACH_NEXT_HOP_AT = 4 + 3 + 1,
    /* Attributes must leave room for one prefix. */
    BGP_EXPORT_MAX = BGP_MESSAGE_MAX - BGP_UPDATE_MIN - 5,
    BGP_EXPORT_SIX_MAX = BGP_MESSAGE_MAX - BGP_UPDATE_MIN - BGP_REACH_BYTES - 17,
};

/* The path attributes, ascending by type code, in at most BGP_EXPORT_MAX or BGP_EXPORT_SIX_MAX
 * bytes. ret_next_hop is where, from the first byte written, the four zero bytes of NEXT_HOP lie.
 * External: own_as stands before the path, once and as often as prepend says; LOCAL_PREF,
 * ORIGINATOR_ID and CLUSTER_LIST are left out. Internal: LOCAL_PREF is the route's own, or
 * export->local_pref (RFC 4271 5.1.5). MED is export->med or absent: a received one is never passed
 * on. For two-octet neighbors
 * large AS numbers become AS_TRANS, with AS4_PATH and AS4_AGGREGATOR beside them where needed (RFC
 * 6793 4.2.2). False: it does not fit, so the route is not announced (RFC 4271 9.2), and the writer
 * is as it was. */
bool bgp_attrs_encode_export(struct slice canonical, const struct bgp_export *export,
                             struct writer *writer, size_t *ret_next_hop)
    __attribute__((warn_unused_result));

struct bgp_update {
    struct writer *writer;
    size_t start;      /* where the message begins in it */
    size_t limit;      /* where it must end: 4096 bytes on, or the writer's cap */
    size_t section_at; /* of the attributes' length; 0: still withdrawing */
    size_t nlri_at;    /* 0: no attributes yet */
    size_t mp_at;      /* where MP_REACH_NLRI or MP_UNREACH_NLRI begins; 0: there is none */
    struct slice tail; /* attributes to be written behind it */
};

/* False: not even an empty UPDATE fits. */
bool bgp_update_begin(struct bgp_update *update, struct writer *writer)
    __attribute__((warn_unused_result));
/* False: the message is full and unchanged; finish it and begin another. */
bool bgp_update_withdraw_at(struct bgp_update *update, const struct prefix *prefix)
    __attribute__((warn_unused_result));
static inline bool bgp_update_withdraw(struct bgp_update *update, struct prefix prefix)
{
    return bgp_update_withdraw_at(update, &prefix);
}
/* Encoded by bgp_attrs_encode_export. ret_at is where they begin, from the message's first byte.
 * False: they and one prefix do not fit any more; the message is unchanged. */
bool bgp_update_attributes(struct bgp_update *update, struct slice attributes, size_t *ret_at)
    __attribute__((warn_unused_result));
bool bgp_update_announce_at(struct bgp_update *update, const struct prefix *prefix)
    __attribute__((warn_unused_result));
static inline bool bgp_update_announce(struct bgp_update *update, struct prefix prefix)
{
    return bgp_update_announce_at(update, &prefix);
}
/* The same for IPv6: begins MP_REACH_NLRI, and bgp_update_announce adds to it. The attributes are
 * borrowed until bgp_update_finish. ret_at: where the 16 zero bytes of the next hop lie. */
bool bgp_update_reach(struct bgp_update *update, struct slice attributes, size_t *ret_at)
    __attribute__((warn_unused_result));
/* Begins MP_UNREACH_NLRI, and bgp_update_withdraw adds to it. */
bool bgp_update_unreach(struct bgp_update *update) __attribute__((warn_unused_result));
/* Patches the lengths; the message's size in bytes. The first prefix behind attributes always fits;
 * attributes without a prefix are a mistake of the caller's. */
size_t bgp_update_finish(struct bgp_update *update);

/* All routes of IPv4 unicast have been sent: an empty UPDATE; of IPv6's: one with an empty
 * MP_UNREACH_NLRI (RFC 4724 2). */
void bgp_end_of_rib_encode(struct writer *writer);
void bgp_end_of_rib_six_encode(struct writer *writer);
