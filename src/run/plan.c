#include "run/plan.h"

#include "base/sort.h"
#include "import/customer.h"
#include "network/memory.h"
#include "run/table_numbers.h"
#include "world/names.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RESTART_US = 1000000 };

/* -- which node -- */

static size_t node_ids(const struct plan *plan, enum node_kind kind, const char **ret_only)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->world->node_count; i++) {
        if (plan->world->nodes[i].kind != kind)
            continue;
        *ret_only = plan->world->nodes[i].id;
        count++;
    }
    return count;
}

static void list_ids(const struct plan *plan, enum node_kind kind, FILE *err)
{
    const char *gap = "";
    for (size_t i = 0; i < plan->world->node_count; i++) {
        if (plan->world->nodes[i].kind != kind)
            continue;
        fprintf(err, "%s%s", gap, plan->world->nodes[i].id);
        gap = ", ";
    }
}

static void list_customers(const struct plan *plan, FILE *err)
{
    for (size_t i = 0; i < plan->network->customer_gateway_count; i++)
        fprintf(err, "%s%s", i > 0 ? ", " : "", plan->network->customer_gateways[i].id);
    fputc('\n', err);
}

static int customer_called(const struct network *network, const char *id)
{
    for (size_t i = 0; i < network->customer_gateway_count; i++) {
        if (!id || strcmp(network->customer_gateways[i].id, id) == 0)
            return (int)i;
    }
    return WORLD_NONE;
}

/* Whoever is at the far end of its tunnels: the router that the file names, or what stands for it.
 */
static enum run_exit choose_customer(struct plan *plan, const struct run_options *options,
                                     FILE *err)
{
    const char *id = options->customer_gateway;
    plan->customer = customer_called(plan->network, id);
    if (plan->network->customer_gateway_count == 0) {
        fprintf(err, "error: %s: there is no customer gateway in it\n", options->network);
        return RUN_INPUT;
    }
    if (plan->customer == WORLD_NONE) {
        struct quoted shown = diagnostics_quote(id, strlen(id));
        fprintf(err, "error: %s: no customer gateway is called \"%s\"; expected one of ",
                options->network, shown.text);
        list_customers(plan, err);
        return RUN_INPUT;
    }
    plan->id = plan->network->customer_gateways[plan->customer].id;
    for (size_t i = 0; i < plan->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &plan->world->tunnels[i];
        if (plan->network->vpn_connections[tunnel->connection].customer_gateway.index ==
            plan->customer)
            plan->node_index = tunnel->ends[TUNNEL_CUSTOMER].node;
    }
    if (plan->node_index == WORLD_NONE) {
        fprintf(err, "error: %s: %s has no VPN connection\n", options->network, plan->id);
        return RUN_INPUT;
    }
    plan->node = &plan->world->nodes[plan->node_index];
    plan->end = TUNNEL_CUSTOMER;
    plan->together = !options->separate && options_make_tunnels(options);
    return RUN_FINE;
}

static enum run_exit choose_node(struct plan *plan, const struct run_options *options, FILE *err)
{
    enum node_kind kind = options->router ? NODE_ROUTER : NODE_GATEWAY;
    const char *kind_name = options->router ? "router" : "VPN gateway";
    const char *id = options->router ? options->router : options->gateway;
    const char *only = NULL;
    size_t count = node_ids(plan, kind, &only);
    if (count == 0) {
        fprintf(err, "error: %s: there is no %s in it\n", options->network, kind_name);
        return RUN_INPUT;
    }
    if (!id && count > 1) {
        fprintf(err, "error: %s: which %s is meant? expected --gateway and one of ",
                options->network, kind_name);
        list_ids(plan, kind, err);
        fputc('\n', err);
        return RUN_INPUT;
    }
    id = id ? id : only;
    int at = world_find_node(plan->world, id);
    if (at == WORLD_NONE || plan->world->nodes[at].kind != kind) {
        struct quoted shown = diagnostics_quote(id, strlen(id));
        fprintf(err, "error: %s: no %s is called \"%s\"; expected one of ", options->network,
                kind_name, shown.text);
        list_ids(plan, kind, err);
        fputc('\n', err);
        return RUN_INPUT;
    }
    plan->node_index = at;
    plan->node = &plan->world->nodes[at];
    plan->id = plan->node->id;
    if (plan->node->config.asn == 0) {
        fprintf(err, "error: %s: %s speaks no BGP; expected bgp: {asn: ...}\n", options->network,
                id);
        return RUN_INPUT;
    }
    return RUN_FINE;
}

/* -- its engine -- */

/* The profile's latencies stand for other people's daemons; this one takes the time it takes. Who
 * connects waits between two attempts that failed at once. */
static void configure(struct plan *plan, const struct run_options *options)
{
    static const struct span restart = {RESTART_US, RESTART_US};
    bool gateway = plan->node->kind == NODE_GATEWAY;
    plan->profile = *plan->node->config.profile;
    platform_take_no_time(&plan->profile);
    if (!gateway)
        plan->profile.session_restart = restart;
    plan->config = plan->node->config;
    plan->config.profile = &plan->profile;
    plan->config.hub = plan->config.rounds = true;
    plan->config.budget_bytes = options->memory_bytes;
}

/* -- its neighbors -- */

static void secure(struct plan_neighbor *neighbor, const struct network_session *session,
                   const struct network_session *own)
{
    bool own_ttl = own && own->ttl_security >= 0;
    int64_t hops = own_ttl ? own->ttl_security : session->ttl_security;
    neighbor->ttl_security = hops > 0 ? (uint8_t)hops : 0;
    neighbor->md5_file = own && own->md5_file ? own->md5_file : session->md5_file;
}

/* As who sets up a session at the router's end may have it otherwise. */
static const struct network_session *own_session(const struct plan *plan)
{
    for (size_t i = 0; i < plan->network->router_count; i++) {
        const struct network_router *router = &plan->network->routers[i];
        if (plan->node->kind == NODE_ROUTER && strcmp(router->id, plan->node->id) == 0)
            return router->bgp ? &router->bgp->timers : NULL;
    }
    return NULL;
}

/* Connections and Direct Connects are the network's, in its order. */
static void describe(const struct plan *plan, const struct event_neighbor *said,
                     struct plan_neighbor *ret_neighbor)
{
    struct far_end far = far_end_of(plan->world, plan->node_index, said->neighbor);
    struct text text = text_over(ret_neighbor->name, sizeof ret_neighbor->name);
    text_neighbor(&text, plan->world, plan->node_index, said->neighbor);
    ret_neighbor->number = said->neighbor;
    ret_neighbor->local_addr = said->local_addr;
    ret_neighbor->peer_addr = said->peer_addr;
    ret_neighbor->bfd = said->bfd_interval_us != 0;
    if (far.tunnel != WORLD_NONE) {
        const struct tunnel *tunnel = &plan->world->tunnels[far.tunnel];
        ret_neighbor->needs_ipsec = ret_neighbor->comes_later = !tunnel->plain;
        secure(ret_neighbor, &plan->network->vpn_connections[tunnel->connection].bgp,
               own_session(plan));
    } else if (far.direct_connect != WORLD_NONE) {
        const struct network_direct_connect *direct =
            &plan->network->direct_connects[far.direct_connect];
        ret_neighbor->direct = true;
        secure(ret_neighbor, &direct->bgp, own_session(plan));
        if (direct->session_six && direct->session_six->md5_file && ip_is_six(said->local_addr))
            ret_neighbor->md5_file = direct->session_six->md5_file;
    }
}

static int compare_ends(ip_addr local, ip_addr peer, const struct plan_neighbor *with)
{
    if (local != with->local_addr)
        return local < with->local_addr ? -1 : 1;
    return peer == with->peer_addr ? 0 : peer < with->peer_addr ? -1 : 1;
}

static int compare_neighbors(const void *left, const void *right, const void *context)
{
    const struct plan *plan = context;
    const struct plan_neighbor *one = &plan->neighbors[*(const uint16_t *)left];
    return compare_ends(one->local_addr, one->peer_addr,
                        &plan->neighbors[*(const uint16_t *)right]);
}

static void take_neighbors(struct plan *plan)
{
    const struct node *node = plan->node;
    size_t cap = 0;
    for (size_t i = 0; i < node->setup_count; i++) {
        if (node->setup[i].kind != EVENT_NEIGHBOR)
            continue;
        plan->neighbors =
            memory_grow(plan->neighbors, plan->neighbor_count, &cap, sizeof *plan->neighbors);
        describe(plan, &node->setup[i].neighbor, &plan->neighbors[plan->neighbor_count++]);
    }
    plan->by_address = memory_zeroed(plan->neighbor_count, sizeof *plan->by_address);
    uint16_t *room = memory_zeroed(plan->neighbor_count, sizeof *room);
    for (uint16_t i = 0; i < plan->neighbor_count; i++)
        plan->by_address[i] = i;
    sort_stable(plan->by_address, plan->neighbor_count, sizeof *room, room, compare_neighbors,
                plan);
    free(room);
}

const struct plan_neighbor *plan_find(const struct plan *plan, ip_addr local, ip_addr peer)
{
    size_t low = 0, high = plan->neighbor_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct plan_neighbor *at = &plan->neighbors[plan->by_address[middle]];
        int compared = compare_ends(local, peer, at);
        if (compared == 0)
            return at;
        if (compared < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void plan_number(struct plan *plan, uint16_t number_max)
{
    free(plan->by_number);
    plan->by_number = memory_zeroed((size_t)number_max + 1, sizeof *plan->by_number);
    plan->number_max = number_max;
    for (uint16_t i = 0; i < plan->neighbor_count; i++)
        plan->by_number[plan->neighbors[i].number] = (uint16_t)(i + 1);
}

const struct plan_neighbor *plan_numbered(const struct plan *plan, uint16_t number)
{
    static const struct plan_neighbor former = {.name = "a former neighbor"};
    assert(number >= 1 && number <= plan->number_max);
    uint16_t place = plan->by_number[number];
    return place ? &plan->neighbors[place - 1] : &former;
}

/* -- from text to plan -- */

static bool parse(struct slice text, const struct run_options *options, FILE *err,
                  struct network **ret_network)
{
    struct diagnostics diagnostics;
    char name[512];
    diagnostics_init(&diagnostics);
    snprintf(name, sizeof name, "%s%s", options->network,
             options->is_xml ? " as a network file" : ""); /* whose lines are not the XML's */
    bool fine = network_parse(text, name, &diagnostics, ret_network);
    if (!fine)
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, err);
    diagnostics_done(&diagnostics);
    return fine;
}

/* Beyond its quota AWS refuses the connection, and a gateway here does not begin with it: whoever
 * means it says so (facts: S2S vpn-limits, 10 for each gateway, adjustable). */
static enum run_exit within_quota(const struct plan *plan, const char *file, FILE *err)
{
    const struct network *network = plan->network;
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[i];
        int64_t count = 0;
        for (size_t k = 0; k < network->vpn_connection_count; k++)
            count += network->vpn_connections[k].vpn_gateway.index == (int32_t)i;
        if (strcmp(gateway->id, plan->node->id) != 0 || count <= gateway->limits.connections)
            continue;
        fprintf(err,
                "error: %s: VpnConnectionLimitExceeded: %s has %" PRId64
                " VPN connections, and may have %" PRId64 "; limits: {connections: %" PRId64
                "} raises that\n",
                file, gateway->id, count, gateway->limits.connections, count);
        return RUN_INPUT;
    }
    return RUN_FINE;
}

enum run_exit plan_take(struct slice text, const struct run_options *options, FILE *err,
                        struct plan **ret_plan)
{
    struct plan *plan = memory_zeroed(1, sizeof *plan);
    enum run_exit status = RUN_INPUT;
    if (parse(text, options, err, &plan->network)) {
        plan->world = network_build(plan->network);
        plan->node_index = plan->customer = WORLD_NONE;
        plan->choice = options->plane;
        status = options_are_customers(options) ? choose_customer(plan, options, err)
                                                : choose_node(plan, options, err);
    }
    if (status == RUN_FINE)
        status = within_quota(plan, options->network, err);
    if (status != RUN_FINE) {
        plan_free(plan);
        return status;
    }
    configure(plan, options);
    plan->called = options->name ? options->name : plan->id;
    take_neighbors(plan);
    status = wants_take(plan, options, err);
    if (status == RUN_FINE)
        status = plugs_take(plan, options, err);
    if (status == RUN_FINE)
        *ret_plan = plan;
    else
        plan_free(plan);
    return status;
}

static char *slurp(const char *path, FILE *err, size_t *ret_size)
{
    FILE *in = fopen(path, "re");
    size_t cap = NETWORK_FILE_MAX + 1, size = 0;
    char *bytes = in ? malloc(cap) : NULL;
    if (in)
        setvbuf(in, NULL, _IONBF, 0); /* keys may be in it: one copy, which is wiped */
    if (bytes)
        size = fread(bytes, 1, cap, in);
    bool failed = !bytes || ferror(in) || size == cap;
    if (failed && size == cap)
        fprintf(err, "error: %s: larger than the %d MiB that a network file may have\n", path,
                NETWORK_FILE_MAX >> 20);
    else if (failed)
        fprintf(err, "error: %s: %s\n", path, strerror(errno));
    if (in)
        fclose(in);
    if (failed) {
        free(bytes);
        return NULL;
    }
    *ret_size = size;
    return bytes;
}

/* From XML to a network file; false after a sentence, and the bytes are gone. */
static bool rewrite(char **bytes, size_t *size, const struct run_options *options, FILE *err)
{
    struct customer_wishes wishes = {options->announce, options->reach, options->ike};
    struct slice xml = {(const uint8_t *)*bytes, *size};
    char *text = customer_network(xml, options->network, &wishes, err, size);
    explicit_bzero(*bytes, xml.size);
    free(*bytes);
    *bytes = text;
    return text != NULL;
}

enum run_exit plan_read(const struct run_options *options, FILE *err, struct plan **ret_plan)
{
    size_t size;
    char *bytes = slurp(options->network, err, &size);
    if (!bytes)
        return RUN_INPUT;
    if (options->is_xml && !rewrite(&bytes, &size, options, err))
        return RUN_INPUT;
    enum run_exit status =
        plan_take((struct slice){(const uint8_t *)bytes, size}, options, err, ret_plan);
    explicit_bzero(bytes, size);
    free(bytes);
    return status;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    table_numbers_done(plan);
    if (plan->world)
        world_destroy(plan->world);
    wants_done(plan);
    plugs_done(plan);
    network_free(plan->network);
    free(plan->neighbors);
    free(plan->by_address);
    free(plan->by_number);
    free(plan->told);
    free(plan);
}

void plan_show(const struct plan *plan, FILE *out)
{
    fprintf(out, "%s  AS %" PRIu32 "  %u neighbor%s\n", plan->id, plan->config.asn,
            plan->neighbor_count, plan->neighbor_count == 1 ? "" : "s");
    for (uint16_t i = 0; i < plan->neighbor_count; i++) {
        const struct plan_neighbor *neighbor = &plan->neighbors[i];
        char local[IP_TEXT_BYTES], peer[IP_TEXT_BYTES];
        struct text text = text_over(local, sizeof local);
        text_ip(&text, neighbor->local_addr);
        text = text_over(peer, sizeof peer);
        text_ip(&text, neighbor->peer_addr);
        fprintf(out, "  %-24s %s - %s%s%s%s%s\n", neighbor->name, local, peer,
                !neighbor->needs_ipsec ? ""
                : plan->tunnel_count   ? "  IPsec"
                                       : "  IPsec is not carried here",
                neighbor->md5_file ? "  MD5" : "", neighbor->ttl_security ? "  GTSM" : "",
                neighbor->bfd ? "  BFD" : "");
    }
}
