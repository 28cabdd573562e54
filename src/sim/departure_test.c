#include "sim/departure.h"

#include "network/build_rig.h"

#include <stdio.h>

/* One session of the incident's tunnel at the gateway, which goes down and comes up. */
static int64_t until_us = INT64_MAX;
static const char *base = rig_incident;

static struct departures compare(const char *recorded, const struct moment *moments, size_t count,
                                 struct rig *rig)
{
    char text[8192];
    snprintf(
        text, sizeof text,
        "%sstory:\n  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\nrecorded:\n%s",
        base, recorded);
    struct departures departures;
    *rig = rig_build(text);
    departures_find(rig->network, rig->world, moments, count, until_us, &departures);
    return departures;
}

static struct moment session(const struct world *world, int64_t at_ms, bool up)
{
    const struct tunnel_end *end = &world->tunnels[0].ends[TUNNEL_GATEWAY];
    return (struct moment){.kind = up ? MOMENT_SESSION_UP : MOMENT_SESSION_DOWN,
                           .at_us = at_ms * 1000,
                           .node = end->node,
                           .neighbor = end->neighbor,
                           .tunnel = WORLD_NONE};
}

#define DOWN(at) "  - {at: " at ", node: vgw-main, saw: session-down, tunnel: vpn-vyatta/1}\n"
#define UP(at)   "  - {at: " at ", node: vgw-main, saw: session-up, tunnel: vpn-vyatta/1}\n"

static struct world *world_of_it(struct rig *rig)
{
    *rig = rig_build(rig_incident);
    return rig->world;
}

/* 30 s behind the step 4.5 s are nothing; 10 s are a departure. */
static void a_moment_may_be_a_little_off(void)
{
    struct rig other, rig;
    struct world *world = world_of_it(&other);
    struct moment moments[] = {session(world, 94000, false)};
    struct departures found = compare(DOWN("90s"), moments, 1, &rig);
    CHECK_EQUAL(found.alike, 1);
    CHECK_EQUAL(found.departing, 0);
    CHECK_EQUAL(found.apart_us, 4000000);
    departures_done(&found);
    rig_done(&rig);
    moments[0].at_us = 100000000;
    found = compare(DOWN("90s"), moments, 1, &rig);
    CHECK_EQUAL(found.alike, 0);
    CHECK_EQUAL(found.departing, 1);
    CHECK(found.items[0].recorded && found.items[0].moment && found.items[0].departs);
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

static void what_one_side_lacks_is_told(void)
{
    struct rig other, rig;
    struct world *world = world_of_it(&other);
    struct moment moments[] = {session(world, 1000, true), session(world, 90000, false),
                               session(world, 95000, true), session(world, 110000, false)};
    struct departures found = compare(DOWN("90s") UP("140s"), moments, 2, &rig);
    CHECK_EQUAL(found.alike, 1); /* what was before the story is nobody's */
    CHECK_EQUAL(found.departing, 1);
    CHECK_EQUAL(found.count, 2);
    CHECK(found.items[1].recorded && !found.items[1].moment);
    departures_done(&found);
    rig_done(&rig);
    found = compare(DOWN("90s") UP("200s"), moments, 4, &rig);
    CHECK_EQUAL(found.alike, 1);
    CHECK_EQUAL(found.departing, 2); /* up too early, and down once more */
    CHECK_EQUAL(found.count, 3);
    CHECK(!found.items[1].recorded || found.items[1].departs);
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

/* A moment that is nearer to the next recorded one is that one's. */
static void each_takes_its_own(void)
{
    struct rig other, rig;
    struct world *world = world_of_it(&other);
    struct moment moments[] = {session(world, 151000, false)};
    struct departures found = compare(DOWN("90s") DOWN("150s"), moments, 1, &rig);
    CHECK_EQUAL(found.alike, 1);
    CHECK_EQUAL(found.departing, 1);
    CHECK(found.items[0].recorded->at_us == 90000000 && !found.items[0].moment);
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

static void other_ends_are_other_moments(void)
{
    struct rig other, rig;
    struct world *world = world_of_it(&other);
    struct moment moments[] = {session(world, 90000, false)};
    struct departures found = compare(
        "  - {at: 90s, node: vyatta, saw: session-down, tunnel: vpn-vyatta/1}\n", moments, 1, &rig);
    CHECK_EQUAL(found.alike, 0);
    CHECK_EQUAL(found.departing, 1);
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

/* A Direct Connect's second session goes with the first one, which alone is recorded. */
static void what_no_recording_has_is_no_departure(void)
{
    struct rig rig;
    base = rig_with(rig_incident, "peer: 169.254.100.2}",
                    "peer: 169.254.100.2}\n    ipv6_session: {vgw: \"2001:db8::1\", peer: "
                    "\"2001:db8::2\"}");
    struct rig other = rig_build(base);
    const struct direct_connect *line = &other.world->direct_connects[0];
    struct moment moments[] = {session(other.world, 90000, false),
                               session(other.world, 91000, false)};
    moments[1].node = line->gateway;
    moments[1].neighbor = line->neighbor_six;
    struct departures found = compare(DOWN("90s") UP("140s"), moments, 2, &rig);
    CHECK(line->neighbor_six != 0);
    CHECK_EQUAL(found.alike, 1);
    CHECK_EQUAL(found.departing, 1); /* up, which it did not come */
    base = rig_incident;
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

static void what_the_run_has_not_reached_is_left_out(void)
{
    struct rig other, rig;
    struct world *world = world_of_it(&other);
    struct moment moments[] = {session(world, 90000, false)};
    until_us = 100000000;
    struct departures found = compare(DOWN("90s") UP("140s"), moments, 1, &rig);
    until_us = INT64_MAX;
    CHECK_EQUAL(found.count, 1);
    CHECK_EQUAL(found.departing, 0);
    departures_done(&found);
    rig_done(&rig);
    rig_done(&other);
}

int main(void)
{
    TEST(a_moment_may_be_a_little_off);
    TEST(what_one_side_lacks_is_told);
    TEST(each_takes_its_own);
    TEST(other_ends_are_other_moments);
    TEST(what_no_recording_has_is_no_departure);
    TEST(what_the_run_has_not_reached_is_left_out);
    return harness_done();
}
