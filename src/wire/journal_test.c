#include "wire/journal.h"

#include "tests/harness.h"

#include <string.h>

enum { ROOM = 4096 };

static uint8_t room[ROOM];

static struct slice text_slice(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* RFC 3720 B.4, and the check value of "123456789". */
static void the_checksum_is_castagnolis(void)
{
    uint8_t zeros[32] = {0}, ones[32], up[32];
    memset(ones, 0xff, sizeof ones);
    for (uint8_t i = 0; i < sizeof up; i++)
        up[i] = i;
    CHECK_EQUAL(journal_crc(0, (struct slice){zeros, sizeof zeros}), 0x8a9136aau);
    CHECK_EQUAL(journal_crc(0, (struct slice){ones, sizeof ones}), 0x62a8ab43u);
    CHECK_EQUAL(journal_crc(0, (struct slice){up, sizeof up}), 0x46dd794eu);
    CHECK_EQUAL(journal_crc(0, text_slice("123456789")), 0xe3069283u);
    uint32_t half = journal_crc(0, text_slice("12345"));
    CHECK_EQUAL(journal_crc(half, text_slice("6789")), 0xe3069283u);
}

static const struct journal_header header = {.number = 7,
                                             .build = 0x0123456789abcdefu,
                                             .tables = 0xfedcba9876543210u,
                                             .wall_us = 1795370380000000,
                                             .time_us = -5};

static size_t write_header(void)
{
    struct writer writer = writer_over(room, ROOM);
    journal_header_encode(&header, &writer);
    CHECK(!writer.failed);
    return writer.size;
}

static void a_header_comes_back(void)
{
    struct journal_header read;
    size_t size = write_header();
    CHECK_EQUAL(size, JOURNAL_HEADER_BYTES);
    CHECK_EQUAL(journal_header_decode((struct slice){room, size}, &read), JOURNAL_WHOLE);
    CHECK_EQUAL(read.number, header.number);
    CHECK(read.build == header.build && read.tables == header.tables);
    CHECK(read.wall_us == header.wall_us && read.time_us == header.time_us);
}

static void a_header_that_is_cut_is_short(void)
{
    struct journal_header read;
    write_header();
    for (size_t size = 0; size < JOURNAL_HEADER_BYTES; size++)
        CHECK_EQUAL(journal_header_decode((struct slice){room, size}, &read), JOURNAL_SHORT);
}

/* Of its first ten bytes each says that it is a journal of this version; the others are summed. */
static void a_bit_that_flips_in_a_header_is_seen(void)
{
    struct journal_header read;
    size_t size = write_header();
    for (size_t bit = 0; bit < 8 * size; bit++) {
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum journal_verdict verdict = journal_header_decode((struct slice){room, size}, &read);
        CHECK_EQUAL(verdict, bit < 80 ? JOURNAL_FOREIGN : JOURNAL_BAD);
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static size_t write_record(struct writer *writer, enum journal_kind kind, const char *body)
{
    size_t at = journal_begin(writer, kind);
    writer_bytes(writer, text_slice(body));
    journal_seal(writer, at);
    journal_sum(writer->data + at, writer->size - at);
    return writer->size - at;
}

static void records_come_back_in_order(void)
{
    struct writer writer = writer_over(room, ROOM);
    struct journal_record record;
    write_record(&writer, JOURNAL_EVENT, "one");
    write_record(&writer, JOURNAL_GAP, "");
    write_record(&writer, JOURNAL_END, "three");
    struct slice rest = writer_slice(&writer);
    static const char *const bodies[] = {"one", "", "three"};
    static const enum journal_kind kinds[] = {JOURNAL_EVENT, JOURNAL_GAP, JOURNAL_END};
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(journal_next(rest, &record), JOURNAL_WHOLE);
        CHECK_EQUAL(record.kind, kinds[i]);
        CHECK(slice_equal(record.body, text_slice(bodies[i])));
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    CHECK_EQUAL(rest.size, 0);
    CHECK_EQUAL(journal_next(rest, &record), JOURNAL_SHORT);
}

static void a_record_that_is_cut_is_short(void)
{
    struct writer writer = writer_over(room, ROOM);
    struct journal_record record;
    size_t size = write_record(&writer, JOURNAL_EVENT, "something happened");
    for (size_t cut = 0; cut < size; cut++)
        CHECK_EQUAL(journal_next((struct slice){room, cut}, &record), JOURNAL_SHORT);
    CHECK_EQUAL(journal_next((struct slice){room, size}, &record), JOURNAL_WHOLE);
}

/* A length that has grown leads behind the end, which alone is no proof of a fault. */
static void a_bit_that_flips_in_a_record_is_never_believed(void)
{
    struct writer writer = writer_over(room, ROOM);
    struct journal_record record;
    size_t size = write_record(&writer, JOURNAL_EVENT, "something happened");
    for (size_t bit = 0; bit < 8 * size; bit++) {
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum journal_verdict verdict = journal_next((struct slice){room, size}, &record);
        bool length = bit / 8 >= 4 && bit / 8 < 8;
        CHECK(verdict == JOURNAL_BAD || (length && verdict == JOURNAL_SHORT));
        room[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_body_longer_than_any_is_not_waited_for(void)
{
    static const uint8_t bytes[JOURNAL_RECORD_BYTES] = {0, 0, 0, 0, 0, 0x20, 0, 1, JOURNAL_EVENT};
    struct journal_record record;
    CHECK_EQUAL(journal_next((struct slice){bytes, sizeof bytes}, &record), JOURNAL_BAD);
}

static void a_name_comes_back(void)
{
    struct writer writer = writer_over(room, ROOM);
    struct journal_record record;
    struct journal_name read, name = {JOURNAL_TABLE, 3, 1, text_slice("rtb-app")};
    journal_name_encode(&name, &writer);
    journal_sum(room, writer.size);
    CHECK_EQUAL(journal_next(writer_slice(&writer), &record), JOURNAL_WHOLE);
    CHECK(journal_name_decode(record.body, &read));
    CHECK(read.kind == JOURNAL_TABLE && read.number == 3 && read.of == 1);
    CHECK(slice_equal(read.text, name.text));
    CHECK(!journal_name_decode((struct slice){record.body.data, 4}, &read));
    room[record.body.data - room + 6] = 0; /* in the midst of it */
    CHECK(!journal_name_decode(record.body, &read));
    room[record.body.data - room] = JOURNAL_NAME_KINDS;
    CHECK(!journal_name_decode(record.body, &read));
}

static void each_kind_has_its_words(void)
{
    for (int i = 0; i < JOURNAL_KINDS; i++) {
        CHECK(strlen(journal_word((enum journal_kind)i)) > 2);
        CHECK(strlen(journal_sentence((enum journal_kind)i)) > 10);
    }
}

int main(void)
{
    TEST(the_checksum_is_castagnolis);
    TEST(a_header_comes_back);
    TEST(a_header_that_is_cut_is_short);
    TEST(a_bit_that_flips_in_a_header_is_seen);
    TEST(records_come_back_in_order);
    TEST(a_record_that_is_cut_is_short);
    TEST(a_bit_that_flips_in_a_record_is_never_believed);
    TEST(a_body_longer_than_any_is_not_waited_for);
    TEST(a_name_comes_back);
    TEST(each_kind_has_its_words);
    return harness_done();
}
