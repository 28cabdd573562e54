/* T27, foreign-prefix: a site announces a part of another site's range, and draws what is meant for
 * it. T28, two-defaults: several sites announce the default, and the way to the Internet is whose
 * the gateway prefers at the moment. */
#include "check/offers.h"
#include "check/settled.h"

enum { NAMED_MAX = 4, PAIRS_MAX = 64, PARTS_MAX = 64, WIDE_LEN = 8 };

/* -- T27 -- */

struct pair { /* of sites of one gateway */
    const struct world *world;
    struct site owner, taker; /* of the range; of a part of it */
    struct prefix range;
    struct prefix parts[PARTS_MAX];
    size_t count;
    enum check_level level;
    const char *evidence;
};

struct pairs {
    struct pair *items;
    size_t count;
};

/* Does the file list what comes by the attachment? What is not in the list pledge.c tells. */
static bool is_listed(const struct check *check, const struct site *site)
{
    const struct network *network = check->network;
    return site->connection == WORLD_NONE
               ? network->direct_connects[site->direct_connect].may_announce
               : network->vpn_connections[site->connection].may_announce;
}

static bool has_at_home(const struct check *check, const struct world *world, int router,
                        struct prefix prefix)
{
    int32_t index;
    const struct network_router *said = known_router(check->network, world, router, &index);
    for (size_t i = 0; said && i < said->lan_count; i++) {
        if (said->lan[i].len > 0 && prefix_overlaps(said->lan[i], prefix))
            return true;
    }
    return false;
}

/* A VPN that announces nothing but parts of what a Direct Connect does is its backup (T29). */
static bool is_backup(struct check *check, const struct world *world, const struct site *owner,
                      const struct site *taker)
{
    return owner->connection == WORLD_NONE && taker->connection != WORLD_NONE &&
           offers_lie_within(check, world, owner->gateway, taker->router, owner->router);
}

/* Whose is the part? false: the taker's own, or nobody can say that it is not. */
static bool judge(struct check *check, const struct world *world, const struct offer *wide,
                  const struct offer *part, enum check_level *ret_level, const char **ret_evidence)
{
    if (is_listed(check, &part->site) ||
        has_at_home(check, world, part->site.router, part->prefix) ||
        is_backup(check, world, &wide->site, &part->site))
        return false;
    const char *owner = world->nodes[wide->site.router].id;
    *ret_level = CHECK_LIKELY;
    if (has_at_home(check, world, wide->site.router, part->prefix))
        *ret_evidence = check_text(check, "%s has it as its own network", owner);
    else
        *ret_level = CHECK_LATENT,
        *ret_evidence = "sites of one gateway are not to overlap; the file does not say whose the"
                        " part is";
    return true;
}

static void note_part(struct check *check, const struct world *world, struct pairs *pairs,
                      const struct offer *wide, const struct offer *part)
{
    enum check_level level;
    const char *evidence;
    if (!judge(check, world, wide, part, &level, &evidence))
        return;
    struct pair *pair = pairs->items;
    while (pair < pairs->items + pairs->count &&
           (pair->owner.router != wide->site.router || pair->taker.router != part->site.router ||
            pair->level != level))
        pair++;
    if (pair == pairs->items + PAIRS_MAX)
        return;
    if (pair == pairs->items + pairs->count) {
        *pair = (struct pair){.world = world,
                              .owner = wide->site,
                              .taker = part->site,
                              .range = wide->prefix,
                              .level = level,
                              .evidence = evidence};
        pairs->count++;
    }
    bool there = pair->count > 0 && prefix_equal(pair->parts[pair->count - 1], part->prefix);
    if (!there && pair->count < PARTS_MAX)
        pair->parts[pair->count++] = part->prefix;
}

/* The nearest range around the part that is another router's, who does not announce the part. */
static void look_around(struct check *check, const struct world *world, int gateway,
                        const struct offer *parts, size_t part_count, struct pairs *pairs)
{
    uint32_t around[COVERS_MAX];
    size_t count = offers_around(world, gateway, parts[0].prefix, around);
    bool found = false;
    for (size_t i = 0; !found && i < count; i++) {
        struct offer wide[OFFERS_MAX];
        size_t wide_count = offers_of(world, gateway, around[i], wide);
        for (size_t k = 0; k < wide_count && wide[k].prefix.len >= WIDE_LEN; k++) {
            if (offers_by(parts, part_count, wide[k].site.router))
                continue;
            for (size_t n = 0; n < part_count; n++)
                note_part(check, world, pairs, &wide[k], &parts[n]);
            found = true;
        }
    }
}

static void suggest_withdrawal(struct check *check, const struct pair *pair,
                               struct check_finding *finding)
{
    struct change changes[PARTS_MAX];
    struct change change = {.kind = CHANGE_STOP};
    if (!known_router(check->network, pair->world, pair->taker.router, &change.index))
        return;
    for (size_t i = 0; i < pair->count; i++) {
        change.prefix = pair->parts[i];
        changes[i] = change;
    }
    settled_suggest(check, finding,
                    &(struct idea){.kind = CHECK_REMEDY_ORIGIN_WITHDRAW,
                                   .changes = changes,
                                   .count = pair->count,
                                   .disputed = true});
}

static void say_pair(struct check *check, const struct pair *pair)
{
    const struct world *world = pair->world;
    const char *taker = world->nodes[pair->taker.router].id;
    const char *owner = world->nodes[pair->owner.router].id, *names = NULL;
    for (size_t i = 0; i < pair->count && i < NAMED_MAX; i++)
        names = settled_list(check, names, text_of_prefix(pair->parts[i]));
    if (pair->count > NAMED_MAX)
        names = check_text(check, "%s and %zu more", names, pair->count - NAMED_MAX);
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_FOREIGN_PREFIX, pair->level, pair->taker.id,
                    check_text(check, "%s draws %s out of %s's %s", taker, names, owner,
                               text_of_prefix(pair->range)));
    finding->prefix = pair->parts[0];
    finding->router = taker;
    finding->gateway = world->nodes[pair->taker.gateway].id;
    finding->connection = pair->taker.connection == WORLD_NONE ? NULL : pair->taker.id;
    finding->origin =
        (struct check_origin){taker, pair->taker.id, world->nodes[pair->taker.router].config.asn};
    settled_because(check, finding,
                    "%s comes by %s, the wider %s by %s; the longer prefix takes the traffic",
                    names, pair->taker.id, text_of_prefix(pair->range), pair->owner.id);
    settled_because(check, finding, "%s", pair->evidence);
    if (pair->level >= CHECK_LIKELY)
        suggest_withdrawal(check, pair, finding);
}

static void foreign_prefixes(struct check *check, const struct world *world, int gateway)
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    struct pairs pairs = {check_take(check, PAIRS_MAX * sizeof *pairs.items), 0};
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct offer offers[OFFERS_MAX];
        size_t offered = offers_of(world, gateway, numbers[i], offers);
        if (offered > 0)
            look_around(check, world, gateway, offers, offered, &pairs);
    }
    for (size_t i = 0; i < pairs.count; i++)
        say_pair(check, &pairs.items[i]);
}

/* -- T28 -- */

static bool is_way_out(const struct check *check, const struct site *site)
{
    return site->connection == WORLD_NONE
               ? check->network->direct_connects[site->direct_connect].internet_exit
               : check->network->vpn_connections[site->connection].internet_exit;
}

/* Where one of them is the way out that is wanted, the others stop. */
static void suggest_one_default(struct check *check, const struct world *world,
                                const struct offer *offers, size_t count,
                                struct check_finding *finding)
{
    struct change changes[OFFERS_MAX];
    size_t change_count = 0, wanted = 0;
    for (size_t i = 0; i < count; i++) {
        struct change change = {.kind = CHANGE_STOP, .prefix = offers[i].prefix};
        if (is_way_out(check, &offers[i].site)) {
            wanted++;
        } else if (offers[i].site.is_static) {
            change.kind = CHANGE_STOP_STATIC;
            change.index = offers[i].site.connection;
            changes[change_count++] = change;
        } else if (known_router(check->network, world, offers[i].site.router, &change.index)) {
            changes[change_count++] = change;
        }
    }
    if (wanted == 1 && change_count > 0)
        settled_suggest(check, finding,
                        &(struct idea){.kind = CHECK_REMEDY_ORIGIN_WITHDRAW,
                                       .changes = changes,
                                       .count = change_count});
}

static void two_defaults(struct check *check, const struct run *run, int gateway, bool six)
{
    const struct world *world = run->world;
    struct offer offers[OFFERS_MAX];
    size_t count = offers_of_default(world, gateway, six, offers);
    bool meant = true;
    for (size_t i = 0; i < count; i++)
        meant &= is_way_out(check, &offers[i].site);
    if (count < 2 || meant)
        return;
    const char *first = world->nodes[offers[0].site.router].id;
    const char *second = world->nodes[offers[1].site.router].id;
    struct check_finding *finding = settled_add(
        check, CHECK_FINDING_TWO_DEFAULTS, CHECK_LATENT, world->nodes[gateway].id,
        check_text(check, "%s has %zu defaults%s: the way out is %s's, and %s's when that fails",
                   world->nodes[gateway].id, count, six ? " of IPv6" : "", first, second));
    finding->prefix = prefix_make(six, 0, 0);
    finding->gateway = world->nodes[gateway].id;
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        enum reason why = (enum reason)offers[i].path->why;
        settled_because(check, finding, "by %s, which %s the way out: %s", offers[i].site.id,
                        is_way_out(check, &offers[i].site) ? "is said to be"
                                                           : "nobody has said to be",
                        reason_text(why)->sentence);
    }
    settled_because(check, finding,
                    "when it moves, connections through %s's NAT break, and sites that were told"
                    " no default from here are told one",
                    first);
    suggest_one_default(check, world, offers, count, finding);
}

void origins_find(struct check *check, const struct run *run)
{
    for (size_t i = 0; i < run->world->node_count; i++) {
        if (run->world->nodes[i].kind != NODE_GATEWAY || !known_rib(&run->world->nodes[i]))
            continue;
        foreign_prefixes(check, run->world, (int)i);
        two_defaults(check, run, (int)i, false);
        two_defaults(check, run, (int)i, true);
    }
}
