#include "check/trial.h"

#include "check/peering.h"
#include "check/remedy.h"
#include "check/shelter.h"
#include "check/spare.h"

#include <string.h>

enum {
    ORDERS = 2,               /* of starts in which it must cure */
    TUNNEL_TRIALS_MAX = 8192, /* trials times tunnels, for one network */
    TRIALS_MIN = 64,          /* however many tunnels there are */
    SCRATCH_BYTES = 16 << 10,
};

/* -- how the tunnels are kept -- */

static int worst_of(const struct check *check, const char *tunnel)
{
    int worst = -1;
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        if (!finding->what && finding->tunnel && !finding->condition &&
            strcmp(finding->tunnel, tunnel) == 0 && (int)finding->level > worst)
            worst = (int)finding->level;
    }
    return worst;
}

/* In the world as it stands, asked in an answer that nobody sees. */
static int shelter_of(const struct check *check, const struct world *world, int tunnel)
{
    struct check scratch = {.network = check->network, .options = check->options};
    budget_init(&scratch.budget, world_alloc(), 0);
    arena_init(&scratch.arena, &scratch.budget, SCRATCH_BYTES);
    shelter_find(&scratch, world, tunnel);
    int level = worst_of(&scratch, world->tunnels[tunnel].id);
    arena_done(&scratch.arena);
    return level;
}

void patient_init(struct patient *patient, struct check *check, const struct network *network,
                  const struct world *world, const struct reach *reach, const struct run *run)
{
    size_t count = world->tunnel_count + 1;
    size_t trials = TUNNEL_TRIALS_MAX / count;
    *patient = (struct patient){.check = check,
                                .network = network,
                                .reach = reach,
                                .world = world,
                                .sheltered = check_take(check, count),
                                .swallowed = check_take(check, count * sizeof(struct evidence)),
                                .needed = check_take(check, REMEDY_CHANGES_MAX),
                                .trials_left = trials < TRIALS_MIN ? TRIALS_MIN : trials};
    for (size_t i = 0; i < world->tunnel_count; i++) {
        int level = !run ? worst_of(check, world->tunnels[i].id)
                    : sim_swallowed_us(run->sim, (int)i) >= 0
                        ? CHECK_LATENT /* as bad as it gets without being swallowed */
                        : shelter_of(check, run->world, (int)i);
        patient->sheltered[i] = (int8_t)level;
    }
}

/* What the world's tunnel was before. A connection may have gone, and those behind it moved up. */
static int tunnel_before(const struct patient *patient, const struct world *world, int at)
{
    int before = at;
    if (at == WORLD_NONE || world->tunnel_count == patient->world->tunnel_count)
        return at;
    while (strcmp(patient->world->tunnels[before].id, world->tunnels[at].id) != 0)
        before++;
    return before;
}

/* A tunnel that an accident keeps now, and that was safe before. */
static bool leaves_one_worse(const struct patient *patient, const struct world *world)
{
    for (size_t i = 0; i < world->tunnel_count; i++) {
        if (patient->sheltered[tunnel_before(patient, world, (int)i)] < CHECK_LATENT &&
            !world->tunnels[i].plain && shelter_of(patient->check, world, (int)i) >= CHECK_LATENT)
            return true;
    }
    return false;
}

/* -- the trial -- */

static int connection_before(const struct patient *patient, const struct world *world, int at)
{
    int before = at;
    if (at == WORLD_NONE || world->connection_count == patient->world->connection_count)
        return at;
    while (strcmp(patient->world->connections[before].id, world->connections[at].id) != 0)
        before++;
    return before;
}

/* Indices as they are in the patient's world. */
static void count_as_before(const struct patient *patient, const struct world *world,
                            struct evidence *evidence)
{
    evidence->tunnel = tunnel_before(patient, world, evidence->tunnel);
    evidence->into = tunnel_before(patient, world, evidence->into);
    evidence->teller.connection = connection_before(patient, world, evidence->teller.connection);
    evidence->origin.connection = connection_before(patient, world, evidence->origin.connection);
}

static void look(struct patient *patient, const struct run *run)
{
    static _Thread_local struct hop hops[PATH_HOPS];
    struct path path;
    patient->swallowed_count = 0;
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (sim_swallowed_us(run->sim, (int)i) >= 0 &&
            evidence_take(run->world, (int)i, hops, &patient->swallowed[patient->swallowed_count],
                          &path)) {
            count_as_before(patient, run->world, &patient->swallowed[patient->swallowed_count]);
            patient->swallowed_count++;
        }
    }
}

/* A set of changes, and the network with them. */
struct attempt {
    const struct network *network;
    const struct change *changes;
    size_t count;
};

/* A peering carries nothing beyond the two VPCs. What the file itself wants is never given up. */
static bool is_given_up(const struct patient *patient, const struct reach_pair *pair,
                        const struct attempt *attempt)
{
    for (size_t i = 0; i < attempt->count && !patient->reach->by_file; i++) {
        if (attempt->changes[i].kind == CHANGE_PEER &&
            peering_gives_up(patient->network, (size_t)attempt->changes[i].index, pair))
            return true;
    }
    return false;
}

static bool loses(const struct patient *patient, const struct world *world,
                  const struct attempt *attempt)
{
    const struct reach_pair *pair = reach_lost(patient->reach, world);
    while (pair && is_given_up(patient, pair, attempt))
        pair = reach_lost_next(patient->reach, world, pair);
    return pair != NULL;
}

static bool is_cured(struct patient *patient, const struct attempt *attempt, unsigned order)
{
    struct check *check = patient->check;
    struct run run;
    if (!run_begin_trial(&run, attempt->network, run_seed(check->options.seed, order),
                         check->options.limit_us))
        return false;
    run_finish(&run);
    check_counted(check, "remedy");
    look(patient, &run);
    bool cured = run_is_well(&run) && !loses(patient, run.world, attempt) &&
                 !leaves_one_worse(patient, run.world);
    if (cured && order + 1 == ORDERS && attempt->count > 1 && !check->options.thorough)
        spare_mark(&run, patient->network, attempt->changes, attempt->count, patient->needed);
    run_done(&run);
    return cured;
}

bool trial_cures(struct patient *patient, const struct change *changes, size_t count)
{
    if (patient->check->interrupted)
        patient->trials_left = 0;
    bool cured = patient->trials_left > 0;
    patient->swallowed_count = 0;
    if (!cured)
        return false;
    patient->trials_left--;
    memset(patient->needed, 0, REMEDY_CHANGES_MAX);
    struct network *copy = change_copy(patient->network, changes, count);
    struct attempt attempt = {.network = copy, .changes = changes, .count = count};
    for (unsigned i = 0; cured && i < ORDERS; i++)
        cured = !patient->check->interrupted && is_cured(patient, &attempt, i);
    network_free(copy);
    return cured;
}
