/* From a network file to a world: nodes, ports, addresses, tunnels, and what each engine is told
 * when it boots. Nothing runs here. The world borrows from the network (AS paths, filters): the
 * network must outlive it.
 *
 * What the file leaves out is filled in as AWS or the platform would: an instance's default route
 * by DHCP through its subnet's first host, a router's connected prefix of 24 bits on the Internet,
 * a VGW's ASN. What cannot be known is an assumption of the answer (build_assumptions). */
#pragma once

#include "network/network.h"
#include "world/world.h"

/* Never fails on a network that network_parse accepted. */
struct world *network_build(const struct network *network) __attribute__((warn_unused_result));

/* Where in the world the thing is that a reference names. Fields that do not apply are -1. */
struct build_place {
    int node; /* router, gateway, instance, VPC */
    int connection;
    int part; /* of the connection: 0 or 1; -1: all of it */
    int direct_connect;
};

struct build_place build_find(const struct world *world, const struct network *network,
                              const struct network_ref *ref);

/* An announcement as the event that makes an engine say it; arrays are borrowed from the network.
 */
void build_announcement(const struct network_announcement *announcement, struct event *ret_event);

/* What a `configure` step tells which engines; the world keeps what the events borrow. */
struct build_changes {
    struct build_change_item {
        int node;
        struct event event;
    } * items;
    size_t count;
};

void build_change(struct world *world, const struct network *network,
                  const struct network_step *step, struct build_changes *ret_changes);
void build_changes_done(struct build_changes *changes);
