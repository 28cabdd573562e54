/* T15, vpc-overlap: a site has addresses that its gateway's VPC has, too. The local route of a VPC
 * stands before every propagated one, so the VPC never sends to those addresses of the site. */
#include "check/known.h"
#include "check/places.h"
#include "check/settled.h"

/* What a site announces, or what lies behind it. */
struct overlap {
    struct prefix prefix; /* the site's */
    struct prefix cidr;   /* the VPC's */
    struct prefix both;   /* the smaller of the two */
    bool behind;          /* announced is something wider, but the site's own network lies here */
};

/* A path for it that somebody else offers and that is not refused. */
static const struct rib_path *offered(const struct rib *rib, uint32_t number)
{
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    for (; path; path = rib_path_next(rib, number, path)) {
        enum source_kind kind = rib_source_get(rib, path->source)->source.kind;
        if (kind != SOURCE_LOCAL && kind != SOURCE_FRAGMENT && !reason_refuses(path->why))
            return path;
    }
    return NULL;
}

/* Do all tables that are used lead it to the gateway by hand? A static route that is more specific
 * than the local one is taken. */
static bool is_led_by_hand(const struct place_of_table *at, struct prefix prefix)
{
    struct vpc_route route;
    for (size_t i = 0; i < at->node->subnet_count; i++) {
        if (vpc_lookup(at->vpc, at->node->subnets[i].table, prefix.addr, &route) != VPC_CHOSEN ||
            route.target.kind != VPC_TO_GATEWAY)
            return false;
    }
    return at->node->subnet_count > 0;
}

static bool misses(const struct check *check, const struct place_of_table *at, struct prefix prefix,
                   struct prefix cidr)
{
    for (size_t i = 0; check->reach.by_file && i < check->reach.pair_count; i++) {
        const struct reach_pair *pair = &check->reach.pairs[i];
        bool there =
            prefix_contains(cidr, pair->from.addr) && prefix_contains(prefix, pair->to.addr);
        bool back =
            prefix_contains(cidr, pair->to.addr) && prefix_contains(prefix, pair->from.addr);
        if ((there || back) && !reach_is_reached(at->world, pair))
            return true;
    }
    return false;
}

static bool is_inhabited(const struct place_of_table *at)
{
    return at->said->instance_count > 0;
}

static void say(struct check *check, const struct place_of_table *at, const struct site *site,
                const struct overlap *overlap)
{
    const char *router = at->world->nodes[site->router].id;
    bool certain = at->run->end == SIM_SETTLED && misses(check, at, overlap->both, overlap->cidr);
    enum check_level level = certain            ? CHECK_CERTAIN
                             : is_inhabited(at) ? CHECK_LIKELY
                                                : CHECK_LATENT;
    struct check_finding *finding =
        settled_add(check, CHECK_FINDING_VPC_OVERLAP, level, at->said->id,
                    check_text(check, "%s never sends to %s of %s: it has these addresses itself",
                               at->said->id, text_of_prefix(overlap->both), router));
    finding->prefix = overlap->both;
    finding->gateway = at->gateway->id;
    finding->router = router;
    finding->connection = site->connection == WORLD_NONE ? NULL : site->id;
    finding->origin =
        (struct check_origin){router, site->id, at->world->nodes[site->router].config.asn};
    if (overlap->behind)
        settled_because(check, finding, "%s comes by %s, and behind %s lies %s, in %s of %s",
                        text_of_prefix(overlap->prefix), site->id, router,
                        text_of_prefix(overlap->both), text_of_prefix(overlap->cidr), at->said->id);
    else
        settled_because(check, finding, "%s comes by %s and lies in %s of %s",
                        text_of_prefix(overlap->prefix), site->id, text_of_prefix(overlap->cidr),
                        at->said->id);
    settled_because(check, finding,
                    "the local route of a VPC stands before every propagated one, however specific:"
                    " what comes from there arrives, and the answer stays in %s",
                    at->said->id);
}

static void compare(struct check *check, const struct place_of_table *at, const struct site *site,
                    struct prefix prefix)
{
    int32_t index;
    const struct network_router *router =
        known_router(check->network, at->world, site->router, &index);
    for (size_t i = 0; i < at->said->cidr_count; i++) {
        struct overlap overlap = {.prefix = prefix, .cidr = at->said->cidrs[i], .both = prefix};
        if (prefix_covers(overlap.cidr, prefix) && !is_led_by_hand(at, prefix)) {
            say(check, at, site, &overlap);
            return;
        }
        overlap.behind = true;
        bool wide = prefix_covers(prefix, overlap.cidr);
        for (size_t j = 0; wide && router && j < router->lan_count; j++) {
            struct prefix lan = router->lan[j];
            overlap.both = prefix_covers(overlap.cidr, lan) ? lan : overlap.cidr;
            if (lan.len == 0 || !prefix_overlaps(lan, overlap.cidr) ||
                !prefix_covers(prefix, lan) || is_led_by_hand(at, overlap.both))
                continue;
            say(check, at, site, &overlap);
            return;
        }
    }
}

static void look_at_vpc(struct check *check, const struct place_of_table *at)
{
    const struct rib *rib = at->gateway && at->part == 0 ? known_rib(at->gateway) : NULL;
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
        const struct rib_path *path = offered(rib, numbers[i]);
        struct site site;
        if (path && site_of_path(at->world, at->node->owner, path, &site))
            compare(check, at, &site, prefix);
    }
}

void overlap_find(struct check *check, const struct run *run)
{
    places_ask(check, run, look_at_vpc);
}
