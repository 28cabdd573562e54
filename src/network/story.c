#include "network/story.h"

#include "network/check.h"
#include "network/policy.h"
#include "network/scalar.h"

static void check_times(struct checking *checking)
{
    const struct network *network = checking->network;
    const struct network_step *latest = NULL;
    char at[SCALAR_TEXT_BYTES], before[SCALAR_TEXT_BYTES];
    for (size_t i = 0; i < network->step_count; i++) {
        const struct network_step *step = &network->story[i];
        if (step->at_us < 0)
            continue;
        if (latest && step->at_us < latest->at_us) {
            scalar_duration(step->at_us, at, sizeof at);
            scalar_duration(latest->at_us, before, sizeof before);
            check_say(checking, &step->at_us, step->place, "expected steps in the order of time",
                      "time runs backwards: %s after %s (line %u)", at, before, latest->place.line);
        } else {
            latest = step;
        }
    }
    if (latest && network->until_us >= 0 && network->until_us < latest->at_us) {
        scalar_duration(latest->at_us, before, sizeof before);
        check_say(checking, &network->until_us, network->place,
                  "expected a time behind the last step",
                  "the story ends before its step at %s (line %u)", before, latest->place.line);
    }
}

static const struct network_router *router_of(const struct network *network,
                                              const struct network_ref *ref)
{
    bool is_router = ref->kind == NETWORK_ROUTER && ref->index >= 0;
    return is_router ? &network->routers[ref->index] : NULL;
}

/* A name stands for an end of either family. */
static void check_wanted(struct checking *checking, const void *object)
{
    const struct network_wanted *wanted = object;
    bool numbered = wanted->from.kind == NETWORK_ADDRESS && wanted->to.kind == NETWORK_ADDRESS;
    if (numbered && ip_is_six(wanted->from.address) != ip_is_six(wanted->to.address))
        check_say(checking, &wanted->to, wanted->to.place, "expected two addresses of one family",
                  "no packet goes from an address of one family to one of the other");
}

static void check_speaks_bgp(struct checking *checking, const struct network_step *step)
{
    const struct network_router *router = router_of(checking->network, &step->object);
    bool filters =
        step->change.import.rules || step->change.export.rules || network_change_edits(step);
    bool needs = step->verb == NETWORK_STEP_ANNOUNCE || step->verb == NETWORK_STEP_WITHDRAW ||
                 (step->verb == NETWORK_STEP_CONFIGURE && filters);
    if (needs && router && !router->bgp)
        check_say(checking, &step->object, step->object.place, "give the router bgp with an asn",
                  "%s speaks no BGP", step->object.id);
}

static void check_towards(struct checking *checking, const struct network_step *step)
{
    if (step->change.neighbor && !network_change_edits(step))
        check_say(checking, &step->change.neighbor, step->place,
                  "expected accept, on_import or on_export", "nothing changes towards it");
}

static void check_guarded(struct checking *checking, const struct network_step *step)
{
    const struct network *network = checking->network;
    if (step->change.guard == NETWORK_GUARD_UNSAID || step->about != NETWORK_ABOUT_CONNECTION ||
        step->object.index < 0)
        return;
    int32_t gateway = network->vpn_connections[step->object.index].vpn_gateway.index;
    if (gateway >= 0 && network->vpn_gateways[gateway].platform == PLATFORM_AWS)
        check_say(checking, &step->change.guard, step->place, "leave guard out",
                  "%s is a gateway of AWS and has no guard", network->vpn_gateways[gateway].id);
}

static void check_session(struct checking *checking, const struct network_step *step)
{
    const struct network *network = checking->network;
    if (step->about != NETWORK_ABOUT_SESSION || step->object.index < 0)
        return;
    const struct network_connection *of = &network->vpn_connections[step->object.index];
    int32_t gateway = of->customer_gateway.index;
    const struct network_router *customer =
        gateway < 0 ? NULL : router_of(network, &network->customer_gateways[gateway].router);
    if (of->static_routes)
        check_say(checking, &step->object, step->object.place, "expected a tunnel with BGP",
                  "%s is static and has no session", of->id);
    else if (customer && !customer->bgp)
        check_say(checking, &step->object, step->object.place, "give the router bgp with an asn",
                  "%s has no session: %s speaks no BGP", of->id, customer->id);
}

void check_story(struct checking *checking)
{
    const struct network *network = checking->network;
    check_times(checking);
    for (size_t i = 0; i < network->step_count; i++) {
        check_speaks_bgp(checking, &network->story[i]);
        check_towards(checking, &network->story[i]);
        check_guarded(checking, &network->story[i]);
        check_session(checking, &network->story[i]);
        check_step_policy(checking, &network->story[i]);
    }
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

#define ABOUT(name, tag_name, allowed, said)                                                       \
    {.key = name, .type = FIELD_REF, AT(network_step, object), .tag = NETWORK_ABOUT_##tag_name,    \
     .kinds = allowed, .sentence = said}
#define ONLY(tag_name) (1u << NETWORK_ABOUT_##tag_name)
#define SPEAKERS (ONLY(CONNECTION) | ONLY(DIRECT_CONNECT) | ONLY(ROUTER))
#define INLINED                                                                                    \
    .size = sizeof(struct network_step), .inlined = true, .tagged = true,                          \
    .tag_offset = offsetof(struct network_step, about)

static const struct field announce_fields[] = {
    {.key = "router", .type = FIELD_REF, AT(network_step, object), .required = true,
     .kinds = KIND(ROUTER), .sentence = "Who announces."},
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     AT(network_step, announcement.prefix),
     .required = true, .sentence = "What."},
    {.key = "as_path", .type = FIELD_PATH_ASN,
     LIST(network_step, announcement.as_path, announcement.as_path_count), .most = 255,
     .open = "the router originates it", .sentence = "The path behind the router's own AS."},
    {.key = "med", .type = FIELD_NUMBER, AT(network_step, announcement.med), .max = UINT32_MAX,
     .open = "none", .sentence = "MULTI_EXIT_DISC."},
    {.key = "communities", .type = FIELD_COMMUNITY,
     LIST(network_step, announcement.communities, announcement.community_count), .most = 255,
     .open = "none", .sentence = "Communities, such as 7224:7300."},
};
static const struct schema schema_announce = {
    .noun = "announce", .title = "announce",
    .text = "The router begins to announce the prefix to its neighbors.",
    .size = sizeof(struct network_step), .inlined = true, FIELDS(announce_fields),
};

static const struct field withdraw_fields[] = {
    {.key = "router", .type = FIELD_REF, AT(network_step, object), .required = true,
     .kinds = KIND(ROUTER), .sentence = "Who withdraws."},
    {.key = "prefix", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     AT(network_step, announcement.prefix),
     .required = true, .sentence = "What."},
};
static const struct schema schema_withdraw = {
    .noun = "withdraw", .title = "withdraw",
    .text = "The router stops announcing the prefix, wherever it came from.",
    .size = sizeof(struct network_step), .inlined = true, FIELDS(withdraw_fields),
};

static const struct field fail_fields[] = {
    ABOUT("router", ROUTER, KIND(ROUTER), "The router is dead: nothing passes, nothing answers."),
    ABOUT("tunnel", TUNNEL, KIND(TUNNEL), "No packet of this tunnel arrives, vpn-main/1 say."),
    ABOUT("vpn_connection", CONNECTION, KIND(VPN_CONNECTION), "Nor of any of its tunnels."),
    ABOUT("direct_connect", DIRECT_CONNECT, KIND(DIRECT_CONNECT), "The line is cut."),
    ABOUT("vpn_gateway", GATEWAY, KIND(VPN_GATEWAY), "The gateway is dead."),
    ABOUT("link", LINK, KIND(ROUTER) | KIND(INSTANCE) | KIND(VPN_GATEWAY),
          "Only the way of this router, instance or gateway to the internet is cut."),
    ABOUT("session", SESSION, KIND(TUNNEL),
          "No message of this tunnel's BGP session arrives; all else in it does."),
};
static const struct schema schema_fail = {
    .noun = "fail", .title = "fail", .text = "Something stops working; restore mends it.",
    INLINED, FIELDS(fail_fields),
};

static const struct field restore_fields[] = {
    ABOUT("router", ROUTER, KIND(ROUTER), "The router boots."),
    ABOUT("tunnel", TUNNEL, KIND(TUNNEL), "Its packets arrive again."),
    ABOUT("vpn_connection", CONNECTION, KIND(VPN_CONNECTION), "Its packets arrive again."),
    ABOUT("direct_connect", DIRECT_CONNECT, KIND(DIRECT_CONNECT), "The line is whole."),
    ABOUT("vpn_gateway", GATEWAY, KIND(VPN_GATEWAY), "The gateway boots."),
    ABOUT("link", LINK, KIND(ROUTER) | KIND(INSTANCE) | KIND(VPN_GATEWAY),
          "The way to the internet is whole."),
    ABOUT("session", SESSION, KIND(TUNNEL), "Its messages arrive again."),
};
static const struct schema schema_restore = {
    .noun = "restore", .title = "restore", .text = "What failed works again.",
    INLINED, FIELDS(restore_fields),
};

static const struct field restart_fields[] = {
    ABOUT("router", ROUTER, KIND(ROUTER), "All its daemons begin anew; the tunnels are cut."),
    ABOUT("tunnel", TUNNEL, KIND(TUNNEL), "The customer takes it down and brings it up."),
    ABOUT("vpn_connection", CONNECTION, KIND(VPN_CONNECTION), "The same with all its tunnels."),
    ABOUT("direct_connect", DIRECT_CONNECT, KIND(DIRECT_CONNECT), "Its BGP session is reset."),
    ABOUT("session", SESSION, KIND(TUNNEL),
          "This tunnel's BGP session is reset at the customer's end; the tunnel stays."),
    ABOUT("vpn_gateway", GATEWAY, KIND(VPN_GATEWAY), "All its daemons begin anew."),
};
static const struct schema schema_restart = {
    .noun = "restart", .title = "restart", .text = "What used to help.",
    INLINED, FIELDS(restart_fields),
};

static const struct field replace_fields[] = {
    {.key = "router", .type = FIELD_REF, AT(network_step, object), .required = true,
     .kinds = KIND(ROUTER), .sentence = "Which."},
};
static const struct schema schema_replace = {
    .noun = "replace", .title = "replace",
    .text = "A new instance with the same configuration takes the router's place and addresses.",
    .size = sizeof(struct network_step), .inlined = true, FIELDS(replace_fields),
};

static const struct field configure_fields[] = {
    ABOUT("router", ROUTER, KIND(ROUTER), "Whose configuration changes."),
    ABOUT("vpn_connection", CONNECTION, KIND(VPN_CONNECTION), "The gateway's side of it."),
    ABOUT("direct_connect", DIRECT_CONNECT, KIND(DIRECT_CONNECT), "The gateway's side of it."),
    ABOUT("route_table", ROUTE_TABLE, KIND(ROUTE_TABLE), "A VPC's."),
    {.key = "add_routes", .type = FIELD_STRUCT,
     LIST(network_step, change.add_routes, change.add_route_count), .only = ONLY(ROUTER),
     .of = &schema_route, .open = "none", .sentence = "Routes that are added."},
    {.key = "add_routes", .type = FIELD_STRUCT,
     LIST(network_step, change.add_targets, change.add_target_count), .only = ONLY(ROUTE_TABLE),
     .of = &schema_vpc_route, .open = "none", .sentence = "Routes that are added."},
    {.key = "remove_routes", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_step, change.remove_routes, change.remove_route_count),
     .only = ONLY(ROUTER) | ONLY(ROUTE_TABLE), .open = "none",
     .sentence = "Prefixes whose configured routes are deleted."},
    {.key = "import", .type = FIELD_STRUCT,
     LIST(network_step, change.import.rules, change.import.rule_count),
     .only = ONLY(CONNECTION) | ONLY(DIRECT_CONNECT), .of = &schema_rule, .most = NETWORK_RULES_MAX,
     .open = "as it was",
     .sentence = "The new filter; [] lets everything pass."},
    {.key = "export", .type = FIELD_STRUCT,
     LIST(network_step, change.export.rules, change.export.rule_count),
     .only = ONLY(CONNECTION) | ONLY(DIRECT_CONNECT), .of = &schema_rule, .most = NETWORK_RULES_MAX,
     .open = "as it was",
     .sentence = "The new filter; [] lets everything pass."},
    {.key = "accept", .type = FIELD_STRUCT,
     LIST(network_step, change.accept, change.accept_count), .only = SPEAKERS,
     .of = &schema_accepted, .most = NETWORK_RULES_MAX, .open = "as it was",
     .sentence = "The new allow-list; [] accepts nothing."},
    {.key = "on_import", .type = FIELD_OPTIONAL, AT(network_step, change.on_import),
     .only = SPEAKERS, .of = &schema_import_edit,
     .open = "as it was", .sentence = "What is changed on import from now on; {}: nothing."},
    {.key = "on_export", .type = FIELD_OPTIONAL, AT(network_step, change.on_export),
     .only = SPEAKERS, .of = &schema_export_edit,
     .open = "as it was", .sentence = "What is changed on export from now on; {}: nothing."},
    {.key = "neighbor", .type = FIELD_ADDRESS, .six = FIELD_EITHER,
     AT(network_step, change.neighbor), .only = ONLY(ROUTER), .open = "all of them",
     .sentence = "Towards whom accept, on_import and on_export are new; filters name theirs."},
    {.key = "import", .type = FIELD_STRUCT,
     LIST(network_step, change.import.rules, change.import.rule_count), .only = ONLY(ROUTER),
     .of = &schema_router_rule, .most = NETWORK_RULES_MAX, .open = "as it was",
     .sentence = "The new filter; [] lets everything pass."},
    {.key = "export", .type = FIELD_STRUCT,
     LIST(network_step, change.export.rules, change.export.rule_count), .only = ONLY(ROUTER),
     .of = &schema_router_rule, .most = NETWORK_RULES_MAX, .open = "as it was",
     .sentence = "The new filter; [] lets everything pass."},
    {.key = "guard", .type = FIELD_CHOICE, AT(network_step, change.guard),
     .only = ONLY(CONNECTION), .choices = guard_choices, .open = "as it was",
     .sentence = "The new policy of the gateway's guard."},
};
static const struct schema schema_configure = {
    .noun = "configure", .title = "configure",
    .text = "A configuration changes; what is not named stays.",
    INLINED, FIELDS(configure_fields), .least_members = 2,
};

static const struct field step_fields[] = {
    {.key = "at", .type = FIELD_DURATION, AT(network_step, at_us), .required = true,
     .sentence = "When, counted from the start; no earlier than the step before."},
    {.key = "announce", .type = FIELD_INLINE, AT(network_step, announcement),
     .tag = NETWORK_STEP_ANNOUNCE, .of = &schema_announce,
     .sentence = "A router begins to announce a prefix."},
    {.key = "withdraw", .type = FIELD_INLINE, AT(network_step, announcement),
     .tag = NETWORK_STEP_WITHDRAW, .of = &schema_withdraw,
     .sentence = "A router stops announcing a prefix."},
    {.key = "fail", .type = FIELD_INLINE, AT(network_step, object), .tag = NETWORK_STEP_FAIL,
     .of = &schema_fail, .sentence = "Something stops working."},
    {.key = "restore", .type = FIELD_INLINE, AT(network_step, object),
     .tag = NETWORK_STEP_RESTORE, .of = &schema_restore, .sentence = "It works again."},
    {.key = "restart", .type = FIELD_INLINE, AT(network_step, object),
     .tag = NETWORK_STEP_RESTART, .of = &schema_restart, .sentence = "Something begins anew."},
    {.key = "replace", .type = FIELD_INLINE, AT(network_step, object),
     .tag = NETWORK_STEP_REPLACE, .of = &schema_replace,
     .sentence = "A new instance with the same configuration."},
    {.key = "configure", .type = FIELD_INLINE, AT(network_step, change),
     .tag = NETWORK_STEP_CONFIGURE, .of = &schema_configure, .sentence = "Something changes."},
};
const struct schema schema_step = {
    .noun = "a step of the story", .title = "Story",
    .text = "What happens, in the order of time. Each step has a time and one verb.",
    .size = sizeof(struct network_step), .tagged = true,
    .tag_offset = offsetof(struct network_step, verb), FIELDS(step_fields),
};

static const struct field wanted_fields[] = {
    {.key = "from", .type = FIELD_REF, AT(network_wanted, from), .required = true,
     .six = FIELD_EITHER, .kinds = KIND(INSTANCE) | KIND(ROUTER) | KIND(ADDRESS),
     .sentence = "An instance, a router, or an address behind one."},
    {.key = "to", .type = FIELD_REF, AT(network_wanted, to), .required = true,
     .six = FIELD_EITHER, .kinds = KIND(INSTANCE) | KIND(ROUTER) | KIND(ADDRESS),
     .sentence = "An instance, a router, or an address."},
};
const struct schema schema_wanted = {
    .noun = "wanted reachability", .title = "Wanted reachability",
    .text = "Packets and their answers that must get through; no remedy may lose them.",
    .size = sizeof(struct network_wanted), .check = check_wanted, FIELDS(wanted_fields),
};

/* clang-format on */
