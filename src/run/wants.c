#include "run/wants.h"

#include "network/memory.h"
#include "run/plan.h"
#include "tunnel/mtu.h"

#include <stdlib.h>
#include <string.h>

enum { INSIDE_LEN = 30 };

static void copy(char *out, size_t cap, const char *text)
{
    snprintf(out, cap, "%s", text ? text : "");
}

/* Behind 1:1 NAT the file's outside address is the public one. */
static void take_addresses(struct plane_tunnel *tunnel, const struct network_tunnel *said,
                           const struct network_customer_gateway *customer)
{
    bool pair = prefix_contains(prefix_around(said->inside_vgw, INSIDE_LEN), said->inside_cgw);
    tunnel->outside = said->outside_local ? said->outside_local : said->outside;
    tunnel->outside_public = said->outside_local ? said->outside : 0;
    tunnel->peer = customer->address;
    tunnel->inside_ours = said->inside_vgw;
    tunnel->inside_theirs = said->inside_cgw;
    tunnel->inside_len = pair ? INSIDE_LEN : 32;
    if (!said->inside_six.six)
        return;
    tunnel->six_ours = said->inside_six.addr + 1;
    tunnel->six_theirs = said->inside_six.addr + 2;
    tunnel->six_len = said->inside_six.len;
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

static bool take_tunnel(struct plan *plan, int index, struct wanted_tunnel *wanted)
{
    const struct tunnel *tunnel = &plan->world->tunnels[index];
    const struct tunnel_end *end = &tunnel->ends[TUNNEL_GATEWAY];
    const struct network_connection *connection =
        &plan->network->vpn_connections[tunnel->connection];
    const struct network_tunnel *said = &connection->tunnels[tunnel->part];
    const struct network_dpd *dpd = &connection->dpd;
    *wanted = (struct wanted_tunnel){.index = index, .port = end->port, .neighbor = end->neighbor};
    copy(wanted->tunnel.name, sizeof wanted->tunnel.name, tunnel->id);
    wanted->tunnel.options = network_tunnel_options(connection, tunnel->part);
    wanted->tunnel.watch =
        (struct tunnel_watch){dpd->delay_us, dpd->interval_us, (uint32_t)dpd->retries};
    take_addresses(&wanted->tunnel, said,
                   &plan->network->customer_gateways[connection->customer_gateway.index]);
    take_secrets(wanted, said);
    take_sizes(&wanted->tunnel);
    return said->psk || said->psk_file || said->certificate;
}

enum run_exit wants_take(struct plan *plan, const struct run_options *options, FILE *err)
{
    enum run_exit status = RUN_FINE;
    size_t cap = 0;
    if (!options_make_tunnels(options))
        return RUN_FINE;
    for (size_t i = 0; i < plan->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &plan->world->tunnels[i];
        if (tunnel->plain || tunnel->ends[TUNNEL_GATEWAY].node != plan->node_index)
            continue;
        plan->tunnels = memory_grow(plan->tunnels, plan->tunnel_count, &cap, sizeof *plan->tunnels);
        if (take_tunnel(plan, (int)i, &plan->tunnels[plan->tunnel_count++]))
            continue;
        fprintf(
            err,
            "error: %s: %s has no key; expected psk, psk_file or certificate, or --no-tunnels\n",
            options->network, tunnel->id);
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
        const struct plan_neighbor *neighbor =
            plan_find(plan, wanted->tunnel.inside_ours, wanted->tunnel.inside_theirs);
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
