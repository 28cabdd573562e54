/* Announcements that an attachment could make and does not: by which prefix would a tunnel's own
 * packets be taken, and who would have to announce it?
 *
 * The prefixes are those by which an outside address has been seen to be covered: the default, its
 * halves, the /8 and the /24 around the address, and what the file lists as permitted
 * (may_announce); where there is such a list, only what lies inside it. The default is tried first,
 * from every attachment; a narrower prefix only where a tunnel has withstood the wider ones. */
#include "check/inquiry.h"

#include "network/edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 64 /* prefixes of one breadth, of one attachment */ };

/* From the widest, which is the gravest, to the narrowest. */
enum breadth { DEFAULT, HALF, RANGE, NET, LISTED, BREADTHS };

struct attachment {
    struct network_ref ref; /* VPN connection or Direct Connect */
    const char *id;
    const struct network_router *said;
    int32_t router; /* of the network */
    int router_node;
    int gateway;
    uint16_t number;          /* in the gateway's engine */
    const struct prefix *may; /* NULL: anything */
    size_t may_count;
    bool further;
};

struct hazard {
    struct inquiry *inquiry;
    struct attachment *attachments;
    size_t count, first; /* from where on they are tried */
    bool *guarded;       /* connections of the world */
    bool *exposed;       /* nodes: their tunnels could be harmed by `from`'s announcements */
    bool *exposed_far;   /* and their tunnels to other gateways than from's */
    const struct attachment *from;
};

/* -- who may announce what -- */

static bool is_said(const struct network_announcement *announcements, size_t count,
                    struct prefix prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix_equal(announcements[i].prefix, prefix))
            return true;
    }
    return false;
}

static const struct network_filter *import_of(const struct network *network, struct network_ref ref)
{
    return ref.kind == NETWORK_VPN_CONNECTION ? &network->vpn_connections[ref.index].import
                                              : &network->direct_connects[ref.index].import;
}

static bool is_news(const struct hazard *hazard, struct prefix prefix)
{
    const struct attachment *from = hazard->from;
    const struct network_bgp *bgp = from->said->bgp;
    return network_may_announce(hazard->inquiry->network, from->ref, prefix) &&
           !is_said(bgp->announce, bgp->announce_count, prefix) &&
           !is_said(bgp->received, bgp->received_count, prefix) &&
           network_filter_permits(import_of(hazard->inquiry->network, from->ref), 0, prefix);
}

static void add_attachment(struct hazard *hazard, struct network_ref router,
                           struct network_ref gateway, struct attachment attachment)
{
    const struct network *network = hazard->inquiry->network;
    const struct world *world = hazard->inquiry->screen.world;
    if (router.kind != NETWORK_ROUTER || !network->routers[router.index].bgp)
        return;
    attachment.said = &network->routers[router.index];
    attachment.router = router.index;
    attachment.router_node = world_find_node(world, attachment.said->id);
    attachment.gateway = world_find_node(world, network->vpn_gateways[gateway.index].id);
    hazard->attachments[hazard->count++] = attachment;
}

static void add_connection(struct hazard *hazard, size_t index)
{
    const struct network *network = hazard->inquiry->network;
    const struct network_connection *at = &network->vpn_connections[index];
    struct attachment attachment = {
        .ref = {.kind = NETWORK_VPN_CONNECTION, .index = (int32_t)index, .part = -1},
        .id = at->id,
        .number = hazard->inquiry->screen.world->connections[index].attachment,
        .may = at->may_announce,
        .may_count = at->may_announce_count};
    if (!at->static_routes)
        add_attachment(hazard, network->customer_gateways[at->customer_gateway.index].router,
                       at->vpn_gateway, attachment);
}

static void add_direct_connect(struct hazard *hazard, size_t index, bool further)
{
    const struct network_direct_connect *at = &hazard->inquiry->network->direct_connects[index];
    struct attachment attachment = {
        .ref = {.kind = NETWORK_DIRECT_CONNECT, .index = (int32_t)index, .part = -1},
        .id = at->id,
        .number = hazard->inquiry->screen.world->direct_connects[index].attachment,
        .may = at->may_announce,
        .may_count = at->may_announce_count,
        .further = further};
    add_attachment(hazard, at->router, at->vpn_gateway, attachment);
}

static void list_attachments(struct hazard *hazard, size_t further)
{
    const struct network *network = hazard->inquiry->network;
    size_t cap = network->vpn_connection_count + network->direct_connect_count + 1;
    hazard->attachments = check_take(hazard->inquiry->check, cap * sizeof *hazard->attachments);
    for (size_t i = 0; i < network->vpn_connection_count; i++)
        add_connection(hazard, i);
    for (size_t i = 0; i < network->direct_connect_count; i++)
        add_direct_connect(hazard, i, i + further >= network->direct_connect_count);
    hazard->first = further > 0 ? hazard->count - further : 0;
}

/* -- whom it could harm -- */

static void list_guards(struct hazard *hazard)
{
    const struct network *network = hazard->inquiry->network;
    const struct world *world = hazard->inquiry->screen.world;
    struct check *check = hazard->inquiry->check;
    hazard->guarded = check_take(check, world->connection_count + 1);
    hazard->exposed = check_take(check, world->node_count);
    hazard->exposed_far = check_take(check, world->node_count);
    for (size_t i = 0; i < world->connection_count; i++) {
        enum network_guard guard = network_guard_of(network, &network->vpn_connections[i]);
        hazard->guarded[i] = guard == NETWORK_GUARD_HOLD || guard == NETWORK_GUARD_CARVE ||
                             guard == NETWORK_GUARD_REFUSE;
    }
}

/* A router must hear the gateway; a guard keeps from it what covers an outside address of that
 * gateway. */
static void look_from(struct hazard *hazard, const struct attachment *from)
{
    const struct world *world = hazard->inquiry->screen.world;
    hazard->from = from;
    memset(hazard->exposed, 0, world->node_count);
    memset(hazard->exposed_far, 0, world->node_count);
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct connection *heard = &world->connections[i];
        if (heard->gateway != from->gateway || heard->router == WORLD_NONE)
            continue;
        hazard->exposed_far[heard->router] = true;
        hazard->exposed[heard->router] |= !hazard->guarded[i];
    }
}

/* Could an announcement by the attachment harm the tunnel? Its router must ask its table for the
 * way to the outside address. */
static bool is_exposed(const struct hazard *hazard, int tunnel)
{
    const struct world *world = hazard->inquiry->screen.world;
    const struct tunnel *of = &world->tunnels[tunnel];
    int router = of->ends[TUNNEL_CUSTOMER].node;
    bool own = of->ends[TUNNEL_GATEWAY].node == hazard->from->gateway;
    if (router == hazard->from->router_node || world->nodes[router].outer_vrf)
        return false;
    return own ? hazard->exposed[router] : hazard->exposed_far[router];
}

/* Does anybody still ask? An open tunnel does; and one of which it is known that the default would
 * swallow it, to know who else could. */
static bool is_asked(const struct hazard *hazard, enum breadth breadth, int tunnel)
{
    enum question question = hazard->inquiry->questions[tunnel];
    bool witness = question == ANSWERED && breadth == DEFAULT && !hazard->from->further;
    return (question == OPEN || witness) && is_exposed(hazard, tunnel);
}

static ip_addr outside_of(const struct hazard *hazard, int tunnel)
{
    return hazard->inquiry->screen.world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].outer_remote;
}

static bool is_worth_it(const struct hazard *hazard, enum breadth breadth, struct prefix prefix)
{
    for (size_t i = 0; i < hazard->inquiry->screen.world->tunnel_count; i++) {
        if (prefix_contains(prefix, outside_of(hazard, (int)i)) &&
            is_asked(hazard, breadth, (int)i))
            return true;
    }
    return false;
}

/* -- one of them -- */

/* In the world of the iteration: the announcement comes by this attachment only, also where the
 * router has others. */
static void tell_filter(struct hazard *hazard, const struct attachment *other, struct prefix prefix,
                        bool deny)
{
    struct screen *screen = &hazard->inquiry->screen;
    const struct node *gateway = &screen->world->nodes[other->gateway];
    struct event event = {.kind = EVENT_FILTER,
                          .filter = {.attachment = other->number, .permit_rest = true}};
    for (size_t i = 0; i < gateway->setup_count; i++) {
        const struct event *said = &gateway->setup[i];
        if (said->kind == EVENT_FILTER && said->filter.attachment == other->number &&
            !said->filter.export && !said->filter.allowed)
            event = *said;
    }
    struct prefix_rule *rules = calloc(event.filter.count + 1u, sizeof *rules);
    assert(rules);
    rules[0] = (struct prefix_rule){.prefix = prefix, .ge = prefix.len, .le = prefix.len};
    if (event.filter.count > 0)
        memcpy(rules + 1, event.filter.rules, event.filter.count * sizeof *rules);
    event.filter.rules = deny ? rules : rules + 1;
    event.filter.count = (uint16_t)(event.filter.count + deny);
    sim_tell(screen->sim, other->gateway, &event);
    free(rules);
}

static void tell_all(struct hazard *hazard, struct prefix prefix, bool present)
{
    const struct attachment *from = hazard->from;
    for (size_t i = 0; i < hazard->count; i++) {
        const struct attachment *other = &hazard->attachments[i];
        if (other != from && other->router == from->router)
            tell_filter(hazard, other, prefix, present);
    }
    struct event event = {.kind = present ? EVENT_ANNOUNCE : EVENT_WITHDRAW,
                          .announce = {.prefix = prefix}};
    sim_tell(hazard->inquiry->screen.sim, from->router_node, &event);
}

/* The same in time. */
static struct network *make_variant(const struct hazard *hazard, struct prefix prefix)
{
    const struct attachment *from = hazard->from;
    struct network view = *hazard->inquiry->network;
    struct network_step step = {
        .at_us = SUPPOSED_US,
        .verb = NETWORK_STEP_ANNOUNCE,
        .object = {.id = from->said->id, .kind = NETWORK_ROUTER, .index = from->router, .part = -1},
        .about = NETWORK_ABOUT_ROUTER,
        .announcement = {.prefix = prefix, .med = -1}};
    view.story = &step;
    view.step_count = 1;
    struct network *variant = network_copy(&view);
    for (size_t i = 0; i < hazard->count; i++) {
        const struct attachment *other = &hazard->attachments[i];
        struct network_rule deny = network_deny(prefix, 0);
        if (other != from && other->router == from->router)
            network_add_rule(network_filter_of(variant, other->ref, NETWORK_IMPORT), &deny);
    }
    return variant;
}

static void witness(const struct hazard *hazard, int tunnel, struct prefix prefix)
{
    struct witness *seen = &hazard->inquiry->witnesses[tunnel];
    if (seen->words)
        seen->others++;
    else if (hazard->from->further) /* who is in no file, on a line that is in none */
        seen->words = check_text(hazard->inquiry->check, "%s from %s", text_of_prefix(prefix),
                                 hazard->from->said->id);
    else
        seen->words = check_text(hazard->inquiry->check, "%s from %s on %s", text_of_prefix(prefix),
                                 hazard->from->said->id, hazard->from->id);
}

/* Tunnels that are answered already and would be taken by this, too. */
static void hear_witnesses(const struct hazard *hazard, struct prefix prefix)
{
    const struct inquiry *inquiry = hazard->inquiry;
    for (size_t i = 0; i < inquiry->screen.world->tunnel_count; i++) {
        const struct screen_tunnel *of = &inquiry->screen.tunnels[i];
        if (inquiry->questions[i] == ANSWERED && inquiry->expected[i] && of->into != WORLD_NONE &&
            prefix_equal(of->prefix, prefix))
            witness(hazard, (int)i, prefix);
    }
}

static void run_in_time(struct hazard *hazard, struct prefix prefix)
{
    struct inquiry *inquiry = hazard->inquiry;
    struct network *variant = make_variant(hazard, prefix);
    struct supposition supposed = {.words =
                                       check_text(inquiry->check, "%s announced %s",
                                                  hazard->from->said->id, text_of_prefix(prefix)),
                                   .announced = true,
                                   .prefix = prefix,
                                   .origin = hazard->from->router_node,
                                   .further = hazard->from->further};
    struct run run;
    if (inquiry_run(inquiry, variant, &run)) {
        inquiry_watch(inquiry, &run);
        inquiry_look(inquiry, variant, &run, &supposed, &inquiry->reach);
        run_done(&run);
    }
    network_free(variant);
}

static void try_out(struct hazard *hazard, struct prefix prefix)
{
    struct inquiry *inquiry = hazard->inquiry;
    if (!inquiry_may_probe(inquiry))
        return;
    tell_all(hazard, prefix, true);
    bool fails = inquiry_probe(inquiry);
    if (fails)
        hear_witnesses(hazard, prefix);
    bool asked = fails && inquiry_is_asked(inquiry);
    tell_all(hazard, prefix, false);
    screen_return(&inquiry->screen);
    if (asked)
        run_in_time(hazard, prefix);
}

/* -- all of them -- */

struct prefixes {
    struct prefix items[CANDIDATES_MAX];
    size_t count;
};

static void add_prefix(struct prefixes *prefixes, struct prefix prefix)
{
    for (size_t i = 0; i < prefixes->count; i++) {
        if (prefix_equal(prefixes->items[i], prefix))
            return;
    }
    if (prefixes->count < CANDIDATES_MAX)
        prefixes->items[prefixes->count++] = prefix;
}

/* What of this breadth covers the address, if the attachment announced it. */
static void add_covering(struct prefixes *prefixes, enum breadth breadth,
                         const struct attachment *from, ip_addr addr)
{
    static const uint8_t lengths[] = {[DEFAULT] = 0, [HALF] = 1, [RANGE] = 8, [NET] = 24};
    if (breadth < LISTED)
        add_prefix(prefixes, prefix_around(addr, lengths[breadth]));
    for (size_t i = 0; breadth == LISTED && i < from->may_count; i++) {
        if (prefix_contains(from->may[i], addr))
            add_prefix(prefixes, from->may[i]);
    }
}

static void try_breadth(struct hazard *hazard, enum breadth breadth)
{
    struct prefixes prefixes = {.count = 0};
    for (size_t i = 0; i < hazard->inquiry->screen.world->tunnel_count; i++) {
        if (is_asked(hazard, breadth, (int)i))
            add_covering(&prefixes, breadth, hazard->from, outside_of(hazard, (int)i));
    }
    for (size_t i = 0; i < prefixes.count; i++) {
        if (is_news(hazard, prefixes.items[i]) && is_worth_it(hazard, breadth, prefixes.items[i]))
            try_out(hazard, prefixes.items[i]);
    }
}

void dangers_try(struct inquiry *inquiry, size_t further)
{
    struct hazard hazard = {.inquiry = inquiry};
    list_attachments(&hazard, further);
    list_guards(&hazard);
    for (int breadth = DEFAULT; breadth < BREADTHS; breadth++) {
        for (size_t i = hazard.first; i < hazard.count; i++) {
            look_from(&hazard, &hazard.attachments[i]);
            try_breadth(&hazard, (enum breadth)breadth);
        }
    }
}

void dangers_say(struct inquiry *inquiry, size_t tunnel_count)
{
    struct check *check = inquiry->check;
    for (size_t i = 0; i < tunnel_count; i++) {
        if (inquiry->questions[i] != ANSWERED)
            continue;
        struct check_finding *finding = &check->findings[inquiry->findings[i]];
        const struct witness *seen = &inquiry->witnesses[i];
        const char *also = "";
        if (!finding->conditional || finding->protection)
            continue;
        if (seen->others > 0)
            also = check_text(check, "; the same would come of %s, and of %zu more", seen->words,
                              seen->others);
        else if (seen->words)
            also = check_text(check, "; the same would come of %s", seen->words);
        finding->protection =
            check_text(check, "%s does not announce it now%s", finding->origin.router, also);
    }
}
