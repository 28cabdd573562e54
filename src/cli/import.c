#include "import/import.h"

#include "cli/arguments.h"
#include "cli/commands.h"
#include "explain/grid.h"
#include "explain/json.h"
#include "import/summary.h"
#include "network/diagnostics.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"summary", NULL, "what was read, assumed and missing, instead of the network file"},
    {"json", NULL, "the same for a machine, with the network file in it"},
};

enum { KINDS_TOLD = 3 }; /* of what is wrong, where nothing could be made of it */

/* --- for a machine --- */

static json_t *remarks_json(const struct import_remarks *remarks, enum import_subject subject)
{
    json_t *list = json_array();
    for (size_t i = 0; i < remarks->count; i++) {
        const struct import_remark *remark = &remarks->items[i];
        if (remark->subject != subject)
            continue;
        json_t *object = json_object();
        json_put(object, "file", json_text(remark->file));
        json_put(object, "line", remark->line ? json_integer(remark->line) : json_null());
        json_put(object, "about", json_text(remark->about));
        json_put(object, "text", json_text(remark->text));
        if (subject == IMPORT_MISSING)
            json_put(object, "depends", json_text(remark->depends));
        json_push(list, object);
    }
    return list;
}

static json_t *counts_json(const struct import *import)
{
    json_t *list = json_array();
    for (size_t i = 0; i < import_count_total(import); i++) {
        struct import_count count = import_count_at(import, i);
        if (count.read == 0)
            continue;
        json_t *object = json_object();
        json_put(object, "key", json_string(count.key));
        json_put(object, "read", json_integer((json_int_t)count.read));
        json_put(object, "used", json_integer((json_int_t)count.used));
        json_push(list, object);
    }
    return list;
}

static json_t *agreement_json(size_t count, size_t agree)
{
    json_t *object = json_object();
    json_put(object, "count", json_integer((json_int_t)count));
    json_put(object, "agree", json_integer((json_int_t)agree));
    return object;
}

static json_t *compared_json(const struct import *import)
{
    struct import_compared compared = import_compared(import);
    json_t *object = json_object();
    json_put(object, "settled", json_boolean(compared.done));
    json_put(object, "tunnels", agreement_json(compared.tunnels, compared.tunnels_agree));
    json_put(object, "routes", agreement_json(compared.routes, compared.routes_agree));
    return object;
}

static bool show_json(struct cli *cli, const struct import *import)
{
    const struct import_remarks *remarks = import_remarks(import);
    size_t size, dropped = 0;
    json_t *answer = json_object();
    for (enum import_subject i = 0; i < IMPORT_SUBJECTS; i++)
        dropped += remarks->counts[i];
    json_put(answer, "files", json_integer((json_int_t)import_file_count(import)));
    json_put(answer, "read", counts_json(import));
    json_put(answer, "compared", compared_json(import));
    for (enum import_subject i = 0; i < IMPORT_SUBJECTS; i++)
        json_put(answer, import_subject_name(i), remarks_json(remarks, i));
    json_put(answer, "dropped", json_integer((json_int_t)(dropped - remarks->count)));
    json_put(answer, "network", json_text(import_file_text(import, &size)));
    return json_write_take(answer, cli->out.out);
}

/* --- for people --- */

static void show_counts(const struct screen *screen, const struct import *import)
{
    struct grid grid = {.right = 1u << 0};
    for (size_t i = 0; i < import_count_total(import); i++) {
        struct import_count count = import_count_at(import, i);
        if (count.read == 0)
            continue;
        grid_begin(&grid);
        grid_say(&grid, "%zu", count.read);
        grid_add(&grid, count.key);
        if (count.used == 0)
            grid_add(&grid, "read, not used");
        else if (count.used < count.read)
            grid_say(&grid, "%zu used", count.used);
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

static void show_subject(const struct screen *screen, const struct import_remarks *remarks,
                         enum import_subject subject)
{
    size_t shown = 0;
    if (remarks->counts[subject] == 0)
        return;
    screen_say(screen, "\n%s%s%s\n", SCREEN_BOLD, summary_title(subject), SCREEN_END);
    for (size_t i = 0; i < remarks->count; i++) {
        if (remarks->items[i].subject != subject)
            continue;
        char *sentence = summary_sentence(&remarks->items[i]);
        screen_put(screen, "  ");
        screen_paragraph(screen, 2, 4, sentence);
        free(sentence);
        shown++;
    }
    if (shown < remarks->counts[subject])
        screen_say(screen, "  and %zu more\n", remarks->counts[subject] - shown);
}

static void show_summary(struct cli *cli, const struct import *import, const char *path)
{
    const struct screen *screen = &cli->out;
    size_t files = import_file_count(import);
    struct quoted shown = diagnostics_quote(path, strlen(path));
    screen_say(screen, "%s: %zu file%s\n\n", shown.text, files, files == 1 ? "" : "s");
    show_counts(screen, import);
    char *compared = summary_compared(import);
    screen_put(screen, "\n");
    screen_paragraph(screen, 0, 0, compared);
    free(compared);
    for (enum import_subject i = 0; i < IMPORT_SUBJECTS; i++)
        show_subject(screen, import_remarks(import), i);
}

/* --- nothing could be made of it --- */

/* The next one from there on that is wrong; the count: none. */
static size_t next_wrong(const struct import_remarks *remarks, size_t from)
{
    while (from < remarks->count && remarks->items[from].subject != IMPORT_WRONG)
        from++;
    return from;
}

/* Of those that are wrong in one way the first stands for all. */
static bool is_first(const struct import_remarks *remarks, size_t index)
{
    size_t same = next_wrong(remarks, 0);
    while (strcmp(remarks->items[same].text, remarks->items[index].text) != 0)
        same = next_wrong(remarks, same + 1);
    return same == index;
}

static size_t count_alike(const struct import_remarks *remarks, size_t index)
{
    size_t count = 0;
    for (size_t i = index; i < remarks->count; i = next_wrong(remarks, i + 1))
        count += strcmp(remarks->items[i].text, remarks->items[index].text) == 0;
    return count;
}

/* A folder may have thousands of files that are no export's. */
static void tell_failure(struct cli *cli, const struct import_remarks *remarks)
{
    size_t kinds = 0, told = 0;
    for (size_t i = next_wrong(remarks, 0); i < remarks->count; i = next_wrong(remarks, i + 1)) {
        bool last = next_wrong(remarks, i + 1) == remarks->count; /* the conclusion */
        if (!is_first(remarks, i) || (kinds == KINDS_TOLD && !last))
            continue;
        size_t count = count_alike(remarks, i);
        size_t more = remarks->counts[IMPORT_WRONG] - told - count;
        char *sentence = summary_sentence(&remarks->items[i]);
        if (last && more > 0)
            cli_error(cli, "and %zu more; %s import --json has them", more, cli->program);
        if (count > 1)
            cli_error(cli, "%s; and %zu more like it", sentence, count - 1);
        else
            cli_error(cli, "%s", sentence);
        free(sentence);
        told += count;
        kinds++;
    }
}

static void write_failure(struct cli *cli, const struct import_remarks *remarks)
{
    json_t *errors = json_array();
    for (size_t i = next_wrong(remarks, 0); i < remarks->count; i = next_wrong(remarks, i + 1)) {
        const struct import_remark *remark = &remarks->items[i];
        json_t *error = json_object();
        json_put(error, "file", json_text(remark->file));
        json_put(error, "line", json_integer(remark->line));
        json_put(error, "column", json_integer(0));
        json_put(error, "width", json_integer(0));
        json_put(error, "message", json_text(remark->text));
        json_put(error, "hint", json_null());
        json_push(errors, error);
    }
    json_t *object = json_object();
    size_t dropped = remarks->counts[IMPORT_WRONG] - json_array_size(errors);
    json_put(object, "errors", errors);
    json_put(object, "dropped", json_integer((json_int_t)dropped));
    if (!json_write_take(object, cli->err.out))
        cli_error(cli, "the errors cannot be written");
}

static enum cli_exit show(struct cli *cli, const struct arguments *arguments,
                          const struct import *import)
{
    const struct import_remarks *remarks = import_remarks(import);
    size_t size;
    const char *text = import_file_text(import, &size);
    if (arguments_has(arguments, "json")) {
        if (!show_json(cli, import))
            return CLI_WORLD;
    } else if (arguments_has(arguments, "summary")) {
        show_summary(cli, import, arguments->operands[1]);
    } else {
        fwrite(text, 1, size, cli->out.out);
    }
    bool odd = remarks->counts[IMPORT_WRONG] + remarks->counts[IMPORT_DIFFERS] > 0;
    return odd ? CLI_FOUND : CLI_FINE;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *from = arguments->operands[0], *path = arguments->operands[1];
    bool json = arguments_has(arguments, "json");
    char *problem;
    struct quoted shown = diagnostics_quote(from, strlen(from));
    if (strcmp(from, "aws") != 0) {
        cli_error(cli, "nothing is imported from \"%s\"; expected aws", shown.text);
        return CLI_USAGE;
    }
    struct import *import = import_create();
    enum cli_exit status = CLI_USAGE;
    if (!import_take_path(import, path, &problem)) {
        shown = diagnostics_quote(path, strlen(path));
        cli_error(cli, "%s: %s", shown.text, problem);
        free(problem);
    } else if (!import_finish(import)) {
        if (json)
            write_failure(cli, import_remarks(import));
        else
            tell_failure(cli, import_remarks(import));
    } else {
        status = show(cli, arguments, import);
    }
    import_free(import);
    return status;
}

const struct command command_import = {
    .name = "import",
    .operands = "aws DIR",
    .sentence = "Writes the network file of an AWS export, with what it had to assume.",
    .text = "DIR holds the answers of aws ec2 describe-* and aws directconnect describe-*, in\n"
            "*.json files of any name, of any number of regions and accounts. What an export\n"
            "cannot say is assumed and written down in the file's comments. Exit status 1:\n"
            "something in the export is wrong or contradicts itself; the file says what.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 2,
    .most = 2,
    .run = run,
};
