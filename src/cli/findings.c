#include "cli/findings.h"

#include "cli/arguments.h"
#include "cli/source.h"
#include "explain/grid.h"
#include "explain/json.h"

#include <stdlib.h>

static void mistaken(struct cli *cli, const char *option, const struct selection_mistake *mistake)
{
    const char *word = mistake->word.text;
    if (!*word)
        cli_error(cli, "--%s: expected findings' names or traps, divided by commas", option);
    else if (mistake->nearest)
        cli_error(cli, "--%s: there is no finding \"%s\"; did you mean \"%s\"?", option, word,
                  mistake->nearest);
    else
        cli_error(cli, "--%s: there is no finding \"%s\"; see: %s check --list", option, word,
                  cli->program);
}

bool findings_selected(struct cli *cli, const struct arguments *arguments,
                       struct selection *ret_selection)
{
    struct selection selection = selection_all();
    struct selection_mistake mistake;
    const char *only = arguments_value(arguments, "only");
    const char *ignore = arguments_value(arguments, "ignore");
    if (only && !selection_only(&selection, only, &mistake)) {
        mistaken(cli, "only", &mistake);
        return false;
    }
    if (ignore && !selection_ignore(&selection, ignore, &mistake)) {
        mistaken(cli, "ignore", &mistake);
        return false;
    }
    if (selection_is_empty(&selection)) {
        cli_error(cli, "--only and --ignore leave nothing to look for");
        return false;
    }
    *ret_selection = selection;
    return true;
}

static enum cli_exit list_json(struct cli *cli, const struct selection *selection)
{
    json_t *answer = json_object(), *findings = json_array();
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        enum check_finding_kind kind = (enum check_finding_kind)i;
        if (!selection->kinds[i])
            continue;
        json_t *finding = json_object();
        json_put(finding, "name", json_text(check_finding_name(kind)));
        json_put(finding, "trap", json_text(check_finding_trap(kind)));
        json_put(finding, "sentence", json_text(check_finding_sentence(kind)));
        json_push(findings, finding);
    }
    json_put(answer, "findings", findings);
    return json_write_take(answer, cli->out.out) ? CLI_FINE : CLI_WORLD;
}

enum cli_exit findings_list(struct cli *cli, const struct selection *selection, bool json)
{
    if (json)
        return list_json(cli, selection);
    struct grid grid = {0};
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        enum check_finding_kind kind = (enum check_finding_kind)i;
        if (!selection->kinds[i])
            continue;
        grid_begin(&grid);
        grid_add(&grid, check_finding_trap(kind));
        grid_say(&grid, "%s%s%s", SCREEN_BOLD, check_finding_name(kind), SCREEN_END);
        grid_add(&grid, check_finding_sentence(kind));
    }
    grid_render(&grid, &cli->out, 0);
    grid_done(&grid);
    return CLI_FINE;
}

enum cli_exit findings_baseline(struct cli *cli, const char *path, bool json,
                                struct baseline **ret_baseline)
{
    char *bytes;
    size_t size;
    if (!path) {
        *ret_baseline = NULL;
        return CLI_FINE;
    }
    enum cli_exit status = source_read(cli, path, &bytes, &size);
    if (status != CLI_FINE)
        return status;
    struct diagnostics diagnostics;
    struct slice text = {(const uint8_t *)bytes, size};
    diagnostics_init(&diagnostics);
    if (!baseline_parse(text, source_name(path), &diagnostics, ret_baseline)) {
        if (json)
            diagnostics_json(&diagnostics, cli->err.out);
        else
            diagnostics_render(&diagnostics, source_style(cli), cli->err.out);
        status = CLI_USAGE;
    }
    diagnostics_done(&diagnostics);
    free(bytes);
    return status;
}
