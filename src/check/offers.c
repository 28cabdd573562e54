#include "check/offers.h"

size_t offers_of(const struct world *world, int gateway, uint32_t number,
                 struct offer ret_offers[OFFERS_MAX])
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    const struct rib_path *path = rib_path_next(rib, number, NULL);
    struct prefix prefix = rib_prefix_of(rib, rib_prefix_get(rib, number));
    size_t count = 0;
    for (; path && count < OFFERS_MAX; path = rib_path_next(rib, number, path)) {
        struct offer offer = {.prefix = prefix, .path = path};
        enum source_kind kind = rib_source_get(rib, path->source)->source.kind;
        bool known = false;
        if (kind == SOURCE_LOCAL || kind == SOURCE_FRAGMENT || reason_refuses(path->why) ||
            !site_of_path(world, gateway, path, &offer.site))
            continue;
        for (size_t i = 0; i < count; i++)
            known |=
                site_attachment(world, &ret_offers[i].site) == site_attachment(world, &offer.site);
        if (!known)
            ret_offers[count++] = offer;
    }
    return count;
}

size_t offers_of_default(const struct world *world, int gateway, bool six,
                         struct offer ret_offers[OFFERS_MAX])
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    uint32_t number = rib ? rib_find(rib, prefix_make(six, 0, 0)) : 0;
    size_t count = number ? offers_of(world, gateway, number, ret_offers) : 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!offers_by(ret_offers, kept, ret_offers[i].site.router))
            ret_offers[kept++] = ret_offers[i];
    }
    return kept;
}

size_t offers_around(const struct world *world, int gateway, struct prefix prefix,
                     uint32_t ret_numbers[COVERS_MAX])
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    uint32_t numbers[RIB_COVERING_MAX];
    size_t count = 0;
    for (uint32_t i = rib_covering(rib, prefix_address(prefix), numbers); i > 0; i--) {
        uint8_t len = rib_prefix_of(rib, rib_prefix_get(rib, numbers[i - 1])).len;
        if (len > 0 && len < prefix.len)
            ret_numbers[count++] = numbers[i - 1];
    }
    return count;
}

const struct offer *offers_by(const struct offer *offers, size_t count, int router)
{
    for (size_t i = 0; i < count; i++) {
        if (offers[i].site.router == router)
            return &offers[i];
    }
    return NULL;
}

size_t offer_path(const struct world *world, const struct offer *offer,
                  uint32_t ret_as_path[EVIDENCE_PATH_MAX])
{
    const struct engine *engine = world->nodes[offer->site.gateway].engine;
    uint16_t neighbor = engine_source_neighbor(engine, offer->path->source);
    return neighbor ? evidence_as_path(engine, neighbor, offer->prefix, ret_as_path) : 0;
}

bool offer_is_prepended(const struct world *world, const struct offer *offer)
{
    uint32_t as_path[EVIDENCE_PATH_MAX];
    return offer_path(world, offer, as_path) > 1 && as_path[0] == as_path[1];
}

bool offers_lie_within(struct check *check, const struct world *world, int gateway, int router,
                       int other)
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    uint32_t *numbers;
    uint32_t count = known_numbers(check, rib, &numbers);
    for (uint32_t i = 0; i < count; i++) {
        struct offer offers[OFFERS_MAX];
        size_t offered = offers_of(world, gateway, numbers[i], offers);
        const struct offer *own = offers_by(offers, offered, router);
        bool within = !own || offers_by(offers, offered, other);
        uint32_t around[COVERS_MAX];
        size_t covers = within ? 0 : offers_around(world, gateway, own->prefix, around);
        for (size_t k = 0; !within && k < covers; k++) {
            struct offer wider[OFFERS_MAX];
            within = offers_by(wider, offers_of(world, gateway, around[k], wider), other);
        }
        if (!within)
            return false;
    }
    return true;
}
