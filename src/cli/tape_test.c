#include "cli/tape.h"

#include "cli/journal_rig.h"
#include "engine/event_bytes.h"

enum { ROOM = 1 << 16 };

static uint8_t bytes[ROOM];

/* A segment with the records of that name, a letter each: e an event, d a digest, x its end, and s
 * what says that a checkpoint is whole. */
static void write_file(const char *name, uint32_t number, uint64_t build, const char *records)
{
    char path[512];
    struct writer writer = writer_over(bytes, ROOM);
    const struct journal_header header = {.number = number,
                                          .build = build,
                                          .tables = event_tables(),
                                          .wall_us = number * 1000,
                                          .time_us = number};
    journal_header_encode(&header, &writer);
    for (const char *record = records; *record; record++) {
        struct event event = {.kind = EVENT_TIME, .at_us = number + 5};
        enum journal_kind kind = *record == 'e'   ? JOURNAL_EVENT
                                 : *record == 's' ? JOURNAL_CHECKPOINT_END
                                 : *record == 'x' ? JOURNAL_END
                                                  : JOURNAL_DIGEST;
        size_t at = journal_begin(&writer, kind);
        if (kind == JOURNAL_EVENT)
            event_encode(&event, &writer);
        else
            journal_put_u64(&writer, 77);
        journal_seal(&writer, at);
        journal_sum(bytes + at, writer.size - at);
    }
    snprintf(path, sizeof path, "%s/%s", journal_dir, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, writer.size, file) == writer.size);
    fclose(file);
}

static struct tape tape;
static char said[512];

static enum cli_exit open_tape(void)
{
    struct cli cli = {0};
    memset(said, 0, sizeof said);
    cli.err.out = fmemopen(said, sizeof said, "w");
    enum cli_exit status = tape_open(&cli, journal_dir, &tape);
    fclose(cli.err.out);
    return status;
}

static void files_come_in_order_the_checkpoint_first(void)
{
    journal_make();
    write_file("00000002.journal", 2, journal_build, "eex");
    write_file("00000001.journal", 1, journal_build, "dex");
    write_file("00000002.checkpoint", 2, journal_build, "s");
    CHECK_EQUAL(open_tape(), CLI_FINE);
    CHECK_EQUAL(tape.segment_count, 3);
    CHECK_EQUAL(tape_count(&tape), 2);
    CHECK_EQUAL(tape.fault_count, 0);
    CHECK(!tape.segments[0].checkpoint && tape.segments[1].checkpoint);
    CHECK(!tape.segments[0].has_state && tape.segments[1].has_state);
    CHECK_EQUAL(tape.segments[1].digest, 77);
    CHECK(tape.segments[0].ended && !tape.segments[1].ended && tape.segments[2].ended);
    CHECK_EQUAL(tape.segments[2].end_us, 2005);
    CHECK_EQUAL(tape.segments[0].body, JOURNAL_HEADER_BYTES + JOURNAL_RECORD_BYTES + 8);
    tape_done(&tape);
    journal_remove();
}

/* Only the last one may still be written. */
static void a_segment_without_an_end_is_told(void)
{
    journal_make();
    write_file("00000001.journal", 1, journal_build, "e");
    write_file("00000002.journal", 2, journal_build, "e");
    CHECK_EQUAL(open_tape(), CLI_FINE);
    CHECK_EQUAL(tape.fault_count, 1);
    CHECK_TEXT(tape.faults[0].sentence, "the segment has no end: its daemon was killed");
    CHECK(tape.faults[0].torn);
    tape_done(&tape);
    journal_remove();
}

static void a_checkpoint_that_is_cut_is_damage(void)
{
    journal_make();
    write_file("00000001.checkpoint", 1, journal_build, "d");
    CHECK_EQUAL(open_tape(), CLI_FINE);
    CHECK_EQUAL(tape.fault_count, 1);
    CHECK_TEXT(tape.faults[0].sentence, "the checkpoint is not whole");
    CHECK(!tape.faults[0].torn);
    tape_done(&tape);
    journal_remove();
}

/* After an upgrade the old segments lie beside the new ones. */
static void what_another_build_wrote_is_left_out(void)
{
    journal_make();
    write_file("00000001.journal", 1, journal_build + 1, "ex");
    CHECK_EQUAL(open_tape(), CLI_USAGE);
    CHECK(contains(said, "written by another build"));
    write_file("00000002.journal", 2, journal_build, "ex");
    CHECK_EQUAL(open_tape(), CLI_FINE);
    CHECK_EQUAL(tape.segment_count, 1);
    CHECK_EQUAL(tape.fault_count, 1);
    CHECK(tape.faults[0].torn);
    tape_done(&tape);
    journal_remove();
}

/* A daemon goes on writing, and removing, while somebody reads. */
static void a_file_that_changes_is_read_as_it_was(void)
{
    journal_make();
    write_file("00000001.journal", 1, journal_build, "ex");
    write_file("00000002.journal", 2, journal_build, "ee");
    CHECK_EQUAL(open_tape(), CLI_FINE);
    size_t size = tape.segments[1].size;
    CHECK_EQUAL(tape_rest(&tape, 0, 0).size, tape.segments[0].size);
    write_file("00000002.journal", 2, journal_build, "eeee");
    CHECK_EQUAL(tape_rest(&tape, 1, 0).size, size);
    CHECK_EQUAL(tape_rest(&tape, 0, 0).size, tape.segments[0].size);
    write_file("00000002.journal", 2, journal_build, "e");
    CHECK(tape_rest(&tape, 1, 0).size < size);
    CHECK_EQUAL(tape.fault_count, 1);
    CHECK(!tape.faults[0].torn);
    tape_done(&tape);
    journal_remove();
}

int main(void)
{
    TEST(files_come_in_order_the_checkpoint_first);
    TEST(a_segment_without_an_end_is_told);
    TEST(a_checkpoint_that_is_cut_is_damage);
    TEST(what_another_build_wrote_is_left_out);
    TEST(a_file_that_changes_is_read_as_it_was);
    return harness_done();
}
