/* The export guard: no route may cut the tunnel it is announced through.
 *
 * The question: does the prefix cover any of our outside addresses used by any tunnel of the same
 * customer gateway? Any tunnel of the customer gateway, not only the one at hand (T02: two tunnels
 * that carry each other); covering, not being equal to the default (T03). If it does, the customer
 * gateway may route the tunnel's own packets into the tunnel.
 *
 * The guard holds a trie of endpoints. A prefix that covers no endpoint at all - nearly every one -
 * is free: guard_covers_any is one descent, and of an empty trie nothing. The engine asks when the
 * best path changes, and for the at most 33 prefixes above an endpoint when that comes or goes. */
#pragma once

#include "net/lpm.h"
#include "rib/reason.h"

/* A customer gateway's number is the engine's; not 0. */
struct cgw_id {
    uint16_t v;
};

enum guard_policy {
    GUARD_OFF,    /* platform aws: there is no guard */
    GUARD_HOLD,   /* not announced to the attachment; the default */
    GUARD_WARN,   /* announced and reported */
    GUARD_CARVE,  /* announced in pieces without the endpoints, where that is possible; else held */
    GUARD_REFUSE, /* held; and a request that would bring it about is answered with the finding */
};

struct guard {
    struct budget *budget;
    struct lpm endpoints; /* outside address /32 -> first struct guard_use */
    struct pool uses;     /* struct guard_use: an address used by a customer gateway */
    struct pool owners;   /* by customer gateway, its first use: an array */
};

void guard_init(struct guard *guard, struct budget *budget, uint8_t chunk_shift);
void guard_done(struct guard *guard);

/* One tunnel to the customer gateway uses our outside address. Counted: add as often as there are
 * tunnels, remove as often. false: budget. */
bool guard_endpoint_add(struct guard *guard, struct cgw_id cgw, ip_addr outside)
    __attribute__((warn_unused_result));
/* How many tunnels; 0: none. */
uint32_t guard_endpoint_count(const struct guard *guard, struct cgw_id cgw, ip_addr outside);
void guard_endpoint_remove(struct guard *guard, struct cgw_id cgw, ip_addr outside);

/* Does the prefix cover any endpoint? If not, nobody is excepted. */
bool guard_covers_any(const struct guard *guard, struct prefix prefix);

/* The endpoints that a prefix covers, by address, then customer gateway. Start with a zeroed
 * cursor. Safe while no endpoint is added or removed. */
struct guard_cursor {
    ip_addr outside;
    struct cgw_id cgw;
    bool started;
};
bool guard_covered_next(const struct guard *guard, struct prefix prefix,
                        struct guard_cursor *cursor);

struct guard_verdict {
    enum guard_policy action; /* GUARD_OFF: pass */
    enum reason reason;       /* REASON_NONE: pass; GUARD_HOLD, GUARD_WARN, GUARD_CARVE */
    ip_addr outside;          /* the lowest endpoint covered; 0 when it passes */
};

/* May the prefix be announced to an attachment of this customer gateway? Looks only at the customer
 * gateway's own endpoints, whatever the number of others. */
struct guard_verdict guard_export_judge(const struct guard *guard, struct cgw_id cgw,
                                        enum guard_policy policy, struct prefix prefix);

enum { GUARD_FRAGMENTS_MAX = 16 };

/* The pieces of the prefix that contain no endpoint of the customer gateway, by address: their
 * union with the endpoints is the prefix. 0: not possible - a default (the complement of a default
 * would beat static defaults that the default itself does not), or more than 16 pieces, or nothing
 * left. */
uint32_t guard_carve(const struct guard *guard, struct cgw_id cgw, struct prefix prefix,
                     struct prefix ret_fragments[GUARD_FRAGMENTS_MAX]);
