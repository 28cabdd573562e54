/* A router's routing daemons: which it is run by, their configurations, and how they are started.
 *
 * vyatta, vyos, frr and linux are FRR's; bird is BIRD's, as are the far sides of Direct Connects
 * and providers of which the file says no platform. A router without BGP that needs no static
 * routes but the kernel's own has none. */
#pragma once

#include "lab/running.h"

enum router_kind {
    ROUTER_NONE, /* it needs no daemon */
    ROUTER_FRR,
    ROUTER_BIRD,
    ROUTER_SEKISHOD, /* in the customer's role */
    ROUTER_UNKNOWN,  /* no daemon here behaves like it: IOS, Junos */
};

enum router_kind router_kind_of(const struct world *world, int node);

/* Writes the configurations into the node's folder, which is there, and adds its daemons; none is
 * started. */
bool router_prepare(const struct world *world, int node, struct running_node *running,
                    struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The user whom FRR's daemons become: false when the machine has none. */
bool router_frr_user(unsigned *ret_user, unsigned *ret_group);
