/* Where things of the file are in the world, and what its `configure` steps tell engines. */
#include "network/build.h"

#include "network/build_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int instance_node(const struct world *world, const struct network *network,
                         const struct network_ref *ref)
{
    const struct network_instance *instance = &network->vpcs[ref->index].instances[ref->part];
    bool router = instance->router.kind == NETWORK_ROUTER;
    return world_find_node(world, router ? instance->router.id : instance->id);
}

struct build_place build_find(const struct world *world, const struct network *network,
                              const struct network_ref *ref)
{
    struct build_place place = {WORLD_NONE, WORLD_NONE, -1, WORLD_NONE};
    switch (ref->kind) {
    case NETWORK_INSTANCE:
        place.node = instance_node(world, network, ref);
        break;
    case NETWORK_ROUTE_TABLE:
        place.node = world_find_node(world, network->vpcs[ref->index].id);
        place.part = ref->part;
        break;
    case NETWORK_VPC:
    case NETWORK_VPN_GATEWAY:
    case NETWORK_ROUTER:
        place.node = world_find_node(world, ref->id);
        break;
    case NETWORK_VPN_CONNECTION:
    case NETWORK_TUNNEL:
        place.connection = world_find_connection(world, network->vpn_connections[ref->index].id);
        place.part = ref->kind == NETWORK_TUNNEL ? ref->part : -1;
        place.node = world->connections[place.connection].router;
        break;
    case NETWORK_DIRECT_CONNECT:
        place.direct_connect = world_find_direct_connect(world, ref->id);
        place.node = world->direct_connects[place.direct_connect].router;
        break;
    case NETWORK_NOTHING:
    case NETWORK_SUBNET:
    case NETWORK_INTERNET_GATEWAY:
    case NETWORK_PEERING:
    case NETWORK_CUSTOMER_GATEWAY:
    case NETWORK_BLACKHOLE:
    case NETWORK_ADDRESS:
    case NETWORK_SECURITY_GROUP:
    case NETWORK_ACL:
    case NETWORK_PREFIX_LIST:
    case NETWORK_PREFIX:
    case NETWORK_KINDS:
    default:
        break;
    }
    return place;
}

void build_announcement(const struct network_announcement *announcement, struct event *ret_event)
{
    *ret_event = (struct event){.kind = EVENT_ANNOUNCE};
    ret_event->announce =
        (struct event_announce){.prefix = announcement->prefix,
                                .as_path = announcement->as_path,
                                .as_path_count = (uint16_t)announcement->as_path_count,
                                .communities = announcement->communities,
                                .community_count = (uint16_t)announcement->community_count,
                                .has_med = announcement->med >= 0,
                                .med = announcement->med >= 0 ? (uint32_t)announcement->med : 0};
}

static void add(struct build_changes *changes, int node, const struct event *event)
{
    changes->items = realloc(changes->items, (changes->count + 1) * sizeof *changes->items);
    assert(changes->items);
    changes->items[changes->count++] = (struct build_change_item){node, *event};
}

/* Routes that are in the node's setup now and have this prefix; not what lies behind the router,
 * which no configuration can delete. */
static void remove_routes(const struct node *node, int index, struct prefix prefix,
                          struct build_changes *changes)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind != EVENT_ROUTE_SET || !prefix_equal(said->route.prefix, prefix) ||
            said->route.tag >= LAN_TAG)
            continue;
        struct event event = *said;
        event.kind = EVENT_ROUTE_REMOVE;
        add(changes, index, &event);
    }
}

static void set_filter(struct world *world, int index, uint16_t attachment, bool export,
                       const struct network_filter *filter, ip_addr neighbor,
                       struct build_changes *changes)
{
    if (!filter->rules)
        return;
    struct event event = {.kind = EVENT_FILTER,
                          .filter = {.attachment = attachment, .export = export}};
    struct prefix_rule *rules =
        build_rules(filter, neighbor, &event.filter.count, &event.filter.permit_rest);
    world_keep(world, rules);
    event.filter.rules = rules;
    add(changes, index, &event);
}

/* Of a later configuration: above those of the file's routes, below what lies behind. */
static uint32_t next_tag(const struct node *node)
{
    uint32_t tag = 0;
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *said = &node->setup[i];
        if (said->kind == EVENT_ROUTE_SET && said->route.tag < LAN_TAG && said->route.tag > tag)
            tag = said->route.tag;
    }
    return tag + 1;
}

static void set_policy(struct world *world, int node, uint16_t attachment,
                       const struct network_change *change, struct build_changes *changes)
{
    struct event in = build_edit(attachment, false, change->on_import);
    struct event out = build_edit(attachment, true, change->on_export);
    if (change->accept) {
        const struct network_filter allowed = {change->accept, change->accept_count};
        struct event accepted = build_accepted(world, attachment, &allowed);
        add(changes, node, &accepted);
    }
    if (change->on_import)
        add(changes, node, &in);
    if (change->on_export)
        add(changes, node, &out);
}

static void change_router(struct world *world, int index, const struct network_change *change,
                          struct build_changes *changes)
{
    struct node *node = &world->nodes[index];
    uint32_t tag = next_tag(node);
    for (size_t i = 0; i < change->remove_route_count; i++)
        remove_routes(node, index, change->remove_routes[i], changes);
    for (size_t i = 0; i < change->add_route_count; i++) {
        struct event event;
        build_route(node, &change->add_routes[i], tag++, &event);
        add(changes, index, &event);
    }
    for (size_t i = 0; i < node->setup_count; i++) { /* an attachment has one neighbor here */
        const struct event_neighbor *said = &node->setup[i].neighbor;
        if (node->setup[i].kind != EVENT_NEIGHBOR)
            continue;
        set_filter(world, index, said->attachment, false, &change->import, said->peer_addr,
                   changes);
        set_filter(world, index, said->attachment, true, &change->export, said->peer_addr, changes);
        if (change->neighbor == 0 || change->neighbor == said->peer_addr)
            set_policy(world, index, said->attachment, change, changes);
    }
}

static void change_direct_connect(struct world *world, const struct build_place *at,
                                  const struct network_change *change,
                                  struct build_changes *changes)
{
    const struct direct_connect *direct = &world->direct_connects[at->direct_connect];
    set_filter(world, direct->gateway, direct->attachment, false, &change->import, 0, changes);
    set_filter(world, direct->gateway, direct->attachment, true, &change->export, 0, changes);
    set_policy(world, direct->gateway, direct->attachment, change, changes);
}

static void change_connection(struct world *world, const struct network *network,
                              const struct network_step *step, const struct build_place *at,
                              struct build_changes *changes)
{
    const struct connection *connection = &world->connections[at->connection];
    const struct node *gateway = &world->nodes[connection->gateway];
    set_filter(world, connection->gateway, connection->attachment, false, &step->change.import, 0,
               changes);
    set_filter(world, connection->gateway, connection->attachment, true, &step->change.export, 0,
               changes);
    set_policy(world, connection->gateway, connection->attachment, &step->change, changes);
    if (step->change.guard == NETWORK_GUARD_UNSAID)
        return;
    struct network_connection said = network->vpn_connections[step->object.index];
    said.guard = step->change.guard;
    for (size_t i = 0; i < gateway->setup_count; i++) {
        struct event event = gateway->setup[i];
        if (event.kind != EVENT_ATTACHMENT || event.attachment.attachment != connection->attachment)
            continue;
        event.attachment.guard = build_guard(network_guard_of(network, &said));
        add(changes, connection->gateway, &event);
        return;
    }
}

static void change_table(const struct world *world, const struct network *network,
                         const struct network_step *step, const struct build_place *at,
                         struct build_changes *changes)
{
    const struct node *vpc = &world->nodes[at->node];
    struct event event = {.kind = EVENT_VPC_ROUTE};
    event.vpc_part.vpc = vpc->vpc;
    event.vpc_part.table = (uint16_t)(at->part + 1);
    for (size_t i = 0; i < step->change.remove_route_count; i++) {
        event.vpc_part.prefix = step->change.remove_routes[i];
        add(changes, vpc->owner, &event);
    }
    for (size_t i = 0; i < step->change.add_target_count; i++) {
        event = build_vpc_route(world, network, at->node, (uint16_t)(at->part + 1),
                                &step->change.add_targets[i]);
        add(changes, vpc->owner, &event);
    }
}

void build_change(struct world *world, const struct network *network,
                  const struct network_step *step, struct build_changes *ret_changes)
{
    *ret_changes = (struct build_changes){0};
    struct build_place at = build_find(world, network, &step->object);
    if (step->about == NETWORK_ABOUT_ROUTE_TABLE)
        change_table(world, network, step, &at, ret_changes);
    else if (step->about == NETWORK_ABOUT_CONNECTION)
        change_connection(world, network, step, &at, ret_changes);
    else if (step->about == NETWORK_ABOUT_DIRECT_CONNECT)
        change_direct_connect(world, &at, &step->change, ret_changes);
    else if (at.node != WORLD_NONE)
        change_router(world, at.node, &step->change, ret_changes);
}

void build_changes_done(struct build_changes *changes)
{
    free(changes->items);
    *changes = (struct build_changes){0};
}
