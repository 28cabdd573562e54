#include "check/remedy.h"

#include "check/lines.h"
#include "check/search.h"

#include <string.h>

static bool same_cure(const struct check_remedy *remedy, const struct cure *cure)
{
    if (remedy->change_count != cure->count)
        return false;
    for (size_t i = 0; i < cure->count; i++) {
        if (!change_equal(&remedy->changes[i], &cure->changes[i]))
            return false;
    }
    return true;
}

/* The same changes have one number, however many findings and variants they cure. */
static size_t number_of(struct check *check, const struct cure *cure)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        for (size_t j = 0; j < finding->remedy_count; j++) {
            if (same_cure(&finding->remedies[j], cure))
                return finding->remedies[j].number;
        }
    }
    return ++check->remedy_total;
}

static enum check_remedy_kind kind_of(const struct cure *cure)
{
    enum check_remedy_kind kind = search_kind(&cure->changes[0]);
    for (size_t i = 1; i < cure->count; i++) {
        if (search_kind(&cure->changes[i]) != kind)
            return CHECK_REMEDY_MIXED;
    }
    return kind;
}

/* What was found, as one finding tells it. */
static void tell(struct check *check, const struct search *search, struct check_finding *finding)
{
    size_t count = check->options.cheapest && search->cure_count > 0 ? 1 : search->cure_count;
    struct check_remedy *remedies = check_take(check, (count + 1) * sizeof *remedies);
    for (size_t i = 0; i < count; i++) {
        const struct cure *cure = &search->cures[i];
        remedies[i] = (struct check_remedy){.kind = kind_of(cure),
                                            .number = number_of(check, cure),
                                            .changes = cure->changes,
                                            .change_count = cure->count};
        lines_say(check, &remedies[i]);
        if (cure->unproven)
            remedies[i].note = "may hold more than is needed";
    }
    finding->remedies = remedies;
    finding->remedy_count = count;
}

static void say_ended(struct check *check)
{
    static const char ended[] = "the search for remedies came to its limit: there may be others,"
                                " smaller ones among them";
    if (!check_has_text(&check->assumptions, ended))
        check_add_text(check, &check->assumptions, ended);
}

static bool is_sick(const struct check_finding *finding)
{
    return finding->evidence && finding->level >= CHECK_LIKELY;
}

void remedy_search(struct check *check)
{
    static _Thread_local struct search search;
    struct patient patient;
    struct world *world = network_build(check->network);
    size_t sick = 0;
    for (size_t i = 0; i < check->finding_count; i++)
        sick += is_sick(&check->findings[i]);
    if (world && sick > 0) {
        patient_init(&patient, check, check->network, world, &check->reach, NULL);
        search_init(&search, &patient, false);
        for (size_t i = check->finding_count; i > 0; i--) {
            if (is_sick(&check->findings[i - 1]))
                search_add(&search, check->findings[i - 1].evidence);
        }
        search_run(&search);
        for (size_t i = 0; i < check->finding_count; i++) {
            if (is_sick(&check->findings[i]))
                tell(check, &search, &check->findings[i]);
        }
        if (search.ended)
            say_ended(check);
    }
    world_destroy(world);
}

/* All tunnels that the variant swallows are to be cured together; what each needs is known of it
 * from this variant or from an earlier one. */
void remedy_search_variant(struct check *check, size_t from, const struct network *variant,
                           const struct run *run, const struct reach *reach)
{
    static _Thread_local struct search search;
    struct patient patient;
    if (from == check->finding_count)
        return;
    patient_init(&patient, check, variant, run->world, reach, run);
    search_init(&search, &patient, true);
    for (size_t i = check->finding_count; i > 0; i--) {
        const struct check_finding *finding = &check->findings[i - 1];
        if (finding->condition && finding->evidence &&
            sim_swallowed_us(run->sim, finding->evidence->tunnel) >= 0)
            search_add(&search, finding->evidence);
    }
    search_run(&search);
    for (size_t i = from; i < check->finding_count; i++)
        tell(check, &search, &check->findings[i]);
    if (search.ended)
        say_ended(check);
}
