#include "cli/cli_rig.h"

static void help_names_every_command(void)
{
    const struct ran *help = run_cli("help");
    CHECK_EQUAL(help->status, 0);
    for (size_t i = 0; i < cli_command_count; i++) {
        CHECK(contains(help->out, cli_commands[i]->name));
        CHECK(contains(help->out, cli_commands[i]->sentence));
    }
    char *first = strdup(help->out);
    CHECK_TEXT(run_cli("--help")->out, first);
    CHECK_TEXT(run_cli("-h")->out, first);
    CHECK_TEXT(run_cli("help help")->out, first);
    free(first);
}

static void help_of_a_command_names_every_option(void)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        char words[64];
        snprintf(words, sizeof words, "help %s", cli_commands[i]->name);
        const struct ran *help = run_cli(words);
        CHECK_EQUAL(help->status, 0);
        for (size_t j = 0; j < cli_commands[i]->option_count; j++) {
            char option[64];
            snprintf(option, sizeof option, "--%s", cli_commands[i]->options[j].name);
            CHECK(contains(help->out, option));
        }
        char *first = strdup(help->out);
        snprintf(words, sizeof words, "%s --help", cli_commands[i]->name);
        CHECK_TEXT(run_cli(words)->out, first);
        free(first);
    }
}

static void a_long_usage_has_a_line_for_each_form(void)
{
    CHECK(contains(run_cli("help diff")->out,
                   "usage: sekisho diff [OPTION...] FILE|- FILE|- | FILE|- GATEWAY GATEWAY\n"));
    CHECK(contains(run_cli("help lab")->out, "usage: sekisho lab [OPTION...] up FILE\n"
                                             "       sekisho lab [OPTION...] run FILE\n"));
    CHECK(contains(run_cli("help lab")->out, "       sekisho lab [OPTION...] down [FILE]\n\n"));
}

static void the_version_is_told(void)
{
    CHECK_TEXT(run_cli("--version")->out, "sekisho " SEKISHO_VERSION "\n");
    CHECK_EQUAL(run_cli("--version")->status, 0);
}

static void without_a_command_it_says_how(void)
{
    const struct ran *nothing = run_cli("");
    CHECK_EQUAL(nothing->status, CLI_USAGE);
    CHECK_TEXT(nothing->out, "");
    CHECK(contains(nothing->err, "usage: sekisho COMMAND"));
}

static void a_wrong_word_gets_the_nearest(void)
{
    check_mistake("chekc x", "error: there is no command \"chekc\"; did you mean \"check\"?\n");
    check_mistake("frobnicate", "error: there is no command \"frobnicate\"; see: sekisho help\n");
    check_mistake("help rutes", "error: there is no command \"rutes\"; did you mean \"routes\"?\n");
    check_mistake("--version x", "error: there is no command \"--version\"; see: sekisho help\n");
    check_mistake("help check routes", "error: help takes one command at most\n");
}

/* A table that the tables of other tests rest on. */
static void the_table_is_sound(void)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct command *command = cli_commands[i];
        CHECK(command->run && command->name && command->operands && command->sentence);
        CHECK(command->least <= command->most);
        CHECK(command->sentence[strlen(command->sentence) - 1] == '.');
        for (size_t j = 0; j < command->option_count; j++) {
            const char *sentence = command->options[j].sentence;
            CHECK(sentence[strlen(sentence) - 1] != '.');
        }
    }
}

int main(void)
{
    TEST(help_names_every_command);
    TEST(help_of_a_command_names_every_option);
    TEST(a_long_usage_has_a_line_for_each_form);
    TEST(the_version_is_told);
    TEST(without_a_command_it_says_how);
    TEST(a_wrong_word_gets_the_nearest);
    TEST(the_table_is_sound);
    return rig_done();
}
