#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_canonical.h"
#include "wire/test_bytes.h"

enum { W = 0x40, O = 0x80, OT = 0xc0 }; /* well-known, optional, optional transitive */

/* What the last decode found. */
static struct bytes section;
static struct bgp_attr_room room;
static struct bgp_attrs attrs;

/* The right attributes of an external neighbor. */
static void decode(const struct bytes *bytes, bool as4)
{
    section = *bytes;
    memset(&room, 0xee, sizeof room);
    struct bgp_attr_facts facts = {.as4 = as4, .external = true, .nlri = true};
    struct bgp_attr_verdict verdict = bgp_attrs_decode(slice_of(&section), facts, &room, &attrs);
    CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
}

static struct bytes canonical_of(const struct bgp_attrs *from)
{
    struct bytes bytes = {.size = 0};
    struct writer writer = writer_over(bytes.data, BGP_CANONICAL_MAX);
    bgp_attrs_encode_canonical(from, &writer);
    CHECK(!writer.failed);
    bytes.size = writer.size;
    return bytes;
}

static bool same_unknown(struct slice left, struct slice right)
{
    struct cursor left_cursor = cursor_over(left), right_cursor = cursor_over(right);
    struct bgp_raw_attr one, other;
    while (bgp_unknown_next(&left_cursor, &one)) {
        if (!bgp_unknown_next(&right_cursor, &other))
            return false;
        if (one.code != other.code || one.flags != other.flags ||
            !slice_equal(one.value, other.value))
            return false;
    }
    return !bgp_unknown_next(&right_cursor, &other);
}

static bool same_attrs(const struct bgp_attrs *left, const struct bgp_attrs *right)
{
    return left->present == right->present && left->partial == right->partial &&
           left->origin == right->origin && left->med == right->med &&
           left->local_pref == right->local_pref && left->originator_id == right->originator_id &&
           left->aggregator_as == right->aggregator_as && left->aggregator == right->aggregator &&
           left->next_hop == right->next_hop && slice_equal(left->as_path, right->as_path) &&
           slice_equal(left->communities, right->communities) &&
           slice_equal(left->ext_communities, right->ext_communities) &&
           slice_equal(left->large_communities, right->large_communities) &&
           slice_equal(left->cluster_list, right->cluster_list) &&
           same_unknown(left->unknown, right->unknown);
}

static void ascending_by_code_in_the_shortest_spelling(void)
{
    struct bytes bytes = hex("d023 0001 00" /* unknown, extended length for one byte */
                             "c020 0c 000000010000000200000003"
                             "5f03 0004 0a000001" /* stray bits */
                             "e008 04 fde90001"   /* partial */
                             "4002 06 0201 0000fde9"
                             "8004 04 00000005"
                             "c016 01 ff"
                             "4001 01 00");
    decode(&bytes, true);
    struct bytes found = canonical_of(&attrs);
    CHECK(bytes_are(slice_of(&found), "4001 01 00"
                                      "4002 06 0201 0000fde9"
                                      "4003 04 0a000001"
                                      "8004 04 00000005"
                                      "e008 04 fde90001"
                                      "e016 01 ff"
                                      "c020 0c 000000010000000200000003"
                                      "e023 01 00"));
    struct bgp_attrs again;
    bgp_attrs_decode_canonical(slice_of(&found), &again);
    CHECK(same_attrs(&attrs, &again));
    CHECK_EQUAL(again.partial, BGP_HAS_COMMUNITIES);
}

static void internal_attributes_are_kept(void)
{
    const char *canonical = "4001 01 02 4002 00 4003 04 0a000001 4005 04 000000c8 4006 00"
                            "c007 08 00010001 c0000201 8009 04 0a0a0a0a 800a 04 01010101"
                            "c010 08 0002fde900000064";
    struct bytes bytes = hex(canonical);
    struct bgp_attrs found;
    bgp_attrs_decode_canonical(slice_of(&bytes), &found);
    CHECK_EQUAL(found.local_pref, 200);
    CHECK_EQUAL(found.originator_id, 0x0a0a0a0a);
    CHECK_EQUAL(found.aggregator_as, 65537);
    CHECK(found.present & BGP_HAS_ATOMIC_AGGREGATE);
    CHECK(found.present & BGP_HAS_AS_PATH);
    struct bytes again = canonical_of(&found);
    CHECK(bytes_are(slice_of(&again), canonical));
}

static void routes_and_what_ends_here_are_not_kept(void)
{
    struct bytes bytes = hex("4001 01 00 4002 00 4003 04 0a000001"
                             "800e 05 0002 01 00 00" /* MP_REACH_NLRI */
                             "800f 03 0002 01"       /* MP_UNREACH_NLRI */
                             "80c8 01 00" /* unknown, not transitive */);
    decode(&bytes, true);
    CHECK(attrs.present & BGP_HAS_MP_REACH);
    struct bytes found = canonical_of(&attrs);
    CHECK(bytes_are(slice_of(&found), "4001 01 00 4002 00 4003 04 0a000001"));
}

static void a_raw_attribute_shows_where_it_is_cut(void)
{
    struct bytes bytes = hex("9004 0004 01020304");
    struct bgp_raw_attr attr;
    for (size_t size = 0; size <= bytes.size; size++) {
        struct cursor cursor = cursor_over((struct slice){bytes.data, size});
        CHECK_EQUAL(bgp_attr_read(&cursor, &attr), size == bytes.size);
        CHECK_EQUAL(attr.code, size < 4 ? 0 : 4);
        CHECK_EQUAL((int64_t)attr.whole.size, size == bytes.size ? 8 : 0);
        CHECK_EQUAL((int64_t)attr.value.size, size == bytes.size ? 4 : 0);
        CHECK_EQUAL(cursor.failed, size < bytes.size);
    }
}

static void the_extended_length_is_no_flag_of_an_unknown_attribute(void)
{
    struct bytes bytes = hex("4001 01 00 4002 00 4003 04 0a000001"), value = {.size = 300};
    put_attr(&bytes, OT | 0x10, 200, slice_of(&value));
    decode(&bytes, true);
    struct cursor cursor = cursor_over(attrs.unknown);
    struct bgp_raw_attr attr;
    CHECK(bgp_unknown_next(&cursor, &attr));
    CHECK_EQUAL(attr.flags, OT | 0x20);
    CHECK_EQUAL((int64_t)attr.value.size, 300);
}

static void communities_are_compared_whole(void)
{
    struct bytes bytes = hex("0000fde9 00010000");
    CHECK(bgp_communities_contain(slice_of(&bytes), 0x0000fde9));
    CHECK(bgp_communities_contain(slice_of(&bytes), 0x00010000));
    CHECK(!bgp_communities_contain(slice_of(&bytes), 0xfde90001)); /* across two of them */
    CHECK(!bgp_communities_contain((struct slice){NULL, 0}, 0));
}

static void a_full_writer_fails(void)
{
    struct bytes bytes = hex("4001 01 00 4002 06 0201 0000fde9 4003 04 0a000001 e016 01 ff");
    struct bgp_attrs found;
    bgp_attrs_decode_canonical(slice_of(&bytes), &found);
    for (size_t cap = 0; cap <= bytes.size; cap++) {
        uint8_t small[64];
        struct writer writer = writer_over(small, cap);
        bgp_attrs_encode_canonical(&found, &writer);
        CHECK_EQUAL(writer.failed, cap < bytes.size);
    }
}

/* ---- what a real daemon sent ---- */

/* Canonical attributes and prefixes of all UPDATEs in a recorded stream, one after the other. */
static struct bytes routes_of(const char *path, bool as4)
{
    static struct bytes stream;
    struct bytes routes = {.size = 0};
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    if (!file)
        return routes;
    stream.size = fread(stream.data, 1, sizeof stream.data, file);
    fclose(file);
    struct slice rest = slice_of(&stream);
    struct bgp_frame frame;
    struct bgp_error error;
    while (bgp_frame(rest, &frame, &error) == BGP_FRAME_WHOLE) {
        rest = (struct slice){rest.data + frame.size_bytes, rest.size - frame.size_bytes};
        struct bgp_update_fields fields;
        if (frame.type != BGP_UPDATE)
            continue;
        CHECK(bgp_update_split(frame.body, &fields, &error));
        if (fields.nlri.size == 0)
            continue;
        struct bytes attributes = {.size = 0};
        put_slice(&attributes, fields.attributes);
        decode(&attributes, as4);
        struct bytes canonical = canonical_of(&attrs);
        put_slice(&routes, slice_of(&canonical));
        put_slice(&routes, fields.nlri);
    }
    CHECK_EQUAL((int64_t)rest.size, 0);
    return routes;
}

/* BIRD 2.0.12 sent the same five routes to a four-octet and to a two-octet neighbor; one path has
 * AS numbers that need four. */
static void the_same_routes_of_bird_to_new_and_old_are_the_same_bytes(void)
{
    const char *folder = "tests/corpus/wire_bgp_message_fuzz/";
    char path[100];
    snprintf(path, sizeof path, "%sbird-2.0.12-four-octet", folder);
    struct bytes four = routes_of(path, true);
    snprintf(path, sizeof path, "%sbird-2.0.12-two-octet", folder);
    struct bytes two = routes_of(path, false);
    CHECK(four.size > 100);
    CHECK(slice_equal(slice_of(&four), slice_of(&two)));
}

/* ---- random attributes against a model ---- */

struct model {
    uint8_t codes[64]; /* in the order in which they are sent */
    unsigned count;
    struct model_path path;
    struct bytes values[256]; /* by code, as canonical form has them */
};

static void model_add(struct model *model, uint8_t code)
{
    model->codes[model->count++] = code;
}

static void random_value(struct prng *prng, struct bytes *value, size_t size)
{
    while (value->size < size)
        put(value, prng_next(prng), 1);
}

/* What an external neighbor sends: everything in canonical spelling. */
static void random_model(struct prng *prng, struct model *model)
{
    memset(model, 0, sizeof *model);
    model->path = random_path(prng, true);
    model_add(model, 1);
    put(&model->values[1], prng_below(prng, 3), 1);
    model_add(model, 2);
    put_path(&model->values[2], &model->path, 4);
    model_add(model, 3);
    put(&model->values[3], 1 + prng_below(prng, 126), 1);
    random_value(prng, &model->values[3], 4);
    static const struct {
        uint8_t code, unit;
    } optional[] = {{4, 4}, {6, 0}, {8, 4}, {16, 8}, {32, 12}, {20, 1}, {35, 1}, {0, 1}, {255, 1}};
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
        if (prng_below(prng, 2))
            continue;
        bool single = optional[i].code == 4;
        size_t count = single ? 1 : 1 + prng_below(prng, prng_below(prng, 10) ? 8 : 40);
        model_add(model, optional[i].code);
        for (size_t k = 0; k < count && optional[i].code == 32; k++) /* no two alike */
            put(&model->values[32], k + 1, 4);
        random_value(prng, &model->values[optional[i].code], count * optional[i].unit);
    }
    if (prng_below(prng, 2)) {
        model_add(model, 7);
        put(&model->values[7], 1 + prng_below(prng, 200000), 4);
        random_value(prng, &model->values[7], 8);
    }
}

static uint8_t model_flags(uint8_t code)
{
    if (code >= 1 && code <= 6)
        return code == 4 ? O : W;
    return OT;
}

static void shuffle(struct prng *prng, struct model *model)
{
    for (unsigned i = model->count; i > 1; i--) {
        unsigned other = (unsigned)prng_below(prng, i);
        uint8_t code = model->codes[i - 1];
        model->codes[i - 1] = model->codes[other];
        model->codes[other] = code;
    }
}

/* The model's attributes as an old or a new speaker would send them, in the model's order. */
static struct bytes model_section(struct prng *prng, const struct model *model, bool as4)
{
    struct bytes bytes = {.size = 0};
    for (unsigned i = 0; i < model->count; i++) {
        uint8_t code = model->codes[i], flags = model_flags(code);
        struct bytes value = model->values[code];
        if (code == 2 && !as4) {
            struct bytes whole = value;
            value.size = 0;
            put_path(&value, &model->path, 2);
            if (whole.size > 0)
                put_attr(&bytes, OT | 0x10, 17, slice_of(&whole));
        }
        if (code == 7 && !as4) {
            struct bytes whole = value;
            bool large = value.data[0] || value.data[1];
            value.size = 0;
            put(&value, large ? 23456 : (uint64_t)(whole.data[2] << 8 | whole.data[3]), 2);
            put_slice(&value, (struct slice){whole.data + 4, 4});
            if (large)
                put_attr(&bytes, OT, 18, slice_of(&whole));
        }
        bool extended = value.size > 255 || prng_below(prng, 4) == 0;
        put_attr(&bytes, extended ? flags | 0x10 : flags, code, slice_of(&value));
    }
    return bytes;
}

static struct bytes model_canonical(const struct model *model)
{
    struct bytes bytes = {.size = 0};
    for (unsigned code = 0; code < 256; code++)
        for (unsigned i = 0; i < model->count; i++)
            if (model->codes[i] == code) {
                uint8_t flags = model_flags((uint8_t)code);
                if (code == 0 || code == 20 || code == 35 || code == 255)
                    flags |= 0x20;
                bool extended = model->values[code].size > 255;
                put_attr(&bytes, extended ? flags | 0x10 : flags, (uint8_t)code,
                         slice_of(&model->values[code]));
            }
    return bytes;
}

static void random_attributes_of_new_and_old_speakers(void)
{
    static struct model model;
    struct prng prng = prng_seed(8);
    int old_ones = 0;
    for (int round = 0; round < 4000; round++) {
        random_model(&prng, &model);
        struct bytes expected = model_canonical(&model);
        for (int old = 0; old < 2; old++) {
            shuffle(&prng, &model);
            struct bytes bytes = model_section(&prng, &model, !old);
            if (bytes.size > BGP_SECTION_MAX)
                continue;
            old_ones += old;
            decode(&bytes, !old);
            struct bytes found = canonical_of(&attrs);
            CHECK(slice_equal(slice_of(&found), slice_of(&expected)));
            struct bgp_attrs again;
            bgp_attrs_decode_canonical(slice_of(&found), &again);
            CHECK(same_attrs(&attrs, &again));
        }
    }
    CHECK(old_ones > 1000);
}

/* The bound that BGP_CANONICAL_MAX states: two-octet paths as long as fit. */
static void the_largest_section_fits_its_room(void)
{
    const char *rest = "400101 00 400304 0a000001";
    struct bytes bytes = hex(rest);
    put_hex(&bytes, "5002"); /* a path to the end of the section */
    size_t size = BGP_SECTION_MAX - bytes.size - 2;
    put(&bytes, size, 2);
    while (size >= 4) {
        size_t count = (size - 2) / 2 < 255 ? (size - 2) / 2 : 255;
        size -= 2 + 2 * count;
        if (size == 2) {
            count--;
            size += 2;
        }
        put(&bytes, 0x0200 | count, 2);
        for (size_t i = 0; i < count; i++)
            put(&bytes, 0xfde9, 2);
    }
    put(&bytes, 0, (unsigned)size); /* an odd byte is taken away again */
    CHECK_EQUAL((int64_t)bytes.size, BGP_SECTION_MAX);
    bytes.size -= size;
    bytes.data[hex(rest).size + 3] = (uint8_t)(bytes.data[hex(rest).size + 3] - size);
    decode(&bytes, false);
    struct bytes found = canonical_of(&attrs);
    CHECK(found.size > 8100);
}

int main(void)
{
    TEST(ascending_by_code_in_the_shortest_spelling);
    TEST(internal_attributes_are_kept);
    TEST(routes_and_what_ends_here_are_not_kept);
    TEST(a_raw_attribute_shows_where_it_is_cut);
    TEST(the_extended_length_is_no_flag_of_an_unknown_attribute);
    TEST(communities_are_compared_whole);
    TEST(a_full_writer_fails);
    TEST(the_same_routes_of_bird_to_new_and_old_are_the_same_bytes);
    TEST(random_attributes_of_new_and_old_speakers);
    TEST(the_largest_section_fits_its_room);
    return harness_done();
}
