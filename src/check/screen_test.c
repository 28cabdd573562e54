#include "check/screen.h"

#include "check/check_rig.h"
#include "network/generate.h"

static void begin(struct screen *screen, const struct network *network)
{
    CHECK(screen_begin(screen, network));
    screen_run_story(screen);
}

static const struct screen_tunnel *tunnel_of(const struct screen *screen, const char *id)
{
    int tunnel = world_find_tunnel(screen->world, id);
    CHECK(tunnel != WORLD_NONE);
    return &screen->tunnels[tunnel];
}

static void the_incident_goes_round(void)
{
    struct network *network = rig_example("incident.yaml");
    struct screen screen;
    begin(&screen, network);
    CHECK_EQUAL(screen.end, SCREEN_OSCILLATES);
    const struct screen_tunnel *of = tunnel_of(&screen, "vpn-vyatta/1");
    CHECK_EQUAL(of->state, SCREEN_FLAPS);
    CHECK_EQUAL(of->into, world_find_tunnel(screen.world, "vpn-vyatta/1"));
    CHECK_EQUAL(of->end, TUNNEL_CUSTOMER);
    CHECK_EQUAL(of->prefix.len, 0);
    CHECK(of->neighbor != 0);
    CHECK(!screen_all_up(&screen));
    screen_end(&screen);
    network_free(network);
}

static void what_is_held_or_pinned_is_stable(void)
{
    static const char *const names[] = {"incident-held.yaml", "incident-pinned.yaml"};
    for (size_t i = 0; i < 2; i++) {
        struct network *network = rig_example(names[i]);
        struct screen screen;
        begin(&screen, network);
        CHECK_EQUAL(screen.end, SCREEN_STABLE);
        CHECK(screen_all_up(&screen));
        screen_end(&screen);
        network_free(network);
    }
}

static void who_is_cut_is_not_expected_up(void)
{
    struct network *network =
        rig_network("incident.yaml", "announce: {router: dx-edge, prefix: 0.0.0.0/0}",
                    "fail: {vpn_connection: vpn-vyatta}", NULL, NULL);
    struct screen screen;
    begin(&screen, network);
    CHECK_EQUAL(screen.end, SCREEN_STABLE);
    CHECK_EQUAL(tunnel_of(&screen, "vpn-vyatta/1")->state, SCREEN_CUT);
    CHECK(screen_all_up(&screen));
    screen_end(&screen);
    network_free(network);
}

static void who_is_restored_is_asked_for_anew(void)
{
    struct network *network =
        rig_network("incident-held.yaml", "restart: {router: vyatta}", "fail: {router: vyatta}",
                    "replace: {router: vyatta}", "restore: {router: vyatta}");
    struct screen screen;
    begin(&screen, network);
    CHECK_EQUAL(screen.end, SCREEN_STABLE);
    CHECK_EQUAL(tunnel_of(&screen, "vpn-vyatta/1")->state, SCREEN_UP);
    screen_end(&screen);
    network_free(network);
}

/* A tunnel whose packets nobody carries is down, and nothing repeats. */
static void who_has_no_way_is_down(void)
{
    struct network *network = rig_network(
        "incident-held.yaml", ", {prefix: 0.0.0.0/0, target: igw-branch}", "", NULL, NULL);
    struct screen screen;
    begin(&screen, network);
    CHECK_EQUAL(screen.end, SCREEN_STABLE);
    const struct screen_tunnel *of = tunnel_of(&screen, "vpn-vyatta/1");
    CHECK_EQUAL(of->state, SCREEN_DOWN);
    CHECK_EQUAL(of->into, WORLD_NONE);
    CHECK(of->drop != DROP_NONE);
    CHECK(!screen_all_up(&screen));
    screen_end(&screen);
    network_free(network);
}

/* What was withdrawn leaves no trace, and what was restored is asked for anew. */
static void a_story_that_is_taken_back_leaves_all_up(void)
{
    struct network *network =
        rig_network("incident.yaml", "restart: {router: vyatta}",
                    "withdraw: {router: dx-edge, prefix: 0.0.0.0/0}", NULL, NULL);
    struct screen screen;
    begin(&screen, network);
    CHECK_EQUAL(screen.end, SCREEN_STABLE);
    CHECK_EQUAL(tunnel_of(&screen, "vpn-vyatta/1")->state, SCREEN_UP);
    CHECK_EQUAL(tunnel_of(&screen, "vpn-vyatta/1")->drop, DROP_NONE);
    screen_end(&screen);
    network_free(network);
}

/* Generated networks, of which the timed run can say how they end. */
static void it_sees_what_the_timed_run_sees(void)
{
    unsigned compared = 0, differ = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct network *network = network_generate(seed, &generate_usual);
        struct screen screen;
        struct run run;
        begin(&screen, network);
        CHECK(run_begin(&run, network, RIG_SEED, 0));
        run_finish(&run);
        bool said = run.end == SIM_SETTLED || run.end == SIM_REPEATS || run_keeps_flapping(&run);
        if (said && !sim_restless(run.sim)) { /* a session that goes round moves no tunnel */
            compared++;
            differ += (screen.end == SCREEN_STABLE) != (run.end == SIM_SETTLED);
            differ += run.end == SIM_SETTLED && screen_all_up(&screen) != run_all_up(&run);
        }
        run_done(&run);
        screen_end(&screen);
        network_free(network);
    }
    CHECK(compared > 30);
    CHECK_EQUAL(differ, 0);
}

int main(void)
{
    TEST(who_is_cut_is_not_expected_up);
    TEST(who_is_restored_is_asked_for_anew);
    TEST(who_has_no_way_is_down);
    TEST(a_story_that_is_taken_back_leaves_all_up);
    TEST(it_sees_what_the_timed_run_sees);
    TEST(the_incident_goes_round);
    TEST(what_is_held_or_pinned_is_stable);
    return harness_done();
}
