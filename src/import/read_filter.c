/* Security groups, network ACLs and prefix lists. */
#include "import/read.h"

#include "network/scalar.h"

#include <string.h>

/* "-1", "tcp", "6"; false: something else, as a remark says. */
static bool read_protocol(const struct item *item, const char *key, int64_t *ret_protocol)
{
    static const struct field field = {.type = FIELD_PROTOCOL};
    struct item value;
    const char *text = item_text(item, key);
    if (!text)
        return false;
    *ret_protocol = -1;
    if (strcmp(text, "-1") == 0 || scalar_parse(&field, text, strlen(text), ret_protocol).fine)
        return true;
    if (item_get(item, key, &value))
        item_wrong(&value, "-1, tcp, udp, icmp, icmpv6 or a number from 0 to 255");
    return false;
}

static struct aws_rule *add_rule(struct aws *aws, struct aws_filter *filter,
                                 const struct aws_rule *rule)
{
    filter->rules =
        aws_room(aws, filter->rules, filter->rule_count, &filter->rule_cap, sizeof *filter->rules);
    filter->rules[filter->rule_count] = *rule;
    return &filter->rules[filter->rule_count++];
}

/* -- security groups -- */

enum far_side { BY_RANGE, BY_RANGE_SIX, BY_LIST, BY_GROUP, FAR_SIDES };

static void add_far_side(struct aws *aws, struct aws_filter *filter, const struct aws_rule *rule,
                         enum far_side by, const struct item *element)
{
    struct aws_rule own = *rule;
    own.place = item_place(element);
    if (by == BY_RANGE)
        own.ranged = item_prefix(element, "CidrIp", &own.range);
    else if (by == BY_RANGE_SIX)
        own.ranged = item_prefix_six(element, "CidrIpv6", &own.range);
    else if (by == BY_LIST)
        own.list = aws_text(aws, item_id(element, "PrefixListId"));
    else
        own.group = aws_text(aws, item_id(element, "GroupId"));
    if (own.ranged || own.list || own.group)
        add_rule(aws, filter, &own);
}

/* One permission has many far sides: a rule for each. */
static void read_permission(struct aws *aws, const struct item *item, bool out,
                            struct aws_filter *group)
{
    static const char *const keys[FAR_SIDES] = {"IpRanges", "Ipv6Ranges", "PrefixListIds",
                                                "UserIdGroupPairs"};
    struct aws_rule rule = {.out = out, .number = -1};
    struct item list, element;
    if (!read_protocol(item, "IpProtocol", &rule.protocol))
        return;
    rule.low = item_number_or_all(item, "FromPort", UINT16_MAX);
    rule.high = item_number_or_all(item, "ToPort", UINT16_MAX);
    for (int by = 0; by < FAR_SIDES; by++) {
        if (!item_list(item, keys[by], &list))
            continue;
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                add_far_side(aws, group, &rule, (enum far_side)by, &element);
        }
    }
}

void read_security_group(struct aws *aws, const struct item *item, void *thing)
{
    static const char *const keys[] = {"IpPermissions", "IpPermissionsEgress"};
    struct aws_filter *group = thing;
    struct item list, element;
    group->vpc = aws_text(aws, item_id(item, "VpcId"));
    for (int out = 0; out < 2; out++) {
        if (!item_list(item, keys[out], &list))
            continue;
        group->out_said = group->out_said || out;
        for (size_t i = 0; i < item_count(&list); i++) {
            if (item_at(&list, i, &element))
                read_permission(aws, &element, out, group);
        }
    }
}

/* -- network ACLs -- */

/* Which two rules end every list and deny everything; no network file has them. */
enum { LAST_RULE = 32767, LAST_RULE_SIX = 32768 };

static void read_entry(struct aws *aws, const struct item *item, struct aws_filter *acl)
{
    static const char *const actions[] = {"allow", "deny", NULL};
    struct aws_rule rule = {.place = item_place(item), .low = -1, .high = -1};
    struct item found;
    rule.number = item_number(item, "RuleNumber", LAST_RULE_SIX);
    if (rule.number < 1 || rule.number >= LAST_RULE ||
        !read_protocol(item, "Protocol", &rule.protocol))
        return;
    rule.out = item_bool(item, "Egress") == ITEM_YES;
    rule.deny = item_word(item, "RuleAction", actions, 1) != 0;
    if (item_object(item, "PortRange", &found)) {
        rule.low = item_number(&found, "From", UINT16_MAX);
        rule.high = item_number(&found, "To", UINT16_MAX);
    } else if (item_object(item, "IcmpTypeCode", &found)) {
        rule.low = item_number_or_all(&found, "Type", UINT8_MAX);
        rule.high = item_number_or_all(&found, "Code", UINT8_MAX);
    }
    rule.ranged = item_get(item, "Ipv6CidrBlock", &found)
                      ? item_prefix_six(item, "Ipv6CidrBlock", &rule.range)
                      : item_prefix(item, "CidrBlock", &rule.range);
    if (rule.ranged)
        add_rule(aws, acl, &rule);
}

void read_network_acl(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_filter *acl = thing;
    struct item list, element;
    acl->vpc = aws_text(aws, item_id(item, "VpcId"));
    if (item_list(item, "Associations", &list)) {
        for (size_t i = 0; i < item_count(&list); i++) {
            const char *id = item_at(&list, i, &element) ? item_id(&element, "SubnetId") : NULL;
            if (id)
                texts_add(aws, &acl->subnets, &acl->subnet_count, &acl->subnet_cap, id);
        }
    }
    if (!item_list(item, "Entries", &list))
        return;
    for (size_t i = 0; i < item_count(&list); i++) {
        if (item_at(&list, i, &element))
            read_entry(aws, &element, acl);
    }
}

/* -- prefix lists -- */

/* describe-prefix-lists has Cidrs, of AWS's own lists; whoever keeps the entries of a managed one
 * with it has Entries, as get-managed-prefix-list-entries prints them. */
void read_prefix_list(struct aws *aws, const struct item *item, void *thing)
{
    struct aws_prefix_list *list = thing;
    struct item entries, element;
    struct prefix prefix;
    if (item_list(item, "Cidrs", &entries)) {
        list->told = true;
        for (size_t i = 0; i < item_count(&entries); i++) {
            if (item_prefix_at(&entries, i, &prefix))
                prefixes_add(aws, &list->prefixes, prefix);
        }
    }
    if (!item_list(item, "Entries", &entries))
        return;
    list->told = true;
    for (size_t i = 0; i < item_count(&entries); i++) {
        if (item_at(&entries, i, &element) && item_prefix_any(&element, "Cidr", &prefix))
            prefixes_add(aws, &list->prefixes, prefix);
    }
}
