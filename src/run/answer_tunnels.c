#include "run/answer_tunnels.h"

#include "explain/json.h"
#include "plane/endpoint.h"
#include "tunnel/state.h"

#include <inttypes.h>
#include <string.h>

/* -- tunnels -- */

static const struct wanted_tunnel *wanted_at(const struct daemon *daemon, int index)
{
    for (size_t i = 0; i < daemon->plan->tunnel_count; i++) {
        if (daemon->plan->tunnels[i].index == index)
            return &daemon->plan->tunnels[i];
    }
    return NULL;
}

static json_t *ended_json(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static void put_counters(json_t *row, const struct daemon *daemon, const struct carried *carried)
{
    const struct report_counters *counters = &carried->counters;
    bool has = carried->counted_us != 0 && counters->ike_version != 0;
    json_put(row, "peer", has ? json_address(counters->peer) : json_null());
    json_put(row, "ike", has ? json_integer(counters->ike_version) : json_null());
    json_put(row, "nat_t", has ? json_boolean(counters->nat_t) : json_null());
    json_put(row, "ike_algorithms", has ? ended_json(counters->ike) : json_null());
    json_put(row, "esp_algorithms", has ? ended_json(counters->esp) : json_null());
    json_put(row, "established",
             has ? json_integer((json_int_t)counters->established_s) : json_null());
    json_put(row, "rekey", has ? json_integer((json_int_t)counters->rekey_s) : json_null());
    json_put(row, "bytes_in", json_integer((json_int_t)counters->bytes_in));
    json_put(row, "bytes_out", json_integer((json_int_t)counters->bytes_out));
    json_put(row, "packets_in", json_integer((json_int_t)counters->packets_in));
    json_put(row, "packets_out", json_integer((json_int_t)counters->packets_out));
    json_put(row, "counted",
             carried->counted_us ? json_seconds(daemon->now_us - carried->counted_us)
                                 : json_null());
}

static json_t *replacement_json(const struct replacement *replacement)
{
    const char *word = replacement_word(replacement);
    if (!word)
        return json_null();
    json_t *answer = json_object();
    bool over = replacement->state != REPLACEMENT_UNDER_WAY;
    json_put(answer, "state", json_string(word));
    json_put(answer, "outside", json_boolean(replacement->endpoint));
    json_put(answer, "took", over ? json_seconds(replacement->took_us) : json_null());
    return answer;
}

/* Where packets to the far end leave the machine, of a customer gateway that lives together with
 * it.
 */
static json_t *pin_json(const struct report_pin *pin)
{
    if (pin->far == 0)
        return json_null();
    json_t *row = json_object();
    json_put(row, "to", json_address(pin->far));
    json_put(row, "device", ended_json(pin->device));
    json_put(row, "via", pin->gateway ? json_address(pin->gateway) : json_null());
    return row;
}

static json_t *tunnel_json(const struct daemon *daemon, const struct wanted_tunnel *wanted)
{
    static const struct carried nothing;
    const struct carried *carried = tunnels_find(&daemon->tunnels, wanted->tunnel.name);
    carried = carried ? carried : &nothing;
    const struct report_tunnel *said = &carried->said;
    enum tunnel_cause cause = (enum tunnel_cause)said->cause;
    json_t *row = json_object();
    json_put(row, "tunnel", json_string(wanted->tunnel.name));
    json_put(row, "state", json_string(said->up ? "up" : "down"));
    json_put(row, "cause", json_string(tunnel_cause_word(cause)));
    json_put(row, "sentence", json_string(tunnel_cause_sentence(cause)));
    json_put(row, "trouble", ended_json(carried->trouble));
    json_put(row, "for",
             said->since_us ? json_seconds(daemon->now_us - said->since_us) : json_null());
    json_put(row, "device", ended_json(said->device));
    ip_addr outside =
        wanted->tunnel.outside ? wanted->tunnel.outside : wanted->tunnel.outside_public;
    json_put(row, "outside", outside ? json_address(outside) : json_null());
    json_put(row, "pinned", pin_json(&carried->pin));
    json_put(row, "inside",
             json_address(wanted->tunnel.inside_ours ? wanted->tunnel.inside_ours
                                                     : wanted->tunnel.six_ours));
    json_put(row, "up_count", json_integer(said->up_count));
    json_put(row, "failures", json_integer(said->failures));
    put_counters(row, daemon, carried);
    json_put(row, "replacement", replacement_json(&carried->replacement));
    return row;
}

json_t *answer_tunnels(const struct daemon *daemon)
{
    const struct tunnels *tunnels = &daemon->tunnels;
    json_t *answer = json_object(), *rows = json_array();
    for (size_t i = 0; i < daemon->plan->tunnel_count; i++)
        json_push(rows, tunnel_json(daemon, &daemon->plan->tunnels[i]));
    bool made = tunnels->fd >= 0;
    bool tunneled = made && daemon->plan->tunnel_count > 0 && tunnels->choice != PLANE_AUTO;
    json_put(answer, "plane",
             tunneled ? json_string(plane_choice_word(tunnels->choice)) : json_null());
    bool fixed = tunneled && tunnels->choice == PLANE_USERSPACE;
    json_put(answer, "replay_window", fixed ? json_integer(ENDPOINT_REPLAY_WINDOW) : json_null());
    json_put(answer, "namespace",
             made && *tunnels->space ? json_string(tunnels->space) : json_null());
    json_put(answer, "tunnels", rows);
    return answer;
}

/* -- telemetry: VgwTelemetry's members -- */

static struct tunnel_status status_of(const struct daemon *daemon, int index)
{
    struct tunnel_status status = {.up = true, .since_us = daemon->began_us};
    const struct wanted_tunnel *wanted = wanted_at(daemon, index);
    const struct carried *carried =
        wanted ? tunnels_find(&daemon->tunnels, wanted->tunnel.name) : NULL;
    status.cause = TUNNEL_CAUSE_PLAIN; /* or made by somebody else, of which nothing is known */
    if (!carried)
        return status;
    status.up = carried->said.up;
    status.cause = carried->said.cause;
    status.since_us = carried->said.since_us ? carried->said.since_us : daemon->began_us;
    return status;
}

static json_t *message_json(enum tunnel_message message, uint32_t accepted)
{
    char words[32];
    switch (message) {
    case TUNNEL_SAYS_IPSEC_IS_DOWN:
        return json_string("IPSEC IS DOWN");
    case TUNNEL_SAYS_IPSEC_IS_UP:
        return json_string("IPSEC IS UP");
    case TUNNEL_SAYS_BGP_ROUTES:
        snprintf(words, sizeof words, "%" PRIu32 " BGP ROUTES", accepted);
        return json_string(words);
    case TUNNEL_SAYS_NOTHING:
    default:
        return json_string("");
    }
}

static const struct plan_neighbor *neighbor_of(const struct plan *plan,
                                               const struct network_tunnel *said)
{
    return plan->end == TUNNEL_GATEWAY ? plan_find(plan, said->inside_vgw, said->inside_cgw)
                                       : plan_find(plan, said->inside_cgw, said->inside_vgw);
}

static json_t *telemetry_json(const struct daemon *daemon, int index)
{
    const struct tunnel *tunnel = &daemon->plan->world->tunnels[index];
    const struct network_connection *connection =
        &daemon->plan->network->vpn_connections[tunnel->connection];
    const struct network_tunnel *said = &connection->tunnels[tunnel->part];
    const struct plan_neighbor *neighbor =
        connection->static_routes ? NULL : neighbor_of(daemon->plan, said);
    struct tunnel_status status = status_of(daemon, index);
    const struct bgp_session *session =
        neighbor ? engine_session(daemon->engine, neighbor->number) : NULL;
    struct source_id source = {0};
    if (neighbor)
        source = engine_neighbor_source(daemon->engine, neighbor->number);
    uint32_t accepted =
        neighbor ? rib_source_get(engine_rib(daemon->engine), source)->counts.accepted : 0;
    bool established = session && session->state == SESSION_ESTABLISHED;
    struct tunnel_telemetry telemetry = tunnel_telemetry_of(&status, neighbor, established);
    int64_t changed_us = status.since_us;
    if (established && session->since_us > changed_us)
        changed_us = session->since_us;
    else if (session && session->last_down_us > changed_us)
        changed_us = session->last_down_us;
    json_t *row = json_object();
    json_put(row, "tunnel", json_string(tunnel->id));
    json_put(row, "outside_ip_address", json_address(said->outside));
    json_put(row, "status", json_string(telemetry.up ? "UP" : "DOWN"));
    json_put(row, "status_message", message_json(telemetry.message, accepted));
    json_put(row, "accepted_route_count", json_integer(accepted));
    json_put(row, "last_status_change",
             json_seconds(daemon->began_wall_us + changed_us - daemon->began_us));
    json_put(row, "certificate", json_text(said->certificate ? said->certificate->file : NULL));
    return row;
}

json_t *answer_telemetry(const struct daemon *daemon)
{
    const struct plan *plan = daemon->plan;
    json_t *answer = json_object(), *rows = json_array();
    for (size_t i = 0; i < plan->world->tunnel_count; i++) {
        if (plan->world->tunnels[i].ends[plan->end].node == plan->node_index)
            json_push(rows, telemetry_json(daemon, (int)i));
    }
    json_put(answer, "telemetry", rows);
    return answer;
}

/* -- attachments -- */

static bool is_up(const struct daemon *daemon, const struct plan_neighbor *neighbor)
{
    return engine_session(daemon->engine, neighbor->number)->state == SESSION_ESTABLISHED;
}

/* up: of how many neighbors a session is; accepted and best: of all of them. */
static json_t *attached_json(const struct daemon *daemon, const char *id, const char *kind,
                             uint16_t attachment)
{
    const struct rib *rib = engine_rib(daemon->engine);
    json_int_t count = 0, up = 0, accepted = 0, best = 0;
    for (uint16_t i = 0; attachment != 0 && i < daemon->plan->neighbor_count; i++) {
        const struct plan_neighbor *neighbor = &daemon->plan->neighbors[i];
        if (engine_neighbor(daemon->engine, neighbor->number)->attachment != attachment)
            continue;
        struct source_id source = engine_neighbor_source(daemon->engine, neighbor->number);
        const struct rib_counts *counts = &rib_source_get(rib, source)->counts;
        count++;
        up += is_up(daemon, neighbor);
        accepted += counts->accepted;
        best += counts->best;
    }
    json_t *row = json_object();
    json_put(row, "attachment", json_string(id));
    json_put(row, "kind", json_string(kind));
    json_put(row, "neighbors", json_integer(count));
    json_put(row, "established", json_integer(up));
    json_put(row, "accepted", json_integer(accepted));
    json_put(row, "best", json_integer(best));
    return row;
}

/* What is made here is up or down; of the rest nothing is known. why: NULL, or "" while it is up.
 */
static void put_state(json_t *row, const struct daemon *daemon, bool made, bool up,
                      int64_t since_us, const char *device, const char *why)
{
    json_put(row, "state", made ? json_string(up ? "up" : "down") : json_null());
    json_put(row, "for", made && since_us ? json_seconds(daemon->now_us - since_us) : json_null());
    json_put(row, "device", device && *device ? json_string(device) : json_null());
    json_put(row, "why", why && *why ? json_string(why) : json_null());
}

/* Up since the first of its tunnels is. */
static void put_connection_state(json_t *row, const struct daemon *daemon, int connection)
{
    bool made = false, up = false;
    int64_t since_us = 0;
    for (size_t i = 0; i < daemon->plan->tunnel_count; i++) {
        const struct wanted_tunnel *wanted = &daemon->plan->tunnels[i];
        const struct carried *carried = tunnels_find(&daemon->tunnels, wanted->tunnel.name);
        if (daemon->plan->world->tunnels[wanted->index].connection != connection || !carried)
            continue;
        bool earlier = carried->said.up ? !up || carried->said.since_us < since_us
                                        : !up && carried->said.since_us > since_us;
        since_us = earlier ? carried->said.since_us : since_us;
        up = up || carried->said.up;
        made = true;
    }
    put_state(row, daemon, made, up, since_us, NULL, made && !up ? "no tunnel of it is up" : NULL);
}

static void put_plug_state(json_t *row, const struct daemon *daemon, const char *name)
{
    const struct wanted_plug *plug = plugs_find(daemon->plan, name);
    put_state(row, daemon, plug != NULL, plug && plug->said.up, plug ? plug->said.since_us : 0,
              plug ? plug->said.device : NULL, plug ? plug->said.why : NULL);
}

/* What nothing is plugged in for, and need not be, is left out. */
static bool is_shown(const struct wanted_plug *plug)
{
    return plug->attachment.kind == PLANE_VPC || plug->attachment.kind == PLANE_PEERING ||
           plug->attachment.named || *plug->said.device;
}

static void push_plugs(json_t *rows, const struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->plan->plug_count; i++) {
        const struct wanted_plug *plug = &daemon->plan->plugs[i];
        enum plane_attachment_kind kind = (enum plane_attachment_kind)plug->attachment.kind;
        if (kind == PLANE_DIRECT_CONNECT || !is_shown(plug))
            continue;
        json_t *row = attached_json(daemon, plug->attachment.name, plane_attachment_word(kind), 0);
        put_plug_state(row, daemon, plug->attachment.name);
        json_push(rows, row);
    }
}

static void push_row(json_t *rows, const struct daemon *daemon, json_t *row, const char *name)
{
    put_plug_state(row, daemon, name);
    json_push(rows, row);
}

json_t *answer_attachments(const struct daemon *daemon)
{
    const struct world *world = daemon->plan->world;
    const struct node *node = daemon->plan->node;
    json_t *answer = json_object(), *rows = json_array();
    for (size_t i = 0; i < world->connection_count; i++) {
        const struct connection *at = &world->connections[i];
        if (at->gateway != daemon->plan->node_index)
            continue;
        json_t *row =
            attached_json(daemon, at->id, at->is_static ? "static-vpn" : "vpn", at->attachment);
        put_connection_state(row, daemon, (int)i);
        json_push(rows, row);
    }
    for (uint16_t i = 0; i < daemon->plan->neighbor_count; i++) {
        const struct plan_neighbor *neighbor = &daemon->plan->neighbors[i];
        uint16_t attachment = engine_neighbor(daemon->engine, neighbor->number)->attachment;
        if (neighbor->direct)
            push_row(rows, daemon,
                     attached_json(daemon, neighbor->name, "direct-connect", attachment),
                     neighbor->name);
    }
    for (uint16_t i = 1; daemon->plan->plug_count == 0 && i <= node->port_count; i++) {
        if (node->ports[i].kind != PORT_VPC || node->kind != NODE_GATEWAY)
            continue;
        const char *id = world->nodes[node->ports[i].peer].id;
        push_row(rows, daemon, attached_json(daemon, id, "vpc", 0), id);
    }
    push_plugs(rows, daemon);
    json_put(answer, "attachments", rows);
    return answer;
}

/* -- the kernel's table -- */

/* The engine's number of an interface, as the tunnel that it is or as the node's port. */
static const char *interface_name(const struct daemon *daemon, uint32_t interface)
{
    const struct plan *plan = daemon->plan;
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        if (plan->tunnels[i].interface == interface)
            return plan->tunnels[i].tunnel.name;
    }
    for (size_t i = 0; i < plan->told_count; i++) {
        if (plan->told[i].kind == EVENT_INTERFACE && plan->told[i].interface.interface == interface)
            return plan->node->ports[plan->node->setup[i].interface.interface].name;
    }
    return NULL;
}

static json_t *entry_json(const struct daemon *daemon, struct prefix prefix)
{
    const struct fib *fib = &daemon->kernel.fib;
    struct fib_entry wanted, reported, other;
    bool has_wanted = fib_wanted(fib, prefix, &wanted);
    bool has_reported = fib_reported(fib, prefix, &reported);
    const char *state = "asked";
    if (!has_wanted)
        state = fib_is_ours(&reported) ? "leftover" : "other";
    else if (fib_blocked(fib, prefix, &other))
        state = "blocked";
    else if (has_reported && fib_is_ours(&reported) && reported.gateway == wanted.gateway)
        state = "installed";
    const struct fib_entry *shown = has_wanted ? &wanted : &reported;
    json_t *row = json_object();
    json_put(row, "prefix", json_prefix(prefix));
    json_put(row, "state", json_string(state));
    json_put(row, "gateway", shown->gateway ? json_address(shown->gateway) : json_null());
    json_put(row, "interface",
             json_text(has_wanted ? interface_name(daemon, wanted.interface) : NULL));
    json_put(row, "metric", json_integer(shown->metric));
    return row;
}

/* VPCs that are made here: how many routes of their tables are wanted, and there. */
static json_t *vpcs_json(const struct daemon *daemon)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < daemon->plan->plug_count; i++) {
        const struct wanted_plug *plug = &daemon->plan->plugs[i];
        char space[NAME_SPACE_BYTES];
        if (plug->attachment.kind != PLANE_VPC)
            continue;
        plane_vpc_name(daemon->plan->called, plug->said.name, space);
        json_t *row = json_object();
        json_put(row, "vpc", json_string(plug->said.name));
        json_put(row, "namespace", json_string(space));
        json_put(row, "wanted", json_integer(plug->said.routes_wanted));
        json_put(row, "installed", json_integer(plug->said.routes_there));
        json_push(rows, row);
    }
    return rows;
}

json_t *answer_fib(const struct daemon *daemon, const struct request *request)
{
    const struct kernel_table *kernel = &daemon->kernel;
    json_t *answer = json_object(), *rows = json_array(), *next = NULL;
    struct prefix at = request->prefix;
    const struct prefix *behind = request->has_prefix ? &at : NULL;
    bool installs = kernel->fd >= 0;
    while (installs && fib_next(&kernel->fib, behind, &at)) {
        json_push(rows, entry_json(daemon, at));
        behind = &at;
        if (json_array_size(rows) < request->limit)
            continue;
        next = json_prefix(at);
        break;
    }
    json_put(answer, "installs", json_boolean(installs));
    json_put(answer, "table", json_integer(daemon->options.table));
    json_put(answer, "wanted", json_integer(installs ? kernel->fib.wanted_count : 0));
    json_put(answer, "blocked", json_integer(installs ? kernel->fib.blocked_count : 0));
    json_put(answer, "entries", rows);
    json_put(answer, "vpcs", vpcs_json(daemon));
    json_put(answer, "next", next ? next : json_null());
    return answer;
}
