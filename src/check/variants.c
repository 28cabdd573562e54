#include "check/variants.h"

#include "base/sort.h"
#include "check/family.h"
#include "check/recursion.h"
#include "check/remedy.h"
#include "network/edit.h"

#include <assert.h>
#include <string.h>

enum {
    TUNNEL_RUNS_MAX = 2048, /* variants times tunnels */
    VARIANTS_MIN = 8,       /* are run however many tunnels there are */
    WITNESSES_MAX = 4,      /* variants until nobody asks who else would do the same */
    CANDIDATES_MAX = 64,    /* prefixes of one breadth, of one attachment */
};

#define ANNOUNCED_US (60ll * 1000000) /* long after the last tunnel of a sound network is up */

/* A variant is not run to its end: that the tunnel falls once is enough, and where many disturb
 * each other the end is far away. */
#define WATCHED_US (ANNOUNCED_US + 300ll * 1000000)

/* From the widest, which is the gravest, to the narrowest. */
enum breadth { DEFAULT, HALF, RANGE, NET, LISTED, BREADTHS };

struct attachment {
    struct network_ref ref; /* VPN connection or Direct Connect */
    const char *id;
    const struct network_router *said;
    int32_t router; /* of the network */
    int router_node;
    int gateway;
    const struct prefix4 *may; /* NULL: anything */
    size_t may_count;
};

struct witness { /* who else would do the same */
    const char *words;
    size_t others; /* besides */
};

enum state { NO_QUESTION, OPEN, ANSWERED };

struct inquiry {
    struct check *check;
    struct network quiet; /* the network without its story; borrowed */
    struct run run;       /* of it */
    struct reach reach;   /* then */
    struct attachment *attachments;
    size_t attachment_count;
    bool *guarded;      /* connections of the world */
    enum state *states; /* of tunnels */
    struct witness *witnesses;
    size_t *findings;         /* of tunnels that are answered; an index */
    size_t tried, max;        /* variants */
    bool left_out, not_asked; /* a variant; who else would do the same */
};

/* -- who may announce what -- */

static bool lies_in(struct prefix4 prefix, const struct prefix4 *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix4_covers(ranges[i], prefix))
            return true;
    }
    return false;
}

static bool is_said(const struct network_announcement *announcements, size_t count,
                    struct prefix4 prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix4_equal(announcements[i].prefix, prefix))
            return true;
    }
    return false;
}

static const struct network_filter *import_of(const struct network *network, struct network_ref ref)
{
    return ref.kind == NETWORK_VPN_CONNECTION ? &network->vpn_connections[ref.index].import
                                              : &network->direct_connects[ref.index].import;
}

static bool is_news(const struct inquiry *inquiry, const struct attachment *from,
                    struct prefix4 prefix)
{
    const struct network_bgp *bgp = from->said->bgp;
    return (!from->may || lies_in(prefix, from->may, from->may_count)) &&
           !is_said(bgp->announce, bgp->announce_count, prefix) &&
           !is_said(bgp->received, bgp->received_count, prefix) &&
           network_filter_permits(import_of(&inquiry->quiet, from->ref), 0, prefix);
}

static void add_attachment(struct inquiry *inquiry, struct network_ref router,
                           struct network_ref gateway, struct attachment attachment)
{
    const struct network *network = &inquiry->quiet;
    const struct world *world = inquiry->run.world;
    if (router.kind != NETWORK_ROUTER || !network->routers[router.index].bgp)
        return;
    attachment.said = &network->routers[router.index];
    attachment.router = router.index;
    attachment.router_node = world_find_node(world, attachment.said->id);
    attachment.gateway = world_find_node(world, network->vpn_gateways[gateway.index].id);
    inquiry->attachments[inquiry->attachment_count++] = attachment;
}

static void list_attachments(struct inquiry *inquiry)
{
    const struct network *network = &inquiry->quiet;
    size_t cap = network->vpn_connection_count + network->direct_connect_count + 1;
    inquiry->attachments = check_take(inquiry->check, cap * sizeof *inquiry->attachments);
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        struct network_ref router = network->customer_gateways[at->customer_gateway.index].router;
        struct attachment attachment = {
            .ref = {.kind = NETWORK_VPN_CONNECTION, .index = (int32_t)i, .part = -1},
            .id = at->id,
            .may = at->may_announce,
            .may_count = at->may_announce_count};
        if (!at->static_routes)
            add_attachment(inquiry, router, at->vpn_gateway, attachment);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *at = &network->direct_connects[i];
        struct attachment attachment = {
            .ref = {.kind = NETWORK_DIRECT_CONNECT, .index = (int32_t)i, .part = -1},
            .id = at->id,
            .may = at->may_announce,
            .may_count = at->may_announce_count};
        add_attachment(inquiry, at->router, at->vpn_gateway, attachment);
    }
}

/* -- which tunnels are in question -- */

static bool is_known(const struct check *check, const char *tunnel)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        if (family_has(finding->kind) && !finding->what && finding->level >= CHECK_LIKELY &&
            strcmp(finding->tunnel, tunnel) == 0)
            return true;
    }
    return false;
}

static void list_tunnels(struct inquiry *inquiry)
{
    const struct world *world = inquiry->run.world;
    size_t count = world->tunnel_count + 1;
    inquiry->states = check_take(inquiry->check, count * sizeof *inquiry->states);
    inquiry->witnesses = check_take(inquiry->check, count * sizeof *inquiry->witnesses);
    inquiry->findings = check_take(inquiry->check, count * sizeof *inquiry->findings);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        bool asked = !world->tunnels[i].plain && !is_known(inquiry->check, world->tunnels[i].id);
        inquiry->states[i] = asked ? OPEN : NO_QUESTION;
    }
    inquiry->max = TUNNEL_RUNS_MAX / count;
    inquiry->max = inquiry->max < VARIANTS_MIN ? VARIANTS_MIN : inquiry->max;
}

static void list_guards(struct inquiry *inquiry)
{
    const struct network *network = &inquiry->quiet;
    const struct world *world = inquiry->run.world;
    inquiry->guarded = check_take(inquiry->check, world->connection_count + 1);
    for (size_t i = 0; i < world->connection_count; i++) {
        struct network_ref ref = network_find(network, world->connections[i].id);
        enum network_guard guard = network_guard_of(network, &network->vpn_connections[ref.index]);
        inquiry->guarded[i] = guard == NETWORK_GUARD_HOLD || guard == NETWORK_GUARD_CARVE ||
                              guard == NETWORK_GUARD_REFUSE;
    }
}

/* Could an announcement by the attachment harm the tunnel? The router must hear the gateway, and
 * ask its table for the way to the outside address; a guard keeps from it what covers an outside
 * address of that gateway. */
static bool is_exposed(const struct inquiry *inquiry, const struct attachment *from, int tunnel)
{
    const struct world *world = inquiry->run.world;
    const struct tunnel *of = &world->tunnels[tunnel];
    int router = of->ends[TUNNEL_CUSTOMER].node;
    bool own = of->ends[TUNNEL_GATEWAY].node == from->gateway;
    if (router == from->router_node || world->nodes[router].outer_vrf)
        return false;
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct connection *heard = &world->connections[i];
        if (heard->router == router && heard->gateway == from->gateway &&
            !(own && inquiry->guarded[i]))
            return true;
    }
    return false;
}

static ip4 outside_of(const struct inquiry *inquiry, int tunnel)
{
    return inquiry->run.world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].outer_remote;
}

/* -- one variant -- */

/* The announcement comes by this attachment only, also where the router has others. */
static struct network *make_variant(const struct inquiry *inquiry, const struct attachment *from,
                                    struct prefix4 prefix)
{
    struct network view = inquiry->quiet;
    struct network_step step = {
        .at_us = ANNOUNCED_US,
        .verb = NETWORK_STEP_ANNOUNCE,
        .object = {.id = from->said->id, .kind = NETWORK_ROUTER, .index = from->router, .part = -1},
        .about = NETWORK_ABOUT_ROUTER,
        .announcement = {.prefix = prefix, .med = -1}};
    view.story = &step;
    view.step_count = 1;
    struct network *variant = network_copy(&view);
    for (size_t i = 0; i < inquiry->attachment_count; i++) {
        const struct attachment *other = &inquiry->attachments[i];
        struct network_rule deny = network_deny(prefix, 0);
        if (other != from && other->router == from->router)
            network_add_rule(network_filter_of(variant, other->ref, NETWORK_IMPORT), &deny);
    }
    return variant;
}

static void witness(struct inquiry *inquiry, int tunnel, const struct attachment *from,
                    struct prefix4 prefix)
{
    struct witness *seen = &inquiry->witnesses[tunnel];
    if (seen->words)
        seen->others++;
    else
        seen->words = check_text(inquiry->check, "%s from %s on %s", text_of_prefix4(prefix),
                                 from->said->id, from->id);
}

/* The finding stays only if it is the announcement that takes the packets, and not what follows
 * from another tunnel's fall. */
static void answer(struct inquiry *inquiry, const struct run *run, const struct run *now,
                   int tunnel, const struct attachment *from, struct prefix4 prefix)
{
    struct check *check = inquiry->check;
    struct check_finding *finding = recursion_say(check, run, now, tunnel);
    if (!finding)
        return;
    if (!prefix4_equal(finding->prefix, prefix) ||
        finding->evidence->origin.node != from->router_node) {
        check->finding_count--;
        return;
    }
    finding->level = CHECK_LATENT;
    finding->conditional = true;
    finding->traits |= FAMILY_UNANNOUNCED;
    family_name(check, finding);
    inquiry->states[tunnel] = ANSWERED;
    inquiry->findings[tunnel] = check->finding_count - 1;
}

/* The same once more, to look at each tunnel at its moment. What has been seen of one already only
 * has a witness more. */
static void look(struct inquiry *inquiry, const struct network *variant, const struct run *run,
                 const struct attachment *from, struct prefix4 prefix)
{
    struct check *check = inquiry->check;
    struct run now = {0};
    int64_t at_us = -1;
    int tunnel = recursion_next(run, -1, WORLD_NONE, &at_us);
    for (; tunnel != WORLD_NONE; tunnel = recursion_next(run, at_us, tunnel, &at_us)) {
        if (inquiry->states[tunnel] == ANSWERED)
            witness(inquiry, tunnel, from, prefix);
        if (inquiry->states[tunnel] != OPEN)
            continue;
        if (!now.world) {
            if (!run_begin(&now, variant, check->options.seed, check->options.limit_us))
                return;
            check_counted(check, "evidence");
        }
        run_until(&now, at_us);
        answer(inquiry, run, &now, tunnel, from, prefix);
    }
    run_done(&now);
}

static void try_out(struct inquiry *inquiry, const struct attachment *from, struct prefix4 prefix)
{
    struct check *check = inquiry->check;
    size_t before = check->finding_count;
    if (check->interrupted)
        return;
    struct network *variant = make_variant(inquiry, from, prefix);
    struct run run;
    inquiry->tried++;
    if (run_begin(&run, variant, check->options.seed, check->options.limit_us)) {
        run_until(&run, WATCHED_US);
        check_counted(check, "variant");
        if (run_any_swallowed(&run))
            look(inquiry, variant, &run, from, prefix);
        if (!check->options.no_remedies)
            remedy_search_variant(check, before, variant, &run, &inquiry->reach);
        run_done(&run);
    }
    network_free(variant);
}

/* -- all of them -- */

struct prefixes {
    struct prefix4 items[CANDIDATES_MAX];
    size_t count;
};

static void add_prefix(struct prefixes *prefixes, struct prefix4 prefix)
{
    for (size_t i = 0; i < prefixes->count; i++) {
        if (prefix4_equal(prefixes->items[i], prefix))
            return;
    }
    if (prefixes->count < CANDIDATES_MAX)
        prefixes->items[prefixes->count++] = prefix;
}

/* What of this breadth covers the address, if the attachment announced it. */
static void add_covering(struct prefixes *prefixes, enum breadth breadth,
                         const struct attachment *from, ip4 addr)
{
    static const uint8_t lengths[] = {[DEFAULT] = 0, [HALF] = 1, [RANGE] = 8, [NET] = 24};
    if (breadth < LISTED)
        add_prefix(prefixes, prefix4_make(addr, lengths[breadth]));
    for (size_t i = 0; breadth == LISTED && i < from->may_count; i++) {
        if (prefix4_contains(from->may[i], addr))
            add_prefix(prefixes, from->may[i]);
    }
}

/* Does anybody still ask? An open tunnel does; and until there are some witnesses, a tunnel of
 * which it is known that the default would swallow it. */
static bool is_asked(const struct inquiry *inquiry, enum breadth breadth,
                     const struct attachment *from, int tunnel)
{
    enum state state = inquiry->states[tunnel];
    bool witness = state == ANSWERED && breadth == DEFAULT && inquiry->tried < WITNESSES_MAX;
    return (state == OPEN || witness) && is_exposed(inquiry, from, tunnel);
}

static bool is_worth_it(const struct inquiry *inquiry, enum breadth breadth,
                        const struct attachment *from, struct prefix4 prefix)
{
    for (size_t i = 0; i < inquiry->run.world->tunnel_count; i++) {
        if (prefix4_contains(prefix, outside_of(inquiry, (int)i)) &&
            is_asked(inquiry, breadth, from, (int)i))
            return true;
    }
    return false;
}

static void try_breadth(struct inquiry *inquiry, enum breadth breadth,
                        const struct attachment *from)
{
    struct prefixes prefixes = {.count = 0};
    inquiry->not_asked |= breadth == DEFAULT && inquiry->tried >= WITNESSES_MAX;
    for (size_t i = 0; i < inquiry->run.world->tunnel_count; i++) {
        if (is_asked(inquiry, breadth, from, (int)i))
            add_covering(&prefixes, breadth, from, outside_of(inquiry, (int)i));
    }
    for (size_t i = 0; i < prefixes.count; i++) {
        struct prefix4 prefix = prefixes.items[i];
        if (!is_news(inquiry, from, prefix) || !is_worth_it(inquiry, breadth, from, prefix))
            continue;
        if (inquiry->tried < inquiry->max)
            try_out(inquiry, from, prefix);
        else
            inquiry->left_out = true;
    }
}

/* In words: what is not so today, and who else could make it so. */
static void say_conditions(struct inquiry *inquiry)
{
    struct check *check = inquiry->check;
    for (size_t i = 0; i < inquiry->run.world->tunnel_count; i++) {
        if (inquiry->states[i] != ANSWERED)
            continue;
        struct check_finding *finding = &check->findings[inquiry->findings[i]];
        const struct witness *seen = &inquiry->witnesses[i];
        const char *also = "";
        if (seen->others > 0)
            also = check_text(check, "; the same would come of %s, and of %s%zu more", seen->words,
                              inquiry->not_asked ? "at least " : "", seen->others);
        else if (seen->words)
            also = check_text(check, "; the same would come of %s", seen->words);
        finding->protection =
            check_text(check, "%s does not announce it now%s", finding->origin.router, also);
    }
    if (inquiry->left_out)
        check_add_text(check, &check->assumptions,
                       check_text(check,
                                  "of the announcements that attachments could make, %zu were"
                                  " tried and the others were not",
                                  inquiry->tried));
}

/* As the tunnels are in the file, not as they fell. */
static int by_tunnel(const void *left, const void *right, const void *ctx)
{
    const struct check_finding *first = left, *second = right;
    (void)ctx;
    return first->evidence->tunnel - second->evidence->tunnel;
}

/* Remedies are numbered in the order in which they are read. total: the numbers given before. */
static void number_anew(struct check *check, size_t from, size_t total)
{
    size_t next = total;
    size_t *numbers = check_take(check, (check->remedy_total + 1) * sizeof *numbers);
    for (size_t i = from; i < check->finding_count; i++) {
        for (size_t j = 0; j < check->findings[i].remedy_count; j++) {
            size_t *number = &check->findings[i].remedies[j].number;
            if (*number <= total) /* it cures something else, too, that stands before */
                continue;
            if (numbers[*number] == 0)
                numbers[*number] = ++next;
            *number = numbers[*number];
        }
    }
    assert(next == check->remedy_total);
}

static void order(struct check *check, size_t from, size_t total)
{
    size_t count = check->finding_count - from;
    if (count < 2)
        return;
    void *scratch = check_take(check, count * sizeof *check->findings);
    sort_stable(check->findings + from, count, sizeof *check->findings, scratch, by_tunnel, NULL);
    number_anew(check, from, total);
}

/* Is there anybody who could harm anything? */
static bool is_any_exposed(const struct inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->attachment_count; i++) {
        for (size_t j = 0; j < inquiry->run.world->tunnel_count; j++) {
            if (is_asked(inquiry, DEFAULT, &inquiry->attachments[i], (int)j))
                return true;
        }
    }
    return false;
}

static void inquire(struct inquiry *inquiry)
{
    run_finish(&inquiry->run);
    check_counted(inquiry->check, "quiet");
    if (inquiry->run.end != SIM_SETTLED || run_any_swallowed(&inquiry->run)) {
        check_add_text(inquiry->check, &inquiry->check->assumptions,
                       "what one announcement more would do was not tried: even without its story"
                       " the network does not come to rest, or a tunnel is in another one");
        return;
    }
    reach_init(&inquiry->reach, inquiry->check->network, inquiry->run.world);
    reach_mark(&inquiry->reach, inquiry->run.world);
    for (int breadth = DEFAULT; breadth < BREADTHS; breadth++) {
        for (size_t i = 0; i < inquiry->attachment_count; i++)
            try_breadth(inquiry, (enum breadth)breadth, &inquiry->attachments[i]);
    }
    reach_done(&inquiry->reach);
    say_conditions(inquiry);
}

void variants_find(struct check *check)
{
    size_t before = check->finding_count, total = check->remedy_total;
    struct inquiry inquiry = {.check = check, .quiet = *check->network};
    inquiry.quiet.story = NULL;
    inquiry.quiet.step_count = 0;
    inquiry.quiet.until_us = -1;
    if (!run_begin(&inquiry.run, &inquiry.quiet, check->options.seed, check->options.limit_us))
        return;
    list_attachments(&inquiry);
    list_tunnels(&inquiry);
    list_guards(&inquiry);
    if (is_any_exposed(&inquiry))
        inquire(&inquiry);
    order(check, before, total);
    run_done(&inquiry.run);
}
