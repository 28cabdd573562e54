/* The ways to the far ends of a customer gateway's tunnels, nailed to the underlay.
 *
 * A gateway's tunnels are safe because outer packets are looked up in a table that no learned route
 * stands in. A customer gateway that lives in one table, as routers do, is not: its neighbor may
 * announce a default, or the very address that the tunnel goes to, and the tunnel's packets would
 * enter the tunnel. So each far end has a host route of its own, in a table of its own that is
 * asked before the main one:
 *
 *     116: from all lookup 1592736118      a number that follows from the gateway's name
 *     203.0.113.1 via 198.51.101.1 dev eth0 proto 116
 *
 * Where to is the most specific route to the far end in the main table that leads into no tunnel of
 * the gateway's; it is looked for anew whenever a device, an address, a route or a rule changes, so
 * the way follows DHCP. Without such a route the far end is unreachable, which is told: better no
 * packet than one that goes in circles. What is in a table of another protocol than ours is nobody
 * we touch; nothing is ever put into the main one.
 *
 * IPv4, as are all outside addresses. A route with several next hops is followed by its first. */
#pragma once

#include "plane/plane.h"
#include "plane/routes.h"

#include <uv.h>

enum {
    PINS_MAX = 512,
    PINS_PRIORITY = 116,
    PINS_GATHER_MS = 20, /* what changes meanwhile is looked at together */
};

struct pin_way {
    bool there; /* false: nothing leads there but a tunnel */
    uint32_t index;
    ip_addr gateway; /* 0: on the link */
    ip_addr source;  /* preferred; 0: the kernel's choice */
};

/* The best of what leads to `far`; indices are those of the gateway's own tunnels. */
struct pin_way pin_choose(const struct rtnetlink_route *routes, size_t count, ip_addr far,
                          const uint32_t *tunnels, size_t tunnel_count);

struct pins_ears {
    void *of;
    /* device "": there is no way. Told when it is another one than before. */
    void (*pinned)(void *of, const char *tunnel, ip_addr far, const char *device, ip_addr gateway);
    void (*trouble)(void *of, const char *sentence); /* what the kernel refused; tried again */
};

struct pins;

uint32_t pins_table(const char *gateway);

/* Of the namespace that we are in. NULL: it cannot be watched. Nothing is changed yet. */
struct pins *pins_create(uv_loop_t *loop, const char *gateway, const struct pins_ears *ears,
                         struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* When it returns, packets to the far end go that way or nowhere; unless it is said that the kernel
 * refused. far 0: whoever comes, and there is nothing to pin. */
void pins_want(struct pins *pins, const char *tunnel, ip_addr far);
void pins_unwant(struct pins *pins, const char *tunnel);
/* All that is wanted was said: what an earlier one has pinned besides goes. */
void pins_settled(struct pins *pins);
/* All pins go, and the rule. */
void pins_clear(struct pins *pins);
/* The same for a gateway that has no pins: what an earlier one of it left. */
void pins_sweep(const char *gateway);
/* They stay as they are; NULL is fine. The loop runs once more. */
void pins_leave(struct pins *pins);
