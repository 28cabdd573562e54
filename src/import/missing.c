#include "import/missing.h"

#include "import/remark.h"

static const struct {
    enum aws_kind kind;
    const char *depends;
} wanted[] = {
    {AWS_VPC, "everything that lies in VPCs: it is left out"},
    {AWS_SUBNET, "where instances are, and which route table they ask"},
    {AWS_ROUTE_TABLE, "where the VPCs' packets go, and what the gateways had learned"},
    {AWS_INTERNET_GATEWAY, "which VPC reaches the Internet"},
    {AWS_PEERING, "what is reached through peerings"},
    {AWS_VPN_GATEWAY, "the AS of each VPN gateway, and the VPC that it is attached to"},
    {AWS_CUSTOMER_GATEWAY, "the address and the AS of each customer gateway"},
    {AWS_VPN_CONNECTION, "which tunnels there are: without them no tunnel is checked"},
    {AWS_VIRTUAL_INTERFACE,
     "whether a Direct Connect hangs on a gateway, whose far side may announce a default"},
    {AWS_INSTANCE, "who is reached, and whether a customer gateway is an instance of a VPC"},
    {AWS_INTERFACE, "what is behind routes to network interfaces"},
    {AWS_NAT_GATEWAY, "what is behind routes to NAT gateways"},
};

/* A folder that holds something, and not this. */
static void say_folders(struct aws *aws, size_t want)
{
    const struct aws_noun *noun = aws_noun(wanted[want].kind);
    uint32_t bit = 1u << wanted[want].kind;
    for (size_t i = 0; i < aws->folder_count; i++) {
        const struct aws_folder *folder = &aws->folders[i];
        if (!folder->seen || (folder->seen & bit))
            continue;
        remark_say(aws->remarks, IMPORT_MISSING, (struct import_place){0}, NULL,
                   "%s is not in %s (%s)", noun->key, folder->path, noun->command);
        remark_depends(aws->remarks, "%s", wanted[want].depends);
    }
}

/* --- what is there, and has no place in a network file --- */

static void say_transit(struct aws *aws)
{
    for (size_t i = 0; i < aws_count(aws, AWS_TRANSIT_GATEWAY); i++) {
        const struct aws_thing *gateway = aws_at(aws, AWS_TRANSIT_GATEWAY, i);
        if (!gateway->dropped)
            remark_say(aws->remarks, IMPORT_NOT_MODELED, gateway->place, gateway->id,
                       "%s is a transit gateway: nothing is said of what hangs on it", gateway->id);
    }
}

void missing_say(struct aws *aws)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < aws->folder_count; i++)
        seen |= aws->folders[i].seen;
    for (size_t i = 0; seen && i < sizeof wanted / sizeof *wanted; i++) {
        const struct aws_noun *noun = aws_noun(wanted[i].kind);
        if (seen >> wanted[i].kind & 1) {
            say_folders(aws, i);
            continue;
        }
        remark_say(aws->remarks, IMPORT_MISSING, (struct import_place){0}, NULL,
                   "%s is not in the export (%s)", noun->key, noun->command);
        remark_depends(aws->remarks, "%s", wanted[i].depends);
    }
    say_transit(aws);
}
