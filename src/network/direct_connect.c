#include "network/policy.h"

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct field dx_inside_fields[] = {
    {.key = "vgw", .type = FIELD_ADDRESS, .six = FIELD_EITHER,
     AT(network_direct_connect, inside_vgw), .required = true,
     .sentence = "The VPN gateway's."},
    {.key = "peer", .type = FIELD_ADDRESS, .six = FIELD_EITHER,
     AT(network_direct_connect, inside_peer), .required = true, .sentence = "The router's."},
};
const struct schema schema_dx_inside = {
    .noun = "inside addresses", .title = "Inside addresses of a Direct Connect",
    .size = sizeof(struct network_direct_connect), .inlined = true, FIELDS(dx_inside_fields),
};

static const struct field session_six_fields[] = {
    {.key = "vgw", .type = FIELD_ADDRESS, .six = FIELD_SIX, AT(network_session_six, vgw),
     .required = true, .sentence = "The VPN gateway's address."},
    {.key = "peer", .type = FIELD_ADDRESS, .six = FIELD_SIX, AT(network_session_six, peer),
     .required = true, .sentence = "The router's."},
    {.key = "md5_file", .type = FIELD_PATH, AT(network_session_six, md5_file),
     .open = "that of bgp",
     .sentence = "File that holds the key of this session's MD5 signatures (RFC 2385)."},
};
const struct schema schema_session_six = {
    .noun = "a second session", .title = "Second sessions of Direct Connects",
    .text = "A second BGP peer, as AWS has one for each family: it exchanges IPv6's routes, the "
            "other one IPv4's, and each has the limit of routes for itself. It is called by the "
            "virtual interface, `dxvif-1/ipv6`.",
    .size = sizeof(struct network_session_six), FIELDS(session_six_fields),
};

static const struct field direct_connect_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_direct_connect, id), .required = true,
     .sentence = "Its name."},
    {.key = "vpn_gateway", .type = FIELD_REF, AT(network_direct_connect, vpn_gateway),
     .required = true, .kinds = KIND(VPN_GATEWAY), .sentence = "The gateway that it hangs on."},
    {.key = "router", .type = FIELD_REF, AT(network_direct_connect, router), .required = true,
     .kinds = KIND(ROUTER), .sentence = "The far side; its platform may well be unknown."},
    {.key = "vlan", .type = FIELD_NUMBER, AT(network_direct_connect, vlan), .min = 1, .max = 4094,
     .open = "untagged", .sentence = "802.1Q tag."},
    {.key = "interface", .type = FIELD_DEVICE, AT(network_direct_connect, interface),
     .open = "one that is called like it, and that has the tag off already",
     .sentence = "The device of the machine where it arrives, which `sekishod` takes; what carries "
                 "a `vlan` stays where it is, and the VLAN is made upon it."},
    {.key = "inside", .type = FIELD_INLINE, AT(network_direct_connect, inside_vgw),
     .required = true, .of = &schema_dx_inside,
     .sentence = "The BGP neighbors' addresses; of IPv6: the session is over it, and exchanges "
                 "IPv6's routes alone."},
    {.key = "inside_ipv6", .type = FIELD_PREFIX, .six = FIELD_SIX,
     AT(network_direct_connect, inside_six), .open = "no IPv6 on it",
     .sentence = "A range of IPv6, at most a /126: the gateway has its first host, the router its "
                 "second, and BGP exchanges IPv6's routes, too, over IPv4."},
    {.key = "ipv6_session", .type = FIELD_OPTIONAL, AT(network_direct_connect, session_six),
     .of = &schema_session_six, .open = "none",
     .sentence = "A session of its own for IPv6's routes, over IPv6, beside that over IPv4."},
    {.key = "bgp", .type = FIELD_STRUCT, AT(network_direct_connect, bgp), .of = &schema_dx_session,
     .sentence = "Its BGP sessions: timers, security."},
    {.key = "import", .type = FIELD_STRUCT,
     LIST(network_direct_connect, import.rules, import.rule_count), .of = &schema_rule,
     .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What the gateway accepts from here."},
    {.key = "export", .type = FIELD_STRUCT,
     LIST(network_direct_connect, export.rules, export.rule_count), .of = &schema_rule,
     .most = NETWORK_RULES_MAX,
     .open = "everything passes", .sentence = "What the gateway announces here."},
    {.key = "may_announce", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_direct_connect, may_announce, may_announce_count), .open = "anything",
     .sentence = "Ranges that the far side promises to keep to: `check` tells what else it "
                 "announces. The gateway does not enforce it; `accept` and `import` do."},
    {.key = "internet_exit", .type = FIELD_BOOL, AT(network_direct_connect, internet_exit),
     .initial = "false", .sentence = "Whether a default route from here is meant."},
    {.key = "limits", .type = FIELD_STRUCT, AT(network_direct_connect, limits),
     .of = &schema_limits, .sentence = "How many of what, other than at the gateway's others."},
    POLICY_FIELDS(network_direct_connect, policy, "the gateway"),
};
const struct schema schema_direct_connect = {
    .noun = "a Direct Connect", .title = "Direct Connects",
    .text = "Private virtual interfaces, each a BGP neighbor of the gateway.",
    .size = sizeof(struct network_direct_connect), .kind = NETWORK_DIRECT_CONNECT,
    FIELDS(direct_connect_fields),
};

/* clang-format on */
