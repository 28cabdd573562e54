#include "tests/harness.h"
#include "wire/bgp_as_path.h"
#include "wire/bgp_edit.h"
#include "wire/bgp_update.h"
#include "wire/test_bytes.h"

static uint8_t out[BGP_CANONICAL_MAX + 128];

static struct slice edited(const char *communities, struct bgp_communities_edit edit)
{
    struct bytes bytes = hex(communities);
    struct writer writer = writer_over(out, sizeof out);
    bgp_communities_edit(slice_of(&bytes), &edit, &writer);
    CHECK(!writer.failed);
    return writer_slice(&writer);
}

static void communities_are_taken_out_and_put_behind(void)
{
    static const uint32_t add[] = {0x1c381c84, 0xfde80001}, remove[] = {0xfde80002, 0xfde80009};
    struct bgp_communities_edit edit = {add, remove, 2, 2, false};
    CHECK(bytes_are(edited("", (struct bgp_communities_edit){0}), ""));
    CHECK(bytes_are(edited("fde80002 fde80003", (struct bgp_communities_edit){0}),
                    "fde80002 fde80003"));
    CHECK(bytes_are(edited("", edit), "1c381c84 fde80001"));
    CHECK(bytes_are(edited("fde80002 fde80003 fde80002 fde80009", edit),
                    "fde80003 1c381c84 fde80001"));
    CHECK(bytes_are(edited("fde80001 fde80003", edit), "fde80001 fde80003 1c381c84"));
    edit.drop = true;
    CHECK(bytes_are(edited("fde80001 fde80003", edit), "1c381c84 fde80001"));
    edit.add_count = 0;
    CHECK(bytes_are(edited("fde80001 fde80003", edit), ""));
}

static struct slice prepended(struct slice path, unsigned times)
{
    struct writer writer = writer_over(out, sizeof out);
    bgp_as_path_prepend(path, 65001, times, &writer);
    CHECK(!writer.failed);
    return writer_slice(&writer);
}

static struct slice prepended_hex(const char *path, unsigned times)
{
    static struct bytes bytes;
    bytes = hex(path);
    return prepended(slice_of(&bytes), times);
}

static void ones_own_as_joins_the_first_sequence(void)
{
    CHECK(bytes_are(prepended_hex("", 0), ""));
    CHECK(bytes_are(prepended_hex("", 2), "02 02 0000fde9 0000fde9"));
    CHECK(bytes_are(prepended_hex("02 01 00000007", 0), "02 01 00000007"));
    CHECK(bytes_are(prepended_hex("02 01 00000007", 2), "02 03 0000fde9 0000fde9 00000007"));
    CHECK(bytes_are(prepended_hex("01 01 00000007", 1), "02 01 0000fde9 01 01 00000007"));
    struct bytes full = hex("02 fe"); /* 254: one more fits in the segment, two do not */
    for (unsigned i = 0; i < 254; i++)
        put(&full, 7, 4);
    struct slice one = prepended(slice_of(&full), 1);
    CHECK(one.size == 2 + 255 * 4 && one.data[1] == 255);
    struct slice two = prepended(slice_of(&full), 2);
    CHECK(two.size == 2 + 2 * 4 + full.size && two.data[1] == 2 && two.data[11] == 254);
}

/* Prepending n times is prepending one n times, whatever the path. */
static void the_length_grows_by_the_times(void)
{
    struct prng prng = prng_seed(41);
    for (int round = 0; round < 500; round++) {
        struct model_path model = random_path(&prng, true);
        struct bytes path = {.size = 0};
        put_path(&path, &model, 4);
        unsigned times = (unsigned)prng_below(&prng, BGP_PREPEND_MAX + 1);
        struct slice made = prepended(slice_of(&path), times);
        CHECK_EQUAL(bgp_as_path_length(made), bgp_as_path_length(slice_of(&path)) + times);
        CHECK(times == 0 || bgp_as_path_first(made) == 65001);
        CHECK(path.size == 0 || bgp_as_path_origin(made) == bgp_as_path_origin(slice_of(&path)));
    }
}

static void a_set_gets_a_preference_and_communities(void)
{
    static const uint32_t add[] = {0x1c381c84}, remove[] = {0xfde80002};
    static const uint32_t preference = 200;
    const struct bgp_communities_edit edit = {add, remove, 1, 1, false};
    const struct bgp_communities_edit only_remove = {add, remove, 0, 1, false};
    struct bytes set = hex("40 01 01 00 40 02 06 02 01 0000fde9 40 03 04 0a000001"
                           "c0 08 04 fde80002");
    struct writer writer = writer_over(out, sizeof out);
    bgp_attrs_edit(slice_of(&set), &edit, &preference, &writer);
    CHECK(bytes_are(writer_slice(&writer), "40 01 01 00 40 02 06 02 01 0000fde9 40 03 04 0a000001"
                                           "40 05 04 000000c8 c0 08 04 1c381c84"));
    writer = writer_over(out, sizeof out);
    bgp_attrs_edit(slice_of(&set), &only_remove, NULL, &writer);
    CHECK(
        bytes_are(writer_slice(&writer), "40 01 01 00 40 02 06 02 01 0000fde9 40 03 04 0a000001"));
}

static void an_export_is_prepended_and_edited(void)
{
    static const uint32_t add[] = {0xffffff01}, remove[] = {0xfde80002};
    struct bgp_export export = {.own_as = 65001,
                                .external = true,
                                .as4 = true,
                                .prepend = 2,
                                .communities = {add, remove, 1, 1, false}};
    struct bytes set = hex("40 01 01 00 40 02 06 02 01 00000007 40 03 04 0a000001"
                           "40 05 04 000000c8 c0 08 08 fde80002 fde80003");
    struct writer writer = writer_over(out, sizeof out);
    size_t next_hop;
    CHECK(bgp_attrs_encode_export(slice_of(&set), &export, &writer, &next_hop));
    CHECK(bytes_are(writer_slice(&writer),
                    "40 01 01 00 40 02 12 02 04 0000fde9 0000fde9 0000fde9 00000007"
                    "40 03 04 00000000 c0 08 08 fde80003 ffffff01"));
    CHECK_EQUAL(next_hop, 4 + 21 + 3);
    /* towards an internal neighbor there is no prepending, and the preference is the route's */
    export.external = false;
    export.local_pref = 100;
    writer = writer_over(out, sizeof out);
    CHECK(bgp_attrs_encode_export(slice_of(&set), &export, &writer, &next_hop));
    CHECK(bytes_are(writer_slice(&writer), "40 01 01 00 40 02 06 02 01 00000007 40 03 04 00000000"
                                           "40 05 04 000000c8 c0 08 08 fde80003 ffffff01"));
}

/* What becomes too long by editing is not announced, and nothing is left of it. */
static void what_editing_makes_too_long_does_not_fit(void)
{
    struct bytes set = hex("40 01 01 00 40 02 00 40 03 04 0a000001 d0 08 0fa0");
    for (unsigned i = 0; i < 1000; i++)
        put(&set, 0xfde80000u + i, 4);
    struct bgp_export export = {.own_as = 65001, .external = true, .as4 = true};
    struct writer writer = writer_over(out, sizeof out);
    size_t next_hop;
    CHECK(bgp_attrs_encode_export(slice_of(&set), &export, &writer, &next_hop));
    writer = writer_over(out, sizeof out);
    export.prepend = BGP_PREPEND_MAX;
    CHECK(!bgp_attrs_encode_export(slice_of(&set), &export, &writer, &next_hop));
    CHECK_EQUAL(writer.size, 0);
}

int main(void)
{
    TEST(communities_are_taken_out_and_put_behind);
    TEST(ones_own_as_joins_the_first_sequence);
    TEST(the_length_grows_by_the_times);
    TEST(a_set_gets_a_preference_and_communities);
    TEST(an_export_is_prepended_and_edited);
    TEST(what_editing_makes_too_long_does_not_fit);
    return harness_done();
}
