#include "sim/tell_words.h"

#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIXES_SHOWN = 4 };

const struct moment *tell_first(const struct telling *telling, const struct tell_group *group)
{
    return &telling->moments[group->members[0]];
}

static const char *node_id(const struct telling *telling, int node)
{
    return node == WORLD_NONE ? "?" : telling->world->nodes[node].id;
}

static void add(struct telling *telling, const char *text)
{
    text_add(&telling->what, text);
}

static void add_node(struct telling *telling, int node)
{
    add(telling, node_id(telling, node));
}

/* A route of the node that BGP did not bring, as its configuration has it; NULL: unknown. */
static const struct event_route *configured(const struct node *node, struct prefix prefix,
                                            enum route_source source)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        if (event->kind == EVENT_ROUTE_SET && event->route.source == source &&
            prefix_equal(event->route.prefix, prefix))
            return &event->route;
    }
    return NULL;
}

/* What the platform weighs the route by: [20], or the kernel's metric. */
static void add_weight(struct telling *telling, const struct moment *moment)
{
    const struct node *node = &telling->world->nodes[moment->node];
    const struct platform_profile *profile = node->config.profile;
    const struct event_route *said = configured(node, moment->prefix, moment->source);
    uint8_t distance;
    uint32_t metric;
    platform_weigh(profile, moment->source, said && said->has_metric, said ? said->metric : 0,
                   &distance, &metric);
    if (said && said->has_distance)
        distance = said->distance;
    bool by_metric = profile->order == TABLE_BY_METRIC;
    add(telling, by_metric ? " metric " : " [");
    text_u64(&telling->what, by_metric ? metric : distance);
    add(telling, by_metric ? "" : "]");
    if (moment->source == ROUTE_DHCP)
        add(telling, " (DHCP)");
}

static void add_way(struct telling *telling, const struct moment *moment)
{
    if (moment->gateway) {
        add(telling, " via ");
        text_ip(&telling->what, moment->gateway);
    }
    if (moment->port) {
        add(telling, ", ");
        add(telling, port_name(telling->world, moment->node, moment->port));
    }
}

static void add_prefixes(struct telling *telling, const struct tell_group *group)
{
    size_t shown = group->count > PREFIXES_SHOWN ? PREFIXES_SHOWN - 1 : group->count;
    for (size_t i = 0; i < shown; i++) {
        add(telling, i ? ", " : "");
        text_prefix(&telling->what, telling->moments[group->members[i]].prefix);
    }
    if (shown < group->count) {
        add(telling, " and ");
        text_u64(&telling->what, group->count - shown);
        add(telling, " more");
    }
}

/* "169.254.252.30 ↔ .29", "fd00:1::1 ↔ ::2": the far address is cut where both begin alike. */
static void add_far_address(struct telling *telling, ip_addr near, ip_addr far)
{
    char whole[IP_TEXT_BYTES], from[IP_TEXT_BYTES];
    struct text text = text_over(whole, sizeof whole), other = text_over(from, sizeof from);
    text_ip(&text, far);
    text_ip(&other, near);
    const char *last = strrchr(whole, ip_is_six(far) ? ':' : '.');
    size_t alike = last ? (size_t)(last - whole) + 1 : 0;
    bool cut = alike > 0 && strncmp(whole, from, alike) == 0 &&
               !strchr(from + alike, ip_is_six(far) ? ':' : '.');
    if (cut && ip_is_six(far) && alike >= 2 && whole[alike - 2] == ':')
        add(telling, ":");
    add(telling, cut ? last : whole);
}

/* The gateway's first, where one of the two is a gateway. */
static void session_ends(const struct world *world, const struct moment *moment,
                         ip_addr ret_ends[2])
{
    struct far_end far = far_end_of(world, moment->node, moment->neighbor);
    ip_addr local = far.said ? far.said->local_addr : 0, peer = far.said ? far.said->peer_addr : 0;
    bool gateway = world->nodes[moment->node].kind == NODE_GATEWAY || far.node == WORLD_NONE ||
                   world->nodes[far.node].kind != NODE_GATEWAY;
    ret_ends[0] = gateway ? local : peer;
    ret_ends[1] = gateway ? peer : local;
}

static void add_ends(struct telling *telling, const ip_addr ends[2])
{
    text_ip(&telling->what, ends[0]);
    add(telling, " ↔ ");
    add_far_address(telling, ends[0], ends[1]);
}

static void add_session(struct telling *telling, const struct moment *moment)
{
    ip_addr ends[2];
    session_ends(telling->world, moment, ends);
    add(telling, ends[0] ? "BGP " : "BGP");
    if (ends[0])
        add_ends(telling, ends);
}

static void tell_boot(struct telling *telling, const struct tell_group *group)
{
    bool was_there = false;
    for (size_t i = 0; i < group->members[0] && !was_there; i++)
        was_there = telling->moments[i].kind == MOMENT_BOOT &&
                    telling->moments[i].node == tell_first(telling, group)->node;
    for (size_t i = 0; i < group->count; i++) {
        add(telling, i ? ", " : "");
        add_node(telling, telling->moments[group->members[i]].node);
    }
    add(telling, was_there ? " has started again" : group->count > 1 ? " start" : " starts");
}

static void tell_story_step(struct telling *telling, const struct moment *moment)
{
    telling->tone = TELL_STORY;
    if (telling->network && moment->step >= 0)
        text_step(&telling->what, &telling->network->story[moment->step]);
}

static void tell_ike(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    const struct tunnel *tunnel = &telling->world->tunnels[moment->tunnel];
    int other = tunnel->ends[tunnel->ends[0].node == moment->node].node;
    bool gateway = tunnel->ends[TUNNEL_GATEWAY].node == moment->node;
    if (moment->kind == MOMENT_IKE_UP) {
        telling->tone = TELL_GOOD;
        add(telling, tunnel->id);
        add(telling, " up");
        if (group->count == 1) {
            add(telling, " at ");
            add_node(telling, moment->node);
        }
        return;
    }
    add_node(telling, moment->node);
    if (moment->kind == MOMENT_IKE_REPLACED) {
        add(telling, " takes a new IKE_SA of ");
        add(telling, tunnel->id);
        add(telling, " for the old one");
        return;
    }
    text_add(&telling->note, "RFC 7296 2.4");
    if (moment->kind == MOMENT_IKE_DPD) {
        add(telling, " asks ");
        add_node(telling, other);
        add(telling, " whether it is alive; no answer comes");
        return;
    }
    telling->tone = TELL_BAD;
    add(telling, " gives ");
    add_node(telling, other);
    add(telling, " up after ");
    text_u64(&telling->what, tunnel->dpd[gateway ? TUNNEL_GATEWAY : TUNNEL_CUSTOMER].tries);
    add(telling, " requests and deletes ");
    add(telling, tunnel->id);
    add(telling, "'s SAs");
}

/* A Direct Connect may have two, of which each is told by both its ends. */
static void add_other_session(struct telling *telling, const struct tell_group *group, size_t at)
{
    ip_addr ends[2], earlier[2];
    session_ends(telling->world, &telling->moments[group->members[at]], ends);
    for (size_t i = 0; i < at; i++) {
        session_ends(telling->world, &telling->moments[group->members[i]], earlier);
        if ((earlier[0] == ends[0] && earlier[1] == ends[1]) ||
            (earlier[0] == ends[1] && earlier[1] == ends[0]))
            return;
    }
    if (ends[0])
        add(telling, ", ");
    if (ends[0])
        add_ends(telling, ends);
}

static void tell_session_up(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    telling->tone = TELL_GOOD;
    add_session(telling, moment);
    for (size_t i = 1; i < group->count; i++)
        add_other_session(telling, group, i);
    add(telling, " Established");
    if (group->count == 1) {
        add(telling, " at ");
        add_node(telling, moment->node);
    }
}

/* What both ends agreed on: the lower of their hold times (RFC 4271 4.2). */
static uint16_t hold_s(const struct world *world, int node, const struct far_end *far)
{
    if (far->tunnel == WORLD_NONE)
        return far->said->hold_s;
    const struct tunnel_end *ends = world->tunnels[far->tunnel].ends;
    const struct tunnel_end *other = &ends[ends[0].node == node];
    struct far_end back = far_end_of(world, other->node, other->neighbor);
    return back.said && back.said->hold_s < far->said->hold_s ? back.said->hold_s
                                                              : far->said->hold_s;
}

static void tell_session_down(struct telling *telling, const struct moment *moment)
{
    struct far_end far = far_end_of(telling->world, moment->node, moment->neighbor);
    enum bgp_down reason = (enum bgp_down)moment->reason;
    telling->tone = TELL_BAD;
    add_node(telling, moment->node);
    add(telling, ": ");
    if (reason == BGP_DOWN_HOLD_TIMER && far.said) {
        add(telling, "hold timer expired (");
        text_u64(&telling->what, hold_s(telling->world, moment->node, &far));
        add(telling, " s), ");
    }
    if (far.said) {
        add(telling, "BGP with ");
        text_ip(&telling->what, far.said->peer_addr);
        add(telling, " is down");
    }
    if (reason != BGP_DOWN_HOLD_TIMER || !far.said) {
        add(telling, far.said ? ": " : "");
        text_part(&telling->what, bgp_down_sentence(reason));
    }
    text_add(&telling->note, bgp_down_reference(reason));
}

/* What BGP brought takes another's place, or the other comes back. */
static void tell_takeover(struct telling *telling, const struct moment *moment,
                          const struct moment *before)
{
    bool learned = tell_is_learned(moment);
    const struct platform_profile *profile = telling->world->nodes[moment->node].config.profile;
    add_node(telling, moment->node);
    add(telling, ": ");
    text_char(&telling->what, platform_letter(profile, (enum route_source)moment->source));
    add(telling, ">* ");
    text_prefix(&telling->what, moment->prefix);
    add_weight(telling, moment);
    add_way(telling, moment);
    if (!learned && tell_is_learned(before)) {
        add(telling, " is back");
        return;
    }
    add(telling, " beats ");
    text_char(&telling->what, platform_letter(profile, (enum route_source)before->source));
    add_weight(telling, before);
}

static void tell_route(struct telling *telling, const struct tell_group *group, bool whose)
{
    const struct moment *moment = tell_first(telling, group);
    size_t before = telling->previous ? telling->previous[group->members[0]] : TELL_NONE;
    bool gone = moment->kind == MOMENT_ROUTE_GONE;
    if (!gone && before != TELL_NONE && telling->moments[before].kind == MOMENT_ROUTE &&
        telling->moments[before].source != moment->source) {
        tell_takeover(telling, moment, &telling->moments[before]);
        return;
    }
    telling->tone = TELL_MINOR;
    add_node(telling, moment->node);
    add(telling, gone ? " loses " : tell_is_learned(moment) ? " learns " : " has ");
    add_prefixes(telling, group);
    if (!tell_is_learned(moment)) {
        add(telling, " (");
        add(telling, route_source_name((enum route_source)moment->source));
        add(telling, ")");
        if (!gone)
            add_way(telling, moment);
    } else if (!gone && whose) {
        add(telling, " by ");
        text_neighbor(&telling->what, telling->world, moment->node, moment->neighbor);
    }
}

/* "vpn-a/1, vpn-a/2": the tunnels of the group, or only those that another one takes. */
static size_t add_tunnels(struct telling *telling, const struct tell_group *group, bool others)
{
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct moment *moment = &telling->moments[group->members[i]];
        bool again = false; /* both ends may see it at once */
        for (size_t j = 0; j < i && !again; j++)
            again = telling->moments[group->members[j]].tunnel == moment->tunnel;
        if (again || (others && moment->tunnel == moment->into_tunnel))
            continue;
        add(telling, count++ ? ", " : "");
        add(telling, telling->world->tunnels[moment->tunnel].id);
    }
    return count;
}

/* The addresses that lie behind a tunnel from now on. */
static size_t add_endpoints(struct telling *telling, const struct tell_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct moment *moment = &telling->moments[group->members[i]];
        const struct tunnel_end *ends = telling->world->tunnels[moment->tunnel].ends;
        add(telling, i ? ", " : "");
        text_ip(&telling->what, ends[ends[0].node != moment->node].outer_remote);
    }
    return group->count;
}

static void add_swallower(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    const char *into = telling->world->tunnels[moment->into_tunnel].id;
    bool itself = false;
    for (size_t i = 0; i < group->count; i++)
        itself |= telling->moments[group->members[i]].tunnel == moment->into_tunnel;
    if (!itself) {
        bool many = add_tunnels(telling, group, true) > 1;
        if (moment->arrives)
            add(telling, many ? " go through " : " goes through ");
        else
            add(telling, many ? " are swallowed by " : " is swallowed by ");
        add(telling, into);
        add(telling, moment->arrives ? " and arrive" : "");
        add(telling, moment->arrives && !many ? "s" : "");
        return;
    }
    add(telling, into);
    add(telling, " swallows itself");
    add(telling, group->count > 1 ? " and " : "");
    add_tunnels(telling, group, true);
}

static void tell_swallowed(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    if (moment->kind == MOMENT_FREED) {
        telling->tone = TELL_GOOD;
        bool many = add_tunnels(telling, group, false) > 1;
        add(telling, many ? " find their way past the tunnels again"
                          : " finds its way past the tunnels again");
        return;
    }
    telling->tone = moment->arrives ? TELL_PLAIN : TELL_BAD;
    add_swallower(telling, group);
    if (group->again_of != TELL_NONE) {
        int64_t then_us = telling->moments[group->again_of].at_us;
        add(telling, " again after ");
        text_seconds(&telling->what, moment->at_us - then_us, 1);
        add(telling, " s: the state of ");
        text_seconds(&telling->what, then_us, 3);
        add(telling, " repeats");
        return;
    }
    add(telling, ": from here on ");
    bool many = add_endpoints(telling, group) > 1;
    add(telling, many ? " lie behind " : " lies behind ");
    add(telling, tunnel_port_name(telling->world, moment->node, moment->into_tunnel));
    add(telling, " of ");
    add_node(telling, moment->node);
}

static void tell_loop(struct telling *telling, const struct moment *moment)
{
    const char *port = tunnel_port_name(telling->world, moment->node, moment->tunnel);
    const char *wrapped = telling->world->tunnels[moment->tunnel].plain ? "packet" : "ESP";
    telling->tone = TELL_BAD;
    add_node(telling, moment->node);
    add(telling, ": ");
    add(telling, wrapped);
    add(telling, " → ");
    add(telling, port);
    add(telling, " → ");
    add(telling, wrapped);
    add(telling, " → ");
    add(telling, port);
    add(telling, " → … longer each time, until it no longer fits: dropped");
}

/* The endpoint that makes the guard speak. */
static void add_covered(struct telling *telling, const struct moment *moment, const char *between)
{
    for (size_t i = 0; i < telling->world->tunnel_count; i++) {
        const struct tunnel *tunnel = &telling->world->tunnels[i];
        const struct connection *connection = &telling->world->connections[tunnel->connection];
        ip_addr outside = tunnel->ends[TUNNEL_GATEWAY].outer_local;
        if (connection->gateway != moment->node || connection->attachment != moment->attachment ||
            !prefix_contains(moment->prefix, outside))
            continue;
        add(telling, between);
        text_ip(&telling->what, outside);
        return;
    }
}

static void tell_guard(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    bool held = moment->kind == MOMENT_GUARD_HELD;
    telling->tone = held ? TELL_PLAIN : TELL_BAD;
    add_node(telling, moment->node);
    if (held) {
        add(telling, " holds ");
        add_prefixes(telling, group);
        add(telling, " back from ");
    } else {
        add(telling, " tells ");
    }
    text_attachment(&telling->what, telling->world, moment->node, moment->attachment);
    if (!held) {
        add(telling, " of ");
        add_prefixes(telling, group);
    }
    add_covered(telling, moment, held ? ": it covers " : ", which covers ");
    text_add(&telling->note, held ? "guard: hold" : "guard: warn");
}

static void tell_refused(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    const struct reason_text *reason = reason_text((enum reason)moment->reason);
    telling->tone = TELL_MINOR;
    add_node(telling, moment->node);
    add(telling, " refuses ");
    add_prefixes(telling, group);
    add(telling, " from ");
    text_neighbor(&telling->what, telling->world, moment->node, moment->neighbor);
    add(telling, ": ");
    add(telling, reason->name);
    text_add(&telling->note, reason->reference);
}

static void tell_limit(struct telling *telling, const struct moment *moment)
{
    telling->tone = TELL_BAD;
    add_node(telling, moment->node);
    add(telling, ": ");
    text_neighbor(&telling->what, telling->world, moment->node, moment->neighbor);
    add(telling, " announces more prefixes than its limit allows");
    text_add(&telling->note, "AWS quotas; RFC 4486 4");
}

void tell_group(struct telling *telling, const struct tell_group *group)
{
    const struct moment *moment = tell_first(telling, group);
    switch (group->kind) {
    case MOMENT_BOOT:
        tell_boot(telling, group);
        break;
    case MOMENT_STORY:
    case MOMENT_FAILED:
    case MOMENT_RESTORED:
        tell_story_step(telling, moment);
        break;
    case MOMENT_IKE_UP:
    case MOMENT_IKE_DPD:
    case MOMENT_IKE_GIVEN_UP:
    case MOMENT_IKE_REPLACED:
        tell_ike(telling, group);
        break;
    case MOMENT_SESSION_UP:
        tell_session_up(telling, group);
        break;
    case MOMENT_SESSION_DOWN:
        tell_session_down(telling, moment);
        break;
    case MOMENT_ROUTE:
    case MOMENT_ROUTE_GONE:
        tell_route(telling, group, true);
        break;
    case MOMENT_SWALLOWED:
    case MOMENT_FREED:
        tell_swallowed(telling, group);
        break;
    case MOMENT_LOOP:
        tell_loop(telling, moment);
        break;
    case MOMENT_GUARD_HELD:
    case MOMENT_GUARD_WARNED:
        tell_guard(telling, group);
        break;
    case MOMENT_REFUSED:
        tell_refused(telling, group);
        break;
    case MOMENT_LIMIT:
        tell_limit(telling, moment);
        break;
    case MOMENT_COUNT:
    default:
        break;
    }
}

/* The members of one kind, at one node when it is given. */
static struct tell_group part_of(const struct telling *telling, const struct tell_group *group,
                                 enum moment_kind kind, int node, size_t *members)
{
    struct tell_group part = {.kind = kind, .members = members, .again_of = TELL_NONE};
    for (size_t i = 0; i < group->count; i++) {
        const struct moment *moment = &telling->moments[group->members[i]];
        if (moment->kind == kind && (node == WORLD_NONE || moment->node == node))
            members[part.count++] = group->members[i];
    }
    return part;
}

/* "vpn-vyatta/1 up · BGP 169.254.252.30 ↔ .29 Established · vyatta learns 10.10.0.0/16" */
void tell_opening(struct telling *telling, const struct tell_group *group)
{
    size_t *members = calloc(group->count, sizeof *members);
    assert(members);
    const struct moment *first = tell_first(telling, group);
    struct far_end far = far_end_of(telling->world, first->node, first->neighbor);
    struct tell_group part = part_of(telling, group, MOMENT_IKE_UP, WORLD_NONE, members);
    if (part.count > 0)
        tell_ike(telling, &part);
    else if (far.direct_connect != WORLD_NONE)
        add(telling, telling->world->direct_connects[far.direct_connect].id);
    part = part_of(telling, group, MOMENT_SESSION_UP, WORLD_NONE, members);
    if (part.count > 0) {
        add(telling, telling->what.size ? " · " : "");
        tell_session_up(telling, &part);
    }
    for (size_t node = 0; node < telling->world->node_count; node++) {
        part = part_of(telling, group, MOMENT_ROUTE, (int)node, members);
        if (part.count > 0) {
            add(telling, telling->what.size ? " · " : "");
            tell_route(telling, &part, false);
        }
    }
    telling->tone = TELL_PLAIN;
    free(members);
}

static void text_count(struct text *text, size_t count, const char *one, const char *many)
{
    text_u64(text, count);
    text_char(text, ' ');
    text_add(text, count == 1 ? one : many);
}

/* "allow-list of 2 prefixes, other changes on import, towards 169.254.252.30" */
static void text_policy(struct text *text, const struct network_change *change, const char *between)
{
    if (change->accept) {
        text_add(text, between);
        text_add(text, "allow-list of ");
        text_count(text, change->accept_count, "prefix", "prefixes");
        between = ", ";
    }
    if (change->on_import) {
        text_add(text, between);
        text_add(text, "what it changes on import");
        between = ", ";
    }
    if (change->on_export) {
        text_add(text, between);
        text_add(text, "what it changes on export");
    }
    if (change->neighbor) {
        text_add(text, ", towards ");
        text_ip(text, change->neighbor);
    }
}

static void text_change(struct text *text, const struct network_change *change)
{
    static const char *const guards[] = {
        [NETWORK_GUARD_UNSAID] = "",     [NETWORK_GUARD_NONE] = "none",
        [NETWORK_GUARD_HOLD] = "hold",   [NETWORK_GUARD_WARN] = "warn",
        [NETWORK_GUARD_CARVE] = "carve", [NETWORK_GUARD_REFUSE] = "refuse",
    };
    const char *between = ": ";
    for (size_t i = 0; i < change->add_route_count + change->add_target_count; i++) {
        bool own = i < change->add_route_count;
        text_add(text, between);
        text_char(text, '+');
        text_prefix(text, own ? change->add_routes[i].prefix
                              : change->add_targets[i - change->add_route_count].prefix);
        between = ", ";
    }
    for (size_t i = 0; i < change->remove_route_count; i++) {
        text_add(text, between);
        text_add(text, "−");
        text_prefix(text, change->remove_routes[i]);
        between = ", ";
    }
    const struct network_filter *filters[] = {&change->import, &change->export};
    for (size_t i = 0; i < 2; i++) {
        if (!filters[i]->rules)
            continue;
        text_add(text, between);
        text_add(text, i ? "export filter of " : "import filter of ");
        text_count(text, filters[i]->rule_count, "rule", "rules");
        between = ", ";
    }
    if (change->guard != NETWORK_GUARD_UNSAID) {
        text_add(text, between);
        text_add(text, "guard ");
        text_add(text, guards[change->guard]);
        between = ", ";
    }
    text_policy(text, change, between);
}

void text_step(struct text *text, const struct network_step *step)
{
    static const char *const words[] = {
        [NETWORK_STEP_NONE] = "",
        [NETWORK_STEP_ANNOUNCE] = " announces ",
        [NETWORK_STEP_WITHDRAW] = " withdraws ",
        [NETWORK_STEP_FAIL] = " fails",
        [NETWORK_STEP_RESTORE] = " works again",
        [NETWORK_STEP_RESTART] = " is restarted",
        [NETWORK_STEP_REPLACE] = " is replaced by a new one with the same configuration",
        [NETWORK_STEP_CONFIGURE] = " is configured",
    };
    text_add(text, step->about == NETWORK_ABOUT_LINK      ? "the link of "
                   : step->about == NETWORK_ABOUT_SESSION ? "BGP of "
                                                          : "");
    text_add(text, step->object.id ? step->object.id : "?");
    text_add(text, words[step->verb]);
    if (step->verb == NETWORK_STEP_ANNOUNCE || step->verb == NETWORK_STEP_WITHDRAW)
        text_prefix(text, step->announcement.prefix);
    else if (step->verb == NETWORK_STEP_CONFIGURE)
        text_change(text, &step->change);
}
