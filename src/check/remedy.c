#include "check/remedy.h"

#include "check/lines.h"

#include <string.h>

enum {
    ROUNDS_MAX = 8, /* additions to a remedy */
    ORDERS = 2,     /* of starts in which it must cure */
};

/* What came of the search for a remedy of one kind. */
struct effort {
    struct effort *next;
    enum check_remedy_kind kind;
    struct change *changes; /* all that were made in the end */
    size_t count;
    size_t number; /* of the remedy; 0: they do not cure */
};

struct proof {
    struct check *check;
    const struct network *network; /* to be cured: the file's, or a variant of it */
    const struct reach *reach;     /* what must not be lost in it */
    const struct run *variant; /* the run of the variant that is to be cured; NULL: the file's */
    const struct world *world; /* of the network as it is; nothing runs in it */
    struct effort *efforts;
};

/* What is wrong with a network that has some changes. */
struct outcome {
    bool cures;
    struct evidence *swallowed; /* tunnels that still were: what was seen then */
    size_t count;
};

/* -- one trial -- */

/* What the base run has seen of a tunnel; NULL: it was not swallowed there. */
static const struct evidence *known_evidence(const struct check *check, int tunnel)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct evidence *evidence = check->findings[i].evidence;
        if (evidence && evidence->tunnel == tunnel)
            return evidence;
    }
    return NULL;
}

/* The same prefix may come from another announcer now, or by another way: looked at again. */
static bool look_again(struct check *check, const struct network *network, uint64_t seed,
                       int tunnel, int64_t at_us, struct evidence *ret_evidence)
{
    static _Thread_local struct hop hops[PATH_HOPS];
    struct run now;
    struct path path;
    if (!run_begin(&now, network, seed, check->options.limit_us))
        return false;
    run_until(&now, at_us);
    check_counted(check, "evidence");
    bool taken = evidence_take(now.world, tunnel, hops, ret_evidence, &path);
    run_done(&now);
    return taken;
}

/* Of the tunnels that were swallowed all the same: the first one is looked at as it was, the others
 * as they were in the base run, which is what they still have to be cured of. */
static void collect(struct check *check, const struct network *network, uint64_t seed,
                    const struct run *run, struct outcome *outcome)
{
    size_t tunnel_count = run->world->tunnel_count;
    int first = WORLD_NONE;
    outcome->swallowed = check_take(check, (tunnel_count + 1) * sizeof *outcome->swallowed);
    for (size_t i = 0; i < tunnel_count; i++) {
        int64_t at_us = sim_swallowed_us(run->sim, (int)i);
        if (at_us >= 0 && (first == WORLD_NONE || at_us < sim_swallowed_us(run->sim, first)))
            first = (int)i;
    }
    if (first != WORLD_NONE &&
        look_again(check, network, seed, first, sim_swallowed_us(run->sim, first),
                   &outcome->swallowed[0]))
        outcome->count = 1;
    for (size_t i = 0; i < tunnel_count; i++) {
        const struct evidence *known = known_evidence(check, (int)i);
        if (known && (int)i != first && sim_swallowed_us(run->sim, (int)i) >= 0)
            outcome->swallowed[outcome->count++] = *known;
    }
}

/* Every order of starts must be cured. */
static void try_out(const struct proof *proof, const struct network *network,
                    struct outcome *outcome)
{
    struct check *check = proof->check;
    *outcome = (struct outcome){.cures = true};
    for (unsigned i = 0; outcome->cures && i < ORDERS; i++) {
        struct run run;
        uint64_t seed = run_seed(check->options.seed, i);
        outcome->cures = run_begin(&run, network, seed, check->options.limit_us);
        if (!outcome->cures)
            return;
        run_finish(&run);
        check_counted(check, "remedy");
        outcome->cures = run_is_well(&run) && !reach_lost(proof->reach, run.world);
        if (!outcome->cures)
            collect(check, network, seed, &run, outcome);
        run_done(&run);
    }
}

/* -- the search -- */

struct changes {
    struct change *items; /* REMEDY_CHANGES_MAX */
    size_t count;
};

/* Adds what the evidence suggests and is not there yet. Was there anything? */
static bool suggest_more(const struct proof *proof, enum check_remedy_kind kind,
                         const struct evidence *evidence, struct changes *changes)
{
    static _Thread_local struct change more[REMEDY_CHANGES_MAX];
    size_t before = changes->count;
    size_t count =
        remedy_suggest(kind, proof->network, proof->world, evidence, more, REMEDY_CHANGES_MAX);
    for (size_t i = 0; i < count && changes->count < REMEDY_CHANGES_MAX; i++) {
        if (!change_is_among(&more[i], changes->items, changes->count))
            changes->items[changes->count++] = more[i];
    }
    return changes->count > before;
}

static bool cure(const struct proof *proof, enum check_remedy_kind kind, struct changes *changes)
{
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        struct network *copy = change_copy(proof->network, changes->items, changes->count);
        struct outcome outcome;
        try_out(proof, copy, &outcome);
        network_free(copy);
        if (outcome.cures)
            return true;
        bool more = false;
        for (size_t i = 0; i < outcome.count; i++)
            more |= suggest_more(proof, kind, &outcome.swallowed[i], changes);
        if (!more)
            return false;
    }
    return false;
}

/* A search of the kind, cured or not, that has tried all these changes. */
static const struct effort *find_effort(const struct proof *proof, enum check_remedy_kind kind,
                                        const struct changes *changes)
{
    for (const struct effort *effort = proof->efforts; effort; effort = effort->next) {
        size_t found = 0;
        while (effort->kind == kind && found < changes->count &&
               change_is_among(&changes->items[found], effort->changes, effort->count))
            found++;
        if (effort->kind == kind && found == changes->count)
            return effort;
    }
    return NULL;
}

static const struct effort *make_effort(struct proof *proof, enum check_remedy_kind kind,
                                        struct changes *changes)
{
    struct check *check = proof->check;
    bool cures = cure(proof, kind, changes);
    struct effort *effort = check_take(check, sizeof *effort);
    size_t bytes = changes->count * sizeof *changes->items;
    *effort = (struct effort){.next = proof->efforts,
                              .kind = kind,
                              .changes = check_take(check, bytes),
                              .count = changes->count,
                              .number = cures ? ++check->remedy_total : 0};
    memcpy(effort->changes, changes->items, bytes);
    proof->efforts = effort;
    return effort;
}

/* The finding's own changes come first. */
static void add_remedy(struct check *check, struct check_finding *finding, size_t *cap,
                       const struct effort *effort, const struct changes *own)
{
    struct change *changes = check_take(check, effort->count * sizeof *changes);
    size_t count = own->count;
    memcpy(changes, own->items, own->count * sizeof *changes);
    for (size_t i = 0; i < effort->count; i++) {
        if (!change_is_among(&effort->changes[i], own->items, own->count))
            changes[count++] = effort->changes[i];
    }
    finding->remedies =
        check_grow(check, finding->remedies, finding->remedy_count, cap, sizeof *finding->remedies);
    struct check_remedy *remedy = &finding->remedies[finding->remedy_count++];
    *remedy = (struct check_remedy){
        .kind = effort->kind, .number = effort->number, .changes = changes, .change_count = count};
    lines_say(check, remedy);
}

/* All tunnels that the variant swallows are to be cured together; what each needs is known of it
 * from this variant or from an earlier one. */
static void suggest_for_variant(const struct proof *proof, enum check_remedy_kind kind,
                                struct changes *changes)
{
    const struct check *check = proof->check;
    for (size_t i = 0; proof->variant && i < check->finding_count; i++) {
        const struct evidence *evidence = check->findings[i].evidence;
        if (check->findings[i].conditional &&
            sim_swallowed_us(proof->variant->sim, evidence->tunnel) >= 0)
            (void)suggest_more(proof, kind, evidence, changes);
    }
}

static void search(struct proof *proof, struct check_finding *finding)
{
    static _Thread_local struct change items[REMEDY_CHANGES_MAX], own_items[REMEDY_CHANGES_MAX];
    size_t cap = 0;
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++) {
        enum check_remedy_kind kind = (enum check_remedy_kind)i;
        struct changes changes = {.items = items}, own = {.items = own_items};
        if (proof->variant && kind == CHECK_REMEDY_ORIGIN_WITHDRAW) /* nobody announces it yet */
            continue;
        if (!suggest_more(proof, kind, finding->evidence, &own))
            continue;
        memcpy(items, own_items, own.count * sizeof *items);
        changes.count = own.count;
        suggest_for_variant(proof, kind, &changes);
        const struct effort *effort = find_effort(proof, kind, &own);
        if (!effort)
            effort = make_effort(proof, kind, &changes);
        if (effort->number == 0)
            continue;
        add_remedy(proof->check, finding, &cap, effort, &own);
        if (proof->check->options.cheapest)
            return;
    }
}

void remedy_search(struct check *check)
{
    struct proof proof = {.check = check, .network = check->network, .reach = &check->reach};
    struct world *world = network_build(check->network);
    proof.world = world;
    for (size_t i = 0; world && i < check->finding_count; i++) {
        struct check_finding *finding = &check->findings[i];
        if (finding->evidence && finding->level >= CHECK_LIKELY)
            search(&proof, finding);
    }
    world_destroy(world);
}

void remedy_search_variant(struct check *check, size_t from, const struct network *variant,
                           const struct run *run, const struct reach *reach)
{
    struct proof proof = {
        .check = check, .network = variant, .reach = reach, .variant = run, .world = run->world};
    for (size_t i = from; i < check->finding_count; i++)
        search(&proof, &check->findings[i]);
}
