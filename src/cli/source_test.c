#include "cli/source.h"

#include "cli/cli_rig.h"

#include <unistd.h>

static const char small[] = "vpcs: [{id: vpc, cidrs: [10.0.0.0/16]}]\n";

static void standard_input_is_a_dash(void)
{
    const struct ran *read = run_input("format -", small, sizeof small - 1);
    CHECK_EQUAL(read->status, 0);
    CHECK(contains(read->out, "10.0.0.0/16"));
    CHECK_TEXT(read->err, "");
}

static void what_cannot_be_opened_is_told(void)
{
    check_mistake("check no/such/file", "error: no/such/file: No such file or directory\n");
    check_mistake("check examples", "error: examples: cannot read: Is a directory\n");
    check_mistake("check no\033[2Jfile", "error: no?[2Jfile: No such file or directory\n");
}

/* Refused by its size, not read: the file has holes only. */
static void large_files_are_refused_by_size(void)
{
    char path[] = "/tmp/sekisho-large-XXXXXX", words[64], wanted[128];
    int file = mkstemp(path);
    CHECK(file >= 0 && ftruncate(file, 100ll << 20) == 0);
    close(file);
    snprintf(words, sizeof words, "check %s", path);
    snprintf(wanted, sizeof wanted, "error: %s: 100 MiB large; a network file may have 16 MiB\n",
             path);
    check_mistake(words, wanted);
    unlink(path);
}

static void large_input_is_refused_while_it_is_read(void)
{
    size_t size = (size_t)NETWORK_FILE_MAX + 1;
    char *bytes = malloc(size);
    CHECK(bytes != NULL);
    memset(bytes, '\n', size);
    const struct ran *read = run_input("format -", bytes, size);
    CHECK_EQUAL(read->status, CLI_USAGE);
    CHECK_TEXT(read->out, "");
    CHECK(contains(read->err, "error: standard input: larger than the 16 MiB"));
    free(bytes);
}

static void mistakes_are_shown_with_their_place(void)
{
    static const char wrong[] = "vpcs: [{id: vpc, cidrs: [10.0.0.1/16], color: red}]\n";
    const struct ran *read = run_input("check -", wrong, sizeof wrong - 1);
    CHECK_EQUAL(read->status, CLI_USAGE);
    CHECK_TEXT(read->out, "");
    CHECK(contains(read->err, "standard input:1:26"));
    CHECK(contains(read->err, "\n2 errors; nothing was run\n"));
    read = run_input("check --json -", wrong, sizeof wrong - 1);
    CHECK_EQUAL(read->status, CLI_USAGE);
    CHECK_TEXT(read->out, "");
    CHECK(contains(read->err, "\"errors\""));
}

int main(void)
{
    TEST(standard_input_is_a_dash);
    TEST(what_cannot_be_opened_is_told);
    TEST(large_files_are_refused_by_size);
    TEST(large_input_is_refused_while_it_is_read);
    TEST(mistakes_are_shown_with_their_place);
    return rig_done();
}
