/* Faults from a seed: for a while the world is as bad as worlds are. The seed chooses the mix, too:
 * which kinds occur, and how often.
 *
 * A stream's order is never corrupted: what is done to a segment, TCP repairs. A kernel's entry
 * that failed is offered anew from the engine's table, which is what a shell does with an absolute
 * effect. After the plan's end nothing more is broken, and what is under way comes to its end. */
#pragma once

#include "sim/sim.h"

enum fault_kind {
#define FAULT(name, word, sentence) FAULT_##name,
#include "sim/fault.def"
#undef FAULT
    FAULT_COUNT
};

const char *fault_word(enum fault_kind kind);
const char *fault_sentence(enum fault_kind kind);

/* Borrowed for the run (struct sim_options). */
struct fault_plan {
    uint64_t seed;
    int64_t start_us;
    int64_t end_us;
    uint32_t kinds; /* bit 1 << enum fault_kind: these and no others; 0: the seed chooses */
};

/* Another plan for a run that is under way; the one before must be over. It is borrowed as well. */
void sim_plan_faults(struct sim *sim, const struct fault_plan *plan);

/* When the last fault is over: a router that was shut down has booted, a late message has come. */
int64_t fault_over_us(const struct fault_plan *plan);

/* How long after the end of all faults every tunnel must be up again, unless routes keep it down:
 * three times what it takes to notice a dead peer and a dead session. */
int64_t fault_return_us(const struct network *network, const struct world *world);

/* How many of a kind there have been in the run. */
uint32_t sim_fault_count(const struct sim *sim, enum fault_kind kind);
