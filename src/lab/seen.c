#include "lab/seen.h"

#include "base/digest.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { JUST_US = 1200000 }; /* before it is told: a second, and what asking takes */

static void *must(void *block)
{
    assert(block);
    return block;
}

/* -- the beginning -- */

static void find_sessions(struct seen *seen, int node)
{
    const struct node *at = &seen->world->nodes[node];
    struct seen_node *seen_node = &seen->nodes[node];
    seen_node->sessions = must(calloc(at->setup_count + 1, sizeof *seen_node->sessions));
    for (size_t i = 0; i < at->setup_count; i++) {
        if (at->setup[i].kind != EVENT_NEIGHBOR)
            continue;
        const struct event_neighbor *said = &at->setup[i].neighbor;
        struct seen_session *session = &seen_node->sessions[seen_node->session_count++];
        struct text name = text_over(session->name, sizeof session->name);
        session->neighbor = said->neighbor;
        session->peer = said->peer_addr;
        text_neighbor(&name, seen->world, node, said->neighbor);
    }
}

void seen_init(struct seen *seen, struct world *world, int64_t began_us)
{
    *seen = (struct seen){.world = world, .began_us = began_us};
    seen->nodes = must(calloc(world->node_count + 1, sizeof *seen->nodes));
    seen->ends = must(calloc(world->tunnel_count + 1, sizeof *seen->ends));
    for (size_t i = 0; i < world->node_count; i++)
        find_sessions(seen, (int)i);
    for (size_t i = 0; i < world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            seen->ends[i][end] =
                (struct seen_end){.into = WORLD_NONE, .renewed = true, .first_swallowed_us = -1};
            world->tunnels[i].ends[end].sa = world->tunnels[i].plain;
        }
    }
}

void seen_done(struct seen *seen)
{
    for (size_t i = 0; seen->nodes && i < seen->world->node_count; i++) {
        free(seen->nodes[i].sessions);
        free(seen->nodes[i].routes);
    }
    free(seen->nodes);
    free(seen->ends);
    free(seen->moments);
    *seen = (struct seen){0};
}

void seen_begin(struct seen *seen, int64_t began_us)
{
    int64_t later_us = began_us - seen->began_us;
    seen->began_us = began_us;
    seen->count = 0;
    for (size_t i = 0; i < seen->world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            seen->ends[i][end].since_us -= later_us;
            seen->ends[i][end].first_swallowed_us = seen->ends[i][end].swallowed ? 0 : -1;
        }
    }
}

/* -- moments -- */

/* In order of their times: a line of a log may be read after what happened behind it. */
struct moment *seen_say(struct seen *seen, enum moment_kind kind, int node, int tunnel,
                        int64_t at_us)
{
    struct moment moment = {.at_us = at_us - seen->began_us,
                            .kind = kind,
                            .node = node,
                            .tunnel = tunnel,
                            .into_tunnel = WORLD_NONE,
                            .step = -1};
    seen->earlier = moment;
    if (moment.at_us < 0)
        return &seen->earlier; /* it leaves none */
    if (seen->count == seen->cap) {
        seen->cap = seen->cap ? 2 * seen->cap : 256;
        seen->moments = must(realloc(seen->moments, seen->cap * sizeof *seen->moments));
    }
    size_t at = seen->count++;
    for (; at > 0 && seen->moments[at - 1].at_us > moment.at_us; at--)
        seen->moments[at] = seen->moments[at - 1];
    seen->moments[at] = moment;
    return &seen->moments[at];
}

/* -- where the tunnels' own packets go -- */

/* What a router holds and is in, without times: two swallowings of one state are one story told
 * twice. */
static uint64_t digest_of(const struct seen *seen, int node)
{
    const struct seen_node *at = &seen->nodes[node];
    uint64_t routes = 0;
    struct digest digest = digest_start();
    for (size_t i = 0; i < at->route_count; i++) { /* in whatever order they came */
        const struct seen_route *route = &at->routes[i];
        struct digest one = digest_start();
        digest_u64(&one, (uint64_t)route->prefix.addr);
        digest_u64(&one, (uint64_t)(route->prefix.addr >> 64));
        digest_u64(&one, route->prefix.len);
        digest_u64(&one, route->entry.port);
        digest_u64(&one, route->entry.source);
        routes += digest_end(&one);
    }
    digest_u64(&digest, routes);
    for (size_t i = 0; i < at->session_count; i++)
        digest_u64(&digest, at->sessions[i].up);
    for (size_t i = 0; i < seen->world->tunnel_count; i++) {
        const struct tunnel_end *ends = seen->world->tunnels[i].ends;
        if (ends[0].node == node || ends[1].node == node)
            digest_u64(&digest, (uint64_t)ends[0].sa << 1 | ends[1].sa);
    }
    return digest_end(&digest);
}

static void look_at(struct seen *seen, int tunnel, int end, int64_t at_us)
{
    const struct tunnel *of = &seen->world->tunnels[tunnel];
    const struct tunnel_end *at = &of->ends[end];
    const struct node *node = &seen->world->nodes[at->node];
    struct seen_end *state = &seen->ends[tunnel][end];
    struct prefix prefix;
    const struct kernel_entry *entry = node_outer_match(node, at->outer_remote, &prefix);
    int into = WORLD_NONE;
    if (entry && entry->port && node->ports[entry->port].kind == PORT_TUNNEL)
        into = node->ports[entry->port].tunnel;
    if (state->into != into)
        state->since_us = at_us - seen->began_us;
    state->into = into;
    if (state->swallowed == (into != WORLD_NONE))
        return;
    state->swallowed = into != WORLD_NONE;
    if (state->swallowed && state->first_swallowed_us < 0 && at_us >= seen->began_us)
        state->first_swallowed_us = at_us - seen->began_us;
    struct moment *moment =
        seen_say(seen, state->swallowed ? MOMENT_SWALLOWED : MOMENT_FREED, at->node, tunnel, at_us);
    moment->into_tunnel = into;
    moment->state = state->swallowed ? digest_of(seen, at->node) ^ state->renewed : 0;
    if (state->swallowed)
        state->renewed = false;
}

/* A gateway's own packets leave from a namespace that no learned route gets into. */
static void look(struct seen *seen, int node, int64_t at_us)
{
    for (size_t i = 0; i < seen->world->tunnel_count; i++) {
        if (seen->world->tunnels[i].ends[TUNNEL_CUSTOMER].node == node)
            look_at(seen, (int)i, TUNNEL_CUSTOMER, at_us);
    }
}

/* -- sessions -- */

static struct seen_session *session_of(struct seen *seen, int node, const struct heard *heard)
{
    struct seen_node *at = &seen->nodes[node];
    for (size_t i = 0; i < at->session_count; i++) {
        struct seen_session *session = &at->sessions[i];
        if (heard->neighbor ? session->neighbor == heard->neighbor
            : heard->peer   ? session->peer == heard->peer
                            : strcmp(session->name, heard->name) == 0)
            return session;
    }
    return NULL;
}

static void hear_session(struct seen *seen, int node, const struct heard *heard, int64_t at_us)
{
    struct seen_session *session = session_of(seen, node, heard);
    if (!session)
        return;
    if (heard->kind == HEARD_NOTICE) {
        session->notice = heard->reason;
        return;
    }
    bool up = heard->kind == HEARD_SESSION_UP;
    if (session->up == up)
        return;
    session->up = up;
    struct moment *moment =
        seen_say(seen, up ? MOMENT_SESSION_UP : MOMENT_SESSION_DOWN, node, WORLD_NONE, at_us);
    moment->neighbor = session->neighbor;
    moment->reason = (uint8_t)(heard->reason != BGP_DOWN_NONE ? heard->reason : session->notice);
    session->notice = BGP_DOWN_NONE;
}

/* -- tunnels -- */

static void hear_tunnel(struct seen *seen, int node, const struct heard *heard, int64_t at_us)
{
    int tunnel = world_find_tunnel(seen->world, heard->name);
    if (tunnel == WORLD_NONE)
        return;
    struct tunnel_end *ends = seen->world->tunnels[tunnel].ends;
    int end = ends[TUNNEL_GATEWAY].node == node ? TUNNEL_GATEWAY : TUNNEL_CUSTOMER;
    if (ends[end].node != node)
        return;
    struct seen_end *state = &seen->ends[tunnel][end];
    bool was = ends[end].sa != 0, ends_it = heard->kind != HEARD_IKE_UP;
    if (ends_it && heard->number && state->number && heard->number != state->number)
        return; /* of an IKE_SA before this one, or an attempt at another */
    switch (heard->kind) {
    case HEARD_IKE_UP:
        if (was)
            seen_say(seen, MOMENT_IKE_REPLACED, node, tunnel, at_us);
        ends[end].sa = 1;
        state->renewed = true;
        state->number = heard->number;
        seen_say(seen, MOMENT_IKE_UP, node, tunnel, at_us);
        break;
    case HEARD_IKE_ASKS:
        seen_say(seen, MOMENT_IKE_DPD, node, tunnel, at_us);
        break;
    case HEARD_IKE_GIVES_UP:
        ends[end].sa = 0;
        if (was) /* else an attempt that failed once more */
            seen_say(seen, MOMENT_IKE_GIVEN_UP, node, tunnel, at_us);
        break;
    case HEARD_IKE_DOWN:
        ends[end].sa = 0;
        break;
    case HEARD_IKE_REPLACED: /* the new one is told, too */
    case HEARD_NOTHING:
    case HEARD_SESSION_UP:
    case HEARD_SESSION_DOWN:
    case HEARD_NOTICE:
    case HEARD_GUARD_HELD:
    case HEARD_GUARD_WARNED:
    case HEARD_LIMIT:
    case HEARD_KINDS:
    default:
        break;
    }
}

/* -- what a gateway says of an attachment -- */

static uint16_t attachment_called(const struct seen *seen, int node, const char *name)
{
    const struct node *at = &seen->world->nodes[node];
    for (size_t i = 0; i < at->setup_count; i++) {
        char bytes[PLANE_NAME_BYTES];
        struct text text = text_over(bytes, sizeof bytes);
        if (at->setup[i].kind != EVENT_ATTACHMENT)
            continue;
        text_attachment(&text, seen->world, node, at->setup[i].attachment.attachment);
        if (strcmp(bytes, name) == 0)
            return at->setup[i].attachment.attachment;
    }
    return 0;
}

static void hear_guard(struct seen *seen, int node, const struct heard *heard, int64_t at_us)
{
    const struct seen_session *session = session_of(seen, node, heard);
    uint16_t attachment = attachment_called(seen, node, heard->name);
    if (!session && attachment == 0)
        return;
    enum moment_kind kind = heard->kind == HEARD_LIMIT          ? MOMENT_LIMIT
                            : heard->kind == HEARD_GUARD_WARNED ? MOMENT_GUARD_WARNED
                                                                : MOMENT_GUARD_HELD;
    struct moment *moment = seen_say(seen, kind, node, WORLD_NONE, at_us);
    moment->neighbor = kind == MOMENT_LIMIT && session ? session->neighbor : 0;
    moment->attachment = attachment;
    moment->prefix = heard->prefix;
}

void seen_heard(struct seen *seen, int node, const struct heard *heard, int64_t at_us)
{
    switch (heard->kind) {
    case HEARD_SESSION_UP:
    case HEARD_SESSION_DOWN:
    case HEARD_NOTICE:
        hear_session(seen, node, heard, at_us);
        break;
    case HEARD_IKE_UP:
    case HEARD_IKE_ASKS:
    case HEARD_IKE_GIVES_UP:
    case HEARD_IKE_REPLACED:
    case HEARD_IKE_DOWN:
        hear_tunnel(seen, node, heard, at_us);
        break;
    case HEARD_GUARD_HELD:
    case HEARD_GUARD_WARNED:
    case HEARD_LIMIT:
        hear_guard(seen, node, heard, at_us);
        break;
    case HEARD_NOTHING:
    case HEARD_KINDS:
    default:
        break;
    }
}

/* -- routes -- */

static struct seen_route *route_at(struct seen_node *node, const struct seen_route *like)
{
    for (size_t i = 0; i < node->route_count; i++) {
        struct seen_route *route = &node->routes[i];
        if (route->metric == like->metric && route->outer == like->outer &&
            prefix_equal(route->prefix, like->prefix))
            return route;
    }
    return NULL;
}

static const struct seen_route *lowest(const struct seen_node *node, struct prefix prefix,
                                       bool outer)
{
    const struct seen_route *found = NULL;
    for (size_t i = 0; i < node->route_count; i++) {
        const struct seen_route *route = &node->routes[i];
        if (route->outer == outer && prefix_equal(route->prefix, prefix) &&
            (!found || route->metric < found->metric))
            found = route;
    }
    return found;
}

static bool same_entry(const struct kernel_entry *left, const struct kernel_entry *right)
{
    return left->port == right->port && left->gateway == right->gateway &&
           left->source == right->source && left->neighbor == right->neighbor;
}

static void say_route(struct seen *seen, enum moment_kind kind, int node, struct prefix prefix,
                      const struct kernel_entry *now, int64_t at_us)
{
    struct moment *moment = seen_say(seen, kind, node, WORLD_NONE, at_us);
    moment->prefix = prefix;
    moment->port = now->port;
    moment->gateway = now->gateway;
    moment->source = (uint8_t)now->source;
    moment->neighbor = now->neighbor;
}

/* What packets take for the prefix may be another route now. */
static void renew(struct seen *seen, int node, struct prefix prefix, bool outer, int64_t at_us)
{
    struct node *of = &seen->world->nodes[node];
    struct kernel *kernel = outer ? &of->outer : &of->kernel;
    const struct kernel_entry *held = kernel_exact(kernel, prefix);
    const struct seen_route *best = lowest(&seen->nodes[node], prefix, outer);
    struct kernel_entry was = held ? *held : (struct kernel_entry){0}, now = was;
    if (best)
        now = best->entry;
    if ((held != NULL) == (best != NULL) && (!held || same_entry(held, &best->entry)))
        return;
    now.since_us = at_us - seen->began_us;
    if (best)
        kernel_set(kernel, prefix, &now);
    else
        kernel_remove(kernel, prefix);
    if (!outer) /* of a simulated VRF's table nothing is told, either */
        say_route(seen, best ? MOMENT_ROUTE : MOMENT_ROUTE_GONE, node, prefix, &now, at_us);
    look(seen, node, at_us);
}

void seen_route(struct seen *seen, int node, const struct seen_route *route, int64_t at_us)
{
    struct seen_node *at = &seen->nodes[node];
    struct seen_route *known = route_at(at, route);
    if (!known) {
        if (at->route_count == at->route_cap) {
            at->route_cap = at->route_cap ? 2 * at->route_cap : 32;
            at->routes = must(realloc(at->routes, at->route_cap * sizeof *at->routes));
        }
        known = &at->routes[at->route_count++];
    }
    *known = *route;
    renew(seen, node, route->prefix, route->outer, at_us);
}

static void remove_at(struct seen *seen, int node, size_t index, int64_t at_us)
{
    struct seen_node *at = &seen->nodes[node];
    struct seen_route gone = at->routes[index];
    at->routes[index] = at->routes[--at->route_count];
    renew(seen, node, gone.prefix, gone.outer, at_us);
}

static void remove_like(struct seen *seen, int node, const struct seen_route *like, int64_t at_us)
{
    struct seen_node *at = &seen->nodes[node];
    const struct seen_route *known = route_at(at, like);
    if (known)
        remove_at(seen, node, (size_t)(known - at->routes), at_us);
}

void seen_route_gone(struct seen *seen, int node, struct prefix prefix, uint32_t metric,
                     int64_t at_us)
{
    struct seen_route like = {.prefix = prefix, .metric = metric};
    remove_like(seen, node, &like, at_us);
}

void seen_outer_route_gone(struct seen *seen, int node, struct prefix prefix, uint32_t metric,
                           int64_t at_us)
{
    struct seen_route like = {.prefix = prefix, .metric = metric, .outer = true};
    remove_like(seen, node, &like, at_us);
}

void seen_sweep(struct seen *seen, int node, unsigned dump, int64_t at_us)
{
    for (size_t i = seen->nodes[node].route_count; i-- > 0;) {
        if (seen->nodes[node].routes[i].dump < dump)
            remove_at(seen, node, i, at_us);
    }
}

void seen_arrives(struct seen *seen, int tunnel, int64_t at_us)
{
    for (size_t i = seen->count; i-- > 0;) {
        struct moment *moment = &seen->moments[i];
        int64_t later_us = at_us - seen->began_us - moment->at_us;
        if (moment->kind != MOMENT_SWALLOWED || moment->tunnel != tunnel)
            continue;
        moment->arrives |= later_us >= 0 && later_us < JUST_US;
        return;
    }
}

void seen_gone(struct seen *seen, int node)
{
    for (size_t i = 0; i < seen->nodes[node].session_count; i++)
        seen->nodes[node].sessions[i].up = false;
    for (size_t i = 0; i < seen->world->tunnel_count; i++) {
        for (int end = 0; end < 2; end++) {
            struct tunnel_end *at = &seen->world->tunnels[i].ends[end];
            if (at->node == node && !seen->world->tunnels[i].plain)
                at->sa = 0;
        }
    }
}

/* -- asking -- */

bool seen_tunnel_up(const struct seen *seen, int tunnel)
{
    const struct tunnel_end *ends = seen->world->tunnels[tunnel].ends;
    return ends[0].sa && ends[1].sa && !seen->ends[tunnel][0].swallowed &&
           !seen->ends[tunnel][1].swallowed;
}

int seen_tunnel_into(const struct seen *seen, int tunnel)
{
    const struct tunnel_end *ends = seen->world->tunnels[tunnel].ends;
    for (int end = 0; end < 2; end++) {
        if (ends[0].sa && ends[1].sa && seen->ends[tunnel][end].swallowed)
            return seen->ends[tunnel][end].into;
    }
    return WORLD_NONE;
}

bool seen_session_up(const struct seen *seen, int node, uint16_t neighbor)
{
    const struct seen_node *at = &seen->nodes[node];
    for (size_t i = 0; i < at->session_count; i++) {
        if (at->sessions[i].neighbor == neighbor)
            return at->sessions[i].up;
    }
    return false;
}

bool seen_sessions_up(const struct seen *seen)
{
    for (size_t i = 0; i < seen->world->node_count; i++) {
        for (size_t j = 0; j < seen->nodes[i].session_count; j++) {
            if (!seen->nodes[i].sessions[j].up)
                return false;
        }
    }
    return true;
}

int64_t seen_swallowed_us(const struct seen *seen, int tunnel)
{
    int64_t first_us = -1;
    for (int end = 0; end < 2; end++) {
        int64_t its_us = seen->ends[tunnel][end].first_swallowed_us;
        if (its_us >= 0 && (first_us < 0 || its_us < first_us))
            first_us = its_us;
    }
    return first_us;
}

static struct cycles cycles_of(const struct seen *seen, int tunnel)
{
    struct cycles cycles;
    cycles_init(&cycles);
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->moments[i].tunnel == tunnel)
            cycles_take(&cycles, &seen->moments[i],
                        seen->world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].node);
    }
    return cycles;
}

/* Where IKE has stopped giving up each swallowing begins one. */
static const struct beginnings *beginnings_of(const struct cycles *cycles)
{
    bool within = cycles->within.count > CYCLES_EVEN + 1;
    return within ? &cycles->within : &cycles->with_ike;
}

size_t seen_cycles(const struct seen *seen, int tunnel)
{
    struct cycles cycles = cycles_of(seen, tunnel);
    size_t count = beginnings_of(&cycles)->count;
    return count > 0 ? count - 1 : 0;
}

int64_t seen_cycle_us(const struct seen *seen, int tunnel)
{
    struct cycles cycles = cycles_of(seen, tunnel);
    const struct beginnings *beginnings = beginnings_of(&cycles);
    size_t count = beginnings->count;
    return count > 1 ? beginnings->items[count - 1].at_us - beginnings->items[count - 2].at_us : 0;
}

/* A step of the story, or a machine that comes back, begins something else. */
static bool is_disturbed(const struct seen *seen, int64_t from_us, int64_t to_us)
{
    for (size_t i = 0; i < seen->count; i++) {
        const struct moment *moment = &seen->moments[i];
        bool outside = moment->kind == MOMENT_STORY || moment->kind == MOMENT_FAILED ||
                       moment->kind == MOMENT_RESTORED || moment->kind == MOMENT_BOOT;
        if (outside && moment->at_us > from_us && moment->at_us < to_us)
            return true;
    }
    return false;
}

int64_t seen_period_us(const struct seen *seen, int tunnel)
{
    struct cycles cycles = cycles_of(seen, tunnel);
    const struct beginnings *beginnings = beginnings_of(&cycles);
    int64_t lengths_us[CYCLES_MAX + 2];
    size_t count = 0;
    for (size_t i = 1; i < beginnings->count; i++) { /* sorted as they come in */
        int64_t from_us = beginnings->items[i - 1].at_us, to_us = beginnings->items[i].at_us;
        if (is_disturbed(seen, from_us, to_us))
            continue;
        size_t at = count++;
        for (; at > 0 && lengths_us[at - 1] > to_us - from_us; at--)
            lengths_us[at] = lengths_us[at - 1];
        lengths_us[at] = to_us - from_us;
    }
    return count >= CYCLES_EVEN ? lengths_us[count / 2] : 0;
}
