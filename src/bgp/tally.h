/* How many messages of each kind a session has heard and said, for questions. What is said is
 * counted as it leaves, in the bytes themselves: a message costs one addition, a route nothing. */
#pragma once

#include "base/slice.h"
#include "wire/bgp_message.h"

enum { BGP_KINDS = BGP_ROUTE_REFRESH + 1 }; /* by enum bgp_type, from 1 on */

struct bgp_tally {
    uint64_t heard[BGP_KINDS];
    uint64_t said[BGP_KINDS];
};

/* Whole messages that leave; back: they were taken back unsent. */
void tally_said(struct bgp_tally *tally, struct slice messages, bool back);

/* "open", "update", "notification", "keepalive", "refresh". */
const char *bgp_type_word(enum bgp_type type);

/* What a NOTIFICATION's code and subcode are called in their RFCs; NULL: they have no name. */
const char *bgp_notice_name(uint8_t code, uint8_t subcode);
