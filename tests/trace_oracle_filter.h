/* Security groups and network ACLs, told a second time, by the file's own lines:
 *   group      asked at the instance, of what leaves it and of what comes; one rule of one group is
 *              enough; an answer to what was let through needs none; of a tunnel's packets those of
 *              an end that begins or has an SA are answered
 *   ACL        asked at the border of the subnet, of everything; the lowest number that matches */
#pragma once

#include "tests/trace_oracle.h"

struct plain_home { /* an instance, where the file has it */
    const struct network_vpc *vpc;
    const struct network_instance *instance;
};

static inline struct plain_home plain_home(const struct plain_way *way, int node)
{
    const struct network *network = way->plain->network;
    const char *id = plain_node(way, node)->id;
    for (size_t i = 0; i < network->vpc_count; i++) {
        for (size_t j = 0; j < network->vpcs[i].instance_count; j++) {
            const struct network_instance *instance = &network->vpcs[i].instances[j];
            if (strcmp(instance->router.id ? instance->router.id : instance->id, id) == 0)
                return (struct plain_home){&network->vpcs[i], instance};
        }
    }
    return (struct plain_home){0};
}

static inline bool plain_speaks_of(const struct network_traffic_rule *rule,
                                   const struct plain_packet *packet)
{
    if (rule->protocol >= 0 && rule->protocol != (int64_t)packet->protocol)
        return false;
    if (rule->type >= 0)
        return rule->type == (int64_t)packet->to_port && rule->code <= 0;
    return rule->ports.high == 0 ||
           (packet->to_port >= rule->ports.low && packet->to_port <= rule->ports.high);
}

static inline bool plain_covers(struct prefix range, plain_addr addr)
{
    struct plain_route route = plain_of(range);
    return plain_holds(&route, addr);
}

static inline bool plain_is_member(const struct network_vpc *vpc, int32_t group, plain_addr addr)
{
    for (size_t i = 0; i < vpc->instance_count; i++) {
        const struct network_instance *instance = &vpc->instances[i];
        if (instance->address != addr && (!instance->address_six || instance->address_six != addr))
            continue;
        for (size_t j = 0; j < instance->security_group_count; j++) {
            if (instance->security_groups[j].part == group)
                return true;
        }
    }
    return false;
}

/* The generator's rules name groups of their own VPC only. */
static inline bool plain_meant(const struct plain_way *way, const struct network_ref *ref,
                               plain_addr addr, bool in, bool reverse)
{
    const struct network *network = way->plain->network;
    if (ref->kind == NETWORK_PREFIX)
        return plain_covers((struct prefix){.addr = ref->address,
                                            .len = ref->len,
                                            .six = strchr(ref->id, ':') != NULL},
                            addr);
    if (ref->kind == NETWORK_PREFIX_LIST) {
        const struct network_prefix_list *list = &network->prefix_lists[ref->index];
        for (size_t i = 0; i < list->prefix_count; i++) {
            if (plain_covers(list->prefixes[i], addr))
                return true;
        }
        return false;
    }
    bool sent_itself =
        !reverse && way->sender >= 0 && plain_at(&plain_node(way, way->sender)->ports[1], addr);
    return (!in || sent_itself) && plain_is_member(&network->vpcs[ref->index], ref->part, addr);
}

/* The first of the instance's groups that allows it; NULL: none. reverse: what it would answer. */
static inline const struct network_security_group *plain_allowing(const struct plain_way *way,
                                                                  struct plain_home home, bool in,
                                                                  bool reverse)
{
    struct plain_packet packet = way->packet;
    if (reverse) {
        packet.src = way->packet.dst;
        packet.dst = way->packet.src;
        packet.to_port = way->packet.from_port;
        in = !in;
    }
    for (size_t i = 0; i < home.instance->security_group_count; i++) {
        const struct network_security_group *group =
            &home.vpc->security_groups[home.instance->security_groups[i].part];
        const struct network_traffic_rule *rules = in ? group->inbound : group->outbound;
        size_t count = in ? group->inbound_count : group->outbound_count;
        if (!in && !rules)
            return group;
        for (size_t j = 0; j < count; j++) {
            if (plain_speaks_of(&rules[j], &packet) &&
                plain_meant(way, &rules[j].far_side, in ? packet.src : packet.dst, in, reverse))
                return group;
        }
    }
    return NULL;
}

static inline bool plain_remembers(const struct plain_way *way, int node)
{
    const struct plain_way *asked = way->depth > 0 ? NULL : way->answers;
    for (size_t i = 0; asked && i < asked->let_count; i++) {
        const struct plain_let *let = &asked->let[i];
        if (let->node == node && let->src == way->packet.dst && let->dst == way->packet.src)
            return true;
    }
    return false;
}

static inline bool plain_answers_tunnel(const struct plain_way *way, struct plain_home home,
                                        bool in)
{
    if (way->depth == 0)
        return false;
    const struct plain_frame *frame = &way->frames[way->depth - 1];
    const struct tunnel *tunnel = &way->plain->world->tunnels[frame->tunnel];
    int other = frame->end == 0 ? 1 : 0;
    return (tunnel->starts[other] || tunnel->ends[other].sa != 0) &&
           plain_allowing(way, home, in, true);
}

/* "sg-a in allowed", "sg-a, sg-b out denied", "acl in allowed 10" */
static inline void plain_say(struct plain_way *way, const char *who, bool in, const char *what)
{
    if (way->line_count < PLAIN_LINES)
        snprintf(way->lines[way->line_count++], sizeof way->lines[0], "%.80s %s %.32s", who,
                 in ? "in" : "out", what);
}

static inline bool plain_groups(struct plain_way *way, int node, bool in)
{
    struct plain_home home = plain_home(way, node);
    char all[128] = "";
    if (!home.instance || home.instance->security_group_count == 0 || way->packet.protocol == 0)
        return true;
    for (size_t i = 0, used = 0; i < home.instance->security_group_count; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "",
                                 home.instance->security_groups[i].id);
    bool remembered = plain_remembers(way, node);
    const struct network_security_group *group =
        remembered ? NULL : plain_allowing(way, home, in, false);
    if (!group && !remembered)
        remembered = plain_answers_tunnel(way, home, in);
    plain_say(way, group ? group->id : all, in,
              group        ? "allowed"
              : remembered ? "remembered"
                           : "denied");
    if ((group || remembered) && way->depth == 0 &&
        way->let_count < sizeof way->let / sizeof *way->let)
        way->let[way->let_count++] = (struct plain_let){node, way->packet.src, way->packet.dst};
    return group || remembered;
}

static inline bool plain_acl(struct plain_way *way, int node, bool in)
{
    struct plain_home home = plain_home(way, node);
    const struct network_subnet *subnet = &home.vpc->subnets[home.instance->subnet.part];
    if (!subnet->network_acl.id || way->packet.protocol == 0)
        return true;
    const struct network_acl *acl = &home.vpc->network_acls[subnet->network_acl.part];
    const struct network_traffic_rule *rules = in ? acl->inbound : acl->outbound, *best = NULL;
    for (size_t i = 0; i < (in ? acl->inbound_count : acl->outbound_count); i++) {
        if (plain_speaks_of(&rules[i], &way->packet) &&
            plain_covers(rules[i].range, in ? way->packet.src : way->packet.dst) &&
            (!best || rules[i].number < best->number))
            best = &rules[i];
    }
    char what[32];
    bool allowed = best && best->action == NETWORK_ALLOW;
    snprintf(what, sizeof what, "%s %d", allowed ? "allowed" : "denied",
             best ? (int)best->number : 0);
    plain_say(way, acl->id, in, what);
    return allowed;
}

/* Is whoever has the address there in the sender's own subnet, or nobody? */
static inline bool plain_same_subnet(const struct plain_way *way, int from, int vpc,
                                     plain_addr addr)
{
    const struct port *own = &plain_node(way, from)->ports[1];
    for (size_t i = 0; i < way->plain->world->node_count; i++) {
        const struct node *node = plain_node(way, (int)i);
        if (node->in_vpc && node->ports[1].peer == vpc && plain_at(&node->ports[1], addr))
            return own->peer == vpc && own->subnet == node->ports[1].subnet;
    }
    return true;
}

static inline int plain_filter_in(struct plain_way *way, int node)
{
    const struct port *port = &plain_node(way, node)->ports[1];
    bool within = way->sender >= 0 && plain_node(way, way->sender)->ports[1].peer == port->peer &&
                  plain_node(way, way->sender)->ports[1].subnet == port->subnet;
    if (!within && !plain_acl(way, node, true))
        return plain_drop(way, port->peer, "network-acl-in");
    return plain_groups(way, node, true) ? node : plain_drop(way, node, "security-group-in");
}
