/* Best path: which of the feasible paths to a prefix is used, and at which step every other one
 * lost. Pure: no table, no clock, no storage. explain calls the same function.
 *
 * Steps eliminate: whoever is worse at a step than some other candidate left is out, so the result
 * cannot depend on the order of arrival. Two steps compare only within a group - MED among paths of
 * one neighbor AS (RFC 4271 9.1.2.2 c, a missing MED is 0), outside addresses among the tunnels of
 * one attachment - and do so for all groups before the next step looks at what is left.
 *
 * BEST_VGW (AWS VPNRoutingTypes and Direct Connect routing; design 4):
 *   0 feasible; own fragments only when nothing else is left   5 AS path length
 *   1 local origin                                             6 MED within one neighbor AS
 *   2 local preference, where policy sets it                   7 same attachment: outside address
 *   3 DX, static VPN, BGP VPN                                  8 router id
 *   4 DX: community 7224:7300, 7200, 7100                      9 peer address
 * Age never counts. Not documented by AWS, therefore assumptions: 7, 8, 9. Local origin comes first
 * because a preference is for choosing among what others say: FRR and Cisco IOS have a weight of
 * 32768 for it, BIRD and Junos another table's preference, and in a VPC the local route wins.
 *
 * BEST_RFC4271: 0, local origin, local preference, AS path length, origin, MED, external before
 * internal, router id, peer address (9.1.2.2 a to g; the interior cost is not known here).
 *
 * BEST_FRR (also Cisco IOS): as RFC 4271, but among external paths the oldest before router id. */
#pragma once

#include "rib/attr.h"
#include "rib/reason.h"
#include "rib/source.h"

enum best_rules { BEST_VGW, BEST_RFC4271, BEST_FRR };

struct best_candidate {
    const struct attr_facts *attr;
    const struct source *source;
    struct source_id source_id;
    uint32_t arrival; /* larger: later; only differences within one prefix count */
    uint8_t why;      /* set: REASON_BEST, or REASON_LOST_... */
    bool compared;    /* best_choose's own */
};

/* Index of the best one; every candidate's why is set. count >= 1; all are feasible; no two have
 * the same source. Cost: linear in count for each step, for MED and outside addresses also in the
 * number of groups. */
uint32_t best_choose(enum best_rules rules, struct best_candidate *candidates, uint32_t count);

/* "Age" of path a relative to b under wrap-around of the counter. */
static inline bool best_earlier(uint32_t left, uint32_t right)
{
    return (int32_t)(left - right) < 0;
}

/* The preference that is compared: LOCAL_PREF, or 100. From an external neighbor none is taken (RFC
 * 4271 5.1.5), so there it is what the import policy has put in. */
uint32_t best_local_pref(const struct best_candidate *candidate);
