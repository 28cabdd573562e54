#include "check/known.h"

#include <string.h>

const struct rib *known_rib(const struct node *node)
{
    return node->engine ? engine_rib(node->engine) : NULL;
}

static bool is_learned(const struct rib *rib, uint32_t number)
{
    struct rib_route best = rib_best(rib, number);
    return best.attr.v != 0 && rib_source_get(rib, best.source)->source.kind != SOURCE_LOCAL;
}

void known_take(struct check *check, const struct node *gateway, struct known *ret_known)
{
    const struct rib *rib = known_rib(gateway);
    *ret_known = (struct known){0};
    if (!rib)
        return;
    uint32_t cap = rib_number_end(rib);
    uint32_t *numbers = check_take(check, cap * sizeof *numbers);
    uint32_t count = rib_next(rib, NULL, numbers, cap);
    ret_known->items = check_take(check, (count + 1) * sizeof *ret_known->items);
    for (uint32_t i = 0; i < count; i++) {
        if (is_learned(rib, numbers[i]))
            ret_known->items[ret_known->count++] =
                rib_prefix_of(rib, rib_prefix_get(rib, numbers[i]));
    }
}

bool known_covers(const struct node *gateway, struct prefix prefix)
{
    const struct rib *rib = known_rib(gateway);
    uint32_t numbers[RIB_COVERING_MAX];
    uint32_t count = rib ? rib_covering(rib, prefix_address(prefix), numbers) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (rib_prefix_of(rib, rib_prefix_get(rib, numbers[i])).len <= prefix.len &&
            rib_best(rib, numbers[i]).attr.v != 0)
            return true;
    }
    return false;
}

bool site_next(const struct world *world, size_t at, struct site *ret_site)
{
    if (at < world->connection_count) {
        const struct connection *connection = &world->connections[at];
        *ret_site = (struct site){.id = connection->id,
                                  .gateway = connection->gateway,
                                  .router = connection->router,
                                  .connection = (int)at,
                                  .direct_connect = WORLD_NONE,
                                  .is_static = connection->is_static};
        return true;
    }
    at -= world->connection_count;
    if (at >= world->direct_connect_count)
        return false;
    const struct direct_connect *direct = &world->direct_connects[at];
    *ret_site = (struct site){.id = direct->id,
                              .gateway = direct->gateway,
                              .router = direct->router,
                              .connection = WORLD_NONE,
                              .direct_connect = (int)at};
    return true;
}

const struct network_router *known_router(const struct network *network, const struct world *world,
                                          int node, int32_t *ret_index)
{
    if (node == WORLD_NONE)
        return NULL;
    struct network_ref ref = network_find(network, world->nodes[node].id);
    if (ref.kind != NETWORK_ROUTER)
        return NULL;
    *ret_index = ref.index;
    return &network->routers[ref.index];
}

static bool says(const struct network_announcement *announcements, size_t count,
                 struct prefix prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (prefix_equal(announcements[i].prefix, prefix))
            return true;
    }
    return false;
}

bool known_announces(const struct network *network, int32_t router, struct prefix prefix)
{
    const struct network_bgp *bgp = network->routers[router].bgp;
    if (bgp && (says(bgp->announce, bgp->announce_count, prefix) ||
                says(bgp->received, bgp->received_count, prefix)))
        return true;
    for (size_t i = 0; bgp && i < network->step_count; i++) {
        const struct network_step *step = &network->story[i];
        if (step->verb == NETWORK_STEP_ANNOUNCE && step->object.index == router &&
            says(&step->announcement, 1, prefix))
            return true;
    }
    return false;
}

uint32_t known_numbers(struct check *check, const struct rib *rib, uint32_t **ret_numbers)
{
    uint32_t cap = rib ? rib_number_end(rib) : 0;
    *ret_numbers = check_take(check, (cap + 1) * sizeof **ret_numbers);
    return rib ? rib_next(rib, NULL, *ret_numbers, cap) : 0;
}

uint16_t site_attachment(const struct world *world, const struct site *site)
{
    return site->connection == WORLD_NONE ? world->direct_connects[site->direct_connect].attachment
                                          : world->connections[site->connection].attachment;
}

bool site_of_path(const struct world *world, int gateway, const struct rib_path *path,
                  struct site *ret_site)
{
    const struct rib *rib = known_rib(&world->nodes[gateway]);
    uint16_t attachment = rib_source_get(rib, path->source)->source.attachment.v;
    for (size_t i = 0; site_next(world, i, ret_site); i++) {
        if (ret_site->gateway == gateway && site_attachment(world, ret_site) == attachment)
            return true;
    }
    return false;
}

enum { FIRST_PRIVATE = 64512, LAST_PRIVATE = 65534 }; /* RFC 6996 5 */

static bool is_taken(const struct network *network, const struct world *world, uint32_t asn)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].config.asn == asn)
            return true;
    }
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        if (network->customer_gateways[i].asn == asn)
            return true;
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_underlay *underlay = network->routers[i].underlay;
        if (underlay && underlay->asn == asn)
            return true;
    }
    return false;
}

uint32_t known_free_asn(const struct network *network, const struct world *world, uint32_t behind)
{
    uint32_t first = behind >= FIRST_PRIVATE && behind < LAST_PRIVATE ? behind + 1 : FIRST_PRIVATE;
    for (uint32_t asn = first; asn <= LAST_PRIVATE; asn++) {
        if (!is_taken(network, world, asn))
            return asn;
    }
    return 0;
}
