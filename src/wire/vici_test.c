/* VICI packets against bytes put together by hand from the protocol's description. */
#include "wire/vici.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "wire/test_bytes.h"

static bool is_text(struct slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

/* The example of the protocol's own description: a message with two sections and a list. */
static const char example[] =
    "01 08 73656374696f6e31"                                    /* section1 */
    "01 0b 7375622d73656374696f6e"                              /* sub-section */
    "03 04 6b657931 0006 76616c756531"                          /* key1 = value1 */
    "02"                                                        /* of sub-section */
    "04 05 6c69737431 05 0005 6974656d31 05 0005 6974656d32 06" /* list1 = item1, item2 */
    "02";

static void a_message_is_read_element_by_element(void)
{
    struct bytes bytes = hex(example);
    struct cursor cursor = cursor_over(slice_of(&bytes));
    struct vici_element element;
    CHECK(vici_message_check(slice_of(&bytes)));
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_SECTION && is_text(element.name, "section1"));
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_SECTION && is_text(element.name, "sub-section"));
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_KEY_VALUE && is_text(element.name, "key1"));
    CHECK(is_text(element.value, "value1"));
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_SECTION_END);
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_LIST && is_text(element.name, "list1"));
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_LIST_ITEM && is_text(element.value, "item1"));
    vici_skip(&cursor); /* the rest of the list */
    CHECK(vici_next(&cursor, &element));
    CHECK(element.type == VICI_SECTION_END);
    CHECK(!vici_next(&cursor, &element) && !cursor.failed);
}

static void a_message_is_written_as_it_is_read(void)
{
    uint8_t room[256];
    struct writer writer = writer_over(room, sizeof room);
    vici_begin(&writer, VICI_REQUEST, "load-conn");
    vici_section(&writer, "section1");
    vici_section(&writer, "sub-section");
    vici_key_text(&writer, "key1", "value1");
    vici_section_end(&writer);
    vici_list(&writer, "list1");
    vici_list_text(&writer, "item1");
    vici_list_text(&writer, "item2");
    vici_list_end(&writer);
    vici_section_end(&writer);
    vici_end(&writer);
    struct bytes wanted = {.size = 0};
    put(&wanted, 11 + hex(example).size, 4);
    put_hex(&wanted, "00 09 6c6f61642d636f6e6e");
    put_hex(&wanted, example);
    CHECK(!writer.failed && slice_equal(writer_slice(&writer), slice_of(&wanted)));
    struct vici_packet packet;
    CHECK(vici_packet(writer_slice(&writer), &packet) == VICI_WHOLE);
    CHECK(packet.type == VICI_REQUEST && is_text(packet.name, "load-conn"));
    CHECK(bytes_are(packet.message, example));
    CHECK_EQUAL(packet.size_bytes, writer.size);
}

static void a_packet_is_waited_for(void)
{
    struct bytes bytes = hex("00000006 01 03 01 61 0000 ff");
    struct vici_packet packet;
    for (size_t size = 0; size < 10; size++)
        CHECK_EQUAL(vici_packet((struct slice){bytes.data, size}, &packet), VICI_MORE);
    CHECK_EQUAL(vici_packet(slice_of(&bytes), &packet), VICI_WHOLE);
    CHECK_EQUAL(packet.size_bytes, 10);
    CHECK(packet.type == VICI_RESPONSE && packet.name.size == 0);
    CHECK(bytes_are(packet.message, "03 01 61 0000"));
}

static enum vici_verdict verdict_on(const char *text)
{
    struct bytes bytes = hex(text);
    struct vici_packet packet;
    return vici_packet(slice_of(&bytes), &packet);
}

static void what_is_no_packet_is_refused_at_once(void)
{
    CHECK_EQUAL(verdict_on("00000000"), VICI_BAD);
    CHECK_EQUAL(verdict_on("00080001"), VICI_BAD); /* one byte too long */
    CHECK_EQUAL(verdict_on("00080000"), VICI_MORE);
    CHECK_EQUAL(verdict_on("00000005 08"), VICI_BAD); /* of no known type */
    CHECK_EQUAL(verdict_on("00000001 00"), VICI_BAD); /* a command without a name */
    CHECK_EQUAL(verdict_on("00000003 07 02 61"), VICI_BAD);
    CHECK_EQUAL(verdict_on("00000003 07 01 61"), VICI_WHOLE);
}

static bool is_message(const char *text)
{
    struct bytes bytes = hex(text);
    return vici_message_check(slice_of(&bytes));
}

static void a_message_is_right_as_a_whole_or_not_at_all(void)
{
    CHECK(is_message(""));
    CHECK(is_message("03 01 61 0000"));
    CHECK(!is_message("03 01 61 0001"));           /* the value is cut */
    CHECK(!is_message("03 02 61"));                /* the name is cut */
    CHECK(!is_message("00") && !is_message("07")); /* of no known type */
    CHECK(!is_message("01 01 61"));                /* never ends */
    CHECK(!is_message("02"));                      /* never began */
    CHECK(!is_message("04 01 61"));                /* a list that never ends */
    CHECK(!is_message("06"));
    CHECK(!is_message("05 0001 61"));                /* an item of no list */
    CHECK(!is_message("04 01 61 03 01 61 0000 06")); /* a key in a list */
    CHECK(!is_message("04 01 61 01 01 61 02 06"));   /* a section in a list */
    CHECK(!is_message("04 01 61 04 01 61 06 06"));   /* a list in a list */
    CHECK(!is_message("01 01 61 04 01 61 02 06"));   /* crossed */
}

static void depth_has_a_bound(void)
{
    struct bytes bytes = {.size = 0};
    for (unsigned i = 0; i < VICI_DEPTH_MAX; i++)
        put_hex(&bytes, "01 01 61");
    for (unsigned i = 0; i < VICI_DEPTH_MAX; i++)
        put_hex(&bytes, "02");
    CHECK(vici_message_check(slice_of(&bytes)));
    bytes.size = 0;
    for (unsigned i = 0; i <= VICI_DEPTH_MAX; i++)
        put_hex(&bytes, "01 01 61");
    for (unsigned i = 0; i <= VICI_DEPTH_MAX; i++)
        put_hex(&bytes, "02");
    CHECK(!vici_message_check(slice_of(&bytes)));
}

static void a_key_is_found_on_the_top_level_only(void)
{
    struct bytes bytes = hex("01 01 61 03 01 6b 0001 31 02  03 01 6b 0001 32  03 01 6b 0001 33");
    struct slice value;
    CHECK(vici_find(slice_of(&bytes), "k", &value) && is_text(value, "2"));
    CHECK(!vici_find(slice_of(&bytes), "a", &value));
    CHECK(!vici_find(slice_of(&bytes), "kk", &value));
}

static void what_does_not_fit_fails_the_writer(void)
{
    static uint8_t room[2 * VICI_PACKET_MAX];
    static uint8_t value[VICI_VALUE_MAX + 1];
    char name[VICI_NAME_MAX + 2];
    memset(name, 'a', sizeof name);
    name[VICI_NAME_MAX + 1] = 0;
    struct writer writer = writer_over(room, sizeof room);
    vici_section(&writer, name);
    CHECK(writer.failed);
    writer = writer_over(room, sizeof room);
    vici_section(&writer, name + 1);
    CHECK(!writer.failed);
    vici_key(&writer, "k", (struct slice){value, VICI_VALUE_MAX});
    CHECK(!writer.failed);
    vici_list_item(&writer, (struct slice){value, VICI_VALUE_MAX + 1});
    CHECK(writer.failed);
    writer = writer_over(room, sizeof room);
    vici_begin(&writer, VICI_RESPONSE, NULL);
    for (unsigned i = 0; i < 9; i++)
        vici_key(&writer, "k", (struct slice){value, VICI_VALUE_MAX});
    CHECK(!writer.failed);
    vici_end(&writer);
    CHECK(writer.failed); /* longer than charon takes */
}

static void a_number_is_written_in_decimal(void)
{
    uint8_t room[64];
    struct writer writer = writer_over(room, sizeof room);
    vici_key_u64(&writer, "n", 18446744073709551615u);
    struct slice value;
    CHECK(vici_find(writer_slice(&writer), "n", &value));
    CHECK(is_text(value, "18446744073709551615"));
}

/* Cut anywhere and with any byte changed, a message is judged without reading outside of it. */
static void damage_is_survived(void)
{
    struct prng prng = prng_seed(7);
    unsigned whole = 0;
    for (unsigned round = 0; round < 20000; round++) {
        struct bytes bytes = hex(example);
        bytes.data[prng_below(&prng, bytes.size)] = (uint8_t)prng_below(&prng, 256);
        struct slice cut = {bytes.data, prng_below(&prng, bytes.size + 1)};
        struct cursor cursor = cursor_over(cut);
        struct vici_element element;
        size_t count = 0;
        bool right = vici_message_check(cut);
        while (vici_next(&cursor, &element))
            count++;
        CHECK(!right || !cursor.failed);
        CHECK(count <= cut.size);
        whole += right;
    }
    CHECK(whole > 100 && whole < 20000);
}

int main(void)
{
    TEST(a_message_is_read_element_by_element);
    TEST(a_message_is_written_as_it_is_read);
    TEST(a_packet_is_waited_for);
    TEST(what_is_no_packet_is_refused_at_once);
    TEST(a_message_is_right_as_a_whole_or_not_at_all);
    TEST(depth_has_a_bound);
    TEST(a_key_is_found_on_the_top_level_only);
    TEST(what_does_not_fit_fails_the_writer);
    TEST(a_number_is_written_in_decimal);
    TEST(damage_is_survived);
    return harness_done();
}
