/* `sekisho lab status`, `exec` and `shell`. */
#include "cli/lab.h"
#include "explain/grid.h"
#include "explain/json.h"
#include "explain/words.h"
#include "lab/apply.h"
#include "lab/done.h"
#include "lab/look.h"
#include "lab/origin.h"
#include "lab/watch.h"
#include "network/diagnostics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- status -- */

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

struct age {
    char text[32];
};

static struct age age_of(double seconds)
{
    struct age age;
    struct text text = text_over(age.text, sizeof age.text);
    text_age(&text, seconds > 0 ? (int64_t)(seconds * 1e6) : 0);
    return age;
}

/* "zebra, staticd, bgpd"; of several charons one word; what has ended is said. */
static void add_daemons(struct grid *grid, const json_t *daemons)
{
    char list[512] = "";
    for (size_t i = 0; i < json_array_size(daemons); i++) {
        const json_t *daemon = json_array_get(daemons, i);
        bool runs = json_is_true(json_object_get(daemon, "runs"));
        const char *tunnel = text_at(daemon, "tunnel");
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s%s%s%s", used ? ", " : "",
                 text_at(daemon, "name"), *tunnel ? " " : "", tunnel, runs ? "" : " (ended)");
    }
    grid_add(grid, list);
}

static void show_nodes(const struct screen *screen, const json_t *nodes)
{
    struct grid grid = {0};
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i);
        grid_begin(&grid);
        grid_add(&grid, text_at(node, "node"));
        grid_add(&grid,
                 *text_at(node, "platform") ? text_at(node, "platform") : text_at(node, "kind"));
        add_daemons(&grid, json_object_get(node, "daemons"));
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

static void show_states(const struct screen *screen, const json_t *list, const char *key,
                        const char *good)
{
    struct grid grid = {0};
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *state = text_at(one, "state");
        const json_t *since = json_object_get(one, "for");
        grid_begin(&grid);
        grid_add(&grid, text_at(one, key));
        grid_say(&grid, "%s%s%s", strcmp(state, good) ? SCREEN_RED : SCREEN_GREEN, state,
                 SCREEN_END);
        grid_add(&grid, json_is_number(since) ? age_of(json_number_value(since)).text : "");
        grid_add(&grid, text_at(one, "gateway"));
    }
    grid_render(&grid, screen, 2);
    grid_done(&grid);
}

static void show(const struct screen *screen, const json_t *look, const struct lab_running *lab)
{
    json_int_t count = json_integer_value(json_object_get(look, "processes"));
    json_int_t kib = json_integer_value(json_object_get(look, "own_kib"));
    double age_s = (double)time(NULL) - (double)lab->since_us / 1e6;
    screen_say(screen, "%s: %s  up for %s, %lld processes, %lld MiB\n", text_at(look, "lab"),
               text_at(look, "file"), age_of(age_s).text, (long long)count,
               (long long)(kib + 1023) / 1024);
    if (json_is_true(json_object_get(look, "changed")))
        screen_say(screen, "%sthe file's network was changed since; the lab is as it was%s\n",
                   SCREEN_RED, SCREEN_END);
    if (running_abandoned(lab))
        screen_say(screen, "%swho ran it was killed: the next one, or down, removes it%s\n",
                   SCREEN_RED, SCREEN_END);
    fputc('\n', screen->out);
    show_nodes(screen, json_object_get(look, "nodes"));
    if (json_array_size(json_object_get(look, "tunnels"))) {
        screen_put(screen, "\ntunnels\n");
        show_states(screen, json_object_get(look, "tunnels"), "tunnel", "up");
    }
    if (json_array_size(json_object_get(look, "sessions"))) {
        screen_put(screen, "\nsessions\n");
        show_states(screen, json_object_get(look, "sessions"), "neighbor", "Established");
    }
}

enum cli_exit lab_status(struct cli *cli, const struct arguments *arguments)
{
    struct lab_running *lab;
    enum cli_exit status = lab_find(cli, arguments, 1, &lab);
    if (status != CLI_FINE)
        return status;
    json_t *look = lab_look(lab);
    enum origin origin = origin_of(lab, NULL);
    json_put(look, "changed",
             origin == ORIGIN_UNKNOWN ? json_null() : json_boolean(origin == ORIGIN_OTHER));
    json_put(look, "abandoned", json_boolean(running_abandoned(lab)));
    status = lab_is_well(look) ? CLI_FINE : CLI_FOUND;
    if (arguments_has(arguments, "json")) {
        status = json_write_take(look, cli->out.out) ? status : CLI_WORLD;
    } else {
        show(&cli->out, look, lab);
        json_decref(look);
    }
    running_free(lab);
    return status;
}

/* -- exec and shell -- */

enum { WORDS_MAX = OPERANDS_MAX + 8 };

/* Programs that ask a daemon are told where it is. */
static const char *socket_option(const struct running_node *node, const char *program,
                                 const char **ret_path)
{
    const struct running_daemon *bird = running_daemon(node, "bird", NULL);
    *ret_path = node->folder;
    if (strcmp(program, "vtysh") == 0 && running_daemon(node, "zebra", NULL))
        return "--vty_socket";
    if (strcmp(program, "birdc") != 0 || !bird)
        return NULL;
    *ret_path = bird->socket;
    return "-s";
}

static enum cli_exit enter(struct cli *cli, const struct running_node *node,
                           const char *const words[])
{
    const char *all[WORDS_MAX] = {"ip", "netns", "exec",
                                  node->inner[0] ? node->inner : node->space};
    size_t count = 4;
    const char *path, *option = socket_option(node, words[0], &path);
    all[count++] = words[0];
    if (option) {
        all[count++] = option;
        all[count++] = path;
    }
    for (size_t i = 1; words[i] && count + 1 < WORDS_MAX; i++)
        all[count++] = words[i];
    fflush(NULL);
    execvp(all[0], (char *const *)(uintptr_t)all);
    cli_error(cli, "ip cannot be run: %s (package iproute2)", strerror(errno));
    return CLI_WORLD;
}

static void list_nodes(struct cli *cli, const struct lab_running *lab, const char *said)
{
    char list[1024] = "";
    for (size_t i = 0; i < lab->node_count; i++) {
        size_t used = strlen(list);
        if (lab->nodes[i].space[0] && used < sizeof list - PLANE_NAME_BYTES)
            snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", lab->nodes[i].id);
    }
    struct quoted shown = diagnostics_quote(said, strlen(said));
    cli_error(cli, "the lab %s has no node \"%s\"; expected one of %s", lab->name, shown.text,
              list);
}

static enum cli_exit enter_node(struct cli *cli, const struct arguments *arguments,
                                const char *const words[])
{
    struct lab_running *lab;
    const char *id = arguments->operands[1];
    enum cli_exit status = lab_find_current(cli, arguments, OPERANDS_MAX, &lab);
    if (status != CLI_FINE)
        return status;
    const struct running_node *node = running_node(lab, id);
    if (node && node->space[0] && !lab_has_program(words[0])) {
        cli_error(cli, "there is no program %s here", words[0]);
        status = CLI_WORLD;
    } else if (node && node->space[0]) {
        done_command(lab, id, words, watch_wall_us());
        status = enter(cli, node, words);
    } else {
        list_nodes(cli, lab, id);
        status = CLI_USAGE;
    }
    running_free(lab);
    return status;
}

enum cli_exit lab_exec(struct cli *cli, const struct arguments *arguments)
{
    const char *words[OPERANDS_MAX + 1] = {NULL};
    for (unsigned i = 2; i < arguments->operand_count; i++)
        words[i - 2] = arguments->operands[i];
    return enter_node(cli, arguments, words);
}

enum cli_exit lab_shell(struct cli *cli, const struct arguments *arguments)
{
    const char *shell = getenv("SHELL");
    const char *words[] = {shell && *shell ? shell : "/bin/sh", NULL};
    return enter_node(cli, arguments, words);
}
