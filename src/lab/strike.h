/* What fails in a lab, and comes back: programs, lines, packets. */
#pragma once

#include "lab/running.h"
#include "network/network.h"

/* Every program of the node is killed, as by a power cut; what its daemons had put into the kernel
 * goes, and nothing passes it until it is started. */
bool strike_kill(struct running_node *node, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Nothing passes the machine, not even its kernel's farewells to connections; or everything again.
 */
bool strike_isolate(const struct running_node *node, bool on, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Packets of this device (NULL: any), or from and to this address (0: any), are dropped in the
 * namespace, or no longer: each of these silences ends for itself. */
bool strike_silence(const char *space, const char *device, ip_addr peer, bool on,
                    struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Both ends of a line. */
bool strike_line(const struct lab_running *lab, const struct running_link *link, bool up,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The customer's strongSwan takes the tunnel down and begins it anew. */
bool strike_renew(const struct running_node *router, const char *tunnel,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* A BGP session of the router's is reset at its end. */
bool strike_session(const struct running_node *router, uint16_t neighbor, ip_addr peer,
                    struct trouble *ret_trouble) __attribute__((warn_unused_result));
/* No packet of BGP from and to this address passes the namespace, or again. */
bool strike_mute(const char *space, ip_addr peer, bool on, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
