/* The journal of a daemon that runs: what it begins with, gaps, turns, and what cannot be had. */
#include "run/journal.h"

#include "engine/event_bytes.h"
#include "run/control_rig.h"
#include "run/journal_rig.h"

static struct rig_child gateway, site_a;

static void begin(const char *const more[])
{
    const char *words[RIG_ARGUMENTS] = {"--network", rig_file(RIG_PAIR), "--gateway", "vgw"};
    size_t count = 4;
    for (; *more; more++)
        words[count++] = *more;
    rig_begin(&gateway, words);
}

static uint8_t bytes[1 << 22];
static unsigned counts[JOURNAL_KINDS];
static char first_kinds[16];

/* What is in a segment; its records are whole. */
static bool read_segment(const char *name)
{
    struct journal_header header;
    struct journal_record record;
    size_t count = 0;
    memset(counts, 0, sizeof counts);
    FILE *in = fopen(journal_file(name), "re");
    if (!in)
        return false;
    struct slice rest = {bytes, fread(bytes, 1, sizeof bytes, in)};
    fclose(in);
    if (journal_header_decode(rest, &header) != JOURNAL_WHOLE)
        return false;
    CHECK_EQUAL(header.build, journal_build);
    CHECK_EQUAL(header.tables, event_tables());
    rest.data += JOURNAL_HEADER_BYTES;
    rest.size -= JOURNAL_HEADER_BYTES;
    while (rest.size > 0 && journal_next(rest, &record) == JOURNAL_WHOLE) {
        counts[record.kind]++;
        if (count < sizeof first_kinds - 1)
            first_kinds[count++] = "CNcEeDGKX"[record.kind];
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    first_kinds[count] = '\0';
    return rest.size == 0;
}

static void a_life_is_a_segment(void)
{
    journal_new();
    for (int life = 1; life <= 2; life++) {
        begin((const char *const[]){"--journal", journal_dir, NULL});
        CHECK(rig_hears(&gateway, "event=ready"));
        rig_begin(&site_a, (const char *const[]){"--network", rig_path, "--router", "site-a",
                                                 "--quiet", NULL});
        CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
        CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
        CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
        CHECK(read_segment(life == 1 ? "00000001.journal" : "00000002.journal"));
        CHECK(strncmp(first_kinds, "CNNNNNNNe", 9) == 0);
        CHECK(counts[JOURNAL_EVENT] > 10);
        CHECK(counts[JOURNAL_DIGEST] >= 1);
        CHECK_EQUAL(counts[JOURNAL_END], 1);
        CHECK_EQUAL(counts[JOURNAL_GAP], 0);
    }
}

/* It has written what it was told, up to a moment ago. */
static void a_killed_daemon_leaves_what_it_was_told(void)
{
    journal_new();
    begin((const char *const[]){"--journal", journal_dir, NULL});
    rig_begin(&site_a, (const char *const[]){"--network", rig_path, "--router", "site-a", NULL});
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    CHECK(rig_hears(&site_a, "event=session-up"));
    for (int tries = 0; tries < RIG_PATIENCE_MS; tries++) {
        if (read_segment("00000001.journal") && counts[JOURNAL_EVENT] > 14)
            break;
        nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);
    }
    CHECK_EQUAL(rig_end(&gateway, SIGKILL), -1);
    CHECK_EQUAL(rig_end(&site_a, SIGTERM), RUN_FINE);
    CHECK(read_segment("00000001.journal"));
    CHECK(counts[JOURNAL_EVENT] > 14);
    CHECK_EQUAL(counts[JOURNAL_END], 0);
}

static void it_says_how_it_is(void)
{
    journal_new();
    begin((const char *const[]){"--journal", journal_dir, "--journal-size", "3", "--control",
                                control_name(), NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    json_t *answer = control_ask("{\"ask\": \"journal\"}");
    CHECK(json_is_true(json_object_get(answer, "on")));
    CHECK_TEXT(json_string_value(json_object_get(answer, "directory")), journal_dir);
    CHECK_EQUAL(control_number(answer, "limit"), 3 << 20);
    CHECK_EQUAL(control_number(answer, "missing_events"), 0);
    CHECK(json_is_null(json_object_get(answer, "broken")));
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    begin((const char *const[]){"--journal", "none", "--control", control_name(), NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    answer = control_ask("{\"ask\": \"journal\"}");
    CHECK(json_is_false(json_object_get(answer, "on")));
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

static void what_is_named_must_be_writable(void)
{
    journal_new();
    begin((const char *const[]){"--journal", "/proc/nowhere", NULL});
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_WORLD);
    CHECK(strstr(gateway.said, "error: no journal can be written: /proc/nowhere: "));
    begin((const char *const[]){"--journal", journal_dir, NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
    rig_begin(&site_a, (const char *const[]){"--network", rig_path, "--router", "site-a",
                                             "--journal", journal_dir, NULL});
    CHECK_EQUAL(rig_end(&site_a, 0), RUN_WORLD);
    CHECK(strstr(site_a.said, "another daemon writes its journal there"));
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

/* Nobody asked for the default one. */
static void a_default_that_cannot_be_had_is_said_once(void)
{
    journal_new();
    setenv("STATE_DIRECTORY", "/proc/nowhere:/elsewhere", 1);
    struct journal journal;
    char said[512] = "";
    FILE *err = fmemopen(said, sizeof said, "w");
    CHECK_EQUAL(journal_open(&journal, NULL, "vgw", 1 << 20, err), RUN_FINE);
    fclose(err);
    CHECK(strncmp(said, "warning: no journal can be written: /proc/nowhere: ", 51) == 0);
    CHECK(!journal.on);
    setenv("STATE_DIRECTORY", journal_dir, 1);
    CHECK_EQUAL(journal_open(&journal, NULL, "vgw", 1 << 20, stderr), RUN_FINE);
    CHECK(journal.on);
    CHECK_EQUAL(journal_size("lock"), 0);
    journal_close(&journal);
    unsetenv("STATE_DIRECTORY");
    CHECK_EQUAL(journal_open(&journal, "none", "vgw", 1 << 20, stderr), RUN_FINE);
    CHECK(!journal.on);
}

/* -- without a daemon: a ring that nobody empties -- */

static void a_full_ring_is_a_gap_with_a_number(void)
{
    static uint8_t piece[1 << 20];
    struct journal journal;
    struct event event = {.kind = EVENT_RECEIVED,
                          .received = {.connection = {1, 0}, .bytes = {piece, sizeof piece}}};
    journal_new();
    CHECK_EQUAL(journal_open(&journal, journal_dir, "vgw", 64 << 20, stderr), RUN_FINE);
    journal_writer_end(&journal.writer); /* the thread is gone, the ring is another one */
    CHECK(journal_ring_open(&journal.writer.ring, RING_BYTES));
    for (int i = 0; i < 30; i++)
        journal_event(&journal, &event);
    CHECK_EQUAL(journal.missing, 15);
    CHECK(journal.owes);
    for (int i = 0; i < 9; i++) { /* more than half of it is free again */
        struct slice there = journal_ring_look(&journal.writer.ring);
        journal_ring_take(&journal.writer.ring, there.size);
    }
    journal_event(&journal, &event);
    CHECK_EQUAL(journal.missing, 0);
    struct slice there = {NULL, 0};
    for (;;) {
        there = journal_ring_look(&journal.writer.ring);
        struct ring_record record = journal_ring_first(there);
        if (record.kind == JOURNAL_GAP) {
            struct cursor cursor = cursor_over(record.body);
            CHECK_EQUAL(journal_u64(&cursor), 15);
            break;
        }
        journal_ring_take(&journal.writer.ring, there.size);
    }
    CHECK_EQUAL(journal.lost, 15);
    journal_ring_close(&journal.writer.ring);
}

int main(void)
{
    TEST(a_default_that_cannot_be_had_is_said_once);
    TEST(a_full_ring_is_a_gap_with_a_number);
    if (rig_network()) {
        TEST(a_life_is_a_segment);
        TEST(a_killed_daemon_leaves_what_it_was_told);
        TEST(it_says_how_it_is);
        TEST(what_is_named_must_be_writable);
    } else {
        harness_skip("daemons", "no network namespace may be made here");
    }
    return harness_done();
}
