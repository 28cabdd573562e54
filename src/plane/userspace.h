/* The userspace plane: a kernel that has TUN and nothing else will do. Each tunnel has a charon
 * with libipsec in a namespace of its own (plane/endpoint.h), because one charon with libipsec
 * cannot hold two tunnels of 0.0.0.0/0.
 *
 * From wanted to up:
 *
 *     ground     namespace, pair, addresses, routes        endpoint_make
 *     charon     adopted, or started                       charon_start, READY
 *     device     its TUN moved inside, a decoy left        endpoint_move
 *     dressed    addresses, MTU, up                        inner_dress
 *     told       the connection and its key                charon_go
 *     open       the outside address is the endpoint's     endpoint_open
 *
 * What goes wrong on the way, or later (a TUN deleted, a namespace, charon killed), is found by
 * looking once in CARRIER_REPAIR_MS and after each event, and the way is gone again from where it
 * broke.
 *
 * Five times a second it is looked how far a charon is behind with what it has taken from its
 * device (plane/pressure.h), because libipsec's queue has no bound of its own. */
#pragma once

#include "plane/carrier.h"
