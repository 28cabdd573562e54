/* The outbound half of BGP: export groups, their logs, and the members that read them.
 *
 * A group is an export policy; all neighbors with an equal policy are its members. After each batch
 * every group's changes are encoded once, as whole UPDATE messages, and appended to the group's
 * log. A member is a cursor in that log, whatever the number of routes.
 *
 * The log is a sequence of segments; each is for an audience (rib/audience.h): "all but attachment
 * S", rarely "only S". A cursor passes over a segment that is not for it without looking inside.
 * NEXT_HOP stands in the log as zeros; each member's own is filled in as the bytes are copied out.
 *
 * A batch is written as: withdrawals, sorted by address (a receiver walks its table in order: twice
 * as fast), then announcements, one message for as many prefixes as fit of one attribute set.
 *
 * The log is bounded. When it exceeds its bound, the rearmost members leave it and walk: they go
 * through the prefixes by number and are told the present state of every one that changed since the
 * batch they had reached; then they go on in the log from where it stood when the walk began. What
 * they are told twice is told rightly. A neighbor that comes late, and one that asks for a refresh
 * (RFC 2918), walk as well: "everything". If a walk's place in the log is lost in turn, the part
 * not yet visited keeps its older batch and the part visited comes again with the newer one: the
 * walk is a circle of two arcs. When the budget refuses memory for the log, all members walk:
 * nothing is ever lost for want of memory.
 *
 * A member may be paced (RFC 4271 9.2.1.1, MinRouteAdvertisementInterval): then it reads nothing of
 * the log but withdrawals, and at intervals walks through what has changed since. So whatever
 * happened in between, each prefix is announced once, as it is then; no timer of its own is needed
 * (outlog_pace.c). Whoever is not paced pays nothing for it.
 *
 * Strict phases: outlog_encode between rib_settle and rib_settled; outlog_pull when no batch is
 * being looked at; outlog_trim at the end of a round, then rib_sweep with outlog_told. */
#pragma once

#include "base/pool.h"
#include "rib/adj_out.h"
#include "wire/bgp_update.h"

struct outlog_config {
    uint32_t limit_bytes; /* of one group's log; a batch may overshoot it */
    uint32_t keep_bytes;  /* kept between rounds instead of being given back */
    uint8_t chunk_shift;  /* bytes in a piece of log: 13..20 */
};

extern const struct outlog_config outlog_config_small, outlog_config_hub;

enum { OUTLOG_MESSAGE_MAX = 4096 };

/* A part of the circle of prefix numbers that a walk has yet to visit. */
struct outlog_arc {
    uint32_t left;   /* numbers */
    uint32_t since;  /* told of all batches up to this one */
    bool everything; /* also what has not changed since: late joiner, refresh */
    bool denied;     /* withdraw what the group's policy denies: it may have been told before */
};

struct outlog_member {
    uint64_t at;   /* position in the group's log; while walking: where to go on afterwards */
    uint32_t left; /* bytes of the segment at hand; 0: `at` is between segments */
    uint32_t told; /* all batches up to this one are behind `at`; counts within a segment and while
                      walking: otherwise the segment at hand tells */
    uint32_t group;
    uint32_t next; /* member of the same group */
    uint32_t previous;
    ip_addr next_hop;
    ip_addr next_hop_six;
    struct attachment_id attachment;
    bool walking;
    bool paced; /* announcements wait for outlog_release; */
    bool holds; /* some wait, of batches later than */
    uint32_t held_since;
    bool owes_end_of_rib;      /* of every family that its policy has; */
    bool owes_refresh_begin;   /* the same (RFC 7313), before the walk, */
    bool owes_refresh_end;     /* and behind it */
    uint32_t walk_at;          /* prefix number */
    uint32_t walk_size;        /* numbers in the circle: 1 to walk_size */
    struct outlog_arc arcs[2]; /* the one at hand, and the one after it */
};

struct outlog_piece;

struct outlog_group {
    struct export_policy policy;
    uint32_t next;
    uint32_t first_member;
    uint32_t member_count;
    uint32_t told; /* the last batch that is in the log */
    struct outlog_piece *pieces;
    uint32_t piece_count;
    uint32_t piece_cap;
    uint64_t first_piece; /* number of pieces[0], counted from the group's start */
    uint64_t end;         /* position behind the last byte */
};

struct outlog {
    struct outlog_config config;
    struct budget *budget;
    struct rib *rib;
    struct adj_out_filter filter;
    struct pool groups;  /* struct outlog_group */
    struct pool members; /* struct outlog_member */
    uint32_t first_group;
    void *scratch; /* while a batch is encoded */
    uint32_t scratch_bytes;
    uint64_t encoded_bytes; /* since the start */
    uint64_t cut_count;     /* times a member fell off a log */
};

/* filter.passes may be NULL as long as no policy names a filter, filter.edit as none names an edit.
 */
void outlog_init(struct outlog *outlog, struct budget *budget, struct rib *rib,
                 struct adj_out_filter filter, const struct outlog_config *config);
void outlog_done(struct outlog *outlog); /* before rib_done */

struct outlog_spec {
    struct export_policy policy;
    struct attachment_id attachment; /* 0: none */
    ip_addr next_hop;                /* our address on the session */
    ip_addr next_hop_six;            /* ours of IPv6; 0 where the policy has no IPv6 */
    bool paced;                      /* the first walk is at once, all others are released */
    bool end_of_rib;                 /* say when the first walk is complete (RFC 4724) */
};

/* A session has reached Established. The member is told everything, then every change. 0: budget.
 */
uint32_t outlog_join(struct outlog *outlog, const struct outlog_spec *spec)
    __attribute__((warn_unused_result));
void outlog_leave(struct outlog *outlog, uint32_t member);
/* Everything again (RFC 2918); demarcated: between messages that say where it begins and ends (RFC
 * 7313), unless the first walk has not come to its end. */
void outlog_refresh(struct outlog *outlog, uint32_t member, bool demarcated);
/* The member's policy changes (its MED, when the other tunnel is chosen; a filter): everything
 * again, as a member of another group. What the new policy's filter denies and the old one's let
 * pass is withdrawn, too. false: budget; nothing changed. */
bool outlog_move(struct outlog *outlog, uint32_t member, const struct export_policy *policy)
    __attribute__((warn_unused_result));

/* Of a paced member: whatever waits is announced from now on. false: nothing waits, or a walk is
 * still under way. */
bool outlog_release(struct outlog *outlog, uint32_t member) __attribute__((warn_unused_result));
/* Is it walking? The interval begins when it no longer is. */
bool outlog_walks(const struct outlog *outlog, uint32_t member);

/* Appends the batch that rib_settle has yielded to every group's log. Not for a batch of nothing.
 */
void outlog_encode(struct outlog *outlog);

/* Whole messages for the member, up to cap bytes; returns how many bytes. 0: nothing to send, or
 * cap is too small for the next message; cap >= OUTLOG_MESSAGE_MAX always makes progress. What was
 * pulled counts as sent: a session that loses it is reset. A walk with little to tell looks at all
 * prefixes within one call (some ns each). */
size_t outlog_pull(struct outlog *outlog, uint32_t member, uint8_t *buf, size_t cap)
    __attribute__((warn_unused_result));
/* Where a member is, for outlog_unpull. */
struct outlog_mark {
    uint64_t at;
    uint32_t left;
    uint32_t told;
    bool stays; /* it was walking, or owed an End-of-RIB: nothing is taken back */
};
struct outlog_mark outlog_mark(const struct outlog *outlog, uint32_t member);
/* Directly after outlog_pull gave these bytes, of which only sent could be used: whole messages are
 * taken back. before: the member as it was. Returns how many bytes are not: at least sent, to the
 * end of a message; all of them when they came from a walk, which goes on as it went. */
size_t outlog_unpull(struct outlog *outlog, uint32_t member, const struct outlog_mark *before,
                     struct slice pulled, size_t sent) __attribute__((warn_unused_result));
/* May outlog_pull have anything? Cheap; sometimes true in vain. */
bool outlog_pending(const struct outlog *outlog, uint32_t member);

/* How a set of attributes is encoded for the neighbors of a policy. Borrows from its edit. */
struct bgp_export outlog_export(const struct export_policy *policy,
                                const struct adj_out_filter *filter, bool six);

/* Gives back what all members have read; makes the rearmost walk where a log is above its bound. */
void outlog_trim(struct outlog *outlog);
/* All members have been told of all batches up to this one: for rib_sweep. */
uint32_t outlog_told(const struct outlog *outlog);

/* For screens and tests. */
struct outlog_counts {
    uint32_t groups;
    uint32_t members;
    uint32_t walking;
    uint64_t log_bytes;     /* held now */
    uint64_t encoded_bytes; /* since the start */
    uint64_t cut_count;     /* times a member fell off a log */
};
struct outlog_counts outlog_counts(const struct outlog *outlog);
const struct outlog_member *outlog_member_get(const struct outlog *outlog, uint32_t member);
