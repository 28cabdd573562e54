#include "network/network.h"

#include "network/check.h"
#include "network/comment.h"
#include "network/memory.h"
#include "network/read.h"
#include "network/resolve.h"
#include "network/walk.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)NETWORK_FILE_MAX == (int)YAML_BYTES_MAX, "one limit, told twice");
_Static_assert((int)NETWORK_DEPTH_MAX == (int)YAML_DEPTH_MAX, "one limit, told twice");
_Static_assert((int)NETWORK_NODES_MAX == (int)YAML_NODES_MAX, "one limit, told twice");

static void build(const struct yaml *yaml, struct network *network, struct diagnostics *diagnostics)
{
    struct reading reading = {.diagnostics = diagnostics};
    read_struct(&reading, &schema_network, yaml->root, network);
    resolve_names(network, diagnostics);
    struct checking checking = {network, diagnostics, &reading.marks};
    check_network(&checking);
    comments_take(network, yaml, &reading);
    reading_done(&reading);
}

bool network_parse(struct slice text, const char *name, struct diagnostics *diagnostics,
                   struct network **ret_network)
{
    struct yaml yaml;
    size_t errors = diagnostics->count + diagnostics->dropped;
    struct network *network = memory_zeroed(1, sizeof *network);
    diagnostics_open(diagnostics, name, text);
    diagnostics->secret_key = "psk";
    bool sound = yaml_read(text, diagnostics, &yaml);
    diagnostics->text = yaml.text;
    if (sound && !yaml.root)
        diagnostics_add(diagnostics, (struct place){0}, 1, "expected vpcs, routers, ...",
                        "the file says nothing");
    else if (sound)
        build(&yaml, network, diagnostics);
    yaml_done(&yaml);
    diagnostics_close(diagnostics);
    if (diagnostics->count + diagnostics->dropped > errors) {
        network_free(network);
        return false;
    }
    *ret_network = network;
    return true;
}

static void comments_copy(struct network *copy, const struct network *network)
{
    copy->comments = memory_zeroed(network->comment_count, sizeof *copy->comments);
    for (size_t i = 0; i < network->comment_count; i++) {
        const struct network_comment *comment = &network->comments[i];
        copy->comments[i] = *comment;
        copy->comments[i].text = memory_text(comment->text, strlen(comment->text));
        if (comment->key)
            copy->comments[i].key = memory_text(comment->key, strlen(comment->key));
    }
}

struct network *network_copy(const struct network *network)
{
    struct network *copy = memory_zeroed(1, sizeof *copy);
    walk_copy(&schema_network, copy, network);
    comments_copy(copy, network);
    return copy;
}

void network_free(struct network *network)
{
    if (!network)
        return;
    walk_release(&schema_network, network);
    for (size_t i = 0; i < network->comment_count; i++) {
        free(network->comments[i].key);
        free(network->comments[i].text);
    }
    free(network->comments);
    free(network);
}

bool network_equal(const struct network *left, const struct network *right)
{
    return walk_equal(&schema_network, left, right);
}

enum network_guard network_guard_of(const struct network *network,
                                    const struct network_connection *connection)
{
    const struct network_vpn_gateway *gateway =
        &network->vpn_gateways[connection->vpn_gateway.index];
    if (gateway->platform == PLATFORM_AWS)
        return NETWORK_GUARD_NONE;
    return connection->guard == NETWORK_GUARD_UNSAID ? NETWORK_GUARD_HOLD : connection->guard;
}

static bool rule_matches(const struct network_rule *rule, ip_addr neighbor, struct prefix prefix)
{
    int64_t shortest = rule->ge >= 0 ? rule->ge : rule->prefix.len;
    int64_t longest = rule->le >= 0 ? rule->le : rule->ge >= 0 ? 32 : rule->prefix.len;
    return (!rule->neighbor || rule->neighbor == neighbor) && prefix_covers(rule->prefix, prefix) &&
           prefix.len >= shortest && prefix.len <= longest;
}

bool network_filter_permits(const struct network_filter *filter, ip_addr neighbor,
                            struct prefix prefix)
{
    bool one_permits = false;
    for (size_t i = 0; i < filter->rule_count; i++) {
        const struct network_rule *rule = &filter->rules[i];
        if (rule_matches(rule, neighbor, prefix))
            return rule->action == NETWORK_PERMIT;
        bool speaks_here = !rule->neighbor || rule->neighbor == neighbor;
        one_permits = one_permits || (speaks_here && rule->action == NETWORK_PERMIT);
    }
    return !one_permits;
}

bool network_may_announce(const struct network *network, struct network_ref attachment,
                          struct prefix prefix)
{
    bool direct = attachment.kind == NETWORK_DIRECT_CONNECT;
    const struct network_direct_connect *line =
        network->direct_connects + (direct ? attachment.index : 0);
    const struct network_connection *vpn =
        network->vpn_connections + (direct ? 0 : attachment.index);
    const struct prefix *listed = direct ? line->may_announce : vpn->may_announce;
    size_t count = direct ? line->may_announce_count : vpn->may_announce_count;
    bool may = !listed || (prefix.len == 0 && (direct ? line->internet_exit : vpn->internet_exit));
    for (size_t i = 0; !may && i < count; i++)
        may = prefix_covers(listed[i], prefix);
    return may;
}

/* The table. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct field network_fields[] = {
    {.key = "vpcs", .type = FIELD_STRUCT, LIST(network, vpcs, vpc_count), .of = &schema_vpc,
     .open = "none", .sentence = "VPCs, with their subnets, route tables and instances."},
    {.key = "vpc_peerings", .type = FIELD_STRUCT, LIST(network, vpc_peerings, vpc_peering_count),
     .of = &schema_peering, .open = "none", .sentence = "VPC peerings."},
    {.key = "prefix_lists", .type = FIELD_STRUCT, LIST(network, prefix_lists, prefix_list_count),
     .of = &schema_prefix_list, .open = "none",
     .sentence = "Ranges by one name, for security groups."},
    {.key = "vpn_gateways", .type = FIELD_STRUCT, LIST(network, vpn_gateways, vpn_gateway_count),
     .of = &schema_vpn_gateway, .open = "none", .sentence = "Virtual private gateways."},
    {.key = "customer_gateways", .type = FIELD_STRUCT,
     LIST(network, customer_gateways, customer_gateway_count), .of = &schema_customer_gateway,
     .open = "none", .sentence = "The far ends of VPN connections, as the gateway knows them."},
    {.key = "vpn_connections", .type = FIELD_STRUCT,
     LIST(network, vpn_connections, vpn_connection_count), .of = &schema_connection,
     .most = NETWORK_ATTACHMENTS_MAX,
     .open = "none", .sentence = "VPN connections of one or two tunnels."},
    {.key = "direct_connects", .type = FIELD_STRUCT,
     LIST(network, direct_connects, direct_connect_count), .of = &schema_direct_connect,
     .most = NETWORK_ATTACHMENTS_MAX,
     .open = "none", .sentence = "Direct Connect virtual interfaces."},
    {.key = "routers", .type = FIELD_STRUCT, LIST(network, routers, router_count),
     .of = &schema_router, .open = "none",
     .sentence = "Customers' routers: in a VPC, at a site, behind a Direct Connect."},
    {.key = "internet_delay", .type = FIELD_DURATION, AT(network, internet_delay_us),
     .max = 10000000, .open = "1ms, assumed",
     .sentence = "How long the simulator's Internet takes from one outside address to another; at "
                 "most 10s."},
    {.key = "wanted", .type = FIELD_STRUCT, LIST(network, wanted, wanted_count),
     .of = &schema_wanted, .open = "whatever reaches before the story begins",
     .sentence = "What must reach what."},
    {.key = "story", .type = FIELD_STRUCT, LIST(network, story, step_count), .of = &schema_step,
     .open = "nothing happens", .sentence = "What happens when."},
    {.key = "recorded", .type = FIELD_STRUCT, LIST(network, recorded, recorded_count),
     .of = &schema_recorded, .open = "nothing was recorded",
     .sentence = "What a real run was seen to do."},
    {.key = "until", .type = FIELD_DURATION, AT(network, until_us),
     .open = "two periods after the last step", .sentence = "When the story ends."},
};
const struct schema schema_network = {
    .noun = "a network file", .title = "The file",
    .size = sizeof(struct network), FIELDS(network_fields),
};

/* clang-format on */
