/* Remedies: for the findings of a network, the smallest sets of changes that were seen to cure it.
 *
 * Whether a network is cured is a question about all of it (trial.h), so what cures one finding
 * cures all, and one search serves them (search.h): its cost does not grow with the number of
 * findings. Usually one set for each kind of remedy is told, of several kinds only where one kind
 * does not suffice, and whatever is smaller than all of these. */
#pragma once

#include "check/evidence.h"

/* Searches for all findings that are at least likely, the finding's remedies and numbers set. */
void remedy_search(struct check *check);
/* For the findings from this index on, which a variant of the network has: every remedy but that
 * nobody announces the prefix. run: what was seen of the variant; reach: what it must not lose. */
void remedy_search_variant(struct check *check, size_t from, const struct network *variant,
                           const struct run *run, const struct reach *reach);

/* The changes of one kind that the evidence suggests, in the terms of the network; at most cap.
 * 0: this kind has no answer here. */
enum { REMEDY_CHANGES_MAX = 4096 };
size_t remedy_suggest(enum check_remedy_kind kind, const struct network *network,
                      const struct world *world, const struct evidence *evidence,
                      struct change *ret_changes, size_t cap);
