/* A router, as what its engine is told when it boots, sorted by what a daemon's configuration wants
 * to know of it. Everything is borrowed from the world, which must outlive it. */
#pragma once

#include "world/world.h"

#include <stdio.h>

struct speaker_neighbor {
    const struct event_neighbor *said;
    const struct event_attachment *attachment;
    const struct event_filter *allowed; /* NULL: no allow-list */
    const struct event_filter *import;  /* NULL: everything passes */
    const struct event_filter *export;
    const struct route_edit *on_import; /* NULL: nothing is changed */
    const struct route_edit *on_export;
    const char *device; /* through which it is reached */
    bool paired;        /* both addresses are the hosts of one /30 */
    bool over_internet; /* which is a hop between the two in a lab: their provider's */
};

struct speaker {
    const struct node *node;
    uint32_t asn; /* 0: it speaks no BGP */
    uint32_t router_id;
    struct speaker_neighbor *neighbors;
    size_t neighbor_count;
    const struct event_announce **announced;
    size_t announced_count;
    const struct event_route **routes; /* all that BGP does not bring, in the file's order */
    size_t route_count;
};

/* The node is a router. */
struct speaker *speaker_of(const struct node *node) __attribute__((warn_unused_result));
void speaker_free(struct speaker *speaker); /* NULL is fine */

/* Who puts this route into the kernel's table. */
enum speaker_source {
    SPEAKER_DEVICE, /* an address of a device brings it */
    SPEAKER_DAEMON, /* the routing daemon, which has it as a static route */
    SPEAKER_KERNEL, /* somebody else, as a DHCP client does: the daemon finds it there */
};
enum speaker_source speaker_source_of(const struct speaker *speaker,
                                      const struct event_route *route);
const char *speaker_device(const struct speaker *speaker, uint16_t port); /* NULL: port 0 */
/* The distance that the daemon is told. */
uint8_t speaker_distance(const struct speaker *speaker, const struct event_route *route);
/* The metric that the kernel's route has. */
uint32_t speaker_metric(const struct speaker *speaker, const struct event_route *route);

/* Does the speaker exchange routes of this family with it? */
bool speaker_exchanges(const struct speaker_neighbor *neighbor, bool six);

/* Text of configurations: addresses, prefixes and communities (RFC 1997, "7224:7100"). */
void write_ip(FILE *out, ip_addr addr);
void write_prefix(FILE *out, struct prefix prefix);
void write_community(FILE *out, uint32_t community);
