#include "explain/why.h"

#include "explain/run_rig.h"

static struct why_table *table_of(struct why *why, const char *name)
{
    for (size_t i = 0; i < why->count; i++) {
        if (strcmp(why->tables[i].view.name, name) == 0)
            return &why->tables[i];
    }
    return NULL;
}

static void take(const struct rig *rig, const char *prefix, struct why *ret_why)
{
    struct views views;
    views_all(rig->world, &views);
    why_take(rig->world, net_of(prefix), &views, ret_why);
    views_done(&views);
}

static void check_absent(struct why *why, const char *name, const char *wanted)
{
    const struct why_table *table = table_of(why, name);
    CHECK(table != NULL);
    if (table)
        CHECK_TEXT(table->absent ? table->absent : "it is there", wanted);
}

static void a_told_prefix_has_its_reasons(void)
{
    struct rig rig;
    struct why why;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    take(&rig, "0.0.0.0/0", &why);
    const struct why_table *vgw = table_of(&why, "vgw");
    CHECK_EQUAL((int64_t)vgw->told_count, 2);
    CHECK(vgw->told[0].announced && vgw->told[0].established);
    CHECK_EQUAL(vgw->told[0].reason, REASON_GUARD_WARN);
    CHECK_EQUAL(vgw->told[0].far, rig.site);
    CHECK(!vgw->told[1].announced);
    CHECK_EQUAL(vgw->told[1].reason, REASON_SPLIT_HORIZON);
    const struct why_table *site = table_of(&why, "site");
    CHECK_EQUAL((int64_t)site->routes.count, 2);
    CHECK_EQUAL((int64_t)site->paths.count, 1);
    check_absent(&why, "rtb-app", "it is there");
    check_absent(&why, "rtb-shut",
                 "no static route; vgw has one, but does not propagate into this table");
    why_done(&why);
    rig_done(&rig);
}

static void an_absent_prefix_says_who_keeps_it(void)
{
    struct rig rig;
    struct why why;
    rig_init(&rig);
    rig_boot(&rig);
    take(&rig, "10.20.0.0/16", &why); /* the site's own, not in its table */
    check_absent(&why, "edge", "it is there");
    why_done(&why);
    take(&rig, "192.0.2.0/24", &why);
    check_absent(&why, "site", "vgw has none; packets take 0.0.0.0/0");
    check_absent(&why, "edge", "vgw has none");
    check_absent(&why, "vgw", "site has none; edge has none");
    check_absent(&why, "rtb-app", "no static route, and vgw has none to propagate");
    why_done(&why);
    take(&rig, "10.10.7.0/24", &why);
    check_absent(&why, "rtb-app",
                 "no static route, and vgw has none to propagate; packets take 10.10.0.0/16");
    why_done(&why);
    rig_done(&rig);
}

static void a_filter_is_named_where_it_is_felt(void)
{
    struct rig rig;
    struct why why;
    struct prefix_rule rule = {.prefix = {0, 0}, .permit = false};
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    struct event filter = {
        .kind = EVENT_FILTER,
        .filter = {
            .attachment = 1, .export = true, .permit_rest = true, .count = 1, .rules = &rule}};
    rig_say(&rig, rig.vgw, filter);
    rig_boot(&rig);
    take(&rig, "0.0.0.0/0", &why);
    const struct why_table *vgw = table_of(&why, "vgw");
    CHECK(!vgw->told[0].announced);
    CHECK_EQUAL(vgw->told[0].reason, REASON_EXPORT_FILTER);
    const struct why_table *site = table_of(&why, "site");
    CHECK_EQUAL((int64_t)site->paths.count, 0);
    CHECK_EQUAL((int64_t)site->routes.count, 1); /* its own, by DHCP */
    why_done(&why);
    rig_done(&rig);
}

static void who_is_down_knows_nothing(void)
{
    struct rig rig;
    struct why why;
    rig_init(&rig);
    take(&rig, "0.0.0.0/0", &why);
    check_absent(&why, "site", "down");
    check_absent(&why, "rtb-app", "down");
    why_done(&why);
    rig_done(&rig);
}

int main(void)
{
    TEST(a_told_prefix_has_its_reasons);
    TEST(an_absent_prefix_says_who_keeps_it);
    TEST(a_filter_is_named_where_it_is_felt);
    TEST(who_is_down_knows_nothing);
    return harness_done();
}
