/* What the kernel shall hold, what it said it holds, and the difference.
 *
 * Two types of truth, never mixed: a *wanted* entry is a function of the tables; a *reported* entry
 * is what the kernel (or the simulated world) said. Both are struct fib_entry, and lie in places of
 * their own. The difference is a list of absolute operations, "this entry shall be so" and "this
 * entry shall not be", each of which may be repeated, lost or done twice without harm: a lost one
 * shows as a difference again as soon as it is asked anew.
 *
 *     table_take_change -> fib_want/fib_unwant -> fib_next_difference -> effect -> the kernel
 *                                                       ^                            |
 *                                                       +---- fib_report/fib_absent -+
 *
 * In the kernel an entry is known by (prefix, metric), so several may stand side by side; we want
 * one a prefix. Only entries with our protocol number are ours: we neither change nor remove
 * another's, and where another's stands at the prefix and metric that we want, the difference is
 * blocked and says so, rather than fought over.
 *
 * An operation is handed out once: then it is asked for, and is handed out again only when what is
 * wanted changes, when a report that came after its confirmation contradicts it, or after
 * fib_ask_again (an effect was refused, or nothing came back in time). A report on the way while a
 * put is asked for is older than the put and repeats nothing. At rest, for each prefix without a
 * block, wanted equals reported.
 *
 * A dump after a restart: fib_dump_begin, fib_report for each entry, fib_dump_end; what the dump
 * did not name is not there, and whatever differs then is asked for again. An interrupted dump is
 * begun again. */
#pragma once

#include "base/digest.h"
#include "net/lpm.h"

/* rtm_protocol values above RTPROT_STATIC (4) are not interpreted by the kernel
 * (rtnetlink(7), linux/rtnetlink.h); 115 is used by no daemon of /etc/iproute2/rt_protos. */
enum { FIB_PROTOCOL = 115 };

enum fib_kind {
    FIB_UNICAST,
    FIB_BLACKHOLE,
};

struct fib_entry {
    struct prefix prefix;
    ip_addr gateway;    /* on the link; 0: the destination itself is */
    uint32_t interface; /* the caller's number or the kernel's index; 0 with FIB_BLACKHOLE */
    uint32_t metric;    /* the kernel's priority; with the prefix the entry's identity */
    uint8_t kind;       /* enum fib_kind */
    uint8_t protocol;   /* rtm_protocol; wanted entries are always FIB_PROTOCOL */
};

static inline bool fib_is_ours(const struct fib_entry *entry)
{
    return entry->protocol == FIB_PROTOCOL;
}

enum fib_verb {
    FIB_PUT,    /* NLM_F_CREATE | NLM_F_REPLACE */
    FIB_REMOVE, /* the entry of ours with this prefix and metric */
};

struct fib_op {
    struct fib_entry entry;
    uint8_t verb; /* enum fib_verb */
};

struct fib {
    struct budget *budget;
    struct lpm prefixes;
    struct pool nodes;              /* one a prefix: what is wanted */
    struct pool reported;           /* one a prefix and metric */
    uint32_t open_first, open_last; /* prefixes to compare */
    uint32_t dump;                  /* number of the dump being read */
    uint32_t wanted_count;
    uint32_t reported_count; /* ours and others' */
    uint32_t blocked_count;
    bool dumping;
};

void fib_init(struct fib *fib, struct budget *budget, uint32_t chunk_shift);
void fib_done(struct fib *fib);

/* This entry shall be there, in place of any other wanted for its prefix. Its protocol is ignored.
 * false: over budget, nothing changed. */
bool fib_want(struct fib *fib, const struct fib_entry *entry) __attribute__((warn_unused_result));
bool fib_unwant(struct fib *fib, struct prefix prefix); /* was it wanted? */

/* The kernel holds this entry, ours or another's. false: over budget; then read a dump later. */
bool fib_report(struct fib *fib, const struct fib_entry *entry) __attribute__((warn_unused_result));
bool fib_absent(struct fib *fib, struct prefix prefix, uint32_t metric); /* was it known? */

void fib_dump_begin(struct fib *fib);
void fib_dump_end(struct fib *fib);

/* At most cap (at least 1) operations, a prefix's put before its removals, to be done in this
 * order; returns how many. Fewer than cap: there are no more until something changes. */
uint32_t fib_next_difference(struct fib *fib, struct fib_op *ops, uint32_t cap);

void fib_ask_again(struct fib *fib); /* whatever still differs is handed out again */

bool fib_wanted(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_entry);
/* The entry the kernel uses for this prefix: the lowest metric, ours or not. false: none. */
bool fib_reported(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_entry);
/* Does another's entry stand where ours is wanted? */
bool fib_blocked(const struct fib *fib, struct prefix prefix, struct fib_entry *ret_other);
/* In order of address, then length, prefixes wanted or reported; at NULL: the first. */
bool fib_next(const struct fib *fib, const struct prefix *at, struct prefix *ret_prefix);

/* Is wanted equal to what is reported of ours, for every prefix that is not blocked? */
bool fib_settled(const struct fib *fib);

void fib_digest(const struct fib *fib, struct digest *digest); /* wanted, then reported */
size_t fib_size_bytes(const struct fib *fib);
bool fib_holds(const struct fib *fib); /* recounts everything; for tests and invariants */
