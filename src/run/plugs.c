#include "run/plugs.h"

#include "network/memory.h"
#include "run/round.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- whether -- */

static bool names_a_device(const struct plan *plan)
{
    const struct network *network = plan->network;
    bool names = false;
    for (size_t i = 0; i < network->direct_connect_count; i++)
        names = names || (network->direct_connects[i].interface &&
                          plan->world->direct_connects[i].gateway == plan->node_index);
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        int node = world_find_node(plan->world, vpc->id);
        bool ours = world_vpc_home(plan->world, node) == plan->node_index;
        for (size_t j = 0; ours && j < vpc->subnet_count; j++)
            names = names || vpc->subnets[j].interface;
        for (size_t j = 0; ours && j < vpc->instance_count; j++)
            names = names || vpc->instances[j].interface;
    }
    return names;
}

static bool are_made_here(const struct plan *plan, const struct run_options *options)
{
    return options_make_tunnels(options) && plan->node->kind == NODE_GATEWAY &&
           (plan->tunnel_count > 0 || options->outer || names_a_device(plan));
}

/* -- what -- */

struct taking {
    struct plan *plan;
    size_t cap;
};

static struct plane_attachment *add(struct taking *taking, enum plane_attachment_kind kind,
                                    const char *name, const char *vpc, const char *line)
{
    struct plan *plan = taking->plan;
    plan->plugs = memory_grow(plan->plugs, plan->plug_count, &taking->cap, sizeof *plan->plugs);
    struct wanted_plug *plug = &plan->plugs[plan->plug_count++];
    *plug = (struct wanted_plug){.attachment = {.kind = (uint8_t)kind, .named = line != NULL}};
    struct plane_attachment *added = &plug->attachment;
    snprintf(added->name, sizeof added->name, "%s", name);
    snprintf(plug->said.name, sizeof plug->said.name, "%s", name);
    snprintf(added->vpc, sizeof added->vpc, "%s", vpc);
    name_device(name, added->line);
    if (line)
        snprintf(added->line, sizeof added->line, "%s", line);
    return added;
}

static void add_range(struct plane_attachment *attachment, struct prefix range)
{
    if (attachment->range_count < PLANE_VPC_CIDRS)
        attachment->ranges[attachment->range_count++] = range;
}

/* Its address is listened on before the device is there. */
static void expect_later(struct plan *plan, uint16_t number)
{
    for (uint16_t i = 0; i < plan->neighbor_count; i++) {
        if (plan->neighbors[i].number == number)
            plan->neighbors[i].comes_later = true;
    }
}

/* What is called like the virtual interface has no tag any more. */
static void take_direct_connects(struct taking *taking)
{
    struct plan *plan = taking->plan;
    for (size_t i = 0; i < plan->network->direct_connect_count; i++) {
        const struct network_direct_connect *said = &plan->network->direct_connects[i];
        const struct direct_connect *of = &plan->world->direct_connects[i];
        if (of->gateway != plan->node_index)
            continue;
        struct plane_attachment *dx =
            add(taking, PLANE_DIRECT_CONNECT, said->id, "", said->interface);
        const struct port *port = &plan->node->ports[of->gateway_port];
        dx->vlan = said->interface && said->vlan > 0 ? (uint16_t)said->vlan : 0;
        dx->four = (struct plane_address){.addr = port->addr, .len = port->len};
        dx->six = (struct plane_address){.addr = port->six, .len = port->six_len};
        plan->plugs[plan->plug_count - 1].port = of->gateway_port;
        expect_later(plan, of->neighbor);
        expect_later(plan, of->neighbor_six);
    }
}

static bool lets_all_pass(const struct network_vpc *vpc, size_t subnet)
{
    for (size_t i = 0; i < vpc->instance_count; i++) {
        if ((size_t)vpc->instances[i].subnet.part == subnet && !vpc->instances[i].source_dest_check)
            return true;
    }
    return false;
}

static void take_subnets(struct taking *taking, const struct network_vpc *vpc,
                         const struct node *node)
{
    for (size_t i = 0; i < vpc->subnet_count; i++) {
        const struct network_subnet *said = &vpc->subnets[i];
        struct plane_attachment *subnet =
            add(taking, PLANE_SUBNET, said->id, vpc->id, said->interface);
        subnet->table = node->subnets[i].table;
        subnet->anybody = lets_all_pass(vpc, i);
        subnet->four =
            (struct plane_address){.addr = prefix_first_host(said->cidr), .len = said->cidr.len};
        add_range(subnet, said->cidr);
        if (!said->cidr_six.six)
            continue;
        subnet->six = (struct plane_address){.addr = prefix_first_host(said->cidr_six),
                                             .len = said->cidr_six.len};
        add_range(subnet, said->cidr_six);
    }
}

static void take_instances(struct taking *taking, const struct network_vpc *vpc,
                           const struct node *node)
{
    for (size_t i = 0; i < vpc->instance_count; i++) {
        const struct network_instance *said = &vpc->instances[i];
        const struct network_subnet *in = &vpc->subnets[said->subnet.part];
        struct plane_attachment *instance =
            add(taking, PLANE_INSTANCE, said->id, vpc->id, said->interface);
        instance->table = node->subnets[said->subnet.part].table;
        instance->anybody = !said->source_dest_check;
        instance->four = (struct plane_address){.addr = prefix_first_host(in->cidr), .len = 32};
        add_range(instance, prefix_host(said->address));
        if (said->address_six == 0)
            continue;
        instance->six = (struct plane_address){.addr = prefix_first_host(in->cidr_six), .len = 128};
        add_range(instance, prefix_host(said->address_six));
    }
}

static void take_peerings(struct taking *taking)
{
    const struct plan *plan = taking->plan;
    const struct network *network = plan->network;
    for (size_t i = 0; i < network->vpc_peering_count; i++) {
        const struct network_peering *said = &network->vpc_peerings[i];
        const int *nodes = plan->world->peerings[i].vpcs;
        bool ours[] = {world_vpc_home(plan->world, nodes[0]) == plan->node_index,
                       world_vpc_home(plan->world, nodes[1]) == plan->node_index};
        if (said->status != NETWORK_PEERING_ACTIVE || (!ours[0] && !ours[1]))
            continue;
        int near = ours[0] ? 0 : 1;
        const struct network_vpc *far =
            &network->vpcs[near == 0 ? said->accepter.index : said->requester.index];
        struct plane_attachment *peering =
            add(taking, PLANE_PEERING, said->id, plan->world->nodes[nodes[near]].id, NULL);
        for (size_t c = 0; c < far->cidr_count; c++)
            add_range(peering, far->cidrs[c]);
        if (!ours[1 - near])
            continue;
        snprintf(peering->other, sizeof peering->other, "%s", far->id);
        peering->line[0] = '\0';
    }
}

static enum run_exit take_vpc(struct taking *taking, const struct network_vpc *vpc,
                              const struct run_options *options, FILE *err)
{
    const struct world *world = taking->plan->world;
    int at = world_find_node(world, vpc->id);
    const struct node *node = &world->nodes[at];
    if (world_vpc_home(world, at) != taking->plan->node_index)
        return RUN_FINE;
    if (vpc->cidr_count > PLANE_VPC_CIDRS) {
        fprintf(err, "error: %s: %s has %zu ranges; expected %d at most where sekishod makes it\n",
                options->network, vpc->id, vpc->cidr_count, PLANE_VPC_CIDRS);
        return RUN_INPUT;
    }
    struct plane_attachment *wanted = add(taking, PLANE_VPC, vpc->id, vpc->id, NULL);
    wanted->line[0] = '\0';
    wanted->attached = node->owner == taking->plan->node_index;
    for (size_t i = 0; i < vpc->cidr_count; i++)
        add_range(wanted, vpc->cidrs[i]);
    take_subnets(taking, vpc, node);
    take_instances(taking, vpc, node);
    if (vpc->internet_gateway.kind == NETWORK_INTERNET_GATEWAY)
        add(taking, PLANE_INTERNET, vpc->internet_gateway.id, vpc->id, NULL);
    return RUN_FINE;
}

enum run_exit plugs_take(struct plan *plan, const struct run_options *options, FILE *err)
{
    struct taking taking = {.plan = plan};
    enum run_exit status = RUN_FINE;
    if (!are_made_here(plan, options))
        return RUN_FINE;
    take_direct_connects(&taking);
    for (size_t i = 0; status == RUN_FINE && i < plan->network->vpc_count; i++)
        status = take_vpc(&taking, &plan->network->vpcs[i], options, err);
    take_peerings(&taking);
    return status;
}

/* Its sessions have its name, the second one with a word behind it. */
static bool is_of(const struct plan_neighbor *neighbor, const char *attachment)
{
    size_t length = strlen(attachment);
    const char *rest = neighbor->name + length;
    return strncmp(neighbor->name, attachment, length) == 0 && (*rest == '\0' || *rest == '/');
}

void plugs_number(struct plan *plan)
{
    for (size_t i = 0; i < plan->plug_count; i++) {
        struct wanted_plug *plug = &plan->plugs[i];
        for (size_t e = 0; plug->port != 0 && e < plan->told_count; e++) {
            const struct event *said = &plan->node->setup[e];
            if (said->kind != EVENT_INTERFACE || said->interface.interface != plug->port)
                continue;
            plan->told[e].interface.up = false;
            plug->interface = plan->told[e].interface.interface;
        }
        for (uint16_t n = 0; plug->port != 0 && n < plan->neighbor_count; n++) {
            const struct plan_neighbor *neighbor = &plan->neighbors[n];
            if (port_has(&plan->node->ports[plug->port], neighbor->local_addr) &&
                is_of(neighbor, plug->attachment.name))
                plug->neighbors[ip_is_six(neighbor->local_addr)] = neighbor->number;
        }
    }
}

void plugs_done(struct plan *plan)
{
    free(plan->plugs);
    plan->plugs = NULL;
    plan->plug_count = 0;
}

struct wanted_plug *plugs_find(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->plug_count; i++) {
        if (strcmp(plan->plugs[i].attachment.name, name) == 0)
            return &plan->plugs[i];
    }
    return NULL;
}

/* -- hearing -- */

static void tell_engine(struct daemon *daemon, const struct wanted_plug *plug)
{
    const struct port *port = &daemon->plan->node->ports[plug->port];
    struct event event = {.kind = EVENT_INTERFACE,
                          .interface = {.interface = plug->interface,
                                        .addr = port->addr,
                                        .len = port->len,
                                        .up = plug->said.up}};
    if (plug->port == 0)
        return;
    round_step(daemon, &event);
    for (int six = 0; !plug->said.up && six < 2; six++)
        tunnels_end_session(daemon, plug->neighbors[six]);
}

static void log_news(struct daemon *daemon, const struct wanted_plug *plug)
{
    const struct report_attachment *said = &plug->said;
    daemon_log(daemon, "event=attachment-%s attachment=%s kind=%s device=%s%s%s%s",
               said->up ? "up" : "down", said->name,
               plane_attachment_word((enum plane_attachment_kind)plug->attachment.kind),
               *said->device ? said->device : "none", said->up ? "" : " why=\"",
               said->up ? "" : said->why, said->up ? "" : "\"");
}

/* Subnets and instances that nothing is plugged in for are many, and no news. */
static bool is_news(const struct wanted_plug *plug, const struct report_attachment *was)
{
    bool quiet =
        (plug->attachment.kind == PLANE_SUBNET || plug->attachment.kind == PLANE_INSTANCE ||
         plug->attachment.kind == PLANE_INTERNET) &&
        !plug->attachment.named && was->since_us == 0;
    return plug->said.up ||
           (!quiet && (was->up || was->since_us == 0 || strcmp(was->why, plug->said.why) != 0));
}

void plugs_hear(struct daemon *daemon, const struct report_attachment *said)
{
    struct wanted_plug *plug = plugs_find(daemon->plan, said->name);
    if (!plug)
        return; /* no longer */
    struct report_attachment was = plug->said;
    plug->said = *said;
    if ((was.up != said->up || strcmp(was.why, said->why) != 0) && is_news(plug, &was))
        log_news(daemon, plug);
    if (was.up != said->up)
        tell_engine(daemon, plug);
}

void plugs_change(struct daemon *daemon, const struct plan *was)
{
    for (size_t i = 0; i < daemon->plan->plug_count; i++) {
        struct wanted_plug *plug = &daemon->plan->plugs[i];
        const struct wanted_plug *known = plugs_find(was, plug->attachment.name);
        if (!known)
            continue;
        plug->said = known->said;
        if (plug->said.up)
            tell_engine(daemon, plug);
    }
}
