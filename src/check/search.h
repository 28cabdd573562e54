/* The search for remedies: which sets of changes cure a network.
 *
 * A step is what one kind of remedy does at one place: all host routes of one router are a step. A
 * need is a tunnel that is swallowed, with the steps that might help it, at most one of each kind.
 * A set of steps that leaves a need without an answer is not worth a run; one that answers all
 * needs known is tried, and when it does not cure, the trial shows new needs.
 *
 * Two ways are gone. Leads: for each kind one set that takes this kind's step wherever there is
 * one, and the next kind's where there is none or where it did not help; linear cost, however many
 * tunnels there are. Small sets: all of up to SEARCH_STEPS_MAX steps, of any kinds, the smallest
 * first; of these only what is smaller than every lead, unless all are wanted.
 *
 * From each set that cures, change by change is taken away as long as it cures without. So a cure
 * is minimal: without any one of its changes a tunnel was seen swallowed in the network at rest
 * (spare.h), or the network was run anew and was not cured. Where the trials do not suffice for
 * that, it says so. */
#pragma once

#include "check/trial.h"

enum {
    SEARCH_STEPS_MAX = 3, /* of sets that are all tried */
    SEARCH_CURES_MAX = 64,
};

struct cure {
    struct change *changes; /* as their places are in the file */
    size_t count;
    bool *needed; /* changes that cannot be spared while all are there; NULL: not known */
    size_t places;
    bool unproven; /* no trial was left to take each change away */
};

struct search {
    struct patient *patient;
    bool no_withdrawal; /* nobody announces it yet: that it is not announced is no answer */
    struct cure cures[SEARCH_CURES_MAX]; /* the smallest first, then by kind */
    size_t cure_count;
    bool ended;                /* by a limit: there may be others */
    struct search_step *steps; /* for search.c only, as what follows */
    size_t step_count, step_cap;
    struct need *needs;
    bool seen[CHECK_REMEDY_KINDS]; /* kinds that might help anybody */
};

void search_init(struct search *search, struct patient *patient, bool no_withdrawal);
/* A tunnel that is to be cured, as it was seen; what is added last is looked at first. */
void search_add(struct search *search, const struct evidence *evidence);
void search_run(struct search *search);

/* Which kind of remedy a change is. */
enum check_remedy_kind search_kind(const struct change *change);
