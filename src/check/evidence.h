/* What the tables say at the moment at which a tunnel's own packets go into a tunnel: by which
 * route, who announced it, along which path, what it beat, and where the packets would have gone
 * otherwise. Read from the world as it stands; nothing is kept of it but indices and numbers. */
#pragma once

#include "check/parts.h"
#include "check/run.h"

enum { EVIDENCE_PATH_MAX = 64 }; /* AS numbers kept of a path */

/* By whom a gateway has a prefix. */
struct origin {
    int node;           /* the router, or the gateway itself for its VPC's; WORLD_NONE: unknown */
    int connection;     /* by which it came to the gateway; WORLD_NONE */
    int direct_connect; /* or by this; WORLD_NONE */
    bool is_static;     /* a static route of the connection */
    uint32_t as_path[EVIDENCE_PATH_MAX]; /* as the gateway has it */
    size_t as_path_count;
};

/* Who has told a router (or a VPC's table) a prefix. */
struct teller {
    int gateway;           /* node; WORLD_NONE: no gateway of the file */
    int connection;        /* towards the router; WORLD_NONE */
    uint16_t neighbor;     /* the router, in the gateway's engine; 0 */
    uint16_t own_neighbor; /* the gateway, in the router's engine; 0 */
};

struct evidence {
    int tunnel;
    int end;
    int router; /* whose packets they are */
    int into;   /* the tunnel that takes them */
    struct prefix prefix;
    enum evidence_turn {
        TURN_ROUTER, /* the router's own table leads them astray */
        TURN_TABLE,  /* a route table of a VPC does */
    } turn;
    bool by_next_hop;     /* a configured route is, whose next hop lies behind the prefix (T06) */
    struct prefix pinned; /* by_next_hop: that route */
    ip_addr next_hop;     /* and its next hop */
    bool by_bgp;          /* TURN_ROUTER: learned; else configured */
    bool is_static;       /* TURN_TABLE: a static route; else propagated */
    int vpc;              /* TURN_TABLE: its node */
    uint16_t table;       /* and table */
    struct teller teller;
    struct origin origin;
    uint32_t as_path[EVIDENCE_PATH_MAX]; /* as received where the turn is */
    size_t as_path_count;
    ip_addr underlay_via;   /* where the packets would go without the tunnels; 0: on the link */
    uint16_t underlay_port; /* 0: nowhere */
    bool by_distance;       /* the route won by distance against one of the same prefix */
};

/* false: the tunnel's packets are not swallowed as the world stands. hops: PATH_HOPS of the
 * caller's. */
bool evidence_take(const struct world *world, int tunnel, struct hop *hops,
                   struct evidence *ret_evidence, struct path *ret_path);

/* Of a gateway's best path for the prefix; false: it has none. */
bool evidence_origin(const struct world *world, int gateway, struct prefix prefix,
                     struct origin *ret_origin);
/* Who a router's neighbor is. */
struct teller evidence_teller(const struct world *world, int router, uint16_t neighbor);
/* The AS path of what the neighbor offers the router, however it was judged; 0: it offers none. */
size_t evidence_as_path(const struct engine *engine, uint16_t neighbor, struct prefix prefix,
                        uint32_t ret_as_path[EVIDENCE_PATH_MAX]);
/* The router's way to the address if no tunnel and no Direct Connect were there; port 0: none. */
uint16_t evidence_underlay(const struct node *router, ip_addr addr, ip_addr *ret_via);

/* -- in words -- */

/* Which tunnel it is: connection, router, gateway, outside address. */
void evidence_say_place(struct check *check, const struct world *world, int tunnel,
                        struct check_finding *finding);
void evidence_say_origin(struct check *check, const struct world *world,
                         const struct origin *origin, struct check_finding *finding);
/* Hop by hop, until the packet does again what it has done. */
void evidence_say_loop(struct check *check, const struct world *world, const struct path *path,
                       struct check_texts *ret_loop);
/* A candidate as `show ip route` has it; NULL when there is none of that index. */
const char *evidence_say_route(struct check *check, const struct world *world, int router,
                               struct prefix prefix, uint32_t index);
/* Fills the finding's route, beaten and why. */
void evidence_say_choice(struct check *check, const struct world *world,
                         const struct evidence *evidence, struct check_finding *finding);
