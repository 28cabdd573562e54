#include "cli/playback.h"

#include "cli/journal_rig.h"

enum { ROOM = 1 << 16, CUT_STRIDE = 5, FLIP_STRIDE = 7 };

static uint8_t bytes[ROOM];

/* The first segment alone, whatever it holds. */
static const struct ran *verify(const uint8_t *segment, size_t size)
{
    journal_write(1, segment, size);
    return run_journal("replay % verify");
}

static size_t record_first(void)
{
    journal_record();
    size_t size = journal_read(1, bytes, ROOM);
    journal_make();
    return size;
}

/* A segment that was being written when the machine stopped is none that is damaged. */
static void a_segment_cut_anywhere_is_read_so_far(void)
{
    static uint8_t cut[ROOM];
    size_t size = record_first();
    memcpy(cut, bytes, size);
    for (size_t at = JOURNAL_HEADER_BYTES; at < size; at += CUT_STRIDE) {
        const struct ran *answer = verify(cut, at);
        CHECK_EQUAL(answer->status, CLI_FINE);
        CHECK(contains(answer->out, "SOUND"));
    }
    for (size_t at = 0; at < JOURNAL_HEADER_BYTES; at += CUT_STRIDE)
        CHECK_EQUAL(verify(cut, at)->status, CLI_USAGE);
    journal_remove();
}

static void a_torn_record_is_told(void)
{
    size_t size = record_first();
    CHECK(contains(verify(bytes, size - 3)->out, "the last record was not written to its end"));
    journal_remove();
}

static void a_byte_that_is_other_is_never_taken_for_sound(void)
{
    size_t size = record_first();
    for (size_t at = 0; at < size; at += FLIP_STRIDE) {
        bytes[at] ^= (uint8_t)(1 << at % 8);
        const struct ran *answer = verify(bytes, size);
        bool length = contains(answer->out, "the last record was not written to its end");
        CHECK(answer->status == CLI_FOUND || answer->status == CLI_USAGE || length);
        bytes[at] ^= (uint8_t)(1 << at % 8);
    }
    journal_remove();
}

static void damage_is_told_with_its_place(void)
{
    char place[64];
    size_t size = record_first();
    struct slice rest = {bytes + JOURNAL_HEADER_BYTES, size - JOURNAL_HEADER_BYTES};
    struct journal_record record;
    while (journal_next(rest, &record) == JOURNAL_WHOLE && record.kind != JOURNAL_EVENT) {
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    bytes[rest.data - bytes + 12] ^= 1;
    snprintf(place, sizeof place, "byte %zu: the record's checksum is wrong",
             (size_t)(rest.data - bytes));
    const struct ran *answer = verify(bytes, size);
    CHECK_EQUAL(answer->status, CLI_FOUND);
    CHECK(contains(answer->out, "UNSOUND") && contains(answer->out, place));
    journal_remove();
}

/* Behind a damaged segment the next checkpoint is a new beginning. */
static void the_next_checkpoint_is_a_new_beginning(void)
{
    journal_record();
    size_t size = journal_read(1, bytes, ROOM);
    bytes[size / 2] ^= 1;
    journal_write(1, bytes, size);
    CHECK_EQUAL(run_journal("replay % neighbors")->status, CLI_FINE);
    CHECK(contains(ran.out, "dxvif-1       AS 65001  Established"));
    CHECK(contains(ran.err, "the record's checksum is wrong"));
    journal_remove();
}

/* Whether a segment of the second part is a checkpoint's file is what the name says. */
static void split(unsigned number, const char *tail)
{
    char path[512];
    size_t size = journal_read(number, bytes, ROOM), at = JOURNAL_HEADER_BYTES;
    struct journal_record record;
    while (journal_next((struct slice){bytes + at, size - at}, &record) == JOURNAL_WHOLE) {
        at += record.size_bytes;
        if (record.kind == JOURNAL_CHECKPOINT_END)
            break;
    }
    snprintf(path, sizeof path, "%s/%08u.%s", journal_dir, number, tail);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, at, file) == at);
    fclose(file);
    memmove(bytes + JOURNAL_HEADER_BYTES, bytes + at, size - at);
    journal_write(number, bytes, size - at + JOURNAL_HEADER_BYTES);
}

/* Nobody recorded what came from neighbors, nor a digest that would tell. */
static void leave_out(unsigned number)
{
    size_t size = journal_read(number, bytes, ROOM), at = JOURNAL_HEADER_BYTES;
    struct journal_record record;
    while (journal_next((struct slice){bytes + at, size - at}, &record) == JOURNAL_WHOLE) {
        bool gone = record.kind == JOURNAL_DIGEST ||
                    (record.kind == JOURNAL_EVENT && record.body.data[0] == EVENT_RECEIVED);
        if (!gone) {
            at += record.size_bytes;
            continue;
        }
        size_t taken = record.size_bytes;
        memmove(bytes + at, bytes + at + taken, size - at - taken);
        size -= taken;
    }
    journal_write(number, bytes, size);
}

static int count_said(const char *key)
{
    const char *found = strstr(ran.out, key);
    CHECK(found);
    return found ? (int)strtol(found + strlen(key), NULL, 10) : -1;
}

/* A running gateway's: the events before it and the state in it prove each other. */
static void a_checkpoint_in_its_own_file_is_compared(void)
{
    journal_record();
    CHECK_EQUAL(run_journal("replay % verify --json")->status, CLI_FINE);
    int before = count_said("\"digests\": ");
    split(2, "checkpoint");
    CHECK_EQUAL(run_journal("replay % verify --json")->status, CLI_FINE);
    CHECK_EQUAL(count_said("\"digests\": "), before + 1);
    CHECK_EQUAL(run_journal("replay % neighbors")->status, CLI_FINE);
    leave_out(1);
    CHECK_EQUAL(run_journal("replay % verify --json")->status, CLI_FOUND);
    CHECK_EQUAL(count_said("\"wrong_digests\": "), 1);
    journal_remove();
}

/* What came before it was thrown away. */
static void a_journal_may_begin_without_a_state(void)
{
    char path[512];
    journal_record();
    split(2, "thrown-away");
    snprintf(path, sizeof path, "%s/00000001.journal", journal_dir);
    CHECK(unlink(path) == 0);
    CHECK_EQUAL(run_journal("replay % verify")->status, CLI_FINE);
    CHECK_EQUAL(run_journal("replay % neighbors")->status, CLI_FINE);
    CHECK_EQUAL(run_journal("replay % neighbors --at 0s")->status, CLI_USAGE);
    CHECK(contains(ran.err, "no checkpoint before that moment can be read"));
    journal_remove();
}

/* Where events are missing nothing is claimed to be known. */
static void behind_a_gap_nothing_is_known(void)
{
    static uint8_t gap[ROOM];
    size_t size = record_first();
    memcpy(gap, bytes, size);
    struct writer writer = writer_over(gap, ROOM);
    struct slice rest = {bytes + JOURNAL_HEADER_BYTES, size - JOURNAL_HEADER_BYTES};
    struct journal_record record;
    for (unsigned events = 0; events < 20 && journal_next(rest, &record) == JOURNAL_WHOLE;) {
        events += record.kind == JOURNAL_EVENT;
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    writer.size = (size_t)(rest.data - bytes);
    size_t at = journal_begin(&writer, JOURNAL_GAP);
    journal_put_u64(&writer, 7);
    journal_seal(&writer, at);
    journal_sum(gap + at, writer.size - at);
    writer_bytes(&writer, rest);
    CHECK(!writer.failed);
    CHECK_EQUAL(verify(gap, writer.size)->status, CLI_FOUND);
    CHECK(contains(ran.out, "20 events played") &&
          contains(ran.out, "7 events are missing in 1 gap"));
    CHECK_EQUAL(run_journal("replay % routes")->status, CLI_USAGE);
    CHECK(contains(ran.err, "what the tables looked like then is not known"));
    CHECK(contains(run_journal("replay % events")->out, "7 events are missing"));
    journal_remove();
}

/* Of header and sum only the build is another. */
static void another_builds_journal_is_refused(void)
{
    struct journal_header header;
    size_t size = record_first();
    CHECK(journal_header_decode((struct slice){bytes, size}, &header) == JOURNAL_WHOLE);
    for (int which = 0; which < 2; which++) {
        struct journal_header other = header;
        *(which ? &other.tables : &other.build) ^= 1;
        struct writer writer = writer_over(bytes, ROOM);
        journal_header_encode(&other, &writer);
        const struct ran *answer = verify(bytes, size);
        CHECK_EQUAL(answer->status, CLI_USAGE);
        CHECK_TEXT(answer->out, "");
        CHECK(contains(answer->err, "written by another build"));
    }
    journal_remove();
}

/* A digest that was recorded of another state. */
static void a_state_that_is_another_is_seen(void)
{
    size_t size = record_first();
    struct slice rest = {bytes + JOURNAL_HEADER_BYTES, size - JOURNAL_HEADER_BYTES};
    struct journal_record record;
    while (journal_next(rest, &record) == JOURNAL_WHOLE && record.kind != JOURNAL_DIGEST) {
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    uint8_t *at = bytes + (rest.data - bytes);
    at[JOURNAL_RECORD_BYTES] ^= 1;
    journal_sum(at, record.size_bytes);
    CHECK_EQUAL(verify(bytes, size)->status, CLI_FOUND);
    CHECK(contains(ran.out, "UNSOUND"));
    journal_remove();
}

int main(void)
{
    TEST(a_segment_cut_anywhere_is_read_so_far);
    TEST(a_torn_record_is_told);
    TEST(a_byte_that_is_other_is_never_taken_for_sound);
    TEST(damage_is_told_with_its_place);
    TEST(the_next_checkpoint_is_a_new_beginning);
    TEST(a_checkpoint_in_its_own_file_is_compared);
    TEST(a_journal_may_begin_without_a_state);
    TEST(behind_a_gap_nothing_is_known);
    TEST(another_builds_journal_is_refused);
    TEST(a_state_that_is_another_is_seen);
    return rig_done();
}
