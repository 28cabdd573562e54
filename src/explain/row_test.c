#include "explain/row.h"

#include "explain/run_rig.h"

static const char *row_at(const struct rig *rig, const char *name, const char *prefix, size_t index)
{
    static char bytes[ROW_PARTS * ROW_PART_BYTES];
    struct views views = {0};
    struct view_routes routes;
    struct prefix only = net_of(prefix);
    struct row row;
    CHECK(views_add_named(rig->world, name, &views));
    view_list(rig->world, &views.items[0], &only, &routes);
    CHECK(index < routes.count);
    if (index < routes.count) {
        row_of(rig->world, &views.items[0], &routes.items[index], rig->now_us, &row);
        snprintf(bytes, sizeof bytes, "%s|%s|%s", row.parts[0], row.parts[1], row.parts[2]);
    }
    view_routes_done(&routes);
    views_done(&views);
    return bytes;
}

static void each_kind_of_table_has_its_columns(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_boot(&rig);
    CHECK_TEXT(row_at(&rig, "vgw", "10.30.0.0/16", 0), "dx|DX 65001|");
    CHECK_TEXT(row_at(&rig, "vgw", "10.20.0.0/16", 0), "vpn/1|BGP 65000|");
    CHECK_TEXT(row_at(&rig, "vgw", "10.10.0.0/16", 0), "vpc|local|");
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.10.0.0/16", 0), "local||");
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.30.0.0/16", 0), "vgw|propagated|");
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.99.0.0/16", 0), "blackhole|static|");
    CHECK_TEXT(row_at(&rig, "site", "10.30.0.0/16", 0),
               "B>* [20/0] via 169.254.252.30, vti1, 00:00:30||");
    rig_done(&rig);
}

static void what_is_not_taken_says_so(void)
{
    struct rig rig;
    rig_init(&rig);
    struct event route = {.kind = EVENT_VPC_ROUTE,
                          .vpc_part = {.vpc = 1,
                                       .table = 1,
                                       .prefix = net_of("10.30.0.0/16"),
                                       .target = {.kind = VPC_TO_GATEWAY, .id = 1},
                                       .present = true}};
    rig_say(&rig, rig.vgw, route);
    rig_announce(&rig, rig.site, "10.30.0.0/16");
    rig_boot(&rig);
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.30.0.0/16", 0), "vgw|static|");
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.30.0.0/16", 1), "vgw|propagated|not taken: origin");
    CHECK_TEXT(row_at(&rig, "vgw", "10.30.0.0/16", 1), "vpn/1|BGP 65000|weaker-attachment");
    struct event gone = {.kind = EVENT_VPC_TARGET,
                         .vpc_part = {.vpc = 1, .target = {.kind = VPC_TO_GATEWAY, .id = 1}}};
    rig_step(&rig, rig.vgw, gone);
    CHECK_TEXT(row_at(&rig, "rtb-app", "10.30.0.0/16", 0),
               "vgw|static|blackhole: the target is gone");
    rig_done(&rig);
}

int main(void)
{
    TEST(each_kind_of_table_has_its_columns);
    TEST(what_is_not_taken_says_so);
    return harness_done();
}
