#include "run/journal_writer.h"

#include "run/journal_rig.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>

static struct journal_writer writer;

static void begin(uint64_t limit_bytes)
{
    struct journal_folder folder;
    char why[256];
    CHECK(journal_folder_open(&folder, journal_dir, why));
    CHECK(journal_writer_begin(&writer, &folder, limit_bytes));
}

static void put(enum journal_kind kind, size_t size)
{
    uint8_t *room = NULL;
    while (!(room = journal_ring_room(&writer.ring, JOURNAL_RECORD_BYTES + size)))
        continue;
    struct writer record = writer_over(room, JOURNAL_RECORD_BYTES + size);
    journal_begin(&record, kind);
    for (size_t i = 0; i < size; i++)
        writer_u8(&record, (uint8_t)i);
    journal_seal(&record, 0);
    journal_ring_commit(&writer.ring, record.size);
    journal_writer_ring(&writer);
}

static void turn(uint32_t number)
{
    struct ring_turn said = {.number = number, .state = true};
    size_t size = JOURNAL_RECORD_BYTES + sizeof said;
    uint8_t *room = journal_ring_room(&writer.ring, size);
    CHECK(room);
    const struct journal_header header = {.number = number};
    struct writer record = writer_over(said.header, sizeof said.header);
    journal_header_encode(&header, &record);
    record = writer_over(room, size);
    journal_begin(&record, JOURNAL_END);
    writer_bytes(&record, (struct slice){(const uint8_t *)&said, sizeof said});
    journal_seal(&record, 0);
    room[JOURNAL_RECORD_BYTES - 1] = RING_TURN;
    journal_ring_commit(&writer.ring, size);
    journal_writer_ring(&writer);
}

/* Until the thread has brought it about; it has a minute. */
#define WAIT_FOR(claim)                                                                            \
    for (int tries = 0; !(claim); tries++) {                                                       \
        CHECK(tries < RIG_PATIENCE_MS);                                                            \
        nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);                             \
    }

static uint8_t read_bytes[1 << 20];
static char kinds[64]; /* of a segment, a letter for each record */
static uint64_t gap;

/* false: there is no such segment, or it is not whole. */
static bool read_segment(const char *name)
{
    struct journal_header header;
    struct journal_record record;
    size_t count = 0;
    FILE *in = fopen(journal_file(name), "re");
    if (!in)
        return false;
    struct slice bytes = {read_bytes, fread(read_bytes, 1, sizeof read_bytes, in)};
    fclose(in);
    if (journal_header_decode(bytes, &header) != JOURNAL_WHOLE)
        return false;
    bytes.data += JOURNAL_HEADER_BYTES;
    bytes.size -= JOURNAL_HEADER_BYTES;
    while (bytes.size > 0) {
        if (journal_next(bytes, &record) != JOURNAL_WHOLE)
            return false;
        struct cursor cursor = cursor_over(record.body);
        if (record.kind == JOURNAL_GAP)
            gap = journal_u64(&cursor);
        kinds[count++] = "CNcEeDGKX"[record.kind];
        bytes.data += record.size_bytes;
        bytes.size -= record.size_bytes;
    }
    kinds[count] = '\0';
    return true;
}

static void segments_hold_what_was_put_in_its_order(void)
{
    struct stat status;
    journal_new();
    begin(1 << 20);
    turn(1);
    put(JOURNAL_CONFIG, 10);
    put(JOURNAL_EVENT, 20);
    turn(2);
    put(JOURNAL_EVENT, 30);
    put(JOURNAL_DIGEST, 8);
    put(JOURNAL_EVENT, 40);
    journal_writer_end(&writer);
    CHECK(read_segment("00000001.journal"));
    CHECK_TEXT(kinds, "CeX");
    CHECK(read_segment("00000002.journal"));
    CHECK_TEXT(kinds, "eDeX");
    CHECK(stat(journal_file("00000002.journal"), &status) == 0);
    CHECK_EQUAL(status.st_mode & 07777, 0600);
    CHECK_EQUAL(atomic_load(&writer.state.missing), 0);
}

/* Nobody has to end it for that. */
static void what_was_put_is_soon_written(void)
{
    journal_new();
    begin(1 << 20);
    turn(1);
    put(JOURNAL_EVENT, 20);
    WAIT_FOR(journal_size("00000001.journal") == JOURNAL_HEADER_BYTES + JOURNAL_RECORD_BYTES + 20);
    put(JOURNAL_EVENT, 20);
    WAIT_FOR(journal_size("00000001.journal") ==
             JOURNAL_HEADER_BYTES + 2 * (JOURNAL_RECORD_BYTES + 20));
    CHECK_EQUAL(atomic_load(&writer.state.bytes), journal_size("00000001.journal"));
    journal_writer_end(&writer);
}

static void old_segments_are_removed(void)
{
    journal_new();
    begin(5000);
    for (uint32_t i = 1; i <= 9; i++) {
        turn(i);
        put(JOURNAL_EVENT, 1000);
    }
    journal_writer_end(&writer);
    CHECK_EQUAL(journal_size("00000005.journal"), -1);
    CHECK(journal_size("00000006.journal") > 0);
    CHECK(read_segment("00000009.journal"));
    CHECK_EQUAL(atomic_load(&writer.state.segments), 4);
    CHECK(atomic_load(&writer.state.bytes) <= 5000);
}

/* A disk that is full, as a file that may not become larger. */
static void a_full_disk_is_a_gap(void)
{
    struct rlimit before, small = {4096, 0};
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    journal_new();
    begin(1 << 20);
    turn(1);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    for (int i = 0; i < 10; i++)
        put(JOURNAL_EVENT, 1000);
    put(JOURNAL_DIGEST, 8);
    WAIT_FOR(atomic_load(&writer.state.missing) == 6);
    CHECK_EQUAL(atomic_load(&writer.state.error), EFBIG);
    CHECK_EQUAL(journal_size("00000001.journal"),
                JOURNAL_HEADER_BYTES + 4 * (JOURNAL_RECORD_BYTES + 1000));
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    put(JOURNAL_EVENT, 10); /* says nothing behind the others that are missing */
    turn(2);
    put(JOURNAL_EVENT, 10);
    journal_writer_end(&writer);
    CHECK_EQUAL(atomic_load(&writer.state.error), 0);
    CHECK_EQUAL(atomic_load(&writer.state.missing), 7);
    CHECK(read_segment("00000001.journal"));
    CHECK_TEXT(kinds, "eeeeGX");
    CHECK_EQUAL(gap, 7);
    CHECK(read_segment("00000002.journal"));
    CHECK_TEXT(kinds, "eX");
}

/* Bytes in a file without a name are lost; the next segment makes the directory again. */
static void a_removed_directory_is_noticed(void)
{
    journal_new();
    begin(1 << 20);
    turn(1);
    put(JOURNAL_EVENT, 10);
    WAIT_FOR(journal_size("00000001.journal") > JOURNAL_HEADER_BYTES);
    journal_clear();
    put(JOURNAL_EVENT, 10);
    WAIT_FOR(atomic_load(&writer.state.error) == ENOENT);
    turn(2);
    put(JOURNAL_EVENT, 10);
    journal_writer_end(&writer);
    CHECK_EQUAL(atomic_load(&writer.state.error), 0);
    CHECK_EQUAL(journal_size("00000001.journal"), -1);
    CHECK(read_segment("00000002.journal"));
    CHECK_TEXT(kinds, "eX");
}

/* Its process ends with an errno, or leaves the file. */
static void a_checkpoint_is_waited_for(void)
{
    journal_new();
    begin(1 << 20);
    turn(1);
    for (int i = 0; i < 2; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            if (i == 1)
                journal_put("00000001.checkpoint", 77);
            _exit(i == 1 ? 0 : ENOSPC);
        }
        atomic_store(&writer.state.child_number, 1);
        atomic_store(&writer.state.child, (int)child);
        put(JOURNAL_EVENT, 10);
        WAIT_FOR(atomic_load(&writer.state.child) == 0);
        CHECK_EQUAL(atomic_load(&writer.state.checkpoint_error), i == 1 ? 0 : ENOSPC);
        CHECK_EQUAL(atomic_load(&writer.state.checkpoint), i == 1 ? 1 : 0);
    }
    CHECK(atomic_load(&writer.state.bytes) > 77);
    journal_writer_end(&writer);
}

int main(void)
{
    TEST(segments_hold_what_was_put_in_its_order);
    TEST(what_was_put_is_soon_written);
    TEST(old_segments_are_removed);
    TEST(a_full_disk_is_a_gap);
    TEST(a_removed_directory_is_noticed);
    TEST(a_checkpoint_is_waited_for);
    return harness_done();
}
