#include "guard/prefix_list.h"

bool prefix_rule_matches(const struct prefix_rule *rule, struct prefix prefix)
{
    return prefix_covers(rule->prefix, prefix) && prefix.len >= rule->ge && prefix.len <= rule->le;
}

bool prefix_list_permits(const struct prefix_list *list, struct prefix prefix, uint16_t *ret_rule)
{
    uint16_t at = 0;
    while (at < list->count && !prefix_rule_matches(&list->rules[at], prefix))
        at++;
    if (ret_rule)
        *ret_rule = at;
    return at < list->count ? list->rules[at].permit : list->permit_rest;
}
