#include "network/fold.h"

#include "network/edit.h"
#include "network/inside.h"
#include "network/memory.h"
#include "network/walk.h"

#include <stdlib.h>

/* -- lists -- */

/* The old list is given up, and becomes a copy of the new one. */
static void *replaced(const struct schema *schema, void *old, size_t *count, const void *items,
                      size_t new_count)
{
    char *copy = memory_zeroed(new_count, schema->size);
    for (size_t i = 0; i < new_count; i++)
        walk_copy(schema, copy + i * schema->size, (const char *)items + i * schema->size);
    for (size_t i = 0; i < *count; i++)
        walk_release(schema, (char *)old + i * schema->size);
    free(old);
    *count = new_count;
    return copy;
}

static struct network_edit *edit_instead(const struct schema *schema, struct network_edit *old,
                                         const struct network_edit *said)
{
    struct network_edit *copy = memory_zeroed(1, sizeof *copy);
    walk_copy(schema, copy, said);
    if (old)
        walk_release(schema, old);
    free(old);
    return copy;
}

/* -- announce and withdraw -- */

static void drop_announcement(struct network_bgp *bgp, struct prefix prefix)
{
    size_t kept = 0;
    for (size_t i = 0; i < bgp->announce_count; i++) {
        if (prefix_equal(bgp->announce[i].prefix, prefix))
            walk_release(&schema_announcement, &bgp->announce[i]);
        else
            bgp->announce[kept++] = bgp->announce[i];
    }
    bgp->announce_count = kept;
}

static void announce(struct network_bgp *bgp, const struct network_announcement *said)
{
    struct network_announcement *grown = memory_zeroed(bgp->announce_count + 1, sizeof *grown);
    for (size_t i = 0; i < bgp->announce_count; i++)
        grown[i] = bgp->announce[i];
    walk_copy(&schema_announcement, &grown[bgp->announce_count], said);
    free(bgp->announce);
    bgp->announce = grown;
    bgp->announce_count++;
}

/* -- configure -- */

static void fold_filter(const struct schema *schema, struct network_filter *filter,
                        const struct network_filter *said)
{
    if (said->rules)
        filter->rules =
            replaced(schema, filter->rules, &filter->rule_count, said->rules, said->rule_count);
}

static void fold_policy(struct network_policy *policy, const struct network_change *change)
{
    if (change->accept)
        policy->accept = replaced(&schema_accepted, policy->accept, &policy->accept_count,
                                  change->accept, change->accept_count);
    if (change->on_import)
        policy->on_import = edit_instead(&schema_import_edit, policy->on_import, change->on_import);
    if (change->on_export)
        policy->on_export = edit_instead(&schema_export_edit, policy->on_export, change->on_export);
}

/* Its policy towards that neighbor, which is made when there is none yet. */
static struct network_policy *policy_towards(struct network_bgp *bgp, ip_addr neighbor)
{
    for (size_t i = 0; i < bgp->neighbor_count; i++) {
        if (bgp->neighbors[i].address == neighbor)
            return &bgp->neighbors[i].policy;
    }
    struct network_neighbor *grown = memory_zeroed(bgp->neighbor_count + 1, sizeof *grown);
    for (size_t i = 0; i < bgp->neighbor_count; i++)
        grown[i] = bgp->neighbors[i];
    free(bgp->neighbors);
    bgp->neighbors = grown;
    schema_initialize(&schema_neighbor, &grown[bgp->neighbor_count]);
    grown[bgp->neighbor_count].address = neighbor;
    return &grown[bgp->neighbor_count++].policy;
}

static void fold_towards_all(struct network *network, int32_t router,
                             const struct network_change *change)
{
    struct network_bgp *bgp = network->routers[router].bgp;
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *at = &network->vpn_connections[i];
        int32_t its = network->customer_gateways[at->customer_gateway.index].router.index;
        for (size_t j = 0; its == router && j < at->tunnel_count; j++)
            fold_policy(policy_towards(bgp, at->tunnels[j].inside_vgw), change);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *at = &network->direct_connects[i];
        struct network_neighbors its = network_direct_neighbors(at);
        for (size_t j = 0; at->router.index == router && j < 2 && its.addresses[j] != 0; j++)
            fold_policy(policy_towards(bgp, its.addresses[j]), change);
    }
}

static void fold_router(struct network *network, int32_t index, const struct network_change *change)
{
    struct network_bgp *bgp = network->routers[index].bgp;
    for (size_t i = 0; i < change->remove_route_count; i++)
        network_remove_route(network, (size_t)index, change->remove_routes[i]);
    for (size_t i = 0; i < change->add_route_count; i++)
        network_add_route(network, (size_t)index, &change->add_routes[i]);
    if (!bgp)
        return;
    fold_filter(&schema_router_rule, &bgp->import, &change->import);
    fold_filter(&schema_router_rule, &bgp->export, &change->export);
    if (change->neighbor)
        fold_policy(policy_towards(bgp, change->neighbor), change);
    else if (change->accept || change->on_import || change->on_export)
        fold_towards_all(network, index, change);
}

static void fold_table(struct network *network, const struct network_ref *table,
                       const struct network_change *change)
{
    size_t vpc = (size_t)table->index, part = (size_t)table->part;
    for (size_t i = 0; i < change->remove_route_count; i++)
        network_remove_vpc_route(network, vpc, part, change->remove_routes[i]);
    for (size_t i = 0; i < change->add_target_count; i++) {
        const struct network_vpc_route *said = &change->add_targets[i];
        network_remove_vpc_route(network, vpc, part, said->prefix);
        network_add_vpc_route(network, vpc, part, said->prefix, said->target);
    }
}

static void configure(struct network *network, const struct network_step *step)
{
    const struct network_change *change = &step->change;
    struct network_connection *connection = NULL;
    struct network_direct_connect *direct = NULL;
    if (step->about == NETWORK_ABOUT_ROUTER)
        fold_router(network, step->object.index, change);
    else if (step->about == NETWORK_ABOUT_ROUTE_TABLE)
        fold_table(network, &step->object, change);
    else if (step->about == NETWORK_ABOUT_CONNECTION)
        connection = &network->vpn_connections[step->object.index];
    else if (step->about == NETWORK_ABOUT_DIRECT_CONNECT)
        direct = &network->direct_connects[step->object.index];
    if (!connection && !direct)
        return;
    fold_filter(&schema_rule, connection ? &connection->import : &direct->import, &change->import);
    fold_filter(&schema_rule, connection ? &connection->export : &direct->export, &change->export);
    fold_policy(connection ? &connection->policy : &direct->policy, change);
    if (connection && change->guard != NETWORK_GUARD_UNSAID)
        network_set_guard(network, (size_t)step->object.index, change->guard);
}

void network_fold(struct network *network, const struct network_step *step)
{
    struct network_bgp *bgp =
        step->object.kind == NETWORK_ROUTER ? network->routers[step->object.index].bgp : NULL;
    switch (step->verb) {
    case NETWORK_STEP_ANNOUNCE:
        drop_announcement(bgp, step->announcement.prefix);
        announce(bgp, &step->announcement);
        break;
    case NETWORK_STEP_WITHDRAW:
        drop_announcement(bgp, step->announcement.prefix);
        break;
    case NETWORK_STEP_CONFIGURE:
        configure(network, step);
        break;
    case NETWORK_STEP_FAIL:
    case NETWORK_STEP_RESTORE:
    case NETWORK_STEP_RESTART:
    case NETWORK_STEP_REPLACE:
    case NETWORK_STEP_NONE:
    default:
        break;
    }
}
