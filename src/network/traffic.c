/* Security groups, network ACLs, and the prefix lists that rules name. */
#include "network/traffic.h"

#include "network/check.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP_SIX = 58, SCTP = 132 };

static bool has_ports(int64_t protocol)
{
    return protocol == TCP || protocol == UDP || protocol == SCTP;
}

static bool is_icmp(int64_t protocol)
{
    return protocol == ICMP || protocol == ICMP_SIX;
}

/* What a packet of the protocol does not have is not asked of it. */
static void check_rule(struct checking *checking, const void *object)
{
    const struct network_traffic_rule *rule = object;
    bool asked = rule->ports.high != 0 || rule->type >= 0;
    bool known = !asked || rule->protocol >= 0 || !check_was_wrong(checking, &rule->protocol);
    if (rule->ports.high != 0 && !has_ports(rule->protocol) && known)
        check_say(checking, &rule->ports, rule->place,
                  is_icmp(rule->protocol) ? "expected type and code, or protocol tcp or udp"
                                          : "expected protocol tcp, udp or sctp beside them",
                  "only packets of TCP, UDP and SCTP have ports");
    if (rule->type >= 0 && !is_icmp(rule->protocol) && known)
        check_say(checking, &rule->type, rule->place, "expected protocol icmp or icmpv6 beside it",
                  "only packets of ICMP have a type");
    if (rule->code >= 0 && rule->type < 0 && !check_was_wrong(checking, &rule->type))
        check_say(checking, &rule->code, rule->place, "expected type beside it",
                  "a code is a type's");
}

static void same_vpc(struct checking *checking, const struct network_ref *ref, size_t vpc)
{
    const struct network *network = checking->network;
    const char *its = ref->index < 0 ? NULL : network->vpcs[ref->index].id;
    if (ref->index < 0 || (size_t)ref->index == vpc)
        return;
    check_say(checking, ref, ref->place, NULL, "%s belongs to %s, not to %s", ref->id,
              its ? its : "another one",
              network->vpcs[vpc].id ? network->vpcs[vpc].id : "this one");
}

static void group_twice(struct checking *checking, const struct spot *earlier,
                        const struct spot *later)
{
    (void)earlier;
    check_say(checking, later->member, later->place, "leave one out", "%s is written twice",
              later->owner);
}

static void number_taken(struct checking *checking, const struct spot *earlier,
                         const struct spot *later)
{
    check_say(checking, later->member, later->place,
              "a network ACL's rules are asked in the order of their numbers",
              "%s already has a rule %lld (line %u)", later->owner, (long long)later->note,
              spots_line(checking, earlier));
}

static void add_numbers(struct spots *numbers, uint32_t list, const struct network_acl *acl,
                        const struct network_traffic_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].number < 0)
            continue; /* was not read */
        spots_add(numbers, list, prefix_host((ip_addr)rules[i].number), &rules[i].number,
                  rules[i].place, acl->id ? acl->id : "the network ACL");
        numbers->items[numbers->count - 1].note = (int32_t)rules[i].number;
    }
}

void check_filters(struct checking *checking)
{
    const struct network *network = checking->network;
    struct spots groups = {0}, numbers = {0};
    uint32_t instances = 0, lists = 0;
    for (size_t i = 0; i < network->vpc_count; i++) {
        const struct network_vpc *vpc = &network->vpcs[i];
        for (size_t j = 0; j < vpc->subnet_count; j++)
            same_vpc(checking, &vpc->subnets[j].network_acl, i);
        for (size_t j = 0; j < vpc->instance_count; j++, instances++) {
            for (size_t k = 0; k < vpc->instances[j].security_group_count; k++) {
                const struct network_ref *group = &vpc->instances[j].security_groups[k];
                same_vpc(checking, group, i);
                if (group->index == (int32_t)i)
                    spots_add(&groups, instances, prefix_host((ip_addr)group->part), group,
                              group->place, group->id);
            }
        }
        for (size_t j = 0; j < vpc->network_acl_count; j++) {
            const struct network_acl *acl = &vpc->network_acls[j];
            add_numbers(&numbers, lists++, acl, acl->inbound, acl->inbound_count);
            add_numbers(&numbers, lists++, acl, acl->outbound, acl->outbound_count);
        }
    }
    spots_judge_take(checking, &groups, SPOTS_EQUAL, group_twice);
    spots_judge_take(checking, &numbers, SPOTS_EQUAL, number_taken);
}

/* The tables. clang-format would give every member of a row a line of its own. */
/* clang-format off */

static const struct choice actions[] = {{"allow", NETWORK_ALLOW}, {"deny", NETWORK_REFUSE}, {0}};

#define TRAFFIC_FIELDS                                                                             \
    {.key = "protocol", .type = FIELD_PROTOCOL, AT(network_traffic_rule, protocol),                \
     .initial = "all", .sentence = "Protocol of IP."},                                             \
    {.key = "ports", .type = FIELD_PORTS, AT(network_traffic_rule, ports), .open = "all",          \
     .sentence = "With tcp, udp or sctp: ports that packets go to."},                              \
    {.key = "type", .type = FIELD_NUMBER, AT(network_traffic_rule, type), .max = 255,              \
     .open = "all",                                                                                \
     .sentence = "With icmp or icmpv6: its type, such as 8 (icmp) or 128 (icmpv6), an echo "       \
                 "request."},                                                                      \
    {.key = "code", .type = FIELD_NUMBER, AT(network_traffic_rule, code), .max = 255,              \
     .open = "all", .sentence = "With type: its code."}

#define GROUP_SIDE(word, text)                                                                     \
    {.key = word, .type = FIELD_REF, .six = FIELD_EITHER, AT(network_traffic_rule, far_side),      \
     .kinds = KIND(SECURITY_GROUP) | KIND(PREFIX_LIST) | KIND(PREFIX), .required = true,           \
     .sentence = text " a range, an instance of a security group (of this VPC or of one that it "  \
                 "is peered with, and without a router between), or a prefix list."}

static const struct field group_in_fields[] = {TRAFFIC_FIELDS, GROUP_SIDE("from", "Who sends:")};
static const struct field group_out_fields[] = {TRAFFIC_FIELDS, GROUP_SIDE("to", "Who is meant:")};

static const struct schema schema_group_in = {
    .noun = "an inbound rule", .title = "Inbound rules of security groups",
    .text = "What comes in. Rules only allow; their order does not matter.",
    .size = sizeof(struct network_traffic_rule), FIELDS(group_in_fields), .check = check_rule,
};
static const struct schema schema_group_out = {
    .noun = "an outbound rule", .title = "Outbound rules of security groups",
    .text = "What goes out.",
    .size = sizeof(struct network_traffic_rule), FIELDS(group_out_fields), .check = check_rule,
};

static const struct field group_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_security_group, id), .required = true,
     .sentence = "Its name."},
    {.key = "inbound", .type = FIELD_STRUCT, LIST(network_security_group, inbound, inbound_count),
     .of = &schema_group_in, .open = "nothing comes in", .sentence = "What is allowed in."},
    {.key = "outbound", .type = FIELD_STRUCT,
     LIST(network_security_group, outbound, outbound_count), .of = &schema_group_out,
     .open = "everything goes out, as AWS has it at first",
     .sentence = "What is allowed out; written `[]`: nothing."},
};
const struct schema schema_security_group = {
    .noun = "a security group", .title = "Security groups",
    .text = "Stateful, at each of its instances: what a rule allows is answered without another "
            "rule. What no rule of any of an instance's groups allows is dropped.",
    .size = sizeof(struct network_security_group), .kind = NETWORK_SECURITY_GROUP,
    FIELDS(group_fields),
};

#define ACL_FIELDS                                                                                 \
    {.key = "rule", .type = FIELD_NUMBER, AT(network_traffic_rule, number), .min = 1,              \
     .max = 32766, .required = true,                                                               \
     .sentence = "Its number; of the rules that match, the lowest decides."},                      \
    {.key = "action", .type = FIELD_CHOICE, AT(network_traffic_rule, action), .choices = actions,  \
     .required = true, .sentence = "What is done with what matches."},                             \
    TRAFFIC_FIELDS

#define ACL_SIDE(word, text)                                                                       \
    {.key = word, .type = FIELD_PREFIX, .six = FIELD_EITHER, AT(network_traffic_rule, range),      \
     .required = true, .sentence = text}

static const struct field acl_in_fields[] = {ACL_FIELDS, ACL_SIDE("from", "Who sends.")};
static const struct field acl_out_fields[] = {ACL_FIELDS, ACL_SIDE("to", "Who is meant.")};

static const struct schema schema_acl_in = {
    .noun = "an inbound rule", .title = "Inbound rules of network ACLs",
    .text = "What comes into a subnet.",
    .size = sizeof(struct network_traffic_rule), FIELDS(acl_in_fields), .check = check_rule,
};
static const struct schema schema_acl_out = {
    .noun = "an outbound rule", .title = "Outbound rules of network ACLs",
    .text = "What goes out of a subnet.",
    .size = sizeof(struct network_traffic_rule), FIELDS(acl_out_fields), .check = check_rule,
};

static const struct field acl_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_acl, id), .required = true,
     .sentence = "Its name."},
    {.key = "inbound", .type = FIELD_STRUCT, LIST(network_acl, inbound, inbound_count),
     .of = &schema_acl_in, .most = NETWORK_RULES_MAX, .open = "nothing comes in",
     .sentence = "What may come into its subnets."},
    {.key = "outbound", .type = FIELD_STRUCT, LIST(network_acl, outbound, outbound_count),
     .of = &schema_acl_out, .most = NETWORK_RULES_MAX, .open = "nothing goes out",
     .sentence = "What may go out of its subnets."},
};
const struct schema schema_network_acl = {
    .noun = "a network ACL", .title = "Network ACLs",
    .text = "Stateless: answers are judged like everything else, by the port that they go to. "
            "Asked only of what crosses a subnet's border; what no rule matches is dropped. "
            "AWS's default one has in both directions a rule 100 that allows everything.",
    .size = sizeof(struct network_acl), .kind = NETWORK_ACL, FIELDS(acl_fields),
};

static const struct field prefix_list_fields[] = {
    {.key = "id", .type = FIELD_ID, AT(network_prefix_list, id), .required = true,
     .sentence = "Its name."},
    {.key = "prefixes", .type = FIELD_PREFIX, .six = FIELD_EITHER,
     LIST(network_prefix_list, prefixes, prefix_count), .required = true, .most = NETWORK_LIST_MAX,
     .sentence = "Its entries."},
};
const struct schema schema_prefix_list = {
    .noun = "a prefix list", .title = "Prefix lists",
    .size = sizeof(struct network_prefix_list), .kind = NETWORK_PREFIX_LIST,
    FIELDS(prefix_list_fields),
};

/* clang-format on */
