/* Remedies: for a finding, the smallest changes of each kind that might cure it, and the proof.
 *
 * A remedy begins with what the finding itself suggests. When the network, run with it, still
 * swallows a tunnel (the other tunnel, another connection, a second announcer), what that suggests
 * is added, of the same kind, and so on. It is shown when the run with it, and one with another
 * order of starts, settles with every tunnel up, nothing ever swallowed, and nothing lost that
 * could be reached before.
 *
 * That is a question about the whole network, so what cures one finding cures all; a finding whose
 * suggestion is already part of a remedy gets that one. So the cost of the search does not grow
 * with the number of findings. */
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
enum { REMEDY_CHANGES_MAX = 1024 };
size_t remedy_suggest(enum check_remedy_kind kind, const struct network *network,
                      const struct world *world, const struct evidence *evidence,
                      struct change *ret_changes, size_t cap);
