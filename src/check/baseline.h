/* The baseline: a file of findings that are known, which an answer leaves out, so that it speaks of
 * what is new. One line a finding, its level and its identity (check/identity.h); what stands
 * behind a # is a comment, for whoever says why that is as it should be:
 *
 *     certain  tunnel-recursion vpn-vyatta/1 0.0.0.0/0 dx-edge   # until the edge is replaced
 *
 * A finding is left out when its identity stands here with its level or a graver one: what has
 * grown worse is shown again, and said to have been known. Of lines with one identity each leaves
 * out one finding. A line whose finding is not there any more is said, so that the file does not
 * hide what comes back. */
#pragma once

#include "check/parts.h"

enum { BASELINE_LINES_MAX = 100000 };

struct baseline;

/* Mistakes are added to diagnostics, all of them. false: there was one, *ret_baseline is untouched.
 * name is how messages call the file; the text is not kept. */
bool baseline_parse(struct slice text, const char *name, struct diagnostics *diagnostics,
                    struct baseline **ret_baseline) __attribute__((warn_unused_result));
void baseline_free(struct baseline *baseline); /* NULL is fine */

/* Leaves out what is known. After the selection: lines of findings that nobody asks for are not
 * missed. */
void baseline_apply(struct check *check, const struct baseline *baseline);

/* Writes the baseline that leaves out everything that the answer shows. */
void baseline_write(const struct check *check, FILE *out);
