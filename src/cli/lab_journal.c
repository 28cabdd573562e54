#include "cli/lab_journal.h"

#include "cli/playback.h"
#include "explain/view.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_message.h"
#include "world/names.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* SILENT: a gateway that runs is told something oftener, if only the time. SETTLED: a neighbor has
 * said all that it has so long after its first routes. Before, nothing is known: what it says may
 * be lost in the tunnel. */
enum { SILENT_US = 120000000, SETTLED_US = 5000000, PATH_MAX_AS = 64, US_PER_S = 1000000 };

struct offer { /* a route of a neighbor's own */
    uint16_t neighbor;
    struct prefix prefix;
    int router;
    bool there, seen; /* now; when it was looked last */
    bool lost;        /* it went with its session, and may come again */
};

struct reading {
    struct cli *cli;
    const struct running_node *gateway;
    struct record *record;
    struct playback playback;
    struct offer *offers;
    size_t offer_count;
    struct talk {                /* of each neighbor, the session that stands */
        int64_t up_us, first_us; /* since when; its first routes; INT64_MAX: none yet */
    } * talks;
    size_t talk_count;
    bool *covered; /* of each tunnel */
};

static void *must(void *block)
{
    assert(block);
    return block;
}

/* -- whose it is -- */

static const char *name_of(const struct reading *reading, uint16_t neighbor)
{
    const char *name = playback_name_of(&reading->playback, JOURNAL_NEIGHBOR, neighbor, 0);
    return name ? name : "";
}

/* WORLD_NONE: nobody of the network's. */
static int router_of(const struct reading *reading, uint16_t neighbor)
{
    const struct world *world = reading->record->world;
    const char *name = name_of(reading, neighbor);
    int tunnel = world_find_tunnel(world, name);
    if (tunnel != WORLD_NONE)
        return world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].node;
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        const struct direct_connect *line = &world->direct_connects[i];
        size_t size = strlen(line->id);
        const char *rest = strncmp(name, line->id, size) == 0 ? name + size : "?";
        if (*rest == '\0' || strcmp(rest, NAME_SECOND_SESSION) == 0)
            return line->router;
    }
    return WORLD_NONE;
}

static bool is_of_network(const struct network *network, uint32_t as)
{
    for (size_t i = 0; i < network->vpn_gateway_count; i++) {
        if (network->vpn_gateways[i].asn == as)
            return true;
    }
    for (size_t i = 0; i < network->router_count; i++) {
        const struct network_router *router = &network->routers[i];
        if ((router->bgp && router->bgp->asn == as) ||
            (router->underlay && router->underlay->asn == as))
            return true;
    }
    return false;
}

/* The path behind the neighbor's own AS, if the route is its own: nobody else of the network's is
 * in it. */
static bool own_path(const struct reading *reading, const struct view_route *route,
                     uint32_t ases[PATH_MAX_AS], size_t *ret_count)
{
    const struct rib *rib = engine_rib(playback_engine(&reading->playback));
    const struct attr_facts *facts = attr_get(&rib->attrs, route->path->attr);
    struct slice bytes = attr_bytes(&rib->attrs, route->path->attr);
    struct cursor cursor =
        cursor_over((struct slice){bytes.data + facts->as_path_at, facts->as_path_bytes});
    struct bgp_segment segment;
    size_t count = 0;
    while (bgp_as_path_next(&cursor, &segment)) {
        for (unsigned i = 0; i < segment.count; i++) {
            uint32_t as = bgp_segment_as(&segment, i);
            if (count == 0 && as == route->source->peer_as)
                continue; /* its own, however often */
            if (count == PATH_MAX_AS || is_of_network(reading->record->network, as))
                return false;
            ases[count++] = as;
        }
    }
    *ret_count = count;
    return true;
}

/* -- what is offered now -- */

static struct offer *offer_of(struct reading *reading, uint16_t neighbor, struct prefix prefix)
{
    for (size_t i = 0; i < reading->offer_count; i++) {
        struct offer *offer = &reading->offers[i];
        if (offer->neighbor == neighbor && prefix_equal(offer->prefix, prefix))
            return offer;
    }
    reading->offers =
        must(realloc(reading->offers, (reading->offer_count + 1) * sizeof *reading->offers));
    struct offer *offer = &reading->offers[reading->offer_count++];
    *offer = (struct offer){
        .neighbor = neighbor, .prefix = prefix, .router = router_of(reading, neighbor)};
    return offer;
}

static void take_offer(struct reading *reading, const struct view_route *route, int64_t now_us)
{
    uint32_t ases[PATH_MAX_AS];
    size_t count;
    if (route->neighbor == 0 || !own_path(reading, route, ases, &count))
        return;
    struct offer *offer = offer_of(reading, route->neighbor, route->prefix);
    offer->seen = true;
    if (offer->there || offer->router == WORLD_NONE)
        return;
    offer->there = true;
    offer->lost = false;
    record_announced(reading->record, offer->router, offer->prefix, ases, count, now_us);
}

static bool is_established(const struct reading *reading, uint16_t neighbor)
{
    const struct engine *engine = playback_engine(&reading->playback);
    return engine_session(engine, neighbor)->state == SESSION_ESTABLISHED;
}

static bool another_has_it(const struct reading *reading, const struct offer *offer)
{
    for (size_t i = 0; i < reading->offer_count; i++) {
        const struct offer *other = &reading->offers[i];
        if (other->there && other->router == offer->router &&
            prefix_equal(other->prefix, offer->prefix))
            return true;
    }
    return false;
}

/* What is gone was withdrawn, or went with its session; then it may come again with the next one.
 */
static void miss_offer(struct reading *reading, struct offer *offer, int64_t now_us)
{
    bool stands = is_established(reading, offer->neighbor);
    const struct talk silent = {INT64_MAX, INT64_MAX};
    const struct talk *talk =
        offer->neighbor < reading->talk_count ? &reading->talks[offer->neighbor] : &silent;
    bool was_there = offer->there;
    offer->there = false;
    if (was_there && !stands)
        offer->lost = true;
    else if (was_there && !another_has_it(reading, offer))
        record_withdrawn(reading->record, offer->router, offer->prefix, now_us);
    else if (offer->lost && stands && talk->first_us < now_us - SETTLED_US) {
        offer->lost = false;
        if (!another_has_it(reading, offer))
            record_withdrawn(reading->record, offer->router, offer->prefix, talk->first_us);
    }
}

/* -- what covers a tunnel -- */

static bool covers(const struct reading *reading, const struct view_route *route, int tunnel)
{
    const struct world *world = reading->record->world;
    const struct tunnel *of = &world->tunnels[tunnel];
    int from = world_find_tunnel(world, name_of(reading, route->neighbor));
    return route->chosen &&
           prefix_covers(route->prefix, prefix_host(of->ends[TUNNEL_GATEWAY].outer_local)) &&
           (from == WORLD_NONE || world->tunnels[from].connection != of->connection);
}

/* What the guard holds back is not announced. */
static bool lets_pass(const struct network *network, const struct world *world, int tunnel)
{
    struct network_ref ref = network_find(network, world->tunnels[tunnel].id);
    enum network_guard guard = network_guard_of(network, &network->vpn_connections[ref.index]);
    return guard == NETWORK_GUARD_NONE || guard == NETWORK_GUARD_WARN;
}

static void look_at_covers(struct reading *reading, const struct view_routes *routes,
                           int64_t now_us)
{
    const struct world *world = reading->record->world;
    for (size_t i = 0; i < world->tunnel_count; i++) {
        bool covered = false;
        int gateway = world->tunnels[i].ends[TUNNEL_GATEWAY].node;
        if (strcmp(world->nodes[gateway].id, reading->gateway->id) != 0 ||
            !lets_pass(reading->record->network, world, (int)i))
            continue;
        for (size_t j = 0; j < routes->count && !covered; j++)
            covered = covers(reading, &routes->items[j], (int)i);
        if (covered != reading->covered[i])
            record_covered(reading->record, (int)i, covered, now_us);
        reading->covered[i] = covered;
    }
}

/* -- the journal -- */

static void look(struct reading *reading, int64_t now_us)
{
    struct view view = {.kind = VIEW_GATEWAY, .node = reading->playback.node};
    struct view_routes routes;
    view_list(reading->playback.world, &view, NULL, &routes);
    for (size_t i = 0; i < reading->offer_count; i++)
        reading->offers[i].seen = false;
    for (size_t i = 0; i < routes.count; i++)
        take_offer(reading, &routes.items[i], now_us);
    for (size_t i = 0; i < reading->offer_count; i++) {
        if (!reading->offers[i].seen)
            miss_offer(reading, &reading->offers[i], now_us);
    }
    look_at_covers(reading, &routes, now_us);
    view_routes_done(&routes);
}

static struct talk *talk_of(struct reading *reading, uint16_t neighbor)
{
    if (neighbor >= reading->talk_count) {
        reading->talks = must(realloc(reading->talks, (neighbor + 1u) * sizeof *reading->talks));
        while (reading->talk_count <= neighbor)
            reading->talks[reading->talk_count++] = (struct talk){INT64_MAX, INT64_MAX};
    }
    return &reading->talks[neighbor];
}

/* Keepalives and the clock change no route. */
static void take_moment(struct reading *reading, const struct playback_moment *moment)
{
    const struct event *event = &moment->event;
    bool tells = event->kind == EVENT_CONTINUE || event->kind == EVENT_BOOT;
    for (uint32_t i = 0; i < moment->effect_count; i++) {
        const struct effect *effect = &moment->effects[i];
        if (effect->kind == EFFECT_NOTE && effect->note.kind == NOTE_SESSION_UP)
            *talk_of(reading, effect->note.neighbor) = (struct talk){moment->wall_us, INT64_MAX};
        tells |= effect->kind == EFFECT_NOTE;
    }
    if (event->kind == EVENT_RECEIVED) {
        record_sign(reading->record, name_of(reading, event->received.connection.neighbor),
                    moment->wall_us);
        bool routes = event->received.bytes.size > BGP_KEEPALIVE_BYTES;
        struct talk *talk = talk_of(reading, event->received.connection.neighbor);
        if (routes && talk->first_us == INT64_MAX && talk->up_us < moment->wall_us)
            talk->first_us = moment->wall_us;
        tells |= routes;
    }
    if (tells)
        look(reading, moment->wall_us);
}

static enum cli_exit refuse(const struct reading *reading, const char *why)
{
    cli_error(reading->cli, "the journal of %s %s: no story can be told from it",
              reading->gateway->id, why);
    return CLI_WORLD;
}

static const struct tape_fault *damage_of(const struct playback *playback)
{
    for (size_t i = 0; i < playback->tape.fault_count; i++) {
        if (!playback->tape.faults[i].torn)
            return &playback->tape.faults[i];
    }
    return NULL;
}

static enum cli_exit play(struct reading *reading, int64_t until_us)
{
    struct playback *playback = &reading->playback;
    struct playback_moment moment;
    int64_t latest_us = 0;
    if (playback->tape.segments[0].header.number != 1)
        return refuse(reading, "has lost its beginning");
    if (!playback_begin(playback, playback_first_us(playback)))
        return refuse(reading, "begins with no state");
    while (playback_next(playback, until_us, &moment)) {
        if (!playback_engine(playback))
            break;
        if (moment.kind != JOURNAL_EVENT)
            continue;
        latest_us = moment.wall_us;
        take_moment(reading, &moment);
    }
    const struct tape_fault *damage = damage_of(playback);
    if (damage)
        cli_error(reading->cli, "%s: at byte %zu %s", damage->path, damage->offset,
                  damage->sentence);
    if (damage || !playback_engine(playback))
        return refuse(reading, damage ? "is damaged" : "misses events");
    if (until_us - latest_us > SILENT_US)
        return refuse(reading, "breaks off minutes ago");
    look(reading, latest_us);
    return CLI_FINE;
}

enum cli_exit lab_journal_read(struct cli *cli, const struct running_node *gateway,
                               int64_t until_us, struct record *record)
{
    char path[LAB_PATH_BYTES];
    struct reading reading = {.cli = cli, .gateway = gateway, .record = record};
    snprintf(path, sizeof path, "%.90s/journal", gateway->folder);
    if (playback_open(cli, path, &reading.playback) != CLI_FINE)
        return CLI_WORLD;
    reading.covered = must(calloc(record->world->tunnel_count + 1, sizeof *reading.covered));
    enum cli_exit status = play(&reading, until_us);
    playback_done(&reading.playback);
    free(reading.offers);
    free(reading.talks);
    free(reading.covered);
    return status;
}
