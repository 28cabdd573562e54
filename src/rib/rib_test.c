#include "rib/rib.h"

#include "rib/lose.h"
#include "rib/rib_rig.h"
#include "tests/abort.h"

static const struct rig_attrs plain = {.path = {65001}, .next_hop = 0x0a000001};

static void an_idle_rib_allocates_nothing(void)
{
    rig_start(BEST_VGW);
    CHECK_EQUAL(rib_settle(&rig), 0);
    rib_settled(&rig);
    CHECK(!rib_sweep(&rig, 0, 1000));
    CHECK_EQUAL(rib_find(&rig, rig_prefix(10, 0, 0, 0, 8)), 0);
    CHECK_EQUAL((int64_t)rig_memory.get_count, 0);
    CHECK(sizeof(struct rib) < 1024);
    rig_finish();
}

static void records_are_small(void)
{
    CHECK_EQUAL((int64_t)sizeof(struct rib_prefix), 16);
    CHECK_EQUAL((int64_t)sizeof(struct rib_path), 16);
    CHECK(sizeof(struct rib_change) <= 40);
    CHECK(sizeof(struct attr_facts) <= 48);
}

static void the_first_path_becomes_best_when_settled(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    struct prefix prefix = rig_prefix(10, 1, 0, 0, 16);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_best(prefix).attr.v, 0);
    CHECK_EQUAL(rib_settle(&rig), 1);
    const struct rib_change *change = rib_change_at(&rig, 0);
    CHECK(prefix_equal(rib_change_prefix(&rig, change), prefix));
    CHECK_EQUAL(change->old_attr.v, 0);
    CHECK_EQUAL(change->new_source, source.v);
    rib_settled(&rig);
    CHECK_EQUAL(rig_best(prefix).source.v, source.v);
    CHECK_EQUAL(rig_why(prefix, source), REASON_BEST);
    CHECK_AUDIT();
    rig_finish();
}

static void what_comes_and_goes_within_a_round_is_not_told(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    struct prefix prefix = rig_prefix(10, 1, 0, 0, 16);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rib_withdraw(&rig, source, prefix), RIB_REMOVED);
    CHECK_EQUAL(rig_round(), 0);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rib_withdraw(&rig, source, prefix), RIB_REMOVED);
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 0);
    CHECK_AUDIT();
    rig_finish();
}

/* If the list of changes held no reference, the old set's number would be given to the new one
 * within the round, and the change would look like none. */
static void an_attribute_number_is_not_used_again_within_a_round(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    struct prefix prefix = rig_prefix(10, 1, 0, 0, 16);
    struct rig_attrs other = plain;
    other.path[0] = 65002;
    CHECK_EQUAL(rig_announce(source, prefix, plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_EQUAL(rib_withdraw(&rig, source, prefix), RIB_REMOVED);
    CHECK_EQUAL(rig_announce(source, prefix, other), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 1);
    CHECK_AUDIT();
    rig_finish();
}

static void sources_are_given_numbers_again(void)
{
    rig_start(BEST_VGW);
    struct source_id one = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    struct source_id two = rig_source(SOURCE_VPN_BGP, 2, 65002, 2);
    CHECK(one.v != 0 && two.v != 0 && one.v != two.v);
    rib_source_remove(&rig, one);
    CHECK_EQUAL(rig_source(SOURCE_DX, 3, 65003, 3).v, one.v);
    rib_source_remove(&rig, one);
    rib_source_remove(&rig, two);
    CHECK_EQUAL((int64_t)rig_memory.live_blocks, 0);
    rig_finish();
}

static void remove_with_paths(void *ctx)
{
    rib_source_remove(&rig, *(struct source_id *)ctx);
}

static void a_source_with_paths_cannot_be_removed(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    CHECK_EQUAL(rig_announce(source, rig_prefix(10, 1, 0, 0, 16), plain), RIB_ADDED);
    CHECK(aborts(remove_with_paths, &source));
    rig_finish();
}

static void covering_prefixes_come_shortest_first(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    CHECK_EQUAL(rig_announce(source, rig_prefix(10, 1, 2, 3, 32), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(source, rig_prefix(10, 1, 0, 0, 16), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(source, rig_prefix(10, 2, 0, 0, 16), plain), RIB_ADDED);
    CHECK_EQUAL(rig_announce(source, rig_prefix(0, 0, 0, 0, 0), plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 4);
    uint32_t numbers[RIB_COVERING_MAX];
    CHECK_EQUAL(rib_covering(&rig, 0x0a010203, numbers), 3);
    CHECK_EQUAL(numbers[0], rib_find(&rig, rig_prefix(0, 0, 0, 0, 0)));
    CHECK_EQUAL(numbers[1], rib_find(&rig, rig_prefix(10, 1, 0, 0, 16)));
    CHECK_EQUAL(numbers[2], rib_find(&rig, rig_prefix(10, 1, 2, 3, 32)));
    rig_finish();
}

static void everything_is_given_back_when_the_last_prefix_is_swept(void)
{
    rig_start(BEST_VGW);
    struct source_id source = rig_source(SOURCE_VPN_BGP, 1, 65001, 1);
    size_t idle = rig_budget.used_bytes;
    for (unsigned i = 0; i < 200; i++)
        CHECK_EQUAL(rig_announce(source, rig_prefix(10, i, 0, 0, 16), plain), RIB_ADDED);
    CHECK_EQUAL(rig_round(), 200);
    rib_lose(&rig, source);
    CHECK(!rib_drop(&rig, source, 1000));
    CHECK_EQUAL(rig_round(), 200);
    CHECK(!rib_sweep(&rig, rig.batch, 1000));
    CHECK_EQUAL((int64_t)rig_budget.used_bytes, (int64_t)idle);
    CHECK_AUDIT();
    rig_finish();
}

/* -- random operations against a table that is simply written down -- */

enum { SOURCES = 6, PREFIXES = 60, ATTRS = 12 };

struct naive {
    bool offered[SOURCES][PREFIXES];
    uint8_t attr[SOURCES][PREFIXES];
    uint8_t reason[SOURCES][PREFIXES];
    uint32_t order[SOURCES][PREFIXES]; /* of arrival */
    uint32_t clock;
};

static struct rig_attrs random_attrs(unsigned index)
{
    struct prng prng = prng_seed(index);
    struct rig_attrs attrs = {.origin = (uint8_t)prng_below(&prng, 3),
                              .next_hop = 0x0a000001 + index,
                              .has_med = prng_below(&prng, 2)};
    attrs.med = attrs.has_med ? (uint32_t)prng_below(&prng, 3) : 0;
    unsigned hops = 1 + (unsigned)prng_below(&prng, 2);
    for (unsigned i = 0; i < hops; i++)
        attrs.path[i] = 65000 + (uint32_t)prng_below(&prng, 3);
    return attrs;
}

static struct prefix prefix_of(unsigned index)
{
    return prefix_around(0x0a000000 + (index << 20), (uint8_t)(12 + index % 3));
}

static struct source_id add_source(unsigned index, struct prng *prng)
{
    static const enum source_kind kinds[] = {SOURCE_VPN_BGP, SOURCE_VPN_BGP,    SOURCE_VPN_BGP,
                                             SOURCE_DX,      SOURCE_VPN_STATIC, SOURCE_LOCAL};
    return rig_source(kinds[index], (uint16_t)(1 + index / 2), 65000 + index,
                      1 + (ip_addr)prng_below(prng, 4));
}

static bool offer(struct naive *naive, struct source_id id, unsigned source, unsigned prefix,
                  struct prng *prng)
{
    unsigned attr = (unsigned)prng_below(prng, ATTRS);
    uint8_t reason = prng_below(prng, 4) == 0 ? REASON_OWN_AS : REASON_NONE;
    struct rig_attrs attrs = random_attrs(attr);
    struct attr_id interned = rig_attr(&attrs);
    enum rib_result result =
        rib_announce(&rig, id, prefix_of(prefix), interned, (enum reason)reason);
    attr_unref(&rig.attrs, interned);
    if (result == RIB_FULL)
        return false;
    bool *offered = &naive->offered[source][prefix];
    bool same =
        *offered && naive->attr[source][prefix] == attr && naive->reason[source][prefix] == reason;
    CHECK_EQUAL(result, !*offered ? RIB_ADDED : same ? RIB_SAME : RIB_REPLACED);
    *offered = true;
    naive->attr[source][prefix] = (uint8_t)attr;
    naive->reason[source][prefix] = reason;
    return true;
}

static void compare(const struct naive *naive, const struct source_id *ids)
{
    uint32_t live = 0;
    for (unsigned p = 0; p < PREFIXES; p++) {
        uint32_t number = rib_find(&rig, prefix_of(p));
        bool any = false;
        for (unsigned s = 0; s < SOURCES; s++) {
            const struct rib_path *path = number ? rib_path_of(&rig, number, ids[s]) : NULL;
            CHECK_EQUAL(path != NULL, naive->offered[s][p]);
            any |= path != NULL;
            if (!path)
                continue;
            struct rig_attrs attrs = random_attrs(naive->attr[s][p]);
            uint8_t buffer[256];
            CHECK(slice_equal(attr_bytes(&rig.attrs, path->attr), rig_canonical(&attrs, buffer)));
            if (naive->reason[s][p] != REASON_NONE)
                CHECK_EQUAL(path->why, naive->reason[s][p]);
        }
        live += any;
    }
    CHECK_EQUAL(rig.live_count, live);
}

/* A reference for each path, and none besides: nothing pending, nobody else holds any. */
static void check_references(void)
{
    uint64_t references = 0;
    const struct slot_part *part = rig.attrs.slots.parts;
    for (uint32_t at = 0; part && at < part->cap; at++)
        if (part->slots[at])
            references += attr_get(&rig.attrs, (struct attr_id){(uint32_t)part->slots[at]})->refs;
    CHECK_EQUAL((int64_t)references, rig.paths.used_count);
}

static void lose(struct naive *naive, struct source_id id, unsigned source)
{
    rib_lose(&rig, id);
    memset(naive->offered[source], 0, sizeof naive->offered[source]);
    while (rib_drop(&rig, id, 7))
        rig_round();
}

static void play(uint64_t seed, enum best_rules rules)
{
    static struct naive naive;
    naive = (struct naive){0};
    struct rib_config config = rib_config_small;
    config.rules = rules;
    config.change_limit = 16;
    rig_start_with(config, 0);
    struct prng prng = prng_seed(seed);
    struct source_id ids[SOURCES];
    for (unsigned s = 0; s < SOURCES; s++)
        ids[s] = add_source(s, &prng);
    for (unsigned step = 0; step < 600; step++) {
        unsigned source = (unsigned)prng_below(&prng, SOURCES);
        unsigned prefix = (unsigned)prng_below(&prng, PREFIXES);
        uint64_t dice = prng_below(&prng, 100);
        if (dice < 60) {
            while (!offer(&naive, ids[source], source, prefix, &prng))
                rig_round();
        } else if (dice < 90) {
            enum rib_result result;
            while ((result = rib_withdraw(&rig, ids[source], prefix_of(prefix))) == RIB_FULL)
                rig_round();
            CHECK_EQUAL(result, naive.offered[source][prefix] ? RIB_REMOVED : RIB_ABSENT);
            naive.offered[source][prefix] = false;
        } else if (dice < 92) {
            lose(&naive, ids[source], source);
        } else if (dice < 98) {
            rig_round();
            CHECK_AUDIT();
        } else {
            rib_sweep(&rig, rig.batch, 1 + (uint32_t)prng_below(&prng, 100));
        }
    }
    rig_round();
    CHECK_AUDIT();
    check_references();
    compare(&naive, ids);
    rig_finish();
}

static void random_offers_give_the_table_that_is_written_down(void)
{
    for (uint64_t seed = 1; seed <= 60; seed++)
        play(seed, (enum best_rules)(seed % 3));
}

int main(void)
{
    TEST(an_idle_rib_allocates_nothing);
    TEST(records_are_small);
    TEST(the_first_path_becomes_best_when_settled);
    TEST(what_comes_and_goes_within_a_round_is_not_told);
    TEST(an_attribute_number_is_not_used_again_within_a_round);
    TEST(sources_are_given_numbers_again);
    TEST(a_source_with_paths_cannot_be_removed);
    TEST(covering_prefixes_come_shortest_first);
    TEST(everything_is_given_back_when_the_last_prefix_is_swept);
    TEST(random_offers_give_the_table_that_is_written_down);
    return harness_done();
}
