/* Numbers that outlive a file. A plan numbers attachments, neighbors, interfaces and customer
 * gateways in its file's order; an engine that runs knows them by the numbers it was told first.
 * What has the same name is the same thing: here a name keeps its number for the daemon's life, and
 * a new name gets the next one. */
#pragma once

#include "run/plan.h"

enum number_kind {
    NUMBER_ATTACHMENT,
    NUMBER_NEIGHBOR,
    NUMBER_INTERFACE,
    NUMBER_CUSTOMER_GATEWAY,
    NUMBER_KINDS,
};

struct number_list {
    char **names; /* names[number - 1] */
    size_t count, cap;
};

struct numbers {
    struct number_list lists[NUMBER_KINDS];
};

/* Gives the plan the numbers of its names: in plan->told, what its engine is to be told, in
 * plan->neighbors, and where its world is asked for names. false: there are 65,535 of a kind. */
bool numbers_apply(struct numbers *numbers, struct plan *plan) __attribute__((warn_unused_result));
void numbers_done(struct numbers *numbers);
