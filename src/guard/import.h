/* The import guard: is a path that a neighbor offers feasible? Every "no" of import lives here,
 * each with its reason; the path stays in the Adj-RIB-In with it, so that explain can show what was
 * refused and why.
 *
 * What depends on the attributes is asked once an UPDATE (guard_import_attrs), what depends on the
 * prefix once a prefix (guard_import_prefix), and the limit last, when the path would count.
 *
 * Order of the checks is the order of the reasons' strength: no policy (RFC 8212), AS 0 (RFC 7607),
 * own AS (RFC 4271 9.1.2), martians (RFC 6890), default route, allow-list, filter, limit. */
#pragma once

#include "guard/prefix_list.h"
#include "rib/attr.h"
#include "rib/reason.h"
#include "rib/rib.h"

enum guard_limit_action {
    GUARD_LIMIT_CLOSE,  /* what AWS does: Cease 6/1, data AFI 1, SAFI 1, limit (RFC 4486 3) */
    GUARD_LIMIT_REFUSE, /* the 101st alone is refused; those accepted stay */
};

/* base/limits.h has the figures of AWS: 100 prefixes, a warning at 80 %. */
struct import_policy {
    uint32_t own_as;
    uint8_t allow_own_as; /* times our AS number may occur (allowas-in); 0: never */
    bool missing;         /* there is no policy, and without one nothing is accepted (RFC 8212) */
    bool refuse_default;  /* 0.0.0.0/0 is not accepted */
    bool accept_martians; /* for what is tested in reserved space */
    uint8_t warn_percent; /* 1..100; 0: no warning */
    enum guard_limit_action limit_action;
    uint32_t limit;                    /* accepted prefixes; 0: no limit */
    uint32_t kept_refused;             /* refused paths that are kept; beyond, only counted */
    const struct prefix_list *allowed; /* what the attachment may announce; NULL: anything */
    const struct prefix_list *filter;  /* NULL: none */
    struct slice communities;          /* of the routes at hand, where the filter asks for them */
};

/* REASON_NONE: nothing against these attributes. */
enum reason guard_import_attrs(const struct import_policy *policy, const struct attr_store *attrs,
                               struct attr_id attr);
enum reason guard_import_prefix(const struct import_policy *policy, struct prefix prefix);
/* Both, for those who ask about one path (explain). Does not ask about the limit. */
enum reason guard_import_judge(const struct import_policy *policy, const struct attr_store *attrs,
                               struct attr_id attr, struct prefix prefix);

/* Martians by themselves: 0.0.0.0/8 and inside it (but not 0.0.0.0/0), 127/8, 169.254/16, 224/4,
 * 240/4 and what lies in them. REASON_NONE for all else. Prefixes that merely cover such space (a
 * 0.0.0.0/1) are no martians. */
enum reason guard_martian(struct prefix prefix);

enum guard_limit_verdict {
    GUARD_LIMIT_PASS,
    GUARD_LIMIT_WARN,    /* accepted, and the warning threshold is reached with it: tell once */
    GUARD_LIMIT_REFUSED, /* to be kept or discarded with REASON_LIMIT */
    GUARD_LIMIT_CLOSED,  /* the session is to be closed: Cease 6/1 */
};

/* May one more be accepted? Asked only for a prefix of which the source has no accepted path yet;
 * accepted is the count before it. Above the limit by configuration counts like at the limit. */
enum guard_limit_verdict guard_limit_judge(const struct import_policy *policy, uint32_t accepted);

/* Is there room to keep a path that was refused (rib_announce), or is it only counted
 * (rib_discard)? */
bool guard_keeps_refused(const struct import_policy *policy, const struct rib_counts *counts);
