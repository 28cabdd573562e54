#include "rib/attr.h"

#include "rib/rib_rig.h"
#include "tests/abort.h"

static const struct rig_attrs rich = {.origin = 2,
                                      .path = {65001, 65002, 4200000000u},
                                      .next_hop = 0xa9fe6402,
                                      .has_med = true,
                                      .med = 50,
                                      .has_local_pref = true,
                                      .local_pref = 200,
                                      .communities = {7224u << 16 | 7300}};

static void facts_are_read_once_and_right(void)
{
    rig_start(BEST_VGW);
    struct attr_id id = rig_attr(&rich);
    const struct attr_facts *facts = attr_get(&rig.attrs, id);
    CHECK_EQUAL(facts->origin, 2);
    CHECK_EQUAL(facts->path_length, 3);
    CHECK_EQUAL(facts->first_as, 65001);
    CHECK_EQUAL(facts->last_as, 4200000000u);
    CHECK_EQUAL(attr_next_hop(facts), 0xa9fe6402);
    CHECK_EQUAL(facts->med, 50);
    CHECK_EQUAL(facts->local_pref, 200);
    CHECK_EQUAL(facts->community, ATTR_COMMUNITY_HIGH);
    CHECK_EQUAL(facts->flags, ATTR_HAS_MED | ATTR_HAS_LOCAL_PREF);
    CHECK_EQUAL(attr_path_count(&rig.attrs, id, 65002), 1);
    CHECK_EQUAL(attr_path_count(&rig.attrs, id, 65003), 0);
    attr_unref(&rig.attrs, id);
    rig_finish();
}

static void what_is_absent_has_its_default(void)
{
    rig_start(BEST_VGW);
    struct rig_attrs poor = {.next_hop = 1};
    struct attr_id id = rig_attr(&poor);
    const struct attr_facts *facts = attr_get(&rig.attrs, id);
    CHECK_EQUAL(facts->path_length, 0);
    CHECK_EQUAL(facts->first_as, 0);
    CHECK_EQUAL(facts->last_as, 0);
    CHECK_EQUAL(facts->med, 0);
    CHECK_EQUAL(facts->local_pref, 100);
    CHECK_EQUAL(facts->community, ATTR_COMMUNITY_MEDIUM);
    CHECK_EQUAL(facts->flags, 0);
    attr_unref(&rig.attrs, id);
    rig_finish();
}

static struct attr_facts facts_of(const uint8_t *bytes, size_t size)
{
    struct attr_id id = attr_intern(&rig.attrs, (struct slice){bytes, size});
    struct attr_facts facts = *attr_get(&rig.attrs, id);
    attr_unref(&rig.attrs, id);
    return facts;
}

/* RFC 4271 9.1.2.2 a, RFC 5065 5.3: a set counts one, a confederation's segments nothing. */
static void path_lengths_go_by_segment(void)
{
    rig_start(BEST_VGW);
    const uint8_t confederation[] = {
        0x40, 2, 34, 3, 2, 0, 0, 1, 1, 0, 0, 1, 2,     /* CONFED_SEQUENCE */
        2,    2, 0,  0, 2, 1, 0, 0, 2, 2,              /* SEQUENCE 513 514 */
        1,    3, 0,  0, 3, 1, 0, 0, 3, 2, 0, 0, 3, 3}; /* SET */
    const uint8_t set_first[] = {0x40, 2, 12, 1, 1, 0, 0, 3, 1, 2, 1, 0, 0, 2, 1};
    struct attr_facts facts = facts_of(confederation, sizeof confederation);
    CHECK_EQUAL(facts.path_length, 3);
    CHECK_EQUAL(facts.first_as, 513);
    CHECK_EQUAL(facts.last_as, 0);
    facts = facts_of(set_first, sizeof set_first);
    CHECK_EQUAL(facts.path_length, 2);
    CHECK_EQUAL(facts.first_as, 0);
    CHECK_EQUAL(facts.last_as, 513);
    rig_finish();
}

static void attributes_of_extended_length_are_read(void)
{
    rig_start(BEST_VGW);
    uint8_t bytes[4 + 2 + 4 * 100] = {0x50, 2, (2 + 400) >> 8, (2 + 400) & 0xff, 2, 100};
    for (unsigned i = 0; i < 100; i++)
        bytes[6 + 4 * i + 3] = (uint8_t)(i + 1);
    struct attr_facts facts = facts_of(bytes, sizeof bytes);
    CHECK_EQUAL(facts.path_length, 100);
    CHECK_EQUAL(facts.first_as, 1);
    CHECK_EQUAL(facts.last_as, 100);
    rig_finish();
}

static enum attr_community rank(uint32_t one, uint32_t two)
{
    struct rig_attrs attrs = {.communities = {one, two}};
    struct attr_id id = rig_attr(&attrs);
    enum attr_community community = attr_get(&rig.attrs, id)->community;
    attr_unref(&rig.attrs, id);
    return community;
}

/* Nobody defines code 0, so it is unknown, optional and transitive like any other. */
static void an_attribute_may_have_the_code_0(void)
{
    rig_start(BEST_VGW);
    static const uint8_t bytes[] = {0xe0, 0, 1, 7, 0x40, 1, 1, 2};
    CHECK_EQUAL(facts_of(bytes, sizeof bytes).origin, 2);
    rig_finish();
}

static void dx_communities_have_three_ranks(void)
{
    rig_start(BEST_VGW);
    uint32_t low = 7224u << 16 | 7100, medium = 7224u << 16 | 7200, high = 7224u << 16 | 7300;
    CHECK_EQUAL(rank(low, 0), ATTR_COMMUNITY_LOW);
    CHECK_EQUAL(rank(medium, 0), ATTR_COMMUNITY_MEDIUM);
    CHECK_EQUAL(rank(high, 0), ATTR_COMMUNITY_HIGH);
    CHECK_EQUAL(rank(low, medium), ATTR_COMMUNITY_MEDIUM);
    CHECK_EQUAL(rank(high, low), ATTR_COMMUNITY_HIGH);
    CHECK_EQUAL(rank(7225u << 16 | 7300, 1), ATTR_COMMUNITY_MEDIUM);
    rig_finish();
}

static void well_known_communities_are_flags(void)
{
    rig_start(BEST_VGW);
    struct rig_attrs attrs = {.communities = {0xffffff01u}};
    struct attr_id id = rig_attr(&attrs);
    CHECK_EQUAL(attr_get(&rig.attrs, id)->flags, ATTR_NO_EXPORT);
    attr_unref(&rig.attrs, id);
    attrs.communities[0] = 0xffffff02u;
    id = rig_attr(&attrs);
    CHECK_EQUAL(attr_get(&rig.attrs, id)->flags, ATTR_NO_ADVERTISE);
    attr_unref(&rig.attrs, id);
    rig_finish();
}

static void equal_bytes_are_one_set(void)
{
    rig_start(BEST_VGW);
    struct rig_attrs other = rich;
    other.med = 51;
    struct attr_id one = rig_attr(&rich), same = rig_attr(&rich), two = rig_attr(&other);
    CHECK(attr_equal(one, same) && !attr_equal(one, two));
    CHECK_EQUAL(rig.attrs.count, 2);
    CHECK_EQUAL(attr_get(&rig.attrs, one)->refs, 2);
    attr_unref(&rig.attrs, one);
    CHECK_EQUAL(rig.attrs.count, 2);
    attr_unref(&rig.attrs, same);
    attr_unref(&rig.attrs, two);
    CHECK_EQUAL(rig.attrs.count, 0);
    CHECK_EQUAL((int64_t)rig_memory.live_blocks, 0);
    rig_finish();
}

static void a_set_is_found_by_its_bytes(void)
{
    rig_start(BEST_VGW);
    uint8_t buffer[256];
    struct slice bytes = rig_canonical(&rich, buffer);
    CHECK_EQUAL(attr_find(&rig.attrs, bytes).v, 0);
    struct attr_id id = rig_attr(&rich);
    struct attr_id found = attr_find(&rig.attrs, bytes);
    CHECK(attr_equal(id, found));
    CHECK_EQUAL(attr_get(&rig.attrs, id)->refs, 2);
    CHECK(slice_equal(attr_bytes(&rig.attrs, id), bytes));
    bytes.size--;
    CHECK_EQUAL(attr_find(&rig.attrs, bytes).v, 0);
    attr_unref(&rig.attrs, id);
    attr_unref(&rig.attrs, found);
    rig_finish();
}

static void intern_out_of_order(void *ctx)
{
    (void)ctx;
    const uint8_t bytes[] = {0x40, 3, 4, 1, 1, 1, 1, 0x40, 1, 1, 0};
    struct attr_id id = attr_intern(&rig.attrs, (struct slice){bytes, sizeof bytes});
    (void)id;
}

static void bytes_that_are_not_canonical_are_our_bug(void)
{
    rig_start(BEST_VGW);
    CHECK(aborts(intern_out_of_order, NULL));
    rig_finish();
}

static void a_refusal_leaves_no_set(void)
{
    for (size_t refuse = 1; refuse < 8; refuse++) {
        rig_start(BEST_VGW);
        rig_memory.refuse_from = refuse;
        struct attr_id id = rig_attr(&rich);
        rig_memory.refuse_from = 0;
        CHECK_EQUAL(rig.attrs.count, id.v != 0);
        const char *wrong = attr_store_audit(&rig.attrs);
        CHECK_TEXT(wrong ? wrong : "", "");
        attr_unref(&rig.attrs, id);
        rig_finish();
    }
}

/* Sets of all sizes come and go, as often as not the one that came last or the first. */
static void random_sets_live_as_long_as_they_are_held(void)
{
    enum { SETS = 300 };
    static struct attr_id held[SETS];
    static struct rig_attrs attrs[SETS];
    memset(held, 0, sizeof held);
    rig_start(BEST_VGW);
    struct prng prng = prng_seed(3);
    for (unsigned i = 0; i < SETS; i++) {
        attrs[i] = (struct rig_attrs){.next_hop = i / 2, .has_med = i % 2};
        for (unsigned k = 0; k < i % 9 && k < 8; k++)
            attrs[i].path[k] = i + k + 1;
        for (unsigned k = 0; k < i % 5 && k < 4; k++)
            attrs[i].communities[k] = i;
    }
    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = (unsigned)prng_below(&prng, SETS);
        if (held[i].v == 0) {
            held[i] = rig_attr(&attrs[i]);
        } else {
            uint8_t buffer[256];
            CHECK(slice_equal(attr_bytes(&rig.attrs, held[i]), rig_canonical(&attrs[i], buffer)));
            attr_unref(&rig.attrs, held[i]);
            held[i].v = 0;
        }
        if (step % 1000 == 0) {
            const char *wrong = attr_store_audit(&rig.attrs);
            CHECK_TEXT(wrong ? wrong : "", "");
        }
    }
    for (unsigned i = 0; i < SETS; i++)
        attr_unref(&rig.attrs, held[i]);
    CHECK_EQUAL(rig.attrs.count, 0);
    CHECK_EQUAL((int64_t)rig_memory.live_blocks, 0);
    rig_finish();
}

int main(void)
{
    TEST(facts_are_read_once_and_right);
    TEST(what_is_absent_has_its_default);
    TEST(path_lengths_go_by_segment);
    TEST(attributes_of_extended_length_are_read);
    TEST(an_attribute_may_have_the_code_0);
    TEST(dx_communities_have_three_ranks);
    TEST(well_known_communities_are_flags);
    TEST(equal_bytes_are_one_set);
    TEST(a_set_is_found_by_its_bytes);
    TEST(bytes_that_are_not_canonical_are_our_bug);
    TEST(a_refusal_leaves_no_set);
    TEST(random_sets_live_as_long_as_they_are_held);
    return harness_done();
}
