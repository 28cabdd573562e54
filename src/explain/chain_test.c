#include "explain/chain.h"

#include "explain/run_rig.h"

static struct rig rig;
static struct chain chain;

static void follow(const char *prefix, const char *place)
{
    struct views views = {0};
    CHECK(views_add_named(rig.world, place, &views));
    chain_done(&chain);
    chain_take(rig.world, net_of(prefix), &views.items[0], &chain);
    views_done(&views);
}

static void check_line(size_t index, unsigned depth, const char *place, const char *what,
                       const char *why)
{
    CHECK(index < chain.count);
    if (index >= chain.count)
        return;
    const struct chain_line *line = &chain.lines[index];
    CHECK_EQUAL(line->depth, depth);
    CHECK_TEXT(line->place, place);
    CHECK_TEXT(line->what, what);
    CHECK_TEXT(line->why ? line->why : "goes on", why);
    CHECK(!line->why || line->sentence[0]);
}

static void a_prefix_is_followed_to_whoever_has_it(void)
{
    follow("10.30.0.0/16", "rtb-app");
    CHECK(chain.there);
    check_line(0, 0, "rtb-app", "vgw, propagated", "goes on");
    check_line(1, 1, "vgw", "dx, DX, AS path 65001", "goes on");
    check_line(chain.count - 1, 2, "edge", "edge, local", "goes on");
}

static void a_table_without_propagation_says_so(void)
{
    follow("10.30.0.0/16", "rtb-shut");
    CHECK(!chain.there);
    check_line(0, 0, "rtb-shut", "no route of its own", "goes on");
    check_line(1, 0, "rtb-shut", "from vgw, by propagation", "not-enabled");
}

static void a_gateways_paths_are_its_table(void)
{
    follow("10.20.0.0/16", "vgw");
    check_line(0, 0, "vgw", "vpn/1, BGP, AS path 65000", "goes on");
    check_line(1, 1, "site", "site, local", "goes on");
}

static void what_nobody_has_has_no_lines(void)
{
    follow("10.77.0.0/16", "site");
    CHECK_EQUAL((int64_t)chain.count, 0);
    follow("10.77.0.0/16", "rtb-app");
    check_line(2, 1, "vgw", "nobody has it", "goes on");
}

static void a_session_that_is_down_stops_it(void)
{
    struct event halt = {.kind = EVENT_HALT, .connection = {.neighbor = 2}};
    rig_step(&rig, rig.vgw, halt);
    follow("10.30.0.0/16", "vgw");
    CHECK(!chain.there);
    bool seen = false;
    for (size_t i = 0; i < chain.count; i++)
        seen |= strcmp(chain.lines[i].what, "dx from edge") == 0 && chain.lines[i].why &&
                strcmp(chain.lines[i].why, "session-down") == 0;
    CHECK(seen);
    check_line(chain.count - 1, 1, "edge", "edge, local", "goes on");
}

int main(void)
{
    rig_init(&rig);
    rig_boot(&rig);
    TEST(a_prefix_is_followed_to_whoever_has_it);
    TEST(a_table_without_propagation_says_so);
    TEST(a_gateways_paths_are_its_table);
    TEST(what_nobody_has_has_no_lines);
    TEST(a_session_that_is_down_stops_it);
    chain_done(&chain);
    rig_done(&rig);
    return harness_done();
}
