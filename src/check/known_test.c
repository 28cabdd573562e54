#include "check/known.h"

#include "check/check_rig.h"

static void what_a_gateway_knows(void)
{
    struct network *network = rig_example("pasted-sample.yaml");
    struct check *check = rig_blank(network);
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    const struct node *gateway = &run.world->nodes[world_find_node(run.world, "vgw-main")];
    struct known known;
    known_take(check, gateway, &known);
    CHECK_EQUAL((int64_t)known.count, 0);
    CHECK(!known_covers(gateway, rig_prefix(10, 40, 0, 0, 16)));
    run_finish(&run);
    known_take(check, gateway, &known);
    CHECK(known.count >= 2); /* Tokyo comes and goes */
    for (size_t i = 0; i < known.count; i++) {
        CHECK(!prefix_equal(known.items[i], rig_prefix(10, 10, 0, 0, 16)));
        CHECK(i == 0 || prefix_compare(known.items[i - 1], known.items[i]) < 0);
        CHECK(known_covers(gateway, known.items[i]));
    }
    CHECK(known_covers(gateway, rig_prefix(10, 10, 0, 0, 16)));
    CHECK(known_covers(gateway, rig_prefix(10, 40, 3, 0, 24)));
    CHECK(known_covers(gateway, rig_prefix(0, 0, 0, 0, 0)));
    run_done(&run);
    check_free(check);
    network_free(network);
}

static void what_covers_is_no_longer_than_what_is_covered(void)
{
    struct network *network = rig_story("static-to-unknown.yaml", NULL, NULL);
    struct run run;
    CHECK(run_begin(&run, network, RIG_SEED, 0));
    run_finish(&run);
    const struct node *gateway = &run.world->nodes[world_find_node(run.world, "vgw-main")];
    CHECK(known_covers(gateway, rig_prefix(10, 20, 0, 0, 16)));
    CHECK(!known_covers(gateway, rig_prefix(10, 20, 0, 0, 15)));
    CHECK(!known_covers(gateway, rig_prefix(0, 0, 0, 0, 0)));
    run_done(&run);
    network_free(network);
}

static void every_attachment_comes_once(void)
{
    struct network *network = rig_example("control.yaml");
    struct world *world = network_build(network);
    static const char *const ids[] = {"vpn-vyatta", "vpn-test", "dxvif-1"};
    struct site site;
    size_t count = 0;
    while (site_next(world, count, &site)) {
        CHECK(count < 3);
        CHECK_TEXT(site.id, ids[count % 3]);
        CHECK((site.connection == WORLD_NONE) == (count == 2));
        CHECK((site.direct_connect == WORLD_NONE) == (count < 2));
        count++;
    }
    CHECK_EQUAL((int64_t)count, 3);
    world_destroy(world);
    network_free(network);
}

static void who_announces_what(void)
{
    struct network *network = rig_example("incident.yaml");
    struct world *world = network_build(network);
    int32_t vyatta = -1, dx = -1, none = -1;
    CHECK(known_router(network, world, world_find_node(world, "vyatta"), &vyatta) != NULL);
    CHECK(known_router(network, world, world_find_node(world, "dx-edge"), &dx) != NULL);
    CHECK(known_router(network, world, world_find_node(world, "vgw-main"), &none) == NULL);
    CHECK(known_router(network, world, WORLD_NONE, &none) == NULL);
    CHECK(known_announces(network, vyatta, rig_prefix(10, 20, 0, 0, 16)));
    CHECK(!known_announces(network, vyatta, rig_prefix(0, 0, 0, 0, 0)));
    CHECK(known_announces(network, dx, rig_prefix(0, 0, 0, 0, 0))); /* in the story */
    CHECK(!known_announces(network, dx, rig_prefix(10, 30, 0, 0, 15)));
    world_destroy(world);
    network_free(network);
}

int main(void)
{
    TEST(what_a_gateway_knows);
    TEST(what_covers_is_no_longer_than_what_is_covered);
    TEST(every_attachment_comes_once);
    TEST(who_announces_what);
    return harness_done();
}
