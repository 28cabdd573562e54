/* Which findings an answer shows: those that the user asks for, by name or by trap. What is left
 * out stays in the answer, behind what is shown, so that a remedy keeps its number; the exit code
 * and the levels' counts are of what is shown. */
#pragma once

#include "check/parts.h"

struct selection {
    bool kinds[CHECK_FINDING_KINDS];
};

struct selection_mistake {
    struct quoted word;  /* what was written; empty: a word is missing */
    const char *nearest; /* what may have been meant; NULL: nothing is near */
};

struct selection selection_all(void);

/* Names or traps divided by commas: only those, or all but those, of what is selected. A trap is
 * that of all its findings, T40 also that of T40a. false: ret_mistake says what is wrong, and
 * nothing is changed. */
bool selection_only(struct selection *selection, const char *list,
                    struct selection_mistake *ret_mistake) __attribute__((warn_unused_result));
bool selection_ignore(struct selection *selection, const char *list,
                      struct selection_mistake *ret_mistake) __attribute__((warn_unused_result));
bool selection_is_empty(const struct selection *selection);

/* Leaves out what is not selected, and counts it. */
void selection_apply(struct check *check, const struct selection *selection);

/* Moves the findings that are marked behind the others, and counts them no more; how many. */
size_t selection_leave_out(struct check *check, const bool *marked);
