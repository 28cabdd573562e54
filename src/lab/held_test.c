#include "lab/held.h"

#include "lab/plan.h"
#include "plane/vpc.h"
#include "tests/harness.h"

#include <string.h>

static struct prefix at(const char *text)
{
    struct prefix prefix;
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void a_table_of_the_labs_own(void)
{
    struct rtnetlink_route route = {.to = at("10.10.0.0/16"), .table = LAB_VPC_TABLE + 2};
    struct held held = {&route, 1};
    CHECK(held_in_table(&held, 2, true, at("10.10.0.0/16")));
    CHECK(!held_in_table(&held, 1, true, at("10.10.0.0/16")));
    CHECK(!held_in_table(&held, 2, true, at("10.10.0.0/17")));
    CHECK(!held_in_table(&held, 2, false, at("10.10.0.0/16")));
}

/* A static route stands in two of the kernel's tables, a propagated one in one. */
static void a_table_of_a_gateways(void)
{
    struct plane_vpc_route wanted = {.prefix = at("10.20.0.0/16"), .table = 3, .propagated = true};
    struct plane_route of[2];
    CHECK_EQUAL(plane_vpc_routes_of(&wanted, of), 1);
    struct rtnetlink_route route = {.to = wanted.prefix, .table = of[0].table};
    struct held held = {&route, 1};
    CHECK(held_in_table(&held, 3, false, wanted.prefix));
    CHECK(!held_in_table(&held, 2, false, wanted.prefix));
    CHECK(!held_in_table(&held, 3, true, wanted.prefix));
}

static void a_namespace_that_is_not_there_has_nothing(void)
{
    struct held held = held_in("sekisho-there-is-no-such-namespace");
    CHECK_EQUAL(held.count, 0);
    held_done(&held);
}

int main(void)
{
    TEST(a_table_of_the_labs_own);
    TEST(a_table_of_a_gateways);
    TEST(a_namespace_that_is_not_there_has_nothing);
    return harness_done();
}
