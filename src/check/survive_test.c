#include "check/survive.h"

#include "check/check_rig.h"
#include "network/edit.h"

static struct network *network;
static struct reach reach;
static struct survive survive;

/* The story left out: nothing is wrong before something fails. */
static void run_failures(char *text)
{
    network = rig_parse(text);
    free(text);
    network_drop_steps(network, 0);
    struct world *world = network_build(network);
    reach_init_all(&reach, network, world);
    world_destroy(world);
    CHECK(survive_run(network, &reach, RIG_SEED, NULL, &survive));
}

static void done(void)
{
    survive_done(&survive);
    reach_done(&reach);
    network_free(network);
}

static const struct survive_failure *failure_of(const char *kind, const char *what)
{
    for (size_t i = 0; i < survive.failure_count; i++) {
        if (strcmp(survive.failures[i].kind, kind) == 0 &&
            strcmp(survive.failures[i].what, what) == 0)
            return &survive.failures[i];
    }
    CHECK(!"the failure is there");
    return &survive.failures[0];
}

static void whatever_there_is_one_of_is_missed(void)
{
    run_failures(rig_read("incident-held.yaml"));
    CHECK(survive.settled);
    CHECK_EQUAL((int64_t)survive.reached_count,
                5); /* rtb-branch knows no way from i-files to dx-edge */
    CHECK_EQUAL((int64_t)survive.failure_count, 6);
    CHECK_EQUAL((int64_t)failure_of("tunnel", "vpn-vyatta/1")->lost_count, 3);
    CHECK_EQUAL((int64_t)failure_of("Direct Connect", "dxvif-1")->lost_count, 2);
    const struct survive_failure *edge = failure_of("router", "dx-edge");
    CHECK_EQUAL((int64_t)edge->lost_count, 0);
    CHECK_EQUAL((int64_t)edge->own_count, 2);
    CHECK(edge->settled);
    size_t held = 0;
    for (size_t i = 0; i < reach.pair_count; i++)
        held += survive_holds(&survive, i);
    CHECK_EQUAL((int64_t)held, 0); /* without its link the site reaches nobody, and is its own */
    done();
}

/* The provider of a router is in no file, and so is no thing that could be told to fail. */
static void a_provider_is_its_routers_link(void)
{
    run_failures(rig_read_in("tests/stories", "default-by-bgp-near.yaml"));
    CHECK(survive.settled && survive.failure_count > 0);
    for (size_t i = 0; i < survive.failure_count; i++)
        CHECK(strstr(survive.failures[i].what, "provider") == NULL);
    CHECK(failure_of("link of router", "tokyo")->lost_count > 0);
    done();
}

static void one_of_two_is_not_missed(void)
{
    run_failures(rig_read_in("tests/stories", "single-tunnel-near.yaml"));
    CHECK_EQUAL((int64_t)reach.pair_count, 1);
    CHECK(survive.reached[0]);
    CHECK_EQUAL((int64_t)failure_of("tunnel", "vpn-tokyo/1")->lost_count, 0);
    CHECK_EQUAL((int64_t)failure_of("tunnel", "vpn-second/1")->lost_count, 0);
    CHECK_EQUAL((int64_t)failure_of("gateway", "vgw-main")->lost_count, 1);
    CHECK(!survive_holds(&survive, 0));
    done();
}

static void what_is_down_already_cannot_fail(void)
{
    char *text = rig_read("incident-held.yaml");
    rig_edit(text, "story:", "story:\n  - {at: 1s, fail: {direct_connect: dxvif-1}}");
    network = rig_parse(text);
    free(text);
    network_drop_steps(network, 1);
    struct world *world = network_build(network);
    reach_init_all(&reach, network, world);
    world_destroy(world);
    CHECK(survive_run(network, &reach, RIG_SEED, NULL, &survive));
    CHECK_EQUAL((int64_t)survive.failure_count, 5);
    CHECK_EQUAL((int64_t)survive.reached_count, 3);
    done();
}

static size_t told;

static void tell(void *context, size_t networks_run, const char *doing)
{
    CHECK(context == &told);
    CHECK_TEXT(doing, "failure");
    CHECK_EQUAL((int64_t)networks_run, (int64_t)++told);
}

static bool is_enough(void)
{
    return told == 3;
}

/* Before anything failed, and two failures. */
static void whoever_looks_on_may_end_it(void)
{
    const struct survive_watch watch = {tell, &told, is_enough};
    network = rig_example("incident-held.yaml");
    network_drop_steps(network, 0);
    struct world *world = network_build(network);
    reach_init_all(&reach, network, world);
    world_destroy(world);
    CHECK(survive_run(network, &reach, RIG_SEED, &watch, &survive));
    CHECK_EQUAL((int64_t)told, 3);
    CHECK(survive.interrupted);
    CHECK_EQUAL((int64_t)survive.failure_count, 2);
    CHECK_EQUAL((int64_t)survive.left_out, 4);
    done();
}

int main(void)
{
    TEST(whatever_there_is_one_of_is_missed);
    TEST(a_provider_is_its_routers_link);
    TEST(one_of_two_is_not_missed);
    TEST(what_is_down_already_cannot_fail);
    TEST(whoever_looks_on_may_end_it);
    return harness_done();
}
