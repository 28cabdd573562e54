#include "import/read.h"

#include "import/remark.h"

#include <string.h>

static const struct read_noun nouns[] = {
    {AWS_VPC, "VpcId", read_vpc},
    {AWS_SUBNET, "SubnetId", read_subnet},
    {AWS_ROUTE_TABLE, "RouteTableId", read_route_table},
    {AWS_INTERNET_GATEWAY, "InternetGatewayId", read_internet_gateway},
    {AWS_NAT_GATEWAY, "NatGatewayId", read_nat_gateway},
    {AWS_PEERING, "VpcPeeringConnectionId", read_peering},
    {AWS_VPN_GATEWAY, "VpnGatewayId", read_vpn_gateway},
    {AWS_CUSTOMER_GATEWAY, "CustomerGatewayId", read_customer_gateway},
    {AWS_VPN_CONNECTION, "VpnConnectionId", read_connection},
    {AWS_VIRTUAL_INTERFACE, "VirtualInterfaceId", read_virtual_interface},
    {AWS_DX_GATEWAY, "DirectConnectGatewayId", NULL},
    {AWS_DX_ASSOCIATION, "AssociationId", read_dx_association},
    {AWS_INSTANCE, "InstanceId", read_instance},
    {AWS_INTERFACE, "NetworkInterfaceId", read_interface},
    {AWS_ADDRESS, "AllocationId", read_address},
    {AWS_SECURITY_GROUP, "GroupId", read_security_group},
    {AWS_NETWORK_ACL, "NetworkAclId", read_network_acl},
    {AWS_TRANSIT_GATEWAY, "TransitGatewayId", NULL},
    {AWS_TRANSIT_ATTACHMENT, "TransitGatewayAttachmentId", NULL},
    {AWS_PREFIX_LIST, "PrefixListId", read_prefix_list},
};
static const size_t noun_count = sizeof nouns / sizeof *nouns;

/* Answers that say nothing about routes, or whose facts stand in another answer, too. */
static const char *const passed_over[] = {
    "AvailabilityZones",
    "ClassicLinkInstances",
    "DBInstances",
    "DBSubnetGroups",
    "DhcpOptions",
    "DomainStatusList",
    "Hosts",
    "InstanceStatuses",
    "LoadBalancers",
    "LoadBalancerAttributes",
    "LoadBalancerListeners",
    "LoadBalancerTargetHealth",
    "MovingAddressStatuses",
    "NextToken",
    "PlacementGroups",
    "Regions",
    "ResponseMetadata",
    "ServiceDetails",
    "ServiceNames",
    "Tags",
    "TargetGroups",
    "VpcEndpoints",
    "Vpcs",
    "Connections",
    "TransitGatewayPropagations",
    "TransitGatewayRouteTables",
    "TransitGatewayStaticRoutes",
    "TransitGatewayVpcAttachments",
};

/* Both spellings of a key, VpcId and vpcId. */
static bool is_key(const char *written, const char *key)
{
    return (written[0] | 0x20) == (key[0] | 0x20) && strcmp(written + 1, key + 1) == 0;
}

static const struct read_noun *noun_of(const char *key)
{
    for (size_t i = 0; i < noun_count; i++) {
        if (is_key(key, aws_noun(nouns[i].kind)->key))
            return &nouns[i];
    }
    return NULL;
}

static bool is_passed_over(const char *key)
{
    for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++) {
        if (is_key(key, passed_over[i]))
            return true;
    }
    return false;
}

static void read_element(struct aws *aws, const struct read_noun *noun, const struct item *item,
                         size_t folder)
{
    void *thing = aws_add(aws, noun->kind, item, noun->id_key, folder);
    if (thing && noun->read)
        noun->read(aws, item, thing);
}

static void read_list(struct aws *aws, const struct read_noun *noun, const struct item *list,
                      size_t folder)
{
    struct item element;
    aws->folders[folder].seen |= 1u << noun->kind;
    for (size_t i = 0; i < item_count(list); i++) {
        if (item_at(list, i, &element))
            read_element(aws, noun, &element, folder);
    }
}

/* Instances stand within reservations. */
static void read_reservations(struct aws *aws, const struct read_noun *noun,
                              const struct item *list, size_t folder)
{
    struct item reservation, instances;
    aws->folders[folder].seen |= 1u << noun->kind;
    for (size_t i = 0; i < item_count(list); i++) {
        if (item_at(list, i, &reservation) && item_list(&reservation, "Instances", &instances))
            read_list(aws, noun, &instances, folder);
    }
}

/* An answer of several pages of which not all were asked for. */
static void say_pages(struct aws *aws, const struct item *root, const char *key)
{
    struct item token;
    if (item_get(root, key, &token))
        remark_say(
            aws->remarks, IMPORT_MISSING, (struct import_place){.file = root->document->name}, NULL,
            "the answer has more pages (it ends with %s), and they are not in this file", key);
}

void read_document(struct aws *aws, struct document *document, size_t folder)
{
    struct item root = item_root(document);
    struct item list;
    const char *key;
    json_t *value;
    document->member = 0;
    json_object_foreach(document->root, key, value)
    {
        const struct read_noun *noun = noun_of(key);
        bool instances = is_key(key, "Instances");
        if (instances)
            noun = noun_of("Reservations");
        if (noun && item_list(&root, key, &list)) {
            if (noun->kind == AWS_INSTANCE && !instances)
                read_reservations(aws, noun, &list, folder);
            else
                read_list(aws, noun, &list, folder);
        } else if (!noun && !is_passed_over(key)) {
            struct quoted shown = diagnostics_quote(key, strlen(key));
            remark_say(aws->remarks, IMPORT_NOT_MODELED,
                       (struct import_place){.file = document->name}, NULL,
                       "%s is no answer that is read here", shown.text);
        }
        document->member++;
    }
    say_pages(aws, &root, "NextToken");
    say_pages(aws, &root, "NextMarker");
}
