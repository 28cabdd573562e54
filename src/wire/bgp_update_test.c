#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"
#include "wire/test_bytes.h"

#define MARKER "ffffffffffffffffffffffffffffffff "

/* ---- attributes for an export group ---- */

/* As a neighbor of 65001 sent them: IGP, path 65001 65537, next hop, MED, one community. */
#define RECEIVED                                                                                   \
    "4001 01 00 4002 0a 0202 0000fde9 00010001 4003 04 0a000001 8004 04 00000064"                  \
    "c008 04 fde90001"

static const struct bgp_export to_new = {.own_as = 64512, .external = true, .as4 = true};

static uint8_t room[BGP_CANONICAL_MAX];

static struct slice export_of(const char *canonical, const struct bgp_export *export,
                              size_t *ret_next_hop)
{
    static struct bytes bytes;
    bytes = hex(canonical);
    struct writer writer = writer_over(room, sizeof room);
    CHECK(bgp_attrs_encode_export(slice_of(&bytes), export, &writer, ret_next_hop));
    return writer_slice(&writer);
}

static void external_neighbors_see_our_as_and_no_med(void)
{
    size_t next_hop = 0;
    struct slice found = export_of(RECEIVED, &to_new, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 0e 0203 0000fc00 0000fde9 00010001 4003 04 00000000"
                           "c008 04 fde90001"));
    CHECK_EQUAL((int64_t)next_hop, 4 + 17 + 3);
}

static void our_med_where_the_tunnel_is_not_chosen(void)
{
    struct bgp_export export = to_new;
    export.has_med = true;
    export.med = 200;
    size_t next_hop;
    struct slice found = export_of("4001 01 00 4002 00", &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 06 0201 0000fc00 4003 04 00000000"
                           "8004 04 000000c8"));
}

static void internal_attributes_stay_inside(void)
{
    const char *canonical = "4001 01 00 4002 00 4003 04 0a000001 4005 04 000000c8"
                            "8009 04 0a0a0a0a 800a 04 01010101";
    size_t next_hop;
    struct slice found = export_of(canonical, &to_new, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 06 0201 0000fc00 4003 04 00000000"));
    struct bgp_export inside = {.own_as = 64512, .as4 = true, .local_pref = 300};
    found = export_of(canonical, &inside, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 00 4003 04 00000000 4005 04 000000c8"
                           "8009 04 0a0a0a0a 800a 04 01010101"));
    found = export_of("4001 01 00 4002 00", &inside, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 00 4003 04 00000000 4005 04 0000012c"));
}

static void rfc6793_4_2_2_an_old_neighbor_gets_as4_path_beside(void)
{
    struct bgp_export export = to_new;
    export.as4 = false;
    size_t next_hop;
    struct slice found = export_of(RECEIVED, &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 08 0203 fc00 fde9 5ba0 4003 04 00000000"
                           "c008 04 fde90001 c011 0e 0203 0000fc00 0000fde9 00010001"));
    CHECK_EQUAL((int64_t)next_hop, 4 + 11 + 3);
    /* not where it tells nothing new */
    found = export_of("4001 01 00 4002 06 0201 0000fde9", &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 06 0202 fc00 fde9 4003 04 00000000"));
    /* our own number can be the large one */
    export.own_as = 4200000000;
    found = export_of("4001 01 00 4002 00", &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 04 0201 5ba0 4003 04 00000000 c011 06 0201 fa56ea00"));
}

static void rfc6793_4_2_2_an_old_neighbor_gets_as4_aggregator_beside(void)
{
    struct bgp_export export = to_new;
    export.as4 = false;
    size_t next_hop;
    struct slice found =
        export_of("4001 01 00 4002 00 e007 08 00010001 c0000201", &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 04 0201 fc00 4003 04 00000000"
                           "e007 06 5ba0 c0000201 c012 08 00010001 c0000201"));
    found = export_of("4001 01 00 4002 00 c007 08 0000ffff c0000201", &export, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 04 0201 fc00 4003 04 00000000"
                           "c007 06 ffff c0000201"));
}

static void unknown_attributes_are_passed_on_in_their_place(void)
{
    size_t next_hop;
    struct slice found = export_of("4001 01 00 4002 00 e016 01 aa e0c8 00", &to_new, &next_hop);
    CHECK(bytes_are(found, "4001 01 00 4002 06 0201 0000fc00 4003 04 00000000"
                           "e016 01 aa e0c8 00"));
}

/* A canonical set whose export is exactly size bytes: communities fill it. */
static struct bytes canonical_for_export(size_t size)
{
    struct bytes bytes = hex("4001 01 00 4002 00");
    size_t spent = 4 + 9 + 7, filler = size - spent;
    struct bytes unknown = {.size = filler - 4};
    put_attr(&bytes, 0xf0, 200, slice_of(&unknown));
    return bytes;
}

static void rfc4271_9_2_what_does_not_fit_is_not_announced(void)
{
    for (size_t size = BGP_EXPORT_MAX - 2; size <= BGP_EXPORT_MAX + 2; size++) {
        struct bytes canonical = canonical_for_export(size);
        struct writer writer = writer_over(room, sizeof room);
        writer_u8(&writer, 7);
        size_t next_hop = 99;
        bool fits = bgp_attrs_encode_export(slice_of(&canonical), &to_new, &writer, &next_hop);
        CHECK_EQUAL(fits, size <= BGP_EXPORT_MAX);
        CHECK_EQUAL((int64_t)writer.size, fits ? 1 + (int64_t)size : 1);
        CHECK_EQUAL((int64_t)next_hop, fits ? 4 + 9 + 3 : 99);
        CHECK(!writer.failed);
    }
}

static void a_writer_too_small_is_left_as_it_was(void)
{
    struct bytes canonical = hex(RECEIVED);
    uint8_t small[30];
    struct writer writer = writer_over(small, sizeof small);
    size_t next_hop;
    CHECK(!bgp_attrs_encode_export(slice_of(&canonical), &to_new, &writer, &next_hop));
    CHECK(!writer.failed && writer.size == 0);
}

/* An old neighbor that passes on what we sent it tells a new one the same as we would have. */
static void random_paths_survive_an_old_neighbor(void)
{
    struct prng prng = prng_seed(23456);
    for (int round = 0; round < 2000; round++) {
        struct model_path model = random_path(&prng, true);
        struct bytes path = {.size = 0}, canonical = hex("4001 01 00");
        put_path(&path, &model, 4);
        put_attr(&canonical, 0x50, 2, slice_of(&path));
        struct bgp_export export = to_new;
        export.own_as = prng_below(&prng, 2) ? 64512 : 4200000000;
        export.as4 = false;
        struct writer writer = writer_over(room, sizeof room);
        size_t next_hop = 0;
        if (!bgp_attrs_encode_export(slice_of(&canonical), &export, &writer, &next_hop))
            continue;
        room[next_hop] = 10;
        static struct bgp_attr_room decoded;
        struct bgp_attrs attrs;
        struct bgp_attr_facts facts = {.as4 = false, .external = true, .nlri = true};
        struct bgp_attr_verdict verdict =
            bgp_attrs_decode(writer_slice(&writer), facts, &decoded, &attrs);
        CHECK_EQUAL(verdict.class, BGP_ATTR_OK);
        CHECK_EQUAL(attrs.next_hop, 0x0a000000);
        uint8_t expected[8192];
        struct writer direct = writer_over(expected, sizeof expected);
        bgp_as_path_export(slice_of(&path), export.own_as, true, &direct);
        CHECK(slice_equal(attrs.as_path, writer_slice(&direct)));
    }
}

/* ---- messages ---- */

static struct prefix prefix(uint32_t addr, uint8_t len)
{
    return (struct prefix){addr, len};
}

static void withdrawals_attributes_and_prefixes_by_hand(void)
{
    uint8_t bytes[BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    struct bytes attributes = hex("4001 01 00");
    size_t at = 0;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(bgp_update_withdraw(&update, prefix(0x0a000000, 8)));
    CHECK(bgp_update_withdraw(&update, prefix(0, 0)));
    CHECK(bgp_update_attributes(&update, slice_of(&attributes), &at));
    CHECK_EQUAL((int64_t)at, 26);
    CHECK(bgp_update_announce(&update, prefix(0xc0a80000, 16)));
    CHECK(bgp_update_announce(&update, prefix(0xcb0071e1, 32)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), 38);
    CHECK(bytes_are(writer_slice(&writer),
                    MARKER "0026 02 0003 080a 00 0004 400101 00 10c0a8 20cb0071e1"));
}

static void without_withdrawals_attributes_are_where_the_constant_says(void)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    writer_u32(&writer, 1); /* not at the start of the log */
    struct bgp_update update;
    size_t at = 0;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(bgp_update_attributes(&update, (struct slice){bytes, 4}, &at));
    CHECK_EQUAL((int64_t)at, BGP_UPDATE_ATTRIBUTES_AT);
    CHECK(bgp_update_announce(&update, prefix(0, 0)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), 28);
    CHECK_EQUAL((int64_t)writer.size, 32);
}

static void withdrawals_alone(void)
{
    uint8_t bytes[64];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(bgp_update_withdraw(&update, prefix(0xc0a80000, 16)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), 26);
    CHECK(bytes_are(writer_slice(&writer), MARKER "001a 02 0003 10c0a8 0000"));
}

static void rfc4724_2_end_of_rib(void)
{
    uint8_t bytes[BGP_UPDATE_MIN];
    struct writer writer = writer_over(bytes, sizeof bytes);
    bgp_end_of_rib_encode(&writer);
    CHECK(!writer.failed);
    CHECK(bytes_are(writer_slice(&writer), MARKER "0017 02 0000 0000"));
    bgp_end_of_rib_encode(&writer);
    CHECK(writer.failed);
}

static void a_message_fills_to_its_last_byte(void)
{
    static uint8_t bytes[3 * BGP_MESSAGE_MAX];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    CHECK(bgp_update_begin(&update, &writer));
    int count = 0;
    while (bgp_update_withdraw(&update, prefix(0x0a000000, 24))) /* 4 bytes each */
        count++;
    CHECK_EQUAL(count, (BGP_MESSAGE_MAX - BGP_UPDATE_MIN) / 4);
    CHECK(bgp_update_withdraw(&update, prefix(0, 0))); /* one byte is left */
    CHECK(!bgp_update_withdraw(&update, prefix(0, 0)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), BGP_MESSAGE_MAX);
    CHECK(bgp_update_begin(&update, &writer)); /* the next one begins behind it */
    CHECK(bgp_update_withdraw(&update, prefix(0, 0)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), 24);
    CHECK_EQUAL((int64_t)writer.size, BGP_MESSAGE_MAX + 24);
    CHECK(!writer.failed);
}

static void the_largest_attributes_leave_room_for_one_prefix(void)
{
    static uint8_t bytes[BGP_MESSAGE_MAX], large[BGP_EXPORT_MAX + 1];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    size_t at;
    CHECK(bgp_update_begin(&update, &writer));
    CHECK(!bgp_update_attributes(&update, (struct slice){large, BGP_EXPORT_MAX + 1}, &at));
    CHECK(bgp_update_attributes(&update, (struct slice){large, BGP_EXPORT_MAX}, &at));
    CHECK(bgp_update_announce(&update, prefix(1, 32)));
    CHECK(!bgp_update_announce(&update, prefix(0, 0)));
    CHECK_EQUAL((int64_t)bgp_update_finish(&update), BGP_MESSAGE_MAX);
}

static void a_short_writer_ends_the_message_earlier(void)
{
    for (size_t cap = 0; cap < 60; cap++) {
        uint8_t bytes[64];
        struct writer writer = writer_over(bytes, cap);
        struct bgp_update update;
        bool begun = bgp_update_begin(&update, &writer);
        CHECK_EQUAL(begun, cap >= BGP_UPDATE_MIN);
        if (!begun) {
            CHECK_EQUAL((int64_t)writer.size, 0);
            continue;
        }
        while (bgp_update_withdraw(&update, prefix(0x0a000000, 8)))
            CHECK(writer.size <= cap);
        size_t size = bgp_update_finish(&update);
        CHECK(!writer.failed);
        CHECK_EQUAL((int64_t)size, (int64_t)(BGP_UPDATE_MIN + (cap - BGP_UPDATE_MIN) / 2 * 2));
    }
}

/* ---- random tables come back ---- */

enum { ROUTES = 3000 };

static struct prefix sent[ROUTES];

static size_t withdrawn_seen, announced_seen;

static void field_agrees(struct slice field, size_t *seen)
{
    struct cursor cursor = cursor_over(field);
    struct prefix found;
    while (bgp_nlri_next(&cursor, false, &found))
        CHECK(*seen < ROUTES && prefix_equal(found, sent[(*seen)++]));
    CHECK(!cursor.failed);
}

/* Each message: some withdrawals, then some announcements; both number through sent[]. */
static void messages_agree(struct slice stream, struct slice attributes)
{
    struct bgp_frame frame;
    struct bgp_error error;
    while (stream.size > 0) {
        CHECK_EQUAL(bgp_frame(stream, &frame, &error), BGP_FRAME_WHOLE);
        struct bgp_update_fields fields;
        CHECK(bgp_update_split(frame.body, &fields, &error));
        field_agrees(fields.withdrawn, &withdrawn_seen);
        field_agrees(fields.nlri, &announced_seen);
        CHECK(fields.nlri.size == 0 ? fields.attributes.size == 0
                                    : slice_equal(fields.attributes, attributes));
        stream.data += frame.size_bytes;
        stream.size -= frame.size_bytes;
    }
}

static void random_tables_come_back(void)
{
    static uint8_t log[ROUTES * 12];
    struct prng prng = prng_seed(4096);
    for (int round = 0; round < 20; round++) {
        struct writer writer = writer_over(log, sizeof log);
        struct bytes attributes = {.size = prng_below(&prng, 500)};
        for (size_t i = 0; i < ROUTES; i++) {
            uint8_t len = (uint8_t)prng_below(&prng, 33);
            sent[i] = prefix((uint32_t)prng_next(&prng) & ip_mask_four(len), len);
        }
        size_t withdrawn = 0, announced = 0, at;
        while (withdrawn < ROUTES || announced < ROUTES) {
            struct bgp_update update;
            CHECK(bgp_update_begin(&update, &writer));
            for (size_t most = prng_below(&prng, 2000); most > 0 && withdrawn < ROUTES; most--)
                if (!bgp_update_withdraw(&update, sent[withdrawn]))
                    break;
                else
                    withdrawn++;
            if (announced < ROUTES && bgp_update_attributes(&update, slice_of(&attributes), &at))
                while (announced < ROUTES && bgp_update_announce(&update, sent[announced]))
                    announced++;
            CHECK(bgp_update_finish(&update) <= BGP_MESSAGE_MAX);
        }
        withdrawn_seen = announced_seen = 0;
        messages_agree(writer_slice(&writer), slice_of(&attributes));
        CHECK_EQUAL((int64_t)withdrawn_seen, ROUTES);
        CHECK_EQUAL((int64_t)announced_seen, ROUTES);
    }
}

int main(void)
{
    TEST(external_neighbors_see_our_as_and_no_med);
    TEST(our_med_where_the_tunnel_is_not_chosen);
    TEST(internal_attributes_stay_inside);
    TEST(rfc6793_4_2_2_an_old_neighbor_gets_as4_path_beside);
    TEST(rfc6793_4_2_2_an_old_neighbor_gets_as4_aggregator_beside);
    TEST(unknown_attributes_are_passed_on_in_their_place);
    TEST(rfc4271_9_2_what_does_not_fit_is_not_announced);
    TEST(a_writer_too_small_is_left_as_it_was);
    TEST(random_paths_survive_an_old_neighbor);
    TEST(withdrawals_attributes_and_prefixes_by_hand);
    TEST(without_withdrawals_attributes_are_where_the_constant_says);
    TEST(withdrawals_alone);
    TEST(rfc4724_2_end_of_rib);
    TEST(a_message_fills_to_its_last_byte);
    TEST(the_largest_attributes_leave_room_for_one_prefix);
    TEST(a_short_writer_ends_the_message_earlier);
    TEST(random_tables_come_back);
    return harness_done();
}
