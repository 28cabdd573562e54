#include "base/sort.h"
#include "cli/arguments.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/show_screen.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"control", "PATH", "the daemon's control socket; otherwise " ASK_WHERE},
    {"follow", NULL, "events: go on with those to come"},
    {"json", NULL, "the answer for a machine"},
};

/* -- what is asked -- */

static const struct subject {
    const char *name, *ask;
    bool needs_prefix, takes_prefix;
    void (*render)(const json_t *answer, const struct screen *screen);
} subjects[] = {
    {"bgp", "neighbors", .render = show_bgp},
    {"neighbors", "neighbors", .render = show_neighbors},
    {"routes", "routes", .takes_prefix = true, .render = show_routes},
    {"paths", "paths", .needs_prefix = true, .takes_prefix = true, .render = show_paths},
    {"limits", "limits", .render = show_limits},
    {"journal", "journal", .render = show_journal},
    {"events", "events", .render = show_events},
    {"tunnels", "tunnels", .render = show_tunnels},
    {"telemetry", "telemetry", .render = show_telemetry},
    {"attachments", "attachments", .render = show_attachments},
    {"fib", "fib", .render = show_fib},
};

static const struct subject *find_subject(const char *name)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        if (strcmp(subjects[i].name, name) == 0)
            return &subjects[i];
    }
    return NULL;
}

/* -- routes: all pages as one answer, by prefix -- */

static int compare_routes(const void *left, const void *right, const void *context)
{
    const struct prefix *one = left, *two = right;
    (void)context;
    if (one->six != two->six)
        return one->six ? 1 : -1;
    if (one->addr != two->addr)
        return one->addr < two->addr ? -1 : 1;
    return one->len < two->len ? -1 : one->len > two->len;
}

struct keyed {
    struct prefix prefix;
    json_t *route;
};

static json_t *sorted_take(json_t *routes)
{
    size_t count = json_array_size(routes);
    struct keyed *keyed = calloc(count + 1, sizeof *keyed);
    struct keyed *scratch = calloc(count + 1, sizeof *scratch);
    json_t *sorted = json_array();
    for (size_t i = 0; keyed && i < count; i++) {
        keyed[i].route = json_array_get(routes, i);
        const char *text = json_string_value(json_object_get(keyed[i].route, "prefix"));
        if (!text || prefix_parse(text, strlen(text), &keyed[i].prefix) != PREFIX_OK)
            keyed[i].prefix = (struct prefix){0};
    }
    if (keyed && scratch)
        sort_stable(keyed, count, sizeof *keyed, scratch, compare_routes, NULL);
    for (size_t i = 0; keyed && i < count; i++)
        json_array_append(sorted, keyed[i].route);
    json_decref(routes);
    free(keyed);
    free(scratch);
    return sorted;
}

static json_t *request_of(const struct subject *subject, const char *prefix)
{
    json_t *request = json_object();
    json_put(request, "ask", json_string(subject->ask));
    if (prefix)
        json_put(request, subject->needs_prefix ? "prefix" : "within", json_string(prefix));
    return request;
}

/* Page after page, until the last one has no next. member: what a page has rows of. */
static json_t *all_pages(struct cli *cli, struct ask *ask, const struct subject *subject,
                         const char *prefix)
{
    bool fib = strcmp(subject->ask, "fib") == 0;
    const char *member = fib ? "entries" : "routes", *from = fib ? "behind" : "after";
    json_t *whole = NULL, *rows = json_array(), *next = fib ? NULL : json_integer(0);
    do {
        json_t *request = request_of(subject, prefix);
        if (next)
            json_object_set_new(request, from, next);
        json_t *page = ask_take(cli, ask, request);
        json_decref(whole);
        whole = page;
        if (!page) {
            json_decref(rows);
            return NULL;
        }
        json_array_extend(rows, json_object_get(page, member));
        next = json_incref(json_object_get(page, "next"));
    } while (json_is_integer(next) || json_is_string(next));
    json_decref(next);
    json_object_del(whole, "next");
    json_put(whole, member, fib ? rows : sorted_take(rows));
    return whole;
}

/* -- answering -- */

static enum cli_exit tell_take(struct cli *cli, const struct subject *subject, json_t *answer,
                               bool json)
{
    if (json)
        return json_write_take(answer, cli->out.out) ? CLI_FINE : CLI_WORLD;
    subject->render(answer, &cli->out);
    json_decref(answer);
    return CLI_FINE;
}

/* Until the daemon, or the reader, is gone. */
static enum cli_exit follow(struct cli *cli, struct ask *ask, bool json)
{
    json_t *event;
    while (!ferror(cli->out.out) && (event = ask_next(ask))) {
        if (json)
            json_dumpf(event, cli->out.out, JSON_COMPACT);
        else
            show_event(event, &cli->out);
        if (json)
            fputc('\n', cli->out.out);
        fflush(cli->out.out);
        json_decref(event);
    }
    return ferror(cli->out.out) ? CLI_WORLD : CLI_FINE;
}

static enum cli_exit ask_about(struct cli *cli, const struct arguments *arguments,
                               const struct subject *subject, const char *prefix)
{
    struct ask ask;
    bool json = arguments_has(arguments, "json"), follows = arguments_has(arguments, "follow");
    enum cli_exit status = ask_open(cli, arguments_value(arguments, "control"), &ask);
    if (status != CLI_FINE)
        return status;
    json_t *answer;
    if (strcmp(subject->ask, "routes") == 0 || strcmp(subject->ask, "fib") == 0) {
        answer = all_pages(cli, &ask, subject, prefix);
    } else {
        json_t *request = request_of(subject, prefix);
        if (follows)
            json_put(request, "follow", json_true());
        answer = ask_take(cli, &ask, request);
    }
    status = answer ? tell_take(cli, subject, answer, json) : CLI_WORLD;
    if (status == CLI_FINE && follows) {
        fflush(cli->out.out);
        status = follow(cli, &ask, json);
    }
    ask_close(&ask);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *word = arguments->operands[0];
    const char *prefix = arguments->operand_count > 1 ? arguments->operands[1] : NULL;
    const struct subject *subject = find_subject(word);
    struct prefix parsed;
    if (!subject) {
        cli_error(cli,
                  "show %s: expected bgp, neighbors, routes, paths, limits, events, journal, "
                  "tunnels, telemetry, attachments or fib",
                  word);
        return CLI_USAGE;
    }
    if (prefix && !subject->takes_prefix) {
        cli_error(cli, "show %s takes no prefix", word);
        return CLI_USAGE;
    }
    if (!prefix && subject->needs_prefix) {
        cli_error(cli, "show %s: of which prefix?", word);
        return CLI_USAGE;
    }
    if (prefix && prefix_parse(prefix, strlen(prefix), &parsed) != PREFIX_OK) {
        cli_error(cli, "show %s %s: expected a prefix such as 10.0.0.0/16", word, prefix);
        return CLI_USAGE;
    }
    if (arguments_has(arguments, "follow") && strcmp(word, "events") != 0) {
        cli_error(cli, "--follow is for events");
        return CLI_USAGE;
    }
    return ask_about(cli, arguments, subject, prefix);
}

const struct command command_show = {
    .name = "show",
    .operands = "WHAT [PREFIX]",
    .sentence = "Asks a running sekishod for its sessions, routes, tunnels and what else it knows.",
    .text = "WHAT is one of\n\n"
            "    bgp          each session in a line\n"
            "    neighbors    each at length: routes, messages, how it last ended\n"
            "    routes       the best routes; with PREFIX those within it\n"
            "    paths        why PREFIX is where it is, and who is told of it\n"
            "    limits       what is bounded, and how much of it is used\n"
            "    events       what happened last\n"
            "    journal      where it is written, and whether it is\n"
            "    tunnels      those that the daemon makes\n"
            "    telemetry    what AWS would say of them\n"
            "    attachments  what hangs on the gateway\n"
            "    fib          the kernel's table beside what is wanted in it\n\n"
            "The answer with --json is docs/reference/control.md's; routes and fib are one answer.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 2,
    .run = run,
};
