/* The keeper: the process that makes tunnels, forked from sekishod before that lowers its
 * privileges (docs/decisions/0009; plane/orders.h has what the two say to each other).
 *
 * What it keeps: root's identity without its powers, but CAP_NET_ADMIN (devices, routes, nftables,
 * charon's SAs), CAP_SYS_ADMIN (namespaces), CAP_KILL (ending what it started), and what charon
 * needs to start, which is its child: CAP_NET_BIND_SERVICE and CAP_NET_RAW (ports 500 and 4500),
 * CAP_CHOWN (its VICI socket). No core files, no new privileges. Its system calls are not
 * filtered: charon would inherit the filter.
 *
 * It speaks with nobody but the gateway's process, charon over a socket that only root may open,
 * and the kernel. SIGINT, SIGTERM, SIGHUP and SIGQUIT mean the gateway, which tells it what to
 * do. What the gateway may want of it is plane/permit.h's. */
#pragma once

#include "plane/permit.h"

#include <sys/types.h>

/* outer: the namespace where IKE and ESP packets are, a name or a path; NULL: ours. pools: of
 * outside addresses (plane/permit.h); NULL: none. Both are the command line's, which the gateway's
 * process cannot change any more. The child never returns. Its pid, for the caller to wait for when
 * he has closed his end, or a negative errno: it could not be had. ret_fd: the gateway's end,
 * blocking. */
int keeper_fork(const char *outer, const struct permit_pools *pools, int *ret_fd)
    __attribute__((warn_unused_result));

/* The child's life: orders from fd until it ends or everything is taken down. Its exit status. */
int keeper_live(int fd, const char *outer, const struct permit_pools *pools);
