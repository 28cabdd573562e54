/* The gateway's side of its tunnels: the keeper, which makes them (docs/decisions/0009), is told
 * what is wanted and heard of what there is; the engine hears of each as of an interface. Here is
 * also what is known of each for questions.
 *
 * A tunnel that goes down takes its BGP session with it at once: what was sent into it is lost, and
 * the hold time would only hide that. */
#pragma once

#include "plane/order_queue.h"
#include "plane/permit.h"
#include "run/plan.h"
#include "run/replacement.h"

#include <sys/types.h>
#include <uv.h>

enum { TUNNELS_PATIENCE_MS = 30000, TUNNELS_GONE_US = 25000000, TUNNELS_COUNT_US = 10000000 };

struct carried {
    struct report_tunnel said; /* name always; the rest is zero until the keeper has said it */
    struct report_counters counters;
    struct report_pin pin;              /* far 0: it is not pinned */
    int64_t counted_us;                 /* 0: never */
    char trouble[ORDER_SENTENCE_BYTES]; /* told since the file was read, or since it came up; "" */
    struct replacement replacement;
};

struct tunnels {
    int fd;       /* of the keeper; -1: none */
    pid_t keeper; /* 0: none that is ours to wait for */
    uv_poll_t poll;
    int polled_for;
    bool open, readable, writable;
    struct order_queue queue;         /* what the keeper has not read yet */
    const struct permit_pools *pools; /* the options' */
    struct permit *permit;            /* what the keeper will do */
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
 * tunnels it removes those of an earlier life and is sent away. RUN_INPUT after a sentence on err:
 * tunnels that cannot be on one machine; RUN_WORLD: nothing was made. */
enum run_exit tunnels_prepare(struct tunnels *tunnels, const struct plan *plan, FILE *err)
    __attribute__((warn_unused_result));

/* From here on the loop hears of them, and they are made. */
void tunnels_begin(struct daemon *daemon);
/* What the keeper has said: a phase of the round. */
void tunnels_read(struct daemon *daemon);
/* May the plan become this one? false: not without a restart, and the sentence says for what. */
bool tunnels_may_change(const struct tunnels *tunnels, const struct plan *was,
                        const struct plan *is, char sentence[ORDER_SENTENCE_BYTES]);
/* The plan is another one: `was` is what it was. */
void tunnels_change(struct daemon *daemon, const struct plan *was);
/* The tunnel's SAs shall be others: made before the former ones end, or, endpoint, after that.
 * NULL, or why not: a sentence, lower case and without full stop, that holds until the next call.
 */
const char *tunnels_replace(struct daemon *daemon, const char *name, bool endpoint);
/* Everything shall go; until tunnels->gone. */
void tunnels_take_down(struct daemon *daemon);
/* What is to be done by the clock; when to come back; INT64_MAX: when the keeper says something. */
int64_t tunnels_turn(struct daemon *daemon);
void tunnels_done(struct tunnels *tunnels);

/* The way to a neighbor is gone, and with it its session. 0: nobody's. */
void tunnels_end_session(struct daemon *daemon, uint16_t neighbor);

/* NULL: no such tunnel, or it is not made here. */
const struct carried *tunnels_find(const struct tunnels *tunnels, const char *name);
