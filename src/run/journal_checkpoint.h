/* A checkpoint beside a segment, written by a process that is forked for it: its copy of the engine
 * stands still while the daemon's goes on. */
#pragma once

#include "engine/engine.h"
#include "run/journal_folder.h"
#include "run/numbers.h"
#include "wire/journal.h"

#include <sys/types.h>

/* Whose journal it is. Borrowed. */
struct journal_subject {
    const struct engine *engine;
    const struct plan *plan;
    const struct numbers *numbers;
};

/* Tells of all that has a name. Allocates nothing. */
void journal_names_each(const struct journal_subject *subject,
                        void (*take)(void *context, const struct journal_name *name),
                        void *context);

/* The engine is at rest. Returns the child, which ends with status 0 when the file is whole, and
 * else with an errno; or a negative errno: there is no child. */
pid_t journal_checkpoint_fork(const struct journal_folder *folder,
                              const struct journal_header *header,
                              const struct journal_subject *subject)
    __attribute__((warn_unused_result));
