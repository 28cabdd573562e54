/* T27, foreign-prefix, where the file says what an attachment may announce (`may_announce`): it
 * announces something else. By its configuration, by what was seen of it, by a step of the story,
 * or as what it has from others and passes on.
 *
 * What a gateway does not take is no matter of traffic; it is told all the same, as protected. */
#include "check/offers.h"
#include "check/settled.h"
#include "network/inside.h"

enum { NAMED_MAX = 4, BROKEN_MAX = 64, NEIGHBORS_MAX = 2 };

/* How the file says that it is announced; what it does not say the router has from others. */
enum telling { CONFIGURED, SEEN, TOLD, PASSED_ON, SOURCES };

struct broken {
    struct prefix prefix;
    enum telling telling;
    int64_t at_us;   /* TOLD */
    enum reason why; /* of the gateway's judgment, when refused */
    bool refused;
};

struct pledge {
    struct check *check;
    const struct world *world;
    struct site site;
    struct network_ref ref;           /* of the attachment */
    int32_t index;                    /* of the router, in the network */
    ip_addr neighbors[NEIGHBORS_MAX]; /* what the router calls the gateway */
    size_t neighbor_count;
    struct broken *items;
    size_t count, left_out; /* left out: there was no room for them */
};

/* -- who, and to whom -- */

static const struct network_bgp *bgp_of(const struct pledge *pledge)
{
    return pledge->check->network->routers[pledge->index].bgp;
}

static const struct network_policy *policy_of(const struct pledge *pledge)
{
    const struct network *network = pledge->check->network;
    return pledge->ref.kind == NETWORK_DIRECT_CONNECT
               ? &network->direct_connects[pledge->ref.index].policy
               : &network->vpn_connections[pledge->ref.index].policy;
}

static const struct network_filter *import_of(const struct pledge *pledge)
{
    const struct network *network = pledge->check->network;
    return pledge->ref.kind == NETWORK_DIRECT_CONNECT
               ? &network->direct_connects[pledge->ref.index].import
               : &network->vpn_connections[pledge->ref.index].import;
}

static bool begin(struct pledge *pledge, struct check *check, const struct world *world,
                  const struct site *site)
{
    const struct network *network = check->network;
    *pledge = (struct pledge){.check = check, .world = world, .site = *site};
    if (site->is_static || !known_router(network, world, site->router, &pledge->index) ||
        !bgp_of(pledge))
        return false;
    bool direct = site->connection == WORLD_NONE;
    pledge->ref.kind = direct ? NETWORK_DIRECT_CONNECT : NETWORK_VPN_CONNECTION;
    pledge->ref.index = direct ? site->direct_connect : site->connection;
    if (direct) {
        const struct network_direct_connect *line = &network->direct_connects[pledge->ref.index];
        struct network_neighbors its = network_direct_neighbors(line);
        for (size_t i = 0; i < 2 && its.addresses[i] != 0; i++)
            pledge->neighbors[pledge->neighbor_count++] = its.addresses[i];
        return line->may_announce != NULL;
    }
    const struct network_connection *vpn = &network->vpn_connections[pledge->ref.index];
    for (size_t i = 0; i < vpn->tunnel_count && i < NEIGHBORS_MAX; i++)
        pledge->neighbors[pledge->neighbor_count++] = vpn->tunnels[i].inside_vgw;
    return vpn->may_announce != NULL;
}

/* -- what is announced -- */

static bool is_noted(const struct pledge *pledge, struct prefix prefix)
{
    for (size_t i = 0; i < pledge->count; i++) {
        if (prefix_equal(pledge->items[i].prefix, prefix))
            return true;
    }
    return false;
}

static void note(struct pledge *pledge, const struct broken *broken)
{
    if (network_may_announce(pledge->check->network, pledge->ref, broken->prefix) ||
        is_noted(pledge, broken->prefix))
        return;
    if (!pledge->items)
        pledge->items = check_take(pledge->check, BROKEN_MAX * sizeof *pledge->items);
    if (pledge->count < BROKEN_MAX)
        pledge->items[pledge->count++] = *broken;
    else
        pledge->left_out++;
}

/* Does the router tell it to the gateway by any of the attachment's sessions? */
static bool is_sent(const struct pledge *pledge, struct prefix prefix)
{
    for (size_t i = 0; i < pledge->neighbor_count; i++) {
        if (network_filter_permits(&bgp_of(pledge)->export, pledge->neighbors[i], prefix))
            return true;
    }
    return false;
}

static bool is_accepted(const struct network_policy *policy, struct prefix prefix)
{
    bool accepted = !policy->accept;
    for (size_t i = 0; !accepted && i < policy->accept_count; i++) {
        struct network_rule rule = policy->accept[i];
        rule.action = NETWORK_PERMIT;
        accepted = network_filter_permits(&(struct network_filter){&rule, 1}, 0, prefix);
    }
    return accepted;
}

/* By the file; of what the gateway does not have in the end nothing else is known. */
static void judge(const struct pledge *pledge, struct broken *broken)
{
    const struct network_policy *policy = policy_of(pledge);
    broken->refused = true;
    if (policy->refuse_default && broken->prefix.len == 0)
        broken->why = REASON_DEFAULT_ROUTE;
    else if (!is_accepted(policy, broken->prefix))
        broken->why = REASON_NOT_ALLOWED;
    else if (!network_filter_permits(import_of(pledge), 0, broken->prefix))
        broken->why = REASON_IMPORT_FILTER;
    else
        broken->refused = false;
}

static void note_said(struct pledge *pledge, struct prefix prefix, enum telling telling,
                      int64_t at_us)
{
    struct broken broken = {.prefix = prefix, .telling = telling, .at_us = at_us};
    judge(pledge, &broken);
    if (is_sent(pledge, prefix))
        note(pledge, &broken);
}

static void look_in_file(struct pledge *pledge)
{
    const struct network *network = pledge->check->network;
    const struct network_bgp *bgp = bgp_of(pledge);
    for (size_t i = 0; i < bgp->announce_count; i++)
        note_said(pledge, bgp->announce[i].prefix, CONFIGURED, 0);
    for (size_t i = 0; i < bgp->received_count; i++)
        note_said(pledge, bgp->received[i].prefix, SEEN, 0);
    for (size_t i = 0; i < network->step_count; i++) {
        const struct network_step *step = &network->story[i];
        if (step->verb == NETWORK_STEP_ANNOUNCE && step->object.kind == NETWORK_ROUTER &&
            step->object.index == pledge->index)
            note_said(pledge, step->announcement.prefix, TOLD, step->at_us);
    }
}

/* By the attachment's policy; of other causes other findings speak. */
static bool is_policy(enum reason why)
{
    return why == REASON_IMPORT_FILTER || why == REASON_NOT_ALLOWED || why == REASON_DEFAULT_ROUTE;
}

/* What the gateway has from there in the end, refused or not: its judgment stands above the file's
 * words. What holds the gateway's own AS it has told the router itself: a platform that announces
 * everything back breaks no promise by it. */
static void look_at_gateway(struct pledge *pledge)
{
    const struct rib *rib = known_rib(&pledge->world->nodes[pledge->site.gateway]);
    uint16_t attachment = site_attachment(pledge->world, &pledge->site);
    uint32_t *numbers;
    uint32_t count = known_numbers(pledge->check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        const struct rib_path *path = rib_path_next(rib, numbers[i], NULL);
        while (path && rib_source_get(rib, path->source)->source.attachment.v != attachment)
            path = rib_path_next(rib, numbers[i], path);
        if (!path || path->why == REASON_OWN_AS)
            continue;
        struct broken broken = {.prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i])),
                                .telling = PASSED_ON,
                                .refused = is_policy((enum reason)path->why),
                                .why = (enum reason)path->why};
        for (size_t k = 0; k < pledge->count; k++) {
            if (!prefix_equal(pledge->items[k].prefix, broken.prefix))
                continue;
            pledge->items[k].refused = broken.refused;
            pledge->items[k].why = broken.why;
        }
        note(pledge, &broken);
    }
}

/* -- a cure -- */

static void suggest(const struct pledge *pledge, struct check_finding *finding)
{
    const struct node *gateway = &pledge->world->nodes[pledge->site.gateway];
    struct change *changes =
        check_take(pledge->check, pledge->count * NEIGHBORS_MAX * sizeof *changes);
    struct idea idea = {
        .kind = CHECK_REMEDY_VGW_IMPORT_FILTER, .changes = changes, .disputed = true};
    bool own = network_find(pledge->check->network, gateway->id).kind == NETWORK_VPN_GATEWAY &&
               gateway->platform == PLATFORM_SEKISHO;
    bool direct = pledge->ref.kind == NETWORK_DIRECT_CONNECT;
    for (size_t i = 0; i < pledge->count; i++) {
        struct change change = {.kind = direct ? CHANGE_REFUSE_DIRECT : CHANGE_REFUSE,
                                .index = pledge->ref.index,
                                .prefix = pledge->items[i].prefix};
        if (pledge->items[i].refused)
            continue;
        if (own)
            changes[idea.count++] = change;
        change.kind = CHANGE_WITHHOLD;
        change.index = pledge->index;
        for (size_t k = 0; !own && k < pledge->neighbor_count; k++) {
            change.neighbor = pledge->neighbors[k];
            changes[idea.count++] = change;
        }
    }
    if (!own)
        idea.kind = CHECK_REMEDY_ORIGIN_EXPORT_FILTER;
    settled_suggest(pledge->check, finding, &idea);
}

/* -- in words -- */

struct names {
    const char *words;
    size_t count, more;
};

static void add_name(struct check *check, struct names *names, struct prefix prefix)
{
    if (names->count++ < NAMED_MAX)
        names->words = settled_list(check, names->words, text_of_prefix(prefix));
    else
        names->more++;
}

static const char *names_said(struct check *check, const struct names *names)
{
    return names->more ? check_text(check, "%s and %zu more", names->words, names->more)
                       : names->words;
}

static const char *promised(const struct pledge *pledge)
{
    const struct network *network = pledge->check->network;
    bool direct = pledge->ref.kind == NETWORK_DIRECT_CONNECT;
    const struct prefix *listed = direct ? network->direct_connects[pledge->ref.index].may_announce
                                         : network->vpn_connections[pledge->ref.index].may_announce;
    size_t count = direct ? network->direct_connects[pledge->ref.index].may_announce_count
                          : network->vpn_connections[pledge->ref.index].may_announce_count;
    struct names names = {0};
    for (size_t i = 0; i < count; i++)
        add_name(pledge->check, &names, listed[i]);
    return count > 0 ? check_text(pledge->check, "only %s", names_said(pledge->check, &names))
                     : "nothing";
}

static const char *broken_of(const struct pledge *pledge, int telling, bool refused)
{
    struct names names = {.more = telling == SOURCES ? pledge->left_out : 0};
    for (size_t i = 0; i < pledge->count; i++) {
        const struct broken *broken = &pledge->items[i];
        if (broken->refused == refused && (telling == SOURCES || (int)broken->telling == telling))
            add_name(pledge->check, &names, broken->prefix);
    }
    return names.words ? names_said(pledge->check, &names) : NULL;
}

/* Where each of them comes from. */
static void say_sources(const struct pledge *pledge, struct check_finding *finding, bool refused)
{
    const char *router = pledge->world->nodes[pledge->site.router].id;
    for (int telling = CONFIGURED; telling < SOURCES; telling++) {
        const char *names = broken_of(pledge, telling, refused);
        if (!names)
            continue;
        switch ((enum telling)telling) {
        case CONFIGURED:
            settled_because(pledge->check, finding, "the configuration of %s announces %s", router,
                            names);
            break;
        case SEEN:
            settled_because(pledge->check, finding, "%s was seen to announce %s", router, names);
            break;
        case TOLD:
            settled_because(pledge->check, finding, "in the story %s announces %s", router, names);
            break;
        case PASSED_ON:
        case SOURCES:
        default:
            settled_because(pledge->check, finding, "%s has %s from others, and passes it on",
                            router, names);
            break;
        }
    }
}

/* Where such a default mostly comes from: default-from-sample tells it where there is no list. */
static void say_default(const struct pledge *pledge, struct check_finding *finding, bool refused)
{
    for (size_t i = 0; pledge->site.connection != WORLD_NONE && i < pledge->count; i++) {
        const struct broken *broken = &pledge->items[i];
        if (broken->refused == refused && broken->telling == CONFIGURED &&
            broken->prefix.len == 0 && !broken->prefix.six)
            settled_because(pledge->check, finding,
                            "the configurations that AWS hands out announce 0.0.0.0/0; pasted, and"
                            " not meant: see default-from-sample");
    }
}

/* The nearest wider range of another site that loses traffic by it. */
static void say_whose(const struct pledge *pledge, struct check_finding *finding)
{
    const struct world *world = pledge->world;
    const struct rib *rib = known_rib(&world->nodes[pledge->site.gateway]);
    for (size_t i = 0; rib && i < pledge->count; i++) {
        uint32_t around[COVERS_MAX];
        struct prefix prefix = pledge->items[i].prefix;
        size_t count = pledge->items[i].refused
                           ? 0
                           : offers_around(world, pledge->site.gateway, prefix, around);
        for (size_t k = 0; k < count; k++) {
            struct offer wide[OFFERS_MAX];
            size_t offered = offers_of(world, pledge->site.gateway, around[k], wide);
            if (offered == 0 || wide[0].site.router == pledge->site.router)
                continue;
            settled_because(pledge->check, finding,
                            "%s is a part of %s's %s; the longer prefix takes the traffic",
                            text_of_prefix(prefix), world->nodes[wide[0].site.router].id,
                            text_of_prefix(wide[0].prefix));
            return;
        }
    }
}

static void say(const struct pledge *pledge, bool refused)
{
    struct check *check = pledge->check;
    const struct world *world = pledge->world;
    const char *names = broken_of(pledge, SOURCES, refused);
    const char *router = world->nodes[pledge->site.router].id;
    const char *gateway = world->nodes[pledge->site.gateway].id;
    const struct broken *first = pledge->items;
    if (!names)
        return;
    while (first->refused != refused)
        first++;
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_FOREIGN_PREFIX, refused ? CHECK_PROTECTED : CHECK_CERTAIN,
                    pledge->site.id,
                    check_text(check, "%s announces %s, and %s may announce %s", router, names,
                               pledge->site.id, promised(pledge)));
    finding->prefix = first->prefix;
    finding->router = router;
    finding->gateway = gateway;
    finding->connection = pledge->site.connection == WORLD_NONE ? NULL : pledge->site.id;
    finding->origin = (struct check_origin){router, pledge->site.id, bgp_of(pledge)->asn};
    say_sources(pledge, finding, refused);
    say_default(pledge, finding, refused);
    if (refused) {
        finding->protection = check_text(check, "%s refuses it, because %s", gateway,
                                         reason_text(first->why)->sentence);
        check_add_text(check, &finding->why, reason_text(first->why)->name);
        return;
    }
    settled_because(check, finding,
                    "may_announce is a promise that %s does not enforce: what comes is taken, and"
                    " told to its VPC and its other sites",
                    gateway);
    say_whose(pledge, finding);
    suggest(pledge, finding);
}

void pledge_find(struct check *check, const struct run *run)
{
    struct site site;
    struct pledge pledge;
    for (size_t i = 0; site_next(run->world, i, &site); i++) {
        if (!begin(&pledge, check, run->world, &site))
            continue;
        look_in_file(&pledge);
        look_at_gateway(&pledge);
        if (pledge.count == 0)
            continue;
        say(&pledge, false);
        say(&pledge, true);
    }
}
