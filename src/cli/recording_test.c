#include "cli/recording.h"

#include "cli/journal_rig.h"

static void a_story_becomes_segments(void)
{
    journal_record();
    char path[128];
    for (unsigned number = 1; number <= 3; number++) {
        snprintf(path, sizeof path, "%s/%08u.journal", journal_dir, number);
        CHECK(access(path, R_OK) == 0);
    }
    journal_remove();
}

static void a_journal_is_not_written_over(void)
{
    journal_record();
    run_journal("simulate examples/incident.yaml --journal %");
    CHECK_EQUAL(ran.status, CLI_USAGE);
    CHECK_TEXT(ran.out, "");
    CHECK(contains(ran.err, "holds a journal already; expected a directory without one"));
    journal_remove();
}

static void only_gateways_have_one(void)
{
    check_mistake("simulate examples/incident.yaml --journal /tmp/x --node vyatta",
                  "error: --node vyatta: no gateway is called so\n");
    check_mistake("simulate examples/incident.yaml --node vgw-main",
                  "error: --node: expected --journal DIR with it\n");
}

static void a_directory_that_cannot_be_is_told(void)
{
    const struct ran *failed =
        run_cli("simulate examples/incident.yaml --journal /proc/none/journal");
    CHECK_EQUAL(failed->status, CLI_WORLD);
    CHECK_TEXT(failed->out, "");
    CHECK(contains(failed->err, "/proc/none/journal: No such file or directory"));
}

static bool holds(const uint8_t *bytes, size_t size, const char *part)
{
    size_t part_size = strlen(part);
    for (size_t at = 0; at + part_size <= size; at++) {
        if (memcmp(bytes + at, part, part_size) == 0)
            return true;
    }
    return false;
}

/* What a file tells of keys stays in the file. */
static void no_key_is_in_it(void)
{
    static const char key[] = "Never.Told_123";
    static uint8_t bytes[1 << 16];
    char *file = NULL;
    size_t file_size;
    FILE *made = open_memstream(&file, &file_size);
    FILE *example = fopen("examples/incident.yaml", "r");
    char line[512];
    unsigned put = 0;
    CHECK(made && example);
    while (fgets(line, sizeof line, example)) {
        char *at = strstr(line, "{outside: 203.0.113.225,");
        if (at) {
            fprintf(made, "%.*s{psk: %s, %s", (int)(at - line), line, key, at + 1);
            put++;
        } else {
            fputs(line, made);
        }
    }
    fclose(example);
    fclose(made);
    CHECK_EQUAL(put, 1);
    journal_make();
    char words[256];
    snprintf(words, sizeof words, "simulate - --journal %s", journal_dir);
    CHECK_EQUAL(run_input(words, file, file_size)->status, CLI_FOUND);
    for (unsigned number = 1; number <= 3; number++) {
        size_t size = journal_read(number, bytes, sizeof bytes);
        CHECK(!holds(bytes, size, key));
        CHECK(holds(bytes, size, "vpn-vyatta"));
    }
    free(file);
    journal_remove();
}

int main(void)
{
    TEST(a_story_becomes_segments);
    TEST(a_journal_is_not_written_over);
    TEST(only_gateways_have_one);
    TEST(a_directory_that_cannot_be_is_told);
    TEST(no_key_is_in_it);
    return rig_done();
}
