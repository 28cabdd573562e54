#include "lab/record.h"

#include "base/sort.h"
#include "network/edit.h"
#include "network/memory.h"
#include "network/schema.h"
#include "network/step.h"
#include "network/walk.h"
#include "sim/departure.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* LEAD: until the simulated network is at rest. STRUCK: for so long after a step that is done to a
 * machine or a line what is lost there is its doing: a new instance takes 60 s to boot. */
enum {
    LEAD_US = 60000000,
    STRUCK_US = 180000000,
    RENEWED_US = 5000000, /* between an IKE_SA's end and the next one, where somebody renews it */
    AWAY_US = 20000000,   /* longer than any daemon waits after a session that was reset */
    SECOND_US = 1000000,
    JUST_US = 50000,
};

struct record_said {
    int64_t at_us;
    int router;
    struct prefix prefix;
    bool announced;
    uint32_t *as_path;
    size_t as_path_count;
};

struct record_sign {
    int64_t at_us;
    char of[PLANE_NAME_BYTES];
};

struct record_cover {
    int64_t at_us;
    int tunnel;
    bool covered;
};

static void *must(void *block)
{
    assert(block);
    return block;
}

/* The array with room for one more, which is zeroed. */
static void *longer(void *items, size_t count, size_t size)
{
    char *grown = must(realloc(items, (count + 1) * size));
    memset(grown + count * size, 0, size);
    return grown;
}

void record_init(struct record *record, const struct network *network, const struct world *world,
                 int64_t since_us, int64_t until_us)
{
    *record = (struct record){
        .network = network, .world = world, .since_us = since_us, .until_us = until_us};
}

void record_free(struct record *record)
{
    for (size_t i = 0; i < record->step_count; i++)
        walk_release(&schema_step, &record->steps[i].step);
    for (size_t i = 0; i < record->said_count; i++)
        free(record->said[i].as_path);
    free(record->steps);
    free(record->said);
    free(record->signs);
    free(record->covers);
    free(record->moments);
    *record = (struct record){0};
}

/* -- what is handed in -- */

static struct network_step *add_step(struct record *record, enum record_source source,
                                     int64_t at_us)
{
    record->steps = longer(record->steps, record->step_count, sizeof *record->steps);
    struct record_step *step = &record->steps[record->step_count++];
    step->at_us = at_us;
    step->source = source;
    schema_initialize(&schema_step, &step->step);
    return &step->step;
}

bool record_done(struct record *record, const char *text, int64_t at_us)
{
    struct network *scratch = network_copy(record->network);
    struct slice bytes = {(const uint8_t *)text, strlen(text)};
    struct diagnostics diagnostics;
    network_drop_steps(scratch, 0);
    diagnostics_init(&diagnostics);
    bool sound = network_add_step(scratch, bytes, "a step", &diagnostics);
    diagnostics_done(&diagnostics);
    if (sound)
        walk_copy(&schema_step, add_step(record, RECORD_DONE, at_us), &scratch->story[0]);
    network_free(scratch);
    return sound;
}

static struct record_said *add_said(struct record *record, int router, struct prefix prefix,
                                    int64_t at_us)
{
    record->said = longer(record->said, record->said_count, sizeof *record->said);
    struct record_said *said = &record->said[record->said_count++];
    *said = (struct record_said){.at_us = at_us, .router = router, .prefix = prefix};
    return said;
}

void record_announced(struct record *record, int router, struct prefix prefix,
                      const uint32_t *as_path, size_t count, int64_t at_us)
{
    struct record_said *said = add_said(record, router, prefix, at_us);
    said->announced = true;
    said->as_path = must(calloc(count + 1, sizeof *said->as_path));
    said->as_path_count = count;
    for (size_t i = 0; i < count; i++)
        said->as_path[i] = as_path[i];
}

void record_withdrawn(struct record *record, int router, struct prefix prefix, int64_t at_us)
{
    add_said(record, router, prefix, at_us);
}

void record_sign(struct record *record, const char *of, int64_t at_us)
{
    record->signs = longer(record->signs, record->sign_count, sizeof *record->signs);
    struct record_sign *sign = &record->signs[record->sign_count++];
    sign->at_us = at_us;
    snprintf(sign->of, sizeof sign->of, "%s", of);
}

void record_covered(struct record *record, int tunnel, bool covered, int64_t at_us)
{
    record->covers = longer(record->covers, record->cover_count, sizeof *record->covers);
    record->covers[record->cover_count++] = (struct record_cover){at_us, tunnel, covered};
}

void record_moment(struct record *record, const struct moment *moment, int64_t at_us)
{
    record->moments = longer(record->moments, record->moment_count, sizeof *record->moments);
    record->moments[record->moment_count] = *moment;
    record->moments[record->moment_count++].at_us = at_us;
}

static struct network_ref ref_to(const struct network *network, const char *id)
{
    struct network_ref ref = network_find(network, id);
    ref.id = memory_text(id, strlen(id));
    return ref;
}

void record_by_hand(struct record *record, int router, struct prefix prefix, ip_addr via,
                    int64_t at_us)
{
    struct network_step *step = add_step(record, RECORD_TABLE, at_us);
    step->verb = NETWORK_STEP_CONFIGURE;
    step->about = NETWORK_ABOUT_ROUTER;
    step->object = ref_to(record->network, record->world->nodes[router].id);
    step->change.add_routes = memory_zeroed(1, sizeof *step->change.add_routes);
    step->change.add_routes[0] = network_static_route(prefix, via);
    step->change.add_route_count = 1;
}

/* -- announcements -- */

static void say_step(struct record *record, const struct record_said *said)
{
    struct network_step *step = add_step(record, RECORD_BGP, said->at_us);
    step->verb = said->announced ? NETWORK_STEP_ANNOUNCE : NETWORK_STEP_WITHDRAW;
    step->object = ref_to(record->network, record->world->nodes[said->router].id);
    step->announcement.prefix = said->prefix;
    if (said->as_path_count == 0)
        return;
    step->announcement.as_path =
        memory_zeroed(said->as_path_count, sizeof *step->announcement.as_path);
    step->announcement.as_path_count = said->as_path_count;
    memcpy(step->announcement.as_path, said->as_path, said->as_path_count * sizeof *said->as_path);
}

/* Does the router announce it, by its file and by the steps up to then? */
static bool has_by_then(const struct record *record, int router, struct prefix prefix,
                        int64_t at_us)
{
    const char *id = record->world->nodes[router].id;
    struct network_ref ref = network_find(record->network, id);
    const struct network_bgp *bgp =
        ref.kind == NETWORK_ROUTER ? record->network->routers[ref.index].bgp : NULL;
    int64_t latest_us = INT64_MIN;
    bool has = false;
    for (size_t i = 0; bgp && i < bgp->announce_count; i++)
        has |= prefix_equal(bgp->announce[i].prefix, prefix);
    for (size_t i = 0; bgp && i < bgp->received_count; i++)
        has |= prefix_equal(bgp->received[i].prefix, prefix);
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *at = &record->steps[i];
        bool speaks =
            at->step.verb == NETWORK_STEP_ANNOUNCE || at->step.verb == NETWORK_STEP_WITHDRAW;
        if (!speaks || at->at_us > at_us || at->at_us < latest_us ||
            strcmp(at->step.object.id, id) != 0 ||
            !prefix_equal(at->step.announcement.prefix, prefix))
            continue;
        latest_us = at->at_us;
        has = at->step.verb == NETWORK_STEP_ANNOUNCE;
    }
    return has;
}

static int said_by_time(const void *left, const void *right, const void *context)
{
    const struct record_said *one = left, *other = right;
    (void)context;
    return one->at_us < other->at_us ? -1 : one->at_us > other->at_us;
}

/* What a step of the lab's own brought about is said after it, and no news. */
static void find_announcements(struct record *record)
{
    struct record_said *scratch = must(calloc(record->said_count + 1, sizeof *scratch));
    sort_stable(record->said, record->said_count, sizeof *scratch, scratch, said_by_time, NULL);
    free(scratch);
    for (size_t i = 0; i < record->said_count; i++) {
        const struct record_said *said = &record->said[i];
        if (said->at_us >= record->since_us &&
            has_by_then(record, said->router, said->prefix, said->at_us) != said->announced)
            say_step(record, said);
    }
}

/* -- losses -- */

static bool is_strike(const struct network_step *step)
{
    return step->verb == NETWORK_STEP_FAIL || step->verb == NETWORK_STEP_RESTORE ||
           step->verb == NETWORK_STEP_RESTART || step->verb == NETWORK_STEP_REPLACE;
}

static bool is_one_of(const char *id, const char *const names[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i] && strcmp(names[i], id) == 0)
            return true;
    }
    return false;
}

/* Did somebody do something to one of these, so that what happens then is its doing? What failed
 * stays struck until it is restored. What is done to a session strikes sessions alone. */
static bool is_struck(const struct record *record, const char *const names[], size_t count,
                      int64_t at_us, bool session)
{
    bool struck = false;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->source == RECORD_LOST || !is_strike(&step->step) ||
            step->at_us > at_us + SECOND_US || !is_one_of(step->step.object.id, names, count) ||
            (step->step.about == NETWORK_ABOUT_SESSION && !session))
            continue;
        struck = step->step.verb == NETWORK_STEP_FAIL || at_us - step->at_us < STRUCK_US;
    }
    return struck;
}

static bool tunnel_is_struck(const struct record *record, int tunnel, int64_t at_us, bool session)
{
    const struct world *world = record->world;
    const struct tunnel *of = &world->tunnels[tunnel];
    const struct node *customer = &world->nodes[of->ends[TUNNEL_CUSTOMER].node];
    const char *names[5] = {of->id, world->connections[of->connection].id,
                            world->nodes[of->ends[TUNNEL_GATEWAY].node].id, customer->id, NULL};
    const struct network *network = record->network;
    for (size_t i = 0; i < network->vpc_count; i++) {
        for (size_t j = 0; j < network->vpcs[i].instance_count; j++) {
            const struct network_instance *instance = &network->vpcs[i].instances[j];
            if (instance->router.id && strcmp(instance->router.id, customer->id) == 0)
                names[4] = instance->id;
        }
    }
    return is_struck(record, names, 5, at_us, session);
}

static bool was_covered(const struct record *record, int tunnel, int64_t from_us, int64_t to_us)
{
    bool covered = false;
    for (size_t i = 0; i < record->cover_count; i++) {
        const struct record_cover *cover = &record->covers[i];
        if (cover->tunnel != tunnel || cover->at_us > to_us)
            continue;
        if (covered && cover->at_us >= from_us)
            return true;
        covered = cover->covered;
    }
    return covered;
}

/* The last message over it before then; INT64_MIN: none. */
static int64_t last_sign_us(const struct record *record, const char *of, int64_t before_us)
{
    int64_t found_us = INT64_MIN;
    for (size_t i = 0; i < record->sign_count; i++) {
        const struct record_sign *sign = &record->signs[i];
        if (sign->at_us < before_us && sign->at_us > found_us && strcmp(sign->of, of) == 0)
            found_us = sign->at_us;
    }
    return found_us;
}

static void lose(struct record *record, enum network_verb verb, enum network_about about,
                 const char *id, int64_t at_us)
{
    struct network_step *step = add_step(record, RECORD_LOST, at_us);
    step->verb = verb;
    step->about = about;
    step->object = ref_to(record->network, id);
}

/* Dead-peer detection counts from the last packet: that long before the end gave up. */
static int64_t dead_us(const struct record *record, int tunnel)
{
    struct network_ref ref = network_find(record->network, record->world->tunnels[tunnel].id);
    const struct network_dpd *dpd = &record->network->vpn_connections[ref.index].dpd;
    return dpd->delay_us + dpd->retries * dpd->interval_us;
}

/* When it comes back after that; INT64_MAX: not any more. */
static int64_t back_us(const struct record *record, enum moment_kind kind, int node, int tunnel,
                       uint16_t neighbor, int64_t after_us)
{
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment *moment = &record->moments[i];
        if (moment->at_us > after_us && moment->kind == kind && moment->tunnel == tunnel &&
            (node == WORLD_NONE || (moment->node == node && moment->neighbor == neighbor)))
            return moment->at_us;
    }
    return INT64_MAX;
}

/* Returns until when it is lost, so that the other end's giving up is the same loss. */
static int64_t lose_tunnel(struct record *record, int tunnel, int64_t at_us)
{
    const char *id = record->world->tunnels[tunnel].id;
    int64_t quiet_us = at_us - dead_us(record, tunnel);
    int64_t sign_us = last_sign_us(record, id, at_us);
    int64_t back = back_us(record, MOMENT_IKE_UP, WORLD_NONE, tunnel, 0, at_us);
    int64_t from_us = sign_us > quiet_us - 2 * SECOND_US ? sign_us + 1000 : quiet_us;
    lose(record, NETWORK_STEP_FAIL, NETWORK_ABOUT_TUNNEL, id, from_us);
    if (back != INT64_MAX)
        lose(record, NETWORK_STEP_RESTORE, NETWORK_ABOUT_TUNNEL, id, back - JUST_US);
    return back;
}

static void find_lost_tunnel(struct record *record, int tunnel)
{
    int64_t lost_until_us = INT64_MIN;
    bool up = true; /* the gateway's end; when the lab was up, so were its tunnels */
    int gateway = record->world->tunnels[tunnel].ends[TUNNEL_GATEWAY].node;
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment moment = record->moments[i];
        if (moment.tunnel != tunnel)
            continue;
        bool by_route =
            was_covered(record, tunnel, moment.at_us - 2 * dead_us(record, tunnel), moment.at_us);
        bool outside = !by_route && moment.at_us > lost_until_us &&
                       !tunnel_is_struck(record, tunnel, moment.at_us, false);
        bool again = moment.kind == MOMENT_IKE_UP && moment.node == gateway && up;
        if (moment.node == gateway)
            up = moment.kind == MOMENT_IKE_UP;
        if (outside && moment.kind == MOMENT_IKE_GIVEN_UP)
            lost_until_us = lose_tunnel(record, tunnel, moment.at_us);
        else if (outside && again) /* it was ended by a word: somebody made it anew */
            lose(record, NETWORK_STEP_RESTART, NETWORK_ABOUT_TUNNEL,
                 record->world->tunnels[tunnel].id, moment.at_us - JUST_US);
    }
}

/* -- sessions in tunnels -- */

/* Does what was lost of the tunnel take its session along? What is made anew is gone before. */
static bool went_with_tunnel(const struct record *record, const char *id, int64_t at_us)
{
    bool gone = false;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct record_step *step = &record->steps[i];
        if (step->source != RECORD_LOST || step->step.about != NETWORK_ABOUT_TUNNEL ||
            strcmp(step->step.object.id, id) != 0)
            continue;
        if (step->step.verb == NETWORK_STEP_RESTART)
            gone |= at_us > step->at_us - RENEWED_US && at_us < step->at_us + RENEWED_US;
        else if (step->step.verb == NETWORK_STEP_FAIL && step->at_us <= at_us)
            gone = true;
        else if (step->at_us < at_us) /* it was lost before, and came back */
            gone = false;
    }
    return gone;
}

/* The other end's word for the same; NULL: it has none. */
static const struct moment *down_there(const struct record *record, const struct tunnel_end *there,
                                       int64_t at_us)
{
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment *moment = &record->moments[i];
        if (moment->kind == MOMENT_SESSION_DOWN && moment->node == there->node &&
            moment->neighbor == there->neighbor && moment->at_us > at_us - SECOND_US &&
            moment->at_us < at_us + SECOND_US)
            return moment;
    }
    return NULL;
}

/* back_us: INT64_MAX, it has not come back by now. */
static bool stayed_away(const struct record *record, int64_t ended_us, int64_t back_us)
{
    int64_t until_us = back_us < record->until_us ? back_us : record->until_us;
    return until_us > ended_us + AWAY_US;
}

static void fail_session(struct record *record, const char *id, int64_t from_us, int64_t back_us)
{
    lose(record, NETWORK_STEP_FAIL, NETWORK_ABOUT_SESSION, id, from_us);
    if (back_us != INT64_MAX)
        lose(record, NETWORK_STEP_RESTORE, NETWORK_ABOUT_SESSION, id, back_us - SECOND_US);
}

/* Its messages were lost since the last one before; or an end ended it, and where it stays away for
 * longer than an end waits, it was kept away. */
static void lose_session(struct record *record, int tunnel, const struct moment *down)
{
    const struct tunnel *of = &record->world->tunnels[tunnel];
    const struct moment *there = down_there(record, &of->ends[TUNNEL_CUSTOMER], down->at_us);
    struct network_ref ref = network_find(record->network, of->id);
    int64_t hold_us = record->network->vpn_connections[ref.index].bgp.hold_us;
    int64_t back =
        back_us(record, MOMENT_SESSION_UP, down->node, WORLD_NONE, down->neighbor, down->at_us);
    int64_t first_us = there && there->at_us < down->at_us ? there->at_us : down->at_us;
    int64_t sign_us = last_sign_us(record, of->id, down->at_us);
    if (down->reason == BGP_DOWN_HOLD_TIMER) {
        fail_session(record, of->id, sign_us > 0 ? sign_us + 1000 : down->at_us - hold_us, back);
    } else if (there && there->reason == BGP_DOWN_HOLD_TIMER) {
        fail_session(record, of->id, there->at_us - hold_us, back);
    } else {
        lose(record, NETWORK_STEP_RESTART, NETWORK_ABOUT_SESSION, of->id, first_us);
        if (stayed_away(record, first_us, back))
            fail_session(record, of->id, first_us + JUST_US, back);
    }
}

static void find_lost_session(struct record *record, int tunnel)
{
    const struct tunnel *of = &record->world->tunnels[tunnel];
    const struct tunnel_end *gateway = &of->ends[TUNNEL_GATEWAY];
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment moment = record->moments[i];
        bool by_itself = /* the limit's doing, or the gateway's memory's */
            moment.reason == BGP_DOWN_MAX_PREFIXES || moment.reason == BGP_DOWN_OUT_OF_RESOURCES;
        if (moment.kind == MOMENT_SESSION_DOWN && moment.node == gateway->node &&
            gateway->neighbor && moment.neighbor == gateway->neighbor && !by_itself &&
            !was_covered(record, tunnel, moment.at_us - 2 * dead_us(record, tunnel),
                         moment.at_us) &&
            !tunnel_is_struck(record, tunnel, moment.at_us, true) &&
            !went_with_tunnel(record, of->id, moment.at_us))
            lose_session(record, tunnel, &moment);
    }
}

/* -- Direct Connects -- */

static void lose_line(struct record *record, const struct direct_connect *line,
                      const struct moment *moment)
{
    int64_t back = back_us(record, MOMENT_SESSION_UP, line->gateway, WORLD_NONE, line->neighbor,
                           moment->at_us);
    int64_t sign_us = last_sign_us(record, line->id, moment->at_us);
    bool ended = moment->reason == BGP_DOWN_NOTIFICATION || moment->reason == BGP_DOWN_TCP_CLOSED;
    if (ended && (back != INT64_MAX || !stayed_away(record, moment->at_us, back))) {
        lose(record, NETWORK_STEP_RESTART, NETWORK_ABOUT_DIRECT_CONNECT, line->id, moment->at_us);
        return;
    }
    lose(record, NETWORK_STEP_FAIL, NETWORK_ABOUT_DIRECT_CONNECT, line->id,
         ended || sign_us < 0 ? moment->at_us : sign_us + 1000);
    if (back != INT64_MAX)
        lose(record, NETWORK_STEP_RESTORE, NETWORK_ABOUT_DIRECT_CONNECT, line->id,
             back - SECOND_US);
}

static void find_lost_line(struct record *record, const struct direct_connect *line)
{
    const struct world *world = record->world;
    const char *const names[] = {line->id, world->nodes[line->gateway].id,
                                 line->router == WORLD_NONE ? NULL : world->nodes[line->router].id};
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment moment = record->moments[i];
        if (moment.kind == MOMENT_SESSION_DOWN && moment.node == line->gateway &&
            moment.neighbor == line->neighbor && !is_struck(record, names, 3, moment.at_us, true))
            lose_line(record, line, &moment);
    }
}

/* -- the file -- */

static int step_by_time(const void *left, const void *right, const void *context)
{
    const struct record_step *one = left, *other = right;
    (void)context;
    return one->at_us < other->at_us ? -1 : one->at_us > other->at_us;
}

static void sort_steps(struct record *record)
{
    struct record_step *scratch = must(calloc(record->step_count + 1, sizeof *scratch));
    sort_stable(record->steps, record->step_count, sizeof *scratch, scratch, step_by_time, NULL);
    free(scratch);
}

/* Milliseconds are what a reader wants of a file, and more than a clock of daemons gives. */
static int64_t rounded_us(int64_t us)
{
    return us / 1000 * 1000;
}

static void put_story(const struct record *record, int64_t began_us, struct network *network)
{
    network->story = NULL;
    if (record->step_count > 0)
        network->story = memory_zeroed(record->step_count, sizeof *network->story);
    for (size_t i = 0; i < record->step_count; i++) {
        walk_copy(&schema_step, &network->story[i], &record->steps[i].step);
        network->story[i].at_us = rounded_us(record->steps[i].at_us - began_us);
    }
    network->step_count = record->step_count;
}

static void put_moments(const struct record *record, int64_t began_us, struct network *network)
{
    int64_t first_us = record->step_count ? record->steps[0].at_us : began_us;
    network->recorded = memory_zeroed(record->moment_count, sizeof *network->recorded);
    for (size_t i = 0; i < record->moment_count; i++) {
        const struct moment *moment = &record->moments[i];
        char of[DEPARTURE_NAME_BYTES];
        if (departure_saw(moment->kind) == NETWORK_SAW_NOTHING || moment->at_us < first_us)
            continue;
        departure_name(record->world, moment, of);
        struct network_ref ref = ref_to(network, of);
        bool known = ref.kind == NETWORK_TUNNEL || ref.kind == NETWORK_DIRECT_CONNECT;
        if (!known) { /* a provider's session, or one between routers */
            free(ref.id);
            continue;
        }
        network->recorded[network->recorded_count++] = (struct network_recorded){
            .at_us = rounded_us(moment->at_us - began_us),
            .node = ref_to(network, record->world->nodes[moment->node].id),
            .saw = departure_saw(moment->kind),
            .of = ref,
            .about =
                ref.kind == NETWORK_TUNNEL ? NETWORK_ABOUT_TUNNEL : NETWORK_ABOUT_DIRECT_CONNECT};
    }
    if (network->recorded_count > 0)
        return;
    free(network->recorded);
    network->recorded = NULL;
}

/* Keys are the lab's own, or a secret. */
static void forget_keys(struct network *network)
{
    for (size_t i = 0; i < network->vpn_connection_count; i++) {
        for (size_t j = 0; j < network->vpn_connections[i].tunnel_count; j++) {
            struct network_tunnel *tunnel = &network->vpn_connections[i].tunnels[j];
            free(tunnel->psk);
            tunnel->psk = NULL;
        }
    }
}

/* They stand where steps stood that are others now. */
static void forget_comments(struct network *network)
{
    for (size_t i = 0; i < network->comment_count; i++) {
        free(network->comments[i].key);
        free(network->comments[i].text);
    }
    network->comment_count = 0;
}

struct network *record_network(struct record *record, int64_t *ret_began_us)
{
    struct network *network = network_copy(record->network);
    find_announcements(record);
    for (size_t i = 0; i < record->world->tunnel_count; i++)
        find_lost_tunnel(record, (int)i);
    for (size_t i = 0; i < record->world->tunnel_count; i++)
        find_lost_session(record, (int)i);
    for (size_t i = 0; i < record->world->direct_connect_count; i++)
        find_lost_line(record, &record->world->direct_connects[i]);
    sort_steps(record);
    int64_t first_us = record->step_count     ? record->steps[0].at_us
                       : record->moment_count ? record->moments[0].at_us
                                              : record->since_us + LEAD_US;
    *ret_began_us = first_us - LEAD_US;
    network_drop_steps(network, 0);
    free(network->story);
    for (size_t i = 0; i < network->recorded_count; i++)
        walk_release(&schema_recorded, &network->recorded[i]);
    free(network->recorded);
    network->recorded_count = 0;
    network->until_us = -1;
    forget_comments(network);
    forget_keys(network);
    put_story(record, *ret_began_us, network);
    put_moments(record, *ret_began_us, network);
    return network;
}
