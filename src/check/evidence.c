#include "check/evidence.h"

#include "explain/route_line.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_canonical.h"
#include "world/names.h"

#include <string.h>

/* -- AS paths -- */

static size_t decode_path(const struct rib *rib, struct attr_id attr, uint32_t *ret_as_path)
{
    struct bgp_attrs attrs;
    bgp_attrs_decode_canonical(attr_bytes(&rib->attrs, attr), &attrs);
    struct cursor cursor = cursor_over(attrs.as_path);
    struct bgp_segment segment;
    size_t count = 0;
    while (bgp_as_path_next(&cursor, &segment)) {
        for (unsigned i = 0; i < segment.count && count < EVIDENCE_PATH_MAX; i++)
            ret_as_path[count++] = bgp_segment_as(&segment, i);
    }
    return count;
}

size_t evidence_as_path(const struct engine *engine, uint16_t neighbor, struct prefix prefix,
                        uint32_t ret_as_path[EVIDENCE_PATH_MAX])
{
    const struct rib *rib = engine_rib(engine);
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    if (number == 0 || neighbor == 0)
        return 0;
    const struct rib_path *path =
        rib_path_of(rib, number, engine_neighbor_source(engine, neighbor));
    return path ? decode_path(rib, path->attr, ret_as_path) : 0;
}

/* -- who said so -- */

struct teller evidence_teller(const struct world *world, int router, uint16_t neighbor)
{
    struct teller teller = {WORLD_NONE, WORLD_NONE, 0, neighbor};
    for (size_t i = 0; neighbor && i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        const struct tunnel_end *customer = &tunnel->ends[TUNNEL_CUSTOMER];
        if (customer->node != router || customer->neighbor != neighbor)
            continue;
        teller.gateway = tunnel->ends[TUNNEL_GATEWAY].node;
        teller.connection = tunnel->connection;
        teller.neighbor = tunnel->ends[TUNNEL_GATEWAY].neighbor;
    }
    return teller;
}

static void find_attachment(const struct world *world, int gateway, uint16_t attachment,
                            struct origin *origin)
{
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct connection *connection = &world->connections[i];
        if (connection->gateway == gateway && connection->attachment == attachment) {
            origin->connection = (int)i;
            origin->node = connection->router;
        }
    }
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *direct = &world->direct_connects[i];
        if (direct->gateway == gateway && direct->attachment == attachment) {
            origin->direct_connect = (int)i;
            origin->node = direct->router;
        }
    }
}

bool evidence_origin(const struct world *world, int gateway, struct prefix prefix,
                     struct origin *ret_origin)
{
    const struct engine *engine = world->nodes[gateway].engine;
    const struct rib *rib = engine ? engine_rib(engine) : NULL;
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    struct rib_route best = number ? rib_best(rib, number) : (struct rib_route){0};
    if (best.attr.v == 0)
        return false;
    const struct source *source = &rib_source_get(rib, best.source)->source;
    *ret_origin = (struct origin){.node = WORLD_NONE,
                                  .connection = WORLD_NONE,
                                  .direct_connect = WORLD_NONE,
                                  .is_static = source->kind == SOURCE_VPN_STATIC};
    ret_origin->as_path_count = decode_path(rib, best.attr, ret_origin->as_path);
    if (source->kind == SOURCE_LOCAL)
        ret_origin->node = gateway;
    else
        find_attachment(world, gateway, source->attachment.v, ret_origin);
    return true;
}

/* -- where the packets turn -- */

static bool leads_astray(const struct world *world, const struct hop *hop)
{
    const struct node *node = &world->nodes[hop->node];
    if (hop->kind == HOP_KERNEL)
        return node->ports[hop->port].kind == PORT_TUNNEL || node->ports[hop->port].kind == PORT_DX;
    if (hop->kind != HOP_VPC)
        return false;
    enum vpc_target_kind kind = node->targets[hop->target].kind;
    return kind == VPC_TO_GATEWAY || kind == VPC_TO_INSTANCE || kind == VPC_TO_PEERING;
}

static const struct hop *find_turn(const struct world *world, const struct path *path)
{
    for (size_t i = 0; i < path->hop_count && path->hops[i].depth == 0; i++) {
        if (leads_astray(world, &path->hops[i]))
            return &path->hops[i];
    }
    return NULL;
}

static bool is_underlay(const struct node *router, uint16_t port)
{
    return port != 0 && port <= router->port_count &&
           (router->ports[port].kind == PORT_INTERNET || router->ports[port].kind == PORT_VPC);
}

/* What a neighbor on the underlay offers for the prefix, be it the best or not; port 0: nothing. */
static uint16_t offered_by_provider(const struct node *router, struct prefix prefix,
                                    ip_addr *ret_via)
{
    const struct rib *rib = engine_rib(router->engine);
    uint32_t number = rib ? rib_find(rib, prefix) : 0;
    const struct rib_path *path = number ? rib_path_next(rib, number, NULL) : NULL;
    for (; path; path = rib_path_next(rib, number, path)) {
        uint16_t neighbor = engine_source_neighbor(router->engine, path->source);
        uint16_t port = neighbor ? engine_neighbor(router->engine, neighbor)->interface : 0;
        if (!is_underlay(router, port) || reason_refuses(path->why))
            continue;
        *ret_via = attr_next_hop(attr_get(&rib->attrs, path->attr));
        return port;
    }
    return 0;
}

uint16_t evidence_underlay(const struct node *router, ip_addr addr, ip_addr *ret_via)
{
    const struct table *table = engine_table(router->engine);
    for (unsigned back = 0; back <= 32; back++) {
        struct prefix prefix = prefix_around(addr, (uint8_t)(32 - back));
        struct table_candidate candidate;
        for (uint32_t i = 0; table_candidate(table, prefix, i, &candidate); i++) {
            uint16_t port = candidate.way.interface;
            if (candidate.way.kind != TABLE_OUT || !is_underlay(router, port))
                continue;
            *ret_via = candidate.way.gateway;
            return port;
        }
        uint16_t port = offered_by_provider(router, prefix, ret_via);
        if (port)
            return port;
    }
    return 0;
}

static void copy_path(struct evidence *evidence, const struct origin *origin)
{
    memcpy(evidence->as_path, origin->as_path, sizeof origin->as_path);
    evidence->as_path_count = origin->as_path_count;
}

static bool is_learned(enum route_source source)
{
    return source == ROUTE_EBGP || source == ROUTE_IBGP;
}

/* A configured route whose next hop is not on the link is led astray by the learned route through
 * which that next hop is found (T06): that one, or NULL. */
static const struct kernel_entry *behind_next_hop(const struct node *node, struct prefix prefix,
                                                  struct prefix *ret_prefix, ip_addr *ret_next_hop)
{
    const struct table *table = engine_table(node->engine);
    struct prefix chain[TABLE_DEPTH_MAX];
    struct table_candidate chosen;
    struct table_way way;
    if (!table_candidate(table, prefix, 0, &chosen) || chosen.route.gateway == 0 ||
        chosen.route.interface != 0)
        return NULL;
    uint32_t count = table_chain(table, chosen.route.gateway, chain, TABLE_DEPTH_MAX, &way);
    for (uint32_t i = 0; i < count; i++) {
        const struct kernel_entry *entry = kernel_exact(&node->kernel, chain[i]);
        if (!entry || !is_learned(entry->source))
            continue;
        *ret_prefix = chain[i];
        *ret_next_hop = chosen.route.gateway;
        return entry;
    }
    return NULL;
}

static void ask_router(const struct world *world, const struct hop *hop, struct evidence *evidence)
{
    const struct node *node = &world->nodes[hop->node];
    uint16_t neighbor = hop->neighbor;
    evidence->by_bgp = is_learned(hop->source);
    if (!evidence->by_bgp) {
        const struct kernel_entry *behind =
            behind_next_hop(node, hop->prefix, &evidence->prefix, &evidence->next_hop);
        evidence->pinned = hop->prefix;
        evidence->by_bgp = evidence->by_next_hop = behind != NULL;
        neighbor = behind ? behind->neighbor : 0;
    }
    evidence->teller = evidence_teller(world, hop->node, neighbor);
    evidence->as_path_count =
        evidence_as_path(node->engine, neighbor, evidence->prefix, evidence->as_path);
    struct table_candidate second;
    evidence->by_distance =
        table_candidate(engine_table(node->engine), evidence->prefix, 1, &second) &&
        second.reason == TABLE_LOST_DISTANCE;
}

/* The route of a VPC's table that a packet took: is it one that somebody wrote there? */
static bool is_written(const struct world *world, const struct hop *hop)
{
    const struct vpc *vpc = world_vpc(world, &world->nodes[hop->node]);
    struct vpc_route route;
    return !vpc || !vpc_find(vpc, hop->table, hop->prefix, &route) ||
           route.origin == VPC_ORIGIN_STATIC;
}

static void ask_table(const struct world *world, const struct hop *hop, struct evidence *evidence)
{
    const struct node *vpc = &world->nodes[hop->node];
    evidence->vpc = hop->node;
    evidence->table = hop->table;
    evidence->is_static = is_written(world, hop);
    if (vpc->targets[hop->target].kind == VPC_TO_GATEWAY)
        evidence->teller.gateway = vpc->targets[hop->target].node;
}

bool evidence_take(const struct world *world, int tunnel, struct hop *hops,
                   struct evidence *ret_evidence, struct path *ret_path)
{
    for (int end = TUNNEL_CUSTOMER; end >= TUNNEL_GATEWAY; end--) {
        const struct tunnel_end *from = &world->tunnels[tunnel].ends[end];
        *ret_path = (struct path){.hops = hops};
        forward_outer(world, tunnel, end, ret_path);
        const struct hop *turn = ret_path->swallowed ? find_turn(world, ret_path) : NULL;
        if (!turn)
            continue;
        *ret_evidence = (struct evidence){
            .tunnel = tunnel,
            .end = end,
            .router = from->node,
            .into = ret_path->into_tunnel,
            .prefix = turn->prefix,
            .turn = turn->kind == HOP_KERNEL ? TURN_ROUTER : TURN_TABLE,
            .vpc = WORLD_NONE,
            .teller = {WORLD_NONE, WORLD_NONE, 0, 0},
            .origin = {.node = WORLD_NONE, .connection = WORLD_NONE, .direct_connect = WORLD_NONE}};
        if (turn->kind == HOP_KERNEL)
            ask_router(world, turn, ret_evidence);
        else
            ask_table(world, turn, ret_evidence);
        int gateway = ret_evidence->teller.gateway;
        if (gateway != WORLD_NONE &&
            evidence_origin(world, gateway, ret_evidence->prefix, &ret_evidence->origin) &&
            ret_evidence->as_path_count == 0)
            copy_path(ret_evidence, &ret_evidence->origin);
        const struct node *router = &world->nodes[from->node];
        if (router->engine)
            ret_evidence->underlay_port =
                evidence_underlay(router, from->outer_remote, &ret_evidence->underlay_via);
        return true;
    }
    return false;
}

/* -- in words -- */

void evidence_say_place(struct check *check, const struct world *world, int tunnel,
                        struct check_finding *finding)
{
    const struct tunnel *of = &world->tunnels[tunnel];
    const struct tunnel_end *customer = &of->ends[TUNNEL_CUSTOMER];
    finding->at = tunnel;
    finding->tunnel = check_text(check, "%s", of->id);
    finding->connection = check_text(check, "%s", world->connections[of->connection].id);
    finding->router = check_text(check, "%s", world->nodes[customer->node].id);
    finding->gateway = check_text(check, "%s", world->nodes[of->ends[TUNNEL_GATEWAY].node].id);
    finding->outside = customer->outer_remote;
    finding->plain = of->plain;
}

void evidence_say_origin(struct check *check, const struct world *world,
                         const struct origin *origin, struct check_finding *finding)
{
    if (origin->node != WORLD_NONE)
        finding->origin.router = check_text(check, "%s", world->nodes[origin->node].id);
    if (origin->connection != WORLD_NONE)
        finding->origin.attachment =
            check_text(check, "%s", world->connections[origin->connection].id);
    if (origin->direct_connect != WORLD_NONE)
        finding->origin.attachment =
            check_text(check, "%s", world->direct_connects[origin->direct_connect].id);
    if (origin->as_path_count > 0)
        finding->origin.asn = origin->as_path[origin->as_path_count - 1];
}

static const char *say_hop(struct check *check, const struct world *world, const struct hop *hop)
{
    const struct node *node = &world->nodes[hop->node];
    switch (hop->kind) {
    case HOP_KERNEL:
        return check_text(check, "%s: %s via %s -> %s", node->id, text_of_ip(hop->dst),
                          text_of_prefix(hop->prefix), node->ports[hop->port].name);
    case HOP_VPC:
        return check_text(check, "%s: %s via %s -> %s", node->table_ids[hop->table],
                          text_of_ip(hop->dst), text_of_prefix(hop->prefix),
                          node->targets[hop->target].id);
    case HOP_LOCAL:
        return check_text(check, "%s: %s is local", node->id, text_of_ip(hop->dst));
    case HOP_MISS:
        return check_text(check, "%s: nothing leads to %s", node->id, text_of_ip(hop->dst));
    case HOP_GROUP:
        return check_text(check, "%s: its security groups", node->id);
    case HOP_ACL:
        return check_text(check, "%s: the network ACL %s", node->id, node->acls[hop->filter].id);
    case HOP_NAT:
        return check_text(check, "%s: 1:1 NAT, now %s", node->id, text_of_ip(hop->addr));
    case HOP_INTERNET:
        return check_text(check, "the Internet: to %s", text_of_ip(hop->dst));
    case HOP_ENCAPSULATE:
        return check_text(check, "%s: %s into %s", node->id,
                          world->tunnels[hop->tunnel].plain ? "packet" : "ESP",
                          world->tunnels[hop->tunnel].id);
    case HOP_DECAPSULATE:
        return check_text(check, "%s: out of %s", node->id, world->tunnels[hop->tunnel].id);
    case HOP_DELIVER:
        return check_text(check, "%s: arrived", node->id);
    case HOP_BEYOND:
    default:
        return check_text(check, "%s: beyond what the file describes", node->id);
    }
}

static bool does_again(const struct hop *hop, const struct hop *earlier)
{
    return hop->kind == earlier->kind && hop->node == earlier->node &&
           hop->tunnel == earlier->tunnel && hop->kind == HOP_ENCAPSULATE;
}

static bool is_repeated(const struct path *path, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (does_again(&path->hops[index], &path->hops[i]))
            return true;
    }
    return false;
}

void evidence_say_loop(struct check *check, const struct world *world, const struct path *path,
                       struct check_texts *ret_loop)
{
    size_t shown = 0;
    while (shown < path->hop_count) {
        check_add_text(check, ret_loop, say_hop(check, world, &path->hops[shown]));
        if (is_repeated(path, shown++))
            break;
    }
    const char *end = path->node == WORLD_NONE ? "" : world->nodes[path->node].id;
    if (path->drop == DROP_LOOP_IN_TUNNEL)
        check_add_text(
            check, ret_loop,
            check_text(check, "%s: and so on, until it no longer fits; it never leaves", end));
    else if (path->drop != DROP_NONE)
        check_add_text(check, ret_loop,
                       check_text(check, "%s: dropped: %s", end, drop_sentence(path->drop)));
}

const char *evidence_say_route(struct check *check, const struct world *world, int router,
                               struct prefix prefix, uint32_t index)
{
    struct table_candidate candidate;
    if (!table_candidate(engine_table(world->nodes[router].engine), prefix, index, &candidate))
        return NULL;
    char line[160];
    struct text text = text_over(line, sizeof line);
    text_route_line(&text, world, router, prefix, &candidate, 0, ROUTE_LINE_PREFIX);
    return check_text(check, "%s", line);
}

/* The route of a shorter prefix that would have been taken otherwise. */
static bool find_shorter(const struct node *router, struct prefix prefix, ip_addr addr,
                         struct prefix *ret_prefix)
{
    for (unsigned back = 1; back <= prefix.len; back++) {
        struct prefix shorter = prefix_around(addr, (uint8_t)(prefix.len - back));
        struct table_best best;
        if (!table_find(engine_table(router->engine), shorter, &best))
            continue;
        *ret_prefix = shorter;
        return true;
    }
    return false;
}

/* The gateway knew better, and was told to announce it all the same. */
static bool was_warned(const struct world *world, const struct evidence *evidence)
{
    const struct teller *teller = &evidence->teller;
    if (teller->gateway == WORLD_NONE || teller->connection == WORLD_NONE)
        return false;
    const struct connection *connection = &world->connections[teller->connection];
    const struct tunnel *tunnel = &world->tunnels[evidence->tunnel];
    return tunnel->ends[TUNNEL_GATEWAY].node == teller->gateway &&
           engine_attachment(world->nodes[teller->gateway].engine, connection->attachment)->guard ==
               GUARD_WARN;
}

void evidence_say_choice(struct check *check, const struct world *world,
                         const struct evidence *evidence, struct check_finding *finding)
{
    if (was_warned(world, evidence))
        check_add_text(check, &finding->why, reason_text(REASON_GUARD_WARN)->name);
    finding->into = check_text(check, "%s", world->tunnels[evidence->into].id);
    if (evidence->turn == TURN_TABLE) {
        check_add_text(check, &finding->why, evidence->is_static ? "static" : "propagated");
        finding->route =
            check_text(check, "%s %s", world->nodes[evidence->vpc].table_ids[evidence->table],
                       text_of_prefix(evidence->prefix));
        return;
    }
    const struct node *router = &world->nodes[evidence->router];
    finding->port =
        check_text(check, "%s", tunnel_port_name(world, evidence->router, evidence->into));
    if (evidence->teller.gateway != WORLD_NONE)
        finding->told_by = check_text(check, "%s", world->nodes[evidence->teller.gateway].id);
    ip_addr addr = world->tunnels[evidence->tunnel].ends[evidence->end].outer_remote;
    struct table_candidate second;
    struct prefix shorter;
    if (evidence->by_next_hop)
        check_add_text(check, &finding->why, "recursive-next-hop");
    finding->route = evidence_say_route(check, world, evidence->router, evidence->prefix, 0);
    if (table_candidate(engine_table(router->engine), evidence->prefix, 1, &second)) {
        check_add_text(check, &finding->why, table_reason_name(second.reason));
        finding->beaten = evidence_say_route(check, world, evidence->router, evidence->prefix, 1);
    } else if (find_shorter(router, evidence->prefix, addr, &shorter)) {
        check_add_text(check, &finding->why, "longest-prefix");
        finding->beaten = evidence_say_route(check, world, evidence->router, shorter, 0);
    }
}
