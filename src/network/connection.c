#include "network/check.h"
#include "network/inside.h"
#include "network/policy.h"

enum { AWS_DPD_TIMEOUT_MIN_US = 30000000 }; /* S2S VPNTunnels.md */
enum { SHARED = 1 };                        /* a spot's note: the gateway's own address */

static const char *called(const char *id)
{
    return id ? id : "another one";
}

static struct prefix host(ip_addr addr)
{
    return prefix_host(addr);
}

/* --- inside addresses --- */

static uint8_t pair_len(ip_addr addr)
{
    return ip_is_six(addr) ? 126 : 30;
}

static bool are_mixed(ip_addr one, ip_addr two)
{
    return one && two && ip_is_six(one) != ip_is_six(two);
}

/* The two hosts of one /30, or /126, in either order. */
static void check_inside(struct checking *checking, const struct network_tunnel *tunnel)
{
    ip_addr vgw = tunnel->inside_vgw, cgw = tunnel->inside_cgw;
    char other[IP_TEXT_BYTES], net[PREFIX_TEXT_BYTES], found[IP_TEXT_BYTES], hint[160];
    uint8_t len = pair_len(vgw);
    if (!vgw || !cgw || network_is_pair(vgw, cgw) || are_mixed(vgw, cgw))
        return;
    bool vgw_is_host = (vgw & 3) == 1 || (vgw & 3) == 2;
    ip_addr right = vgw_is_host ? vgw : cgw, wrong = vgw_is_host ? cgw : vgw;
    struct text writer = text_over(found, sizeof found);
    text_ip(&writer, wrong);
    const void *member = vgw_is_host ? &tunnel->inside_cgw : &tunnel->inside_vgw;
    if ((right & 3) == 0 || (right & 3) == 3) {
        snprintf(hint, sizeof hint, "expected the two hosts of one /%u", len);
        check_say(checking, member, tunnel->place, hint,
                  "neither inside address is a host of a /%u", len);
        return;
    }
    writer = text_over(other, sizeof other);
    text_ip(&writer, right ^ 3);
    writer = text_over(net, sizeof net);
    text_prefix(&writer, prefix_around(right, len));
    snprintf(hint, sizeof hint, "expected %s, the other host of %s", other, net);
    bool near = prefix_around(right, len).addr == prefix_around(wrong, len).addr;
    check_say(checking, member, tunnel->place, hint,
              near ? "inside address %s is not a host of the /%u"
                   : "inside address %s is not in the /%u of its peer",
              found, len);
}

/* Where a family was chosen, the whole attachment is of it; AWS has both on a Direct Connect only,
 * in two sessions. */
static void check_families(struct checking *checking, const ip_addr *one, const ip_addr *two,
                           const struct prefix *range, struct place place)
{
    if (are_mixed(*one, *two))
        check_say(checking, two, place,
                  ip_is_six(*one) ? "expected an IPv6 address" : "expected an IPv4 address",
                  "the inside addresses are of two families");
    else if (ip_is_six(*one) && range->six)
        check_say(checking, range, place, "leave it out",
                  "the inside addresses are IPv6's already");
}

static void check_plain_inside(struct checking *checking, const void *member, struct place place,
                               ip_addr one, ip_addr two)
{
    if (one && one == two)
        check_say(checking, member, place, NULL, "both ends have the same inside address");
}

static void inside_taken(struct checking *checking, const struct spot *earlier,
                         const struct spot *later)
{
    char text[PREFIX_TEXT_BYTES];
    struct text writer = text_over(text, sizeof text);
    if (earlier->note == SHARED && later->note == SHARED)
        return;
    text_prefix(&writer, prefix_around(later->prefix.addr, 30));
    check_say(checking, later->member, later->place, "expected a /30 of its own",
              "the inside range %s is already used by %s (line %u)", text, earlier->owner,
              spots_line(checking, earlier));
}

/* Unique within a gateway (S2S VPNTunnels.md); that two gateways of one customer share a range is
 * something AWS allows. Two addresses that are no /30's have host routes to each other, and there
 * the gateway's own may be the same for many neighbors, as on a network that they share. */
static void add_inside(struct spots *spots, uint32_t gateway, const ip_addr *vgw,
                       const ip_addr *peer, struct place place, const char *owner)
{
    if (!*vgw || !*peer || *vgw == *peer || ip_is_six(*vgw) || ip_is_six(*peer))
        return;
    if (network_is_pair(*vgw, *peer)) {
        spots_add(spots, gateway, prefix_around(*vgw, 30), vgw, place, owner);
        return;
    }
    spots_add(spots, gateway, host(*vgw), vgw, place, owner);
    spots->items[spots->count - 1].note = SHARED;
    spots_add(spots, gateway, host(*peer), peer, place, owner);
}

static void six_taken(struct checking *checking, const struct spot *earlier,
                      const struct spot *later)
{
    char text[PREFIX_TEXT_BYTES];
    struct text writer = text_over(text, sizeof text);
    if (earlier->note == SHARED && later->note == SHARED)
        return;
    text_prefix(&writer, later->prefix);
    check_say(checking, later->member, later->place, "expected a range of its own",
              "the inside range %s overlaps that of %s (line %u)", text, earlier->owner,
              spots_line(checking, earlier));
}

/* Two hosts, besides the subnet-router anycast address (RFC 4291 2.6.1). */
static void add_six(struct checking *checking, struct spots *spots, int32_t gateway,
                    const struct prefix *range, struct place place, const char *owner)
{
    if (!range->six)
        return;
    if (range->len > 126)
        check_say(checking, range, place, "expected a /126 or a shorter prefix",
                  "a /%u has no two hosts", range->len);
    else if (gateway >= 0)
        spots_add(spots, (uint32_t)gateway, *range, range, place, owner);
}

/* Inside addresses of IPv6: the range of two that are a pair, or each for itself. */
static void add_six_pair(struct spots *spots, int32_t gateway, const ip_addr *vgw,
                         const ip_addr *peer, struct place place, const char *owner)
{
    if (gateway < 0 || !ip_is_six(*vgw) || !ip_is_six(*peer) || *vgw == *peer)
        return;
    bool pair = network_is_pair(*vgw, *peer);
    spots_add(spots, (uint32_t)gateway, prefix_around(*vgw, pair ? 126 : 128), vgw, place, owner);
    if (pair)
        return;
    spots->items[spots->count - 1].note = SHARED;
    spots_add(spots, (uint32_t)gateway, host(*peer), peer, place, owner);
}

static void check_six(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots spots = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        for (size_t j = 0; j < connection->tunnel_count; j++) {
            const struct network_tunnel *tunnel = &connection->tunnels[j];
            add_six(checking, &spots, connection->vpn_gateway.index, &tunnel->inside_six,
                    tunnel->place, called(connection->id));
            add_six_pair(&spots, connection->vpn_gateway.index, &tunnel->inside_vgw,
                         &tunnel->inside_cgw, tunnel->place, called(connection->id));
        }
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *dx = &network->direct_connects[i];
        add_six(checking, &spots, dx->vpn_gateway.index, &dx->inside_six, dx->place,
                called(dx->id));
        add_six_pair(&spots, dx->vpn_gateway.index, &dx->inside_vgw, &dx->inside_peer, dx->place,
                     called(dx->id));
        if (dx->session_six)
            add_six_pair(&spots, dx->vpn_gateway.index, &dx->session_six->vgw,
                         &dx->session_six->peer, dx->session_six->place, called(dx->id));
    }
    spots_judge_take(checking, &spots, SPOTS_OVERLAP, six_taken);
}

static void check_inside_ranges(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots spots = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        bool known = connection->vpn_gateway.index >= 0;
        for (size_t j = 0; known && j < connection->tunnel_count; j++) {
            const struct network_tunnel *tunnel = &connection->tunnels[j];
            if (connection->ipsec != NETWORK_IPSEC_NONE &&
                !network_is_pair(tunnel->inside_vgw, tunnel->inside_cgw))
                continue; /* has an error already */
            add_inside(&spots, (uint32_t)connection->vpn_gateway.index, &tunnel->inside_vgw,
                       &tunnel->inside_cgw, tunnel->place, called(connection->id));
        }
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *dx = &network->direct_connects[i];
        if (dx->vpn_gateway.index >= 0)
            add_inside(&spots, (uint32_t)dx->vpn_gateway.index, &dx->inside_vgw, &dx->inside_peer,
                       dx->place, called(dx->id));
    }
    spots_judge_take(checking, &spots, SPOTS_OVERLAP, inside_taken);
}

/* --- IPv6 as AWS has it --- */

/* TunnelInsideIpVersion is the connection's, and its static routes are of that family. */
static void check_version(struct checking *checking, const struct network_connection *connection)
{
    bool six = connection->tunnel_count > 0 && ip_is_six(connection->tunnels[0].inside_vgw);
    for (size_t i = 1; i < connection->tunnel_count; i++) {
        const struct network_tunnel *tunnel = &connection->tunnels[i];
        if (connection->tunnels[0].inside_vgw && tunnel->inside_vgw &&
            ip_is_six(tunnel->inside_vgw) != six)
            check_say(checking, &tunnel->inside_vgw, tunnel->place,
                      six ? "expected IPv6 addresses" : "expected IPv4 addresses",
                      "the inside addresses are of another family than the first tunnel's");
    }
    for (size_t i = 0; six && i < connection->static_route_count; i++) {
        if (!connection->static_routes[i].six)
            check_say(checking, &connection->static_routes[i], connection->place,
                      "expected an IPv6 prefix", "the tunnels are IPv6's, and carry no IPv4");
    }
}

/* AWS takes it from there only (TunnelInsideIpv6Cidr). */
static void check_local(struct checking *checking, const struct network_connection *connection)
{
    const struct network *network = checking->network;
    int32_t gateway = connection->vpn_gateway.index;
    if (gateway < 0 || network->vpn_gateways[gateway].platform != PLATFORM_AWS)
        return;
    for (size_t i = 0; i < connection->tunnel_count; i++) {
        const struct network_tunnel *tunnel = &connection->tunnels[i];
        if (ip_is_six(tunnel->inside_vgw) && tunnel->inside_vgw >> 120 != 0xfd)
            check_say(checking, &tunnel->inside_vgw, tunnel->place, "expected one in fd00::/8",
                      "a gateway of AWS takes no such inside address");
    }
}

static void check_session_six(struct checking *checking, const struct network_direct_connect *dx)
{
    const struct network_session_six *six = dx->session_six;
    if (!six)
        return;
    check_plain_inside(checking, &six->peer, six->place, six->vgw, six->peer);
    if (ip_is_six(dx->inside_vgw))
        check_say(checking, &dx->session_six, six->place, "leave it out, or give IPv4 in `inside`",
                  "the session of `inside` is over IPv6 already");
    else if (dx->inside_six.six)
        check_say(checking, &dx->inside_six, dx->place, "leave out this or ipv6_session",
                  "IPv6's routes have a session of their own");
}

/* --- outside addresses --- */

/* note: the gateway. */
static void outside_taken(struct checking *checking, const struct spot *earlier,
                          const struct spot *later)
{
    if (earlier->note == later->note)
        check_say(checking, later->member, later->place, NULL,
                  "the outside address already leads to the same customer address, on %s (line %u)",
                  earlier->owner, spots_line(checking, earlier));
}

static void outside_of_other(struct checking *checking, const struct spot *earlier,
                             const struct spot *later)
{
    if (earlier->note != later->note)
        check_say(checking, later->member, later->place, NULL,
                  "the outside address belongs to another gateway's %s (line %u)", earlier->owner,
                  spots_line(checking, earlier));
}

static void add_outside(struct spots *spots, ip_addr group, const struct network_tunnel *tunnel,
                        const struct network_connection *connection)
{
    spots_add(spots, group, host(tunnel->outside), &tunnel->outside, tunnel->place,
              called(connection->id));
    spots->items[spots->count - 1].note = connection->vpn_gateway.index;
}

/* A gateway may use one outside address towards several customers, for it is told apart by theirs;
 * two gateways may not. */
static void check_outside(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots pairs = {0}, owners = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        int32_t customer = connection->customer_gateway.index;
        ip_addr far = customer < 0 ? 0 : network->customer_gateways[customer].address;
        for (size_t j = 0; connection->vpn_gateway.index >= 0 && j < connection->tunnel_count;
             j++) {
            const struct network_tunnel *tunnel = &connection->tunnels[j];
            if (!tunnel->outside)
                continue;
            add_outside(&owners, 0, tunnel, connection);
            if (far)
                add_outside(&pairs, far, tunnel, connection);
            if (far == tunnel->outside)
                check_say(checking, &tunnel->outside, tunnel->place, NULL,
                          "the outside address is the customer gateway's own");
        }
    }
    spots_judge_take(checking, &owners, SPOTS_EQUAL, outside_of_other);
    spots_judge_take(checking, &pairs, SPOTS_EQUAL, outside_taken);
}

/* --- options --- */

static void check_options(struct checking *checking, const struct network_connection *connection)
{
    const struct network *network = checking->network;
    int32_t gateway = connection->vpn_gateway.index, customer = connection->customer_gateway.index;
    bool aws = gateway >= 0 && network->vpn_gateways[gateway].platform == PLATFORM_AWS;
    const struct network_dpd *dpd = &connection->dpd;
    if (aws && connection->guard != NETWORK_GUARD_UNSAID)
        check_say(checking, &connection->guard, connection->place,
                  "leave guard out, or say platform: sekisho at the gateway",
                  "%s is a gateway of AWS and has no guard", connection->vpn_gateway.id);
    if (aws && dpd->delay_us + dpd->retries * dpd->interval_us < AWS_DPD_TIMEOUT_MIN_US)
        check_say(checking, &dpd->delay_us, dpd->place.line ? dpd->place : connection->place,
                  "expected delay + retries x interval of 30s or more",
                  "a gateway of AWS cannot give up a peer so soon");
    if (connection->startup != NETWORK_STARTUP_START)
        return;
    if (connection->ike == 1)
        check_say(checking, &connection->startup, connection->place, "expected ike: 2",
                  "a gateway starts IKE itself in version 2 only");
    if (customer >= 0 && !network->customer_gateways[customer].address)
        check_say(checking, &connection->startup, connection->place,
                  "give the customer gateway an address",
                  "nobody knows where to start IKE towards: %s has no address",
                  connection->customer_gateway.id);
}

static void static_twice(struct checking *checking, const struct spot *earlier,
                         const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL, "%s already has this route (line %u)",
              earlier->owner, spots_line(checking, earlier));
}

void check_connections(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots statics = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        check_options(checking, connection);
        check_version(checking, connection);
        check_local(checking, connection);
        for (size_t j = 0; j < connection->tunnel_count; j++) {
            const struct network_tunnel *tunnel = &connection->tunnels[j];
            if (connection->ipsec == NETWORK_IPSEC_NONE)
                check_plain_inside(checking, &tunnel->inside_cgw, tunnel->place, tunnel->inside_vgw,
                                   tunnel->inside_cgw);
            else
                check_inside(checking, tunnel);
            check_families(checking, &tunnel->inside_vgw, &tunnel->inside_cgw, &tunnel->inside_six,
                           tunnel->place);
        }
        for (size_t j = 0; j < connection->static_route_count; j++)
            spots_add(&statics, (uint32_t)i, connection->static_routes[j],
                      &connection->static_routes[j], connection->place, called(connection->id));
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *dx = &network->direct_connects[i];
        check_plain_inside(checking, &dx->inside_peer, dx->place, dx->inside_vgw, dx->inside_peer);
        check_families(checking, &dx->inside_vgw, &dx->inside_peer, &dx->inside_six, dx->place);
        check_session_six(checking, dx);
    }
    spots_judge_take(checking, &statics, SPOTS_EQUAL, static_twice);
    check_inside_ranges(checking);
    check_six(checking);
    check_outside(checking);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

const struct choice guard_choices[] = {
    {"hold", NETWORK_GUARD_HOLD}, {"warn", NETWORK_GUARD_WARN}, {"carve", NETWORK_GUARD_CARVE},
    {"refuse", NETWORK_GUARD_REFUSE}, {0}};
static const struct choice startups[] = {
    {"add", NETWORK_STARTUP_ADD}, {"start", NETWORK_STARTUP_START}, {0}};
static const struct choice ipsec_choices[] = {
    {"required", NETWORK_IPSEC_REQUIRED}, {"none", NETWORK_IPSEC_NONE}, {0}};

static const struct field connection_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_connection, id), .required = true,
     .sentence = "Its name."},
    {.key = "vpn_gateway", .type = FIELD_REF, AT(network_connection, vpn_gateway),
     .required = true, .kinds = KIND(VPN_GATEWAY), .sentence = "The gateway that it hangs on."},
    {.key = "customer_gateway", .type = FIELD_REF, AT(network_connection, customer_gateway),
     .required = true, .kinds = KIND(CUSTOMER_GATEWAY), .sentence = "The far end."},
    {.key = "guard", .type = FIELD_CHOICE, AT(network_connection, guard),
     .choices = guard_choices, .open = "hold; a gateway of AWS has none",
     .sentence = "What the gateway does with a prefix that covers the tunnels' own outside "
                 "addresses: not announce it (hold), announce and report it (warn), announce what "
                 "is left around the addresses (carve; a default, or more than 16 pieces: hold). "
                 "refuse holds it back, too; a file has nobody to refuse."},
    {.key = "tunnels", .type = FIELD_STRUCT, LIST(network_connection, tunnels, tunnel_count),
     .required = true, .least = 1, .most = 2, .of = &schema_tunnel, .sentence = "One or two."},
    {.key = "static_routes", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_connection, static_routes, static_route_count), .open = "BGP is spoken",
     .sentence = "Makes it a static VPN: no BGP, these prefixes lie behind it."},
    {.key = "bgp", .type = FIELD_STRUCT, AT(network_connection, bgp), .of = &schema_vpn_session,
     .sentence = "Its BGP sessions: timers, security."},
    {.key = "dpd", .type = FIELD_STRUCT, AT(network_connection, dpd), .of = &schema_dpd,
     .sentence = "Dead-peer detection of both ends."},
    {.key = "ike", .type = FIELD_NUMBER, AT(network_connection, ike), .min = 1, .max = 2,
     .initial = "2", .sentence = "Version of IKE."},
    {.key = "startup", .type = FIELD_CHOICE, AT(network_connection, startup),
     .choices = startups, .initial = "add",
     .sentence = "Whether the gateway waits for the customer's IKE (add) or begins (start)."},
    {.key = "options", .type = FIELD_OPTIONAL, AT(network_connection, options),
     .of = &schema_ipsec_options, .open = "AWS's",
     .sentence = "What IKE may agree on, of both tunnels."},
    {.key = "ipsec", .type = FIELD_CHOICE, AT(network_connection, ipsec),
     .choices = ipsec_choices, .initial = "required",
     .sentence = "none: plain BGP neighbors, for tests and benchmarks."},
    {.key = "import", .type = FIELD_STRUCT,
     LIST(network_connection, import.rules, import.rule_count), .of = &schema_rule,
     .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What the gateway accepts from here."},
    {.key = "export", .type = FIELD_STRUCT,
     LIST(network_connection, export.rules, export.rule_count), .of = &schema_rule,
     .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What the gateway announces here."},
    {.key = "may_announce", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_connection, may_announce, may_announce_count), .open = "anything",
     .sentence = "Ranges that the far end promises to keep to: `check` tells what else it "
                 "announces. The gateway does not enforce it; `accept` and `import` do."},
    {.key = "internet_exit", .type = FIELD_BOOL, AT(network_connection, internet_exit),
     .initial = "false", .sentence = "Whether a default route from here is meant."},
    {.key = "limits", .type = FIELD_STRUCT, AT(network_connection, limits),
     .of = &schema_limits, .sentence = "How many of what, other than at the gateway's others."},
    POLICY_FIELDS(network_connection, policy, "the gateway"),
};
const struct schema schema_connection = {
    .noun = "a VPN connection", .title = "VPN connections",
    .size = sizeof(struct network_connection), .kind = NETWORK_VPN_CONNECTION,
    FIELDS(connection_fields),
};

/* clang-format on */
