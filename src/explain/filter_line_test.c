#include "explain/filter_line.h"

#include "tests/harness.h"

#include <stdlib.h>

/* A VPC with a group of three rules and an ACL of two, and an instance in two groups. */
static struct world *made(int *ret_vpc, int *ret_instance)
{
    struct world *world = world_create();
    int vpc = world_add_node(world, NODE_VPC, "vpc"), i = world_add_node(world, NODE_INSTANCE, "i");
    struct node *node = &world->nodes[vpc];
    node_add_subnet(node, "subnet", (struct prefix){0}, 1);
    static const struct filter_set list = {.name = "pl-offices"};
    const struct filter_rule said[] = {
        {.number = 7, .allow = true, .protocol = 6, .low = 443, .high = 443, .type = -1},
        {.number = 8, .protocol = -1, .type = -1},
        {.number = 9, .allow = true, .protocol = 1, .type = 8, .set = &list},
        {.number = 10, .allow = true, .protocol = 17, .low = 5, .high = 9, .type = -1},
    };
    for (int kind = 0; kind < 3; kind++) {
        struct filter *filter =
            kind == 0 ? filters_add(&node->acls, &node->acl_count, "acl")
                      : filters_add(&node->groups, &node->group_count, kind == 1 ? "sg-1" : "sg-2");
        for (int side = 0; side < 2; side++) {
            filter->rules[side] = malloc(sizeof said);
            memcpy(filter->rules[side], said, sizeof said);
            filter->counts[side] = 4;
        }
    }
    struct node *instance = &world->nodes[i];
    node_add_port(instance, (struct port){.kind = PORT_VPC, .peer = vpc, .tunnel = WORLD_NONE});
    instance->member_of = calloc(2, sizeof *instance->member_of);
    instance->member_of[0] = 1;
    instance->member_of[1] = 2;
    instance->member_count = 2;
    *ret_vpc = vpc;
    *ret_instance = i;
    return world;
}

static void check_words(const struct world *world, const struct hop *hop, const char *name,
                        const char *verdict, const char *why)
{
    char bytes[256];
    struct text text = text_over(bytes, sizeof bytes);
    text_filter(&text, world, hop);
    CHECK_TEXT(bytes, name);
    text = text_over(bytes, sizeof bytes);
    text_filter_verdict(&text, world, hop);
    CHECK_TEXT(bytes, verdict);
    text = text_over(bytes, sizeof bytes);
    text_filter_why(&text, world, hop);
    CHECK_TEXT(bytes, why);
}

static const struct traffic https = {TRAFFIC_TCP, 49152, 443};

static void a_groups_hop_in_words(void)
{
    int vpc, instance;
    struct world *world = made(&vpc, &instance);
    struct hop hop = {.kind = HOP_GROUP,
                      .node = instance,
                      .side = FILTER_IN,
                      .traffic = https,
                      .src = 0x0a000001,
                      .dst = 0x0a000002,
                      .passed = true};
    check_words(world, &hop, "sg-1", "into i: allowed", "tcp 443 from 0.0.0.0/0");
    hop.rule = 2;
    check_words(world, &hop, "sg-1", "into i: allowed", "icmp type 8 from pl-offices");
    hop.rule = 3;
    hop.filter = 1;
    check_words(world, &hop, "sg-2", "into i: allowed", "udp 5-9 from 0.0.0.0/0");
    hop.rule = FILTER_NO_RULE;
    hop.remembered = true;
    check_words(world, &hop, "sg-1, sg-2", "into i: allowed", "answers what went out");
    hop.side = FILTER_OUT;
    check_words(world, &hop, "sg-1, sg-2", "out of i: allowed", "answers what came in");
    hop.remembered = hop.passed = false;
    check_words(world, &hop, "sg-1, sg-2", "out of i: denied",
                "no rule allows tcp 49152 → 443 to 10.0.0.2");
    hop.rule = FILTER_ALL_OUT;
    hop.passed = true;
    hop.filter = 0;
    check_words(world, &hop, "sg-1", "out of i: allowed",
                "no outbound rules are given: all, as at first");
    world_destroy(world);
}

static void an_acls_hop_in_words(void)
{
    int vpc, instance;
    struct world *world = made(&vpc, &instance);
    struct hop hop = {.kind = HOP_ACL,
                      .node = vpc,
                      .side = FILTER_OUT,
                      .traffic = traffic_echo(false),
                      .dst = 0x0a000002,
                      .rule = 1};
    check_words(world, &hop, "acl", "out of subnet: denied", "rule 8: deny all to 0.0.0.0/0");
    hop.rule = 0;
    hop.passed = true;
    check_words(world, &hop, "acl", "out of subnet: allowed", "rule 7: allow tcp 443 to 0.0.0.0/0");
    hop.rule = FILTER_NO_RULE;
    hop.passed = false;
    check_words(world, &hop, "acl", "out of subnet: denied",
                "no rule matches icmp echo request to 10.0.0.2");
    world_destroy(world);
}

static const char *text_at(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void a_machine_is_told_the_same(void)
{
    int vpc, instance;
    struct world *world = made(&vpc, &instance);
    struct hop hop = {.kind = HOP_GROUP,
                      .node = instance,
                      .side = FILTER_OUT,
                      .traffic = https,
                      .rule = FILTER_NO_RULE};
    json_t *object = filter_json(world, &hop);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(object, "names")), 2);
    CHECK_TEXT(text_at(object, "side"), "out");
    CHECK_TEXT(text_at(object, "packet"), "tcp 49152 → 443");
    CHECK(json_is_false(json_object_get(object, "passed")));
    CHECK(json_is_null(json_object_get(object, "rule")));
    json_decref(object);
    hop = (struct hop){.kind = HOP_ACL, .node = vpc, .traffic = https, .passed = true};
    object = filter_json(world, &hop);
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(object, "names"), 0)), "acl");
    CHECK_TEXT(text_at(object, "side"), "in");
    CHECK_TEXT(text_at(object, "rule"), "rule 7: allow tcp 443 from 0.0.0.0/0");
    json_decref(object);
    hop.kind = HOP_KERNEL;
    object = filter_json(world, &hop);
    CHECK(json_is_null(object));
    json_decref(object);
    world_destroy(world);
}

int main(void)
{
    TEST(a_groups_hop_in_words);
    TEST(an_acls_hop_in_words);
    TEST(a_machine_is_told_the_same);
    return harness_done();
}
