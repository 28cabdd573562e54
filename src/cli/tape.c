#include "cli/tape.h"

#include "base/sort.h"
#include "engine/event_bytes.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEGMENTS_MAX = 1 << 16 };

static const char SUFFIX[] = ".journal", CHECKPOINT_SUFFIX[] = ".checkpoint";

static void *must(void *block)
{
    assert(block); /* as everywhere in this program */
    return block;
}

static void add_fault(struct tape *tape, const char *path, size_t offset, const char *sentence,
                      bool torn)
{
    size_t count = tape->fault_count + 1;
    tape->faults = must(realloc(tape->faults, count * sizeof *tape->faults));
    tape->faults[tape->fault_count++] =
        (struct tape_fault){must(strdup(path)), offset, sentence, torn};
}

void tape_fault(struct tape *tape, size_t segment, size_t offset, const char *sentence, bool torn)
{
    add_fault(tape, tape->segments[segment].path, offset, sentence, torn);
}

/* -- bytes -- */

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        if (file)
            fclose(file);
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size + 1);
    *ret_size = bytes ? fread(bytes, 1, size, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    if (!failed)
        return bytes;
    free(bytes);
    return NULL;
}

static void load(struct tape *tape, size_t index)
{
    struct tape_segment *segment = &tape->segments[index];
    size_t size = 0;
    free(tape->bytes);
    tape->bytes = read_whole(segment->path, &size);
    tape->loaded = index;
    if (segment->size > size && segment->size != SIZE_MAX)
        tape_fault(tape, index, size, "the file has become shorter, or is gone", false);
    if (segment->size > size)
        segment->size = size;
}

struct slice tape_rest(struct tape *tape, size_t segment, size_t at)
{
    if (tape->loaded != segment)
        load(tape, segment);
    size_t size = tape->segments[segment].size;
    return at < size ? (struct slice){tape->bytes + at, size - at} : (struct slice){NULL, 0};
}

/* -- what is in a segment -- */

static int64_t wall_of(const struct tape_segment *segment, int64_t time_us)
{
    return segment->header.wall_us + (time_us - segment->header.time_us);
}

static void survey_record(struct tape_segment *segment, const struct journal_record *record,
                          size_t at)
{
    struct cursor cursor = cursor_over(record->body);
    segment->ended = record->kind == JOURNAL_END;
    if (record->kind == JOURNAL_CHECKPOINT_END) {
        segment->has_state = true;
        segment->digest = journal_u64(&cursor);
    }
    if (record->kind != JOURNAL_EVENT)
        return;
    uint8_t kind = cursor_u8(&cursor);
    int64_t time_us = (int64_t)journal_u64(&cursor);
    if (cursor.failed)
        return;
    segment->end_us = wall_of(segment, time_us);
    if (segment->body == 0) {
        segment->body = at;
        segment->has_state |= kind == EVENT_BOOT;
    }
}

/* Where it breaks off, and whether it should. */
static void complain(struct tape *tape, size_t index, size_t at, enum journal_verdict verdict)
{
    const struct tape_segment *segment = &tape->segments[index];
    bool cut = at < segment->size, last = index + 1 == tape->segment_count;
    if (cut && verdict == JOURNAL_SHORT)
        tape_fault(tape, index, at, "the last record was not written to its end", true);
    else if (cut)
        tape_fault(tape, index, at, "the record's checksum is wrong", false);
    else if (!segment->checkpoint && !segment->ended && !last)
        tape_fault(tape, index, at, "the segment has no end: its daemon was killed", true);
    if (segment->checkpoint && !segment->has_state)
        tape_fault(tape, index, at, "the checkpoint is not whole", false);
}

/* Walks over all of it once: where its events begin, when they end, where it breaks off. */
static void survey(struct tape *tape, size_t index)
{
    struct tape_segment *segment = &tape->segments[index];
    size_t at = JOURNAL_HEADER_BYTES;
    struct journal_record record;
    enum journal_verdict verdict;
    segment->end_us = segment->header.wall_us;
    while ((verdict = journal_next(tape_rest(tape, index, at), &record)) == JOURNAL_WHOLE) {
        survey_record(segment, &record, at);
        at += record.size_bytes;
    }
    complain(tape, index, at, verdict);
    if (at < segment->size)
        segment->size = at; /* of no use behind it */
}

/* -- headers -- */

/* NULL: it can be read. */
static const char *objection(struct slice bytes, struct journal_header *ret_header,
                             bool *ret_harmless)
{
    *ret_harmless = false;
    switch (journal_header_decode(bytes, ret_header)) {
    case JOURNAL_WHOLE:
        break;
    case JOURNAL_SHORT:
        *ret_harmless = true;
        return "the segment ends within its header";
    case JOURNAL_BAD:
        return "the segment's header is damaged";
    case JOURNAL_FOREIGN:
    default:
        return "not a journal of this version of Sekisho";
    }
    *ret_harmless = true;
    if (ret_header->tables != event_tables() || ret_header->build != journal_build)
        return "written by another build; expected the sekisho that was built with the "
               "sekishod that wrote it";
    return NULL;
}

/* Its first bytes; how many, negative: errno. */
static int read_head(const char *path, uint8_t bytes[static JOURNAL_HEADER_BYTES])
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file)
        return -errno;
    int size = -EINVAL;
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
        size = (int)fread(bytes, 1, JOURNAL_HEADER_BYTES, file);
        if (ferror(file))
            size = -EIO;
    }
    fclose(file);
    return size;
}

static bool is_called(const char *name, const char *suffix)
{
    size_t size = strlen(name), tail = strlen(suffix);
    return size > tail && strcmp(name + size - tail, suffix) == 0;
}

/* skips: what cannot be read, but does no harm, is a fault. */
static enum cli_exit add_segment(struct cli *cli, struct tape *tape, const char *path, bool skips)
{
    uint8_t bytes[JOURNAL_HEADER_BYTES];
    struct tape_segment segment = {.checkpoint = is_called(path, CHECKPOINT_SUFFIX),
                                   .size = SIZE_MAX};
    bool harmless;
    int size = read_head(path, bytes);
    if (size < 0) {
        cli_error(cli, "%s: %s", path, size == -EINVAL ? "not a file" : strerror(-size));
        return size == -ENOMEM || size == -EIO ? CLI_WORLD : CLI_USAGE;
    }
    const char *wrong = objection((struct slice){bytes, (size_t)size}, &segment.header, &harmless);
    if (wrong && skips && harmless) {
        add_fault(tape, path, 0, wrong, true);
        return CLI_FINE;
    }
    if (wrong) {
        cli_error(cli, "%s: %s", path, wrong);
        return CLI_USAGE;
    }
    segment.path = must(strdup(path));
    size_t count = tape->segment_count + 1;
    tape->segments = must(realloc(tape->segments, count * sizeof *tape->segments));
    tape->segments[tape->segment_count++] = segment;
    return CLI_FINE;
}

/* -- a directory -- */

static int by_number(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    const struct tape_segment *a = left, *b = right;
    if (a->header.number != b->header.number)
        return a->header.number > b->header.number ? 1 : -1;
    return (int)b->checkpoint - (int)a->checkpoint;
}

static enum cli_exit add_directory(struct cli *cli, struct tape *tape, const char *directory)
{
    DIR *dir = opendir(directory);
    enum cli_exit status = CLI_FINE;
    if (!dir) {
        cli_error(cli, "%s: %s", directory, strerror(errno));
        return CLI_USAGE;
    }
    for (struct dirent *entry; status == CLI_FINE && (entry = readdir(dir));) {
        char path[4096];
        bool one = is_called(entry->d_name, SUFFIX) || is_called(entry->d_name, CHECKPOINT_SUFFIX);
        if (!one || tape->segment_count == SEGMENTS_MAX)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        status = add_segment(cli, tape, path, true);
    }
    closedir(dir);
    if (status != CLI_FINE || tape->segment_count > 0)
        return status;
    if (tape->fault_count > 0)
        cli_error(cli, "%s: %s", tape->faults[0].path, tape->faults[0].sentence);
    else
        cli_error(cli,
                  "%s: no journal is in this directory; its segments are called "
                  "00000001.journal and so on",
                  directory);
    return CLI_USAGE;
}

enum cli_exit tape_open(struct cli *cli, const char *path, struct tape *ret_tape)
{
    struct stat status;
    struct tape tape = {.loaded = SIZE_MAX};
    bool directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    enum cli_exit opened =
        directory ? add_directory(cli, &tape, path) : add_segment(cli, &tape, path, false);
    if (opened != CLI_FINE) {
        tape_done(&tape);
        return opened;
    }
    struct tape_segment *scratch = must(calloc(tape.segment_count, sizeof *scratch));
    sort_stable(tape.segments, tape.segment_count, sizeof *scratch, scratch, by_number, NULL);
    free(scratch);
    for (size_t i = 0; i < tape.segment_count; i++)
        survey(&tape, i);
    *ret_tape = tape;
    return CLI_FINE;
}

size_t tape_count(const struct tape *tape)
{
    size_t count = 0;
    for (size_t i = 0; i < tape->segment_count; i++)
        count += !tape->segments[i].checkpoint;
    return count;
}

void tape_done(struct tape *tape)
{
    for (size_t i = 0; i < tape->segment_count; i++)
        free(tape->segments[i].path);
    for (size_t i = 0; i < tape->fault_count; i++)
        free(tape->faults[i].path);
    free(tape->segments);
    free(tape->faults);
    free(tape->bytes);
    *tape = (struct tape){.loaded = SIZE_MAX};
}
