#include "explain/view.h"

#include "explain/run_rig.h"

static const char *listed(const struct rig *rig, const char *name, const char *prefix)
{
    static char bytes[2048];
    struct text text = text_over(bytes, sizeof bytes);
    struct views views = {0};
    struct view_routes routes;
    struct prefix only = net_of(prefix);
    CHECK(views_add_named(rig->world, name, &views));
    CHECK_EQUAL((int64_t)views.count, 1);
    view_list(rig->world, &views.items[0], &only, &routes);
    for (size_t i = 0; i < routes.count; i++) {
        text_add(&text, i ? ", " : "");
        text_add(&text, routes.items[i].why);
        text_add(&text, routes.items[i].chosen ? ">" : "");
        text_add(&text, routes.items[i].used ? "*" : "");
    }
    view_routes_done(&routes);
    views_done(&views);
    return bytes;
}

static void names_mean_nodes_vpcs_and_tables(void)
{
    struct rig rig;
    struct views views = {0};
    rig_init(&rig);
    CHECK(views_add_named(rig.world, "vpc", &views));
    CHECK_EQUAL((int64_t)views.count, 2);
    CHECK_TEXT(views.items[1].name, "rtb-shut");
    CHECK(!views_add_named(rig.world, "rtb", &views));
    CHECK_EQUAL((int64_t)views.count, 2);
    views_done(&views);
    views_all(rig.world, &views);
    CHECK_EQUAL((int64_t)views.count, 5);
    CHECK_TEXT(views.items[0].name, "rtb-app");
    CHECK_TEXT(views.items[2].name, "vgw");
    CHECK_TEXT(views.items[4].name, "edge");
    views_done(&views);
    int other = world_add_node(rig.world, NODE_VPC, "other");
    node_add_table(&rig.world->nodes[other], "rtb-app");
    CHECK(views_add_named(rig.world, "rtb-app", &views));
    CHECK_EQUAL((int64_t)views.count, 2);
    CHECK_TEXT(views.items[0].name, "vpc/rtb-app");
    CHECK_TEXT(views.items[1].name, "other/rtb-app");
    views_done(&views);
    rig_done(&rig);
}

static void every_kind_of_table_answers(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    CHECK_TEXT(listed(&rig, "site", "0.0.0.0/0"), "chosen>*, distance");
    CHECK_TEXT(listed(&rig, "site", "10.20.0.0/24"), "chosen>*");
    CHECK_TEXT(listed(&rig, "vgw", "0.0.0.0/0"), "best>*");
    CHECK_TEXT(listed(&rig, "vgw", "10.20.0.0/16"), "best>*");
    CHECK_TEXT(listed(&rig, "rtb-app", "0.0.0.0/0"), "chosen>*");
    CHECK_TEXT(listed(&rig, "rtb-app", "10.99.0.0/16"), "chosen>*");
    CHECK_TEXT(listed(&rig, "rtb-shut", "0.0.0.0/0"), "");
    CHECK_TEXT(listed(&rig, "site", "192.0.2.0/24"), "");
    rig_done(&rig);
}

static void a_node_that_is_down_holds_nothing(void)
{
    struct rig rig;
    struct views views = {0};
    struct view_routes routes;
    rig_init(&rig);
    CHECK(views_add_named(rig.world, "site", &views));
    CHECK(views_add_named(rig.world, "rtb-app", &views));
    for (size_t i = 0; i < 2; i++) {
        CHECK(!view_is_up(rig.world, &views.items[i]));
        view_list(rig.world, &views.items[i], NULL, &routes);
        CHECK_EQUAL((int64_t)routes.count, 0);
        view_routes_done(&routes);
    }
    views_done(&views);
    rig_done(&rig);
}

/* A whole table is its prefixes one by one, in their order. */
static void a_table_is_the_sum_of_its_prefixes(void)
{
    struct rig rig;
    struct views views;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    views_all(rig.world, &views);
    for (size_t i = 0; i < views.count; i++) {
        struct view_routes all, one;
        size_t sum = 0;
        view_list(rig.world, &views.items[i], NULL, &all);
        CHECK(all.count > 0);
        for (size_t j = 0; j < all.count; j++) {
            bool same = j > 0 && prefix_equal(all.items[j - 1].prefix, all.items[j].prefix);
            CHECK(j == 0 || prefix_compare(all.items[j - 1].prefix, all.items[j].prefix) <= 0);
            if (same)
                continue;
            view_list(rig.world, &views.items[i], &all.items[j].prefix, &one);
            sum += one.count;
            view_routes_done(&one);
        }
        CHECK_EQUAL((int64_t)sum, (int64_t)all.count);
        view_routes_done(&all);
    }
    views_done(&views);
    rig_done(&rig);
}

int main(void)
{
    TEST(names_mean_nodes_vpcs_and_tables);
    TEST(every_kind_of_table_answers);
    TEST(a_node_that_is_down_holds_nothing);
    TEST(a_table_is_the_sum_of_its_prefixes);
    return harness_done();
}
