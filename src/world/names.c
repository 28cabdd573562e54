#include "world/names.h"

#include <string.h>

static const struct event *told(const struct node *node, enum event_kind kind, uint16_t number)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        uint16_t its =
            kind == EVENT_NEIGHBOR ? event->neighbor.neighbor : event->attachment.attachment;
        if (event->kind == kind && its == number)
            return event;
    }
    return NULL;
}

static int direct_connect_at(const struct world *world, int node, uint16_t port)
{
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if ((direct->gateway == node && direct->gateway_port == port) ||
            (direct->router == node && direct->router_port == port))
            return (int)i;
    }
    return WORLD_NONE;
}

struct far_end far_end_of(const struct world *world, int node, uint16_t neighbor)
{
    struct far_end far = {.node = WORLD_NONE, .tunnel = WORLD_NONE, .direct_connect = WORLD_NONE};
    const struct event *event = told(&world->nodes[node], EVENT_NEIGHBOR, neighbor);
    if (neighbor == 0 || !event)
        return far;
    far.said = &event->neighbor;
    uint16_t interface = event->neighbor.interface;
    const struct port *port = &world->nodes[node].ports[interface];
    if (interface == 0 || interface > world->nodes[node].port_count)
        return far;
    if (port->kind == PORT_TUNNEL) {
        const struct tunnel *tunnel = &world->tunnels[port->tunnel];
        far.tunnel = port->tunnel;
        far.node = tunnel->ends[tunnel->ends[0].node == node].node;
    } else if (port->kind == PORT_DX) {
        far.direct_connect = direct_connect_at(world, node, interface);
        far.node = port->peer;
    }
    return far;
}

/* Of two sessions on one interface the one over IPv6 says so. */
static bool is_second(const struct world *world, int node, const struct event_neighbor *said)
{
    return ip_is_six(said->local_addr) && world->nodes[node].ports[said->interface].addr != 0;
}

void text_neighbor(struct text *text, const struct world *world, int node, uint16_t neighbor)
{
    struct far_end far = far_end_of(world, node, neighbor);
    if (far.tunnel != WORLD_NONE)
        text_add(text, world->tunnels[far.tunnel].id);
    else if (far.direct_connect != WORLD_NONE)
        text_add(text, world->direct_connects[far.direct_connect].id);
    else if (far.said)
        text_ip(text, far.said->peer_addr);
    else
        text_add(text, world->nodes[node].id);
    if (far.direct_connect != WORLD_NONE && is_second(world, node, far.said))
        text_add(text, NAME_SECOND_SESSION);
}

const struct event_attachment *attachment_said(const struct world *world, int node,
                                               uint16_t attachment)
{
    const struct event *event = told(&world->nodes[node], EVENT_ATTACHMENT, attachment);
    return event ? &event->attachment : NULL;
}

uint16_t attachment_of(const struct world *world, int node, int connection)
{
    const struct connection *of = &world->connections[connection];
    return of->gateway == node ? of->attachment : of->router == node ? of->router_attachment : 0;
}

void text_attachment(struct text *text, const struct world *world, int node, uint16_t attachment)
{
    for (size_t i = 0; attachment && i < world->connection_count; i++) {
        if (attachment_of(world, node, (int)i) == attachment) {
            text_add(text, world->connections[i].id);
            return;
        }
    }
    const struct node *at = &world->nodes[node];
    for (size_t i = 0; attachment && i < at->setup_count; i++) {
        const struct event *event = &at->setup[i];
        if (event->kind == EVENT_NEIGHBOR && event->neighbor.attachment == attachment) {
            text_neighbor(text, world, node, event->neighbor.neighbor);
            return;
        }
    }
    text_add(text, at->id);
}

const char *port_name(const struct world *world, int node, uint16_t port)
{
    const struct node *at = &world->nodes[node];
    return port == 0 || port > at->port_count ? "-" : at->ports[port].name;
}

const char *interface_port_name(const struct world *world, int node, uint16_t interface)
{
    const struct node *at = &world->nodes[node];
    if (!at->places)
        return port_name(world, node, interface);
    return port_name(world, node, interface <= at->place_count ? at->places[interface] : 0);
}

const char *tunnel_port_name(const struct world *world, int node, int tunnel)
{
    const struct tunnel_end *ends = world->tunnels[tunnel].ends;
    return port_name(world, node, ends[ends[0].node != node].port);
}

void text_part(struct text *text, const char *sentence)
{
    size_t size = strlen(sentence);
    bool is_word = size > 1 && sentence[0] >= 'A' && sentence[0] <= 'Z' &&
                   !(sentence[1] >= 'A' && sentence[1] <= 'Z') && sentence[1] != '_';
    if (is_word)
        text_char(text, (char)(sentence[0] - 'A' + 'a'));
    for (size_t i = is_word; i < size && !(i + 1 == size && sentence[i] == '.'); i++)
        text_char(text, sentence[i]);
}
