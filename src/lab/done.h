/* What was done to a lab from outside, in the order in which it was done: steps of stories, and
 * commands. It stands in the lab's folder, a line of JSON each, and goes with it. `lab record`
 * reads it, since no journal and no log of a daemon says what somebody did to a line or a machine.
 */
#pragma once

#include "lab/running.h"
#include "network/network.h"

#define DONE_FILE "done"

struct done_item {
    int64_t at_us; /* CLOCK_REALTIME */
    char *step;    /* YAML, at 0s; or NULL */
    char *node;    /* of a command; or NULL */
    char *command; /* its words, divided by blanks; or NULL: something that no step says */
};

struct done {
    struct done_item *items;
    size_t count;
};

/* What cannot be written down is not worth failing for: the lab runs on. */
void done_step(const struct lab_running *lab, const struct network_step *step, int64_t at_us);
void done_command(const struct lab_running *lab, const char *node, const char *const words[],
                  int64_t at_us);
/* The network became another one, by no step: as steps, as far as they can say it. */
void done_change(const struct lab_running *lab, const struct network *before,
                 const struct network *after, int64_t at_us);

/* The text of a step as network_add_step takes it, at that time of the story; the caller's. */
char *done_step_text(const struct network_step *step, int64_t at_us);

/* All of it; no file is nothing done. false: a line is none of ours. Then done_free. */
bool done_read(const struct lab_running *lab, struct done *ret_done, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
bool done_read_text(const char *text, size_t size, struct done *ret_done,
                    struct trouble *ret_trouble) __attribute__((warn_unused_result));
void done_free(struct done *done);
