#include "run/wants.h"

#include "network/inside.h"
#include "network/memory.h"
#include "run/plan.h"
#include "tunnel/mtu.h"

#include <stdlib.h>
#include <string.h>

static void copy(char *out, size_t cap, const char *text)
{
    snprintf(out, cap, "%s", text ? text : "");
}

/* The customer's end has whatever address its machine has; by which the gateway knows it, the file
 * says. Everything inside is the other way round. */
static void turn_round(struct plane_tunnel *tunnel, const struct network_tunnel *said,
                       const struct network_customer_gateway *customer)
{
    ip_addr ours = tunnel->inside_theirs, six = tunnel->six_theirs;
    struct prefix range = tunnel->options.remote_range;
    tunnel->shared = true;
    tunnel->outside = 0;
    tunnel->outside_public = customer->address;
    tunnel->peer = said->outside;
    tunnel->inside_theirs = tunnel->inside_ours;
    tunnel->inside_ours = ours;
    tunnel->six_theirs = tunnel->six_ours;
    tunnel->six_ours = six;
    tunnel->options.remote_range = tunnel->options.local_range;
    tunnel->options.local_range = range;
}

/* Behind 1:1 NAT the file's outside address is the public one. */
static void take_gateways(struct plane_tunnel *tunnel, const struct network_tunnel *said,
                          const struct network_customer_gateway *customer)
{
    const struct network_inside inside = network_tunnel_inside(said);
    tunnel->outside = said->outside_local ? said->outside_local : said->outside;
    tunnel->outside_public = said->outside_local ? said->outside : 0;
    tunnel->peer = customer->address;
    tunnel->inside_ours = inside.four[0];
    tunnel->inside_theirs = inside.four[1];
    tunnel->inside_len = inside.four_len;
    tunnel->six_ours = inside.six[0];
    tunnel->six_theirs = inside.six[1];
    tunnel->six_len = inside.six_len;
}

static void take_secrets(struct wanted_tunnel *wanted, const struct network_tunnel *said)
{
    struct plane_tunnel *tunnel = &wanted->tunnel;
    const struct network_certificate *certificate = said->certificate;
    copy(tunnel->psk, sizeof tunnel->psk, said->psk);
    wanted->psk_file = said->psk_file;
    if (!certificate)
        return;
    copy(tunnel->certificate, sizeof tunnel->certificate, certificate->file);
    copy(tunnel->private_key, sizeof tunnel->private_key, certificate->key_file);
    copy(tunnel->authority, sizeof tunnel->authority, certificate->authority_file);
    copy(tunnel->peer_id, sizeof tunnel->peer_id, certificate->peer_id);
}

/* What fits through NAT, too: which of both it will be, the peer decides later. */
static void take_sizes(struct plane_tunnel *tunnel)
{
    tunnel->mtu = tunnel_mtu_of_any(&tunnel->options.phase2, true, TUNNEL_OUTER_MTU);
    tunnel->mss = (uint16_t)(tunnel->mtu - TUNNEL_MSS_BELOW_MTU);
}

/* It is the customer who begins, and begins again: unless the file says other. */
static void take_actions(struct tunnel_options *options, const struct tunnel *tunnel,
                         const struct network_customer_gateway *customer)
{
    options->startup = tunnel->starts[TUNNEL_CUSTOMER] ? TUNNEL_STARTUP_START : TUNNEL_STARTUP_ADD;
    options->dead_action = tunnel->restarts[TUNNEL_CUSTOMER] ? TUNNEL_DEAD_RESTART
                           : customer->dpd && customer->dpd->action == NETWORK_DPD_NONE
                               ? TUNNEL_DEAD_NONE
                               : TUNNEL_DEAD_CLEAR;
}

static bool take_tunnel(struct plan *plan, int index, struct wanted_tunnel *wanted)
{
    const struct tunnel *tunnel = &plan->world->tunnels[index];
    const struct tunnel_end *end = &tunnel->ends[plan->end];
    const struct network_connection *connection =
        &plan->network->vpn_connections[tunnel->connection];
    const struct network_customer_gateway *customer =
        &plan->network->customer_gateways[connection->customer_gateway.index];
    const struct network_tunnel *said = &connection->tunnels[tunnel->part];
    const struct tunnel_dpd *dpd = &tunnel->dpd[plan->end];
    *wanted = (struct wanted_tunnel){.index = index, .port = end->port, .neighbor = end->neighbor};
    copy(wanted->tunnel.name, sizeof wanted->tunnel.name, tunnel->id);
    wanted->tunnel.options = network_tunnel_options(connection, tunnel->part);
    wanted->tunnel.watch =
        (struct tunnel_watch){dpd->delay_us, dpd->interval_us, (uint32_t)dpd->tries};
    take_gateways(&wanted->tunnel, said, customer);
    if (plan->end == TUNNEL_CUSTOMER) {
        turn_round(&wanted->tunnel, said, customer);
        take_actions(&wanted->tunnel.options, tunnel, customer);
    }
    take_secrets(wanted, said);
    take_sizes(&wanted->tunnel);
    bool certified = said->certificate && plan->end == TUNNEL_GATEWAY; /* it is the gateway's */
    return said->psk || said->psk_file || certified;
}

static bool is_ours(const struct plan *plan, const struct tunnel *tunnel)
{
    const struct network_connection *of = &plan->network->vpn_connections[tunnel->connection];
    return !tunnel->plain && tunnel->ends[plan->end].node == plan->node_index &&
           (plan->customer == WORLD_NONE || of->customer_gateway.index == plan->customer);
}

enum run_exit wants_take(struct plan *plan, const struct run_options *options, FILE *err)
{
    enum run_exit status = RUN_FINE;
    size_t cap = 0;
    if (!options_make_tunnels(options))
        return RUN_FINE;
    for (size_t i = 0; i < plan->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &plan->world->tunnels[i];
        if (!is_ours(plan, tunnel))
            continue;
        plan->tunnels = memory_grow(plan->tunnels, plan->tunnel_count, &cap, sizeof *plan->tunnels);
        if (take_tunnel(plan, (int)i, &plan->tunnels[plan->tunnel_count++]))
            continue;
        fprintf(err, "error: %s: %s has no key; expected psk, psk_file%s, or --no-tunnels\n",
                options->network, tunnel->id, plan->end == TUNNEL_GATEWAY ? " or certificate" : "");
        status = RUN_INPUT;
    }
    return status;
}

static struct wanted_tunnel *wanted_at(const struct plan *plan, uint16_t port)
{
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        if (plan->tunnels[i].port == port)
            return &plan->tunnels[i];
    }
    return NULL;
}

void wants_number(struct plan *plan)
{
    for (size_t i = 0; i < plan->told_count; i++) {
        const struct event *said = &plan->node->setup[i];
        struct wanted_tunnel *wanted =
            said->kind == EVENT_INTERFACE ? wanted_at(plan, said->interface.interface) : NULL;
        if (!wanted)
            continue;
        plan->told[i].interface.up = false;
        wanted->interface = plan->told[i].interface.interface;
    }
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        struct wanted_tunnel *wanted = &plan->tunnels[i];
        const struct plane_tunnel *tunnel = &wanted->tunnel;
        const struct plan_neighbor *neighbor =
            tunnel->inside_ours ? plan_find(plan, tunnel->inside_ours, tunnel->inside_theirs)
                                : plan_find(plan, tunnel->six_ours, tunnel->six_theirs);
        wanted->neighbor = neighbor ? neighbor->number : 0;
    }
}

void wants_forget_keys(struct plan *plan)
{
    const struct network *network = plan->network;
    for (size_t i = 0; i < plan->tunnel_count; i++)
        explicit_bzero(plan->tunnels[i].tunnel.psk, sizeof plan->tunnels[i].tunnel.psk);
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        for (size_t j = 0; j < connection->tunnel_count; j++) {
            char *psk = connection->tunnels[j].psk;
            if (psk)
                explicit_bzero(psk, strlen(psk));
        }
    }
}

void wants_done(struct plan *plan)
{
    if (plan->tunnels)
        explicit_bzero(plan->tunnels, plan->tunnel_count * sizeof *plan->tunnels);
    free(plan->tunnels);
    plan->tunnels = NULL;
    plan->tunnel_count = 0;
}
