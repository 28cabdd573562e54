/* A customer gateway's end of a tunnel, run by a stock strongSwan: its endpoint's namespace, a
 * charon in it, and charon's device in the router's own namespace, under the name that the world
 * has for it.
 *
 * One charon for each tunnel, because libipsec cannot hold two tunnels for all addresses. When a
 * charon ends, its device goes with it; who starts it again (site_start, site_place) makes the
 * device anew. */
#pragma once

#include "lab/plan.h"
#include "lab/running.h"
#include "lab/swanctl.h"
#include "network/network.h"

struct site {
    struct swanctl_tunnel tunnel;
    char router[NAME_SPACE_BYTES]; /* namespaces */
    char endpoint[NAME_SPACE_BYTES];
    char device[NAME_DEVICE_BYTES]; /* in the router's */
    uint32_t table;                 /* the router's, that its packets ask */
    struct charon_folder folder;
};

/* Of plan->sites[index]; the network's key must be there. folder: the router's. */
bool site_of(const struct lab_plan *plan, const struct network *network, size_t index,
             const char *folder, struct site *ret_site, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Writes its files and says how its charon is started; the daemon is empty before. */
bool site_prepare(const struct site *site, struct running_daemon *daemon,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* What a charon before this one has left where the next one wants to be. */
void site_clear(const struct site *site);

/* charon answers: its device goes to the router. Waits wait_ms for it at most. */
bool site_place(const struct site *site, const struct running_daemon *daemon, int wait_ms,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Does the router's own table have a way to the gateway? What is sent before is sent again much
 * later. */
bool site_has_way(const struct site *site);

/* Where the customer begins: once more, for a gateway that was not ready is not asked again. */
void site_ask(const struct site *site, const struct running_daemon *daemon);

/* charon is told what it is for, and begins. */
bool site_load(const struct site *site, const struct running_daemon *daemon,
               struct trouble *ret_trouble) __attribute__((warn_unused_result));
