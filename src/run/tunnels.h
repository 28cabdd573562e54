/* The gateway's side of its tunnels: the keeper, which makes them (docs/decisions/0009), is told
 * what is wanted and heard of what there is; the engine hears of each as of an interface. Here is
 * also what is known of each for questions.
 *
 * A tunnel that goes down takes its BGP session with it at once: what was sent into it is lost, and
 * the hold time would only hide that. */
#pragma once

#include "run/plan.h"

#include <uv.h>

enum { TUNNELS_PATIENCE_MS = 30000, TUNNELS_GONE_US = 25000000, TUNNELS_COUNT_US = 10000000 };

struct carried {
    struct report_tunnel said; /* name always; the rest is zero until the keeper has said it */
    struct report_counters counters;
    int64_t counted_us; /* 0: never */
};

struct tunnels {
    int fd; /* of the keeper; -1: none */
    uv_poll_t poll;
    bool open, readable;
    enum plane_choice choice;
    char space[NAME_SPACE_BYTES]; /* inner */
    struct carried *items;
    size_t count;
    bool leaving;        /* being taken down */
    bool gone;           /* they are, or there never were any */
    int64_t gone_at_us;  /* then at the latest */
    int64_t count_at_us; /* then for the counters again */
};

struct daemon;

void tunnels_none(struct tunnels *tunnels);

/* While the process may still do everything, before anything is read: the keeper. RUN_WORLD after a
 * sentence on err. */
enum run_exit tunnels_fork(struct tunnels *tunnels, const struct run_options *options, FILE *err)
    __attribute__((warn_unused_result));

/* The plan's tunnels are said, and the keeper answers: the inner namespace is there. Without
 * tunnels the keeper is sent away. RUN_WORLD after a sentence on err, and nothing was made. */
enum run_exit tunnels_prepare(struct tunnels *tunnels, const struct plan *plan, FILE *err)
    __attribute__((warn_unused_result));

/* From here on the loop hears of them, and they are made. */
void tunnels_begin(struct daemon *daemon);
/* What the keeper has said: a phase of the round. */
void tunnels_read(struct daemon *daemon);
/* The plan is another one: `was` is what it was. */
void tunnels_change(struct daemon *daemon, const struct plan *was);
/* Everything shall go; until tunnels->gone. */
void tunnels_take_down(struct daemon *daemon);
/* What is to be done by the clock; when to come back; INT64_MAX: when the keeper says something. */
int64_t tunnels_turn(struct daemon *daemon);
void tunnels_done(struct tunnels *tunnels);

/* NULL: no such tunnel, or it is not made here. */
const struct carried *tunnels_find(const struct tunnels *tunnels, const char *name);
