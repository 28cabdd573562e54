/* A router's table: of all who offer a way to a prefix, whose way is taken.
 *
 * This is the second of the three decisions that lie on a route's way (design 4): not BGP's choice
 * among paths, not the VPC's precedence, but what `show ip route` shows. Candidates of one prefix
 * compete by the platform's order, here BGP's [20] beats DHCP's [210] and the incident happens.
 *
 *     table_set/table_remove/table_interface -> table_settle -> table_take_change*
 *
 * A candidate is known by (prefix, source, tag). It names an interface, a next hop, or both, or it
 * discards, or it is the router itself. It is *eligible* when its way ends at an interface that is
 * up: with an interface of its own the next hop is on the link; without one the next hop is looked
 * up in this same table, longest prefix first, through the chain, at most TABLE_DEPTH_MAX deep.
 * A next hop whose chain returns to a prefix it started from is not resolved; as in zebra's
 * nexthop_active the search stops there, save for host routes, which look past themselves. A prefix
 * without an eligible candidate is as if absent, for lookups and for resolution.
 *
 * Invariants: the result of a settled table is a function of its candidates (the age of equals
 * included), its interfaces and its profile, never of the order of settling; each chain is
 * searched afresh from its own beginning, so a loop of next hops is cut the same way always. What
 * was told by table_take_change and what is still to be told together lead from the empty table to
 * the settled one. An idle table has allocated nothing.
 *
 * Cost: each distinct next hop is resolved once per settle, and only when a prefix that holds one
 * has changed; prefixes that use it are looked at again only when its way changed. An interface
 * that goes up or down walks all candidates. The outer VRF of a router is a second table.
 *
 * Nothing here knows of time, of BGP or of the kernel: what changed is for the engine to tell. */
#pragma once

#include "base/digest.h"
#include "net/lpm.h"
#include "table/platform.h"

enum {
    TABLE_DEPTH_MAX = 8,  /* next hops in a chain; real networks need three */
    TABLE_VISIT_MAX = 256 /* prefixes looked at for one next hop: loops cost no more than this */
};

enum route_flag {
    ROUTE_DISCARD = 1,      /* blackhole, Null0; no next hop, no interface */
    ROUTE_ON_LINK_ONLY = 2, /* the next hop must be on a connected prefix (single-hop eBGP, and
                             * static routes where the platform says so) */
};

/* One candidate, by value. interface 0 and gateway 0 with ROUTE_LOCAL: the router itself. */
struct table_route {
    ip_addr gateway;    /* next hop as announced or configured; 0: none */
    uint32_t metric;    /* see platform_weigh */
    uint32_t tag;       /* the caller's: neighbor, configuration line; part of the identity */
    uint16_t interface; /* the caller's number; 0: not named */
    uint8_t source;     /* enum route_source; part of the identity */
    uint8_t distance;
    uint8_t flags; /* enum route_flag */
};

enum table_way_kind {
    TABLE_NOWHERE, /* no route */
    TABLE_OUT,     /* leaves through interface */
    TABLE_HERE,    /* the router's own address */
    TABLE_DROP,    /* discarded by a route that says so */
};

/* Where packets go. gateway 0 with TABLE_OUT: the destination itself is on the link. */
struct table_way {
    ip_addr gateway;
    uint16_t interface;
    uint8_t kind; /* enum table_way_kind */
};

/* The chosen candidate and its way; way.kind TABLE_NOWHERE: nothing chosen, route is zero. */
struct table_best {
    struct table_route route;
    struct table_way way;
};

struct table_change {
    struct prefix prefix;
    struct table_best old; /* as told last */
    struct table_best now;
};

/* Why a candidate stands where it stands. */
enum table_reason {
#define TABLE_REASON(id, name, sentence) TABLE_##id,
#include "table/table.def"
#undef TABLE_REASON
    TABLE_REASON_COUNT
};

const char *table_reason_name(enum table_reason reason);
const char *table_reason_sentence(enum table_reason reason);

struct table {
    const struct platform_profile *profile; /* borrowed for the table's life */
    struct budget *budget;
    struct lpm prefixes; /* prefix -> node */
    struct lpm hops;     /* next hop /32 -> hop */
    struct pool nodes;
    struct pool candidates;
    struct pool hop_pool;
    uint16_t *down; /* interfaces that are down, ascending */
    uint32_t down_count;
    uint32_t down_cap;
    uint32_t dirty_first, dirty_last;     /* nodes to look at */
    uint32_t changed_first, changed_last; /* nodes to tell of */
    uint32_t transit_first;               /* nodes on the way of some next hop */
    uint32_t dirty_count;
    uint32_t route_count; /* prefixes with a chosen candidate, as of the last settle */
    bool hops_stale;      /* a next hop may lead elsewhere */
};

/* chunk_shift: 3 for a router of a few routes, 10 and more for a hub (base/pool.h). */
void table_init(struct table *table, const struct platform_profile *profile, struct budget *budget,
                uint32_t chunk_shift);
void table_done(struct table *table);

/* Adds a candidate or replaces the one with the same (prefix, source, tag). An equal one changes
 * nothing and keeps its age; a changed one is the youngest of its equals. false: over budget, and
 * nothing changed. */
bool table_set(struct table *table, struct prefix prefix, const struct table_route *route)
    __attribute__((warn_unused_result));

/* Was it there? */
bool table_remove(struct table *table, struct prefix prefix, enum route_source source,
                  uint32_t tag);

/* Every interface is up until it is said to be down. false: over budget, nothing changed. */
bool table_interface(struct table *table, uint16_t interface, bool up)
    __attribute__((warn_unused_result));
bool table_interface_up(const struct table *table, uint16_t interface);

/* Looks at no more than node_limit prefixes (at least one) and returns how many are left; 0: at
 * rest. In between, lookups answer with what was settled last, and a prefix whose chosen candidate
 * was replaced or removed has no way until it is settled. */
uint32_t table_settle(struct table *table, uint32_t node_limit);

/* The next settled prefix whose result differs from what was told; false: none. Absolute: a prefix
 * that changed twice is told once, one that changed back is not told. */
bool table_take_change(struct table *table, struct table_change *ret_change);

/* Longest prefix with a way that contains addr. false: no route. */
bool table_match(const struct table *table, ip_addr addr, struct prefix *ret_prefix,
                 struct table_best *ret_best);

/* The result for exactly this prefix; false: it has none. */
bool table_find(const struct table *table, struct prefix prefix, struct table_best *ret_best);

/* In order of address, then length, the next prefix that has candidates, eligible or not;
 * at NULL: the first. false: the end. */
bool table_next(const struct table *table, const struct prefix *at, struct prefix *ret_prefix);

/* A candidate as explained: the first in order that is eligible is TABLE_CHOSEN; each other one
 * has the reason it lost, against the chosen one. way is its own, were it chosen. */
struct table_candidate {
    struct table_route route;
    struct table_way way;
    enum table_reason reason;
};

/* The candidates of a prefix in order of preference: index 0, 1, ...; false: no more. Explained
 * from the table as it is, by the code that settles it, so ask a settled table. */
bool table_candidate(const struct table *table, struct prefix prefix, uint32_t index,
                     struct table_candidate *ret_candidate);

/* The chain of a next hop for `explain`: the prefixes through which addr is resolved, at most cap,
 * from the first lookup to the connected one. ret_way is TABLE_NOWHERE when it is not resolved. */
uint32_t table_chain(const struct table *table, ip_addr addr, struct prefix *prefixes, uint32_t cap,
                     struct table_way *ret_way);

/* Candidates in order, results, interfaces that are down; not numbers of handles, not chunks. */
void table_digest(const struct table *table, struct digest *digest);
size_t table_size_bytes(const struct table *table); /* what it holds of its budget */

/* Recounts everything and follows every link; for tests and the engine's invariants. */
bool table_holds(const struct table *table);
