#include "network/policy.h"

#include "network/check.h"

bool network_change_edits(const struct network_step *step)
{
    return step->change.accept || step->change.on_import || step->change.on_export;
}

bool network_policy_says(const struct network_policy *policy)
{
    return policy->accept || policy->refuse_default || policy->on_import || policy->on_export;
}

struct route_edit network_route_edit(const struct network_edit *edit, bool export)
{
    struct route_edit made = {0};
    if (!edit)
        return made;
    made.has_local_pref = !export && edit->local_preference >= 0;
    made.local_pref = made.has_local_pref ? (uint32_t)edit->local_preference : 0;
    made.has_med = export && edit->med >= 0;
    made.med = made.has_med ? (uint32_t)edit->med : 0;
    made.prepend = export ? (uint8_t)edit->prepend : 0;
    made.drop_communities = !edit->keep_communities;
    for (size_t i = 0; i < edit->add_count; i++)
        made.add[made.add_count++] = edit->add[i];
    for (size_t i = 0; i < edit->remove_count; i++)
        made.remove[made.remove_count++] = edit->remove[i];
    return made;
}

const struct network_neighbor *network_policy_towards(const struct network_bgp *bgp,
                                                      ip_addr neighbor)
{
    for (size_t i = 0; bgp && i < bgp->neighbor_count; i++)
        if (bgp->neighbors[i].address == neighbor)
            return &bgp->neighbors[i];
    return NULL;
}

static void check_edit(struct checking *checking, const void *object)
{
    const struct network_edit *edit = object;
    for (size_t i = 0; i < edit->add_count; i++)
        for (size_t k = 0; k < edit->remove_count; k++)
            if (edit->add[i] == edit->remove[k])
                check_say(checking, &edit->remove[k], edit->place, "expected it in one of the two",
                          "%u:%u is added and removed", edit->add[i] >> 16, edit->add[i] & 0xffff);
}

/* -- who may have one -- */

struct said {
    const char *key;
    const void *member;
};

/* What of it is written. */
static size_t all_said(const struct network_policy *policy, struct said ret_said[4])
{
    size_t count = 0;
    if (policy->accept)
        ret_said[count++] = (struct said){"accept", &policy->accept};
    if (policy->refuse_default)
        ret_said[count++] = (struct said){"refuse_default", &policy->refuse_default};
    if (policy->on_import)
        ret_said[count++] = (struct said){"on_import", &policy->on_import};
    if (policy->on_export)
        ret_said[count++] = (struct said){"on_export", &policy->on_export};
    return count;
}

static void check_attachment(struct checking *checking, const struct network_policy *policy,
                             struct place place, const struct network_ref *gateway)
{
    const struct network *network = checking->network;
    struct said said[4];
    size_t count = all_said(policy, said);
    if (gateway->index < 0 || network->vpn_gateways[gateway->index].platform != PLATFORM_AWS)
        return;
    for (size_t i = 0; i < count; i++)
        check_say(checking, said[i].member, place,
                  "leave it out, or say platform: sekisho at the gateway",
                  "%s is a gateway of AWS and has no %s", gateway->id, said[i].key);
}

static void check_static(struct checking *checking, const struct network_connection *connection)
{
    struct said said[4];
    size_t count = connection->static_routes ? all_said(&connection->policy, said) : 0;
    for (size_t i = 0; i < count; i++)
        check_say(checking, said[i].member, connection->place, "leave out this or static_routes",
                  "a static VPN speaks no BGP that %s could change", said[i].key);
}

static void neighbor_twice(struct checking *checking, const struct spot *earlier,
                           const struct spot *later)
{
    check_say(checking, later->member, later->place, NULL,
              "%s already has a policy towards this neighbor (line %u)", earlier->owner,
              spots_line(checking, earlier));
}

void check_policies(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots neighbors = {0};
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        const struct network_connection *connection = &network->vpn_connections[i];
        check_attachment(checking, &connection->policy, connection->place,
                         &connection->vpn_gateway);
        check_static(checking, connection);
    }
    for (size_t i = 0; i < network->direct_connect_count; i++) {
        const struct network_direct_connect *dx = &network->direct_connects[i];
        check_attachment(checking, &dx->policy, dx->place, &dx->vpn_gateway);
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_bgp *bgp = network->routers[i].bgp;
        for (size_t k = 0; bgp && k < bgp->neighbor_count; k++) {
            const struct network_neighbor *neighbor = &bgp->neighbors[k];
            spots_add(&neighbors, (uint32_t)i, prefix_host(neighbor->address), &neighbor->address,
                      neighbor->place, network->routers[i].id ? network->routers[i].id : "it");
        }
    }
    spots_judge_take(checking, &neighbors, SPOTS_EQUAL, neighbor_twice);
}

/* A configure step's. */
void check_step_policy(struct checking *checking, const struct network_step *step)
{
    const struct network *network = checking->network;
    if (!network_change_edits(step) || step->object.index < 0 ||
        (step->about != NETWORK_ABOUT_CONNECTION && step->about != NETWORK_ABOUT_DIRECT_CONNECT))
        return;
    const struct network_change *change = &step->change;
    struct said said = change->on_import ? (struct said){"on_import", &change->on_import}
                       : change->accept  ? (struct said){"accept", &change->accept}
                                         : (struct said){"on_export", &change->on_export};
    if (step->about == NETWORK_ABOUT_CONNECTION &&
        network->vpn_connections[step->object.index].static_routes)
        check_say(checking, said.member, step->place, "leave it out",
                  "a static VPN speaks no BGP that %s could change", said.key);
    int32_t gateway = step->about == NETWORK_ABOUT_CONNECTION
                          ? network->vpn_connections[step->object.index].vpn_gateway.index
                          : network->direct_connects[step->object.index].vpn_gateway.index;
    if (gateway >= 0 && network->vpn_gateways[gateway].platform == PLATFORM_AWS)
        check_say(checking, said.member, step->place, "leave it out",
                  "%s is a gateway of AWS and has no %s", network->vpn_gateways[gateway].id,
                  said.key);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

#define COMMUNITY_FIELDS                                                                           \
    {.key = "add_communities", .type = FIELD_COMMUNITY, LIST(network_edit, add, add_count),        \
     .most = ROUTE_EDIT_COMMUNITIES, .open = "none", .sentence = "Communities that are put in."},  \
    {.key = "remove_communities", .type = FIELD_COMMUNITY,                                         \
     LIST(network_edit, remove, remove_count), .most = ROUTE_EDIT_COMMUNITIES, .open = "none",     \
     .sentence = "Communities that are taken out."},                                               \
    {.key = "keep_communities", .type = FIELD_BOOL, AT(network_edit, keep_communities),            \
     .initial = "true", .sentence = "Whether those that came stay, but for the ones taken out."}

static const struct field import_edit_fields[] = {
    {.key = "local_preference", .type = FIELD_NUMBER, AT(network_edit, local_preference),
     .max = UINT32_MAX, .open = "100",
     .sentence = "LOCAL_PREF: the higher one wins, before anything else but what is local."},
    COMMUNITY_FIELDS,
};
const struct schema schema_import_edit = {
    .noun = "changes on import", .title = "Changes on import",
    .text = "7224:7300, 7200 and 7100 put in on a Direct Connect mean what they mean when its far "
            "side sends them; NO_EXPORT (65535:65281) and NO_ADVERTISE (65535:65282) keep a route "
            "from other neighbors.",
    .size = sizeof(struct network_edit), FIELDS(import_edit_fields), .check = check_edit,
};

static const struct field export_edit_fields[] = {
    {.key = "med", .type = FIELD_NUMBER, AT(network_edit, med), .max = UINT32_MAX,
     .open = "none, but on the tunnel that is not chosen",
     .sentence = "MULTI_EXIT_DISC; on the tunnel that is not chosen it is so much higher."},
    {.key = "prepend", .type = FIELD_NUMBER, AT(network_edit, prepend),
     .max = ROUTE_EDIT_PREPEND_MAX, .initial = "0",
     .sentence = "How often its own AS is put before the path, besides the one time."},
    COMMUNITY_FIELDS,
};
const struct schema schema_export_edit = {
    .noun = "changes on export", .title = "Changes on export",
    .size = sizeof(struct network_edit), FIELDS(export_edit_fields), .check = check_edit,
};

static const struct choice over_choices[] = {
    {"close", NETWORK_OVER_CLOSE}, {"refuse", NETWORK_OVER_REFUSE}, {0}};

static const struct field neighbor_limit_fields[] = {
    {.key = "received", .type = FIELD_NUMBER, AT(network_limits, received), .max = UINT32_MAX,
     .open = "as many as come", .sentence = "Routes accepted from it."},
    {.key = "warn_percent", .type = FIELD_NUMBER, AT(network_limits, warn_percent), .min = 1,
     .max = 100, .open = "80", .sentence = "Where the warning begins."},
    {.key = "over", .type = FIELD_CHOICE, AT(network_limits, over), .choices = over_choices,
     .open = "close", .sentence = "One route too many: close the session, or refuse that route."},
};
const struct schema schema_neighbor_limits = {
    .noun = "a neighbor's limits", .title = "Limits of a neighbor",
    .size = sizeof(struct network_limits), FIELDS(neighbor_limit_fields),
};

static const struct field neighbor_fields[] = {
    {.key = "address", .type = FIELD_ADDRESS, .six = FIELD_EITHER, AT(network_neighbor, address),
     .required = true, .sentence = "The neighbor's: an inside address, or the provider's."},
    POLICY_FIELDS(network_neighbor, policy, "the router"),
    {.key = "limits", .type = FIELD_STRUCT, AT(network_neighbor, limits),
     .of = &schema_neighbor_limits, .sentence = "How many routes."},
};
const struct schema schema_neighbor = {
    .noun = "a neighbor", .title = "Neighbors of routers",
    .text = "What a router does with the routes of one neighbor; filters name theirs themselves.",
    .size = sizeof(struct network_neighbor), FIELDS(neighbor_fields),
};

/* clang-format on */
