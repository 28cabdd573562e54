/* `sekisho lab record`: what a lab did, as a network file that `simulate` plays. */
#include "cli/lab_record.h"

#include "cli/lab_journal.h"
#include "cli/source.h"
#include "explain/words.h"
#include "lab/watch.h"
#include "network/build.h"
#include "world/names.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* charon's log has the time of day and no date. */
enum { LOGS_S = 12 * 3600, US_PER_S = 1000000 };

struct recorder {
    struct cli *cli;
    const struct lab_running *lab;
    int64_t until_us;
    struct network *begun, *now; /* as the lab began, and as it is configured by now */
    struct world *world;         /* of how it began */
    struct done done;
    struct record record;
    struct network *recorded;
    int64_t began_us; /* its time 0 */
    char *notes;      /* lines that are no part of the story */
    size_t notes_size;
};

static void note(struct recorder *recorder, const char *line)
{
    size_t size = strlen(line);
    char *grown = realloc(recorder->notes, recorder->notes_size + size + 2);
    if (!grown)
        return;
    recorder->notes = grown;
    memcpy(grown + recorder->notes_size, line, size);
    memcpy(grown + recorder->notes_size + size, "\n", 2);
    recorder->notes_size += size + 1;
}

/* -- what is read -- */

static enum cli_exit read_networks(struct recorder *recorder)
{
    char path[LAB_PATH_BYTES];
    lab_path(recorder->lab->name, LAB_BEGUN, path);
    if (source_network(recorder->cli, path, false, &recorder->begun) != CLI_FINE)
        return CLI_WORLD;
    lab_path(recorder->lab->name, "network.yaml", path);
    if (source_network(recorder->cli, path, false, &recorder->now) != CLI_FINE)
        return CLI_WORLD;
    recorder->world = network_build(recorder->begun);
    return CLI_FINE;
}

static enum cli_exit read_done(struct recorder *recorder)
{
    struct trouble trouble = {0};
    bool fine = done_read(recorder->lab, &recorder->done, &trouble);
    for (size_t i = 0; fine && i < recorder->done.count; i++) {
        const struct done_item *item = &recorder->done.items[i];
        if (item->step && !record_done(&recorder->record, item->step, item->at_us))
            fine = trouble_is(&trouble, 0, "a step that was done to the lab is none of its file's");
        else if (!item->step && !item->command)
            note(recorder, "a change was applied that no step of a story says");
    }
    if (!fine)
        cli_error(recorder->cli, "%s", trouble.sentence);
    return fine ? CLI_FINE : CLI_WORLD;
}

static enum cli_exit read_journals(struct recorder *recorder)
{
    enum cli_exit status = CLI_FINE;
    for (size_t i = 0; i < recorder->lab->node_count && status == CLI_FINE; i++) {
        const struct running_node *node = &recorder->lab->nodes[i];
        if (node->kind == NODE_GATEWAY)
            status = lab_journal_read(recorder->cli, node, recorder->until_us, &recorder->record);
    }
    return status;
}

/* When somebody did something to the node last; -1: nobody did. */
static int64_t command_us(const struct recorder *recorder, const char *node)
{
    int64_t at_us = -1;
    for (size_t i = 0; i < recorder->done.count; i++) {
        const struct done_item *item = &recorder->done.items[i];
        if (item->node && strcmp(item->node, node) == 0)
            at_us = item->at_us;
    }
    return at_us;
}

static bool is_said(const struct node *node, struct prefix prefix)
{
    for (size_t i = 0; i < node->setup_count; i++) {
        if (node->setup[i].kind == EVENT_ROUTE_SET &&
            prefix_equal(node->setup[i].route.prefix, prefix))
            return true;
    }
    return false;
}

static void take_by_hand(struct recorder *recorder, const struct world *world, int at,
                         const struct seen_route *route)
{
    const struct node *node = &world->nodes[at];
    int64_t at_us = command_us(recorder, node->id);
    bool kinds = route->entry.source == ROUTE_STATIC || route->entry.source == ROUTE_KERNEL;
    if (!kinds || route->entry.gateway == 0 || is_said(node, route->prefix))
        return;
    if (at_us >= 0) {
        record_by_hand(&recorder->record, at, route->prefix, route->entry.gateway, at_us);
        return;
    }
    char line[256];
    struct text text = text_over(line, sizeof line);
    text_add(&text, node->id);
    text_add(&text, " has a route for ");
    text_prefix(&text, route->prefix);
    text_add(&text, " that nobody gave it by lab exec: its time is not known");
    note(recorder, line);
}

/* The daemons' logs from their beginning, and the kernels' tables as they are. */
static enum cli_exit read_logs(struct recorder *recorder)
{
    struct world *world = network_build(recorder->now);
    struct trouble trouble = {0};
    struct seen seen;
    seen_init(&seen, world, recorder->lab->since_us);
    struct watch *watch = watch_create(recorder->lab, &seen, &trouble);
    if (!watch)
        cli_error(recorder->cli, "%s", trouble.sentence);
    for (size_t i = 0; watch && i < seen.count; i++) {
        int64_t at_us = seen.moments[i].at_us + seen.began_us;
        if (at_us < recorder->until_us)
            record_moment(&recorder->record, &seen.moments[i], at_us);
    }
    for (size_t i = 0; watch && i < world->node_count; i++) {
        for (size_t j = 0; world->nodes[i].kind == NODE_ROUTER && j < seen.nodes[i].route_count;
             j++)
            take_by_hand(recorder, world, (int)i, &seen.nodes[i].routes[j]);
    }
    watch_destroy(watch);
    seen_done(&seen);
    world_destroy(world);
    return watch ? CLI_FINE : CLI_WORLD;
}

static enum cli_exit record(struct recorder *recorder)
{
    enum cli_exit status = read_networks(recorder);
    if (status != CLI_FINE)
        return status;
    if (recorder->until_us - recorder->lab->since_us > (int64_t)LOGS_S * US_PER_S) {
        cli_error(recorder->cli,
                  "the lab %s is up for more than 12 hours, and its daemons' logs have the time of "
                  "day only: it can be recorded no more",
                  recorder->lab->name);
        return CLI_WORLD;
    }
    record_init(&recorder->record, recorder->begun, recorder->world, recorder->lab->since_us,
                recorder->until_us);
    status = read_done(recorder);
    if (status == CLI_FINE)
        status = read_journals(recorder);
    if (status == CLI_FINE)
        status = read_logs(recorder);
    if (status == CLI_FINE)
        recorder->recorded = record_network(&recorder->record, &recorder->began_us);
    return status;
}

/* -- what is told -- */

static void put_time(FILE *out, int64_t wall_us)
{
    char bytes[40];
    struct tm parts;
    time_t second = (time_t)(wall_us / US_PER_S);
    gmtime_r(&second, &parts);
    strftime(bytes, sizeof bytes, "%Y-%m-%d %H:%M:%S", &parts);
    fputs(bytes, out);
}

static double seconds_of(const struct recorder *recorder, int64_t at_us)
{
    return (double)(at_us - recorder->began_us) / US_PER_S;
}

/* A command may have lines; a comment is one. */
static void put_line(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text < ' ' && *text >= 0 ? ' ' : *text, out);
    fputc('\n', out);
}

static void put_head(const struct recorder *recorder, FILE *out)
{
    fprintf(out, "# Recorded of the lab %s, ", recorder->lab->name);
    put_time(out, recorder->lab->since_us);
    fputs(" to ", out);
    put_time(out, recorder->until_us);
    fputs(" UTC.\n", out);
    for (size_t i = 0; i < recorder->done.count; i++) {
        const struct done_item *item = &recorder->done.items[i];
        if (!item->command)
            continue;
        fprintf(out, "# %.3fs  lab exec %s ", seconds_of(recorder, item->at_us), item->node);
        put_line(out, item->command);
    }
    for (const char *line = recorder->notes; line && *line; line = strchr(line, '\n') + 1)
        fprintf(out, "# %.*s\n", (int)strcspn(line, "\n"), line);
    fputc('\n', out);
}

static void put_file(const struct recorder *recorder, FILE *out)
{
    put_head(recorder, out);
    network_format(recorder->recorded, out);
}

static const char *source_word(enum record_source source)
{
    static const char *const words[] = {[RECORD_DONE] = "done",
                                        [RECORD_BGP] = "bgp",
                                        [RECORD_LOST] = "lost",
                                        [RECORD_TABLE] = "table"};
    return words[source];
}

static json_t *steps_json(const struct recorder *recorder)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recorder->record.step_count; i++) {
        const struct record_step *step = &recorder->record.steps[i];
        char *text = done_step_text(&step->step, recorder->recorded->story[i].at_us);
        json_t *object = json_object();
        text[strlen(text) - 1] = '\0'; /* its line's end */
        json_put(object, "at_s", json_seconds(step->at_us - recorder->began_us));
        json_put(object, "source", json_text(source_word(step->source)));
        json_put(object, "step", json_text(text));
        json_push(list, object);
        free(text);
    }
    return list;
}

static json_t *commands_json(const struct recorder *recorder)
{
    json_t *list = json_array();
    for (size_t i = 0; i < recorder->done.count; i++) {
        const struct done_item *item = &recorder->done.items[i];
        if (!item->command)
            continue;
        json_t *object = json_object();
        json_put(object, "at_s", json_seconds(item->at_us - recorder->began_us));
        json_put(object, "node", json_text(item->node));
        json_put(object, "command", json_text(item->command));
        json_push(list, object);
    }
    return list;
}

static json_t *notes_json(const struct recorder *recorder)
{
    json_t *list = json_array();
    for (const char *line = recorder->notes; line && *line; line = strchr(line, '\n') + 1)
        json_push(list, json_stringn(line, strcspn(line, "\n")));
    return list;
}

static json_t *answer_json(const struct recorder *recorder)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *object = json_object();
    if (out) {
        put_file(recorder, out);
        fclose(out);
    }
    json_put(object, "lab", json_text(recorder->lab->name));
    json_put(object, "file", json_text(recorder->lab->file));
    json_put(object, "began_s", json_real((double)recorder->began_us / US_PER_S));
    json_put(object, "end_s", json_seconds(recorder->until_us - recorder->began_us));
    json_put(object, "steps", steps_json(recorder));
    json_put(object, "moments", json_integer((json_int_t)recorder->recorded->recorded_count));
    json_put(object, "commands", commands_json(recorder));
    json_put(object, "notes", notes_json(recorder));
    json_put(object, "network", json_text(text));
    free(text);
    return object;
}

static void finish(struct recorder *recorder)
{
    record_free(&recorder->record);
    done_free(&recorder->done);
    network_free(recorder->recorded);
    network_free(recorder->begun);
    network_free(recorder->now);
    world_destroy(recorder->world);
    free(recorder->notes);
}

enum cli_exit lab_record_to(struct cli *cli, const struct lab_running *lab, bool json, FILE *out)
{
    struct recorder recorder = {.cli = cli, .lab = lab, .until_us = watch_wall_us()};
    enum cli_exit status = record(&recorder);
    if (status == CLI_FINE && json)
        status = json_write_take(answer_json(&recorder), out) ? CLI_FINE : CLI_WORLD;
    else if (status == CLI_FINE)
        put_file(&recorder, out);
    if (status == CLI_FINE && (fflush(out) != 0 || ferror(out)))
        status = CLI_WORLD;
    if (status == CLI_FINE && !json && recorder.recorded->step_count == 0)
        screen_say(&cli->err, "nothing has happened from outside\n");
    finish(&recorder);
    return status;
}

enum cli_exit lab_record(struct cli *cli, const struct arguments *arguments)
{
    struct lab_running *lab;
    enum cli_exit status = lab_find_current(cli, arguments, 1, &lab);
    if (status != CLI_FINE)
        return status;
    status = lab_record_to(cli, lab, arguments_has(arguments, "json"), cli->out.out);
    running_free(lab);
    return status;
}
