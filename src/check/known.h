/* What a gateway knows, and what hangs on it: look-ups in a world as it stands. */
#pragma once

#include "check/evidence.h"

struct known {
    struct prefix *items; /* ascending; without what is its VPC's own */
    size_t count;
};

/* NULL: the node is down, or speaks no BGP. */
const struct rib *known_rib(const struct node *node);
/* Numbers of all prefixes that somebody offers, ascending by prefix. The array is the answer's. */
uint32_t known_numbers(struct check *check, const struct rib *rib, uint32_t **ret_numbers);
/* The prefixes for which the node has a best path from somebody else. The list is the answer's. */
void known_take(struct check *check, const struct node *gateway, struct known *ret_known);
/* Does the node have a best path, its own or another's, for a prefix that covers this one? */
bool known_covers(const struct node *gateway, struct prefix prefix);

/* An attachment of a gateway: a VPN connection or a Direct Connect. */
struct site {
    const char *id;
    int gateway;
    int router;
    int connection;     /* WORLD_NONE: it is a Direct Connect */
    int direct_connect; /* WORLD_NONE: it is a connection */
    bool is_static;
};

/* All attachments in the file's order, connections first. Count from 0; false: no more. */
bool site_next(const struct world *world, size_t at, struct site *ret_site);

uint16_t site_attachment(const struct world *world, const struct site *site); /* the gateway's */
/* By which attachment of the gateway, whose RIB holds the path, it came; false: by none. */
bool site_of_path(const struct world *world, int gateway, const struct rib_path *path,
                  struct site *ret_site);

/* What the file says of a node that is a router; NULL: it is none, or nothing is said. */
const struct network_router *known_router(const struct network *network, const struct world *world,
                                          int node, int32_t *ret_index);
/* Has the router ever announced the prefix, by its configuration or in the story? */
bool known_announces(const struct network *network, int32_t router, struct prefix prefix);
/* The next private AS number behind this one that nobody in the network has; 0: all are taken. */
uint32_t known_free_asn(const struct network *network, const struct world *world, uint32_t behind);
