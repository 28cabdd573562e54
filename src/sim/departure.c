#include "sim/departure.h"

#include "base/digest.h"
#include "base/sort.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_US = 1500000, PERCENT = 15 };

static void *must(void *block)
{
    assert(block);
    return block;
}

enum network_saw departure_saw(enum moment_kind kind)
{
    switch ((int)kind) {
    case MOMENT_SESSION_UP:
        return NETWORK_SAW_SESSION_UP;
    case MOMENT_SESSION_DOWN:
        return NETWORK_SAW_SESSION_DOWN;
    case MOMENT_IKE_UP:
        return NETWORK_SAW_IKE_UP;
    case MOMENT_IKE_GIVEN_UP:
        return NETWORK_SAW_IKE_GIVEN_UP;
    default:
        return NETWORK_SAW_NOTHING;
    }
}

void departure_name(const struct world *world, const struct moment *moment,
                    char out[DEPARTURE_NAME_BYTES])
{
    enum network_saw saw = departure_saw(moment->kind);
    struct text text = text_over(out, DEPARTURE_NAME_BYTES);
    text_add(&text, "");
    if (saw == NETWORK_SAW_SESSION_UP || saw == NETWORK_SAW_SESSION_DOWN)
        text_neighbor(&text, world, moment->node, moment->neighbor);
    else if (saw != NETWORK_SAW_NOTHING)
        text_add(&text, world->tunnels[moment->tunnel].id);
}

/* -- which is which -- */

/* What was seen, at which end, of what: moments of one key follow each other. */
static uint64_t key_of(enum network_saw saw, const char *node, const char *of)
{
    struct digest digest = digest_start();
    digest_u64(&digest, (uint64_t)saw);
    digest_bytes(&digest, (struct slice){(const uint8_t *)node, strlen(node) + 1});
    digest_bytes(&digest, (struct slice){(const uint8_t *)of, strlen(of) + 1});
    return digest_end(&digest);
}

static uint64_t key_of_recorded(const struct network_recorded *recorded)
{
    return key_of(recorded->saw, recorded->node.id, recorded->of.id);
}

static int64_t between_us(int64_t left_us, int64_t right_us)
{
    return left_us < right_us ? right_us - left_us : left_us - right_us;
}

static bool is_alike(const struct network *network, int64_t recorded_us, int64_t moment_us)
{
    int64_t since_us = 0;
    for (size_t i = 0; i < network->step_count && network->story[i].at_us <= recorded_us; i++)
        since_us = network->story[i].at_us;
    int64_t slack_us = (recorded_us - since_us) * PERCENT / 100;
    return between_us(recorded_us, moment_us) <= (slack_us > LEAST_US ? slack_us : LEAST_US);
}

struct pairing {
    const struct network *network;
    const struct world *world;
    const struct moment *moments;
    size_t count;
    size_t recorded_count; /* of those that the run may have */
    int *of;               /* of each recorded moment, which of the run's; -1 */
    uint64_t *keys;        /* of the run's moments; 0: of no kind that is recorded */
    bool *used;
};

/* The moment with its key that is nearest in time and nobody's yet; -1. */
static int nearest(const struct pairing *pairing, const struct network_recorded *recorded)
{
    uint64_t key = key_of_recorded(recorded);
    int found = -1;
    for (size_t i = 0; i < pairing->count; i++) {
        const struct moment *moment = &pairing->moments[i];
        if (pairing->used[i] || pairing->keys[i] != key)
            continue;
        int64_t apart_us = between_us(moment->at_us, recorded->at_us);
        if (found >= 0 && apart_us >= between_us(pairing->moments[found].at_us, recorded->at_us))
            break; /* they only get further away */
        found = (int)i;
    }
    return found;
}

/* The recorded moment after this one with its key; NULL. */
static const struct network_recorded *next_alike(const struct network *network, size_t at)
{
    uint64_t key = key_of_recorded(&network->recorded[at]);
    for (size_t i = at + 1; i < network->recorded_count; i++) {
        if (key_of_recorded(&network->recorded[i]) == key)
            return &network->recorded[i];
    }
    return NULL;
}

/* Sessions of providers and between routers, and a Direct Connect's second one, are in none. */
static bool is_recorded(const struct network *network, const char *name)
{
    enum network_kind kind = network_find(network, name).kind;
    return kind == NETWORK_TUNNEL || kind == NETWORK_DIRECT_CONNECT;
}

/* Each in its order takes the nearest, unless that is nearer to the one that comes next. What lies
 * before the recording's beginning is the network as it comes up. */
static void pair(struct pairing *pairing, int64_t begin_us)
{
    const struct network *network = pairing->network;
    for (size_t i = 0; i < pairing->count; i++) {
        const struct moment *moment = &pairing->moments[i];
        char name[DEPARTURE_NAME_BYTES];
        pairing->used[i] = moment->at_us < begin_us;
        if (departure_saw(moment->kind) == NETWORK_SAW_NOTHING)
            continue;
        departure_name(pairing->world, moment, name);
        if (!is_recorded(network, name))
            continue;
        pairing->keys[i] =
            key_of(departure_saw(moment->kind), pairing->world->nodes[moment->node].id, name);
    }
    for (size_t i = 0; i < pairing->recorded_count; i++) {
        const struct network_recorded *recorded = &network->recorded[i];
        const struct network_recorded *next = next_alike(network, i);
        int found = nearest(pairing, recorded);
        pairing->of[i] = -1;
        if (found < 0)
            continue;
        int64_t at_us = pairing->moments[found].at_us;
        bool another = next &&
                       between_us(next->at_us, at_us) < between_us(recorded->at_us, at_us) &&
                       !is_alike(network, recorded->at_us, at_us);
        pairing->of[i] = another ? -1 : found;
        pairing->used[found] = !another;
    }
}

/* -- the answer -- */

static int64_t time_of(const struct departure *departure)
{
    return departure->recorded ? departure->recorded->at_us : departure->moment->at_us;
}

static int by_time(const void *left, const void *right, const void *context)
{
    (void)context;
    int64_t left_us = time_of(left), right_us = time_of(right);
    return left_us < right_us ? -1 : left_us > right_us;
}

static void add(struct departures *departures, const struct network_recorded *recorded,
                const struct moment *moment, bool departs)
{
    departures->items[departures->count++] = (struct departure){recorded, moment, departs};
    departures->departing += departs;
    departures->alike += !departs;
    if (!departs)
        departures->apart_us += between_us(recorded->at_us, moment->at_us);
}

/* Which the recording would have, if it had been. */
static bool is_missing(const struct pairing *pairing, size_t index, int64_t latest_us)
{
    int64_t at_us = pairing->moments[index].at_us;
    return !pairing->used[index] && pairing->keys[index] != 0 && at_us <= latest_us &&
           !is_alike(pairing->network, latest_us, at_us);
}

static void collect(const struct pairing *pairing, struct departures *departures)
{
    const struct network *network = pairing->network;
    for (size_t i = 0; i < pairing->recorded_count; i++) {
        const struct network_recorded *recorded = &network->recorded[i];
        const struct moment *moment = pairing->of[i] < 0 ? NULL : &pairing->moments[pairing->of[i]];
        add(departures, recorded, moment,
            !moment || !is_alike(network, recorded->at_us, moment->at_us));
    }
    for (size_t i = 0; i < pairing->count; i++) {
        if (is_missing(pairing, i, departures->latest_us))
            add(departures, NULL, &pairing->moments[i], true);
    }
    struct departure *scratch = must(calloc(departures->count + 1, sizeof *scratch));
    sort_stable(departures->items, departures->count, sizeof *scratch, scratch, by_time, NULL);
    free(scratch);
}

void departures_find(const struct network *network, const struct world *world,
                     const struct moment *moments, size_t count, int64_t until_us,
                     struct departures *ret_departures)
{
    size_t most = network->recorded_count + count;
    struct departures departures = {.items = must(calloc(most + 1, sizeof *departures.items))};
    struct pairing pairing = {.network = network,
                              .world = world,
                              .moments = moments,
                              .count = count,
                              .of = must(calloc(network->recorded_count + 1, sizeof(int))),
                              .keys = must(calloc(count + 1, sizeof(uint64_t))),
                              .used = must(calloc(count + 1, sizeof(bool)))};
    while (pairing.recorded_count < network->recorded_count &&
           network->recorded[pairing.recorded_count].at_us <= until_us)
        pairing.recorded_count++;
    if (pairing.recorded_count > 0) {
        const struct network_recorded *last = &network->recorded[pairing.recorded_count - 1];
        int64_t begin_us = network->recorded[0].at_us;
        if (network->step_count > 0 && network->story[0].at_us < begin_us)
            begin_us = network->story[0].at_us;
        departures.latest_us = last->at_us;
        pair(&pairing, begin_us);
        collect(&pairing, &departures);
    }
    free(pairing.of);
    free(pairing.keys);
    free(pairing.used);
    *ret_departures = departures;
}

void departures_done(struct departures *departures)
{
    free(departures->items);
    *departures = (struct departures){0};
}
