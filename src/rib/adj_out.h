/* Adj-RIB-Out (RFC 4271 3.2): what each neighbor is told. It is not stored. It follows from
 * the Loc-RIB, from the policy of the neighbor's export group, and from a sparse set of exceptions:
 *
 *     told(neighbor, prefix) = best path
 *         unless it came from the neighbor's attachment            (split horizon, design 5)
 *         unless an exception leaves the attachment out            (guard: hold)
 *         unless the group's filter denies it
 *
 * An exception belongs to (prefix, attachment) and has a reason. For nearly every prefix there is
 * none, so nothing is asked and nothing stored; the engine asks the guard only when the prefix
 * covers some endpoint at all.
 *
 * adj_out_diff says what a change means to a whole group: at most one announcement and one
 * withdrawal, each for an audience. When best passes from X to S, all but S get the announcement
 * and S alone the withdrawal; when nothing is left, all but X get the withdrawal. */
#pragma once

#include "rib/rib.h"

/* Everything that makes two neighbors' UPDATEs differ, but for the next hop. Equal policies share a
 * group. */
struct export_policy {
    uint32_t own_as;
    uint32_t med;
    uint32_t local_pref; /* for internal neighbors */
    uint16_t filter;     /* 0: none; otherwise a name for adj_out_filter */
    bool external;       /* own_as is prepended */
    bool as4;            /* RFC 6793 */
    bool has_med;
    bool announce_back; /* no split horizon: FRR, VyOS and Vyatta announce a route to whoever sent
                           it */
    bool keep_next_hop; /* the route's own, not the neighbor's */
};

bool export_policy_same(const struct export_policy *left, const struct export_policy *right);

/* Does the filter let the route pass? Pure: it is asked about the old best path as well as about
 * the new one, and must answer as it did before. Whoever changes a filter gives it a new number. */
struct adj_out_filter {
    bool (*passes)(const void *ctx, uint16_t filter, struct prefix4 prefix, struct rib_route route);
    const void *ctx;
};

/* What a change means to a group. Audiences carry a reference each: adj_out_diff_done. */
struct adj_out_diff {
    struct audience announce; /* of change->new_attr */
    struct audience withdraw;
};

/* Both parts may be AUDIENCE_NOBODY. false: the budget refuses; then nothing was given. */
bool adj_out_diff(struct rib *rib, const struct export_policy *policy,
                  const struct adj_out_filter *filter, const struct rib_change *change,
                  struct adj_out_diff *ret_diff) __attribute__((warn_unused_result));
void adj_out_diff_done(struct rib *rib, struct adj_out_diff *diff);

/* The present answer for one neighbor: the route to announce, or attr 0 and, in *ret_reason, why
 * not (REASON_NONE: there is no best path). */
struct rib_route adj_out_route(const struct rib *rib, const struct export_policy *policy,
                               const struct adj_out_filter *filter, struct attachment_id attachment,
                               uint32_t number, enum reason *ret_reason);

/* -- exceptions -- */

struct rib_except {
    uint32_t next; /* exception of the same prefix */
    uint32_t number;
    struct attachment_id attachment;
    uint8_t reason;
    bool leaves_out; /* false: told all the same (guard: warn) and only remembered */
    /* the head of a prefix's chain: whom the exceptions leave */
    struct audience held;
    uint32_t only_fragment; /* head only: not 0 when held is an audience set by adj_out_restrict */
};

/* While a batch is looked at: sets or (REASON_NONE) clears the exception of an attachment for the
 * change's prefix, and brings change->new_held up to date. leaves_out: REASON_GUARD_WARN and
 * REASON_AS_LOOP_SENT do not, all others do. false: the budget refuses; nothing changed. Then the
 * caller must leave the attachment out by other means (close its sessions): it never fails open. */
bool adj_out_except(struct rib *rib, struct rib_change *change, struct attachment_id attachment,
                    enum reason reason) __attribute__((warn_unused_result));
/* Clears all of the prefix. Cheap when there are none. Called for a prefix without best path by
 * rib_settled itself. */
bool adj_out_clear(struct rib *rib, struct rib_change *change) __attribute__((warn_unused_result));
/* A fragment is told only to these attachments (ascending, without doubles): all others are
 * excepted. */
bool adj_out_restrict(struct rib *rib, struct rib_change *change,
                      const struct attachment_id *attachments, uint32_t count)
    __attribute__((warn_unused_result));

/* REASON_NONE when there is no exception. */
enum reason adj_out_exception(const struct rib *rib, uint32_t number,
                              struct attachment_id attachment);
/* Walks a prefix's exceptions, ascending by attachment: start with at = 0. false: no more. */
bool adj_out_exception_next(const struct rib *rib, uint32_t number, struct attachment_id *at,
                            enum reason *ret_reason);
