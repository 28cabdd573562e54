#include "sim/tell.h"

#include "sim/tell_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WHAT_BYTES = 1024, NOTE_BYTES = 128 };

static char *copy(const char *text)
{
    char *own = strdup(text);
    assert(own);
    return own;
}

static struct told *next_line(struct tale *tale)
{
    if (tale->count == tale->cap) {
        tale->cap = tale->cap ? 2 * tale->cap : 32;
        tale->lines = realloc(tale->lines, tale->cap * sizeof *tale->lines);
        assert(tale->lines);
    }
    return &tale->lines[tale->count++];
}

static void add_line(struct tale *tale, struct telling *telling, const struct tell_group *group)
{
    char what[WHAT_BYTES], note[NOTE_BYTES];
    telling->what = text_over(what, sizeof what);
    telling->note = text_over(note, sizeof note);
    telling->tone = TELL_PLAIN;
    if (group->opening)
        tell_opening(telling, group);
    else
        tell_group(telling, group);
    if (telling->what.size == 0)
        return;
    *next_line(tale) = (struct told){.at_us = group->at_us,
                                     .tone = telling->tone,
                                     .what = copy(what),
                                     .note = copy(note),
                                     .moment = group->members[0],
                                     .again = group->again_of != TELL_NONE};
}

static bool is_step(const struct tell_group *group)
{
    return group->kind == MOMENT_STORY || group->kind == MOMENT_FAILED ||
           group->kind == MOMENT_RESTORED;
}

static size_t segment_begin(const struct tell_groups *groups, size_t at)
{
    while (at > 0 && !is_step(&groups->items[at - 1]))
        at--;
    return at;
}

static size_t segment_end(const struct tell_groups *groups, size_t at)
{
    while (at < groups->count && !is_step(&groups->items[at]))
        at++;
    return at;
}

/* Has every tunnel that was swallowed since the last step of the story come round? */
static bool all_round(const struct telling *telling, const struct tell_groups *groups, size_t last)
{
    for (size_t i = segment_begin(groups, last); i <= last; i++) {
        if (groups->items[i].kind != MOMENT_SWALLOWED)
            continue;
        int tunnel = tell_first(telling, &groups->items[i])->tunnel;
        bool round = false;
        for (size_t j = i; j <= last && !round; j++)
            round = groups->items[j].kind == MOMENT_SWALLOWED &&
                    tell_first(telling, &groups->items[j])->tunnel == tunnel &&
                    groups->items[j].again_of != TELL_NONE;
        if (!round)
            return false;
    }
    return true;
}

/* Will what begins at this group come round before the story's next step? */
static bool comes_round(const struct tell_groups *groups, size_t at)
{
    size_t end = segment_end(groups, at);
    for (size_t i = at; i < end; i++) {
        if (groups->items[i].again_of != TELL_NONE)
            return true;
    }
    return false;
}

/* Leaves out what follows from group `from` up to the next step; the group at which to go on. */
static size_t fold(struct tale *tale, const struct telling *telling,
                   const struct tell_groups *groups, size_t from)
{
    size_t end = segment_end(groups, from), rounds = 0;
    int64_t period_us = 0;
    for (size_t i = from; i < end; i++) {
        const struct tell_group *group = &groups->items[i];
        if (group->again_of == TELL_NONE)
            continue;
        period_us = group->at_us - telling->moments[group->again_of].at_us;
        rounds++;
    }
    if (end == from)
        return end;
    char what[NOTE_BYTES];
    struct text text = text_over(what, sizeof what);
    text_add(&text, "and so on");
    if (rounds > 0) {
        text_add(&text, ", every ");
        text_seconds(&text, period_us, 1);
        text_add(&text, " s");
    }
    text_add(&text, "; played until ");
    text_seconds(&text, groups->items[end - 1].at_us, 3);
    *next_line(tale) = (struct told){.at_us = groups->items[end - 1].at_us,
                                     .tone = TELL_FOLD,
                                     .what = copy(what),
                                     .note = copy(""),
                                     .moment = groups->items[from].members[0]};
    return end;
}

void tell_moments(const struct world *world, const struct network *network,
                  const struct moment *moments, size_t count, bool whole, struct tale *ret_tale)
{
    struct tell_groups groups;
    struct tale tale = {0};
    bool circle_told = false; /* once is enough, whatever the story tries against it */
    tell_group_moments(world, moments, count, whole, &groups);
    struct telling telling = {
        .world = world, .network = network, .moments = moments, .previous = groups.previous};
    for (size_t i = 0; i < groups.count;) {
        const struct tell_group *group = &groups.items[i];
        add_line(&tale, &telling, group);
        bool round = group->again_of != TELL_NONE && all_round(&telling, &groups, i);
        bool known = circle_told && group->kind == MOMENT_SWALLOWED && comes_round(&groups, i);
        i++;
        if (!whole && (round || known)) {
            i = fold(&tale, &telling, &groups, i);
            circle_told = true;
        }
    }
    tell_groups_done(&groups);
    *ret_tale = tale;
}

void tale_done(struct tale *tale)
{
    for (size_t i = 0; i < tale->count; i++) {
        free(tale->lines[i].what);
        free(tale->lines[i].note);
    }
    free(tale->lines);
    *tale = (struct tale){0};
}

char *tell_moment(const struct world *world, const struct network *network,
                  const struct moment *moments, size_t index)
{
    char what[WHAT_BYTES], note[NOTE_BYTES];
    struct telling telling = {.world = world,
                              .network = network,
                              .moments = moments,
                              .what = text_over(what, sizeof what),
                              .note = text_over(note, sizeof note)};
    struct tell_group group = {
        .kind = moments[index].kind, .members = &index, .count = 1, .again_of = TELL_NONE};
    tell_group(&telling, &group);
    return copy(what);
}
