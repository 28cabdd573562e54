#include "lab/player.h"

#include "lab/again.h"
#include "lab/apply.h"
#include "lab/done.h"
#include "lab/plan.h"
#include "lab/strike.h"
#include "lab/watch.h"
#include "network/build.h"
#include "network/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* As the simulator has it (sim/story.c), so that both have the same outage. */
enum { BOOT_US = 15000000, REPLACE_US = 60000000 };

void player_init(struct player *player, struct lab_running *lab, struct network *network,
                 struct seen *seen)
{
    *player = (struct player){.lab = lab, .network = network, .seen = seen};
}

void player_done(struct player *player)
{
    network_free(player->network);
    free(player->boots);
    *player = (struct player){0};
}

static bool become(struct player *player, struct network *network, unsigned *ret_count,
                   struct trouble *ret_trouble)
{
    bool done = lab_apply(player->lab, player->network, network, ret_count, ret_trouble);
    network_free(player->network);
    player->network = network;
    return done;
}

bool player_apply(struct player *player, struct network *network, unsigned *ret_count,
                  struct trouble *ret_trouble)
{
    done_change(player->lab, player->network, network, watch_wall_us());
    return become(player, network, ret_count, ret_trouble);
}

/* -- machines -- */

static bool shut_down(struct player *player, struct running_node *node, struct trouble *ret_trouble)
{
    seen_gone(player->seen, world_find_node(player->seen->world, node->id));
    return strike_kill(node, ret_trouble);
}

static bool boot(struct player *player, size_t index, struct trouble *ret_trouble)
{
    struct running_node *node = &player->lab->nodes[index];
    int in_world = world_find_node(player->seen->world, node->id);
    seen_say(player->seen, MOMENT_BOOT, in_world, WORLD_NONE, watch_wall_us());
    return strike_isolate(node, false, ret_trouble) &&
           lab_start_again(player->lab, node, player->network, ret_trouble);
}

static void boot_later(struct player *player, size_t index, int64_t after_us)
{
    struct player_boot *grown =
        realloc(player->boots, (player->boot_count + 1) * sizeof *player->boots);
    assert(grown);
    player->boots = grown;
    player->boots[player->boot_count++] = (struct player_boot){watch_wall_us() + after_us, index};
}

/* What is done to a machine that is to come back takes the place of that. */
static void forget_boot(struct player *player, size_t index)
{
    for (size_t i = player->boot_count; i-- > 0;) {
        if (player->boots[i].node == index)
            player->boots[i] = player->boots[--player->boot_count];
    }
}

bool player_boot_due(struct player *player, int64_t now_us, bool *ret_booted,
                     struct trouble *ret_trouble)
{
    *ret_booted = false;
    for (size_t i = player->boot_count; i-- > 0;) {
        if (player->boots[i].at_us > now_us)
            continue;
        size_t node = player->boots[i].node;
        player->boots[i] = player->boots[--player->boot_count];
        *ret_booted = true;
        if (!boot(player, node, ret_trouble))
            return false;
    }
    return true;
}

static bool is_up(const struct running_node *node)
{
    for (size_t i = 0; i < node->daemon_count; i++) {
        if (running_lives(&node->daemons[i]))
            return true;
    }
    return false;
}

static bool strike_machine(struct player *player, const struct network_step *step,
                           struct trouble *ret_trouble)
{
    struct running_node *node = running_node(player->lab, step->object.id);
    if (!node || world_find_node(player->seen->world, node->id) == WORLD_NONE)
        return trouble_is(ret_trouble, 0, "the lab has no machine called %s", step->object.id);
    size_t index = (size_t)(node - player->lab->nodes);
    forget_boot(player, index);
    if (step->verb == NETWORK_STEP_RESTORE)
        return is_up(node) || boot(player, index, ret_trouble);
    if (!shut_down(player, node, ret_trouble))
        return false;
    if (step->verb == NETWORK_STEP_RESTART)
        boot_later(player, index, BOOT_US);
    else if (step->verb == NETWORK_STEP_REPLACE)
        boot_later(player, index, REPLACE_US);
    return true;
}

/* -- tunnels and lines -- */

static bool strike_tunnels(struct player *player, const struct network_step *step,
                           struct trouble *ret_trouble)
{
    const struct world *world = player->seen->world;
    struct build_place at = build_find(world, player->network, &step->object);
    bool restart = step->verb == NETWORK_STEP_RESTART, done = true;
    for (size_t i = 0; done && i < world->tunnel_count; i++) {
        const struct tunnel *tunnel = &world->tunnels[i];
        const struct running_tunnel *running = running_tunnel(player->lab, tunnel->id);
        if (tunnel->connection != at.connection || (at.part >= 0 && tunnel->part != at.part) ||
            !running)
            continue;
        ip_addr outside = tunnel->ends[TUNNEL_CUSTOMER].outer_remote;
        bool silent = step->verb == NETWORK_STEP_FAIL;
        const struct running_node *router =
            running_node(player->lab, world->nodes[tunnel->ends[TUNNEL_CUSTOMER].node].id);
        done = strike_silence(running->endpoints[TUNNEL_CUSTOMER], NULL, outside, silent,
                              ret_trouble) &&
               (!restart || tunnel->plain || strike_renew(router, tunnel->id, ret_trouble));
        if (tunnel->plain) /* nobody else would say so */
            world->tunnels[i].ends[TUNNEL_GATEWAY].sa = !silent;
    }
    return done;
}

/* Those of the node's sessions that are over the port. What is begun anew is silent no more. */
static bool strike_sessions(struct player *player, int node, uint16_t port, enum network_verb verb,
                            struct trouble *ret_trouble)
{
    const struct node *at = &player->seen->world->nodes[node];
    const struct running_node *router = running_node(player->lab, at->id);
    bool done = router || trouble_is(ret_trouble, 0, "the lab has no %s", at->id);
    for (size_t i = 0; done && i < at->setup_count; i++) {
        const struct event_neighbor *said = &at->setup[i].neighbor;
        if (at->setup[i].kind != EVENT_NEIGHBOR || said->interface != port)
            continue;
        done =
            strike_mute(router->space, said->peer_addr, verb == NETWORK_STEP_FAIL, ret_trouble) &&
            (verb != NETWORK_STEP_RESTART ||
             strike_session(router, said->neighbor, said->peer_addr, ret_trouble));
    }
    return done;
}

static bool strike_tunnels_session(struct player *player, const struct network_step *step,
                                   struct trouble *ret_trouble)
{
    const struct world *world = player->seen->world;
    const struct tunnel_end *end =
        &world->tunnels[world_find_tunnel(world, step->object.id)].ends[TUNNEL_CUSTOMER];
    return strike_sessions(player, end->node, end->port, step->verb, ret_trouble);
}

static bool strike_direct_connect(struct player *player, const struct network_step *step,
                                  struct trouble *ret_trouble)
{
    bool up = step->verb != NETWORK_STEP_FAIL;
    for (size_t i = 0; i < player->lab->link_count; i++) {
        const struct running_link *link = &player->lab->links[i];
        if (strcmp(link->id, step->object.id) != 0)
            continue;
        if (!strike_line(player->lab, link, up, ret_trouble))
            return false;
        if (step->verb != NETWORK_STEP_RESTART)
            return true;
        const struct world *world = player->seen->world;
        struct build_place at = build_find(world, player->network, &step->object);
        uint16_t port = world->direct_connects[at.direct_connect].router_port;
        return strike_sessions(player, at.node, port, step->verb, ret_trouble);
    }
    return trouble_is(ret_trouble, 0, "the lab has no line called %s", step->object.id);
}

/* An instance may be a router's, whose name its machine has then. */
static bool strike_link(struct player *player, const struct network_step *step,
                        struct trouble *ret_trouble)
{
    const struct world *world = player->seen->world;
    struct build_place at = build_find(world, player->network, &step->object);
    const struct node *of = at.node == WORLD_NONE ? NULL : &world->nodes[at.node];
    const struct running_node *node = of ? running_node(player->lab, of->id) : NULL;
    if (!node)
        return trouble_is(ret_trouble, 0, "the lab has no %s", step->object.id);
    const char *device = of->kind == NODE_GATEWAY ? LAB_OUTER : of->ports[1].name;
    return strike_silence(node->space, device, 0, step->verb == NETWORK_STEP_FAIL, ret_trouble);
}

static bool strike(struct player *player, const struct network_step *step,
                   struct trouble *ret_trouble)
{
    switch (step->about) {
    case NETWORK_ABOUT_LINK:
        return strike_link(player, step, ret_trouble);
    case NETWORK_ABOUT_DIRECT_CONNECT:
        return strike_direct_connect(player, step, ret_trouble);
    case NETWORK_ABOUT_TUNNEL:
    case NETWORK_ABOUT_CONNECTION:
        return strike_tunnels(player, step, ret_trouble);
    case NETWORK_ABOUT_SESSION:
        return strike_tunnels_session(player, step, ret_trouble);
    case NETWORK_ABOUT_ROUTER:
    case NETWORK_ABOUT_GATEWAY:
        return strike_machine(player, step, ret_trouble);
    case NETWORK_ABOUT_NONE:
    case NETWORK_ABOUT_ROUTE_TABLE:
    default:
        return true;
    }
}

static bool fold(struct player *player, const struct network_step *step,
                 struct trouble *ret_trouble)
{
    struct network *next = network_copy(player->network);
    unsigned count;
    network_fold(next, step);
    return become(player, next, &count, ret_trouble);
}

bool player_do(struct player *player, const struct network_step *step, int index,
               struct trouble *ret_trouble)
{
    struct build_place at = build_find(player->seen->world, player->network, &step->object);
    enum moment_kind kind = step->verb == NETWORK_STEP_FAIL      ? MOMENT_FAILED
                            : step->verb == NETWORK_STEP_RESTORE ? MOMENT_RESTORED
                                                                 : MOMENT_STORY;
    int64_t now_us = watch_wall_us();
    seen_say(player->seen, kind, at.node, WORLD_NONE, now_us)->step = index;
    done_step(player->lab, step, now_us);
    switch (step->verb) {
    case NETWORK_STEP_ANNOUNCE:
    case NETWORK_STEP_WITHDRAW:
    case NETWORK_STEP_CONFIGURE:
        return fold(player, step, ret_trouble);
    case NETWORK_STEP_FAIL:
    case NETWORK_STEP_RESTORE:
    case NETWORK_STEP_RESTART:
    case NETWORK_STEP_REPLACE:
        return strike(player, step, ret_trouble);
    case NETWORK_STEP_NONE:
    default:
        return true;
    }
}
