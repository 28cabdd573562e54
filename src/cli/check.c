#include "check/check.h"

#include "check/junit.h"
#include "check/sarif.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/interrupt.h"
#include "cli/play.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "explain/json.h"
#include "network/diagnostics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"json", NULL, "the answer for a machine"},
    {"fail-on", "LEVEL",
     "exit 1 from this level on: certain, likely (unless said), latent, protected"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"all", NULL, "every set of up to three steps that cures, not only one of each kind"},
    {"cheapest", NULL, "for each finding only the smallest remedy that cures"},
    {"limit", "TIME", "virtual time at which a run is given up: 24h unless said"},
    {"jobs", "N", "look at so many parts of a region at once; as many as processors unless said"},
    {"no-variants", NULL, "do not try single failures, nor announcements that could be made"},
    {"apply", "N", "write the file with remedy N applied, and nothing else"},
    {"list", NULL, "tell all findings there are, and run nothing"},
    {"only", "NAME[,NAME...]", "show these findings only, by name or trap"},
    {"ignore", "NAME[,NAME...]", "do not show these"},
    {"baseline", "FILE", "leave out the findings that stand in FILE, unless they are graver now"},
    {"write-baseline", NULL, "write a baseline of what would be shown, and nothing else"},
    {"sarif", NULL, "the answer as SARIF 2.1.0"},
    {"junit", NULL, "the answer as JUnit XML, one case a kind of finding"},
};

enum form { FORM_SCREEN, FORM_JSON, FORM_SARIF, FORM_JUNIT, FORM_BASELINE, FORM_CURED };

/* What is asked, besides how the network is to be run. */
struct question {
    const char *path;
    enum form form;
    enum check_level fail_on;
    uint64_t remedy; /* FORM_CURED: its number */
    struct selection selection;
    struct baseline *baseline; /* NULL: none */
};

static bool read_level(struct cli *cli, const struct arguments *arguments,
                       enum check_level *ret_level)
{
    const char *name = arguments_value(arguments, "fail-on");
    *ret_level = CHECK_LIKELY;
    if (!name || check_find_level(name, ret_level))
        return true;
    struct quoted shown = diagnostics_quote(name, strlen(name));
    cli_error(cli, "--fail-on %s: expected certain, likely, latent or protected", shown.text);
    return false;
}

static enum cli_exit apply(struct cli *cli, const struct check *check, uint64_t number)
{
    size_t total = check_remedy_total(check);
    struct network *cured =
        number >= 1 && number <= total ? check_remedy_applied(check, (size_t)number) : NULL;
    if (!cured) {
        if (total == 0)
            cli_error(cli, "--apply: there is no remedy to apply");
        else
            cli_error(cli, "--apply %" PRIu64 ": expected a remedy's number, 1 to %zu", number,
                      total);
        return CLI_USAGE;
    }
    network_format(cured, cli->out.out);
    network_free(cured);
    return CLI_FINE;
}

static bool read_jobs(struct cli *cli, const struct arguments *arguments, unsigned *ret_workers)
{
    uint64_t jobs;
    if (!arguments_number(cli, arguments, "jobs", 0, &jobs))
        return false;
    if (arguments_has(arguments, "jobs") && (jobs < 1 || jobs > CHECK_WORKERS_MAX)) {
        cli_error(cli, "--jobs %" PRIu64 ": expected 1 to %d", jobs, CHECK_WORKERS_MAX);
        return false;
    }
    *ret_workers = (unsigned)jobs;
    return true;
}

static const char *const forms[] = {[FORM_JSON] = "json",
                                    [FORM_SARIF] = "sarif",
                                    [FORM_JUNIT] = "junit",
                                    [FORM_BASELINE] = "write-baseline",
                                    [FORM_CURED] = "apply"};

/* One form of an answer. --json may stand beside those that write a file: mistakes are told so. */
static bool read_form(struct cli *cli, const struct arguments *arguments, struct question *question)
{
    for (int i = FORM_JSON; i <= FORM_CURED; i++) {
        if (!arguments_has(arguments, forms[i]))
            continue;
        bool beside = question->form == FORM_JSON && i >= FORM_BASELINE;
        if (question->form != FORM_SCREEN && !beside) {
            cli_error(cli, "--%s and --%s exclude each other", forms[question->form], forms[i]);
            return false;
        }
        question->form = (enum form)i;
    }
    return true;
}

static bool read_question(struct cli *cli, const struct arguments *arguments,
                          struct question *question)
{
    bool list = arguments_has(arguments, "list");
    if (arguments_has(arguments, "cheapest") && arguments_has(arguments, "all")) {
        cli_error(cli, "--all and --cheapest exclude each other");
        return false;
    }
    if (list != (arguments->operand_count == 0)) {
        if (list)
            cli_error(cli, "--list takes no file");
        else
            cli_error(cli, "check needs FILE|-; see: %s help check", cli->program);
        return false;
    }
    question->path = arguments->operands[0];
    const char *baseline = arguments_value(arguments, "baseline");
    if (baseline && !list && strcmp(baseline, "-") == 0 && strcmp(question->path, "-") == 0) {
        cli_error(cli, "standard input is either the network or its baseline");
        return false;
    }
    return read_level(cli, arguments, &question->fail_on) && read_form(cli, arguments, question) &&
           arguments_number(cli, arguments, "apply", 0, &question->remedy) &&
           findings_selected(cli, arguments, &question->selection);
}

static enum cli_exit show(struct cli *cli, const struct check *check,
                          const struct question *question)
{
    const char *name = source_name(question->path);
    const struct check_render_options how = {.title = name,
                                             .operand = question->path,
                                             .program = cli->program,
                                             .color = cli->out.color,
                                             .utf8 = !cli->out.ascii,
                                             .width = cli->out.width};
    if (check_interrupted(check) && question->form >= FORM_BASELINE) {
        cli_error(cli, "interrupted; nothing was written");
        return CLI_WORLD;
    }
    const struct sarif_options sarif = {.path = strcmp(question->path, "-") == 0 ? NULL : name,
                                        .version = SEKISHO_VERSION};
    bool written = true;
    switch (question->form) {
    case FORM_JSON:
        written = json_write_take(check_json(check), cli->out.out);
        break;
    case FORM_SARIF:
        written = json_write_take(sarif_of(check, &sarif), cli->out.out);
        break;
    case FORM_JUNIT:
        junit_write(check, name, question->fail_on, cli->out.out);
        break;
    case FORM_BASELINE:
        baseline_write(check, cli->out.out);
        return CLI_FINE;
    case FORM_CURED:
        return apply(cli, check, question->remedy);
    case FORM_SCREEN:
    default:
        check_render(check, cli->out.out, &how);
        break;
    }
    if (!written)
        return CLI_WORLD;
    if (check_exit_code(check, question->fail_on))
        return CLI_FOUND;
    return check_interrupted(check) ? CLI_WORLD : CLI_FINE;
}

/* The answer, or what is known of it when somebody interrupts; the terminal shows how far it is. */
static struct check *run_patiently(struct cli *cli, const struct network *network,
                                   struct check_options *how)
{
    struct progress progress;
    progress_begin(&progress, cli->err.out, progress_clock_us);
    interrupt_listen(progress.file, "ends after the run at hand");
    how->progress = progress_show_check;
    how->progress_context = &progress;
    how->interrupted = interrupt_heard;
    struct check *check = check_run(network, how);
    interrupt_forget();
    progress_end(&progress);
    return check;
}

static enum cli_exit run_network(struct cli *cli, const struct question *question,
                                 struct check_options *how, bool json)
{
    struct network *network;
    enum cli_exit status = source_network(cli, question->path, json, &network);
    if (status != CLI_FINE)
        return status;
    struct check *check = run_patiently(cli, network, how);
    if (check) {
        selection_apply(check, &question->selection);
        if (question->baseline)
            baseline_apply(check, question->baseline);
        status = show(cli, check, question);
    } else {
        cli_error(cli, "no memory to check the network");
        status = CLI_WORLD;
    }
    check_free(check);
    network_free(network);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct question question = {0};
    bool json = arguments_has(arguments, "json");
    struct check_options how = {.cheapest = arguments_has(arguments, "cheapest"),
                                .all = arguments_has(arguments, "all"),
                                .no_variants = arguments_has(arguments, "no-variants"),
                                .clock_us = progress_clock_us};
    if (!read_question(cli, arguments, &question) ||
        !arguments_number(cli, arguments, "seed", 1, &how.seed) ||
        !play_limit(cli, arguments, &how.limit_us) || !read_jobs(cli, arguments, &how.workers))
        return CLI_USAGE;
    if (arguments_has(arguments, "list"))
        return findings_list(cli, &question.selection, json);
    enum cli_exit status =
        findings_baseline(cli, arguments_value(arguments, "baseline"), json, &question.baseline);
    if (status == CLI_FINE)
        status = run_network(cli, &question, &how, json);
    baseline_free(question.baseline);
    return status;
}

const struct command command_check = {
    .name = "check",
    .operands = "FILE|-",
    .sentence = "Runs the network and says what is wrong, how sure it is, and what cures it.",
    .text = "Every remedy that is shown was applied to a copy and run: afterwards all tunnels are\n"
            "up and nothing that was reachable is lost. Ctrl-C ends it after the run at hand, and\n"
            "what is known by then is shown.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 0, /* --list */
    .most = 1,
    .run = run,
};
