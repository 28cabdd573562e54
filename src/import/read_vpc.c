/* VPCs, their subnets, route tables and gateways, and what is peered with what. */
#include "import/read.h"

#include "import/remark.h"

#include <string.h>

/* The state of an association of a range: one that goes or has gone is none. */
static bool is_associated_by(const struct item *item, const char *key)
{
    static const char *const states[] = {
        "associated", "associating", "disassociated", "disassociating", "failing", "failed", NULL};
    struct item state;
    if (!item_object(item, key, &state))
        return true;
    return item_word(&state, "State", states, 0) < 2;
}

static bool is_associated(const struct item *item)
{
    return is_associated_by(item, "CidrBlockState");
}

static bool is_associated_six(const struct item *item)
{
    return is_associated_by(item, "Ipv6CidrBlockState");
}

void read_vpc(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_vpc *vpc = thing;
    struct item list, element;
    struct prefix prefix;
    if (item_prefix(item, "CidrBlock", &prefix))
        prefixes_add(aws, &vpc->cidrs, prefix);
    if (item_list(item, "CidrBlockAssociationSet", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element) && is_associated(&element) &&
                item_prefix(&element, "CidrBlock", &prefix))
                prefixes_add(aws, &vpc->cidrs, prefix);
        }
    }
    if (!item_list(item, "Ipv6CidrBlockAssociationSet", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (item_at(&list, i, &element) && is_associated_six(&element) &&
            item_prefix_six(&element, "Ipv6CidrBlock", &prefix))
            prefixes_add(aws, &vpc->cidrs, prefix);
    }
}

void read_subnet(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_subnet *subnet = thing;
    struct item list, element;
    subnet->vpc = aws_text(aws, item_id(item, "VpcId"));
    item_prefix(item, "CidrBlock", &subnet->cidr);
    if (!item_list(item, "Ipv6CidrBlockAssociationSet", &list))
        return;
    for (size_t i = 0; i < item_count(&list) && !subnet->cidr_six.six; i++) {
        if (item_at(&list, i, &element) && is_associated_six(&element))
            item_prefix_six(&element, "Ipv6CidrBlock", &subnet->cidr_six);
    }
}

/* --- route tables --- */

static void read_association(struct aws *aws, const struct item *item,
                             struct aws_route_table *table)
{
    static const char *const states[] = {"associated",     "associating", "disassociated",
                                         "disassociating", "failed",      NULL};
    struct item state;
    if (item_object(item, "AssociationState", &state) && item_word(&state, "State", states, 0) > 1)
        return;
    table->main = table->main || item_bool(item, "Main") == ITEM_YES;
    const char *subnet = item_id(item, "SubnetId");
    if (subnet)
        texts_add(aws, &table->subnets, &table->subnet_count, &table->subnet_cap, subnet);
    table->edge = table->edge || item_id(item, "GatewayId");
}

static void read_target(struct aws *aws, const struct item *item, struct aws_route *route)
{
    static const struct {
        const char *key;
        enum aws_target to;
    } keys[] = {
        {"NetworkInterfaceId", AWS_TO_INTERFACE},
        {"InstanceId", AWS_TO_INSTANCE},
        {"NatGatewayId", AWS_TO_NAT},
        {"VpcPeeringConnectionId", AWS_TO_PEERING},
        {"TransitGatewayId", AWS_TO_TRANSIT},
        {"EgressOnlyInternetGatewayId", AWS_TO_OTHER},
        {"LocalGatewayId", AWS_TO_OTHER},
        {"CarrierGatewayId", AWS_TO_OTHER},
        {"CoreNetworkArn", AWS_TO_OTHER},
        {"GatewayId", AWS_TO_GATEWAY},
    };
    route->instance = aws_text(aws, item_text(item, "InstanceId"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys && route->to == AWS_TO_NOTHING; i++) {
        const char *id = item_text(item, keys[i].key);
        if (!id)
            continue;
        route->target = aws_text(aws, id);
        route->to = keys[i].to;
    }
}

static void read_route(struct aws *aws, const struct item *item, struct aws_route_table *table)
{
    static const char *const origins[] = {"CreateRouteTable", "CreateRoute",
                                          "EnableVgwRoutePropagation", "Advertisement", NULL};
    static const char *const states[] = {"active", "blackhole", "filtered", NULL};
    struct aws_route route = {.place = item_place(item)};
    struct item found;
    route.list = aws_text(aws, item_id(item, "DestinationPrefixListId"));
    bool four = item_get(item, "DestinationCidrBlock", &found) &&
                item_prefix(item, "DestinationCidrBlock", &route.prefix);
    bool six = !four && item_get(item, "DestinationIpv6CidrBlock", &found) &&
               item_prefix_six(item, "DestinationIpv6CidrBlock", &route.prefix);
    if (!four && !six && !route.list)
        return;
    read_target(aws, item, &route);
    int origin = item_word(item, "Origin", origins, 1);
    route.propagated = origin == 2;
    route.blackhole = item_word(item, "State", states, 0) == 1;
    if (route.to == AWS_TO_GATEWAY && strcmp(route.target, "local") == 0)
        return;
    table->routes =
        aws_room(aws, table->routes, table->route_count, &table->route_cap, sizeof *table->routes);
    table->routes[table->route_count++] = route;
}

void read_route_table(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_route_table *table = thing;
    struct item list, element;
    table->vpc = aws_text(aws, item_id(item, "VpcId"));
    if (item_list(item, "Associations", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                read_association(aws, &element, table);
        }
    }
    if (item_list(item, "PropagatingVgws", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            const char *id = item_at(&list, i, &element) ? item_id(&element, "GatewayId") : NULL;
            if (id)
                texts_add(aws, &table->propagating, &table->propagating_count,
                          &table->propagating_cap, id);
        }
    }
    if (item_list(item, "Routes", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                read_route(aws, &element, table);
        }
    }
}

/* --- gateways --- */

/* The VPC of the first attachment that holds. */
static const char *attached_to(struct aws *aws, const struct item *item, const char *key)
{
    static const char *const states[] = {"available", "attached", "attaching",
                                         "detaching", "detached", NULL};
    struct item list, element;
    if (!item_list(item, key, &list))
        return NULL;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (!item_at(&list, i, &element) || item_word(&element, "State", states, 0) > 2)
            continue;
        const char *vpc = item_id(&element, "VpcId");
        if (vpc)
            return aws_text(aws, vpc);
    }
    return NULL;
}

void read_internet_gateway(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_internet_gateway *gateway = thing;
    gateway->vpc = attached_to(aws, item, "Attachments");
}

void read_nat_gateway(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"pending",  "available", "failed",
                                         "deleting", "deleted",   NULL};
    struct aws_nat_gateway *gateway = thing;
    gateway->vpc = aws_text(aws, item_id(item, "VpcId"));
    gateway->is.dropped = item_word(item, "State", states, 1) > 1;
}

void read_vpn_gateway(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"pending", "available", "deleting", "deleted", NULL};
    struct aws_vpn_gateway *gateway = thing;
    gateway->asn = item_number(item, "AmazonSideAsn", UINT32_MAX);
    gateway->vpc = attached_to(aws, item, "VpcAttachments");
    gateway->is.dropped = item_word(item, "State", states, 1) > 1;
}

/* --- peerings --- */

static void read_peer(struct aws *aws, const struct item *item, struct aws_peer *peer)
{
    struct item list, element;
    struct prefix prefix;
    peer->vpc = aws_text(aws, item_id(item, "VpcId"));
    peer->region = aws_text(aws, item_text(item, "Region"));
    peer->owner = aws_text(aws, item_text(item, "OwnerId"));
    if (item_prefix(item, "CidrBlock", &prefix))
        prefixes_add(aws, &peer->cidrs, prefix);
    if (item_list(item, "Ipv6CidrBlockSet", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element) && item_prefix_six(&element, "Ipv6CidrBlock", &prefix))
                prefixes_add(aws, &peer->cidrs, prefix);
        }
    }
    if (!item_list(item, "CidrBlockSet", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (item_at(&list, i, &element) && item_prefix(&element, "CidrBlock", &prefix))
            prefixes_add(aws, &peer->cidrs, prefix);
    }
}

void read_peering(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"active",
                                         "provisioning",
                                         "initiating-request",
                                         "pending-acceptance",
                                         "failed",
                                         "expired",
                                         "rejected",
                                         "deleting",
                                         "deleted",
                                         NULL};
    static const char *const ends[] = {"RequesterVpcInfo", "AccepterVpcInfo"};
    struct aws_peering *peering = thing;
    struct item status, end;
    static const enum network_peering_status meanings[] = {
        NETWORK_PEERING_ACTIVE,   NETWORK_PEERING_PENDING, NETWORK_PEERING_PENDING,
        NETWORK_PEERING_PENDING,  NETWORK_PEERING_FAILED,  NETWORK_PEERING_EXPIRED,
        NETWORK_PEERING_REJECTED, NETWORK_PEERING_DELETED, NETWORK_PEERING_DELETED};
    int state = 0;
    if (item_object(item, "Status", &status)) {
        state = item_word(&status, "Code", states, 0);
        peering->state = aws_text(aws, item_text(&status, "Code"));
    }
    peering->status = state < 0 ? NETWORK_PEERING_ACTIVE : meanings[state];
    for (int i = 0; i < 2; i++) {
        if (item_object(item, ends[i], &end))
            read_peer(aws, &end, &peering->ends[i]);
    }
}
