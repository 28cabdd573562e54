/* Lists of prefixes that a policy permits or denies, as routers have them: the first rule that
 * matches decides, and what matches none is denied unless the list says otherwise. A rule may ask
 * for a community besides (RFC 1997). */
#pragma once

#include "base/slice.h"
#include "net/ip.h"

struct prefix_rule {
    struct prefix prefix; /* matches what lies in it ... */
    uint8_t ge;           /* ... and is at least and at most so long: exact is ge = le = length */
    uint8_t le;
    bool permit;
    bool has_community; /* matches only routes that have it */
    uint32_t community;
};

struct prefix_list {
    const struct prefix_rule *rules; /* borrowed */
    uint16_t count;
    bool permit_rest;
};

/* The whole space: {0.0.0.0/0, 0, 32}. communities: the route's, four bytes each. */
bool prefix_rule_matches(const struct prefix_rule *rule, struct prefix prefix,
                         struct slice communities);
/* ret_rule: index of the rule that decided, count when none matched; may be NULL. */
bool prefix_list_permits(const struct prefix_list *list, struct prefix prefix,
                         struct slice communities, uint16_t *ret_rule);
/* Does any rule ask for a community? If not, communities may be left empty. */
bool prefix_list_asks_communities(const struct prefix_list *list);
