/* Summaries of what a router announces: two prefixes that are the halves of one become that one, as
 * long as there are such. They hold the same addresses, no more and no fewer. What says more than
 * its prefix (an AS path, a MED, communities) stays as it is. */
#pragma once

#include "network/network.h"

/* How many prefixes the router would announce, and were seen of it, when they are put together. */
size_t network_summary_count(const struct network *network, size_t router);
/* Those summaries that it does not announce now, ascending. The array is the caller's (free); NULL
 * and 0: it has none. */
struct prefix *network_summaries(const struct network *network, size_t router, size_t *ret_count);
/* It announces them instead of what they are made of. */
void network_summarize(struct network *network, size_t router);
