/* The tables of a world as lists of routes, each with what became of it and why.
 *
 * A view is one table: a router's or an instance's, a gateway's paths, one route table of a VPC.
 * Whatever its kind, it answers with values of one type, so that tables of three kinds can stand
 * side by side and a prefix can be asked of all of them. Every answer is had from the functions
 * that decided (table_candidate, the RIB's chain of paths, vpc_next); nothing is decided here. */
#pragma once

#include "world/world.h"

enum { VIEW_NAME_BYTES = 160 };
enum view_kind { VIEW_ROUTER, VIEW_GATEWAY, VIEW_VPC };

struct view {
    enum view_kind kind;
    int node;                   /* VIEW_VPC: the VPC */
    uint16_t table;             /* VIEW_VPC: its route table */
    char name[VIEW_NAME_BYTES]; /* the node's; the table's, behind its VPC's where two have it */
};

struct views {
    struct view *items;
    size_t count, cap;
};

/* Everything that has a table, in the world's order: VPCs' route tables first, then gateways, then
 * routers and instances. */
void views_all(const struct world *world, struct views *ret_views);
/* Adds those that a name means: a node, a VPC (all its route tables), a route table. false: none.
 */
bool views_add_named(const struct world *world, const char *name, struct views *views);
void views_done(struct views *views);

const char *view_kind_name(enum view_kind kind); /* "router", "gateway", "route-table" */
/* false: it is down, or its gateway is; then it holds nothing. */
bool view_is_up(const struct world *world, const struct view *view);

/* One route of a table. Pointers are the engine's: valid until it steps. */
struct view_route {
    struct prefix prefix;
    bool chosen;           /* the table's choice for this prefix */
    bool used;             /* and packets take it: the kernel holds it, the VPC's target is there */
    const char *why;       /* name of the reason: "best", "lower-med", "distance", "over-limit" */
    const char *sentence;  /* no capital, no full stop */
    const char *reference; /* RFC section and the like; may be empty */
    int64_t since_us;      /* router: in the kernel since then; -1: it is not there */

    struct table_candidate candidate; /* VIEW_ROUTER */

    const struct rib_path *path; /* VIEW_GATEWAY */
    bool stale;                  /* kept from before a restart, or before a refresh */
    const struct source *source;
    uint16_t neighbor; /* whose path it is; 0: none's. VIEW_ROUTER: of a BGP route, too */

    struct vpc_route vpc; /* VIEW_VPC */
};

struct view_routes {
    struct view_route *items; /* by prefix, then in the table's order of preference */
    size_t count, cap;
};

/* All routes, or those of exactly one prefix. */
void view_list(const struct world *world, const struct view *view, const struct prefix *only,
               struct view_routes *ret_routes);
void view_routes_done(struct view_routes *routes);

/* What a router's BGP was offered for a prefix: its RIB's paths, as of a gateway's view. Nothing
 * for a node without BGP. */
void view_list_paths(const struct world *world, int node, const struct prefix *only,
                     struct view_routes *ret_routes);
