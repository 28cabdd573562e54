/* Who announced a propagated route? A route table does not say it; the telemetry of a VPN
 * connection says only how many routes the gateway accepted there. This is the reckoning with what
 * both allow: for each prefix the set of attachments that can have announced it, and one choice
 * among them that keeps to all counts.
 *
 * The choice, where the counts leave one: an attachment first gets what lies in ranges known to be
 * behind it, then prefixes that nobody has yet go to the first attachment with room, the default
 * last; then counts that are not reached are filled with prefixes that others announce, too. An
 * attachment without a count (a Direct Connect) comes last and has room for anything. */
#pragma once

#include "net/ip.h"

#include <stddef.h>

struct announcer {
    int64_t accepted;           /* -1: not known */
    const struct prefix *known; /* ranges behind it, borrowed; NULL: none known */
    size_t known_count;
    bool *announces; /* out: of each prefix; the caller's, as many as there are prefixes, false */
    size_t given;    /* out: how many it announces */
};

enum announced {
    ANNOUNCED_CERTAIN, /* by exactly those that are chosen */
    ANNOUNCED_CHOSEN,  /* others can be it, or be it as well */
    ANNOUNCED_BEYOND,  /* the counts leave nobody; whoever is chosen says more than its count */
    ANNOUNCED_NOBODY,  /* there is nobody who could */
};

/* ret_how and ret_can: for each prefix what is known of it, and how many can have announced it. */
void announcers_judge(const struct prefix *prefixes, size_t prefix_count,
                      struct announcer *announcers, size_t announcer_count, enum announced *ret_how,
                      size_t *ret_can);
/* Can it have announced anything at all? */
bool announcer_can(const struct announcer *announcer);
