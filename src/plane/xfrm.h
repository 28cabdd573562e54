/* The plane of the kernel's ESP: one charon in the outer namespace, and for each tunnel an XFRM
 * interface with a number of its own (if_id), made in the outer namespace and moved into the inner
 * one. States and policies stay outside with the outer packets; what a route of the inner namespace
 * sends through the device is looked up there.
 *
 * Outside addresses are the outer namespace's own: one that it does not have is put on its loopback
 * device as a /32, labeled as the gateway's, and is taken away with its last tunnel. Who routes
 * them here is the operator.
 *
 * One charon, because UDP's two ports of a namespace are one daemon's. Its give-up time for a dead
 * peer (charon.retransmit_*) is one for all IKEv2 SAs: that of the first tunnel when it was
 * started. How often a peer is asked is each tunnel's own. A tunnel that wants another give-up time
 * is carried all the same, and told of by name and with what it gets: a gateway with twenty
 * customers is not refused for one of them. The userspace plane has a charon for each tunnel. */
#pragma once

#include "plane/carrier.h"

/* In the namespace that we are in nobody else has IKE's ports; the daemon that an earlier keeper of
 * the gateway has left may. */
bool xfrm_is_free(const char *gateway, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The number of a tunnel's interface: of both names, so that it is the same after a restart, and of
 * two gateways on one machine another. Never 0. */
uint32_t xfrm_number(const char *gateway, const char *tunnel);
