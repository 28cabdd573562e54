#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/test_bytes.h"

/* Paths by hand: type, count, AS numbers of four bytes. */
#define AS1   "0000fde9" /* 65001 */
#define AS2   "0000fdea"
#define AS3   "0000fdeb"
#define BIG   "00010001" /* 65537 */
#define TRANS "5ba0"

static struct slice path_of(const char *text)
{
    static struct bytes paths[4];
    static unsigned next;
    struct bytes *path = &paths[next++ % 4];
    *path = hex(text);
    return slice_of(path);
}

static void rfc4271_9_1_2_2_a_set_counts_one(void)
{
    CHECK_EQUAL(bgp_as_path_length(path_of("")), 0);
    CHECK_EQUAL(bgp_as_path_length(path_of("0203" AS1 AS2 AS3)), 3);
    CHECK_EQUAL(bgp_as_path_length(path_of("0201" AS1 "0102" AS2 AS3)), 2);
    CHECK_EQUAL(bgp_as_path_length(path_of("0102" AS2 AS3 "0101" AS1)), 2);
}

static void rfc5065_5_3_confederation_segments_count_nothing(void)
{
    CHECK_EQUAL(bgp_as_path_length(path_of("0302" AS1 AS2 "0201" AS3 "0401" AS1)), 1);
    CHECK_EQUAL(bgp_as_path_first(path_of("0302" AS1 AS2 "0201" AS3)), 65003);
    CHECK(bgp_as_path_contains(path_of("0302" AS1 AS2 "0201" AS3), 65002));
}

static void first_and_origin(void)
{
    CHECK_EQUAL(bgp_as_path_first(path_of("0202" AS1 AS2 "0101" AS3)), 65001);
    CHECK_EQUAL(bgp_as_path_first(path_of("0101" AS3 "0202" AS1 AS2)), 0);
    CHECK_EQUAL(bgp_as_path_first(path_of("")), 0);
    CHECK_EQUAL(bgp_as_path_origin(path_of("0202" AS1 AS2)), 65002);
    CHECK_EQUAL(bgp_as_path_origin(path_of("0201" AS1 "0202" AS2 BIG)), 65537);
    CHECK_EQUAL(bgp_as_path_origin(path_of("")), 0);
}

static void rfc6811_2_a_set_at_the_end_hides_the_origin(void)
{
    CHECK_EQUAL(bgp_as_path_origin(path_of("0202" AS1 AS2 "0101" AS3)), 0);
    CHECK_EQUAL(bgp_as_path_origin(path_of("0201" AS2 "0301" AS3)), 0);
}

/* The path as one row of hops: a sequence's AS numbers one by one, a set as a whole. */
static void put_hops(struct bytes *hops, const struct model_segment *segment, unsigned count)
{
    bool set = segment->type == BGP_AS_SET;
    if (set)
        put(hops, 1000 + segment->count, 4);
    for (unsigned i = 0; i < (set ? segment->count : count); i++)
        put(hops, segment->asns[i], 4);
}

static unsigned model_length(const struct model_path *path)
{
    unsigned length = 0;
    for (unsigned i = 0; i < path->segment_count; i++)
        length += path->segments[i].type == BGP_AS_SET ? 1 : path->segments[i].count;
    return length;
}

/* The first hops of a path, most at most. */
static void put_model_hops(struct bytes *hops, const struct model_path *path, unsigned most)
{
    for (unsigned i = 0; i < path->segment_count && most > 0; i++) {
        const struct model_segment *segment = &path->segments[i];
        unsigned length = segment->type == BGP_AS_SET ? 1 : segment->count;
        unsigned count = length < most ? length : most;
        put_hops(hops, segment, count);
        most -= count;
    }
}

/* The same of encoded bytes. */
static struct bytes hops_of(struct slice path)
{
    struct bytes hops = {.size = 0};
    struct cursor cursor = cursor_over(path);
    struct bgp_segment segment;
    while (bgp_as_path_next(&cursor, &segment)) {
        struct model_segment model = {.type = segment.type, .count = segment.count};
        for (unsigned i = 0; i < segment.count; i++)
            model.asns[i] = bgp_segment_as(&segment, i);
        put_hops(&hops, &model, model.count);
    }
    CHECK_EQUAL((int64_t)cursor_remaining(&cursor), 0);
    return hops;
}

static bool same(const struct bytes *left, const struct bytes *right)
{
    return slice_equal(slice_of(left), slice_of(right));
}

static bool model_contains(const struct model_path *path, uint32_t asn)
{
    for (unsigned i = 0; i < path->segment_count; i++)
        for (unsigned k = 0; k < path->segments[i].count; k++)
            if (path->segments[i].asns[k] == asn)
                return true;
    return false;
}

static void random_paths_answer_as_their_models(void)
{
    struct prng prng = prng_seed(912);
    for (int round = 0; round < 3000; round++) {
        struct model_path model = random_path(&prng, true);
        struct bytes path = {.size = 0}, hops = {.size = 0};
        put_path(&path, &model, 4);
        put_model_hops(&hops, &model, 100000);
        struct bytes found = hops_of(slice_of(&path));
        CHECK(same(&hops, &found));
        CHECK_EQUAL(bgp_as_path_length(slice_of(&path)), model_length(&model));
        unsigned last = model.segment_count - 1;
        bool starts = model.segment_count > 0 && model.segments[0].type == BGP_AS_SEQUENCE;
        bool ends = model.segment_count > 0 && model.segments[last].type == BGP_AS_SEQUENCE;
        CHECK_EQUAL(bgp_as_path_first(slice_of(&path)), starts ? model.segments[0].asns[0] : 0);
        CHECK_EQUAL(bgp_as_path_origin(slice_of(&path)),
                    ends ? model.segments[last].asns[model.segments[last].count - 1] : 0);
        for (uint32_t asn = 1; asn < 60; asn++)
            CHECK_EQUAL(bgp_as_path_contains(slice_of(&path), asn * 400),
                        model_contains(&model, asn * 400));
        if (starts)
            CHECK(bgp_as_path_contains(slice_of(&path), model.segments[0].asns[0]));
    }
}

/* ---- rewriting ---- */

static bool merges_to(const char *narrow, const char *as4_path, const char *expected)
{
    uint8_t room[4096];
    struct writer writer = writer_over(room, sizeof room);
    bgp_as_path_merge(path_of(narrow), path_of(as4_path), &writer);
    return !writer.failed && bytes_are(writer_slice(&writer), expected);
}

static void rfc6793_4_2_3_leading_part_then_as4_path(void)
{
    /* an old AS 65001 prepended itself to what 65537 had announced */
    CHECK(merges_to("0203 fde9" TRANS "fdea", "0202" BIG AS2, "0203" AS1 BIG AS2));
    CHECK(merges_to("0202" TRANS "fdea", "0202" BIG AS2, "0202" BIG AS2));
    CHECK(merges_to("0203 fde9 fdeb" TRANS, "0201" BIG, "0203" AS1 AS3 BIG));
}

static void rfc6793_4_2_3_a_longer_as4_path_is_ignored(void)
{
    CHECK(merges_to("0201" TRANS, "0202" BIG AS2, "0201 00005ba0"));
    CHECK(merges_to("", "0201" BIG, ""));
}

static void rfc6793_4_2_3_sets_count_one(void)
{
    /* the old speaker aggregated: its set stays in front, whole */
    CHECK(merges_to("0201 fde9 0102 fdea fdeb 0201" TRANS, "0201" BIG,
                    "0201" AS1 "0102" AS2 AS3 "0201" BIG));
    CHECK(merges_to("0201 fde9 0102 fdea fdeb", "0102" BIG AS3, "0201" AS1 "0102" BIG AS3));
}

static void sequences_join_only_up_to_255(void)
{
    for (unsigned lead = 1; lead <= 3; lead++) {
        struct bytes narrow = {.size = 0}, as4 = {.size = 0}, expected = {.size = 0};
        struct model_path tail = {1, {{.type = 2, .count = 253}}};
        for (unsigned i = 0; i < 253; i++)
            tail.segments[0].asns[i] = 70000 + i;
        struct model_path head = {2, {{.type = 2, .count = lead, .asns = {11, 12, 13}}}};
        head.segments[1] = tail.segments[0];
        put_path(&narrow, &head, 2);
        put_path(&as4, &tail, 4);
        uint8_t room[4096];
        struct writer writer = writer_over(room, sizeof room);
        bgp_as_path_merge(slice_of(&narrow), slice_of(&as4), &writer);
        put_path(&expected, &head, 4);
        struct bytes found = hops_of(writer_slice(&writer));
        struct bytes hops = hops_of(slice_of(&expected));
        CHECK(same(&found, &hops));
        CHECK_EQUAL(room[1], lead <= 2 ? 253 + lead : lead);
    }
}

static void random_merges_have_the_hops_of_the_rule(void)
{
    struct prng prng = prng_seed(6793);
    for (int round = 0; round < 5000; round++) {
        struct model_path old = random_path(&prng, false), new = random_path(&prng, true);
        struct bytes narrow = {.size = 0}, as4 = {.size = 0}, expected = {.size = 0};
        put_path(&narrow, &old, 2);
        put_path(&as4, &new, 4);
        unsigned old_length = model_length(&old), new_length = model_length(&new);
        if (old_length < new_length) {
            put_model_hops(&expected, &old, 100000);
        } else {
            put_model_hops(&expected, &old, old_length - new_length);
            put_model_hops(&expected, &new, 100000);
        }
        uint8_t room[16384];
        struct writer writer = writer_over(room, narrow.size * 2 + as4.size);
        bgp_as_path_merge(slice_of(&narrow), slice_of(&as4), &writer);
        CHECK(!writer.failed);
        struct bytes found = hops_of(writer_slice(&writer));
        CHECK(same(&found, &expected));
    }
}

static void random_paths_widen(void)
{
    struct prng prng = prng_seed(2);
    for (int round = 0; round < 1000; round++) {
        struct model_path model = random_path(&prng, true);
        struct bytes narrow = {.size = 0}, wide = {.size = 0};
        put_path(&narrow, &model, 2);
        for (unsigned i = 0; i < model.segment_count; i++)
            for (unsigned k = 0; k < model.segments[i].count; k++)
                if (model.segments[i].asns[k] > 65535)
                    model.segments[i].asns[k] = 23456;
        put_path(&wide, &model, 4);
        uint8_t room[8192];
        struct writer writer = writer_over(room, sizeof room);
        bgp_as_path_widen(slice_of(&narrow), &writer);
        CHECK(slice_equal(writer_slice(&writer), slice_of(&wide)));
    }
}

static void confederation_segments_are_taken_out(void)
{
    uint8_t room[64];
    struct writer writer = writer_over(room, sizeof room);
    bgp_as_path_without_confed(path_of("0301" AS1 "0201" BIG "0402" AS1 AS2 "0101" AS3), &writer);
    CHECK(bytes_are(writer_slice(&writer), "0201" BIG "0101" AS3));
}

static bool exports_as(const char *path, uint32_t own_as, bool as4, const char *expected)
{
    uint8_t room[4096];
    struct writer writer = writer_over(room, sizeof room);
    bgp_as_path_export(path_of(path), own_as, as4, &writer);
    return !writer.failed && bytes_are(writer_slice(&writer), expected) &&
           bgp_as_path_export_size(path_of(path), own_as, as4) == writer.size;
}

static void rfc4271_5_1_2_our_as_comes_first(void)
{
    CHECK(exports_as("0201" AS1, 65002, true, "0202" AS2 AS1));
    CHECK(exports_as("", 65002, true, "0201" AS2));
    CHECK(exports_as("0101" AS1, 65002, true, "0201" AS2 "0101" AS1));
    CHECK(exports_as("0201" AS1 "0101" AS3, 65002, true, "0202" AS2 AS1 "0101" AS3));
    CHECK(exports_as("0201" AS1, 0, true, "0201" AS1)); /* internal */
}

static void rfc6793_4_2_2_large_numbers_become_as_trans(void)
{
    CHECK(exports_as("0202" BIG AS1, 65002, false, "0203 fdea" TRANS "fde9"));
    CHECK(exports_as("0102" BIG AS1, 65537, false, "0201" TRANS "0102" TRANS "fde9"));
    CHECK(exports_as("", 65537, false, "0201" TRANS));
    CHECK(bgp_as_path_needs_as4(path_of("0202" AS1 BIG), 65002));
    CHECK(bgp_as_path_needs_as4(path_of("0201" AS1), 65537));
    CHECK(bgp_as_path_needs_as4(path_of("0201" AS1), 65536));
    CHECK(!bgp_as_path_needs_as4(path_of("0201" AS1), 65535));
    CHECK(bgp_as_path_needs_as4(path_of("0201 00010000"), 65001));
    CHECK(!bgp_as_path_needs_as4(path_of("0201 0000ffff"), 65001));
}

static void a_full_segment_is_not_joined(void)
{
    for (unsigned count = 254; count <= 255; count++) {
        struct model_path model = {1, {{.type = 2, .count = count}}};
        for (unsigned i = 0; i < count; i++)
            model.segments[0].asns[i] = 1 + i;
        struct bytes path = {.size = 0};
        put_path(&path, &model, 4);
        uint8_t room[2048];
        struct writer writer = writer_over(room, sizeof room);
        bgp_as_path_export(slice_of(&path), 65001, true, &writer);
        CHECK_EQUAL((int64_t)writer.size,
                    (int64_t)bgp_as_path_export_size(slice_of(&path), 65001, true));
        CHECK_EQUAL(room[1], count == 254 ? 255 : 1);
        CHECK_EQUAL(bgp_as_path_length(writer_slice(&writer)), count + 1);
        CHECK_EQUAL(bgp_as_path_first(writer_slice(&writer)), 65001);
    }
}

int main(void)
{
    TEST(rfc4271_9_1_2_2_a_set_counts_one);
    TEST(rfc5065_5_3_confederation_segments_count_nothing);
    TEST(first_and_origin);
    TEST(rfc6811_2_a_set_at_the_end_hides_the_origin);
    TEST(random_paths_answer_as_their_models);
    TEST(rfc6793_4_2_3_leading_part_then_as4_path);
    TEST(rfc6793_4_2_3_a_longer_as4_path_is_ignored);
    TEST(rfc6793_4_2_3_sets_count_one);
    TEST(sequences_join_only_up_to_255);
    TEST(random_merges_have_the_hops_of_the_rule);
    TEST(random_paths_widen);
    TEST(confederation_segments_are_taken_out);
    TEST(rfc4271_5_1_2_our_as_comes_first);
    TEST(rfc6793_4_2_2_large_numbers_become_as_trans);
    TEST(a_full_segment_is_not_joined);
    return harness_done();
}
