#include "check/assume.h"

#include <string.h>

static void say(struct check *check, const char *sentence)
{
    check_add_text(check, &check->assumptions, sentence);
}

static const struct network_router *router_said(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    return ref.kind == NETWORK_ROUTER ? &network->routers[ref.index] : NULL;
}

static bool has_tunnel(const struct world *world, int node)
{
    for (size_t i = 0; i < world->connection_count; i++) {
        if (world->connections[i].router == node)
            return true;
    }
    return false;
}

static void say_router(struct check *check, const struct node *node, bool ends_tunnel)
{
    const struct network_router *router = router_said(check->network, node->id);
    if (!ends_tunnel) {
        if (node->platform == PLATFORM_UNKNOWN)
            say(check,
                check_text(check, "%s: nothing is known of it but what it announces", node->id));
    } else if (!router) {
        say(check, check_text(check,
                              "%s: nothing is known of its router; taken to be directly on"
                              " the Internet, with a default by DHCP",
                              node->id));
    } else if (!router->routes && !router->underlay) {
        say(check, check_text(check,
                              "%s: its routes are not in the file; taken to have a default"
                              " by DHCP",
                              node->id));
    }
}

static bool matters(const struct world *world, int node)
{
    enum node_kind kind = world->nodes[node].kind;
    return kind == NODE_GATEWAY || (kind == NODE_ROUTER && has_tunnel(world, node));
}

/* What the platforms' profiles hold without a document or a measurement behind it: each sentence
 * once, with all platforms that rest on it. */
static void say_assumption(struct check *check, const struct world *world,
                           enum platform_assumption assumption)
{
    char names[160];
    struct text text = text_over(names, sizeof names);
    uint32_t named = 0; /* set of platforms */
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!node->profile || !(node->profile->assumed & 1u << assumption) ||
            (named & 1u << node->platform) || !matters(world, (int)i))
            continue;
        text_add(&text, named ? ", " : "platform ");
        text_add(&text, platform_name(node->platform));
        named |= 1u << node->platform;
    }
    if (named)
        say(check, check_text(check, "%s: %s", names, platform_assumption_sentence(assumption)));
}

void assume_say(struct check *check, const struct world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->kind == NODE_ROUTER)
            say_router(check, node, has_tunnel(world, (int)i));
    }
    for (int i = 0; i < PLATFORM_ASSUMPTION_COUNT; i++)
        say_assumption(check, world, (enum platform_assumption)i);
    if (check->reach.ends_in_all > check->reach.end_count)
        say(check, check_text(check, "reachability is compared between %zu of %zu addresses",
                              check->reach.end_count, check->reach.ends_in_all));
    say(check, "security groups and network ACLs are not in the file; nothing is taken to be"
               " dropped by them");
}
