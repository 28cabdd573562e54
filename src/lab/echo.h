/* Who reaches whom in a running lab, asked by packets: an ICMP echo request is sent from one node
 * with the source that is said, and counts as arrived when the other node has it (RFC 792). Each
 * direction is a way of its own, so it can be told in which one a packet is lost.
 *
 * Only IPv4 is asked. */
#pragma once

#include "lab/running.h"

struct echo_way {
    int from, to; /* nodes of the world */
    ip_addr src, dst;
    bool asked; /* false: there is no such namespace, or it is IPv6 */
    bool arrived;
};

/* Sends all at once and waits at most wait_ms, less when all have arrived. */
void echo_ask(const struct lab_running *lab, const struct world *world, struct echo_way *ways,
              size_t count, int wait_ms);
