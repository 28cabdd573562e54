/* trace against an oracle: random packets in random networks go where plain code over the exported
 * tables says, consult the same tables, by the same lines, and die in the same place of the same
 * cause, of IPv4 and of IPv6; and explain has of a prefix what each table has. Half of the packets
 * are sent when things have been spoiled besides. Examples and stories of other tests are among the
 * networks.
 *
 *     whole_agree_trace_test --networks 1000     more of them, for a page to keep */
#include "tests/harness.h"
#include "tests/trace_oracle_way.h"

#include "base/prng.h"
#include "check/reach.h"
#include "explain/trace.h"
#include "explain/why.h"
#include "network/build.h"
#include "network/generate.h"
#include "sim/sim.h"

enum { PACKET_BYTES = 84, SHOWN = 5 };

static uint64_t network_count = 60, packet_count = 10;

static struct totals {
    uint64_t networks, restless, packets, disagreements, delivered, beyond, tables, in_tunnels;
    uint64_t six, six_delivered, six_in_tunnels; /* of IPv6 */
    uint64_t explained, six_explained;
    uint64_t filters, remembered, answers;
    uint64_t drops[DROP_COUNT];
} totals;

static int shown;

static void complain(uint64_t seed, const struct packet *packet, const char *what, const char *left,
                     const char *right)
{
    char src[IP_TEXT_BYTES], dst[IP_TEXT_BYTES];
    struct text text = text_over(src, sizeof src);
    text_ip(&text, packet->src);
    text = text_over(dst, sizeof dst);
    text_ip(&text, packet->dst);
    if (shown++ < SHOWN)
        printf("# seed %" PRIu64 ", %s to %s: %s: trace has %s, the oracle %s\n", seed, src, dst,
               what, left, right);
}

/* The trace's hops that asked a table, as the oracle writes them. */
static size_t lines_of(json_t *trace, char (*lines)[128])
{
    json_t *hops = json_object_get(trace, "hops"), *hop;
    size_t index, count = 0;
    json_array_foreach(hops, index, hop)
    {
        const char *kind = plain_text(hop, "kind"), *prefix = plain_text(hop, "prefix");
        bool miss = strcmp(kind, "miss") == 0;
        json_t *filter = json_object_get(hop, "filter");
        if (json_is_object(filter)) {
            const char *rule = plain_text(filter, "rule");
            bool acl = strcmp(kind, "network-acl") == 0;
            const char *verdict = json_is_true(json_object_get(filter, "remembered")) ? "remembered"
                                  : json_is_true(json_object_get(filter, "passed"))   ? "allowed"
                                                                                      : "denied";
            size_t used =
                (size_t)snprintf(lines[count], sizeof *lines, "%.80s %s %s",
                                 plain_text(hop, "place"), plain_text(filter, "side"), verdict);
            if (acl)
                snprintf(lines[count] + used, sizeof *lines - used, " %lu",
                         strtoul(*rule ? rule + strlen("rule ") : "0", NULL, 10));
            totals.filters++;
            totals.remembered += *verdict == 'r';
            count++;
        }
        if (*prefix || miss)
            snprintf(lines[count++], sizeof *lines, "%.90s %.32s", plain_text(hop, "place"),
                     miss ? "nothing" : prefix);
    }
    return count;
}

static bool same_lines(uint64_t seed, const struct packet *packet, json_t *trace,
                       const struct plain_way *way)
{
    static char lines[PATH_HOPS][128];
    size_t count = lines_of(trace, lines);
    const char *drop = plain_text(trace, "drop");
    bool round = strcmp(drop, "loop-in-tunnel") == 0 || strcmp(drop, "hop-limit") == 0;
    totals.tables += way->line_count;
    if (round ? count > way->line_count : count != way->line_count) {
        complain(seed, packet, "number of tables", count ? lines[count - 1] : "none",
                 way->line_count ? way->lines[way->line_count - 1] : "none");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lines[i], way->lines[i]) != 0) {
            complain(seed, packet, "a table's line", lines[i], way->lines[i]);
            return false;
        }
    }
    return true;
}

/* Sends the packet both ways of telling it. */
static struct told_ways {
    struct hop hops[PATH_HOPS];
    struct path path;
    struct plain_way way;
} ways[2]; /* of a packet, of its answer */

static bool agrees(uint64_t seed, const struct plain *plain, int node, const struct packet *packet,
                   bool answer)
{
    struct told_ways *own = &ways[answer];
    struct trace told;
    own->path = (struct path){.hops = own->hops};
    forward(plain->world, node, packet, &own->path);
    struct path path = own->path;
    trace_take(plain->world, &path, &told);
    json_t *trace = trace_json(plain->world, &told);
    plain_go(plain, node,
             (struct plain_packet){packet->src, packet->dst, packet->size_bytes,
                                   packet->traffic.protocol, packet->traffic.from_port,
                                   packet->traffic.to_port},
             answer ? &ways[0].way : NULL, &own->way);
    const struct plain_way way = own->way;
    const char *at = way.node < 0 ? "" : plain->world->nodes[way.node].id;
    bool same = strcmp(plain_text(trace, "drop"), way.drop ? way.drop : "") == 0;
    if (!same)
        complain(seed, packet, "why it is lost", plain_text(trace, "drop"),
                 way.drop ? way.drop : "nothing");
    else if (strcmp(plain_text(trace, "at"), at) != 0)
        complain(seed, packet, "where it ends", plain_text(trace, "at"), at);
    same = same && strcmp(plain_text(trace, "at"), at) == 0 && path.beyond == way.beyond &&
           same_lines(seed, packet, trace, &way);
    totals.packets++;
    totals.disagreements += !same;
    totals.delivered += path.delivered;
    totals.beyond += path.beyond;
    totals.in_tunnels += path.tunnels_seen != 0;
    totals.six += ip_is_six(packet->src) && ip_is_six(packet->dst);
    totals.six_delivered += path.delivered && ip_is_six(packet->src);
    totals.six_in_tunnels += path.tunnels_seen != 0 && ip_is_six(packet->src);
    totals.drops[path.drop] += !path.delivered;
    json_decref(trace);
    trace_done(&told);
    return same;
}

/* -- packets -- */

struct crowd {
    struct reach reach;
    struct prng prng;
    const struct world *world;
};

static struct reach_end some_end(struct crowd *crowd)
{
    const struct reach_pair *pair =
        &crowd->reach.pairs[prng_below(&crowd->prng, crowd->reach.pair_count)];
    return prng_below(&crowd->prng, 2) ? pair->from : pair->to;
}

static ip_addr some_port(struct crowd *crowd)
{
    const struct node *node =
        &crowd->world->nodes[prng_below(&crowd->prng, crowd->world->node_count)];
    if (node->port_count == 0)
        return 0;
    const struct port *port = &node->ports[1 + prng_below(&crowd->prng, node->port_count)];
    return port->six && prng_below(&crowd->prng, 2) ? port->six : port->addr;
}

static ip_addr anywhere(struct crowd *crowd, bool six)
{
    ip_addr some = (uint32_t)prng_next(&crowd->prng);
    return six ? (ip_addr)0x20010db8 << 96 | some << 64 | some : some;
}

/* Of the family, if it is among the first that are drawn. */
static struct reach_end some_end_of(struct crowd *crowd, bool six)
{
    struct reach_end end = some_end(crowd);
    for (int tries = 0; tries < 8 && ip_is_six(end.addr) != six; tries++)
        end = some_end(crowd);
    return end;
}

static ip_addr some_peer(struct crowd *crowd, ip_addr src)
{
    return some_end_of(crowd, ip_is_six(src)).addr;
}

/* Somebody, a public address, a leg of some node, anybody near an end, anywhere. */
static ip_addr some_destination(struct crowd *crowd, ip_addr src)
{
    size_t count = crowd->world->address_count;
    const struct public_address *addresses = crowd->world->addresses;
    switch (prng_below(&crowd->prng, 8)) {
    case 0:
        if (count > 0 && ip_is_six(src) && ip_is_six(addresses[count - 1].addr))
            return addresses[count - 1].addr; /* they ascend */
        return count ? addresses[prng_below(&crowd->prng, count)].addr : 1;
    case 1:
        return some_port(crowd);
    case 2:
        return some_peer(crowd, src) ^ (ip_addr)prng_below(&crowd->prng, 1 << 16);
    case 3:
        return anywhere(crowd, ip_is_six(src));
    default:
        return some_peer(crowd, src);
    }
}

static struct traffic some_traffic(struct crowd *crowd, bool six)
{
    static const struct traffic kinds[] = {{TRAFFIC_TCP, 49152, 443}, {TRAFFIC_TCP, 443, 49152},
                                           {TRAFFIC_UDP, 4500, 4500}, {TRAFFIC_UDP, 500, 500},
                                           {.protocol = TRAFFIC_ESP}, {.protocol = 0}};
    size_t kind = prng_below(&crowd->prng, 2 * sizeof kinds / sizeof *kinds);
    return kind < sizeof kinds / sizeof *kinds ? kinds[kind] : traffic_echo(six);
}

/* Whoever got the packet answers it, as it came. */
static bool answer_agrees(uint64_t seed, const struct plain *plain, const struct packet *asked)
{
    const struct path *path = &ways[0].path;
    if (!path->delivered || path->beyond || path->hop_count == 0)
        return true;
    enum node_kind kind = plain->world->nodes[path->node].kind;
    if (kind != NODE_INSTANCE && kind != NODE_ROUTER)
        return true;
    const struct hop *last = &path->hops[path->hop_count - 1];
    struct packet answer = {.src = last->dst,
                            .dst = last->src,
                            .size_bytes = PACKET_BYTES,
                            .tunnel = WORLD_NONE,
                            .traffic = traffic_answer(asked->traffic),
                            .answers = path};
    totals.answers++;
    return agrees(seed, plain, path->node, &answer, true);
}

static void send_packets(uint64_t seed, const struct network *network, const struct world *world)
{
    struct crowd crowd = {.prng = prng_seed(seed * 31 + 7), .world = world};
    struct plain plain = plain_export(world, network);
    reach_init_all(&crowd.reach, network, world);
    for (uint64_t i = 0; crowd.reach.pair_count > 0 && i < packet_count / 2; i++) {
        struct reach_end from = some_end_of(&crowd, (i + seed / 2) % 2);
        bool strange = prng_below(&crowd.prng, 8) == 0; /* it only passes through */
        ip_addr src = strange ? some_destination(&crowd, from.addr) : from.addr;
        struct packet packet = {.src = src,
                                .dst = some_destination(&crowd, src),
                                .size_bytes = PACKET_BYTES,
                                .tunnel = WORLD_NONE};
        packet.traffic = some_traffic(&crowd, ip_is_six(packet.src));
        CHECK(agrees(seed, &plain, from.node, &packet, false));
        CHECK(answer_agrees(seed, &plain, &packet));
    }
    reach_done(&crowd.reach);
    plain_done(&plain);
}

/* -- explain -- */

static const char *some_prefix(struct prng *prng, const struct plain *plain)
{
    const struct plain_table *table = &plain->tables[prng_below(prng, plain->table_count)];
    json_t *routes = json_object_get(json_object_get(plain->exported, table->name), "routes");
    size_t count = json_array_size(routes);
    return count ? plain_text(json_array_get(routes, prng_below(prng, count)), "prefix") : "";
}

/* The export's lines of the prefix. */
static json_t *lines_with(json_t *routes, const char *prefix)
{
    json_t *lines = json_array(), *route;
    size_t index;
    json_array_foreach(routes, index, route)
    {
        if (strcmp(plain_text(route, "prefix"), prefix) == 0)
            json_array_append(lines, route);
    }
    return lines;
}

/* Is every next hop of the prefix's family? */
static bool of_one_family(json_t *paths, bool six)
{
    json_t *path;
    size_t index;
    bool fits = true;
    json_array_foreach(paths, index, path)
    {
        const char *next_hop = plain_text(path, "next_hop");
        fits &= !*next_hop || (strchr(next_hop, ':') != NULL) == six;
    }
    return fits;
}

/* explain has, at every table, the lines that the table has of the prefix; where it has none and
 * was offered none, it says why. */
static void explain_agrees(uint64_t seed, const struct plain *plain, const char *text)
{
    struct prefix prefix = {0};
    struct views views;
    struct why why;
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    views_all(plain->world, &views);
    why_take(plain->world, prefix, &views, &why);
    json_t *told = why_json(plain->world, &why, 0);
    json_t *tables = json_object_get(told, "tables"), *exported;
    const char *name;
    CHECK_EQUAL((int64_t)json_object_size(tables), (int64_t)json_object_size(plain->exported));
    json_object_foreach(plain->exported, name, exported)
    {
        json_t *lines = lines_with(json_object_get(exported, "routes"), text);
        json_t *table = json_object_get(tables, name);
        bool absent = *plain_text(table, "absent") != 0;
        bool same = json_equal(lines, json_object_get(table, "routes")) &&
                    absent == (json_array_size(lines) == 0 &&
                               json_array_size(json_object_get(table, "paths")) == 0) &&
                    of_one_family(json_object_get(table, "paths"), prefix.six);
        if (!same && shown++ < SHOWN)
            printf("# seed %" PRIu64 ", %s at %s: explain and routes disagree\n", seed, text, name);
        CHECK(same);
        totals.explained++;
        totals.six_explained += prefix.six && !absent;
        json_decref(lines);
    }
    json_decref(told);
    why_done(&why);
    views_done(&views);
}

static void ask_why(uint64_t seed, const struct network *network, const struct world *world)
{
    struct prng prng = prng_seed(seed * 37 + 11);
    struct plain plain = plain_export(world, network);
    for (uint64_t i = 0; plain.table_count > 0 && i < packet_count / 2; i++) {
        const char *prefix = some_prefix(&prng, &plain);
        if (*prefix)
            explain_agrees(seed, &plain, prefix);
    }
    plain_done(&plain);
}

/* What would not stay so for long: half an SA, a check switched on, a link pulled. Packets only ask
 * how things are now. */
static void spoil(uint64_t seed, struct world *world)
{
    struct prng prng = prng_seed(seed * 17 + 3);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        struct tunnel_end *end = &world->tunnels[i].ends[prng_below(&prng, 2)];
        if (end->sa != 0 && prng_below(&prng, 4) == 0)
            end->sa += 1000;
        world->tunnels[i].failed |= prng_below(&prng, 16) == 0;
    }
    for (size_t i = 0; i < world->node_count; i++) {
        struct node *node = &world->nodes[i];
        if (node->in_vpc && prng_below(&prng, 4) == 0)
            node->source_dest_check = !node->source_dest_check;
        node->underlay_down |= prng_below(&prng, 16) == 0;
    }
}

static size_t count_held(const struct node *node)
{
    struct prefix prefix;
    uint32_t handle;
    size_t held = 0;
    for (bool more = lpm_next(&node->kernel.prefixes, NULL, &prefix, &handle); more; held++) {
        struct prefix last = prefix;
        more = lpm_next(&node->kernel.prefixes, &last, &prefix, &handle);
    }
    return held;
}

/* A gateway's export has only what it was told; its links' own prefixes are held besides. */
static size_t count_links(const struct node *node)
{
    size_t links = 0;
    for (unsigned i = 1; node->kind == NODE_GATEWAY && i <= node->port_count; i++) {
        const struct port *port = &node->ports[i];
        const struct kernel_entry *entry =
            kernel_exact(&node->kernel, prefix_around(port->addr, port->len));
        links += port->addr != 0 && entry && entry->source == ROUTE_CONNECTED;
        entry = kernel_exact(&node->kernel, prefix_around(port->six, port->six_len));
        links += port->six != 0 && entry && entry->source == ROUTE_CONNECTED;
    }
    return links;
}

/* Does each kernel hold what its export says is used, and no more? While daemons are at work it may
 * not. */
static bool kernels_follow(const struct plain *plain)
{
    for (size_t i = 0; i < plain->table_count; i++) {
        const struct plain_table *table = &plain->tables[i];
        const struct node *node = &plain->world->nodes[table->node];
        size_t used = 0;
        if (table->outer || node->kind == NODE_VPC)
            continue;
        for (size_t j = 0; j < table->count; j++)
            used += table->routes[j].used;
        if (used + count_links(node) != count_held(node))
            return false;
        for (size_t j = 0; node->kind == NODE_GATEWAY && j < table->count; j++) {
            const struct plain_route *route = &table->routes[j];
            if (strcmp(route->why, "best") == 0 && !route->used && !route->piece)
                return false;
        }
    }
    return true;
}

static bool is_export_whole(const struct world *world, const struct network *network)
{
    struct plain plain = plain_export(world, network);
    bool whole = kernels_follow(&plain);
    plain_done(&plain);
    return whole;
}

/* Where it never rests, it was left when a tunnel's packets had just gone astray. */
static void run_and_send(uint64_t seed, const struct network *network)
{
    struct world *world = network_build(network);
    struct sim *sim = sim_create(world, network, &(struct sim_options){.seed = seed});
    bool rests = sim_run_story(sim) == SIM_SETTLED;
    if (is_export_whole(world, network)) {
        totals.networks++;
        totals.restless += !rests;
        ask_why(seed, network, world);
        send_packets(2 * seed, network, world);
        spoil(seed, world);
        send_packets(2 * seed + 1, network, world);
    }
    sim_destroy(sim);
    world_destroy(world);
}

/* -- the tests -- */

static void random_packets_in_random_networks(void)
{
    for (uint64_t seed = 1; totals.networks < network_count; seed++) {
        struct generate_shape shape = {.gateways = 1 + (unsigned)(seed % 3),
                                       .sites = 1 + (unsigned)(seed % 5),
                                       .connections = 1 + (unsigned)(seed % 3),
                                       .direct_connects = (unsigned)(seed % 3),
                                       .steps = (unsigned)(seed % 4),
                                       .danger_percent = (unsigned)(seed % 4) * 10,
                                       .six_percent = 60,
                                       .filter_percent = 50,
                                       .policy_percent = 40,
                                       .fast = true};
        struct network *network = network_generate(seed, &shape);
        run_and_send(seed, network);
        network_free(network);
    }
}

static void stories_that_people_tell(void)
{
    static const char *const paths[] = {
        "examples/incident-held.yaml",          "examples/incident-pinned.yaml",
        "examples/incident-two-tunnels.yaml",   "tests/stories/peering-transit.yaml",
        "tests/stories/asymmetric-return.yaml", "tests/stories/static-to-unknown.yaml",
        "tests/stories/vpc-overlap.yaml",       "tests/stories/blackhole-route.yaml",
        "tests/stories/static-shadows.yaml",    "tests/stories/propagation-limit.yaml",
        "tests/stories/dual-stack.yaml",        "tests/stories/ipv6-over-vgw.yaml",
        "tests/stories/filtered.yaml",          "tests/stories/filtered-tunnel.yaml",
        "tests/stories/ipv6-sessions.yaml",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        static char text[1 << 16];
        struct network *network = NULL;
        struct diagnostics diagnostics;
        FILE *file = fopen(paths[i], "r");
        CHECK(file != NULL);
        size_t size = file ? fread(text, 1, sizeof text, file) : 0;
        if (file)
            fclose(file);
        diagnostics_init(&diagnostics);
        CHECK(network_parse((struct slice){(const uint8_t *)text, size}, paths[i], &diagnostics,
                            &network));
        diagnostics_done(&diagnostics);
        uint64_t few = packet_count;
        packet_count = 200;
        run_and_send(i + 1, network);
        packet_count = few;
        network_free(network);
    }
}

/* What the packets met, so that nothing is agreed upon that never happens. */
static void every_way_to_die_was_seen(void)
{
    printf("# page: %" PRIu64 " packets in %" PRIu64 " networks, of which %" PRIu64
           " never come to rest.\n# page: Disagreements: %" PRIu64 ".\n# page:\n",
           totals.packets, totals.networks, totals.restless, totals.disagreements);
    printf("# page: Of IPv6: %" PRIu64 " packets, of which %" PRIu64
           " entered a tunnel and %" PRIu64 " arrived.\n# page:\n",
           totals.six, totals.six_in_tunnels, totals.six_delivered);
    printf("# page: explain told %" PRIu64
           " tables' lines of a prefix as routes exports them, %" PRIu64
           " of them of IPv6.\n# page:\n",
           totals.explained, totals.six_explained);
    printf("# page: %" PRIu64 " packets were answered. Security groups and network ACLs were asked"
           " %" PRIu64 " times; %" PRIu64 " times a group remembered.\n# page:\n",
           totals.answers, totals.filters, totals.remembered);
    printf("# page: %" PRIu64 " tables were consulted, %" PRIu64 " packets entered a tunnel,\n"
           "# page: %" PRIu64 " arrived, %" PRIu64 " of them outside of what the file describes.\n"
           "# page:\n# page: | lost because | packets |\n# page: |---|---:|\n",
           totals.tables, totals.in_tunnels, totals.delivered, totals.beyond);
    unsigned seen = 0;
    for (int drop = 1; drop < DROP_COUNT; drop++) {
        seen += totals.drops[drop] > 0;
        if (totals.drops[drop] > 0)
            printf("# page: | %s | %" PRIu64 " |\n", drop_word((enum drop)drop),
                   totals.drops[drop]);
    }
    for (int drop = DROP_GROUP_OUT; drop <= DROP_ACL_IN; drop++)
        CHECK(totals.drops[drop] > 0);
    CHECK(totals.remembered > totals.filters / 40 && totals.answers > totals.packets / 10);
    CHECK(seen >= 8);
    CHECK(totals.in_tunnels > totals.packets / 20);
    CHECK(totals.delivered > totals.packets / 4);
    CHECK(totals.six_explained > totals.explained / 40);
    CHECK(totals.six > totals.packets / 20);
    CHECK(totals.six_in_tunnels > totals.six / 20 && totals.six_delivered > totals.six / 8);
}

int main(void)
{
    harness_number("--networks", &network_count);
    harness_number("--packets", &packet_count);
    TEST(random_packets_in_random_networks);
    TEST(stories_that_people_tell);
    TEST(every_way_to_die_was_seen);
    return harness_done();
}
