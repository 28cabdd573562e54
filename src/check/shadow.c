/* T14, static-shadows: a static route of a VPC's table takes what the gateway propagates. T17,
 * blackhole-route: a route whose target is gone keeps its place, and drops. T18,
 * peering-not-transitive: a route over a peering to what is not in the other VPC. */
#include "check/known.h"
#include "check/places.h"
#include "check/settled.h"

#include <ctype.h>
#include <string.h>

enum { PING_BYTES = 84 };

/* -- shared -- */

/* A packet from whoever lives by the table to the first host of the prefix. */
static void send(const struct place_of_table *at, struct prefix prefix, struct path *ret_path)
{
    const struct port *port = &at->world->nodes[at->instance].ports[1];
    struct packet packet = {.src = prefix.six ? port->six : port->addr,
                            .dst = prefix_first_host(prefix),
                            .kind = PACKET_PLAIN,
                            .size_bytes = PING_BYTES,
                            .tunnel = WORLD_NONE};
    *ret_path = (struct path){.hops = NULL};
    forward(at->world, at->instance, &packet, ret_path);
}

/* Why a packet was dropped, within a sentence. */
static const char *say_drop(struct check *check, enum drop drop)
{
    char *words = check_text(check, "%s", drop_sentence(drop));
    size_t length = strlen(words);
    words[0] = (char)tolower((unsigned char)words[0]);
    if (length > 0 && words[length - 1] == '.')
        words[length - 1] = '\0';
    return words;
}

static void say_users(struct check *check, const struct place_of_table *at,
                      struct check_finding *finding)
{
    if (at->subnets)
        settled_because(check, finding, "subnets that ask %s: %s", at->id, at->subnets);
    else
        settled_because(check, finding, "no subnet uses %s now", at->id);
}

/* The entry goes: what it hides takes its place. */
static void suggest_deletion(struct check *check, const struct place_of_table *at,
                             struct prefix prefix, struct check_finding *finding)
{
    struct change change = {
        .kind = CHANGE_TABLE_DELETE, .index = at->vpc_index, .part = at->part, .prefix = prefix};
    settled_suggest(check, finding,
                    &(struct idea){CHECK_REMEDY_ROUTE_TABLE_DELETE, &change, 1, false});
}

static enum check_level level_when_broken(const struct check *check,
                                          const struct place_of_table *at, struct prefix prefix)
{
    if (!at->subnets)
        return CHECK_LATENT;
    if (at->run->end == SIM_SETTLED && place_misses(check, at, prefix))
        return CHECK_CERTAIN;
    return at->instance == WORLD_NONE ? CHECK_LATENT : CHECK_LIKELY;
}

static const struct node *peer_of(const struct place_of_table *at, struct vpc_target target)
{
    return &at->world->nodes[at->node->targets[target.id].node];
}

static const struct network_vpc *said_vpc(const struct check *check, const struct node *vpc)
{
    struct network_ref ref = network_find(check->network, vpc->id);
    return ref.kind == NETWORK_VPC ? &check->network->vpcs[ref.index] : NULL;
}

/* Is the prefix the peer's own? Then a peering carries it. */
static bool is_peers(const struct check *check, const struct place_of_table *at,
                     const struct vpc_route *route)
{
    const struct network_vpc *said = said_vpc(check, peer_of(at, route->target));
    for (size_t i = 0; said && i < said->cidr_count; i++) {
        if (prefix_covers(said->cidrs[i], route->prefix))
            return true;
    }
    return false;
}

/* -- T14 -- */

static bool is_internet_exit(const struct check *check, const struct place_of_table *at,
                             struct prefix prefix)
{
    struct origin origin;
    if (!evidence_origin(at->world, at->node->owner, prefix, &origin))
        return false;
    if (origin.connection != WORLD_NONE)
        return check->network->vpn_connections[origin.connection].internet_exit;
    return origin.direct_connect != WORLD_NONE &&
           check->network->direct_connects[origin.direct_connect].internet_exit;
}

/* What becomes of packets that the static route takes: elsewhere is a decision, nowhere is none. */
static enum check_level judge_shadow(struct check *check, const struct place_of_table *at,
                                     struct prefix prefix, const char **ret_end)
{
    struct path path;
    *ret_end = NULL;
    if (at->instance == WORLD_NONE || prefix.len == 0)
        return CHECK_LATENT;
    send(at, prefix, &path);
    const char *from = at->world->nodes[at->instance].id,
               *to = text_of_ip(prefix_first_host(prefix));
    const char *end = at->world->nodes[path.node].id;
    if (path.delivered || path.drop == DROP_NO_INSTANCE) { /* where such addresses are at home */
        *ret_end = check_text(check, "what %s sends to %s arrives at %s that way", from, to, end);
        return CHECK_LATENT;
    }
    *ret_end = check_text(check, "what %s sends to %s is lost at %s: %s", from, to, end,
                          say_drop(check, path.drop));
    return level_when_broken(check, at, prefix);
}

static void static_shadows(struct check *check, const struct place_of_table *at,
                           const struct vpc_route *taken)
{
    struct prefix prefix = taken->prefix;
    bool way_out = prefix.len == 0 && taken->target.kind == VPC_TO_INTERNET;
    if (way_out && !is_internet_exit(check, at, prefix))
        return; /* nobody wants that default here: T11 */
    if (taken->target.kind == VPC_TO_PEERING)
        return; /* the peer's own: the shorter way. Else peering-not-transitive says it */
    const char *end, *target = place_target(at, taken->target);
    enum check_level level = judge_shadow(check, at, prefix, &end);
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_STATIC_SHADOWS, level, at->id,
                    check_text(check, "%s sends %s to %s, not to %s, which has it too", at->id,
                               text_of_prefix(prefix), target, at->gateway->id));
    finding->prefix = prefix;
    finding->gateway = at->gateway->id;
    place_say_origin(check, at, prefix, finding);
    settled_because(check, finding,
                    "%s propagates %s%s%s into %s, where a static route of the same prefix stands"
                    " before it",
                    at->gateway->id, text_of_prefix(prefix),
                    finding->origin.attachment ? " of " : "",
                    finding->origin.attachment ? finding->origin.attachment : "", at->id);
    if (end)
        settled_because(check, finding, "%s", end);
    say_users(check, at, finding);
    if (level >= CHECK_LIKELY)
        suggest_deletion(check, at, prefix, finding);
}

/* -- T17 -- */

static const struct network_vpc_route *said_route(const struct place_of_table *at,
                                                  struct prefix prefix)
{
    const struct network_route_table *table = &at->said->route_tables[at->part];
    for (size_t i = 0; i < table->route_count; i++) {
        if (prefix_equal(table->routes[i].prefix, prefix))
            return &table->routes[i];
    }
    return NULL;
}

/* Which target is gone, and how; NULL: none, the route was made to drop. */
static const char *say_gone(struct check *check, const struct place_of_table *at,
                            struct prefix prefix)
{
    const struct network_vpc_route *said = said_route(at, prefix);
    const struct network *network = check->network;
    if (!said)
        return NULL;
    if (said->was)
        return check_text(check, "%s is gone", said->was);
    if (said->target.kind == NETWORK_VPN_GATEWAY)
        return check_text(check, "%s is not attached to %s", said->target.id, at->said->id);
    if (said->target.kind == NETWORK_PEERING)
        return check_text(
            check, "the peering %s is %s", said->target.id,
            network_peering_status_name(network->vpc_peerings[said->target.index].status));
    return NULL;
}

/* The route that would carry what this one drops; false: none would. */
static bool find_hidden(const struct place_of_table *at, struct prefix prefix,
                        struct vpc_route *ret_hidden)
{
    enum vpc_reason reason;
    bool behind = false;
    for (uint32_t i = 0;
         vpc_candidate(at->vpc, at->table, prefix_address(prefix), i, ret_hidden, &reason); i++) {
        bool itself =
            prefix_equal(ret_hidden->prefix, prefix) && ret_hidden->origin == VPC_ORIGIN_STATIC;
        enum vpc_target_kind kind = (enum vpc_target_kind)ret_hidden->target.kind;
        if (behind && reason != VPC_OVER_LIMIT && ret_hidden->state == VPC_ACTIVE)
            return kind == VPC_TO_INSTANCE || kind == VPC_TO_PEERING ||
                   (kind == VPC_TO_GATEWAY && at->gateway && known_covers(at->gateway, prefix));
        behind |= itself;
    }
    return false;
}

static void blackhole_route(struct check *check, const struct place_of_table *at,
                            struct prefix prefix)
{
    struct vpc_route hidden;
    const char *gone = say_gone(check, at, prefix);
    bool hides = find_hidden(at, prefix, &hidden);
    enum check_level level = level_when_broken(check, at, prefix);
    bool decided = !gone || !hides;
    if (decided && level != CHECK_CERTAIN)
        level = CHECK_LATENT;
    if (!gone && !hides && level != CHECK_CERTAIN)
        return; /* made to drop what nothing else would carry */
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_BLACKHOLE_ROUTE, level, at->id,
                    check_text(check, "%s drops %s%s%s", at->id, text_of_prefix(prefix),
                               gone ? ": " : ", which has another way", gone ? gone : ""));
    finding->prefix = prefix;
    if (gone)
        settled_because(check, finding,
                        "the route is in state blackhole; it keeps its place in %s, and drops what"
                        " comes by it",
                        at->id);
    else
        settled_because(check, finding,
                        "the route is in state blackhole; what it led to is not in the file");
    if (hides)
        settled_because(check, finding, "behind it stands %s to %s%s, which would carry it",
                        text_of_prefix(hidden.prefix), place_target(at, hidden.target),
                        hidden.origin == VPC_ORIGIN_PROPAGATED ? " (propagated)" : "");
    else
        settled_because(check, finding, "no other route of %s would carry it", at->id);
    say_users(check, at, finding);
    suggest_deletion(check, at, prefix, finding);
}

/* -- T18 -- */

/* Another VPC, in which the prefix lies. */
static const char *vpc_with(const struct check *check, struct prefix prefix)
{
    for (size_t i = 0; i < check->network->vpc_count; i++) {
        const struct network_vpc *vpc = &check->network->vpcs[i];
        for (size_t j = 0; j < vpc->cidr_count; j++) {
            if (prefix_covers(vpc->cidrs[j], prefix))
                return vpc->id;
        }
    }
    return NULL;
}

/* Behind what the prefix lies. */
static void say_behind(struct check *check, const struct place_of_table *at,
                       const struct node *peer, struct prefix prefix, struct check_finding *finding)
{
    const struct node *owner = &at->world->nodes[peer->owner];
    const char *third = vpc_with(check, prefix);
    if (third)
        settled_because(check, finding, "it lies in %s: %s needs a peering of its own with it",
                        third, at->said->id);
    else if (owner->kind == NODE_GATEWAY && prefix.len > 0 && known_covers(owner, prefix))
        settled_because(check, finding,
                        "it lies behind %s, the gateway of %s, which only %s itself can use",
                        owner->id, peer->id, peer->id);
    else if (prefix.len == 0 && peer->internet_gateway)
        settled_because(check, finding, "nor does it lead to the Internet gateway of %s", peer->id);
}

static void not_transitive(struct check *check, const struct place_of_table *at,
                           const struct vpc_route *route)
{
    const struct node *peer = peer_of(at, route->target);
    const struct network_vpc *said = said_vpc(check, peer);
    struct prefix prefix = route->prefix;
    bool summary = false;
    const char *cidrs = NULL;
    if (is_peers(check, at, route))
        return;
    for (size_t i = 0; said && i < said->cidr_count; i++) {
        summary |= prefix.len > 0 && prefix_covers(prefix, said->cidrs[i]);
        cidrs = settled_list(check, cidrs, text_of_prefix(said->cidrs[i]));
    }
    enum check_level level = level_when_broken(check, at, prefix);
    if (summary && level != CHECK_CERTAIN)
        return; /* a wide route whose narrow part is meant */
    const char *peering = place_target(at, route->target);
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_PEERING_NOT_TRANSITIVE, level, at->id,
                    check_text(check, "%s sends %s over %s, which does not carry it", at->id,
                               text_of_prefix(prefix), peering));
    finding->prefix = prefix;
    settled_because(check, finding,
                    "a peering carries only what goes from one of its two VPCs to the other, and"
                    " %s has %s",
                    peer->id, cidrs);
    say_behind(check, at, peer, prefix, finding);
    struct vpc_route hidden;
    if (find_hidden(at, prefix, &hidden)) {
        settled_because(check, finding, "behind it stands %s to %s%s, which would carry it",
                        text_of_prefix(hidden.prefix), place_target(at, hidden.target),
                        hidden.origin == VPC_ORIGIN_PROPAGATED ? " (propagated)" : "");
        suggest_deletion(check, at, prefix, finding);
    }
    say_users(check, at, finding);
}

/* -- the table -- */

/* The chosen one of the prefix at which the walk is: it comes first. */
static void ask_route(struct check *check, const struct place_of_table *at,
                      const struct vpc_route *route, const struct vpc_route *taken,
                      enum vpc_reason reason)
{
    bool shadowed = route->origin == VPC_ORIGIN_PROPAGATED && reason == VPC_LOST_ORIGIN;
    bool drops = taken->state == VPC_BLACKHOLE || taken->target.kind == VPC_TO_BLACKHOLE;
    if (shadowed && !drops && taken->target.kind != VPC_TO_GATEWAY)
        static_shadows(check, at, taken);
    if (route->origin != VPC_ORIGIN_STATIC)
        return;
    if (route->state == VPC_BLACKHOLE || route->target.kind == VPC_TO_BLACKHOLE)
        blackhole_route(check, at, route->prefix);
    else if (route->target.kind == VPC_TO_PEERING)
        not_transitive(check, at, route);
}

static void look_at_routes(struct check *check, const struct place_of_table *at)
{
    struct vpc_walk walk = {.begun = false};
    struct vpc_route route, taken = {.prefix = {0, 0}};
    enum vpc_reason reason;
    bool first = true;
    while (vpc_next(at->vpc, at->table, &walk, &route, &reason)) {
        if (first || !prefix_equal(route.prefix, taken.prefix))
            taken = route;
        first = false;
        ask_route(check, at, &route, &taken, reason);
    }
}

void shadow_find(struct check *check, const struct run *run)
{
    places_ask(check, run, look_at_routes);
}
