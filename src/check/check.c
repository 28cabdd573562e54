#include "check/check.h"

#include "check/agree.h"
#include "check/alike.h"
#include "check/assume.h"
#include "check/identity.h"
#include "check/parts.h"
#include "check/recursion.h"
#include "check/region.h"
#include "check/remedy.h"
#include "check/run.h"
#include "check/settled.h"
#include "check/shelter.h"
#include "check/variants.h"

#include "base/sort.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ARENA_BYTES = 16 << 10,
    OTHER_ORDERS = 3, /* of starts, besides the first */
};

static enum check_verdict verdict_of(const struct run *run)
{
    switch (run->end) {
    case SIM_REPEATS:
        return CHECK_UNSTABLE;
    case SIM_SETTLED:
        return run_all_up(run) ? CHECK_STABLE : CHECK_DEGRADED;
    case SIM_LIMIT:
        return run_keeps_flapping(run) ? CHECK_UNSTABLE : CHECK_UNKNOWN;
    case SIM_UNTIL:
    case SIM_BROKEN:
    default:
        return CHECK_UNKNOWN;
    }
}

/* " (udp 4500 → 4500 is lost at vyatta: ...)": what filters do to the tunnel's own packets; empty
 * where they let them pass. */
static const char *say_filtered(struct check *check, const struct world *world, int tunnel)
{
    struct hop hops[PATH_HOPS];
    for (int end = TUNNEL_CUSTOMER; end >= TUNNEL_GATEWAY; end--) {
        char bytes[256];
        struct text text = text_over(bytes, sizeof bytes);
        struct path path = {.hops = hops};
        forward_outer(world, tunnel, end, &path);
        const struct hop *last = path.hop_count ? &hops[path.hop_count - 1] : NULL;
        if (path.delivered || !last || (last->kind != HOP_GROUP && last->kind != HOP_ACL))
            continue;
        text_add(&text, " (its ");
        text_traffic(&text, last->traffic);
        text_add(&text, " is lost at ");
        text_add(&text, world->nodes[path.node].id);
        text_add(&text, ": ");
        text_part(&text, drop_sentence(path.drop));
        text_char(&text, ')');
        return check_text(check, "%s", bytes);
    }
    return "";
}

/* Tunnels that are down for a reason that no finding knows. */
static const char *say_dead(struct check *check, const struct run *run)
{
    const char *dead = NULL;
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (run_tunnel_excused(run, (int)i) || sim_tunnel_up(run->sim, (int)i) ||
            sim_swallowed_us(run->sim, (int)i) >= 0)
            continue;
        const char *id = run->world->tunnels[i].id;
        const char *why = say_filtered(check, run->world, (int)i);
        dead = dead ? check_text(check, "%s, %s%s", dead, id, why)
                    : check_text(check, "%s%s", id, why);
    }
    return dead ? check_text(check, "never swallowed, and yet not up in the end: %s", dead) : NULL;
}

/* Every tunnel is up, and a session ends again and again. */
static const char *say_restless(struct check *check, const struct run *run)
{
    const struct moment *end = sim_restless(run->sim);
    char bytes[256];
    struct text text = text_over(bytes, sizeof bytes);
    text_neighbor(&text, run->world, end->node, end->neighbor);
    text_add(&text, " goes up and down for ever: ");
    text_part(&text, bgp_down_sentence((enum bgp_down)end->reason));
    return check_text(check, "BGP of %s by %s", run->world->nodes[end->node].id, bytes);
}

static const char *complaint_of(struct check *check, const struct run *run)
{
    if (run->end == SIM_BROKEN)
        return check_text(check, "an invariant of the simulation does not hold: %s",
                          sim_complaint(run->sim));
    if (run->end == SIM_LIMIT && run_keeps_flapping(run))
        return check_text(check,
                          "it goes round, but not seen to repeat exactly in %.0f s of virtual"
                          " time: several tunnels disturb each other",
                          (double)sim_now_us(run->sim) / 1e6);
    if (run_keeps_closing(run))
        return NULL; /* prefix-limit says it */
    if (run->end == SIM_LIMIT && check->options.limit_us &&
        sim_now_us(run->sim) > check->options.limit_us)
        return check_text(check,
                          "neither settled nor repeating within the limit of %.0f s of virtual"
                          " time",
                          (double)check->options.limit_us / 1e6);
    if (run->end == SIM_LIMIT)
        return check_text(check, "neither settled nor repeating after %.0f s of virtual time",
                          (double)sim_now_us(run->sim) / 1e6);
    if (run->end == SIM_SETTLED)
        return say_dead(check, run);
    if (run->end == SIM_REPEATS && sim_restless(run->sim))
        return say_restless(check, run);
    return NULL;
}

static const char *end_word(enum sim_end end)
{
    return end == SIM_SETTLED ? "settled" : "for ever in a circle";
}

/* What depends on who starts first; NULL: nothing that anybody would notice. */
static const char *say_difference(struct check *check, const struct run *run,
                                  const struct run *other)
{
    bool comparable = verdict_of(run) != CHECK_UNKNOWN && verdict_of(other) != CHECK_UNKNOWN;
    if (comparable && (run->end == SIM_SETTLED) != (other->end == SIM_SETTLED))
        return check_text(check, "one order of starts ends %s, another %s", end_word(run->end),
                          end_word(other->end));
    bool settled = run->end == SIM_SETTLED && other->end == SIM_SETTLED;
    for (size_t i = 0; settled && i < run->world->tunnel_count; i++) {
        if (sim_tunnel_up(run->sim, (int)i) != sim_tunnel_up(other->sim, (int)i))
            return check_text(check, "%s comes up in one order of starts and not in another",
                              run->world->tunnels[i].id);
    }
    const struct reach_pair *pair =
        settled ? reach_differs(&check->reach, run->world, other->world) : NULL;
    if (!pair)
        return NULL;
    return check_text(check, "%s and %s reach each other in one order of starts and not in another",
                      text_of_ip(pair->from.addr), text_of_ip(pair->to.addr));
}

/* The same network started in other orders: does it always end in the same way? Two orders may
 * break a tie of equal routes each in its own way; that is no difference as long as the same
 * tunnels are up and the same can be reached. */
static bool orders_agree(struct check *check, const struct run *run)
{
    const char *difference = NULL;
    for (unsigned i = 1; !check->interrupted && !difference && i <= OTHER_ORDERS; i++) {
        struct run other;
        if (!run_begin(&other, check->network, run_seed(check->options.seed, i),
                       check->options.limit_us))
            return true;
        run_finish(&other);
        check_counted(check, "order");
        difference = say_difference(check, run, &other);
        run_done(&other);
    }
    if (difference && !check->complaint)
        check->complaint = difference;
    return !difference;
}

/* The gravest first; of one level tunnels that swallow themselves before settings, those that do
 * before those that would; as they are in the file otherwise. */
static int by_level(const void *left, const void *right, const void *ctx)
{
    const struct check_finding *first = left, *second = right;
    (void)ctx;
    if (first->level != second->level)
        return (int)second->level - (int)first->level;
    if (first->what || second->what)
        return (first->what != NULL) - (second->what != NULL);
    if (!first->condition != !second->condition)
        return (first->condition != NULL) - (second->condition != NULL);
    return first->at - second->at;
}

void check_order(struct check *check)
{
    if (check->finding_count < 2)
        return;
    struct check_finding *scratch =
        check_take(check, check->finding_count * sizeof *check->findings);
    sort_stable(check->findings, check->finding_count, sizeof *check->findings, scratch, by_level,
                NULL);
    alike_gather(check->findings, check->finding_count, scratch);
}

/* The run that the answer is about. Where several tunnels disturb each other, not every order of
 * starts comes back to a state that it has had; one that does says more. */
static bool run_base(struct check *check, struct run *run)
{
    uint64_t seed = check->options.seed;
    for (unsigned i = 0; i <= OTHER_ORDERS; i++) {
        check->options.seed = run_seed(seed, i);
        if (!run_begin(run, check->network, check->options.seed, check->options.limit_us))
            return false;
        run_finish(run);
        check_counted(check, "base");
        if (!run_keeps_flapping(run) || i == OTHER_ORDERS || check->interrupted)
            return true;
        run_done(run);
    }
    return false;
}

static void answer(struct check *check, const struct run *run)
{
    check->verdict = verdict_of(run);
    check->complaint = complaint_of(check, run);
    reach_init(&check->reach, check->network, run->world);
    bool agrees = orders_agree(check, run);
    if (!agrees && check->verdict != CHECK_UNKNOWN)
        check->verdict = CHECK_ORDER_DEPENDENT;
    recursion_find(check, run, agrees);
    size_t sheltered = check->finding_count;
    for (size_t i = 0; i < run->world->tunnel_count; i++) {
        if (sim_swallowed_us(run->sim, (int)i) < 0)
            shelter_find(check, run->world, (int)i);
    }
    shelter_pair(check, sheltered);
    settled_find(check, run);
    if (!check->region)
        assume_say(check, run->world);
    if (!check->interrupted)
        agree_say(check, run);
}

struct check *check_begin(const struct network *network, const struct check_options *options)
{
    struct check *check = calloc(1, sizeof *check);
    if (!check)
        return NULL;
    check->network = network;
    check->options = *options;
    check->spent_us = -1;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        check->selected[i] = true;
    budget_init(&check->budget, world_alloc(), 0);
    arena_init(&check->arena, &check->budget, ARENA_BYTES);
    return check;
}

bool check_alone(struct check *check)
{
    struct run run;
    if (!run_base(check, &run))
        return false;
    answer(check, &run);
    check_order(check);
    if (!check->options.no_remedies) {
        remedy_search(check);
        settled_cure(check, &run);
    }
    run_done(&run);
    if (!check->options.no_variants && !check->interrupted)
        variants_find(check);
    check_order(check);
    return true;
}

struct check *check_run(const struct network *network, const struct check_options *options)
{
    struct check *check = check_begin(network, options);
    if (!check)
        return NULL;
    int64_t began_us = options->clock_us ? options->clock_us() : 0;
    network_split(network, &check->parts);
    bool answered = check->parts.count > 1 ? region_answer(check) : check_alone(check);
    if (!answered) {
        check_free(check);
        return NULL;
    }
    identity_give(check);
    if (options->clock_us)
        check->spent_us = options->clock_us() - began_us;
    return check;
}

void check_free(struct check *check)
{
    if (!check)
        return;
    for (size_t i = 0; check->answers && i < check->parts.count; i++)
        check_free(check->answers[i]);
    free(check->answers);
    network_parts_done(&check->parts);
    reach_done(&check->reach);
    arena_done(&check->arena);
    free(check);
}

enum check_verdict check_verdict(const struct check *check)
{
    return check->verdict;
}

size_t check_finding_count(const struct check *check)
{
    return check->finding_count;
}

const struct check_finding *check_finding(const struct check *check, size_t index)
{
    assert(index < check->finding_count);
    return &check->findings[index];
}

const struct check_texts *check_assumptions(const struct check *check)
{
    return &check->assumptions;
}

const struct check_left_out *check_left_out(const struct check *check)
{
    return &check->left_out;
}

size_t check_networks_run(const struct check *check)
{
    return check->networks_run;
}

size_t check_variants_screened(const struct check *check)
{
    return check->variants_screened;
}

int64_t check_spent_us(const struct check *check)
{
    return check->spent_us;
}

bool check_interrupted(const struct check *check)
{
    return check->interrupted;
}

size_t check_part_count(const struct check *check)
{
    return check->parts.count > 1 ? check->parts.count : 1;
}

size_t check_parts_asked(const struct check *check)
{
    return check->parts.count > 1 ? check->parts_asked : 1;
}

const char *check_complaint(const struct check *check)
{
    return check->complaint;
}

struct network *check_remedy_network(const struct check *check, size_t finding, size_t remedy)
{
    const struct check_finding *of = check_finding(check, finding);
    assert(remedy < of->remedy_count);
    return change_copy(check->network, of->remedies[remedy].changes,
                       of->remedies[remedy].change_count);
}

struct network *check_remedy_applied(const struct check *check, size_t number)
{
    for (size_t i = 0; i < check->finding_count + check->hidden_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        for (size_t j = 0; j < finding->remedy_count; j++) {
            const struct check_remedy *remedy = &finding->remedies[j];
            if (remedy->number == number)
                return change_copy(check->network, remedy->changes, remedy->change_count);
        }
    }
    return NULL;
}

size_t check_remedy_total(const struct check *check)
{
    return check->remedy_total;
}

/* Is there a finding grave enough to be why the network is not well, shown or left out? */
static bool is_accounted_for(const struct check *check)
{
    for (size_t i = 0; i < check->finding_count + check->hidden_count; i++) {
        if (check->findings[i].level >= CHECK_LIKELY)
            return true;
    }
    return false;
}

bool check_verdict_fails(const struct check *check)
{
    return check->verdict == CHECK_UNKNOWN ||
           (check->verdict != CHECK_STABLE && !is_accounted_for(check));
}

int check_exit_code(const struct check *check, enum check_level fail_on)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].level >= fail_on)
            return 1;
    }
    return check_verdict_fails(check);
}
