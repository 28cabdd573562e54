/* Direct Connect: private virtual interfaces, each a neighbor of the VPN gateway on which it ends.
 *
 * One that ends on a Direct Connect gateway reaches every VPN gateway associated there, but AWS
 * passes nothing between it and a gateway's VPN connections. So it is drafted once for each
 * gateway, is told the VPC's ranges only, and is taken to announce nothing but what was seen
 * (draft_learned.c keeps that from the VPN connections). */
#include "import/draft.h"

#include "import/remark.h"
#include "network/walk.h"

#include <string.h>

enum { AS_TRANS = 23456 };

static struct network_router *router_of(struct draft *draft, struct aws_virtual_interface *from)
{
    struct network *network = draft->network;
    if (from->is.used)
        return &network->routers[from->router];
    struct network_router *router = draft_add(draft, &schema_network, network, "routers");
    from->router = network->router_count - 1;
    from->is.used = true;
    router->id = draft_router_name(draft, &from->is);
    struct network_bgp *bgp = draft_make(draft, &schema_router, router, "bgp");
    bgp->asn = (uint32_t)from->asn;
    draft_comment(draft, router->place, "the far side of %s, into which nobody here can look",
                  from->is.id);
    return router;
}

static bool has_four(const struct aws_virtual_interface *from)
{
    return from->amazon && from->customer && from->amazon != from->customer;
}

static bool has_six(const struct aws_virtual_interface *from)
{
    return from->amazon_six && from->customer_six && from->amazon_six != from->customer_six;
}

/* NULL: it can be drafted. */
static const char *left_out_for(const struct aws_virtual_interface *from)
{
    if (!has_four(from) && !has_six(from))
        return "its addresses are not those of two ends";
    if (from->asn <= 0 || from->asn == AS_TRANS)
        return "its AS is not told";
    return NULL;
}

static void keep_apart(struct draft *draft, struct network_direct_connect *dx,
                       const struct aws_virtual_interface *from,
                       const struct aws_vpn_gateway *gateway)
{
    const struct aws_vpc *vpc = (void *)aws_find(draft->aws, AWS_VPC, gateway->vpc);
    draft_empty(&schema_direct_connect, dx, "may_announce");
    for (size_t i = 0; vpc && vpc->is.used && i < vpc->cidrs.count; i++) {
        struct network_rule *rule = draft_add(draft, &schema_direct_connect, dx, "export");
        rule->action = NETWORK_PERMIT;
        rule->prefix = vpc->cidrs.items[i];
    }
    draft_comment(draft, dx->place,
                  "by way of %.64s, which passes nothing between it and VPN connections",
                  from->dx_gateway);
}

/* Of two ends: the range that both are in, or the two that they are in. */
static bool claim_ends(struct draft *draft, uint32_t gateway, ip_addr amazon, ip_addr customer)
{
    size_t owner;
    ip_addr one = amazon & ~(ip_addr)3, two = customer & ~(ip_addr)3;
    return draft_claim(draft, CLAIM_INSIDE, gateway, one, 0, 0, &owner) &&
           (one == two || draft_claim(draft, CLAIM_INSIDE, gateway, two, 0, 0, &owner));
}

/* The session of IPv4, of IPv6, or one of each. */
static void say_inside(struct draft *draft, struct network_direct_connect *dx,
                       const struct aws_virtual_interface *from)
{
    bool four = has_four(from);
    dx->inside_vgw = four ? from->amazon : from->amazon_six;
    dx->inside_peer = four ? from->customer : from->customer_six;
    if (!four || !has_six(from))
        return;
    struct network_session_six *six = draft_make(draft, &schema_direct_connect, dx, "ipv6_session");
    six->vgw = from->amazon_six;
    six->peer = from->customer_six;
}

static void draft_interface(struct draft *draft, struct aws_virtual_interface *from,
                            struct aws_vpn_gateway *gateway, bool direct)
{
    struct network *network = draft->network;
    char name[160];
    uint32_t number = (uint32_t)gateway->is.at;
    if (from->is.used)
        snprintf(name, sizeof name, "%.64s.%.64s", from->is.id, gateway->is.id);
    else
        snprintf(name, sizeof name, "%.64s", from->is.id);
    if (!item_is_name(name) ||
        (has_four(from) && !claim_ends(draft, number, from->amazon, from->customer)) ||
        (has_six(from) && !claim_ends(draft, number, from->amazon_six, from->customer_six))) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id,
                   "%s has an inside address that another attachment of %s has; it is left out",
                   from->is.id, gateway->is.id);
        return;
    }
    const struct network_router *router = router_of(draft, from);
    struct network_direct_connect *dx =
        draft_add(draft, &schema_network, network, "direct_connects");
    dx->id = draft_text(name);
    dx->vpn_gateway = draft_ref(gateway->is.id);
    dx->router = draft_ref(router->id);
    say_inside(draft, dx, from);
    if (from->vlan > 0)
        dx->vlan = from->vlan;
    if (from->is.name && strcmp(from->is.name, router->id) != 0)
        draft_comment(draft, dx->place, "%.80s", from->is.name);
    if (from->bgp_up == ITEM_NO)
        draft_comment(draft, dx->place, "its BGP was down when it was exported");
    if (!direct)
        keep_apart(draft, dx, from, gateway);
    draft_attached(draft, (struct draft_attachment){.gateway = gateway->is.at,
                                                    .interface = from,
                                                    .index = network->direct_connect_count - 1,
                                                    .apart = !direct});
}

static size_t draft_associated(struct draft *draft, struct aws_virtual_interface *from)
{
    size_t count = 0;
    for (size_t i = 0; i < aws_count(draft->aws, AWS_DX_ASSOCIATION); i++) {
        const struct aws_dx_association *association =
            (void *)aws_at(draft->aws, AWS_DX_ASSOCIATION, i);
        struct aws_vpn_gateway *gateway =
            (void *)aws_find(draft->aws, AWS_VPN_GATEWAY, association->gateway);
        if (association->is.dropped || !association->dx_gateway || !gateway ||
            strcmp(association->dx_gateway, from->dx_gateway) != 0)
            continue;
        draft_interface(draft, from, gateway, false);
        count++;
    }
    return count;
}

static void draft_virtual(struct draft *draft, struct aws_virtual_interface *from)
{
    struct aws_vpn_gateway *gateway =
        (void *)aws_find(draft->aws, AWS_VPN_GATEWAY, from->vpn_gateway);
    const char *why = left_out_for(from);
    size_t count = 0;
    if (!from->is_private) {
        remark_say(draft->remarks, IMPORT_NOT_MODELED, from->is.place, from->is.id,
                   "%s is a virtual interface of the type %.20s", from->is.id, from->type);
        return;
    }
    if (why) {
        remark_say(draft->remarks, IMPORT_WRONG, from->is.place, from->is.id, "%s is left out: %s",
                   from->is.id, why);
        return;
    }
    if (gateway && gateway->is.used) {
        draft_interface(draft, from, gateway, true);
        count = 1;
    } else if (from->dx_gateway) {
        count = draft_associated(draft, from);
    }
    if (count)
        return;
    remark_say(draft->remarks, IMPORT_MISSING, from->is.place, from->is.id,
               "%s ends on %.64s, and no VPN gateway of the export is behind that; it is left out",
               from->is.id,
               from->vpn_gateway  ? from->vpn_gateway
               : from->dx_gateway ? from->dx_gateway
                                  : "nothing that is told");
    remark_depends(draft->remarks, "what its far side announces, and who hears it");
}

void draft_direct(struct draft *draft)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_VIRTUAL_INTERFACE); i++) {
        struct aws_virtual_interface *from = (void *)aws_at(draft->aws, AWS_VIRTUAL_INTERFACE, i);
        if (!from->is.dropped)
            draft_virtual(draft, from);
    }
}
