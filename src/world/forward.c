#include "world/forward.h"

#include <assert.h>
#include <string.h>

/* Measured with ESP in UDP and AES-CBC (lab README): each pass through the tunnel adds 80 bytes and
 * takes 30 us; beyond 1348 bytes a looping packet fragments and multiplies, and nothing comes of
 * it. A first pass takes packets of any size. */
enum {
    ESP_OVERHEAD_BYTES = 80,
    PASS_DELAY_US = 30,
    LOOP_SIZE_BYTES = 1348,
    HOP_LIMIT = 64,
    LOCAL_DELAY_US = 20,
    IKE_PORT = 500,
    NAT_T_PORT = 4500, /* RFC 3947 */
};

/* An inner packet that waits for its outer one to arrive. */
struct frame {
    struct packet inner;
    int tunnel;
    int end; /* that sent it */
    uint32_t sa;
};

struct walk {
    const struct world *world;
    struct path *path;
    struct packet packet; /* the outermost */
    struct frame frames[PATH_DEPTH];
    uint8_t depth;
    unsigned hops_left;
    int sender; /* the instance that put it into the VPC; WORLD_NONE: it came in otherwise */
};

const char *drop_word(enum drop drop)
{
    static const char *const words[] = {
#define DROP(name, word, sentence) word,
#include "world/drop.def"
#undef DROP
    };
    return words[drop];
}

const char *drop_sentence(enum drop drop)
{
    static const char *const sentences[] = {
#define DROP(name, word, sentence) sentence,
#include "world/drop.def"
#undef DROP
    };
    return sentences[drop];
}

static struct hop *record(struct walk *walk, enum hop_kind kind, int node)
{
    static _Thread_local struct hop unrecorded;
    struct path *path = walk->path;
    struct hop *hop = &unrecorded;
    if (path->hops && path->hop_count < PATH_HOPS)
        hop = &path->hops[path->hop_count++];
    *hop = (struct hop){.kind = kind,
                        .node = node,
                        .depth = walk->depth,
                        .src = walk->packet.src,
                        .dst = walk->packet.dst,
                        .size_bytes = walk->packet.size_bytes,
                        .tunnel = WORLD_NONE};
    return hop;
}

/* Every ending of the walk goes through one of these two; the next node is then WORLD_NONE. */
static int dropped(struct walk *walk, int node, enum drop drop)
{
    walk->path->drop = drop;
    walk->path->node = node;
    return WORLD_NONE;
}

static int arrived(struct walk *walk, int node, enum hop_kind kind)
{
    record(walk, kind, node);
    walk->path->delivered = true;
    walk->path->beyond = kind == HOP_BEYOND;
    walk->path->node = node;
    return WORLD_NONE;
}

static bool is_addressed(const struct node *node, ip_addr addr)
{
    for (uint16_t i = 1; i <= node->port_count; i++) {
        if (port_has(&node->ports[i], addr))
            return true;
    }
    return false;
}

static int tunnel_end_at(const struct tunnel *tunnel, int node)
{
    return tunnel->ends[TUNNEL_GATEWAY].node == node ? TUNNEL_GATEWAY : TUNNEL_CUSTOMER;
}

/* The outer packet has arrived at the far end: the inner packet goes on from there. */
static int decapsulate(struct walk *walk, int node)
{
    const struct frame *frame = &walk->frames[walk->depth - 1];
    const struct tunnel *tunnel = &walk->world->tunnels[frame->tunnel];
    const struct tunnel_end *end = &tunnel->ends[!frame->end];
    if (end->node != node)
        return dropped(walk, node, DROP_UNKNOWN_SA);
    if (!tunnel->plain && end->sa != frame->sa)
        return dropped(walk, node, DROP_UNKNOWN_SA);
    walk->packet = frame->inner;
    walk->depth--;
    struct hop *hop = record(walk, HOP_DECAPSULATE, node);
    hop->tunnel = frame->tunnel;
    return node;
}

/* A packet for one of the node's own addresses. */
static int receive(struct walk *walk, int node)
{
    if (walk->depth > 0)
        return decapsulate(walk, node);
    return arrived(walk, node, HOP_DELIVER);
}

static int send_outer(struct walk *walk, int node);

/* ESP itself, or behind NAT in UDP; a tunnel that is plain has packets of no known kind. */
static struct traffic esp_traffic(const struct tunnel *tunnel)
{
    if (tunnel->plain)
        return (struct traffic){0};
    return tunnel->nat_t ? (struct traffic){TRAFFIC_UDP, NAT_T_PORT, NAT_T_PORT}
                         : (struct traffic){.protocol = TRAFFIC_ESP};
}

static int encapsulate(struct walk *walk, int node, int tunnel_index)
{
    const struct tunnel *tunnel = &walk->world->tunnels[tunnel_index];
    int side = tunnel_end_at(tunnel, node);
    const struct tunnel_end *end = &tunnel->ends[side];
    struct path *path = walk->path;
    if (!path->swallowed && (walk->depth > 0 || walk->packet.kind == PACKET_IKE)) {
        path->swallowed = true;
        path->swallowed_tunnel =
            walk->depth > 0 ? walk->frames[walk->depth - 1].tunnel : walk->packet.tunnel;
        path->into_tunnel = tunnel_index;
    }
    if (tunnel->failed)
        return dropped(walk, node, DROP_TUNNEL_DOWN);
    if (!tunnel->plain && end->sa == 0)
        return dropped(walk, node, DROP_NO_SA);
    if (walk->depth == PATH_DEPTH || (walk->depth > 0 && walk->packet.size_bytes > LOOP_SIZE_BYTES))
        return dropped(walk, node, DROP_LOOP_IN_TUNNEL);
    if (tunnel_index < 32)
        path->tunnels_seen |= 1u << tunnel_index;
    struct hop *hop = record(walk, HOP_ENCAPSULATE, node);
    hop->tunnel = tunnel_index;
    walk->frames[walk->depth++] =
        (struct frame){.inner = walk->packet, .tunnel = tunnel_index, .end = side, .sa = end->sa};
    walk->packet.src = end->outer_local;
    walk->packet.dst = end->outer_remote;
    walk->packet.size_bytes += ESP_OVERHEAD_BYTES;
    walk->packet.traffic = esp_traffic(tunnel);
    path->delay_us += PASS_DELAY_US;
    return send_outer(walk, node);
}

static void record_nat(struct walk *walk, int node, ip_addr *address, ip_addr now)
{
    *address = now;
    record(walk, HOP_NAT, node)->addr = now;
}

static bool is_for_gateway(struct traffic traffic)
{
    return traffic.protocol == TRAFFIC_ESP ||
           (traffic.protocol == TRAFFIC_UDP &&
            (traffic.to_port == IKE_PORT || traffic.to_port == NAT_T_PORT));
}

/* Whoever owns the destination address gets the packet. */
static int to_owner(struct walk *walk, const struct public_address *owner)
{
    const struct node *node = &walk->world->nodes[owner->node];
    if (node->failed)
        return dropped(walk, owner->node, DROP_NODE_DOWN);
    if (node->underlay_down)
        return dropped(walk, owner->node, DROP_LINK_DOWN);
    if (node->kind == NODE_ROUTER && !is_addressed(node, walk->packet.dst))
        record_nat(walk, owner->node, &walk->packet.dst, node->ports[1].addr);
    if (node->kind != NODE_GATEWAY)
        return owner->node;
    if (walk->depth > 0)
        return decapsulate(walk, owner->node);
    if (walk->packet.kind != PACKET_IKE && !is_for_gateway(walk->packet.traffic))
        return dropped(walk, owner->node, DROP_NOT_FOR_GATEWAY);
    return arrived(walk, owner->node, HOP_DELIVER);
}

static int through_internet(struct walk *walk)
{
    const struct world *world = walk->world;
    record(walk, HOP_INTERNET, world->internet);
    walk->path->delay_us += world->underlay_delay_us;
    const struct public_address *owner = world_address(world, walk->packet.dst);
    return owner ? to_owner(walk, owner) : arrived(walk, world->internet, HOP_BEYOND);
}

/* -- security groups and network ACLs -- */

static const struct node *vpc_of(const struct walk *walk, int instance)
{
    return &walk->world->nodes[walk->world->nodes[instance].ports[1].peer];
}

static struct hop *record_filter(struct walk *walk, enum hop_kind kind, int node,
                                 enum filter_side side)
{
    struct hop *hop = record(walk, kind, node);
    hop->side = side;
    hop->traffic = walk->packet.traffic;
    return hop;
}

static struct filter_question question_of(const struct walk *walk, enum filter_side side)
{
    const struct packet *packet = &walk->packet;
    const struct node *sender =
        walk->sender == WORLD_NONE ? NULL : &walk->world->nodes[walk->sender];
    return (struct filter_question){.side = side,
                                    .src = packet->src,
                                    .dst = packet->dst,
                                    .traffic = packet->traffic,
                                    .direct = sender && port_has(&sender->ports[1], packet->src)};
}

/* The first of the instance's groups that allows it; -1: none. */
static int allowing_group(const struct walk *walk, int instance,
                          const struct filter_question *question, int *ret_rule)
{
    const struct node *node = &walk->world->nodes[instance], *vpc = vpc_of(walk, instance);
    for (size_t i = 0; i < node->member_count; i++) {
        int rule = filter_find(&vpc->groups[node->member_of[i] - 1], question);
        if (rule == FILTER_NO_RULE)
            continue;
        *ret_rule = rule;
        return node->member_of[i] - 1;
    }
    return -1;
}

/* Do the groups let through what this one would answer? */
static bool allows_reverse(const struct walk *walk, int instance, enum filter_side side)
{
    int rule;
    struct filter_question reverse = {.side = side == FILTER_IN ? FILTER_OUT : FILTER_IN,
                                      .src = walk->packet.dst,
                                      .dst = walk->packet.src,
                                      .traffic = traffic_answer(walk->packet.traffic)};
    return allowing_group(walk, instance, &reverse, &rule) >= 0;
}

/* Did the groups let through what this answers? What was lost is answered as if it had arrived, so
 * then they did. */
static bool answers_allowed(const struct walk *walk, int instance)
{
    const struct path *asked = walk->packet.answers;
    if (!asked || walk->depth > 0)
        return false;
    for (size_t i = 0; asked->delivered && i < asked->hop_count; i++) {
        const struct hop *hop = &asked->hops[i];
        if (hop->kind == HOP_GROUP && hop->depth == 0 && hop->node == instance &&
            hop->src == walk->packet.dst && hop->dst == walk->packet.src)
            return true;
    }
    return !asked->delivered;
}

/* Of a tunnel's own packets: does the end that they go to send such ones, too, and do the groups
 * let those through? */
static bool answers_tunnel(const struct walk *walk, int instance, enum filter_side side)
{
    bool in_tunnel = walk->depth > 0;
    const struct frame *frame = in_tunnel ? &walk->frames[walk->depth - 1] : NULL;
    if (!in_tunnel && walk->packet.kind != PACKET_IKE)
        return false;
    const struct tunnel *tunnel =
        &walk->world->tunnels[in_tunnel ? frame->tunnel : walk->packet.tunnel];
    int answering = in_tunnel ? !frame->end : !walk->packet.end;
    if (!tunnel->starts[answering] && tunnel->ends[answering].sa == 0)
        return false;
    return allows_reverse(walk, instance, side);
}

static bool passes_groups(struct walk *walk, int instance, enum filter_side side)
{
    const struct node *node = &walk->world->nodes[instance];
    if (node->member_count == 0 || walk->packet.traffic.protocol == 0)
        return true;
    struct filter_question question = question_of(walk, side);
    bool remembered = answers_allowed(walk, instance);
    int rule = FILTER_NO_RULE;
    int group = remembered ? -1 : allowing_group(walk, instance, &question, &rule);
    if (group < 0 && !remembered)
        remembered = answers_tunnel(walk, instance, side);
    struct hop *hop = record_filter(walk, HOP_GROUP, instance, side);
    hop->filter = (uint16_t)(group >= 0 ? group : node->member_of[0] - 1);
    hop->rule = rule;
    hop->remembered = remembered;
    hop->passed = group >= 0 || remembered;
    return hop->passed;
}

/* Where an instance is, at the border of its subnet. */
static bool passes_acl(struct walk *walk, int instance, enum filter_side side)
{
    const struct port *port = &walk->world->nodes[instance].ports[1];
    const struct node *vpc = &walk->world->nodes[port->peer];
    uint16_t number = vpc->subnets[port->subnet].acl;
    if (number == 0 || walk->packet.traffic.protocol == 0)
        return true;
    const struct filter *acl = &vpc->acls[number - 1];
    struct filter_question question = question_of(walk, side);
    struct hop *hop = record_filter(walk, HOP_ACL, port->peer, side);
    hop->filter = (uint16_t)(number - 1);
    hop->subnet = port->subnet;
    hop->rule = filter_find(acl, &question);
    hop->passed = hop->rule != FILTER_NO_RULE && acl->rules[side][hop->rule].allow;
    return hop->passed;
}

static bool same_subnet(const struct walk *walk, int left, int right)
{
    const struct port *one = &walk->world->nodes[left].ports[1];
    const struct port *two = &walk->world->nodes[right].ports[1];
    return one->peer == two->peer && one->subnet == two->subnet;
}

/* What comes to an instance: by its subnet's border, unless its sender lies within, too. */
static int into_instance(struct walk *walk, int instance)
{
    bool crosses = walk->sender == WORLD_NONE || !same_subnet(walk, walk->sender, instance);
    if (crosses && !passes_acl(walk, instance, FILTER_IN))
        return dropped(walk, walk->world->nodes[instance].ports[1].peer, DROP_ACL_IN);
    if (!passes_groups(walk, instance, FILTER_IN))
        return dropped(walk, instance, DROP_GROUP_IN);
    return instance;
}

/* -- VPCs -- */

/* The instance in the VPC that has the address; WORLD_NONE: none has it. */
static int instance_with(const struct world *world, int vpc, ip_addr addr)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (node->in_vpc && node->port_count > 0 && node->ports[1].peer == vpc &&
            port_has(&node->ports[1], addr))
            return (int)i;
    }
    return WORLD_NONE;
}

/* Hands the packet to the instance in the VPC that has the address. */
static int to_instance(struct walk *walk, int vpc, ip_addr addr)
{
    int index = instance_with(walk->world, vpc, addr);
    if (index == WORLD_NONE)
        return dropped(walk, vpc, DROP_NO_INSTANCE);
    const struct node *node = &walk->world->nodes[index];
    if (node->failed)
        return dropped(walk, index, DROP_NODE_DOWN);
    if (node->underlay_down)
        return dropped(walk, index, DROP_LINK_DOWN);
    if (node->source_dest_check && !port_has(&node->ports[1], walk->packet.dst))
        return dropped(walk, index, DROP_SOURCE_DEST_CHECK);
    return into_instance(walk, index);
}

/* 1:1 NAT of the internet gateway, outwards; addresses of IPv6 are public as they are. */
static int out_by_internet_gateway(struct walk *walk, int vpc, int from)
{
    const struct world *world = walk->world;
    const struct node *sender = &world->nodes[from];
    if (ip_is_six(walk->packet.src) && world->nodes[vpc].internet_gateway && from != vpc)
        return through_internet(walk);
    if (!world->nodes[vpc].internet_gateway || from == vpc || sender->elastic_addr == 0 ||
        walk->packet.src != sender->ports[1].addr)
        return dropped(walk, vpc, DROP_NO_PUBLIC_ADDRESS);
    record_nat(walk, vpc, &walk->packet.src, sender->elastic_addr);
    return through_internet(walk);
}

/* And inwards: the packet has reached the VPC by an elastic address. */
static int in_by_internet_gateway(struct walk *walk, int vpc)
{
    const struct world *world = walk->world;
    if (ip_is_six(walk->packet.dst))
        return world->nodes[vpc].internet_gateway ? to_instance(walk, vpc, walk->packet.dst)
                                                  : dropped(walk, vpc, DROP_NO_PUBLIC_ADDRESS);
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        if (!node->in_vpc || node->elastic_addr != walk->packet.dst || node->ports[1].peer != vpc)
            continue;
        record_nat(walk, vpc, &walk->packet.dst, node->ports[1].addr);
        return to_instance(walk, vpc, walk->packet.dst);
    }
    return dropped(walk, vpc, DROP_NO_INSTANCE);
}

/* Across a peering: what neither begins nor ends in the two VPCs does not pass (T18). */
static int over_peering(struct walk *walk, int vpc, uint16_t number)
{
    const struct node *node = &walk->world->nodes[vpc];
    ip_addr src = walk->packet.src, dst = walk->packet.dst;
    enum vpc_reason reason =
        vpc_peering_admits(world_vpc(walk->world, node), number, true, src, dst);
    return reason == VPC_CHOSEN ? to_instance(walk, node->targets[number].node, dst)
                                : dropped(walk, vpc, DROP_NOT_TRANSITIVE);
}

/* Where a route of the VPC leads; blackholes were the table's to judge. */
static int to_target(struct walk *walk, int vpc, int from, uint16_t number)
{
    const struct world *world = walk->world;
    const struct route_target *target = &world->nodes[vpc].targets[number];
    switch (target->kind) {
    case VPC_TO_INTERNET:
        return out_by_internet_gateway(walk, vpc, from);
    case VPC_TO_INSTANCE:
        return to_instance(walk, vpc, world->nodes[target->node].ports[1].addr);
    case VPC_TO_GATEWAY:
        return target->node;
    case VPC_TO_PEERING:
        return over_peering(walk, vpc, number);
    case VPC_TO_LOCAL:
    case VPC_TO_BLACKHOLE:
    default:
        return dropped(walk, vpc, DROP_BLACKHOLE);
    }
}

/* Does the route lead out of the sender's subnet? What nobody has is lost within. */
static bool leaves_subnet(const struct walk *walk, int vpc, int from, const struct vpc_target *to)
{
    const struct world *world = walk->world;
    int next = WORLD_NONE;
    if (to->kind == VPC_TO_INSTANCE)
        next = world->nodes[vpc].targets[to->id].node;
    else if (to->kind == VPC_TO_LOCAL)
        next = instance_with(world, vpc, walk->packet.dst);
    else
        return true;
    return next != WORLD_NONE && !same_subnet(walk, from, next);
}

/* A packet in a VPC that came from one of its instances: the subnet's table decides. */
static int by_vpc_table(struct walk *walk, int vpc, int from)
{
    const struct world *world = walk->world;
    const struct node *node = &world->nodes[vpc];
    const struct node *sender = &world->nodes[from];
    if (sender->source_dest_check && !port_has(&sender->ports[1], walk->packet.src))
        return dropped(walk, from, DROP_SOURCE_DEST_CHECK);
    walk->sender = from;
    if (!passes_groups(walk, from, FILTER_OUT))
        return dropped(walk, from, DROP_GROUP_OUT);
    const struct vpc *tables = world_vpc(world, node);
    uint16_t table = node->subnets[sender->ports[1].subnet].table;
    struct vpc_route route;
    enum vpc_reason reason =
        tables ? vpc_lookup(tables, table, walk->packet.dst, &route) : VPC_NO_ROUTE;
    if (reason == VPC_NO_ROUTE) {
        record(walk, HOP_MISS, vpc)->table = table;
        return dropped(walk, vpc, DROP_NO_VPC_ROUTE);
    }
    bool local = route.target.kind == VPC_TO_LOCAL;
    struct hop *hop = record(walk, local ? HOP_LOCAL : HOP_VPC, vpc);
    hop->table = table;
    hop->prefix = route.prefix;
    hop->target = route.target.id;
    if (reason == VPC_TRANSIT)
        return dropped(walk, vpc, DROP_NOT_TRANSITIVE);
    if (reason != VPC_CHOSEN)
        return dropped(walk, vpc, DROP_BLACKHOLE);
    if (leaves_subnet(walk, vpc, from, &route.target) && !passes_acl(walk, from, FILTER_OUT))
        return dropped(walk, vpc, DROP_ACL_OUT);
    return local ? to_instance(walk, vpc, walk->packet.dst)
                 : to_target(walk, vpc, from, route.target.id);
}

/* Would a gateway on the Internet know whose packet this is? It knows its customers by their public
 * addresses, and nobody by an address that is none. */
static bool is_stranger(const struct world *world, const struct packet *packet)
{
    const struct public_address *to = world_address(world, packet->dst);
    return to && world->nodes[to->node].kind == NODE_GATEWAY && !world_address(world, packet->src);
}

/* A site's uplink. Behind 1:1 NAT it has a public address of its own. Another site's address does
 * not leave as a source: the provider drops it (BCP 38), and the site's NAT, where there is one,
 * would make the packet a stranger's to whoever knows its sender by address. */
static int to_provider(struct walk *walk, int node_index, const struct port *port)
{
    const struct node *node = &walk->world->nodes[node_index];
    if (node->elastic_addr && walk->packet.src == port->addr)
        record_nat(walk, node_index, &walk->packet.src, node->elastic_addr);
    const struct public_address *owner = world_address(walk->world, walk->packet.src);
    if (owner ? owner->node != node_index : is_stranger(walk->world, &walk->packet))
        return dropped(walk, node_index, DROP_FOREIGN_SOURCE);
    return through_internet(walk);
}

/* Onto a link that the address's owner is connected to, too: no provider sees the packet. */
static int to_neighbor(struct walk *walk, int node_index, const struct port *port)
{
    const struct public_address *owner = world_address(walk->world, walk->packet.dst);
    return owner && owner->node != node_index ? to_owner(walk, owner)
                                              : to_provider(walk, node_index, port);
}

/* Out of one of a node's ports, on a link. */
static int by_port(struct walk *walk, int node_index, const struct kernel_entry *entry)
{
    const struct world *world = walk->world;
    const struct node *node = &world->nodes[node_index];
    const struct port *port = &node->ports[entry->port];
    bool connected = entry->source == ROUTE_CONNECTED;
    walk->path->delay_us += LOCAL_DELAY_US;
    if (!port->up)
        return dropped(walk, node_index, DROP_LINK_DOWN);
    switch (port->kind) {
    case PORT_TUNNEL:
        return encapsulate(walk, node_index, port->tunnel);
    case PORT_INTERNET:
        return connected ? to_neighbor(walk, node_index, port)
                         : to_provider(walk, node_index, port);
    case PORT_LAN:
        return arrived(walk, node_index, HOP_BEYOND);
    case PORT_DX:
        return world->nodes[port->peer].failed ? dropped(walk, port->peer, DROP_NODE_DOWN)
                                               : port->peer;
    case PORT_VPC:
        if (node->kind == NODE_GATEWAY)
            return to_instance(walk, port->peer, walk->packet.dst);
        return by_vpc_table(walk, port->peer, node_index);
    default:
        return dropped(walk, node_index, DROP_NO_ROUTE);
    }
}

static int by_kernel(struct walk *walk, int node_index, bool outer)
{
    const struct node *node = &walk->world->nodes[node_index];
    struct prefix prefix;
    const struct kernel_entry *entry = outer
                                           ? node_outer_match(node, walk->packet.dst, &prefix)
                                           : kernel_match(&node->kernel, walk->packet.dst, &prefix);
    struct hop *hop = record(walk, entry ? HOP_KERNEL : HOP_MISS, node_index);
    hop->outer = outer && node->outer_vrf;
    if (!entry)
        return dropped(walk, node_index,
                       node->kind == NODE_GATEWAY ? DROP_GATEWAY_UNKNOWN_PREFIX : DROP_NO_ROUTE);
    hop->prefix = prefix;
    hop->port = entry->port;
    hop->addr = entry->gateway;
    hop->source = entry->source;
    hop->neighbor = entry->neighbor;
    if (entry->port == 0)
        return dropped(walk, node_index, DROP_DISCARDED);
    return by_port(walk, node_index, entry);
}

/* An outer packet leaves its own node: a gateway keeps it out of the inner table, as does a router
 * whose outer interface is in a VRF. */
static int send_outer(struct walk *walk, int node_index)
{
    const struct node *node = &walk->world->nodes[node_index];
    if (node->underlay_down)
        return dropped(walk, node_index, DROP_LINK_DOWN);
    if (node->kind == NODE_GATEWAY)
        return through_internet(walk);
    return by_kernel(walk, node_index, true);
}

static int visit(struct walk *walk, int node_index)
{
    const struct node *node = &walk->world->nodes[node_index];
    walk->sender = WORLD_NONE;
    if (node->failed)
        return dropped(walk, node_index, DROP_NODE_DOWN);
    if (walk->hops_left-- == 0)
        return dropped(walk, node_index, DROP_HOP_LIMIT);
    if (node->kind == NODE_VPC)
        return in_by_internet_gateway(walk, node_index);
    if (is_addressed(node, walk->packet.dst))
        return receive(walk, node_index);
    return by_kernel(walk, node_index, false);
}

static void run(struct walk *walk, int node)
{
    while (node != WORLD_NONE)
        node = visit(walk, node);
}

static struct walk walk_begin(const struct world *world, const struct packet *packet,
                              struct path *ret_path)
{
    struct hop *hops = ret_path->hops;
    *ret_path = (struct path){.node = WORLD_NONE,
                              .swallowed_tunnel = WORLD_NONE,
                              .into_tunnel = WORLD_NONE,
                              .hops = hops};
    return (struct walk){.world = world,
                         .path = ret_path,
                         .packet = *packet,
                         .hops_left = HOP_LIMIT,
                         .sender = WORLD_NONE};
}

void forward(const struct world *world, int node, const struct packet *packet,
             struct path *ret_path)
{
    struct walk walk = walk_begin(world, packet, ret_path);
    if (ip_is_six(packet->src) != ip_is_six(packet->dst)) {
        dropped(&walk, node, DROP_OTHER_FAMILY);
        return;
    }
    if (packet->kind == PACKET_IKE && !world->nodes[node].failed)
        run(&walk, send_outer(&walk, node));
    else
        run(&walk, node);
}

static void send_own(const struct world *world, int tunnel, int end, struct traffic traffic,
                     struct path *ret_path)
{
    const struct tunnel_end *from = &world->tunnels[tunnel].ends[end];
    struct packet packet = {.src = from->outer_local,
                            .dst = from->outer_remote,
                            .kind = PACKET_IKE,
                            .size_bytes = 68, /* an empty ESP-in-UDP packet's order of size */
                            .tunnel = tunnel,
                            .end = end,
                            .traffic = traffic};
    forward(world, from->node, &packet, ret_path);
}

void forward_ike(const struct world *world, int tunnel, int end, uint16_t port,
                 struct path *ret_path)
{
    struct traffic ike = {TRAFFIC_UDP, port, port}, none = {0};
    send_own(world, tunnel, end, world->tunnels[tunnel].plain ? none : ike, ret_path);
}

void forward_outer(const struct world *world, int tunnel, int end, struct path *ret_path)
{
    const struct tunnel *of = &world->tunnels[tunnel];
    forward_ike(world, tunnel, end, IKE_PORT, ret_path);
    if (world->filtered && ret_path->delivered)
        send_own(world, tunnel, end, esp_traffic(of),
                 ret_path); /* behind NAT IKE goes the same way */
}
