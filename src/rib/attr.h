/* Interned attribute sets.
 *
 * A set of path attributes is kept once, however many paths carry it, under its canonical bytes: AS
 * numbers of four octets, ascending type codes, flags as the RFCs give them, shortest length form
 * (what the wire room's canonical encoder makes). What the decision needs to know of it is read
 * once, when the set is first seen. Equal sets have equal numbers, so comparing two routes'
 * attributes is comparing two integers.
 *
 * A set lives in a slab: pages of one size class each, so that an id is the set's address in units
 * of eight bytes and a page that empties goes back to the budget. The hash is keyed with a secret
 * (neighbors choose the bytes) and grows by sub-tables, one at a time: no growth step copies
 * more than one of them.
 *
 * References are counted. A path holds one, the change list holds one to what was best before
 * (otherwise the number could be used again within the batch, and "unchanged" would be a false
 * equality), and whoever interns holds one until attr_unref. */
#pragma once

#include "base/alloc.h"
#include "base/slice.h"
#include "net/ip.h"
#include "rib/slots.h"

struct attr_id {
    uint32_t v; /* 0: none */
};

enum attr_fact {
    ATTR_HAS_MED = 1,
    ATTR_HAS_LOCAL_PREF = 2,
    ATTR_NO_EXPORT = 4,    /* RFC 1997 NO_EXPORT or NO_EXPORT_SUBCONFED */
    ATTR_NO_ADVERTISE = 8, /* RFC 1997 NO_ADVERTISE */
    ATTR_AS_ZERO = 16,     /* AS 0 occurs in the path (RFC 7607) */
};

/* DX local preference communities; a set with none counts as medium (assumption: AWS documents the
 * order of the three and says nothing of their absence). With several, the highest. */
enum attr_community { ATTR_COMMUNITY_LOW, ATTR_COMMUNITY_MEDIUM, ATTR_COMMUNITY_HIGH };

/* What decisions need, computed once. The canonical bytes follow it in memory. */
struct attr_facts {
    uint32_t hash[2]; /* of the bytes, low half first; keyed, so never show it */
    uint32_t refs;
    uint32_t med;         /* 0 when absent (RFC 4271 9.1.2.2 c) */
    uint32_t local_pref;  /* 100 when absent */
    uint32_t first_as;    /* neighbor AS; 0: empty path, or it begins with a set */
    uint32_t last_as;     /* origin AS; 0: empty path, or it ends with a set */
    uint16_t path_length; /* a set counts one, confederation segments nothing (RFC 5065 5.3) */
    uint16_t size_bytes;  /* of the canonical bytes */
    uint16_t as_path_at;  /* offset of the AS_PATH's value in them */
    uint16_t as_path_bytes;
    uint16_t next_hop_at;   /* offset of the NEXT_HOP's value */
    uint8_t origin;         /* 0 IGP, 1 EGP, 2 INCOMPLETE */
    uint8_t community;      /* enum attr_community */
    uint8_t flags;          /* enum attr_fact */
    uint8_t next_hop_bytes; /* 4, of IPv6 16; 0: absent */
};

struct attr_store {
    struct budget *budget;
    uint64_t secret;
    uint8_t **pages;
    uint32_t page_count; /* entries in use; an entry may be NULL */
    uint32_t page_cap;
    uint32_t free_page;   /* some NULL entry at or above it, or page_count */
    uint32_t *class_page; /* by class, first page with room + 1; comes with the first page */
    struct slots slots;
    uint32_t count; /* sets held */
    uint8_t page_shift;
};

/* page_shift: bytes a page, 10 (small engines) to 16 (a hub). */
void attr_store_init(struct attr_store *store, struct budget *budget, uint64_t secret,
                     uint8_t page_shift, uint8_t slot_shift);
void attr_store_done(struct attr_store *store);

/* The set with exactly these bytes, with a reference for the caller; 0 when there is none. The fast
 * path of intake: bytes that a neighbor sent and that equal a canonical set need no decoding (for a
 * session of four-octet AS numbers; what depends on the session is in the facts). */
struct attr_id attr_find(struct attr_store *store, struct slice bytes);

/* The same, or a new set, with a reference for the caller. Bytes must be canonical (asserted as far
 * as it shows). 0: the budget refuses. At most ATTR_MAX_BYTES. */
struct attr_id attr_intern(struct attr_store *store, struct slice canonical)
    __attribute__((warn_unused_result));
enum { ATTR_MAX_BYTES = 8192 };

void attr_release(struct attr_store *store,
                  struct attr_id id); /* frees it; attr_unref's slow half */
size_t attr_store_bytes(const struct attr_store *store);

static inline struct attr_facts *attr_at(const struct attr_store *store, struct attr_id id)
{
    unsigned shift = store->page_shift - 3u;
    return (struct attr_facts *)(void *)(store->pages[id.v >> shift] +
                                         ((size_t)(id.v & ((1u << shift) - 1)) << 3));
}

static inline const struct attr_facts *attr_get(const struct attr_store *store, struct attr_id id)
{
    return attr_at(store, id);
}

static inline struct slice attr_bytes(const struct attr_store *store, struct attr_id id)
{
    const struct attr_facts *facts = attr_get(store, id);
    return (struct slice){(const uint8_t *)(facts + 1), facts->size_bytes};
}

/* Fetches the place in the hash that is needed when the set is freed. Only ever a hint. */
void attr_hint_release(const struct attr_store *store, struct attr_id id);

/* Nothing happens to id 0. */
static inline void attr_ref(struct attr_store *store, struct attr_id id)
{
    if (id.v != 0)
        attr_at(store, id)->refs++;
}

static inline void attr_unref(struct attr_store *store, struct attr_id id)
{
    if (id.v != 0 && --attr_at(store, id)->refs == 0)
        attr_release(store, id);
}

static inline bool attr_equal(struct attr_id left, struct attr_id right)
{
    return left.v == right.v;
}

/* How often an AS number occurs in the path, sets and confederation segments included. */
uint32_t attr_path_count(const struct attr_store *store, struct attr_id id, uint32_t asn);
/* Of IPv6 where the routes are; 0 when absent. */
ip_addr attr_next_hop(const struct attr_facts *facts);

/* For tests and rib_audit: do pages, counts and hash agree? NULL: yes; otherwise what does not. */
const char *attr_store_audit(const struct attr_store *store);
