#include "run/census.h"

#include "network/memory.h"

#include <stdlib.h>

void census_done(struct census *census)
{
    free(census->refused);
    free(census->held);
    free(census->told);
    *census = (struct census){0};
}

void census_begin(struct census *census, const struct engine *engine)
{
    uint32_t neighbors = engine_neighbor_count(engine),
             attachments = engine_attachment_count(engine);
    uint64_t prefixes = rib_number_end(engine_rib(engine));
    census_done(census);
    *census = (struct census){
        .refused = memory_zeroed((size_t)(neighbors + 1) * REASON_COUNT, sizeof *census->refused),
        .held = memory_zeroed((size_t)(attachments + 1) * REASON_COUNT, sizeof *census->held),
        .told = memory_zeroed(neighbors + 1, sizeof *census->told),
        .neighbor_count = neighbors,
        .attachment_count = attachments,
        .running = true,
        .knows_told = prefixes * neighbors <= CENSUS_TOLD_MAX,
        .number = 1,
        .neighbor = 1};
}

/* Returns how many looks it took. */
static uint32_t count_prefix(struct census *census, const struct engine *engine, uint32_t number)
{
    const struct rib *rib = engine_rib(engine);
    uint32_t looks = 1;
    uint16_t attachment = 0;
    enum reason reason;
    if (!(rib_prefix_get(rib, number)->bits & RIB_IN_USE))
        return looks;
    for (const struct rib_path *path = rib_path_next(rib, number, NULL); path;
         path = rib_path_next(rib, number, path), looks++) {
        uint16_t neighbor = engine_source_neighbor(engine, path->source);
        if (reason_refuses(path->why) && neighbor <= census->neighbor_count)
            census->refused[(size_t)neighbor * REASON_COUNT + path->why]++;
    }
    for (; engine_exception_next(engine, number, &attachment, &reason); looks++) {
        if (attachment <= census->attachment_count)
            census->held[(size_t)attachment * REASON_COUNT + reason]++;
    }
    return looks;
}

/* One neighbor after the other, each as a whole: CENSUS_TOLD_MAX bounds it. */
static uint32_t count_told(struct census *census, const struct engine *engine)
{
    uint16_t neighbor = census->neighbor++;
    engine_told_counts(engine, neighbor, census->told[neighbor]);
    return rib_number_end(engine_rib(engine));
}

static bool is_over(const struct census *census, const struct engine *engine)
{
    bool told = !census->knows_told || census->neighbor > census->neighbor_count;
    return told && census->number >= rib_number_end(engine_rib(engine));
}

bool census_go_on(struct census *census, const struct engine *engine, uint32_t most)
{
    uint32_t looks = 0;
    while (census->running && looks < most) {
        if (is_over(census, engine))
            census->running = false;
        else if (census->number < rib_number_end(engine_rib(engine)))
            looks += count_prefix(census, engine, census->number++);
        else
            looks += count_told(census, engine);
    }
    census->looks += looks;
    return census->running;
}

uint32_t census_refused(const struct census *census, uint16_t neighbor, enum reason reason)
{
    bool known = census->refused && neighbor <= census->neighbor_count;
    return known ? census->refused[(size_t)neighbor * REASON_COUNT + reason] : 0;
}

uint32_t census_held(const struct census *census, uint16_t attachment, enum reason reason)
{
    bool known = census->held && attachment <= census->attachment_count;
    return known ? census->held[(size_t)attachment * REASON_COUNT + reason] : 0;
}

bool census_told(const struct census *census, uint16_t neighbor, bool six, uint32_t *ret_count)
{
    bool known = census->told && census->knows_told && neighbor <= census->neighbor_count;
    if (known)
        *ret_count = census->told[neighbor][six];
    return known;
}
