#include "rib/rib_rig.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};
static const struct rig_attrs other = {.path = {65001, 65002}, .next_hop = 0x0a000001};

static struct prefix random_prefix(struct prng *prng)
{
    return prefix_around((uint32_t)prng_next(prng), (uint8_t)prng_below(prng, 33));
}

static void numbers_come_in_canonical_order_whatever_the_size_of_a_helping(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    struct prng prng = prng_seed(21);
    uint32_t expected = 0;
    for (unsigned i = 0; i < 300; i++) {
        struct prefix prefix = random_prefix(&prng);
        expected += rig_announce(source, prefix, plain) == RIB_ADDED;
        if (i % 3 == 0) {
            CHECK_EQUAL(rib_withdraw(&rig, source, prefix), RIB_REMOVED);
            expected--;
        }
    }
    rig_round();
    for (uint32_t cap = 1; cap < 400; cap = cap * 3 + 1) {
        uint32_t numbers[400], count, seen = 0;
        struct prefix last, *after = NULL;
        do {
            count = rib_next(&rig, after, numbers, cap);
            for (uint32_t i = 0; i < count; i++, seen++) {
                struct prefix prefix = rib_prefix_of(&rig, rib_prefix_get(&rig, numbers[i]));
                CHECK(!after || prefix_compare(*after, prefix) < 0);
                last = prefix;
                after = &last;
            }
        } while (count == cap);
        CHECK_EQUAL(seen, expected);
    }
    CHECK_EQUAL(rib_next(&rig, NULL, NULL, 0), 0);
    rig_finish();
}

enum { OFFERS = 60 };

/* The same offers of the same two sources, in a seed's order, under another secret. */
static uint64_t digest_of(uint64_t seed, unsigned omitted, bool changed)
{
    struct rib_config config = rib_config_small;
    rig_start_with(config, 0);
    struct source_id sources[2] = {rig_source(SOURCE_VPN_BGP, 1, 65001, 1),
                                   rig_source(SOURCE_VPN_BGP, 2, 65002, 2)};
    rig.slots.secret = seed;
    unsigned order[OFFERS];
    struct prng prng = prng_seed(seed);
    for (unsigned i = 0; i < OFFERS; i++) {
        unsigned at = (unsigned)prng_below(&prng, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (unsigned i = 0; i < OFFERS; i++) {
        if (order[i] == omitted)
            continue;
        struct rig_attrs attrs = order[i] == 7 && changed ? other : plain;
        struct prefix prefix = rig_prefix(10, order[i] / 2, 0, 0, 16);
        CHECK_EQUAL(rig_announce(sources[order[i] % 2], prefix, attrs), RIB_ADDED);
        if (prng_below(&prng, 4) == 0)
            rig_round();
    }
    rig_round();
    uint64_t digest = rib_digest(&rig);
    rig_finish();
    return digest;
}

static void the_digest_knows_the_state_and_not_the_way_to_it(void)
{
    uint64_t digest = digest_of(1, OFFERS, false);
    for (uint64_t seed = 2; seed < 20; seed++)
        CHECK(digest_of(seed, OFFERS, false) == digest);
    for (unsigned omitted = 0; omitted < OFFERS; omitted++)
        CHECK(digest_of(1, omitted, false) != digest);
    CHECK(digest_of(1, OFFERS, true) != digest);
}

/* Equal under every compiler and on every machine: replays are compared by it. */
static void the_digest_is_a_figure_that_stays(void)
{
    rig_start(BEST_VGW);
    CHECK_EQUAL((int64_t)rib_digest(&rig), 0);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    CHECK_EQUAL(rig_announce(source, rig_prefix(10, 0, 0, 0, 8), plain), RIB_ADDED);
    rig_round();
    CHECK_EQUAL((int64_t)rib_digest(&rig), (int64_t)0xbc1ff5af06c7de2du);
    rig_finish();
}

static void a_reason_is_part_of_the_state(void)
{
    uint64_t digests[2];
    for (unsigned i = 0; i < 2; i++) {
        rig_start(BEST_VGW);
        struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
        struct attr_id attr = rig_attr(&plain);
        CHECK_EQUAL(rib_announce(&rig, source, rig_prefix(10, 0, 0, 0, 8), attr,
                                 i ? REASON_OWN_AS : REASON_IMPORT_FILTER),
                    RIB_ADDED);
        attr_unref(&rig.attrs, attr);
        digests[i] = rib_digest(&rig);
        rig_finish();
    }
    CHECK(digests[0] != digests[1]);
}

int main(void)
{
    TEST(numbers_come_in_canonical_order_whatever_the_size_of_a_helping);
    TEST(the_digest_knows_the_state_and_not_the_way_to_it);
    TEST(the_digest_is_a_figure_that_stays);
    TEST(a_reason_is_part_of_the_state);
    return harness_done();
}
