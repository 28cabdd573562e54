#include "cli/arguments.h"

#include "cli/cli_rig.h"

static const struct option options[] = {
    {"json", NULL, "for a machine"},
    {"seed", "N", "a number"},
    {"time", "TIME", "a duration"},
};

static const struct command command = {.name = "ask",
                                       .operands = "FILE|- [PREFIX]",
                                       .options = options,
                                       .option_count = 3,
                                       .least = 1,
                                       .most = 2};

static struct arguments read;
static char *told;
static size_t told_size;

static bool reads(const char *words)
{
    static char copy[512];
    char *argv[RIG_WORDS];
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *at = copy; *at && argc < RIG_WORDS;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = 0;
    }
    free(told);
    struct cli cli = {.err = {.out = open_memstream(&told, &told_size)}, .program = "sekisho"};
    bool fine = arguments_read(&cli, &command, argc, argv, &read);
    fclose(cli.err.out);
    return fine;
}

static void check_refused(const char *words, const char *sentence)
{
    CHECK(!reads(words));
    CHECK_TEXT(told, sentence);
}

static void options_stand_anywhere(void)
{
    CHECK(reads("--json file --seed 7 10.0.0.0/8"));
    CHECK_EQUAL(read.operand_count, 2);
    CHECK_TEXT(read.operands[1], "10.0.0.0/8");
    CHECK(arguments_has(&read, "json"));
    CHECK_TEXT(arguments_value(&read, "seed"), "7");
    CHECK(!arguments_has(&read, "time"));
    CHECK(reads("file --seed=8"));
    CHECK_TEXT(arguments_value(&read, "seed"), "8");
    CHECK(reads("--seed= -"));
    CHECK_TEXT(arguments_value(&read, "seed"), "");
    CHECK_TEXT(read.operands[0], "-");
}

static void what_follows_two_dashes_is_no_option(void)
{
    CHECK(reads("-- --json -x"));
    CHECK_EQUAL(read.operand_count, 2);
    CHECK_TEXT(read.operands[0], "--json");
    CHECK(!arguments_has(&read, "json"));
}

static void help_needs_no_operand(void)
{
    CHECK(reads("--help"));
    CHECK(read.wants_help);
    CHECK(reads("--json -h"));
    CHECK(read.wants_help);
}

static void a_mistake_is_one_sentence(void)
{
    check_refused("file --jsno", "error: ask has no option --jsno; did you mean --json?\n");
    check_refused("file --frobnicate",
                  "error: ask has no option --frobnicate; see: sekisho help ask\n");
    check_refused("file -j", "error: ask has no option -j; see: sekisho help ask\n");
    check_refused("file --json=yes", "error: --json takes no argument\n");
    check_refused("file --seed", "error: --seed needs N: a number\n");
    check_refused("", "error: ask needs FILE|- [PREFIX]; see: sekisho help ask\n");
    check_refused("a b c", "error: ask has no use for \"c\"; it takes FILE|- [PREFIX]\n");
}

static bool number(const char *words, uint64_t *ret_number)
{
    CHECK(reads(words));
    free(told);
    struct cli cli = {.err = {.out = open_memstream(&told, &told_size)}, .program = "sekisho"};
    bool fine = arguments_number(&cli, &read, "seed", 1, ret_number);
    fclose(cli.err.out);
    return fine;
}

static void numbers_are_whole(void)
{
    uint64_t value = 0;
    CHECK(number("file", &value) && value == 1);
    CHECK(number("file --seed 0", &value) && value == 0);
    CHECK(number("file --seed 18446744073709551615", &value) && value == UINT64_MAX);
    CHECK(!number("file --seed 18446744073709551616", &value));
    CHECK(!number("file --seed -1", &value));
    CHECK(!number("file --seed +1", &value));
    CHECK(!number("file --seed 7x", &value));
    CHECK_TEXT(told, "error: --seed 7x: expected a number, 0 or more\n");
    CHECK(!number("file --seed=", &value));
}

static bool duration(const char *words, int64_t *ret_us)
{
    CHECK(reads(words));
    free(told);
    struct cli cli = {.err = {.out = open_memstream(&told, &told_size)}, .program = "sekisho"};
    bool fine = arguments_duration(&cli, &read, "time", -1, ret_us);
    fclose(cli.err.out);
    return fine;
}

static void durations_are_those_of_the_file(void)
{
    int64_t us = 0;
    CHECK(duration("file", &us) && us == -1);
    CHECK(duration("file --time 61s", &us) && us == 61000000);
    CHECK(duration("file --time 61", &us) && us == 61000000);
    CHECK(duration("file --time 60.131", &us) && us == 60131000);
    CHECK(duration("file --time 500ms", &us) && us == 500000);
    CHECK(duration("file --time 0", &us) && us == 0);
    CHECK(!duration("file --time -5s", &us));
    CHECK(!duration("file --time soon", &us));
    CHECK(contains(told, "error: --time soon: expected a duration such as 60s"));
    CHECK(!duration("file --time=", &us));
    CHECK(!duration("file --time 99999999999999999999", &us));
}

int main(void)
{
    TEST(options_stand_anywhere);
    TEST(what_follows_two_dashes_is_no_option);
    TEST(help_needs_no_operand);
    TEST(a_mistake_is_one_sentence);
    TEST(numbers_are_whole);
    TEST(durations_are_those_of_the_file);
    free(told);
    return rig_done();
}
