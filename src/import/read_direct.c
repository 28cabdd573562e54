/* Direct Connect: virtual interfaces, and what a Direct Connect gateway is associated with. Its
 * answers spell their keys with a small first letter. */
#include "import/read.h"

#include <string.h>

/* The first peer of that family, where the interface has peers; without a word they are IPv4's. */
static bool peer_of(const struct item *list, const char *wanted, struct item *ret_peer)
{
    for (size_t i = 0; i < item_count(list); i++) {
        if (!item_at(list, i, ret_peer))
            continue;
        const char *family = item_text(ret_peer, "addressFamily");
        if (strcmp(family ? family : "ipv4", wanted) == 0)
            return true;
    }
    return false;
}

/* Which of the interface's own addresses are told follows its addressFamily. */
static bool is_of_six(const struct item *item)
{
    const char *family = item_text(item, "addressFamily");
    return family && strcmp(family, "ipv6") == 0;
}

static void read_peer(struct aws_virtual_interface *interface, const struct item *peer, bool six)
{
    static const char *const bgp[] = {"unknown", "down", "up", NULL};
    bool up = item_word(peer, "bgpStatus", bgp, 0) == 2;
    if (up || interface->bgp_up == ITEM_UNSAID)
        interface->bgp_up = up ? ITEM_YES : ITEM_NO;
    if (interface->asn <= 0)
        interface->asn = item_number(peer, "asn", UINT32_MAX);
    ip_addr *amazon = six ? &interface->amazon_six : &interface->amazon;
    ip_addr *customer = six ? &interface->customer_six : &interface->customer;
    ip_addr (*read)(const struct item *, const char *) =
        six ? item_address_six_in : item_address_in;
    if (!*amazon)
        *amazon = read(peer, "amazonAddress");
    if (!*customer)
        *customer = read(peer, "customerAddress");
}

void read_virtual_interface(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"available",  "down",     "pending", "verifying",
                                         "confirming", "testing",  "unknown", "deleting",
                                         "deleted",    "rejected", NULL};
    struct aws_virtual_interface *interface = thing;
    struct item list, peer;
    interface->type = aws_text(aws, item_text(item, "virtualInterfaceType"));
    interface->is_private = !interface->type || strcmp(interface->type, "private") == 0;
    interface->state = aws_text(aws, item_text(item, "virtualInterfaceState"));
    interface->is.dropped = item_word(item, "virtualInterfaceState", states, 0) > 6;
    interface->vpn_gateway = aws_text(aws, item_text(item, "virtualGatewayId"));
    interface->dx_gateway = aws_text(aws, item_text(item, "directConnectGatewayId"));
    interface->vlan = item_number(item, "vlan", 4094);
    interface->amazon_asn = item_number(item, "amazonSideAsn", UINT32_MAX);
    interface->asn = item_number(item, "asn", UINT32_MAX);
    if (is_of_six(item)) {
        interface->amazon_six = item_address_six_in(item, "amazonAddress");
        interface->customer_six = item_address_six_in(item, "customerAddress");
    } else {
        interface->amazon = item_address_in(item, "amazonAddress");
        interface->customer = item_address_in(item, "customerAddress");
    }
    if (!item_list(item, "bgpPeers", &list))
        return;
    if (peer_of(&list, "ipv4", &peer))
        read_peer(interface, &peer, false);
    if (peer_of(&list, "ipv6", &peer))
        read_peer(interface, &peer, true);
}

void read_dx_association(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const states[] = {"associated",     "associating",   "updating",
                                         "disassociating", "disassociated", NULL};
    struct aws_dx_association *association = thing;
    struct item gateway, list, element;
    struct prefix prefix;
    association->dx_gateway = aws_text(aws, item_text(item, "directConnectGatewayId"));
    association->is.dropped = item_word(item, "associationState", states, 0) > 2;
    if (item_object(item, "associatedGateway", &gateway))
        association->gateway = aws_text(aws, item_text(&gateway, "id"));
    else
        association->gateway = aws_text(aws, item_text(item, "virtualGatewayId"));
    if (!item_list(item, "allowedPrefixesToDirectConnectGateway", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (item_at(&list, i, &element) && item_prefix(&element, "cidr", &prefix))
            prefixes_add(aws, &association->allowed, prefix);
    }
}
