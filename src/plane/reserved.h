/* What only one gateway may have in an outer namespace, and which other sekishod has it.
 *
 *     an outside address   two gateways would lead its packets to themselves, the later one last
 *     IKE's two ports      of the kernel's plane, whose daemon takes them for all addresses; of two
 *                          that have them one hears everything, and the other nothing
 *
 * Each is a claim (plane/claim.h), so that of two which start together one has it, and nothing is
 * held by whoever was killed. Namespaces are told apart by their numbers. */
#pragma once

#include "plane/plane.h"
#include "plane/trouble.h"

struct reserved;

/* folder: where claims are. NULL: no memory. Files that killed ones have left go. */
struct reserved *reserved_create(const char *folder, const char *gateway);

/* The tunnel's address shall be this one, of the namespace that we are in; tunnels of a gateway may
 * share it. 0: none. False: another gateway has it, after waiting so long for one that may be about
 * to leave; the tunnel keeps what it had. */
bool reserved_take(struct reserved *reserved, const char *tunnel, ip_addr outside, int wait_ms,
                   struct trouble *ret_trouble) __attribute__((warn_unused_result));
/* Those of all tunnels. False: of one, and others may have been taken. */
bool reserved_take_all(struct reserved *reserved, const struct plane_tunnel *tunnels, size_t count,
                       int wait_ms, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
void reserved_drop(struct reserved *reserved, const char *tunnel);
/* It was taken for the tunnel, and that keeps it. */
bool reserved_has(const struct reserved *reserved, const char *tunnel, ip_addr outside);

/* IKE's ports, until it leaves. */
bool reserved_ports(struct reserved *reserved, int wait_ms, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* All go. NULL is fine. */
void reserved_leave(struct reserved *reserved);
