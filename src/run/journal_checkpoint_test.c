#include "run/journal_checkpoint.h"

#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "run/journal_rig.h"
#include "world/world.h"

#include <errno.h>
#include <sys/mman.h>

static struct plan *plan;
static struct numbers numbers;
static struct platform_profile profile;
static struct journal_folder folder;
static struct journal_subject subject;
static char names[1024];

static void take_name(void *context, const struct journal_name *name)
{
    size_t size = strlen(names);
    (void)context;
    snprintf(names + size, sizeof names - size, "%d.%u=%.*s ", (int)name->kind, name->number,
             (int)name->text.size, (const char *)name->text.data);
}

/* A gateway that has just booted. */
static void begin(void)
{
    static const struct run_options options = {.gateway = "vgw", .network = "x"};
    char why[256];
    CHECK_EQUAL(plan_take((struct slice){(const uint8_t *)RIG_PAIR, sizeof RIG_PAIR - 1}, &options,
                          stderr, &plan),
                RUN_FINE);
    profile = plan->profile;
    plan->config.profile = &profile;
    CHECK(numbers_apply(&numbers, plan));
    struct engine *engine = engine_create(&plan->config);
    CHECK(engine);
    plan->world->nodes[plan->node_index].engine = engine;
    struct event boot = {.kind = EVENT_BOOT, .boot = {.seed = 7}};
    engine_step(engine, &boot);
    for (size_t i = 0; i < plan->told_count; i++)
        engine_step(engine, &plan->told[i]);
    subject = (struct journal_subject){engine, plan, &numbers};
    CHECK(journal_folder_open(&folder, journal_new(), why));
}

static void end(void)
{
    plan_free(plan); /* and the engine */
    numbers_done(&numbers);
    journal_folder_close(&folder);
}

static void all_that_has_a_name_is_told(void)
{
    begin();
    names[0] = '\0';
    journal_names_each(&subject, take_name, NULL);
    CHECK(strstr(names, "0.0=vgw "));
    CHECK(strstr(names, "1.1=vpn-a 1.2=vpn-b "));
    CHECK(strstr(names, "2.1=vpn-a/1 2.2=vpn-b/1 "));
    CHECK(strstr(names, "3.1=") && strstr(names, "3.2="));
    end();
}

static int outcome(pid_t child)
{
    int status = 0;
    CHECK(child > 0);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint8_t bytes[1 << 20];

/* What the file makes is what was there. */
static void check_file(const char *name, const struct journal_header *wanted)
{
    static struct checkpoint_reader reader;
    struct journal_header header;
    struct journal_record record;
    struct step step;
    struct engine *engine = engine_create(&plan->config);
    FILE *in = fopen(journal_file(name), "re");
    CHECK(in && engine);
    struct slice rest = {bytes, fread(bytes, 1, sizeof bytes, in)};
    fclose(in);
    CHECK_EQUAL(journal_header_decode(rest, &header), JOURNAL_WHOLE);
    CHECK_EQUAL(header.number, wanted->number);
    CHECK_EQUAL(header.time_us, wanted->time_us);
    rest.data += JOURNAL_HEADER_BYTES;
    rest.size -= JOURNAL_HEADER_BYTES;
    unsigned parts = 0, configs = 0, ends = 0;
    while (rest.size > 0 && journal_next(rest, &record) == JOURNAL_WHOLE) {
        struct cursor cursor = cursor_over(record.body);
        configs += record.kind == JOURNAL_CONFIG;
        parts += record.kind == JOURNAL_CHECKPOINT;
        if (record.kind == JOURNAL_CHECKPOINT)
            CHECK(checkpoint_read(&reader, engine, record.body, &step));
        if (record.kind == JOURNAL_CHECKPOINT_END) {
            ends++;
            CHECK(reader.whole);
            uint64_t digest = journal_u64(&cursor);
            CHECK_EQUAL(digest, engine_digest(subject.engine));
            CHECK_EQUAL(digest, engine_digest(engine));
        }
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    CHECK_EQUAL(rest.size, 0);
    CHECK(configs == 1 && parts > 1 && ends == 1);
    checkpoint_read_done(&reader, engine);
    engine_destroy(engine);
}

static void a_child_writes_the_state(void)
{
    struct stat status;
    begin();
    CHECK(checkpoint_possible(subject.engine));
    const struct journal_header header = {
        .number = 12, .build = journal_build, .tables = event_tables(), .time_us = 55};
    CHECK_EQUAL(outcome(journal_checkpoint_fork(&folder, &header, &subject)), 0);
    CHECK_EQUAL(journal_size("00000012.checkpoint.partial"), -1);
    CHECK(stat(journal_file("00000012.checkpoint"), &status) == 0);
    CHECK_EQUAL(status.st_mode & 07777, 0600);
    check_file("00000012.checkpoint", &header);
    end();
}

/* A connection that the daemon closes is closed, whatever the child is at. */
static void the_child_has_nothing_of_the_daemons_open(void)
{
    int ends[2];
    char byte;
    begin();
    CHECK(pipe(ends) == 0);
    journal_clear();
    CHECK(mkfifo(journal_dir, 0600) == 0); /* what it makes of that takes it no time; it ends */
    const struct journal_header header = {.number = 1};
    pid_t child = journal_checkpoint_fork(&folder, &header, &subject);
    close(ends[1]);
    CHECK_EQUAL(read(ends[0], &byte, 1), 0);
    CHECK_EQUAL(outcome(child), ENOTDIR);
    close(ends[0]);
    CHECK(unlink(journal_dir) == 0);
    end();
}

static void a_file_that_cannot_be_written_is_none(void)
{
    begin();
    const struct journal_header header = {.number = 2};
    CHECK(mkdir(journal_file("00000002.checkpoint"), 0700) == 0);
    CHECK_EQUAL(outcome(journal_checkpoint_fork(&folder, &header, &subject)), EISDIR);
    CHECK_EQUAL(journal_size("00000002.checkpoint.partial"), -1);
    CHECK(rmdir(journal_file("00000002.checkpoint")) == 0);
    end();
}

int main(void)
{
    TEST(all_that_has_a_name_is_told);
    TEST(a_child_writes_the_state);
    TEST(the_child_has_nothing_of_the_daemons_open);
    TEST(a_file_that_cannot_be_written_is_none);
    return harness_done();
}
