#include "network/check.h"

#include "base/sort.h"
#include "network/build_parts.h"
#include "network/inside.h"
#include "network/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *called(const char *id)
{
    return id ? id : "the router";
}

/* --- neighbors --- */

/* Every BGP neighbor of every router, by router, then by address. */
struct neighbor {
    size_t router;
    ip_addr address;
};

struct neighbors {
    struct neighbor *items;
    size_t count, cap;
};

static void neighbors_add(struct neighbors *neighbors, int32_t router, ip_addr address)
{
    if (router < 0 || !address)
        return;
    neighbors->items =
        memory_grow(neighbors->items, neighbors->count, &neighbors->cap, sizeof *neighbors->items);
    neighbors->items[neighbors->count++] = (struct neighbor){(size_t)router, address};
}

static int compare_neighbors(const void *left, const void *right, const void *ctx)
{
    const struct neighbor *first = left, *second = right;
    (void)ctx;
    if (first->router != second->router)
        return first->router < second->router ? -1 : 1;
    return (first->address > second->address) - (first->address < second->address);
}

/* The router's address where its provider is; 0: not known. */
static ip_addr outer_of(const struct network *network, size_t router)
{
    if (network->routers[router].address)
        return network->routers[router].address;
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        for (size_t j = 0; j < vpc->instance_count; j++)
            if (vpc->instances[j].router.index == (int32_t)router)
                return vpc->instances[j].address;
    }
    for (size_t i = 0; i < network->customer_gateway_count; i++)
        if (network->customer_gateways[i].router.index == (int32_t)router)
            return network->customer_gateways[i].address;
    return 0;
}

/* As the world is built: where the file says no address, the first host of the router's /24. */
static ip_addr provider_of(const struct network *network, size_t router)
{
    const struct network_router *said = &network->routers[router];
    if (said->underlay->address || said->gateway)
        return said->underlay->address ? said->underlay->address : said->gateway;
    ip_addr outer = outer_of(network, router);
    return outer ? build_first_host(outer) : 0;
}

static struct neighbors neighbors_of(const struct network *network)
{
    struct neighbors neighbors = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        int32_t customer = connection->customer_gateway.index;
        for (size_t j = 0; customer >= 0 && j < connection->tunnel_count; j++)
            neighbors_add(&neighbors, network->customer_gateways[customer].router.index,
                          connection->tunnels[j].inside_vgw);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        struct network_neighbors its = network_direct_neighbors(&network->direct_connects[i]);
        for (size_t j = 0; j < 2; j++)
            neighbors_add(&neighbors, network->direct_connects[i].router.index, its.addresses[j]);
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *router = &network->routers[i];
        if (router->underlay)
            neighbors_add(&neighbors, (int32_t)i, provider_of(network, i));
    }
    struct neighbor *scratch = memory_zeroed(neighbors.count, sizeof *scratch);
    sort_stable(neighbors.items, neighbors.count, sizeof *scratch, scratch, compare_neighbors,
                NULL);
    free(scratch);
    return neighbors;
}

/* The first neighbor at or behind the sought one. */
static size_t neighbors_seek(const struct neighbors *neighbors, struct neighbor sought)
{
    size_t low = 0, high = neighbors->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_neighbors(&neighbors->items[middle], &sought, NULL) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void unknown_neighbor(struct checking *checking, const struct neighbors *neighbors,
                             size_t router, const ip_addr *address_said, struct place place)
{
    char hint[96], address[IP_TEXT_BYTES];
    struct text text = text_over(hint, sizeof hint);
    size_t at = neighbors_seek(neighbors, (struct neighbor){router, 0}), shown = 0;
    text_add(&text, "its neighbors are");
    for (; at < neighbors->count && neighbors->items[at].router == router && shown < 4; at++) {
        text_add(&text, shown++ ? ", " : " ");
        text_ip(&text, neighbors->items[at].address);
    }
    text = shown ? text : text_over(hint, sizeof hint);
    if (!shown)
        text_add(&text, "it has none");
    struct text writer = text_over(address, sizeof address);
    text_ip(&writer, *address_said);
    check_say(checking, address_said, place, hint, "%s has no neighbor %s",
              called(checking->network->routers[router].id), address);
}

static void check_neighbor(struct checking *checking, const struct neighbors *neighbors,
                           size_t router, const ip_addr *address, struct place place)
{
    struct neighbor sought = {router, *address};
    size_t at = *address ? neighbors_seek(neighbors, sought) : 0;
    if (*address &&
        (at == neighbors->count || compare_neighbors(&neighbors->items[at], &sought, NULL) != 0))
        unknown_neighbor(checking, neighbors, router, address, place);
}

static void check_filter(struct checking *checking, const struct neighbors *neighbors,
                         size_t router, const struct network_filter *filter)
{
    for (size_t i = 0; i < filter->rule_count; i++)
        check_neighbor(checking, neighbors, router, &filter->rules[i].neighbor,
                       filter->rules[i].place);
}

/* --- one router --- */

static void announced_twice(struct checking *checking, const struct spot *earlier,
                            const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL, "%s already names this prefix (line %u)",
              earlier->owner, spots_line(checking, earlier));
}

static void add_announcements(struct spots *spots, uint32_t group,
                              const struct network_announcement *announcements, size_t count,
                              const char *owner)
{
    for (size_t i = 0; i < count; i++)
        spots_add(spots, group, announcements[i].prefix, &announcements[i].prefix,
                  announcements[i].place, owner);
}

static void check_bgp(struct checking *checking, const struct network_router *router)
{
    const struct network_bgp *bgp = router->bgp;
    if (bgp->announce && bgp->received)
        check_say(checking, &bgp->received, bgp->place, "expected announce or received",
                  "what %s announces is told twice", called(router->id));
}

static void check_place(struct checking *checking, size_t index,
                        const struct network_instance *const *instances)
{
    const struct network_router *router = &checking->network->routers[index];
    const struct network_instance *instance = instances[index];
    if (instance && router->address && instance->address && router->address != instance->address)
        check_say(checking, &router->address, router->place, "leave it out",
                  "%s is the instance %s, which has another address", called(router->id),
                  instance->id ? instance->id : "of a VPC");
}

static const struct network_instance **instances_of(const struct network *network)
{
    const struct network_instance **instances =
        memory_zeroed(network->router_count, sizeof *instances);
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        for (size_t j = 0; j < vpc->instance_count; j++)
            if (vpc->instances[j].router.index >= 0)
                instances[vpc->instances[j].router.index] = &vpc->instances[j];
    }
    return instances;
}

static void check_story_filters(struct checking *checking, const struct neighbors *neighbors)
{
    const struct network *network = checking->network;
    for (size_t i = 0; i < network->step_count; i++) {
        const struct network_step *step = &network->story[i];
        if (step->verb != NETWORK_STEP_CONFIGURE || step->about != NETWORK_ABOUT_ROUTER ||
            step->object.index < 0)
            continue;
        check_filter(checking, neighbors, (size_t)step->object.index, &step->change.import);
        check_filter(checking, neighbors, (size_t)step->object.index, &step->change.export);
        check_neighbor(checking, neighbors, (size_t)step->object.index, &step->change.neighbor,
                       step->place);
    }
}

/* Nothing would heed it: sekishod keeps its own packets out of its tunnels by itself. */
static void check_vrf(struct checking *checking, const struct network_router *router)
{
    if (router->platform == PLATFORM_SEKISHO && router->outer_vrf)
        check_say(checking, &router->outer_vrf, router->place,
                  "leave it out: sekishod pins the way of its tunnels' packets",
                  "%s is a sekishod, which knows no VRF", called(router->id));
}

void check_routers(struct checking *checking)
{
    const struct network *network = checking->network;
    const struct network_instance **instances = instances_of(network);
    struct neighbors neighbors = neighbors_of(network);
    struct spots announced = {0}, underlay = {0};
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *router = &network->routers[i];
        const struct network_bgp *bgp = router->bgp;
        check_place(checking, i, instances);
        check_vrf(checking, router);
        if (router->underlay && !bgp)
            check_say(checking, &router->underlay, router->place, "give the router bgp with an asn",
                      "%s speaks no BGP with its underlay", called(router->id));
        if (router->underlay)
            add_announcements(&underlay, (uint32_t)i, router->underlay->announce,
                              router->underlay->announce_count, "its provider");
        if (!bgp)
            continue;
        check_bgp(checking, router);
        add_announcements(&announced, (uint32_t)i, bgp->announce, bgp->announce_count,
                          called(router->id));
        if (!bgp->announce)
            add_announcements(&announced, (uint32_t)i, bgp->received, bgp->received_count,
                              called(router->id));
        check_filter(checking, &neighbors, i, &bgp->import);
        check_filter(checking, &neighbors, i, &bgp->export);
        for (size_t j = 0; j < bgp->neighbor_count; j++)
            check_neighbor(checking, &neighbors, i, &bgp->neighbors[j].address,
                           bgp->neighbors[j].place);
    }
    spots_judge_take(checking, &announced, SPOTS_EQUAL, announced_twice);
    spots_judge_take(checking, &underlay, SPOTS_EQUAL, announced_twice);
    check_story_filters(checking, &neighbors);
    free(neighbors.items);
    free(instances);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice router_platforms[] = {
#define PLATFORM(id, name, sentence) {name, PLATFORM_##id},
#include "table/platform.def"
#undef PLATFORM
    {0}};
static const struct choice answers[] = {{"true", NETWORK_YES}, {"false", NETWORK_NO}, {0}};

static const struct field bgp_fields[] = {
    {.key = "asn", .type = FIELD_ASN, AT(network_bgp, asn), .required = true,
     .sentence = "Its AS."},
    {.key = "announce", .type = FIELD_STRUCT, LIST(network_bgp, announce, announce_count),
     .of = &schema_announcement, .open = "nothing of its own",
     .sentence = "What its configuration announces to every neighbor."},
    {.key = "received", .type = FIELD_STRUCT, LIST(network_bgp, received, received_count),
     .of = &schema_announcement, .open = "not observed",
     .sentence = "Instead of announce: what was seen of it at the gateway, for a router into "
                 "whose configuration nobody can look."},
    {.key = "announce_back", .type = FIELD_CHOICE, AT(network_bgp, announce_back),
     .choices = answers, .open = "as the platform does",
     .sentence = "Whether it announces a route back to the neighbor it came from."},
    {.key = "default_originate", .type = FIELD_CHOICE, AT(network_bgp, default_originate),
     .choices = answers, .open = "false; taken to be true of what was `received`",
     .sentence = "Whether a default that it announces is made for its neighbors only "
                 "(default-originate): then one that it is told can take the place of its own."},
    {.key = "allowas_in", .type = FIELD_NUMBER, AT(network_bgp, allowas_in), .max = 10,
     .initial = "0", .sentence = "How often its own AS may stand in a path that it accepts."},
    {.key = "import", .type = FIELD_STRUCT, LIST(network_bgp, import.rules, import.rule_count),
     .of = &schema_router_rule, .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What it accepts."},
    {.key = "export", .type = FIELD_STRUCT, LIST(network_bgp, export.rules, export.rule_count),
     .of = &schema_router_rule, .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What it announces."},
    {.key = "neighbors", .type = FIELD_STRUCT, LIST(network_bgp, neighbors, neighbor_count),
     .of = &schema_neighbor, .open = "all alike",
     .sentence = "Neighbors towards whom it has a policy of its own."},
    {.key = "timers", .type = FIELD_STRUCT, AT(network_bgp, timers), .of = &schema_router_timers,
     .sentence = "BGP timers."},
};
const struct schema schema_bgp = {
    .noun = "a router's BGP", .title = "BGP of routers",
    .size = sizeof(struct network_bgp), FIELDS(bgp_fields),
};

static const struct field underlay_fields[] = {
    {.key = "asn", .type = FIELD_ASN, AT(network_underlay, asn), .required = true,
     .sentence = "The provider's AS."},
    {.key = "address", .type = FIELD_ADDRESS, AT(network_underlay, address),
     .open = "the router's gateway", .sentence = "The provider's address."},
    {.key = "announce", .type = FIELD_STRUCT, LIST(network_underlay, announce, announce_count),
     .required = true, .of = &schema_announcement,
     .sentence = "What the provider announces, a default route with its path for example."},
};
const struct schema schema_underlay = {
    .noun = "an underlay", .title = "Underlays that speak BGP",
    .text = "The provider of a router that learns its way to the internet by BGP.",
    .size = sizeof(struct network_underlay), FIELDS(underlay_fields),
};

static const struct choice rp_filters[] = {
    {"none", NETWORK_RP_NONE}, {"loose", NETWORK_RP_LOOSE}, {"strict", NETWORK_RP_STRICT}, {0}};

static const struct field router_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_router, id), .required = true,
     .sentence = "Its name."},
    {.key = "platform", .type = FIELD_CHOICE, AT(network_router, platform),
     .choices = router_platforms, .initial = "unknown",
     .sentence = "What it runs: decides distances, latencies and whether it announces back."},
    {.key = "address", .type = FIELD_ADDRESS, AT(network_router, address),
     .open = "its instance's, else its customer gateway's",
     .sentence = "Of its outer interface. Other than the customer gateway's: it sits behind NAT."},
    {.key = "gateway", .type = FIELD_ADDRESS, AT(network_router, gateway),
     .open = "its subnet's first host; of a site, the first host of its address's /24",
     .sentence = "The next hop of its uplink."},
    {.key = "lan", .type = FIELD_PREFIX, .six = FIELD_EITHER, LIST(network_router, lan, lan_count),
     .open = "what it announces", .sentence = "Networks connected behind it."},
    {.key = "routes", .type = FIELD_STRUCT, LIST(network_router, routes, route_count),
     .of = &schema_route, .open = "not known",
     .sentence = "Its own table, as far as BGP does not fill it."},
    {.key = "bgp", .type = FIELD_OPTIONAL, AT(network_router, bgp), .of = &schema_bgp,
     .open = "it speaks none", .sentence = "Its BGP."},
    {.key = "outer_vrf", .type = FIELD_BOOL, AT(network_router, outer_vrf), .initial = "false",
     .sentence = "Whether its outer interface has a table of its own, a VRF. sekishod knows none: "
                 "it pins the way of its tunnels' packets."},
    {.key = "rp_filter", .type = FIELD_CHOICE, AT(network_router, rp_filter),
     .choices = rp_filters, .open = "not known",
     .sentence = "Whether it drops what comes by another way than it would answer (Linux's "
                 "rp_filter, uRPF). Runs do not; asymmetric-tunnels asks for it."},
    {.key = "underlay", .type = FIELD_OPTIONAL, AT(network_router, underlay),
     .of = &schema_underlay, .open = "its provider speaks no BGP", .sentence = "Its provider."},
    {.key = "latency", .type = FIELD_STRUCT, AT(network_router, latency), .of = &schema_latency,
     .sentence = "How long its daemons take."},
};
const struct schema schema_router = {
    .noun = "a router", .title = "Routers",
    .text = "A router is an instance of a VPC (which names it), the far side of a Direct Connect, "
            "or a site: then its address lies directly on the internet, and lan behind it.",
    .size = sizeof(struct network_router), .kind = NETWORK_ROUTER, FIELDS(router_fields),
};

/* clang-format on */
