#include "cli/place.h"

#include "cli/cli_rig.h"
#include "cli/source.h"
#include "network/build.h"

static struct network *network;
static struct world *world;

static struct reach_end end_of(const char *word, bool sends)
{
    struct cli cli = {.err = {.out = stdout}};
    struct reach_end end = {-2, 0};
    CHECK(place_end(&cli, network, world, word, sends, &end));
    return end;
}

static void names_are_who_they_say(void)
{
    CHECK_EQUAL(end_of("i-app", true).addr, 0x0a0a010a);
    CHECK_EQUAL(end_of("i-vyatta", true).node, world_find_node(world, "vyatta"));
    struct reach_end edge = end_of("dx-edge", true);
    CHECK_EQUAL(edge.node, world_find_node(world, "dx-edge"));
    CHECK_EQUAL(edge.addr, 0x0a1e0001); /* behind it */
}

static void an_address_is_with_whoever_has_it(void)
{
    CHECK_EQUAL(end_of("10.30.7.7", true).node, world_find_node(world, "dx-edge"));
    CHECK_EQUAL(end_of("10.20.0.20", false).node, world_find_node(world, "i-files"));
    CHECK_EQUAL(end_of("192.0.2.1", false).node, WORLD_NONE);
}

int main(void)
{
    struct cli cli = {.err = {.out = stdout}};
    if (source_network(&cli, "examples/incident.yaml", false, &network) != CLI_FINE)
        return 1;
    world = network_build(network);
    TEST(names_are_who_they_say);
    TEST(an_address_is_with_whoever_has_it);
    world_destroy(world);
    network_free(network);
    return rig_done();
}
