#include "explain/filter_line.h"

enum { LINE_BYTES = 256 };

static const struct node *vpc_of(const struct world *world, const struct hop *hop)
{
    const struct node *node = &world->nodes[hop->node];
    return hop->kind == HOP_ACL ? node : &world->nodes[node->ports[1].peer];
}

static const struct filter *filter_of(const struct world *world, const struct hop *hop)
{
    const struct node *vpc = vpc_of(world, hop);
    return hop->kind == HOP_ACL ? &vpc->acls[hop->filter] : &vpc->groups[hop->filter];
}

/* All of the instance's groups had to be asked before it was known that none allows it, or which
 * of them remembers. */
static bool by_all(const struct hop *hop)
{
    return hop->kind == HOP_GROUP && hop->rule == FILTER_NO_RULE;
}

void text_filter(struct text *text, const struct world *world, const struct hop *hop)
{
    const struct node *instance = &world->nodes[hop->node];
    if (!by_all(hop)) {
        text_add(text, filter_of(world, hop)->id);
        return;
    }
    for (size_t i = 0; i < instance->member_count; i++) {
        text_add(text, i ? ", " : "");
        text_add(text, vpc_of(world, hop)->groups[instance->member_of[i] - 1].id);
    }
}

void text_filter_verdict(struct text *text, const struct world *world, const struct hop *hop)
{
    const struct node *node = &world->nodes[hop->node];
    text_add(text, hop->side == FILTER_IN ? "into " : "out of ");
    text_add(text, hop->kind == HOP_ACL ? node->subnets[hop->subnet].id : node->id);
    text_add(text, hop->passed ? ": allowed" : ": denied");
}

static void text_protocol(struct text *text, const struct filter_rule *rule)
{
    if (rule->protocol < 0)
        text_add(text, "all");
    else
        text_traffic_protocol(text, (uint8_t)rule->protocol);
    if (rule->high != 0) {
        text_char(text, ' ');
        text_u64(text, rule->low);
    }
    if (rule->high != rule->low) {
        text_char(text, '-');
        text_u64(text, rule->high);
    }
    if (rule->type >= 0) {
        text_add(text, " type ");
        text_u64(text, (uint64_t)rule->type);
    }
}

static void text_rule(struct text *text, const struct hop *hop, const struct filter_rule *rule)
{
    if (hop->kind == HOP_ACL) {
        text_add(text, "rule ");
        text_u64(text, rule->number);
        text_add(text, rule->allow ? ": allow " : ": deny ");
    }
    text_protocol(text, rule);
    text_add(text, hop->side == FILTER_IN ? " from " : " to ");
    if (rule->set)
        text_add(text, rule->set->name);
    else
        text_prefix(text, rule->range);
}

void text_filter_why(struct text *text, const struct world *world, const struct hop *hop)
{
    bool in = hop->side == FILTER_IN;
    if (hop->rule >= 0) {
        text_rule(text, hop, &filter_of(world, hop)->rules[hop->side][hop->rule]);
    } else if (hop->rule == FILTER_ALL_OUT) {
        text_add(text, "no outbound rules are given: all, as at first");
    } else if (hop->remembered) {
        text_add(text, in ? "answers what went out" : "answers what came in");
    } else {
        text_add(text, hop->kind == HOP_ACL ? "no rule matches " : "no rule allows ");
        text_traffic(text, hop->traffic);
        text_add(text, in ? " from " : " to ");
        text_ip(text, in ? hop->src : hop->dst);
    }
}

json_t *filter_json(const struct world *world, const struct hop *hop)
{
    char bytes[LINE_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    if (hop->kind != HOP_GROUP && hop->kind != HOP_ACL)
        return json_null();
    json_t *object = json_object(), *names = json_array();
    const struct node *instance = &world->nodes[hop->node];
    for (size_t i = 0; by_all(hop) && i < instance->member_count; i++)
        json_push(names, json_text(vpc_of(world, hop)->groups[instance->member_of[i] - 1].id));
    if (!by_all(hop))
        json_push(names, json_text(filter_of(world, hop)->id));
    text_traffic(&text, hop->traffic);
    json_put(object, "names", names);
    json_put(object, "side", json_text(hop->side == FILTER_IN ? "in" : "out"));
    json_put(object, "packet", json_text(bytes));
    json_put(object, "passed", json_boolean(hop->passed));
    json_put(object, "remembered", json_boolean(hop->remembered));
    text = text_over(bytes, sizeof bytes);
    if (hop->rule >= 0)
        text_rule(&text, hop, &filter_of(world, hop)->rules[hop->side][hop->rule]);
    json_put(object, "rule", json_text(hop->rule >= 0 ? bytes : NULL));
    return object;
}
