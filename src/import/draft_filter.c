/* Security groups of the instances that are in the network, and those that their rules name;
 * network ACLs of its subnets; and the prefix lists of the rules. Others filter nothing here. */
#include "import/draft.h"

#include "import/remark.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

static struct network_vpc *home_of(const struct draft *draft, const struct aws_filter *filter)
{
    const struct aws_thing *home = aws_find(draft->aws, AWS_VPC, filter->vpc);
    return home && home->used ? &draft->network->vpcs[home->at] : NULL;
}

static struct aws_filter *group_called(const struct draft *draft, const char *id)
{
    struct aws_filter *group = (void *)aws_find(draft->aws, AWS_SECURITY_GROUP, id);
    return group && home_of(draft, group) ? group : NULL;
}

/* -- which groups -- */

struct wanted {
    struct aws_filter **items; /* each once */
    size_t count, cap;
};

static void want(struct wanted *wanted, struct aws_filter *group)
{
    if (!group || group->is.used)
        return;
    group->is.used = true;
    wanted->items = memory_grow(wanted->items, wanted->count, &wanted->cap, sizeof *wanted->items);
    wanted->items[wanted->count++] = group;
}

/* All groups of the instance are in the export, and of its VPC; else what passes is not known. */
static bool knows_groups(struct draft *draft, const struct aws_instance *instance,
                         const struct network_vpc *vpc)
{
    for (size_t i = 0; i < instance->group_count; i++) {
        const struct aws_filter *group = group_called(draft, instance->groups[i]);
        if (group && home_of(draft, group) == vpc)
            continue;
        remark_say(draft->remarks, IMPORT_MISSING, instance->is.place, instance->is.id,
                   "%s, a security group of %s, is not in the export", instance->groups[i],
                   instance->is.id);
        remark_depends(draft->remarks, "what %s lets in and out: nothing is taken to be dropped",
                       instance->is.id);
        return false;
    }
    return instance->group_count > 0 && instance->group_count <= NETWORK_GROUPS_MAX;
}

static struct network_instance *drafted(const struct draft *draft,
                                        const struct aws_instance *instance,
                                        struct network_vpc **ret_vpc)
{
    const struct aws_subnet *subnet = (void *)aws_find(draft->aws, AWS_SUBNET, instance->subnet);
    const struct aws_thing *home = subnet ? aws_find(draft->aws, AWS_VPC, subnet->vpc) : NULL;
    if (!instance->is.used || instance->is.dropped || !home)
        return NULL;
    *ret_vpc = &draft->network->vpcs[home->at];
    return &(*ret_vpc)->instances[instance->is.at];
}

static bool has_group(const struct network_instance *instance, const char *id)
{
    bool has = false;
    for (size_t i = 0; i < instance->security_group_count; i++)
        has = has || strcmp(instance->security_groups[i].id, id) == 0;
    return has;
}

static void want_instances(struct draft *draft, struct wanted *wanted)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_INSTANCE); i++) {
        const struct aws_instance *from = (void *)aws_at(draft->aws, AWS_INSTANCE, i);
        struct network_vpc *vpc = NULL;
        struct network_instance *instance = drafted(draft, from, &vpc);
        if (!instance || !knows_groups(draft, from, vpc))
            continue;
        for (size_t j = 0; j < from->group_count; j++) {
            want(wanted, group_called(draft, from->groups[j]));
            if (!has_group(instance, from->groups[j]))
                *(struct network_ref *)draft_add(draft, &schema_instance, instance,
                                                 "security_groups") = draft_ref(from->groups[j]);
        }
    }
}

/* -- rules -- */

/* A list that the network has, under its own name; false: its entries are not known. */
static bool draft_list(struct draft *draft, const char *id)
{
    struct aws_prefix_list *from = (void *)aws_find(draft->aws, AWS_PREFIX_LIST, id);
    if (!from || !from->told || from->prefixes.count > NETWORK_LIST_MAX)
        return false;
    if (from->is.used)
        return true;
    from->is.used = true;
    struct network_prefix_list *list =
        draft_add(draft, &schema_network, draft->network, "prefix_lists");
    list->id = draft_text(id);
    draft_empty(&schema_prefix_list, list, "prefixes");
    for (size_t i = 0; i < from->prefixes.count; i++)
        *(struct prefix *)draft_add(draft, &schema_prefix_list, list, "prefixes") =
            from->prefixes.items[i];
    return true;
}

/* Why the network cannot have the rule; NULL: it can. */
static const char *refusal_of(struct draft *draft, const struct aws_rule *rule)
{
    if (rule->group && !group_called(draft, rule->group))
        return "that group is not in the export";
    if (rule->list && !draft_list(draft, rule->list))
        return "the entries of that list are not in the export";
    if (rule->low > rule->high && rule->high >= 0 && rule->protocol != 1 && rule->protocol != 58)
        return "its ports run backwards";
    if (rule->low == 0 && rule->high == 0 && (rule->protocol == 6 || rule->protocol == 17))
        return "nobody has port 0";
    return NULL;
}

static void set_traffic(struct network_traffic_rule *line, const struct aws_rule *rule)
{
    bool icmp = rule->protocol == 1 || rule->protocol == 58;
    bool ports = rule->protocol == 6 || rule->protocol == 17 || rule->protocol == 132;
    line->protocol = rule->protocol;
    if (icmp && rule->low >= 0 && rule->low <= UINT8_MAX) {
        line->type = rule->low;
        line->code = rule->high <= UINT8_MAX ? rule->high : -1;
    }
    bool all = rule->low <= 0 && rule->high == UINT16_MAX;
    if (ports && rule->low >= 0 && rule->high > 0 && !all)
        line->ports = (struct network_ports){(uint16_t)rule->low, (uint16_t)rule->high};
}

static bool refuse(struct draft *draft, const struct aws_filter *filter,
                   const struct aws_rule *rule)
{
    const char *why = refusal_of(draft, rule);
    if (!why)
        return false;
    remark_say(draft->remarks, rule->group || rule->list ? IMPORT_MISSING : IMPORT_WRONG,
               rule->place, filter->is.id, "a rule of %s is left out: %s%s%s", filter->is.id,
               rule->group  ? rule->group
               : rule->list ? rule->list
                            : "",
               rule->group || rule->list ? ": " : "", why);
    return true;
}

static void draft_group(struct draft *draft, struct wanted *wanted, const struct aws_filter *from)
{
    struct network_security_group *group =
        draft_add(draft, &schema_vpc, home_of(draft, from), "security_groups");
    group->id = draft_text(from->is.id);
    draft_empty(&schema_security_group, group, "inbound");
    if (from->out_said)
        draft_empty(&schema_security_group, group, "outbound");
    if (from->is.name && *from->is.name)
        draft_comment(draft, group->place, "%.80s", from->is.name);
    for (size_t i = 0; i < from->rule_count; i++) {
        const struct aws_rule *rule = &from->rules[i];
        if (refuse(draft, from, rule))
            continue;
        struct network_traffic_rule *line =
            draft_add(draft, &schema_security_group, group, rule->out ? "outbound" : "inbound");
        set_traffic(line, rule);
        line->far_side = draft_ref(rule->ranged  ? draft_prefix(rule->range)
                                   : rule->group ? rule->group
                                                 : rule->list);
        if (rule->ranged) {
            line->far_side.kind = NETWORK_PREFIX;
            line->far_side.address = rule->range.addr;
            line->far_side.len = rule->range.len;
            line->far_side.six = rule->range.six;
        }
        want(wanted, rule->group ? group_called(draft, rule->group) : NULL);
    }
}

/* -- network ACLs -- */

static void draft_acl(struct draft *draft, const struct aws_filter *from)
{
    struct network_acl *acl = draft_add(draft, &schema_vpc, home_of(draft, from), "network_acls");
    acl->id = draft_text(from->is.id);
    draft_empty(&schema_network_acl, acl, "inbound");
    draft_empty(&schema_network_acl, acl, "outbound");
    if (from->is.name && *from->is.name)
        draft_comment(draft, acl->place, "%.80s", from->is.name);
    for (size_t i = 0; i < from->rule_count; i++) {
        const struct aws_rule *rule = &from->rules[i];
        size_t owner;
        if (refuse(draft, from, rule))
            continue;
        if (!draft_claim(draft, CLAIM_ACL_RULE, acl->place.line, (ip_addr)rule->number, rule->out,
                         0, &owner)) {
            remark_say(draft->remarks, IMPORT_WRONG, rule->place, from->is.id,
                       "%s has a second rule %d; the first is taken", from->is.id,
                       (int)rule->number);
            continue;
        }
        struct network_traffic_rule *line =
            draft_add(draft, &schema_network_acl, acl, rule->out ? "outbound" : "inbound");
        set_traffic(line, rule);
        line->number = rule->number;
        line->action = rule->deny ? NETWORK_REFUSE : NETWORK_ALLOW;
        line->range = rule->range;
    }
}

static void draft_acls(struct draft *draft)
{
    for (size_t i = 0; i < aws_count(draft->aws, AWS_NETWORK_ACL); i++) {
        struct aws_filter *acl = (void *)aws_at(draft->aws, AWS_NETWORK_ACL, i);
        struct network_vpc *vpc = acl->is.dropped ? NULL : home_of(draft, acl);
        for (size_t j = 0; vpc && j < acl->subnet_count; j++) {
            const struct aws_subnet *subnet =
                (void *)aws_find(draft->aws, AWS_SUBNET, acl->subnets[j]);
            if (!subnet || !subnet->is.used || strcmp(subnet->vpc, acl->vpc) != 0 ||
                vpc->subnets[subnet->is.at].network_acl.id)
                continue;
            vpc->subnets[subnet->is.at].network_acl = draft_ref(acl->is.id);
            acl->is.used = true;
        }
        if (acl->is.used)
            draft_acl(draft, acl);
    }
}

void draft_filters(struct draft *draft)
{
    struct wanted wanted = {0};
    want_instances(draft, &wanted);
    for (size_t i = 0; i < wanted.count; i++) /* which grows, as rules name more */
        draft_group(draft, &wanted, wanted.items[i]);
    free(wanted.items);
    draft_acls(draft);
}
