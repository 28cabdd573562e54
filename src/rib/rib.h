/* The routing information base of one gateway or router: what every source offers (Adj-RIB-In, RFC
 * 4271 3.2), what is chosen of it (Loc-RIB), and what has changed since somebody last asked.
 *
 * A round goes in strict phases, and the caller keeps their order:
 *
 *     rib_announce, rib_withdraw, rib_drop, rib_touch    any number; nothing is decided yet
 *     rib_settle                                         the changed prefixes get their best path
 *     ... rib_change_at: guard, tables, encoding ...     the batch is looked at
 *     rib_settled                                        it becomes the past
 *     rib_sweep                                          what nobody remembers is forgotten
 *
 * So a prefix that changes ten times between two rounds is decided once and told once.
 *
 * Storage. A prefix is a record of 16 bytes with a stable number; a hash finds the number, of IPv6
 * a trie, and there the record holds the handle of the address. Its
 * paths are a chain of records of 16 bytes, the chosen one first. Records lie in arrays in order of
 * arrival, so that walks (a lost session, a late neighbor) go through memory in order and routes
 * that came together leave together. A prefix without any path stays, dead, until no neighbor may
 * still have to be told (rib_sweep); meanwhile its number is not used again.
 *
 * Every path carries a byte that says why it is not used: refused by the import guard, or the step
 * at which it lost; written anew whenever its prefix is decided.
 *
 * An idle rib has allocated nothing. All memory comes from one budget; when it is used up,
 * announcing is refused (RIB_BUDGET), and nothing else ever is. */
#pragma once

#include "base/pool.h"
#include "net/lpm.h"
#include "rib/attr.h"
#include "rib/audience.h"
#include "rib/best.h"
#include "rib/reason.h"
#include "rib/source.h"

struct rib_config {
    enum best_rules rules;
    uint64_t secret;       /* of the hashes; random for each engine */
    uint32_t change_limit; /* changes in a batch at most; >= 16. Bounds the work of a round */
    uint8_t chunk_shift;   /* records in a chunk of paths or prefixes: 3..16 */
    uint8_t page_shift;    /* bytes in a page of attributes: 10..16 */
    uint8_t slot_shift;    /* sub-tables of a hash: 0..8 */
};

/* For thousands of gateways in one process, and for one that holds a million prefixes. */
extern const struct rib_config rib_config_small, rib_config_hub;

enum rib_result {
    RIB_ADDED,    /* a new path */
    RIB_REPLACED, /* the source's path has other attributes, or another reason, now */
    RIB_SAME,     /* nothing changed */
    RIB_REMOVED,
    RIB_ABSENT, /* withdrawn, but the source had no such path */
    RIB_FULL,   /* the list of changes is full: settle, then call again. Nothing changed */
    RIB_BUDGET, /* the budget refuses the path; nothing changed (RFC 4486: Cease 6/8) */
};

/* How many paths a source has. Gauges, but for the last. */
struct rib_counts {
    uint32_t accepted;  /* feasible paths */
    uint32_t refused;   /* kept with a reason */
    uint32_t best;      /* of the accepted: chosen, as of the last settle */
    uint32_t discarded; /* refused and only counted, since the source was last lost */
    uint32_t accepted_six, refused_six; /* of the first two, those of IPv6 */
};

struct rib_source {
    struct source source;
    struct rib_counts counts;
    uint32_t first; /* no path of the source is under a lower prefix number */
    /* of IPv4, of IPv6: */
    uint32_t held[2];       /* paths */
    uint32_t stale[2];      /* of those, of earlier generations: to be dropped, or said again */
    uint32_t drop_at[2];    /* the walk's next prefix number */
    uint8_t generation[2];  /* of paths announced now; wraps, but never while stale ones of it
                               exist */
    uint8_t generations[2]; /* that may have stale paths */
    bool used;
};

struct rib_path {
    uint32_t next; /* of the same prefix; 0: last */
    struct attr_id attr;
    uint32_t arrival;
    struct source_id source;
    uint8_t why;        /* enum reason */
    uint8_t generation; /* the source's, when it was announced */
};

enum rib_prefix_flag { /* above the eight bits of the length */
                       RIB_IN_USE = 1 << 8,
                       RIB_DIRTY = 1 << 9, /* in the list of changes; stamp is its place there */
                       RIB_DEAD = 1 << 10, /* no path left */
                       RIB_MANY = 1 << 11, /* more than one path */
                       RIB_HELD = 1 << 12, /* exceptions on export exist (adj_out.h) */
                       RIB_SIX = 1 << 13,  /* IPv6's */
};

struct rib_prefix {
    uint32_t addr;   /* of IPv6 its handle among the rib's six_addrs */
    uint32_t paths;  /* chain; the best one first, as of the last settle */
    uint32_t stamp;  /* batch that last changed it */
    uint16_t source; /* of the first path */
    uint16_t bits;   /* length, enum rib_prefix_flag */
};

struct rib_route {
    struct attr_id attr; /* 0: no route */
    struct source_id source;
};

/* One prefix's change in a batch. old is what the last batch left behind. */
struct rib_change {
    uint32_t number;
    uint32_t addr;           /* as in the record */
    struct attr_id old_attr; /* 0: there was no best path */
    struct attr_id new_attr; /* 0: there is none now */
    uint16_t old_source;
    uint16_t new_source;
    struct audience old_held; /* whom exceptions left before the batch: nearly always all */
    uint32_t stamp;           /* before the batch */
    uint8_t len;
    bool six;
    bool touched : 1;     /* by rib_touch: reported even if best is the same */
    bool held : 1;        /* the prefix has exceptions, or had some in this batch */
    bool old_unknown : 1; /* old_held could not be told for want of memory */
};

struct rib_six {
    ip_addr addr; /* of an IPv6 prefix */
};

struct rib {
    struct rib_config config;
    struct budget *budget;
    struct attr_store attrs;
    struct audiences audiences;
    struct slots slots;
    struct lpm six;            /* IPv6's prefixes -> number */
    struct pool six_addrs;     /* struct rib_six */
    struct pool prefixes;      /* struct rib_prefix; the handle is the prefix's number */
    struct pool paths;         /* struct rib_path */
    struct pool sources;       /* struct rib_source; the handle is its id */
    struct pool excepts;       /* struct rib_except, adj_out.h */
    struct slots except_slots; /* from prefix number to exceptions */
    struct pool changes;       /* struct rib_change; used as an array from 1 to change_count */
    uint32_t change_count;
    uint32_t settled_count; /* of the batch being looked at; 0: none */
    struct best_candidate *scratch;
    uint32_t scratch_cap;
    uint32_t arrivals;
    uint32_t batch; /* number of the last batch; serial arithmetic (rib_batch_after) */
    uint32_t live_count;
    uint32_t dead_count;
    uint32_t best_count; /* prefixes with a best path, as of the last settle */
    uint32_t sweep_at;   /* the sweep's next prefix number; 0: none under way */
    uint32_t sweep_told; /* what the last one was told */
};

void rib_init(struct rib *rib, struct budget *budget, const struct rib_config *config);
void rib_done(struct rib *rib);

/* -- sources -- */

/* id 0: budget, or 65,535 sources exist. */
struct source_id rib_source_add(struct rib *rib, const struct source *source);
const struct rib_source *rib_source_get(const struct rib *rib, struct source_id id);
/* Forgets a source without paths (asserted): after rib_drop has said that it is finished, and
 * rib_settled has passed. */
void rib_source_remove(struct rib *rib, struct source_id id);
/* Policy or router id has changed. The source's prefixes are decided anew when they change, so the
 * caller does this while it has no path (a new session), or touches them. */
void rib_source_change(struct rib *rib, struct source_id id, const struct source *source);

/* -- Adj-RIB-In -- */

/* The source offers the prefix with these attributes; an earlier offer is replaced. reason:
 * REASON_NONE when it is feasible, otherwise why the import guard refuses it: then it is kept and
 * never chosen. The rib takes a reference of its own. */
enum rib_result rib_announce_at(struct rib *rib, struct source_id source,
                                const struct prefix *prefix, struct attr_id attr,
                                enum reason reason) __attribute__((warn_unused_result));
static inline enum rib_result rib_announce(struct rib *rib, struct source_id source,
                                           struct prefix prefix, struct attr_id attr,
                                           enum reason reason)
{
    return rib_announce_at(rib, source, &prefix, attr, reason);
}
/* Refused, and too many are kept already: only counted. What was offered before goes, as below. */
enum rib_result rib_discard(struct rib *rib, struct source_id source, struct prefix prefix)
    __attribute__((warn_unused_result));
/* RIB_REMOVED, RIB_ABSENT or RIB_FULL. */
enum rib_result rib_withdraw_at(struct rib *rib, struct source_id source,
                                const struct prefix *prefix) __attribute__((warn_unused_result));
static inline enum rib_result rib_withdraw(struct rib *rib, struct source_id source,
                                           struct prefix prefix)
{
    return rib_withdraw_at(rib, source, &prefix);
}

/* The prefix is to be in the next batch though no path changes: its exceptions are to be judged
 * anew. RIB_SAME, RIB_ABSENT (it has no best path, so there is nothing to judge), RIB_FULL. */
enum rib_result rib_touch(struct rib *rib, struct prefix prefix)
    __attribute__((warn_unused_result));

/* Changes that may be made before the list is full. */
uint32_t rib_room(const struct rib *rib);
enum { RIB_HINTS = 64 };
/* Fetches the places in memory that announcing or withdrawing these prefixes will need, RIB_HINTS
 * at most: in a table of a million, waiting for it is most of the work, and to wait for many at
 * once takes hardly longer than for one. Only ever a hint; just before the operations. */
void rib_hint(const struct rib *rib, const struct prefix *prefixes, uint32_t count);

/* -- batches -- */

/* Decides every changed prefix. Returns how many have another best path than before or were
 * touched; the batch has the number rib->batch (a new one when there are any). */
uint32_t rib_settle(struct rib *rib);
/* index < what rib_settle returned. In order of first change. */
static inline struct rib_change *rib_change_at(const struct rib *rib, uint32_t index)
{
    return (struct rib_change *)pool_get(&rib->changes, index + 1);
}
void rib_settled(struct rib *rib);

/* Is batch number left later than right? Numbers wrap; what is more than 2^31 batches old may seem
 * new, which costs a redundant announcement and nothing else. */
static inline bool rib_batch_after(uint32_t left, uint32_t right)
{
    return (int32_t)(left - right) > 0;
}

/* Everybody has been told of all batches up to and including this one: dead prefixes that changed
 * no later may go. Looks at no more than limit records (0: only asks), and only when enough are
 * dead to be worth it. True: call again. */
bool rib_sweep(struct rib *rib, uint32_t told, uint32_t limit);
/* Are more than half of the numbers dead prefixes'? Then a sweep can wait no longer. */
bool rib_is_crowded(const struct rib *rib);

/* -- looking -- */

uint32_t rib_find(const struct rib *rib, struct prefix prefix); /* its number; 0: not there */
enum { RIB_COVERING_MAX = 129 };                                /* of IPv4's 33 */
/* The numbers of live prefixes that cover addr, shortest first. */
uint32_t rib_covering(const struct rib *rib, ip_addr addr, uint32_t ret_numbers[RIB_COVERING_MAX]);

static inline uint32_t rib_number_end(const struct rib *rib) /* all numbers are below it */
{
    return rib->prefixes.high + 1;
}

static inline const struct rib_prefix *rib_prefix_get(const struct rib *rib, uint32_t number)
{
    return (const struct rib_prefix *)pool_get(&rib->prefixes, number);
}

static inline struct prefix rib_stored_prefix(const struct rib *rib, bool six, uint32_t addr,
                                              uint8_t len)
{
    const struct rib_six *wide = six ? (struct rib_six *)pool_get(&rib->six_addrs, addr) : NULL;
    return (struct prefix){wide ? wide->addr : addr, len, six};
}

static inline struct prefix rib_prefix_of(const struct rib *rib, const struct rib_prefix *prefix)
{
    return rib_stored_prefix(rib, prefix->bits & RIB_SIX, prefix->addr, (uint8_t)prefix->bits);
}

static inline struct prefix rib_change_prefix(const struct rib *rib,
                                              const struct rib_change *change)
{
    return rib_stored_prefix(rib, change->six, change->addr, change->len);
}

/* Loc-RIB, as of the last settle; and what it were without the source's path, as of now. */
struct rib_route rib_best(const struct rib *rib, uint32_t number);
struct rib_route rib_best_without(const struct rib *rib, uint32_t number, struct source_id source);
/* And why the path of another source then is what it is; REASON_NONE: it takes no part. */
enum reason rib_why_without(const struct rib *rib, uint32_t number, struct source_id source,
                            struct source_id of);
uint32_t rib_stamp(const struct rib *rib, uint32_t number); /* the batch that last changed it */
/* The source's path; NULL when it has none. */
const struct rib_path *rib_path_of(const struct rib *rib, uint32_t number, struct source_id source);
/* The chain: first with at = NULL; NULL at its end. */
const struct rib_path *rib_path_next(const struct rib *rib, uint32_t number,
                                     const struct rib_path *at);

/* Live prefixes in canonical order (by address, then length), for dumps: up to cap numbers of those
 * after *after (NULL: from the start), ascending. Each call looks at every record once and needs no
 * memory but the caller's, so a large table wants a large cap. Returns how many; fewer than cap:
 * that was the end. */
uint32_t rib_next(const struct rib *rib, const struct prefix *after, uint32_t *ret_numbers,
                  uint32_t cap);
/* Of all paths with sources, attributes and reasons; the same whatever the order of arrival, the
 * secret and the numbers. Pending changes count as they stand. */
uint64_t rib_digest(const struct rib *rib);
/* Recounts everything and decides every prefix again, naively. NULL: all is as it should be;
 * otherwise what is not. Only without pending changes. */
const char *rib_audit(const struct rib *rib);
