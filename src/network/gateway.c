#include "network/check.h"

#include "network/memory.h"

#include <stdlib.h>

/* One virtual private gateway a VPC: S2S vpn-limits.md. */
void check_gateways(struct checking *checking)
{
    const struct network *network = checking->network;
    const struct network_vpn_gateway **attached =
        memory_zeroed(network->vpc_count, sizeof *attached);
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &network->vpn_gateways[i];
        if (gateway->platform == PLATFORM_AWS && gateway->default_policy != NETWORK_OPEN)
            check_say(checking, &gateway->default_policy, gateway->place,
                      "leave default_policy out, or say platform: sekisho",
                      "a gateway of AWS accepts and announces without a policy");
        int32_t vpc = gateway->vpc.index;
        if (vpc < 0)
            continue;
        if (attached[vpc])
            check_say(checking, &gateway->vpc, gateway->vpc.place,
                      "leave vpc out for a hub without a VPC",
                      "%s already has a VPN gateway, %s (line %u)", gateway->vpc.id,
                      attached[vpc]->id ? attached[vpc]->id : "another one",
                      attached[vpc]->place.line);
        else
            attached[vpc] = gateway;
    }
    free(attached);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice gateway_platforms[] = {
    {"aws", PLATFORM_AWS}, {"sekisho", PLATFORM_SEKISHO}, {0}};
static const struct choice fib_choices[] = {
    {"kernel", NETWORK_FIB_KERNEL}, {"none", NETWORK_FIB_NONE}, {0}};
static const struct choice planes[] = {
    {"auto", NETWORK_PLANE_AUTO}, {"userspace", NETWORK_PLANE_USERSPACE},
    {"xfrm", NETWORK_PLANE_XFRM}, {0}};
static const struct choice default_policies[] = {
    {"accept", NETWORK_OPEN}, {"refuse", NETWORK_SHUT}, {0}};
static const struct choice startups[] = {
    {"add", NETWORK_STARTUP_ADD}, {"start", NETWORK_STARTUP_START}, {0}};

static const struct field vpn_gateway_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_vpn_gateway, id), .required = true,
     .sentence = "Its name."},
    {.key = "asn", .type = FIELD_ASN, AT(network_vpn_gateway, asn), .initial = "64512",
     .sentence = "Its AS. Old gateways of AWS have 10124 (Tokyo), 17493, 9059 or 7224."},
    {.key = "vpc", .type = FIELD_REF, AT(network_vpn_gateway, vpc), .kinds = KIND(VPC),
     .open = "none: a hub between sites", .sentence = "The VPC that it is attached to."},
    {.key = "platform", .type = FIELD_CHOICE, AT(network_vpn_gateway, platform),
     .choices = gateway_platforms, .initial = "aws",
     .sentence = "Whose gateway it is; one of AWS has no guard."},
    {.key = "fib", .type = FIELD_CHOICE, AT(network_vpn_gateway, fib), .choices = fib_choices,
     .initial = "kernel", .sentence = "Whether it installs routes; none: it only speaks BGP."},
    {.key = "plane", .type = FIELD_CHOICE, AT(network_vpn_gateway, plane), .choices = planes,
     .initial = "auto",
     .sentence = "What carries its tunnels when sekishod is it: the kernel's ESP (xfrm), a daemon "
                 "for each tunnel (userspace), or the kernel's where there is one."},
    {.key = "default_policy", .type = FIELD_CHOICE, AT(network_vpn_gateway, default_policy),
     .choices = default_policies, .initial = "accept",
     .sentence = "What an attachment without import, accept or on_import may say, and what one "
                 "without export or on_export is told: everything, as at AWS, or nothing (RFC "
                 "8212)."},
    {.key = "limits", .type = FIELD_STRUCT, AT(network_vpn_gateway, limits),
     .of = &schema_gateway_limits, .sentence = "How many of what."},
    {.key = "latency", .type = FIELD_STRUCT, AT(network_vpn_gateway, latency),
     .of = &schema_latency, .sentence = "How long its daemons take."},
};
const struct schema schema_vpn_gateway = {
    .noun = "a VPN gateway", .title = "VPN gateways",
    .text = "Virtual private gateways: hubs of VPN connections and Direct Connects.",
    .size = sizeof(struct network_vpn_gateway), .kind = NETWORK_VPN_GATEWAY,
    FIELDS(vpn_gateway_fields),
};

static const struct field customer_gateway_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_customer_gateway, id), .required = true,
     .sentence = "Its name."},
    {.key = "asn", .type = FIELD_ASN, AT(network_customer_gateway, asn), .initial = "65000",
     .sentence = "The AS that the VPN gateway expects there."},
    {.key = "address", .type = FIELD_ADDRESS, AT(network_customer_gateway, address),
     .open = "not known", .sentence = "Its public address."},
    {.key = "router", .type = FIELD_REF, AT(network_customer_gateway, router),
     .kinds = KIND(ROUTER), .open = "nothing is known of it",
     .sentence = "The router that it stands for."},
    {.key = "startup", .type = FIELD_CHOICE, AT(network_customer_gateway, startup),
     .choices = startups, .initial = "start",
     .sentence = "Whether it begins IKE itself (start) or waits (add)."},
    {.key = "dpd", .type = FIELD_OPTIONAL, AT(network_customer_gateway, dpd), .of = &schema_dpd,
     .open = "as the connection has it", .sentence = "Its own dead-peer detection."},
};
const struct schema schema_customer_gateway = {
    .noun = "a customer gateway", .title = "Customer gateways",
    .text = "What the VPN gateway's side knows of the far end.",
    .size = sizeof(struct network_customer_gateway), .kind = NETWORK_CUSTOMER_GATEWAY,
    FIELDS(customer_gateway_fields),
};

/* clang-format on */
