#include "check/assume.h"

#include <string.h>

enum { NAMED_MAX = 4 }; /* in one sentence */

static void say(struct check *check, const char *sentence)
{
    check_add_text(check, &check->assumptions, sentence);
}

static const struct network_router *router_said(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    return ref.kind == NETWORK_ROUTER ? &network->routers[ref.index] : NULL;
}

/* Of the nodes of a world, looked up once: a region has thousands. */
struct known {
    const struct world *world;
    const struct network_router **said; /* NULL: not in the file */
    bool *has_tunnel;
};

/* Routers mostly stand as they do in the file. */
static struct known known_of(struct check *check, const struct world *world)
{
    const struct network *network = check->network;
    struct known known = {.world = world,
                          .said = check_take(check, world->node_count * sizeof(*known.said)),
                          .has_tunnel = check_take(check, world->node_count)};
    size_t next = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        const char *id = world->nodes[i].id;
        if (world->nodes[i].kind != NODE_ROUTER)
            continue;
        if (next == network->router_count || strcmp(network->routers[next].id, id) != 0) {
            const struct network_router *found = router_said(network, id);
            next = found ? (size_t)(found - network->routers) : network->router_count;
        }
        if (next < network->router_count)
            known.said[i] = &network->routers[next++];
    }
    for (size_t i = 0; i < world->connection_count; i++) {
        if (world->connections[i].router != WORLD_NONE)
            known.has_tunnel[world->connections[i].router] = true;
    }
    return known;
}

static bool has_no_routes(const struct network_router *said)
{
    return !said || (!said->routes && !said->underlay);
}

bool assume_has_no_routes(const struct network *network, const char *router)
{
    return has_no_routes(router_said(network, router));
}

enum ignorance {
    NOTHING_BUT_ITS_WORDS,
    NOTHING_OF_ITS_ROUTER,
    NOT_ITS_ROUTES,
    WHOSE_DEFAULT, /* and of the others one at most */
    IGNORANCES
};

/* What is not known of a router; IGNORANCES: nothing that matters. */
static enum ignorance ignorance_of(const struct known *known, size_t at)
{
    const struct node *node = &known->world->nodes[at];
    if (node->kind != NODE_ROUTER)
        return IGNORANCES;
    if (!known->has_tunnel[at])
        return node->platform == PLATFORM_UNKNOWN ? NOTHING_BUT_ITS_WORDS : IGNORANCES;
    if (!known->said[at])
        return NOTHING_OF_ITS_ROUTER;
    return has_no_routes(known->said[at]) ? NOT_ITS_ROUTES : IGNORANCES;
}

/* Does it announce a default of which nobody can say whether it uses it? */
static bool is_default_presumed(const struct known *known, size_t at)
{
    const struct network_bgp *bgp = known->said[at] ? known->said[at]->bgp : NULL;
    if (!bgp || bgp->default_originate != NETWORK_UNSAID || !known->has_tunnel[at])
        return false;
    for (size_t i = 0; i < bgp->received_count; i++) {
        if (bgp->received[i].prefix.len == 0)
            return true;
    }
    return false;
}

/* "a, b": those of whom it is true, of many the first. NULL: of nobody. */
static const char *names_of(struct check *check, const struct known *known,
                            enum ignorance ignorance, size_t *ret_count)
{
    const char *names = NULL;
    size_t count = 0;
    for (size_t i = 0; i < known->world->node_count; i++) {
        bool its = ignorance == WHOSE_DEFAULT ? is_default_presumed(known, i)
                                              : ignorance_of(known, i) == ignorance;
        if (!its)
            continue;
        if (count < NAMED_MAX)
            names = check_text(check, "%s%s%s", names ? names : "", names ? ", " : "",
                               known->world->nodes[i].id);
        count++;
    }
    *ret_count = count;
    return count > NAMED_MAX ? check_text(check, "%s and %zu more", names, count - NAMED_MAX)
                             : names;
}

/* One sentence for all of whom the same is not known. */
static void say_ignorance(struct check *check, const struct known *known, enum ignorance ignorance)
{
    static const char *const sentences[][2] = {
        [NOTHING_BUT_ITS_WORDS] = {"nothing is known of it but what it announces",
                                   "nothing is known of them but what they announce"},
        [NOTHING_OF_ITS_ROUTER] = {"nothing is known of its router; taken to be directly on the"
                                   " Internet, with a default by DHCP",
                                   "nothing is known of their routers; taken to be directly on the"
                                   " Internet, with a default by DHCP"},
        [NOT_ITS_ROUTES] = {"its routes are not in the file; taken to have a default by DHCP",
                            "their routes are not in the file; taken to have a default by DHCP"},
        [WHOSE_DEFAULT] = {"announces a default; taken to make it for its neighbors only"
                           " (default_originate), so that one it is told would be used",
                           "announce a default; taken to make it for their neighbors only"
                           " (default_originate), so that one they are told would be used"}};
    size_t count;
    const char *names = names_of(check, known, ignorance, &count);
    if (names)
        say(check, check_text(check, "%s: %s", names, sentences[ignorance][count > 1]));
}

static bool matters(const struct known *known, size_t node)
{
    enum node_kind kind = known->world->nodes[node].kind;
    return kind == NODE_GATEWAY || (kind == NODE_ROUTER && known->has_tunnel[node]);
}

/* What the platforms' profiles hold without a document or a measurement behind it: each sentence
 * once, with all platforms that rest on it. */
static void say_assumption(struct check *check, const struct known *known,
                           enum platform_assumption assumption)
{
    char names[160];
    struct text text = text_over(names, sizeof names);
    uint32_t named = 0; /* set of platforms */
    for (size_t i = 0; i < known->world->node_count; i++) {
        const struct node *node = &known->world->nodes[i];
        if (!node->profile || !(node->profile->assumed & 1u << assumption) ||
            (named & 1u << node->platform) || !matters(known, i))
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
    struct known known = known_of(check, world);
    for (int i = 0; i < IGNORANCES; i++)
        say_ignorance(check, &known, (enum ignorance)i);
    for (int i = 0; i < PLATFORM_ASSUMPTION_COUNT; i++)
        say_assumption(check, &known, (enum platform_assumption)i);
    if (check->reach.ends_in_all > check->reach.end_count)
        say(check, check_text(check, "reachability is compared between %zu of %zu addresses",
                              check->reach.end_count, check->reach.ends_in_all));
    say(check, world->filtered
                   ? "security groups and network ACLs are asked of tunnels' own packets; of all"
                     " others only where routes lead"
                   : "security groups and network ACLs are not in the file; nothing is taken to be"
                     " dropped by them");
}
