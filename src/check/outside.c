#include "check/outside.h"

#include "base/sort.h"
#include "check/family.h"
#include "check/known.h"
#include "check/mechanism.h"
#include "check/settled.h"

#include <string.h>

/* A prefix that a gateway has learned, and from whom. */
struct range {
    const struct world *world;
    int gateway;
    struct prefix prefix;
    struct origin origin;
};

static const char *origin_id(const struct range *range)
{
    return range->world->nodes[range->origin.node].id;
}

/* By which attachment it came. */
static const char *attachment_id(const struct range *range)
{
    const struct world *world = range->world;
    return range->origin.connection != WORLD_NONE
               ? world->connections[range->origin.connection].id
               : world->direct_connects[range->origin.direct_connect].id;
}

/* A tunnel of the gateway whose customer lies in the prefix, and is not who announces it;
 * WORLD_NONE: none. */
static int find_customer(const struct range *range)
{
    for (size_t i = 0; i < range->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &range->world->tunnels[i];
        const struct tunnel_end *end = &tunnel->ends[TUNNEL_GATEWAY];
        if (end->node == range->gateway && !tunnel->plain &&
            tunnel->ends[TUNNEL_CUSTOMER].node != range->origin.node &&
            prefix_contains(range->prefix, end->outer_remote))
            return (int)i;
    }
    return WORLD_NONE;
}

/* The gravest finding of a tunnel that the prefix takes, would take or is kept from, told by the
 * gateway; NULL: none. */
static struct check_finding *find_told(struct check *check, const struct range *range)
{
    const char *gateway = range->world->nodes[range->gateway].id;
    struct check_finding *gravest = NULL;
    for (size_t i = 0; i < check->finding_count; i++) {
        struct check_finding *finding = &check->findings[i];
        if (!finding->what && finding->told_by && strcmp(finding->told_by, gateway) == 0 &&
            prefix_equal(finding->prefix, range->prefix) &&
            (!gravest || finding->level > gravest->level))
            gravest = finding;
    }
    return gravest;
}

static struct check_finding *add(struct check *check, const struct range *range,
                                 enum check_finding_kind kind, enum check_level level,
                                 const char *what)
{
    struct check_finding *finding = settled_add(check, kind, level, attachment_id(range), what);
    finding->prefix = range->prefix;
    finding->router = origin_id(range);
    finding->gateway = range->world->nodes[range->gateway].id;
    evidence_say_origin(check, range->world, &range->origin, finding);
    return finding;
}

/* T07: the gateway's own packets to a customer would go the way of the prefix, if they ever met
 * it. */
static void say_gateway(struct check *check, const struct range *range, int customer)
{
    const struct world *world = range->world;
    const struct tunnel *tunnel = &world->tunnels[customer];
    const struct node *gateway = &world->nodes[range->gateway];
    const char *prefix = text_of_prefix(range->prefix);
    struct check_finding *finding =
        add(check, range, CHECK_FINDING_GATEWAY_RECURSION, CHECK_PROTECTED,
            check_text(check, "%s announces what %s's own packets are sent to", origin_id(range),
                       gateway->id));
    settled_because(check, finding,
                    "%s comes by %s and covers %s, the outside address that %s goes"
                    " to",
                    prefix, attachment_id(range),
                    text_of_ip(tunnel->ends[TUNNEL_GATEWAY].outer_remote),
                    world->connections[tunnel->connection].id);
    finding->protection = check_text(
        check, "%s never sends IKE and ESP packets by routes that it has learned", gateway->id);
    finding->guard_line = check_text(check, "platform: %s", platform_name(gateway->platform));
    check_add_text(check, &finding->why, "outer-and-inner-apart");
}

/* T08: nobody's tunnel is taken by it now. */
static void say_own(struct check *check, const struct range *range, ip_addr own)
{
    const char *prefix = text_of_prefix(range->prefix);
    const char *gateway = range->world->nodes[range->gateway].id;
    struct check_finding *finding =
        add(check, range, CHECK_FINDING_OWN_RANGE_ANNOUNCED, CHECK_LATENT,
            check_text(check, "%s announces the public range that its own gateway lies in",
                       origin_id(range)));
    settled_because(check, finding, "%s comes by %s and holds %s, the outside address of %s itself",
                    prefix, attachment_id(range), text_of_ip(own), origin_id(range));
    settled_because(check, finding,
                    "nobody else has a tunnel to that range now; a site of %s that builds one sends"
                    " its packets through %s",
                    gateway, gateway);
    struct change change = {.kind = CHANGE_STOP, .prefix = range->prefix};
    finding->outside = own;
    finding->traits = FAMILY_OWN_RANGE | FAMILY_ELSEWHERE | FAMILY_GATEWAY;
    family_name(check, finding);
    if (known_router(check->network, range->world, range->origin.node, &change.index))
        settled_suggest(check, finding,
                        &(struct idea){CHECK_REMEDY_ORIGIN_WITHDRAW, &change, 1, false});
}

static void ask(struct check *check, const struct range *range)
{
    int customer = find_customer(range);
    ip_addr own = mechanism_own_range(range->world, range->origin.node, range->prefix);
    struct check_finding *told = customer != WORLD_NONE || own ? find_told(check, range) : NULL;
    if (told) {
        told->traits |= FAMILY_GATEWAY;
        family_name(check, told);
    } else if (own) {
        say_own(check, range, own);
    } else if (customer != WORLD_NONE) {
        say_gateway(check, range, customer);
    }
}

/* -- which prefixes are worth asking about -- */

struct addresses { /* of all customers, ascending */
    ip_addr *items;
    size_t count;
};

static int by_address(const void *left, const void *right, const void *ctx)
{
    const ip_addr *first = left, *second = right;
    (void)ctx;
    return (*first > *second) - (*first < *second);
}

static struct addresses list_addresses(struct check *check, const struct world *world)
{
    size_t count = world->tunnel_count;
    ip_addr *items = check_take(check, (2 * count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = world->tunnels[i].ends[TUNNEL_GATEWAY].outer_remote;
    sort_stable(items, count, sizeof *items, items + count, by_address, NULL);
    return (struct addresses){items, count};
}

/* Does the prefix cover one of them? The first one from its beginning on tells. */
static bool covers_any(const struct addresses *addresses, struct prefix prefix)
{
    size_t from = 0, to = addresses->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (addresses->items[middle] < prefix.addr)
            from = middle + 1;
        else
            to = middle;
    }
    return from < addresses->count && prefix_contains(prefix, addresses->items[from]);
}

void outside_find(struct check *check, const struct run *run)
{
    struct addresses addresses = list_addresses(check, run->world);
    for (size_t i = 0; i < run->world->node_count; i++) {
        struct range range = {.world = run->world, .gateway = (int)i};
        struct known known;
        if (run->world->nodes[i].kind != NODE_GATEWAY || !run->world->nodes[i].engine)
            continue;
        known_take(check, &run->world->nodes[i], &known);
        for (size_t j = 0; j < known.count; j++) {
            range.prefix = known.items[j];
            if (covers_any(&addresses, range.prefix) &&
                evidence_origin(run->world, range.gateway, range.prefix, &range.origin) &&
                range.origin.node != WORLD_NONE && range.origin.node != range.gateway &&
                (range.origin.connection != WORLD_NONE ||
                 range.origin.direct_connect != WORLD_NONE))
                ask(check, &range);
        }
    }
}
