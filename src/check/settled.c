#include "check/settled.h"

#include "check/lines.h"
#include "check/outside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ORDERS = 2, SCRATCH_BYTES = 16 << 10 };

/* -- for the families -- */

struct check_finding *settled_add(struct check *check, enum check_finding_kind kind,
                                  enum check_level level, const char *place, const char *what)
{
    struct check_finding *finding = check_add_finding(check);
    finding->kind = kind;
    finding->level = level;
    finding->place = place;
    finding->what = what;
    return finding;
}

void settled_because(struct check *check, struct check_finding *finding, const char *format, ...)
{
    char sentence[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    check_add_text(check, &finding->because, sentence);
}

void settled_suggest(struct check *check, struct check_finding *finding, const struct idea *idea)
{
    struct idea *own = check_take(check, sizeof *own);
    struct change *changes = check_take(check, idea->count * sizeof *changes);
    memcpy(changes, idea->changes, idea->count * sizeof *changes);
    *own = *idea;
    own->changes = changes;
    finding->idea = own;
}

const char *settled_list(struct check *check, const char *before, const char *item)
{
    return before ? check_text(check, "%s, %s", before, item) : check_text(check, "%s", item);
}

/* -- finding -- */

static void ask_families(struct check *check, const struct run *run)
{
    sample_find(check, run);
    tables_find(check, run);
    shadow_find(check, run);
    overlap_find(check, run);
    asn_find(check, run);
    inside_find(check, run);
    single_find(check, run);
    limits_find(check, run);
    outside_find(check, run);
    objects_find(check, run);
    pledge_find(check, run);
    origins_find(check, run);
    preference_find(check, run);
    promise_find(check, run);
}

static void own(struct check *check, const char **text)
{
    if (*text)
        *text = check_text(check, "%s", *text);
}

/* The world's names end with the run. */
static void own_names(struct check *check, struct check_finding *finding)
{
    own(check, &finding->place);
    own(check, &finding->connection);
    own(check, &finding->tunnel);
    own(check, &finding->router);
    own(check, &finding->gateway);
    own(check, &finding->origin.router);
    own(check, &finding->origin.attachment);
}

void settled_find(struct check *check, const struct run *run)
{
    size_t before = check->finding_count;
    if (!run_any_swallowed(run))
        reach_mark(&check->reach, run->world);
    ask_families(check, run);
    for (size_t i = before; i < check->finding_count; i++)
        own_names(check, &check->findings[i]);
}

/* -- curing -- */

/* The finding in a changed network's answer; one that is held off is none. */
static bool is_there(const struct check *check, const struct check_finding *sought)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        if (finding->level > CHECK_PROTECTED && finding->kind == sought->kind &&
            strcmp(finding->place, sought->place) == 0 && finding->no_prefix == sought->no_prefix &&
            (sought->no_prefix || prefix_equal(finding->prefix, sought->prefix)))
            return true;
    }
    return false;
}

/* Asks the families about a changed network, in an answer that nobody sees. */
static bool is_gone(const struct check *check, const struct network *network, const struct run *run,
                    const struct check_finding *sought)
{
    struct check scratch = {.network = network, .options = check->options};
    budget_init(&scratch.budget, world_alloc(), 0);
    arena_init(&scratch.arena, &scratch.budget, SCRATCH_BYTES);
    ask_families(&scratch, run);
    bool gone = !is_there(&scratch, sought);
    arena_done(&scratch.arena);
    return gone;
}

/* A tunnel that is swallowed now and was not before; WORLD_NONE: none. */
static int newly_swallowed(const struct run *before, const struct run *after)
{
    for (size_t i = 0; i < before->world->tunnel_count; i++) {
        if (sim_swallowed_us(before->sim, (int)i) < 0 && sim_swallowed_us(after->sim, (int)i) >= 0)
            return (int)i;
    }
    return WORLD_NONE;
}

static bool keeps_tunnels(const struct run *before, const struct run *after)
{
    for (size_t i = 0; i < before->world->tunnel_count; i++) {
        if (sim_tunnel_up(before->sim, (int)i) && !sim_tunnel_up(after->sim, (int)i))
            return false;
    }
    if (before->end == SIM_SETTLED)
        return after->end == SIM_SETTLED;
    return after->end != SIM_SETTLED || run_all_up(after); /* no tunnel that came back stays away */
}

static bool is_disputed(const struct idea *idea, const struct reach_pair *pair)
{
    for (size_t i = 0; idea->disputed && i < idea->count; i++) {
        if (prefix_contains(idea->changes[i].prefix, pair->from.addr) ||
            prefix_contains(idea->changes[i].prefix, pair->to.addr))
            return true;
    }
    return false;
}

static bool loses(const struct check *check, const struct idea *idea, const struct world *world)
{
    for (size_t i = 0; i < check->reach.pair_count; i++) {
        const struct reach_pair *pair = &check->reach.pairs[i];
        if (pair->wanted && !is_disputed(idea, pair) && !reach_is_reached(world, pair))
            return true;
    }
    return false;
}

static bool is_better(struct check *check, const struct run *before, const struct run *after,
                      const struct network *network, const struct check_finding *finding)
{
    bool calm = before->end == SIM_SETTLED && !run_any_swallowed(before);
    return keeps_tunnels(before, after) && (!calm || !loses(check, finding->idea, after->world)) &&
           (!finding->idea->must_gain ||
            reach_differs(&check->reach, before->world, after->world)) &&
           is_gone(check, network, after, finding);
}

/* In every order of starts; names the tunnel that it uncovers, if that is what speaks against it.
 */
static bool cures(struct check *check, const struct run *before, const struct network *network,
                  const struct check_finding *finding, int *ret_uncovered)
{
    bool better = true;
    for (unsigned i = 0; better && i < ORDERS; i++) {
        struct run after;
        if (check->interrupted ||
            !run_begin(&after, network, run_seed(check->options.seed, i), check->options.limit_us))
            return false;
        run_finish(&after);
        check_counted(check, "remedy");
        *ret_uncovered = newly_swallowed(before, &after);
        better = *ret_uncovered == WORLD_NONE && is_better(check, before, &after, network, finding);
        run_done(&after);
    }
    return better;
}

static void add_remedy(struct check *check, struct check_finding *finding)
{
    struct check_remedy *remedy = check_take(check, sizeof *remedy);
    *remedy = (struct check_remedy){.kind = finding->idea->kind,
                                    .number = ++check->remedy_total,
                                    .changes = finding->idea->changes,
                                    .change_count = finding->idea->count};
    lines_say(check, remedy);
    finding->remedies = remedy;
    finding->remedy_count = 1;
}

static void cure(struct check *check, const struct run *before, struct check_finding *finding)
{
    int uncovered = WORLD_NONE;
    struct network *copy =
        change_copy(check->network, finding->idea->changes, finding->idea->count);
    if (cures(check, before, copy, finding, &uncovered))
        add_remedy(check, finding);
    else if (uncovered != WORLD_NONE)
        settled_because(check, finding,
                        "%s would cure it, and %s would swallow itself: see"
                        " tunnel-recursion",
                        check_remedy_name(finding->idea->kind),
                        before->world->tunnels[uncovered].id);
    network_free(copy);
}

/* Whoever announces a default that swallows a tunnel has a cure already, found with the tunnel's
 * finding. */
static void share_withdrawal(const struct check *check, struct check_finding *finding)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *other = &check->findings[i];
        for (size_t j = 0; j < other->remedy_count; j++) {
            if (other->what || other->remedies[j].kind != CHECK_REMEDY_ORIGIN_WITHDRAW ||
                strcmp(other->remedies[j].where, finding->router) != 0)
                continue;
            finding->remedies = &other->remedies[j];
            finding->remedy_count = 1;
            return;
        }
    }
}

void settled_cure(struct check *check, const struct run *run)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        struct check_finding *finding = &check->findings[i];
        if (finding->idea && finding->level > CHECK_PROTECTED)
            cure(check, run, finding);
        else if (finding->kind == CHECK_FINDING_DEFAULT_FROM_SAMPLE)
            share_withdrawal(check, finding);
    }
}
