#include "table/platform.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

enum { MS = 1000, SECOND = 1000 * MS }; /* in microseconds */

/* zebra's distances: FRR doc/user/zebra.rst (facts/aws.md 4); a default by DHCP enters VyOS and
 * Vyatta as a static route of distance 210 (`S>* 0.0.0.0/0 [210/0]`, traps.md T04). */
#define ZEBRA_DISTANCES(dhcp)                                                                      \
    {                                                                                              \
        [ROUTE_CONNECTED] = 0, [ROUTE_LOCAL] = 0, [ROUTE_KERNEL] = 0, [ROUTE_STATIC] = 1,          \
        [ROUTE_DHCP] = (dhcp), [ROUTE_EBGP] = 20, [ROUTE_IBGP] = 200                               \
    }

/* systemd.network(5): RouteMetric= is 1024 unless it is said. dhclient uses 0; then say `metric`.
 * The laboratory's matrix has both. */
enum { DHCP_CLIENT_METRIC = 1024 };

enum { KERNEL_METRIC = 20 }; /* of sekishod's routes */

/* What FRR 8.4.4 takes. Measured in the runs whose tunnel was shaped (without, the loop's backlog
 * adds its own delay); each wait is also a constant in FRR's source.
 *
 * decision: bgpd holds its best-path queue 50 ms (bgp_route.c, process_main_queue spec.hold), and a
 * single route took 50.7 ms at the median and 55 ms at the 99th percentile (bgpblast). The
 * incident's announcement passed two of them, VGW and customer: the echo left the customer at
 * 0.107..0.132 s, of which 1..2 ms are the wire, so 53..65 ms each; after a second session, which
 * is one decision on an idle machine, 51 ms (default heard at 1.153, echo at 1.204). rib_to_fib:
 * zebra holds its queue 10 ms (zebra_router.h, ZEBRA_RIB_PROCESS_HOLD_TIME); from the echo to the
 * FIB 63 times, median 11 ms, 95 % within 10..13 ms. With two decisions the default is in the FIB
 * at 0.113..0.144 s; 82 were measured at 0.118..0.144 (95 %). withdraw_to_fib: 10 ms (bgp_route.c,
 * clear_node_queue spec.hold) + decision + rib_to_fib; 125 times, median 72 ms, 95 % within 71..75
 * ms. session_restart: bgpd starts 1 s after Idle (bgpd.h, BGP_INIT_START_TIMER), then the
 * handshake; from down to Established 57 times, median 1.015 s, 95 % within 1.013..1.023 s. After
 * errors it would double up to 120 s (bgp_fsm.c, bgp_stop_with_error), which none of those 57 did,
 * whose sessions had ended by the hold timer. first_update: bgpd waits for more
 * peers to come up: 1000 ms + 50 ms for each it knows, at most 10 s (bgp_updgrp.h). The customer's
 * FRR, one peer, was heard at the VGW 1.051..1.055 s after Established; the VGW's, two peers and
 * the accepted connection's, at 1.152..1.159 s. Together: 1.150 + 0.002 + 0.051 + 0.010 = 1.213 s
 * to the default in the FIB again, as in 43 measured (1.212..1.219, median 1.213). */
#define FRR_LATENCIES                                                                              \
    .decision = {51 * MS, 65 * MS}, .rib_to_fib = {10 * MS, 12 * MS},                              \
    .withdraw_to_fib = {71 * MS, 75 * MS}, .session_restart = {1013 * MS, 1023 * MS},              \
    .first_update_us = 1000 * MS, .first_update_per_peer_us = 50 * MS,                             \
    .first_update_limit_us = 10 * SECOND

/* What sekishod takes: bench/LATENCIES.md, by tools/bench-latencies, from the least to the 95th
 * percentile; first_update the median. Nothing in it waits on purpose: a session's first UPDATE
 * leaves with the turn of its loop in which the session came up. session_restart is a customer's,
 * who waits a second before it calls again (run/plan.c); a gateway is called, and waits for nothing
 * (network/build_gateway.c). rib_to_fib: what an UPDATE took to the kernel's table, without the
 * decision. */
#define SEKISHO_LATENCIES                                                                          \
    .decision = {100, 500}, .rib_to_fib = {100, 2900}, .withdraw_to_fib = {200, 5000},             \
    .session_restart = {1000 * MS, 1003 * MS}, .first_update_us = 100,                             \
    .first_update_limit_us = 100

#define ASSUMES(id) (1u << PLATFORM_ASSUMES_##id)

/* FRR and its ancestor: a route is announced back to its neighbor (measured: the incident's echo),
 * and the oldest external path wins before the router id.
 *
 * By what a next hop is resolved differs. FRR 8.4.4 takes any route but a default, until it is told
 * `ip nht resolve-via-default` (measured: `ip route 203.0.113.5/32 198.51.100.9` beside a kernel's
 * or a static default stays "unresolved" in `show ip nht`; beside a static 198.51.100.0/24 it is
 * used; with the word it is "resolved via static", `S>` and in the kernel). Quagga takes a default
 * as any route (zebra_rib.c, nexthop_active_ipv4). Its static routes, which have no
 * ZEBRA_FLAG_INTERNAL, want a connected next hop there; whether Vyatta's do, nobody has measured,
 * so they are taken to be resolved, as is the more dangerous. VyOS is FRR with that word, unless it
 * is told `set system ip nht no-resolve-via-default` (its manual, "System IP"; FRR was measured,
 * VyOS was not).
 */
#define ZEBRA_BEHAVIOR                                                                             \
    .order = TABLE_BY_DISTANCE, .best_rules = BEST_RULES_FRR, .announces_back = ANSWER_YES,        \
    .kernel_metric_distance = true

static const struct platform_profile profiles[PLATFORM_COUNT] = {
    [PLATFORM_UNKNOWN] = {.platform = PLATFORM_UNKNOWN,
                          .order = TABLE_BY_DISTANCE,
                          .best_rules = BEST_RULES_RFC4271,
                          .announces_back = ANSWER_UNKNOWN,
                          .resolves_via_default = true,
                          .kernel_metric_distance = true,
                          .distance = ZEBRA_DISTANCES(210), /* the weak default: T04 must show */
                          FRR_LATENCIES,
                          .assumed = ASSUMES(DISTANCES) | ASSUMES(BEST_PATH) | ASSUMES(LATENCIES) |
                                     ASSUMES(RESTART) | ASSUMES(NO_ECHO)},
    [PLATFORM_VYATTA] = {.platform = PLATFORM_VYATTA,
                         ZEBRA_BEHAVIOR,
                         .resolves_via_default = true,
                         .distance = ZEBRA_DISTANCES(210),
                         FRR_LATENCIES,
                         .assumed = ASSUMES(LATENCIES) | ASSUMES(RESTART)},
    [PLATFORM_VYOS] = {.platform = PLATFORM_VYOS,
                       ZEBRA_BEHAVIOR,
                       .resolves_via_default = true,
                       .distance = ZEBRA_DISTANCES(210),
                       FRR_LATENCIES,
                       .assumed = ASSUMES(LATENCIES)},
    [PLATFORM_FRR] = {.platform = PLATFORM_FRR,
                      ZEBRA_BEHAVIOR,
                      .dhcp_is_kernel = true, /* the DHCP client writes into the kernel */
                      .distance = ZEBRA_DISTANCES(0),
                      .metric = {[ROUTE_DHCP] = DHCP_CLIENT_METRIC},
                      FRR_LATENCIES},
    /* The kernel decides between BIRD's routes (metric 32, measured: lab matrix) and the host's
     * own. Where BIRD has several itself, its preferences (route.h: direct 240, static 200, BGP
     * 100) stand here as 255 - preference; a route of the host's with the same metric stays.
     * decision: 0.2 ms at the median, 1.1 ms at the 99th percentile (bgpblast, scenario A); what it
     * reads is in the kernel before it is sent on. session_restart: connect delay time, 5 s
     * (bgp.c), of which a random quarter may be missing (bgp_start_timer; measured of 1 s:
     * 0.76..0.95 s). error_wait: error wait time 60 s, doubled up to 300 s, forgotten after 300 s
     * (bgp.c); measured of 3 s up to 20 s: 3.0, 5.1, 10.8 s and the connect delay, after the hold
     * timer and NOTIFICATIONs but no Cease; a connection that is closed without one waits as long
     * as the last. first_update: a session's first routes are put together where its loop has
     * already looked whether there is something to do, so it sleeps until a message or a timer
     * wakes it, 3 s at most (io.c, poll_tout; measured, BIRD 2.0.12: 3.003 s with a neighbor who
     * says nothing, in six of six sessions). So a neighbor's first UPDATE is in the kernel before
     * its own leaves, in each of ten sessions in a lab, 0.1 ms after reading it. jitter: of all its
     * timers (bgp_start_timer; measured of a hold time of 8 s: 6..8 s). BIRD does not send
     * a route back to the neighbor it came from, and by default does not prefer the older path. A
     * static route's `via` must be a neighbor on a link (BIRD 2.0.12, measured: otherwise the route
     * is not there, whatever else leads to it; `recursive` would be a word of its own). */
    [PLATFORM_BIRD] = {.platform = PLATFORM_BIRD,
                       .order = TABLE_BY_METRIC,
                       .best_rules = BEST_RULES_RFC4271,
                       .announces_back = ANSWER_NO,
                       .resolves_via_default = true,
                       .static_on_link = true,
                       .dhcp_is_kernel = true,
                       .distance = {[ROUTE_STATIC] = 55, [ROUTE_EBGP] = 155, [ROUTE_IBGP] = 155},
                       .metric = {[ROUTE_STATIC] = 32,
                                  [ROUTE_DHCP] = DHCP_CLIENT_METRIC,
                                  [ROUTE_EBGP] = 32,
                                  [ROUTE_IBGP] = 32},
                       .decision = {200, 1100},
                       .rib_to_fib = {0, 100},
                       .withdraw_to_fib = {200, 2100},
                       .session_restart = {3750 * MS, 5000 * MS},
                       .error_wait_us = (int64_t)60 * SECOND,
                       .error_wait_limit_us = (int64_t)300 * SECOND,
                       .error_forget_us = (int64_t)300 * SECOND,
                       .first_update_us = 1200, /* the longest decision and rib_to_fib */
                       .first_update_sleep_us = 3003 * MS,
                       .jitter_percent = 25,
                       .hold_jitters = true,
                       .assumed = ASSUMES(DHCP_METRIC)},
    /* Distances: Cisco, "What Is Administrative Distance?" (document 15986); the default by DHCP is
     * a static route of distance 254 (blog.ipspace.net 2007/06, "DHCP Response Sets the Default
     * Route"), so any default by BGP replaces it. A static route that is to float says its own
     * distance in the file. Best path: Cisco, "BGP Best Path Selection Algorithm" (document 13753):
     * weight (the file has none), local preference, locally originated, AS path, origin, MED,
     * external before internal, the oldest external path before the router id, peer address: FRR's
     * steps; IOS groups paths by neighbor AS for MED only with bgp deterministic-med. An update
     * goes to all members of its update group, the one that it came from among them (Cisco, "BGP
     * AS-Override Split-Horizon", which is the feature that changes it); it is refused there for
     * its AS path. */
    [PLATFORM_CISCO_IOS] = {.platform = PLATFORM_CISCO_IOS,
                            .order = TABLE_BY_DISTANCE,
                            .best_rules = BEST_RULES_FRR,
                            .announces_back = ANSWER_YES,
                            .resolves_via_default = true,
                            .distance = {[ROUTE_KERNEL] = 1,
                                         [ROUTE_STATIC] = 1,
                                         [ROUTE_DHCP] = 254,
                                         [ROUTE_EBGP] = 20,
                                         [ROUTE_IBGP] = 200},
                            FRR_LATENCIES,
                            .assumed = ASSUMES(LATENCIES) | ASSUMES(RESTART) | ASSUMES(ECHO) |
                                       ASSUMES(MED_ORDER) | ASSUMES(RECURSION_DOWN)},
    /* Preferences: Juniper, "Default Route Preference Values": direct 0, static 5, kernel 40, BGP
     * 170 inside and outside alike; access-internal routes 12 ("Access and Access-Internal
     * Routes"), as which the client's default by DHCP is shown. So a provider's default of any
     * kind stands before one by BGP, unless it is BGP's, too. Best path: Juniper, "Understanding
     * BGP Path Selection": local preference, AS path, origin, MED by neighbor AS, external before
     * internal, the active path of two external ones, router id, peer address. It does not announce
     * a route to the peer that it learned it from (Juniper, "advertise-peer-as"). */
    [PLATFORM_JUNOS] = {.platform = PLATFORM_JUNOS,
                        .order = TABLE_BY_DISTANCE,
                        .best_rules = BEST_RULES_FRR,
                        .announces_back = ANSWER_NO,
                        .resolves_via_default = true,
                        .distance = {[ROUTE_KERNEL] = 40,
                                     [ROUTE_STATIC] = 5,
                                     [ROUTE_DHCP] = 12,
                                     [ROUTE_EBGP] = 170,
                                     [ROUTE_IBGP] = 170},
                        FRR_LATENCIES,
                        .assumed = ASSUMES(LATENCIES) | ASSUMES(RESTART) | ASSUMES(ACTIVE_PATH) |
                                   ASSUMES(INACTIVE) | ASSUMES(DHCP_PREFERENCE)},
    /* Speaks no BGP; routes that some zebra left in its kernel have metric 20. The kernel refuses a
     * route whose gateway is not on a link ("Nexthop has invalid gateway", fib_check_nh). */
    [PLATFORM_LINUX] =
        {.platform = PLATFORM_LINUX,
         .order = TABLE_BY_METRIC,
         .best_rules = BEST_RULES_RFC4271,
         .announces_back = ANSWER_NO,
         .resolves_via_default = true,
         .static_on_link = true,
         .dhcp_is_kernel = true,
         .metric = {[ROUTE_DHCP] = DHCP_CLIENT_METRIC, [ROUTE_EBGP] = 20, [ROUTE_IBGP] = 20},
         .rib_to_fib = {0, 1 * MS},
         .withdraw_to_fib = {0, 1 * MS},
         .assumed = ASSUMES(DHCP_METRIC) | ASSUMES(KERNEL_SYNC)},
    /* Gateways: the laboratory's VGW was FRR, so their moments are its moments. Split horizon is
     * per attachment (design 5; CloudHub announces to the *other* peers: S2S VPN_CloudHub.md). */
    [PLATFORM_AWS] = {.platform = PLATFORM_AWS,
                      .order = TABLE_BY_DISTANCE,
                      .best_rules = BEST_RULES_VGW,
                      .announces_back = ANSWER_NO,
                      .distance = ZEBRA_DISTANCES(210),
                      FRR_LATENCIES,
                      .assumed = ASSUMES(LATENCIES) | ASSUMES(RESTART)},
    [PLATFORM_SEKISHO] = {.platform = PLATFORM_SEKISHO,
                          .order = TABLE_BY_DISTANCE,
                          .best_rules = BEST_RULES_VGW,
                          .announces_back = ANSWER_NO,
                          .static_on_link = true, /* a customer's are the host's own */
                          .distance = ZEBRA_DISTANCES(210),
                          SEKISHO_LATENCIES},
};

const struct platform_profile *platform_profile(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    return &profiles[platform];
}

/* It puts BGP's routes into the kernel with metric 20 (run/kernel_table.h), as zebra does, and
 * leaves others' alone. So the kernel decides, as beside BIRD: a default of metric 0, as by `ip
 * route add` or dhclient, stays before BGP's; systemd-networkd's, 1024, does not. */
void platform_beside_host(struct platform_profile *profile)
{
    profile->order = TABLE_BY_METRIC;
    profile->dhcp_is_kernel = true;
    profile->metric[ROUTE_DHCP] = DHCP_CLIENT_METRIC;
    profile->metric[ROUTE_EBGP] = profile->metric[ROUTE_IBGP] = KERNEL_METRIC;
    profile->assumed |= ASSUMES(DHCP_METRIC);
}

void platform_take_no_time(struct platform_profile *profile)
{
    static const struct span none = {0, 0};
    profile->decision = profile->rib_to_fib = profile->withdraw_to_fib = none;
    profile->session_restart = none;
    profile->error_wait_us = 0;
    profile->first_update_us = profile->first_update_per_peer_us = 0;
    profile->first_update_sleep_us = 0;
    profile->jitter_percent = 0;
}

static const char *const platform_names[] = {
#define PLATFORM(id, name, sentence) name,
#include "table/platform.def"
#undef PLATFORM
};

static const char *const platform_sentences[] = {
#define PLATFORM(id, name, sentence) sentence,
#include "table/platform.def"
#undef PLATFORM
};

static const char *const source_names[] = {
#define ROUTE_SOURCE(id, name, letter, sentence) name,
#include "table/platform.def"
#undef ROUTE_SOURCE
};

static const char source_letters[] = {
#define ROUTE_SOURCE(id, name, letter, sentence) letter,
#include "table/platform.def"
#undef ROUTE_SOURCE
};

static const char *const assumption_names[] = {
#define PLATFORM_ASSUMPTION(id, name, sentence) name,
#include "table/platform.def"
#undef PLATFORM_ASSUMPTION
};

static const char *const assumption_sentences[] = {
#define PLATFORM_ASSUMPTION(id, name, sentence) sentence,
#include "table/platform.def"
#undef PLATFORM_ASSUMPTION
};

const char *platform_name(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    return platform_names[platform];
}

const char *platform_sentence(enum platform platform)
{
    assert(platform < PLATFORM_COUNT);
    return platform_sentences[platform];
}

bool platform_find(const char *name, uint32_t size, enum platform *ret_platform)
{
    for (unsigned i = 0; i < PLATFORM_COUNT; i++) {
        const char *known = platform_names[i];
        uint32_t at = 0;
        while (at < size && known[at] != '\0' && known[at] == name[at])
            at++;
        if (at == size && known[at] == '\0') {
            *ret_platform = (enum platform)i;
            return true;
        }
    }
    return false;
}

const char *route_source_name(enum route_source source)
{
    assert(source < ROUTE_SOURCE_COUNT);
    return source_names[source];
}

char route_source_letter(enum route_source source)
{
    assert(source < ROUTE_SOURCE_COUNT);
    return source_letters[source];
}

static bool is_kernel_route(const struct platform_profile *profile, enum route_source source)
{
    return source == ROUTE_KERNEL || (source == ROUTE_DHCP && profile->dhcp_is_kernel);
}

bool platform_needs_link(const struct platform_profile *profile, enum route_source source)
{
    return is_kernel_route(profile, source) || (source == ROUTE_STATIC && profile->static_on_link);
}

char platform_letter(const struct platform_profile *profile, enum route_source source)
{
    return route_source_letter(is_kernel_route(profile, source) ? ROUTE_KERNEL : source);
}

const char *platform_assumption_name(enum platform_assumption assumption)
{
    assert(assumption < PLATFORM_ASSUMPTION_COUNT);
    return assumption_names[assumption];
}

const char *platform_assumption_sentence(enum platform_assumption assumption)
{
    assert(assumption < PLATFORM_ASSUMPTION_COUNT);
    return assumption_sentences[assumption];
}

void platform_weigh(const struct platform_profile *profile, enum route_source source,
                    bool has_metric, uint32_t metric, uint8_t *ret_distance, uint32_t *ret_metric)
{
    assert(source < ROUTE_SOURCE_COUNT);
    bool is_bgp = source == ROUTE_EBGP || source == ROUTE_IBGP;
    /* BGP's MED is no kernel metric */
    if (!has_metric || (is_bgp && profile->order == TABLE_BY_METRIC))
        metric = profile->metric[source];
    if (is_kernel_route(profile, source) && profile->kernel_metric_distance) {
        *ret_distance = (uint8_t)(metric >> 24);
        *ret_metric = metric & 0xffffffu;
        return;
    }
    *ret_distance = profile->distance[source];
    *ret_metric = metric;
}

int64_t platform_first_update_us(const struct platform_profile *profile, uint32_t peer_count,
                                 bool accepted)
{
    if (profile->first_update_sleep_us)
        return profile->first_update_sleep_us;
    int64_t peers = (int64_t)peer_count + accepted;
    int64_t wait_us = profile->first_update_us + peers * profile->first_update_per_peer_us;
    return wait_us < profile->first_update_limit_us ? wait_us : profile->first_update_limit_us;
}
