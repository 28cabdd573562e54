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
    bool asked;   /* false: there is no such namespace, or it is IPv6 */
    bool idle;    /* the caller's: not asked this time */
    bool arrived; /* by the last echo_collect */
};

struct echo;

/* The ways are borrowed, and answered in place. */
struct echo *echo_create(const struct lab_running *lab, const struct world *world,
                         struct echo_way *ways, size_t count) __attribute__((warn_unused_result));
void echo_destroy(struct echo *echo); /* NULL is fine */

/* A packet on each way. What comes is kept by the sockets, so nobody has to wait here. */
void echo_send(struct echo *echo);
/* What has arrived of those that were sent last. */
void echo_collect(struct echo *echo);
/* Both, and in between at most so long, less when all have arrived. */
void echo_ask(struct echo *echo, int wait_ms);
