/* The peering of two VPCs that takes the place of a VPN connection between them.
 *
 * Where the customer gateway's router is an instance of another VPC, the two VPCs can be peered: no
 * tunnel is needed then, so none can swallow itself. A peering is not transitive. It carries what
 * goes from one of the two VPCs to the other, and nothing of what lies behind the gateway's other
 * attachments, be it a Direct Connect: who reached that through the tunnel does not reach it any
 * more. Overlapping ranges forbid it. */
#pragma once

#include "check/paste.h"
#include "check/reach.h"

/* Could a peering take the connection's place? Then which two VPCs: the gateway's and the router's.
 * false: the gateway has no VPC, the router is in none or in the same one, their ranges overlap, or
 * they are peered. */
bool peering_could_replace(const struct network *network, size_t connection, size_t *ret_near,
                           size_t *ret_far);

/* Peers them, leads both VPCs' route tables over the peering, and takes the connection away; the
 * indices of those behind it change. */
void peering_apply(struct network *network, size_t connection);

/* Is the pair one that went through the connection, and that no peering carries? The network is the
 * one before. */
bool peering_gives_up(const struct network *network, size_t connection,
                      const struct reach_pair *pair);

/* Where: at the VPC that the gateway is attached to; returns what, in one line. The lines for it.
 */
const char *peering_introduce(struct paste *paste, size_t connection);
void peering_paste(struct paste *paste, size_t connection);
