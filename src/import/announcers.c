#include "import/announcers.h"

bool announcer_can(const struct announcer *announcer)
{
    return announcer->accepted != 0;
}

static bool has_room(const struct announcer *announcer)
{
    return announcer->accepted < 0 || (int64_t)announcer->given < announcer->accepted;
}

static void give(struct announcer *announcer, size_t prefix)
{
    if (announcer->announces[prefix])
        return;
    announcer->announces[prefix] = true;
    announcer->given++;
}

static bool is_behind(const struct announcer *announcer, struct prefix prefix)
{
    for (size_t i = 0; i < announcer->known_count; i++) {
        if (prefix_covers(announcer->known[i], prefix))
            return true;
    }
    return false;
}

static bool is_given(const struct announcer *announcers, size_t count, size_t prefix)
{
    for (size_t i = 0; i < count; i++) {
        if (announcers[i].announces[prefix])
            return true;
    }
    return false;
}

/* It accepted at least as many as there are: all of them. */
static bool has_all(const struct announcer *announcer, size_t prefix_count)
{
    return announcer->accepted >= 0 && (uint64_t)announcer->accepted >= prefix_count;
}

/* Those with a count come first. */
static struct announcer *with_room(struct announcer *announcers, size_t count)
{
    struct announcer *without_count = NULL;
    for (size_t i = 0; i < count; i++) {
        if (announcers[i].accepted >= 0 && has_room(&announcers[i]))
            return &announcers[i];
        if (announcers[i].accepted < 0 && !without_count)
            without_count = &announcers[i];
    }
    return without_count;
}

static struct announcer *first_that_can(struct announcer *announcers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (announcer_can(&announcers[i]))
            return &announcers[i];
    }
    return NULL;
}

static void give_what_is_known(const struct prefix *prefixes, size_t prefix_count,
                               struct announcer *announcer)
{
    bool all = announcer_can(announcer) && has_all(announcer, prefix_count);
    for (size_t i = 0; i < prefix_count; i++) {
        if (all || (is_behind(announcer, prefixes[i]) && has_room(announcer)))
            give(announcer, i);
    }
}

/* What nobody has, the default last. */
static void give_the_rest(const struct prefix *prefixes, size_t prefix_count,
                          struct announcer *announcers, size_t count, enum announced *how)
{
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < prefix_count; i++) {
            if ((prefixes[i].len == 0) != (turn == 1) || is_given(announcers, count, i))
                continue;
            struct announcer *to = with_room(announcers, count);
            how[i] = ANNOUNCED_CHOSEN;
            if (!to) {
                to = first_that_can(announcers, count);
                how[i] = to ? ANNOUNCED_BEYOND : ANNOUNCED_NOBODY;
            }
            if (to)
                give(to, i);
        }
    }
}

static void fill(struct announcer *announcer, size_t prefix_count)
{
    for (size_t i = 0; i < prefix_count; i++) {
        if (announcer->accepted >= 0 && has_room(announcer))
            give(announcer, i);
    }
}

void announcers_judge(const struct prefix *prefixes, size_t prefix_count,
                      struct announcer *announcers, size_t announcer_count, enum announced *ret_how,
                      size_t *ret_can)
{
    size_t can = 0;
    for (size_t i = 0; i < prefix_count; i++)
        ret_how[i] = ANNOUNCED_CHOSEN;
    for (size_t i = 0; i < announcer_count; i++) {
        can += announcer_can(&announcers[i]);
        give_what_is_known(prefixes, prefix_count, &announcers[i]);
    }
    give_the_rest(prefixes, prefix_count, announcers, announcer_count, ret_how);
    for (size_t i = 0; i < announcer_count; i++)
        fill(&announcers[i], prefix_count);
    for (size_t i = 0; i < prefix_count; i++) {
        size_t chosen = 0;
        for (size_t j = 0; j < announcer_count; j++)
            chosen += announcers[j].announces[i];
        ret_can[i] = can;
        if (ret_how[i] == ANNOUNCED_CHOSEN && chosen == can)
            ret_how[i] = ANNOUNCED_CERTAIN;
    }
}
