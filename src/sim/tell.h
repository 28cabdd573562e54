/* What a run has seen, in sentences: the timeline.
 *
 * A moment is a value; here it becomes words. Moments that say one thing together become one line:
 * both ends of a tunnel that comes up, a session that is Established at both ends, the prefixes
 * that one node learns at once. What a person need not see is left out: the tables of a node that
 * boots, requests that were answered, and, unless all is asked for, how the first sessions came up
 * in detail and the second and every further round of a circle. Nothing is left out of sim_moments,
 * which is what --json tells. */
#pragma once

#include "sim/sim.h"

enum tell_tone {
    TELL_PLAIN,
    TELL_MINOR, /* routes that follow from what else is said */
    TELL_STORY,
    TELL_GOOD,
    TELL_BAD,
    TELL_FOLD, /* stands for what was left out */
};

struct told {
    int64_t at_us; /* TELL_FOLD: where what was left out ends */
    enum tell_tone tone;
    char *what;    /* UTF-8; no full stop */
    char *note;    /* what it rests on, such as "RFC 4271 6.5"; may be empty */
    size_t moment; /* the first of those it tells; TELL_FOLD: the first left out */
    bool again;    /* a state that was there before has come back */
};

struct tale {
    struct told *lines; /* in order of time */
    size_t count, cap;
};

/* whole: every line. The network gives the story's words; NULL: there is none. */
void tell_moments(const struct world *world, const struct network *network,
                  const struct moment *moments, size_t count, bool whole, struct tale *ret_tale);
void tale_done(struct tale *tale);

/* One moment alone, for a machine's timeline; the caller frees the text. */
char *tell_moment(const struct world *world, const struct network *network,
                  const struct moment *moments, size_t index) __attribute__((warn_unused_result));

/* A step of the story: "dx-edge announces 0.0.0.0/0". */
void text_step(struct text *text, const struct network_step *step);
