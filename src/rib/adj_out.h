/* Adj-RIB-Out (RFC 4271 3.2): what each neighbor is told. It is not stored. It follows from the
 * Loc-RIB, from the policy of the neighbor's export group, and from a sparse set of exceptions:
 *
 *     told(neighbor, prefix) = best path
 *         unless it came from the neighbor's attachment            (split horizon)
 *         unless an exception leaves the attachment out            (guard: hold)
 *         unless the group's filter or a well-known community denies it
 *
 * An exception belongs to (prefix, attachment) and has a reason. For nearly every prefix there is
 * none, so nothing is asked and nothing stored; the engine asks the guard only when the prefix
 * covers some endpoint at all, and clears what an earlier batch left:
 *
 *     if (change->new_attr.v != 0 && guard_covers_any(guard, prefix))
 *         ... adj_out_clear, then adj_out_except for each attachment concerned ...
 *     else
 *         adj_out_clear(rib, change);     // free when there are none
 *
 * adj_out_diff says what a change means to a whole group: at most one announcement and one
 * withdrawal, each for an audience. When best passes from X to S, all but S get the announcement
 * and S alone the withdrawal; when nothing is left, all but X get the withdrawal. */
#pragma once

#include "rib/edit.h"
#include "rib/rib.h"

/* Everything that makes two neighbors' UPDATEs differ, but for the next hop. Equal policies share a
 * group. */
struct export_policy {
    uint32_t own_as;
    uint32_t med;
    uint32_t local_pref; /* for internal neighbors, of routes that have none */
    uint16_t filter;     /* 0: none; otherwise a name for adj_out_filter */
    uint16_t edit;       /* the same, of a struct route_edit whose MED is in med */
    bool external;       /* own_as is prepended */
    bool as4;            /* RFC 6793 */
    bool has_med;
    bool
        announce_back; /* no split horizon: FRR, VyOS and Vyatta tell a route back to who sent it */
    bool keep_next_hop; /* the route's own, not the neighbor's */
    bool six;           /* routes of IPv6 are exchanged (RFC 4760) */
    bool no_four;       /* those of IPv4 are not */
    bool missing;       /* there is none, and without one nothing is told (RFC 8212) */
};

/* Are routes of the family exchanged? */
static inline bool export_policy_has(const struct export_policy *policy, bool six)
{
    return six ? policy->six : !policy->no_four;
}

bool export_policy_same(const struct export_policy *left, const struct export_policy *right);

/* Does the filter let the route pass? Pure: it is asked about the old best path as well as about
 * the new one, and must answer as it did before. Whoever changes a filter, or an edit, gives it a
 * new number; equal edits have equal numbers, or their neighbors would not share a group. */
struct adj_out_filter {
    bool (*passes)(const void *ctx, uint16_t filter, struct prefix prefix, struct rib_route route);
    const void *ctx;
    const struct route_edit *(*edit)(const void *ctx, uint16_t edit);
};

/* Do both mean the same to any group of the policy? Routes that came together do, as a rule, and
 * leave together. false: they may all the same. */
bool adj_out_alike(const struct export_policy *policy, const struct rib_change *left,
                   const struct rib_change *right);

/* What a change means to a group. Audiences carry a reference each: adj_out_diff_done. */
struct adj_out_diff {
    struct audience announce; /* of change->new_attr */
    struct audience withdraw;
};

/* Both parts may be AUDIENCE_NOBODY. false: the budget refuses; then nothing was given. */
bool adj_out_diff(struct rib *rib, const struct export_policy *policy,
                  const struct adj_out_filter *filter, const struct rib_change *change,
                  struct adj_out_diff *ret_diff) __attribute__((warn_unused_result));
void adj_out_diff_done(struct rib *rib, const struct adj_out_diff *diff);

/* The present answer for one neighbor: the route to announce, or attr 0 and, in *ret_reason (which
 * may be NULL), why not; REASON_NONE: there is no best path. */
struct rib_route adj_out_route(const struct rib *rib, const struct export_policy *policy,
                               const struct adj_out_filter *filter, struct attachment_id attachment,
                               uint32_t number, enum reason *ret_reason);

/* -- exceptions: while a batch is looked at, between rib_settle and rib_settled -- */

/* Sets the exception of an attachment for the change's prefix; REASON_NONE takes it away.
 * REASON_GUARD_WARN and REASON_AS_LOOP_SENT are only remembered; any other leaves the attachment
 * out. false: the budget refuses, nothing changed, and the caller must see to it by other means
 * that the attachment is not told (close its sessions). */
bool adj_out_except(struct rib *rib, struct rib_change *change, struct attachment_id attachment,
                    enum reason reason) __attribute__((warn_unused_result));
/* Takes away all of the prefix. Free when there are none. rib_settled does it by itself for a
 * prefix that has no best path any more. */
void adj_out_clear(struct rib *rib, const struct rib_change *change);
/* A fragment cut by the guard: told only to these attachments (ascending, no doubles), besides the
 * exceptions. count 0: to nobody. */
bool adj_out_restrict(struct rib *rib, struct rib_change *change, const uint16_t *attachments,
                      uint32_t count) __attribute__((warn_unused_result));

/* -- looking -- */

/* REASON_NONE when there is no exception. */
enum reason adj_out_exception(const struct rib *rib, uint32_t number,
                              struct attachment_id attachment);
/* Walks a prefix's exceptions, ascending by attachment: start with *at = {0}. false: no more. */
bool adj_out_exception_next(const struct rib *rib, uint32_t number, struct attachment_id *at,
                            enum reason *ret_reason);

/* -- for the files of this room -- */

struct rib_except_item {
    uint16_t attachment;
    uint8_t reason;
    uint8_t leaves_out;
};

/* The exceptions of one prefix, ascending by attachment. */
struct rib_except {
    struct rib_except_item *items;
    uint32_t number;
    uint32_t count;
    uint32_t cap;
    struct audience only; /* AUDIENCE_ALL, but for fragments */
    struct audience held; /* whom they leave, as of the last adj_out_held */
    bool held_stale;
};

/* AUDIENCE_ALL when there are none. No reference goes to the caller. false: budget. */
bool adj_out_held(struct rib *rib, uint32_t number, struct audience *ret_held)
    __attribute__((warn_unused_result));
void adj_out_begin(struct rib *rib, struct rib_change *change);
void adj_out_end(struct rib *rib, struct rib_change *change);
void adj_out_done(struct rib *rib);
