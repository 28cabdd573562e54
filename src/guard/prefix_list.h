/* Lists of prefixes that a policy permits or denies, as routers have them: the first rule that
 * matches decides, and what matches none is denied unless the list says otherwise. */
#pragma once

#include "net/ip.h"

struct prefix_rule {
    struct prefix prefix; /* matches what lies in it ... */
    uint8_t ge;           /* ... and is at least and at most so long: exact is ge = le = length */
    uint8_t le;
    bool permit;
};

struct prefix_list {
    const struct prefix_rule *rules; /* borrowed */
    uint16_t count;
    bool permit_rest;
};

/* The whole space: {0.0.0.0/0, 0, 32}. */
bool prefix_rule_matches(const struct prefix_rule *rule, struct prefix prefix);
/* ret_rule: index of the rule that decided, count when none matched; may be NULL. */
bool prefix_list_permits(const struct prefix_list *list, struct prefix prefix, uint16_t *ret_rule);
