#include "guard/prefix_list.h"

static bool has_community(struct slice communities, uint32_t community)
{
    struct cursor cursor = cursor_over(communities);
    while (cursor_remaining(&cursor) > 0)
        if (cursor_u32(&cursor) == community && !cursor.failed)
            return true;
    return false;
}

bool prefix_rule_matches(const struct prefix_rule *rule, struct prefix prefix,
                         struct slice communities)
{
    return prefix_covers(rule->prefix, prefix) && prefix.len >= rule->ge &&
           prefix.len <= rule->le &&
           (!rule->has_community || has_community(communities, rule->community));
}

bool prefix_list_permits(const struct prefix_list *list, struct prefix prefix,
                         struct slice communities, uint16_t *ret_rule)
{
    uint16_t at = 0;
    while (at < list->count && !prefix_rule_matches(&list->rules[at], prefix, communities))
        at++;
    if (ret_rule)
        *ret_rule = at;
    return at < list->count ? list->rules[at].permit : list->permit_rest;
}

bool prefix_list_asks_communities(const struct prefix_list *list)
{
    for (uint16_t i = 0; i < list->count; i++)
        if (list->rules[i].has_community)
            return true;
    return false;
}
