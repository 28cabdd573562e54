/* Platform profiles: what a router of a given make does that no protocol says.
 *
 * Three kinds of figures live here and nowhere else: how a platform compares the candidates of one
 * prefix in its table (administrative distance, or the kernel's metric), what it does as a BGP
 * speaker beyond RFC 4271, and how long its daemons take between two moments that the protocols'
 * state machines leave without a time. Every figure has its source in platform.def or platform.c;
 * a figure nobody has measured or documented says ASSUMED there, and platform_assumptions names
 * it, so that an answer that rests on it can say so.
 *
 * A profile is constant. A network file may override any figure: the caller copies the profile and
 * changes the copy, and it must outlive the tables that were given it.
 *
 * Where the latencies come from: the measurements (tests/data/measured.json) of the laboratory that
 * rebuilt the incident with FRR 8.4.4, whose sources also say what the waits are. How they add up:
 *
 *     an UPDATE is read            0
 *     best path, echo, export      + decision                    (work queue held 50 ms)
 *     kernel's table               + decision + rib_to_fib       (zebra's queue held 10 ms)
 *     a session is Established     0
 *     first UPDATE leaves          + platform_first_update_us    (update group coalesces)
 *     a session is lost            0
 *     its routes leave the kernel  + withdraw_to_fib
 *     Established again            + session_restart + the network's round trips
 *     the same, behind an error    + error_wait, doubled at each further one, before
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum platform {
#define PLATFORM(id, name, sentence) PLATFORM_##id,
#include "table/platform.def"
#undef PLATFORM
    PLATFORM_COUNT
};

/* Where a route of a router's table comes from. */
enum route_source {
#define ROUTE_SOURCE(id, name, letter, sentence) ROUTE_##id,
#include "table/platform.def"
#undef ROUTE_SOURCE
    ROUTE_SOURCE_COUNT
};

/* How the candidates of one prefix compare, lower first; the older of equals wins in both. */
enum table_order {
    TABLE_BY_DISTANCE, /* zebra: connected first, then distance, then metric */
    TABLE_BY_METRIC,   /* the kernel: metric; then distance, for what one daemon would install */
};

/* Which steps of the best-path decision apply; the engine maps it to the rib's rules. */
enum platform_best {
    BEST_RULES_VGW,     /* design 4.1: Direct Connect, static, VPN; never age */
    BEST_RULES_RFC4271, /* 9.1.2.2 as written: no age */
    BEST_RULES_FRR,     /* oldest external path before the router id */
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

/* A latency that a seed may draw from: min_us <= x <= max_us. Microseconds. */
struct span {
    int64_t min_us;
    int64_t max_us;
};

struct platform_profile {
    enum platform platform;
    enum table_order order;
    enum platform_best best_rules;
    enum answer announces_back;  /* a route to the neighbor it came from? */
    bool resolves_via_default;   /* may a next hop be resolved by 0.0.0.0/0? */
    bool static_on_link;         /* must a static route's next hop be on a connected prefix? */
    bool dhcp_is_kernel;         /* the DHCP client's default is a kernel route to the daemon */
    bool kernel_metric_distance; /* zebra reads a kernel metric's top byte as a distance */
    uint8_t distance[ROUTE_SOURCE_COUNT];
    uint32_t metric[ROUTE_SOURCE_COUNT]; /* when the route brings none of its own */
    struct span decision;                /* UPDATE read to best path, and to what it sends on */
    struct span rib_to_fib;              /* best path to the kernel's table */
    struct span withdraw_to_fib;         /* session lost to its routes out of the kernel's table */
    struct span session_restart;         /* session lost to Established, without round trips */
    int64_t error_wait_us;               /* and before it, after an error; 0: nothing ... */
    int64_t error_wait_limit_us;         /* ... doubled at each further one up to this ... */
    int64_t error_forget_us;             /* ... until there was none for so long */
    int64_t first_update_us;             /* Established to the first UPDATE ... */
    int64_t first_update_per_peer_us;    /* ... and for each peer the daemon has ... */
    int64_t first_update_limit_us;       /* ... but no more than this */
    int64_t first_update_sleep_us;       /* not 0: it sleeps first, so long at most, and what wakes
                                            it comes first_update_us before the UPDATE */
    uint8_t jitter_percent;              /* struct session_config */
    bool hold_jitters;
    uint32_t assumed; /* set of 1u << enum platform_assumption */
};

/* What a profile holds without a measurement or a document behind it. */
enum platform_assumption {
#define PLATFORM_ASSUMPTION(id, name, sentence) PLATFORM_ASSUMES_##id,
#include "table/platform.def"
#undef PLATFORM_ASSUMPTION
    PLATFORM_ASSUMPTION_COUNT
};

const struct platform_profile *platform_profile(enum platform platform); /* static, constant */

/* sekishod as a router's daemon, not a gateway's: a copy of its profile is changed. Its routes
 * stand in the host's kernel beside what the host put there, and neither knows of the other's
 * distances.
 */
void platform_beside_host(struct platform_profile *profile);

/* The same without any wait of its own, or chance: for worlds in which time stands still, and for
 * daemons that take their time themselves. */
void platform_take_no_time(struct platform_profile *profile);

/* Names as in a network file ("vyos"); false when no platform is called so. */
const char *platform_name(enum platform platform);
const char *platform_sentence(enum platform platform);
bool platform_find(const char *name, uint32_t size, enum platform *ret_platform);

const char *route_source_name(enum route_source source); /* "dhcp" */
char route_source_letter(enum route_source source);      /* as `show ip route` prints: 'B' */

/* The same as this platform's own table has it: where the DHCP client writes into the kernel, its
 * default is a kernel route to the daemon. */
char platform_letter(const struct platform_profile *profile, enum route_source source);

/* Must the next hop of such a route be on a connected prefix? The kernel's must always: Linux
 * refuses others. */
bool platform_needs_link(const struct platform_profile *profile, enum route_source source);

const char *platform_assumption_name(enum platform_assumption assumption);
const char *platform_assumption_sentence(enum platform_assumption assumption);

/* The distance and metric that a route of this source enters the table with. has_metric: the
 * operator, the DHCP client or BGP (its MED) said a metric; otherwise the platform's is taken.
 * On zebra platforms a kernel route's metric holds the distance in its top byte and the metric in
 * the rest, which is how it is shown: (210 << 24) + 1 is [210/1]. */
void platform_weigh(const struct platform_profile *profile, enum route_source source,
                    bool has_metric, uint32_t metric, uint8_t *ret_distance, uint32_t *ret_metric);

/* Established to the first UPDATE, where nothing wakes it. peer_count: sessions configured in the
 * daemon; accepted: this one came in by the neighbor's connection, for which FRR keeps one more
 * peer. */
int64_t platform_first_update_us(const struct platform_profile *profile, uint32_t peer_count,
                                 bool accepted);
