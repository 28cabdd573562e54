#include "network/parts.h"

#include "network/check.h"
#include "wire/bgp_message.h"

#include <inttypes.h>

static void check_route(struct checking *checking, const void *object)
{
    const struct network_route *route = object;
    int ways = (route->via != 0) + (route->tunnel.id != NULL) + route->blackhole;
    if (route->via != 0 && ip_is_six(route->via) != route->prefix.six)
        check_say(checking, &route->via, route->place,
                  "expected a next hop of the prefix's own family",
                  "the next hop is of the other family");
    if (ways == 0 && !route->interface)
        check_say(checking, &route->prefix, route->place,
                  "expected via, interface, tunnel or "
                  "blackhole",
                  "the route leads nowhere");
    if (ways > 1 || (route->interface && (route->tunnel.id || route->blackhole)))
        check_say(checking, &route->prefix, route->place,
                  "expected one of via (with or without interface), tunnel and blackhole",
                  "the route leads to several places");
}

static void check_rule(struct checking *checking, const void *object)
{
    const struct network_rule *rule = object;
    int64_t most = ip_bits(rule->prefix.six);
    if (rule->ge > most || rule->le > most) {
        check_say(checking, rule->ge > most ? &rule->ge : &rule->le, rule->place,
                  "expected at most 32, of IPv6 128", "no prefix is as long as that");
        return;
    }
    int64_t shortest = rule->ge >= 0 ? rule->ge : rule->prefix.len;
    if (rule->ge >= 0 && rule->ge < rule->prefix.len)
        check_say(checking, &rule->ge, rule->place, "expected at least the prefix's own length",
                  "ge: %" PRId64 " can match nothing below a /%u", rule->ge, rule->prefix.len);
    else if (rule->le >= 0 && rule->le < shortest)
        check_say(checking, &rule->le, rule->place, "expected at least ge or the prefix's length",
                  "le: %" PRId64 " is shorter than /%" PRId64, rule->le, shortest);
}

/* RFC 4271 4.2: whole seconds in two octets; a daemon's other timers have no finer ones either. */
static void check_seconds(struct checking *checking, const struct network_session *timers,
                          const int64_t *timer_us)
{
    if (*timer_us > 0 && (*timer_us % 1000000 != 0 || *timer_us / 1000000 > UINT16_MAX))
        check_say(checking, timer_us, timers->place, "expected whole seconds, at most 65535s",
                  "BGP has no such timer (RFC 4271, 4.2)");
}

/* RFC 4271 4.2: the hold time is zero or at least three seconds. */
static void check_session(struct checking *checking, const void *object)
{
    const struct network_session *timers = object;
    if (timers->restart_us > 0 &&
        (timers->restart_us % 1000000 != 0 || timers->restart_us / 1000000 > BGP_RESTART_MAX_S))
        check_say(checking, &timers->restart_us, timers->place,
                  "expected whole seconds, at most 4095s", "BGP cannot say so (RFC 4724, 3)");
    check_seconds(checking, timers, &timers->advertise_us);
    check_seconds(checking, timers, &timers->keepalive_us);
    check_seconds(checking, timers, &timers->hold_us);
    check_seconds(checking, timers, &timers->connect_retry_us);
    if (timers->hold_us > 0 && timers->hold_us < 3000000)
        check_say(checking, &timers->hold_us, timers->place, "expected 0s or at least 3s",
                  "the hold time is too short (RFC 4271, 4.2)");
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice sources[] = {
    {"static", ROUTE_STATIC}, {"dhcp", ROUTE_DHCP}, {"kernel", ROUTE_KERNEL},
    {"connected", ROUTE_CONNECTED}, {0}};
static const struct choice over_choices[] = {
    {"close", NETWORK_OVER_CLOSE}, {"refuse", NETWORK_OVER_REFUSE}, {0}};
static const struct choice dpd_actions[] = {
    {"clear", NETWORK_DPD_CLEAR}, {"none", NETWORK_DPD_NONE}, {"restart", NETWORK_DPD_RESTART},
    {0}};

/* --- routes --- */

static const struct field route_fields[] = {
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_route, prefix),
     .required = true, .sentence = "Where to."},
    {.key = "via", .type = FIELD_ADDRESS, .six = FIELD_EITHER, AT(network_route, via),
     .sentence = "Next hop; it may itself be reached through another route."},
    {.key = "interface", .type = FIELD_TEXT, AT(network_route, interface),
     .sentence = "Interface, such as eth0."},
    {.key = "tunnel", .type = FIELD_REF, AT(network_route, tunnel), .kinds = KIND(TUNNEL),
     .sentence = "Into this tunnel of a VPN connection, such as vpn-main/1."},
    {.key = "blackhole", .type = FIELD_BOOL, AT(network_route, blackhole), .initial = "false",
     .sentence = "Drop what matches (a null route)."},
    {.key = "from", .type = FIELD_CHOICE, AT(network_route, from), .choices = sources,
     .initial = "static", .sentence = "Where the route came from; it decides the distance."},
    {.key = "distance", .type = FIELD_NUMBER, AT(network_route, distance), .min = 0, .max = 255,
     .open = "the platform's for that source",
     .sentence = "Administrative distance. BIRD, Linux and sekisho compare the metric first."},
    {.key = "metric", .type = FIELD_NUMBER, AT(network_route, metric), .min = 0, .max = UINT32_MAX,
     .open = "the platform's for that source",
     .sentence = "The kernel's metric; FRR reads a distance from its top byte."},
};
const struct schema schema_route = {
    .noun = "a route", .title = "Routes of routers and instances",
    .text = "A line of a router's or an instance's own table. It says via, interface or both; or "
            "tunnel; or blackhole.", .size = sizeof(struct network_route), FIELDS(route_fields),
    .check = check_route,
};

static const struct field vpc_route_fields[] = {
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_vpc_route, prefix),
     .required = true, .sentence = "Where to."},
    {.key = "target", .type = FIELD_REF, AT(network_vpc_route, target), .required = true,
     .kinds = KIND(INSTANCE) | KIND(INTERNET_GATEWAY) | KIND(VPN_GATEWAY) | KIND(PEERING) |
              KIND(BLACKHOLE),
     .sentence = "Instance, internet gateway, VPN gateway or peering; or the word blackhole."},
    {.key = "was", .type = FIELD_TEXT, AT(network_vpc_route, was), .open = "it was made to drop",
     .sentence = "With target blackhole: the id of what it led to, which is there no more, as AWS "
                 "shows a route in state blackhole."},
};
const struct schema schema_vpc_route = {
    .noun = "a route of a VPC",
    .title = "Routes of VPCs",
    .text = "A static line of a route table.",
    .size = sizeof(struct network_vpc_route),
    FIELDS(vpc_route_fields),
};

/* --- what is announced --- */

static const struct field announcement_fields[] = {
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_announcement, prefix),
     .required = true, .sentence = "What is announced."},
    {.key = "as_path", .type = FIELD_PATH_ASN, LIST(network_announcement, as_path, as_path_count),
     .most = 255, .open = "the speaker originates it",
     .sentence = "The path behind the speaker's own AS, nearest first; repeat to prepend."},
    {.key = "med", .type = FIELD_NUMBER, AT(network_announcement, med), .min = 0, .max = UINT32_MAX,
     .open = "none", .sentence = "MULTI_EXIT_DISC."},
    {.key = "communities", .type = FIELD_COMMUNITY,
     LIST(network_announcement, communities, community_count), .most = 255, .open = "none",
     .sentence = "Communities, such as 7224:7300 (high preference on Direct Connect)."},
};
const struct schema schema_announcement = {
    .noun = "an announcement", .title = "Announcements",
    .text = "What is said of a prefix in BGP. Where nothing but the prefix is said, the bare "
            "prefix will do.", .size = sizeof(struct network_announcement), .shorthand = "prefix",
    FIELDS(announcement_fields),
};

/* --- filters --- */

#define RULE_FIELDS                                                                                \
    {.key = "deny", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_rule, prefix),           \
     .tag = NETWORK_DENY, .sentence = "What matches does not pass."},                              \
    {.key = "permit", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_rule, prefix),         \
     .tag = NETWORK_PERMIT, .sentence = "What matches passes."},                                   \
    {.key = "ge", .type = FIELD_NUMBER, AT(network_rule, ge), .max = 128,                          \
     .open = "the prefix's own length", .sentence = "Shortest length that matches."},              \
    {.key = "le", .type = FIELD_NUMBER, AT(network_rule, le), .max = 128,                          \
     .open = "the prefix's own length, or with ge that of an address",                             \
     .sentence = "Longest length that matches; at most 32, of IPv6 128."},                         \
    {.key = "community", .type = FIELD_COMMUNITY, AT(network_rule, community),                     \
     .open = "with any or none",                                                                   \
     .sentence = "Only routes with this community match; on import, as the neighbor sent them."}

static const struct field rule_fields[] = {RULE_FIELDS};
const struct schema schema_rule = {
    .noun = "a rule", .title = "Filters",
    .text = "A filter is a list of rules. The first that matches decides. What none matches "
            "passes if all rules deny, and does not if one permits.",
    .size = sizeof(struct network_rule), .tagged = true,
    .tag_offset = offsetof(struct network_rule, action), FIELDS(rule_fields), .check = check_rule,
};

static const struct field router_rule_fields[] = {
    RULE_FIELDS,
    {.key = "neighbor", .type = FIELD_ADDRESS, .six = FIELD_EITHER, AT(network_rule, neighbor),
     .open = "all of them", .sentence = "Only towards the neighbor with this inside address."},
};
const struct schema schema_router_rule = {
    .noun = "a rule", .title = "Filters of routers",
    .text = "As above, and a rule may speak of one neighbor only.",
    .size = sizeof(struct network_rule), .tagged = true,
    .tag_offset = offsetof(struct network_rule, action), FIELDS(router_rule_fields),
    .check = check_rule,
};

static const struct field accepted_fields[] = {
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_rule, prefix),
     .required = true, .sentence = "What is accepted."},
    {.key = "ge", .type = FIELD_NUMBER, AT(network_rule, ge), .max = 128,
     .open = "the prefix's own length", .sentence = "Shortest length that is."},
    {.key = "le", .type = FIELD_NUMBER, AT(network_rule, le), .max = 128,
     .open = "the prefix's own length, or with ge that of an address",
     .sentence = "Longest length that is; at most 32, of IPv6 128."},
};
const struct schema schema_accepted = {
    .noun = "an accepted prefix", .title = "Accepted prefixes",
    .text = "Where nothing but the prefix is said, the bare prefix will do: it alone, and nothing "
            "longer.",
    .size = sizeof(struct network_rule), .shorthand = "prefix", FIELDS(accepted_fields),
    .check = check_rule,
};

/* --- sessions --- */

#define TIMER_FIELDS(keepalive_text, hold_text, said)                                              \
    {.key = "keepalive", .type = FIELD_DURATION, AT(network_session, keepalive_us),                \
     .initial = keepalive_text, .open = said,                                                      \
     .sentence = "Time between two keepalives; a third of the hold time at most."},                \
    {.key = "hold", .type = FIELD_DURATION, AT(network_session, hold_us), .initial = hold_text,    \
     .open = said, .sentence = "Hold time offered; the lower of both ends counts."},               \
    {.key = "connect_retry", .type = FIELD_DURATION, AT(network_session, connect_retry_us),        \
     .open = "the keepalive time", .sentence = "Time between two attempts to connect."}

/* RFC 5880 4.1 has 8 bits for the multiplier and microseconds in 32 for the interval. */
static const struct field bfd_fields[] = {
    {.key = "interval", .type = FIELD_DURATION, AT(network_bfd, interval_us), .min = 10000,
     .max = 60000000, .initial = "300ms", .sentence = "Time between two packets, of each end."},
    {.key = "multiplier", .type = FIELD_NUMBER, AT(network_bfd, multiplier), .min = 1, .max = 255,
     .initial = "3", .sentence = "Intervals of silence after which the session is ended."},
};
const struct schema schema_bfd = {
    .noun = "BFD", .title = "BFD",
    .text = "Single-hop BFD (RFC 5881) beside BGP, on both ends. The values left out are those of "
            "Direct Connect, where AWS's end has BFD and runs it as soon as the router does.",
    .size = sizeof(struct network_bfd), FIELDS(bfd_fields),
};

/* What the attachment says for both ends. */
#define SESSION_FIELDS(keepalive_text, hold_text, restart_text)                                    \
    TIMER_FIELDS(keepalive_text, hold_text, NULL),                                                 \
    {.key = "graceful_restart", .type = FIELD_DURATION, AT(network_session, restart_us),           \
     .initial = restart_text,                                                                      \
     .sentence = "The gateway says that it restarts within this time (RFC 4724), and keeps the "   \
                 "routes of a neighbor that says so and vanishes without a word; 0s: neither."},   \
    {.key = "advertisement_interval", .type = FIELD_DURATION, AT(network_session, advertise_us),   \
     .max = 600000000, .initial = "0s",                                                            \
     .sentence = "Time between two announcements of a prefix to the neighbor (RFC 4271 9.2.1.1); " \
                 "withdrawals do not wait. 0s: each change is announced at once."},                \
    {.key = "bfd", .type = FIELD_OPTIONAL, AT(network_session, bfd), .of = &schema_bfd,            \
     .open = "none", .sentence = "Bidirectional forwarding detection."},                           \
    {.key = "ttl_security", .type = FIELD_NUMBER, AT(network_session, ttl_security), .min = 1,     \
     .max = 254, .open = "sent with TTL 1, received with any",                                     \
     .sentence = "Hops to the neighbor, 1 when it is directly connected: BGP is sent with TTL "    \
                 "255 and what has come farther is dropped (GTSM, RFC 5082)."},                    \
    {.key = "md5_file", .type = FIELD_PATH, AT(network_session, md5_file),                         \
     .open = "not signed",                                                                         \
     .sentence = "File that holds the key of TCP's MD5 signatures (RFC 2385), with which Direct "  \
                 "Connect secures BGP."}

static const struct field vpn_session_fields[] = {SESSION_FIELDS("10s", "30s", "0s")};
const struct schema schema_vpn_session = {
    .noun = "a connection's BGP",
    .title = "BGP of VPN connections",
    .text = "AWS's values unless said otherwise.",
    .size = sizeof(struct network_session),
    FIELDS(vpn_session_fields),
    .check = check_session,
};

static const struct field dx_session_fields[] = {SESSION_FIELDS("30s", "90s", "120s")};
const struct schema schema_dx_session = {
    .noun = "a virtual interface's BGP",
    .title = "BGP of Direct Connects",
    .text = "AWS's values unless said otherwise.",
    .size = sizeof(struct network_session),
    FIELDS(dx_session_fields),
    .check = check_session,
};

static const struct field router_timer_fields[] = {
    TIMER_FIELDS(NULL, NULL, "as the attachment has it"),
    {.key = "graceful_restart", .type = FIELD_DURATION, AT(network_session, restart_us),
     .initial = "0s",
     .sentence = "The router says that it restarts within this time (RFC 4724), and keeps the "
                 "routes of a neighbor that does; 0s: neither."},
    {.key = "advertisement_interval", .type = FIELD_DURATION, AT(network_session, advertise_us),
     .max = 600000000, .initial = "0s",
     .sentence = "Time between two announcements of a prefix to the neighbor (RFC 4271 9.2.1.1); "
                 "withdrawals do not wait. 0s: each change is announced at once."},
};
const struct schema schema_router_timers = {
    .noun = "a router's timers",
    .title = "BGP timers of routers",
    .text = "Where a router differs from its attachments.",
    .size = sizeof(struct network_session),
    FIELDS(router_timer_fields),
    .check = check_session,
};

static const struct field dpd_fields[] = {
    {.key = "delay", .type = FIELD_DURATION, AT(network_dpd, delay_us), .min = 100000,
     .initial = "10s", .sentence = "Silence after which the peer is asked."},
    {.key = "retries", .type = FIELD_NUMBER, AT(network_dpd, retries), .min = 1, .max = 100,
     .initial = "3", .sentence = "How often it is asked in all before it is dead."},
    {.key = "interval", .type = FIELD_DURATION, AT(network_dpd, interval_us), .min = 100000,
     .initial = "10s", .sentence = "Time between two questions."},
    {.key = "action", .type = FIELD_CHOICE, AT(network_dpd, action), .choices = dpd_actions,
     .initial = "clear", .sentence = "What a dead peer brings about."},
};
const struct schema schema_dpd = {
    .noun = "dead-peer detection", .title = "Dead-peer detection",
    .text = "A peer is dead delay + retries x interval after its last packet: 40 s with AWS's "
            "values.", .size = sizeof(struct network_dpd), FIELDS(dpd_fields),
};

/* --- limits and latencies --- */

static const struct field limit_fields[] = {
    {.key = "received", .type = FIELD_NUMBER, AT(network_limits, received), .max = UINT32_MAX,
     .open = "the gateway's", .sentence = "Routes accepted from one neighbor."},
    {.key = "announced", .type = FIELD_NUMBER, AT(network_limits, announced), .max = UINT32_MAX,
     .open = "the gateway's",
     .sentence = "Routes announced to one neighbor. A run leaves none out where there are more, "
                 "as AWS documents no order; `check` tells."},
    {.key = "warn_percent", .type = FIELD_NUMBER, AT(network_limits, warn_percent), .min = 1,
     .max = 100, .open = "the gateway's", .sentence = "Where the warning begins."},
    {.key = "over", .type = FIELD_CHOICE, AT(network_limits, over), .choices = over_choices,
     .open = "the gateway's",
     .sentence = "One route too many: close the session as AWS does, or refuse that route."},
};
const struct schema schema_limits = {
    .noun = "limits",
    .title = "Limits of one attachment",
    .size = sizeof(struct network_limits),
    FIELDS(limit_fields),
};

static const struct field gateway_limit_fields[] = {
    {.key = "vpn_received", .type = FIELD_NUMBER, AT(network_gateway_limits, vpn_received),
     .max = UINT32_MAX, .initial = "100",
     .sentence = "Routes accepted from one neighbor of a VPN connection."},
    {.key = "vpn_announced", .type = FIELD_NUMBER, AT(network_gateway_limits, vpn_announced),
     .max = UINT32_MAX, .initial = "1000",
     .sentence = "Routes announced to one neighbor of a VPN connection. A run leaves none out "
                 "where there are more, as AWS documents no order; `check` tells."},
    {.key = "dx_received", .type = FIELD_NUMBER, AT(network_gateway_limits, dx_received),
     .max = UINT32_MAX, .initial = "100",
     .sentence = "Routes accepted on one Direct Connect virtual interface."},
    {.key = "static_routes", .type = FIELD_NUMBER, AT(network_gateway_limits, static_routes),
     .max = UINT32_MAX, .initial = "100", .sentence = "Static routes of one VPN connection."},
    {.key = "connections", .type = FIELD_NUMBER, AT(network_gateway_limits, connections),
     .max = UINT32_MAX, .initial = "10",
     .sentence = "VPN connections; sekishod refuses a file with more."},
    {.key = "propagated", .type = FIELD_NUMBER, AT(network_gateway_limits, propagated),
     .max = UINT32_MAX, .initial = "100",
     .sentence = "Routes propagated into one route table of the VPC."},
    {.key = "warn_percent", .type = FIELD_NUMBER, AT(network_gateway_limits, warn_percent),
     .min = 1, .max = 100, .initial = "80", .sentence = "Where the warning begins."},
    {.key = "over", .type = FIELD_CHOICE, AT(network_gateway_limits, over), .choices = over_choices,
     .initial = "close",
     .sentence = "One route too many: close the session as AWS does, or refuse that route."},
};
const struct schema schema_gateway_limits = {
    .noun = "a gateway's limits",
    .title = "Limits of a gateway",
    .text = "AWS's quotas unless said otherwise.",
    .size = sizeof(struct network_gateway_limits),
    FIELDS(gateway_limit_fields),
};

static const struct field latency_fields[] = {
    {.key = "decision", .type = FIELD_DURATION, AT(network_latency, decision_us),
     .open = "the platform's", .sentence = "UPDATE read to best path, and to what is sent on."},
    {.key = "rib_to_fib", .type = FIELD_DURATION, AT(network_latency, rib_to_fib_us),
     .open = "the platform's", .sentence = "Best path to the kernel's table."},
    {.key = "withdraw_to_fib", .type = FIELD_DURATION, AT(network_latency, withdraw_to_fib_us),
     .open = "the platform's", .sentence = "Session lost to its routes out of the kernel's table."},
    {.key = "session_restart", .type = FIELD_DURATION, AT(network_latency, session_restart_us),
     .open = "the platform's", .sentence = "Session lost to the next attempt."},
    {.key = "first_update", .type = FIELD_DURATION, AT(network_latency, first_update_us),
     .open = "the platform's", .sentence = "Session established to the first UPDATE."},
};
const struct schema schema_latency = {
    .noun = "latencies", .title = "Latencies",
    .text = "What no protocol prescribes; each platform's profile has measured or cited values.",
    .size = sizeof(struct network_latency), FIELDS(latency_fields),
};

/* clang-format on */
