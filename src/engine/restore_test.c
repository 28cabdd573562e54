/* A checkpoint that is cut or altered makes no engine, or one that is sound; it breaks nothing. */
#include "engine/checkpoint.h"

#include "engine/parts.h"
#include "engine/test_gate.h"

enum { PARTS = 32, ROOM = 1 << 16, STRIDE = 3 };

static uint8_t room[ROOM];
static struct slice parts[PARTS];
static unsigned part_count;

static void some_gate(void)
{
    gate_start();
    gate_vpn(1, 65001);
    gate_vpn(2, 65002);
    gate_dx(3, 65003);
    say_vpc(&gate, 100, 1);
    say_cidr(&gate, "10.10.0.0/16");
    say_table(&gate, 1, true);
    announce(1, "10.1.0.0/16");
    announce(2, "10.1.0.0/16");
    announce(3, "0.0.0.0/0");
    announce_as(2, "10.66.0.0/16", (struct offer){.path = {65002, GATE_ASN}});
    say_static_vpn(&gate, 1, 1, "10.7.0.0/16", true);
    struct checkpoint_walk walk = {0};
    struct writer writer = writer_over(room, ROOM);
    part_count = 0;
    for (bool more = true; more; part_count++) {
        size_t before = writer.size;
        more = checkpoint_write(&walk, gate.engine, &writer);
        CHECK(part_count < PARTS);
        parts[part_count] = (struct slice){room + before, writer.size - before};
    }
}

static struct engine_config config_of(struct memory *memory)
{
    struct engine_config config = *engine_config_of(gate.engine);
    config.alloc = memory_alloc(memory);
    return config;
}

/* Whatever was made of it can be destroyed, and leaves nothing. ret_digest: of a whole one. */
static bool make(unsigned count, uint64_t *ret_digest)
{
    struct memory memory = {0};
    struct engine_config config = config_of(&memory);
    struct checkpoint_reader reader = {0};
    struct engine *engine = engine_create(&config);
    bool fine = engine != NULL;
    for (unsigned i = 0; fine && i < count; i++) {
        struct step step;
        fine = checkpoint_read(&reader, engine, parts[i], &step);
    }
    fine = fine && reader.whole;
    checkpoint_read_done(&reader, engine);
    if (fine)
        *ret_digest = engine_digest(engine);
    engine_destroy(engine);
    CHECK_EQUAL(memory.live_blocks, 0);
    return fine;
}

static void a_whole_one_makes_the_same_engine(void)
{
    uint64_t digest = 0;
    some_gate();
    CHECK(make(part_count, &digest));
    CHECK(digest == engine_digest(gate.engine));
    gate_finish();
}

static void a_part_that_is_missing_makes_none(void)
{
    uint64_t digest;
    some_gate();
    for (unsigned count = 0; count < part_count; count++)
        CHECK(!make(count, &digest));
    struct slice first = parts[0];
    parts[0] = parts[1];
    CHECK(!make(part_count, &digest));
    parts[1] = first;
    CHECK(!make(part_count, &digest));
    gate_finish();
}

static void a_byte_that_is_other_breaks_nothing(void)
{
    unsigned refused = 0, taken = 0;
    some_gate();
    size_t size = (size_t)(parts[part_count - 1].data - room) + parts[part_count - 1].size;
    for (size_t at = 0; at < size; at += STRIDE) {
        uint64_t digest;
        uint8_t was = room[at];
        room[at] ^= (uint8_t)(1 << at % 8);
        bool made = make(part_count, &digest);
        taken += made;
        refused += !made;
        room[at] = was;
    }
    CHECK(refused > 0 && taken > 0);
    gate_finish();
}

static void a_part_that_ends_too_soon_makes_none(void)
{
    uint64_t digest;
    some_gate();
    for (unsigned i = 0; i < part_count; i++) {
        size_t size = parts[i].size;
        if (size < 2)
            continue;
        parts[i].size = size - 1;
        CHECK(!make(part_count, &digest));
        parts[i].size = size;
    }
    gate_finish();
}

int main(void)
{
    TEST(a_whole_one_makes_the_same_engine);
    TEST(a_part_that_is_missing_makes_none);
    TEST(a_byte_that_is_other_breaks_nothing);
    TEST(a_part_that_ends_too_soon_makes_none);
    return harness_done();
}
