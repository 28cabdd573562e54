/* Route tables that come, go and change places: the others keep their numbers. */
#include "run/table_numbers.h"

#include "network/memory.h"
#include "run/plan.h"
#include "tests/harness.h"

#include <string.h>

static struct plan *plan_of(const char *tables)
{
    char text[8192];
    struct run_options options = {.network = "x.yaml", .gateway = "vgw", .outer = "outside"};
    struct plan *plan = NULL;
    snprintf(text, sizeof text,
             "vpcs:\n"
             "  - {id: vpc-b, cidrs: [10.11.0.0/16]}\n"
             "  - id: vpc-a\n"
             "    cidrs: [10.10.0.0/16]\n"
             "    route_tables: [%s]\n"
             "    subnets: [{id: subnet-a, cidr: 10.10.1.0/24, route_table: rtb-a}]\n"
             "    instances: [{id: i-a, subnet: subnet-a, address: 10.10.1.10}]\n"
             "vpn_gateways: [{id: vgw, asn: 64512, vpc: vpc-a, platform: sekisho}]\n",
             tables);
    CHECK_EQUAL(
        plan_take((struct slice){(const uint8_t *)text, strlen(text)}, &options, stdout, &plan),
        RUN_FINE);
    return plan;
}

/* "rtb-a 1, rtb-b 2", and then what the keeper is told of the subnet and the instance. */
static const char *numbers_of(const struct plan *plan)
{
    static char words[4096];
    struct text text = text_over(words, sizeof words);
    int vpc = world_find_node(plan->world, "vpc-a");
    const struct node *node = &plan->world->nodes[vpc];
    for (uint16_t i = 1; i <= node->table_count; i++) {
        text_add(&text, i > 1 ? ", " : "");
        text_add(&text, node->table_ids[i]);
        text_add(&text, " ");
        text_u64(&text, table_number(plan, vpc, i));
    }
    text_add(&text, ":");
    for (size_t i = 0; i < plan->plug_count; i++) {
        if (plan->plugs[i].attachment.table == 0)
            continue;
        text_add(&text, " ");
        text_u64(&text, plan->plugs[i].attachment.table);
    }
    return words;
}

static struct plan *next(struct plan *was, const char *tables)
{
    struct plan *plan = plan_of(tables);
    table_numbers_take(plan, was);
    plan_free(was);
    return plan;
}

static void a_fresh_start_has_the_files_order(void)
{
    struct plan *plan = next(NULL, "{id: rtb-x}, {id: rtb-a}");
    CHECK_TEXT(numbers_of(plan), "rtb-x 1, rtb-a 2: 2 2");
    plan_free(plan);
}

static void who_stays_keeps_his_number(void)
{
    struct plan *plan = next(NULL, "{id: rtb-a}, {id: rtb-b}");
    plan = next(plan, "{id: rtb-x}, {id: rtb-b}, {id: rtb-a}");
    CHECK_TEXT(numbers_of(plan), "rtb-x 3, rtb-b 2, rtb-a 1: 1 1");
    plan = next(plan, "{id: rtb-y}, {id: rtb-a}");
    CHECK_TEXT(numbers_of(plan), "rtb-y 2, rtb-a 1: 1 1");
    plan = next(plan, "{id: rtb-a}, {id: rtb-y}, {id: rtb-z}");
    CHECK_TEXT(numbers_of(plan), "rtb-a 1, rtb-y 2, rtb-z 3: 1 1");
    plan_free(plan);
}

/* The keeper refuses what is beyond; nothing here breaks. */
static void more_tables_than_there_are_numbers(void)
{
    enum { MANY = 202 };
    static char more[MANY * 16];
    struct text text = text_over(more, sizeof more);
    for (int i = 1; i < MANY; i++) {
        text_add(&text, "{id: t");
        text_u64(&text, (uint64_t)i);
        text_add(&text, "}, ");
    }
    text_add(&text, "{id: rtb-a}");
    struct plan *plan = next(NULL, more);
    CHECK(strstr(numbers_of(plan), "t200 200, t201 201, rtb-a 202: 202 202"));
    plan = next(plan, "{id: rtb-a}, {id: t201}, {id: t1}");
    CHECK_TEXT(numbers_of(plan), "rtb-a 2, t201 3, t1 1: 2 2");
    plan_free(plan);
}

int main(void)
{
    TEST(a_fresh_start_has_the_files_order);
    TEST(who_stays_keeps_his_number);
    TEST(more_tables_than_there_are_numbers);
    return harness_done();
}
