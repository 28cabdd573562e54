/* The reference pages are what the tables say: reasons from the .def files, commands and the man
 * pages' options from the table of subcommands, and every key of every answer is documented.
 * `reference_test --write` writes what is written by tables; run it in the source's root. */
#include "cli/cli_rig.h"

#include "check/check.h"
#include "engine/engine.h"
#include "sim/sim.h"
#include "world/forward.h"

#include <jansson.h>

#define REASONS    "docs/reference/reasons.md"
#define COMMANDS   "docs/reference/commands.md"
#define KEYS       "docs/reference/json.md"
#define MDOC_BEGIN ".\\\" The options, written by reference_test --write.\n"
#define MDOC_END   ".\\\" Here the written options end.\n"

/* -- texts -- */

struct page {
    FILE *file;
    char *text;
    size_t size;
};

static struct page page_open(void)
{
    struct page page = {0};
    return page;
}

static void page_begin(struct page *page)
{
    page->file = open_memstream(&page->text, &page->size);
}

static char *page_close(struct page *page)
{
    fclose(page->file);
    return page->text;
}

static char *read_file(const char *path)
{
    struct page page = page_open();
    FILE *file = fopen(path, "rb");
    page_begin(&page);
    for (int c; file && (c = fgetc(file)) != EOF;)
        fputc(c, page.file);
    if (file)
        fclose(file);
    return page_close(&page);
}

/* -- docs/reference/reasons.md -- */

/* .def sentences come with and without capital and full stop; on the page all are alike. */
static void put_sentence(FILE *out, const char *sentence)
{
    size_t size = strlen(sentence);
    bool stop = size > 0 && sentence[size - 1] == '.';
    bool lower = size > 1 && sentence[0] >= 'a' && sentence[0] <= 'z';
    if (lower)
        fputc(sentence[0] - 'a' + 'A', out);
    fprintf(out, "%s%s", sentence + lower, stop || size == 0 ? "" : ".");
}

static void put_row(FILE *out, const char *name, const char *sentence, const char *reference)
{
    fprintf(out, "| `%s` | ", name);
    put_sentence(out, sentence);
    if (reference)
        fprintf(out, " | %s", reference);
    fputs(" |\n", out);
}

static void put_heading(FILE *out, const char *title, const char *text, bool references)
{
    fprintf(out, "\n## %s\n\n%s\n\n", title, text);
    fputs(references ? "| name | meaning | reference |\n|---|---|---|\n"
                     : "| name | meaning |\n|---|---|\n",
          out);
}

static void put_class(FILE *out, enum reason_class class, const char *title, const char *text)
{
    put_heading(out, title, text, true);
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct reason_text *reason = reason_text((enum reason)i);
        if (reason->class == class)
            put_row(out, reason->name, reason->sentence, reason->reference);
    }
}

static void write_reasons(FILE *out)
{
    fputs(
        "# Reasons\n\n"
        "Every decision on a route's way leaves a reason behind: a value, named here. The names\n"
        "are stable; answers (`--json`, [json.md](json.md)) and `sekisho explain` use them. This\n"
        "page is written from the tables in the source.\n",
        out);
    put_class(out, REASON_CLASS_STATE, "Paths: the state of a path", "Of a path in BGP's tables.");
    put_class(out, REASON_CLASS_REFUSED, "Paths: refused on import",
              "Kept with its reason, and never chosen.");
    put_class(out, REASON_CLASS_LOST, "Paths: lost in best path",
              "The step of the decision at which another path was better.");
    put_class(out, REASON_CLASS_EXPORT, "Paths: what a neighbor is told",
              "Why one neighbor is told something else than the others, or nothing.");
    put_heading(out, "A router's table", "Why a candidate is in the table, or not.", false);
    for (int i = 0; i < TABLE_REASON_COUNT; i++)
        put_row(out, table_reason_name((enum table_reason)i),
                table_reason_sentence((enum table_reason)i), NULL);
    put_heading(out, "A VPC's route table", "Why a route is taken, or not.", false);
    for (int i = 0; i < VPC_REASON_COUNT; i++)
        put_row(out, vpc_reason_name((enum vpc_reason)i), vpc_reason_sentence((enum vpc_reason)i),
                NULL);
    put_heading(out, "Why a session went down", "Of a BGP session, at the end that says so.", true);
    for (int i = 0; i < BGP_DOWN_COUNT; i++)
        put_row(out, bgp_down_word((enum bgp_down)i), bgp_down_sentence((enum bgp_down)i),
                bgp_down_reference((enum bgp_down)i));
    put_heading(out, "Why a packet went no further", "Of a packet in the simulated world.", false);
    for (int i = 0; i < DROP_COUNT; i++)
        put_row(out, drop_word((enum drop)i), drop_sentence((enum drop)i), NULL);
    put_heading(out, "What a run has seen", "The kinds of moments in a timeline.", false);
    for (int i = 0; i < MOMENT_COUNT; i++)
        put_row(out, moment_word((enum moment_kind)i), moment_sentence((enum moment_kind)i), NULL);
    put_heading(out, "Findings",
                "What `sekisho check` can find; `sekisho explain NAME` has a page.", true);
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        put_row(out, check_finding_name((enum check_finding_kind)i),
                check_finding_sentence((enum check_finding_kind)i),
                check_finding_trap((enum check_finding_kind)i));
    put_heading(out, "Remedies", "What is tried against a finding, the smallest first.", false);
    for (int i = 0; i < CHECK_REMEDY_KINDS; i++)
        put_row(out, check_remedy_name((enum check_remedy_kind)i),
                check_remedy_sentence((enum check_remedy_kind)i), NULL);
}

/* -- docs/reference/commands.md -- */

static void write_command(FILE *out, const struct command *command)
{
    fprintf(out, "\n## %s\n\n    sekisho %s%s%s%s\n\n%s\n", command->name, command->name,
            command->option_count ? " [OPTION...]" : "", command->most ? " " : "",
            command->operands, command->sentence);
    if (command->text)
        fprintf(out, "%s\n", command->text);
    if (command->option_count)
        fputs("\n| option | |\n|---|---|\n", out);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        fprintf(out, "| `--%s%s%s` | ", option->name, option->argument ? " " : "",
                option->argument ? option->argument : "");
        put_sentence(out, option->sentence);
        fputs(" |\n", out);
    }
}

static void write_commands(FILE *out)
{
    fputs(
        "# Commands\n\n"
        "`FILE` is a [network file](network.md), `-` standard input. The answer goes to standard\n"
        "output; with `--json` it is one JSON object ([json.md](json.md)). Mistakes and failures\n"
        "go to standard error, and standard output stays empty then. Options may stand anywhere;\n"
        "`--` ends them. This page is written from the program's own table.\n\n"
        "| exit status | |\n|---|---|\n"
        "| 0 | fine |\n"
        "| 1 | bad news: a finding at or above the level asked for, a verdict that nothing "
        "explains, a"
        " tunnel down or up and down, a run that departs from its recording, a file not in "
        "canonical "
        "form, an export that contradicts "
        "itself |\n"
        "| 2 | bad usage or bad input; nothing was run |\n"
        "| 3 | the machine failed: no memory, a full disk, a closed pipe, a bug of ours |\n\n"
        "Color is used on a terminal only, and not when `NO_COLOR` is set. Where the locale's\n"
        "characters are not UTF-8, all output is ASCII. `COLUMNS` sets the width; otherwise it is\n"
        "the terminal's, or 100.\n",
        out);
    for (size_t i = 0; i < cli_command_count; i++)
        write_command(out, cli_commands[i]);
    fputs(
        "\n## help\n\n    sekisho help [COMMAND]\n\nTells the commands, or one command's options.\n"
        "\n## --version\n\n    sekisho --version\n\nTells the version.\n",
        out);
}

/* -- man pages -- */

static void man_path(const struct command *command, char *path, size_t size)
{
    snprintf(path, size, "man/sekisho-%s.1", command->name);
}

static void write_options(FILE *out, const struct command *command)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option *option = &command->options[i];
        fprintf(out, ".It Fl Fl %s", option->name);
        if (option->argument)
            fprintf(out, " Ar %s", option->argument);
        fputc('\n', out);
        put_sentence(out, option->sentence);
        fputc('\n', out);
    }
}

/* The page with the options between its marks written anew; empty without marks. */
static char *man_page(const struct command *command, const char *present)
{
    struct page page = page_open();
    const char *begin = strstr(present, MDOC_BEGIN);
    const char *end = begin ? strstr(begin, MDOC_END) : NULL;
    page_begin(&page);
    if (end) {
        begin += strlen(MDOC_BEGIN);
        fwrite(present, 1, (size_t)(begin - present), page.file);
        write_options(page.file, command);
        fputs(end, page.file);
    }
    return page_close(&page);
}

/* -- the tests -- */

static char *made(void (*write)(FILE *))
{
    struct page page = page_open();
    page_begin(&page);
    write(page.file);
    return page_close(&page);
}

static void check_page(const char *path, void (*write)(FILE *))
{
    char *wanted = made(write), *present = read_file(path);
    CHECK(strcmp(wanted, present) == 0);
    if (strcmp(wanted, present) != 0)
        printf("# %s: write it anew: cli_reference_test --write\n", path);
    free(wanted);
    free(present);
}

static void the_page_of_reasons_is_what_the_tables_say(void)
{
    check_page(REASONS, write_reasons);
}

static void the_page_of_commands_is_what_the_table_says(void)
{
    check_page(COMMANDS, write_commands);
}

/* Each by its name, unless it says "[option ...]". */
static void check_synopsis(const char *path, const struct command *command, const char *present)
{
    const char *begin = strstr(present, ".Sh SYNOPSIS"), *end = strstr(present, ".Sh DESCRIPTION");
    char *synopsis = begin && end ? strndup(begin, (size_t)(end - begin)) : strdup("");
    bool whole = contains(synopsis, ".Op Ar option ...\n");
    for (size_t i = 0; !whole && i < command->option_count; i++) {
        char one[64];
        snprintf(one, sizeof one, "Fl Fl %s", command->options[i].name);
        bool known = contains(synopsis, one);
        CHECK(known);
        if (!known)
            printf("# %s: its synopsis has no --%s\n", path, command->options[i].name);
    }
    free(synopsis);
}

static void every_man_page_has_its_commands_options(void)
{
    char path[64], *overview = read_file("man/sekisho.1");
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct command *command = cli_commands[i];
        man_path(command, path, sizeof path);
        char line[96], *present = read_file(path), *wanted = man_page(command, present);
        snprintf(line, sizeof line, ".It Cm %s%s", command->name, command->most ? " " : "\n");
        CHECK(contains(overview, line));
        CHECK(*present || command->option_count == 0);
        check_synopsis(path, command, present);
        CHECK(command->option_count == 0 || *wanted);
        CHECK(command->option_count == 0 || strcmp(wanted, present) == 0);
        if (command->option_count && strcmp(wanted, present) != 0)
            printf("# %s: write it anew: cli_reference_test --write\n", path);
        free(wanted);
        free(present);
    }
    CHECK(contains(overview, ".It Cm help "));
    CHECK(contains(overview, ".Fl Fl version"));
    free(overview);
}

/* Keys below these are names of things in the file. */
static bool holds_names(const char *key)
{
    return strcmp(key, "tables") == 0 || strcmp(key, "ways") == 0;
}

static void check_keys(json_t *value, bool names, const char *page)
{
    const char *key;
    json_t *member;
    size_t index;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) check_keys(member, false, page);
        return;
    }
    json_object_foreach(value, key, member)
    {
        char quoted[96];
        snprintf(quoted, sizeof quoted, "`%s`", key);
        bool known = names || contains(page, quoted);
        CHECK(known);
        if (!known)
            printf("# %s does not tell of the key \"%s\"\n", KEYS, key);
        check_keys(member, !names && holds_names(key), page);
    }
}

static void every_key_of_every_answer_is_documented(void)
{
    static const char *const questions[] = {
        "check --json examples/incident.yaml",
        "check --json examples/incident-held.yaml",
        "check --json --list",
        "simulate --json examples/incident.yaml",
        "simulate --json examples/incident-two-tunnels.yaml",
        "routes --json examples/pasted-sample.yaml",
        "explain --json examples/incident.yaml 0.0.0.0/0 --time 61s",
        "explain --json tests/stories/propagation-missing.yaml 10.20.0.0/16 vpc-main",
        "trace --json examples/incident.yaml i-app i-files --time 61s",
        "reach --json examples/incident-held.yaml --under failures",
        "whatif --json examples/incident.yaml --time 50s announce dx-edge 0.0.0.0/0",
        "diff --json examples/control.yaml examples/incident.yaml",
        "diff --json examples/control.yaml vgw-main vgw-test",
        "trace --json examples/incident.yaml i-app i-files --time 105s",
        "format --json examples/incident.yaml",
        "generate --json",
        "tour --json examples/incident.yaml",
        "import --json aws tests/data/hybrid-cloud-aws",
    };
    char *page = read_file(KEYS);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        json_t *answer = json_loads(run_cli(questions[i])->out, 0, NULL);
        CHECK(answer != NULL);
        check_keys(answer, false, page);
        json_decref(answer);
    }
    free(page);
}

static int write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return 1;
    fputs(text, file);
    return fclose(file) != 0;
}

static int write_pages(void)
{
    char path[64], *reasons = made(write_reasons), *commands = made(write_commands);
    int failed = write_file(REASONS, reasons) | write_file(COMMANDS, commands);
    for (size_t i = 0; i < cli_command_count; i++) {
        if (cli_commands[i]->option_count == 0)
            continue;
        man_path(cli_commands[i], path, sizeof path);
        char *present = read_file(path), *page = man_page(cli_commands[i], present);
        failed |= *page ? write_file(path, page) : 1;
        free(present);
        free(page);
    }
    free(reasons);
    free(commands);
    return failed;
}

int main(void)
{
    if (harness_flag("--write"))
        return write_pages();
    TEST(the_page_of_reasons_is_what_the_tables_say);
    TEST(the_page_of_commands_is_what_the_table_says);
    TEST(every_man_page_has_its_commands_options);
    TEST(every_key_of_every_answer_is_documented);
    return rig_done();
}
