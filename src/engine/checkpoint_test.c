/* What the other tests of this room do is done over by an engine made from checkpoints
 * (test_mirror.h); here is what they do not come to. */
#include "engine/checkpoint.h"

#include "engine/parts.h"
#include "engine/test_gate.h"

enum { ROOM = 4 << 20 };

static uint8_t room[ROOM];

/* All parts behind each other; returns how many. */
static unsigned write_all(const struct engine *engine, size_t *ret_size, size_t *ret_longest)
{
    struct checkpoint_walk walk = {0};
    struct writer writer = writer_over(room, ROOM);
    unsigned parts = 0;
    *ret_longest = 0;
    for (bool more = true; more; parts++) {
        size_t before = writer.size;
        more = checkpoint_write(&walk, engine, &writer);
        size_t size = writer.size - before;
        *ret_longest = size > *ret_longest ? size : *ret_longest;
    }
    *ret_size = writer.size;
    return parts;
}

static void parts_are_short_and_a_route_takes_few_bytes(void)
{
    enum { ROUTES = 4000 };
    size_t size, longest;
    gate_start();
    gate_dx(1, 65001);
    say_packed(1, ROUTES, false);
    unsigned parts = write_all(gate.engine, &size, &longest);
    CHECK(parts > ROUTES * 30 / CHECKPOINT_PART_BYTES);
    CHECK(longest < CHECKPOINT_PART_BYTES + 1024);
    CHECK(size < ROUTES * (10 + 38)); /* a path, and its route in the table */
    gate_finish();
}

static void there_is_none_while_changes_gather(void)
{
    gate_start();
    gate_dx(1, 65001);
    announce(1, "10.1.0.0/16");
    CHECK(checkpoint_possible(gate.engine));
    gate.profile.decision = (struct span){50 * MS, 50 * MS};
    announce(1, "10.2.0.0/16");
    CHECK(!checkpoint_possible(gate.engine));
    rig_pass(&gate, 50 * MS);
    CHECK(checkpoint_possible(gate.engine));
    gate_finish();
}

/* What was configured with it is said by the config alone. */
static void a_config_comes_back(void)
{
    uint8_t bytes[512];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct engine_config config = rig_config(&gate, PLATFORM_VYATTA, 65000), read;
    struct platform_profile profile;
    config.budget_bytes = 1u << 20;
    config.hub = config.no_entries = true;
    gate.profile.distance[ROUTE_DHCP] = 99;
    config_encode(&config, &writer);
    CHECK(!writer.failed);
    CHECK(config_decode(writer_slice(&writer), &read, &profile));
    CHECK(read.profile == &profile && read.asn == 65000 && read.router_id == config.router_id);
    CHECK(read.hub && read.no_entries && !read.gateway && read.announce_back);
    CHECK_EQUAL(read.budget_bytes, config.budget_bytes);
    CHECK(profile.platform == PLATFORM_VYATTA && profile.distance[ROUTE_DHCP] == 99);
    CHECK_EQUAL(profile.first_update_us, gate.profile.first_update_us);
    for (size_t size = 0; size < writer.size; size++)
        CHECK(!config_decode((struct slice){bytes, size}, &read, &profile));
}

int main(void)
{
    TEST(parts_are_short_and_a_route_takes_few_bytes);
    TEST(there_is_none_while_changes_gather);
    TEST(a_config_comes_back);
    return harness_done();
}
