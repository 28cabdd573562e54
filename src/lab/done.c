#include "lab/done.h"

#include "network/fold.h"
#include "network/schema.h"
#include "network/walk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 16 << 20, COMMAND_BYTES = 4096 };

static void *must(void *block)
{
    assert(block);
    return block;
}

/* -- writing -- */

static void append_take(const struct lab_running *lab, json_t *object)
{
    char path[LAB_PATH_BYTES];
    char *line = must(json_dumps(object, JSON_COMPACT));
    size_t size = strlen(line);
    lab_path(lab->name, DONE_FILE, path);
    line[size] = '\n'; /* in its end's place: one write, so that two who write do not mix */
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)!write(fd, line, size + 1);
        close(fd);
    }
    free(line);
    json_decref(object);
}

static json_t *item_of(int64_t at_us)
{
    json_t *object = must(json_object());
    json_object_set_new(object, "at_us", json_integer(at_us));
    return object;
}

/* A network of the step alone is "story:", and the step as the item of a list behind it. */
char *done_step_text(const struct network_step *step, int64_t at_us)
{
    struct network_step copy = *step;
    struct network alone = {
        .story = &copy, .step_count = 1, .internet_delay_us = -1, .until_us = -1};
    char *text = NULL;
    size_t size = 0;
    FILE *out = must(open_memstream(&text, &size));
    copy.at_us = at_us;
    network_format(&alone, out);
    fclose(out);
    char *to = must(text);
    for (const char *line = strchr(text, '\n'); line && line[1];) {
        const char *end = strchr(++line, '\n');
        size_t length = end ? (size_t)(end - line) + 1 : strlen(line);
        size_t skipped = length > 4 ? 4 : length - 1;
        memmove(to, line + skipped, length - skipped);
        to += length - skipped;
        line = end;
    }
    *to = '\0';
    return text;
}

void done_step(const struct lab_running *lab, const struct network_step *step, int64_t at_us)
{
    char *text = done_step_text(step, 0);
    json_t *object = item_of(at_us);
    json_object_set_new(object, "step", json_string(text));
    append_take(lab, object);
    free(text);
}

void done_command(const struct lab_running *lab, const char *node, const char *const words[],
                  int64_t at_us)
{
    char line[COMMAND_BYTES] = "";
    size_t size = 0;
    for (size_t i = 0; words[i] && size < sizeof line; i++) {
        const char *quote = strpbrk(words[i], " \t\n'\"") ? "'" : "";
        int wrote = snprintf(line + size, sizeof line - size, "%s%s%s%s", i ? " " : "", quote,
                             words[i], quote);
        size += (size_t)wrote;
    }
    json_t *command = json_string(line), *object = item_of(at_us);
    json_object_set_new(object, "node", json_string(node));
    json_object_set_new(object, "command", command ? command : json_string("?")); /* not UTF-8 */
    append_take(lab, object);
}

/* -- a change, as steps -- */

static bool has_route(const struct network_router *router, const struct network_route *route)
{
    for (size_t i = 0; i < router->route_count; i++) {
        if (walk_equal(&schema_route, &router->routes[i], route))
            return true;
    }
    return false;
}

/* The step, written down, and done to a network that is to become the other one. */
static void say_step(const struct lab_running *lab, struct network *so_far,
                     const struct network_step *step, int64_t at_us)
{
    done_step(lab, step, at_us);
    network_fold(so_far, step);
}

static struct network_step configure(const struct network *network, enum network_about about,
                                     char *id)
{
    struct network_step step = {0};
    schema_initialize(&schema_step, &step);
    step.verb = NETWORK_STEP_CONFIGURE;
    step.about = about;
    step.object = network_find(network, id);
    step.object.id = id;
    return step;
}

static void say_routes(const struct lab_running *lab, struct network *so_far,
                       const struct network_router *before, const struct network_router *after,
                       int64_t at_us)
{
    for (size_t i = 0; i < after->route_count; i++) {
        struct network_step step = configure(so_far, NETWORK_ABOUT_ROUTER, after->id);
        step.change.add_routes = &after->routes[i];
        step.change.add_route_count = 1;
        if (!has_route(before, &after->routes[i]))
            say_step(lab, so_far, &step, at_us);
    }
}

void done_change(const struct lab_running *lab, const struct network *before,
                 const struct network *after, int64_t at_us)
{
    struct network *so_far = network_copy(before);
    for (size_t i = 0; i < before->router_count && i < after->router_count; i++)
        say_routes(lab, so_far, &before->routers[i], &after->routers[i], at_us);
    for (size_t i = 0; i < before->vpn_connection_count && i < after->vpn_connection_count; i++) {
        const struct network_connection *is = &after->vpn_connections[i];
        struct network_step step = configure(so_far, NETWORK_ABOUT_CONNECTION, is->id);
        step.change.guard = is->guard;
        if (is->guard != NETWORK_GUARD_UNSAID && is->guard != before->vpn_connections[i].guard)
            say_step(lab, so_far, &step, at_us);
    }
    if (!network_equal(so_far, after)) /* something that no step says */
        append_take(lab, item_of(at_us));
    network_free(so_far);
}

/* -- reading -- */

static char *copy_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? must(strdup(text)) : NULL;
}

static bool read_line(struct done *done, const char *line, size_t size)
{
    json_t *object = json_loadb(line, size, 0, NULL);
    const json_t *at = json_object_get(object, "at_us");
    bool sound = json_is_integer(at) && json_integer_value(at) >= 0;
    if (sound) {
        done->items = must(realloc(done->items, (done->count + 1) * sizeof *done->items));
        done->items[done->count++] = (struct done_item){.at_us = json_integer_value(at),
                                                        .step = copy_of(object, "step"),
                                                        .node = copy_of(object, "node"),
                                                        .command = copy_of(object, "command")};
    }
    json_decref(object);
    return sound;
}

bool done_read_text(const char *text, size_t size, struct done *ret_done,
                    struct trouble *ret_trouble)
{
    struct done done = {0};
    size_t number = 1;
    for (size_t at = 0; at < size; number++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        if (!end || !read_line(&done, text + at, length)) {
            done_free(&done);
            return trouble_is(ret_trouble, 0, "line %zu of what was done to the lab cannot be read",
                              number);
        }
        at += length + 1;
    }
    *ret_done = done;
    return true;
}

bool done_read(const struct lab_running *lab, struct done *ret_done, struct trouble *ret_trouble)
{
    char path[LAB_PATH_BYTES];
    lab_path(lab->name, DONE_FILE, path);
    *ret_done = (struct done){0};
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT || trouble_is(ret_trouble, errno, "%s cannot be read", path);
    char *text = must(malloc(FILE_MAX));
    size_t size = fread(text, 1, FILE_MAX, file);
    bool done = size < FILE_MAX
                    ? done_read_text(text, size, ret_done, ret_trouble)
                    : trouble_is(ret_trouble, 0, "%s is longer than %d MiB", path, FILE_MAX >> 20);
    fclose(file);
    free(text);
    return done;
}

void done_free(struct done *done)
{
    for (size_t i = 0; i < done->count; i++) {
        free(done->items[i].step);
        free(done->items[i].node);
        free(done->items[i].command);
    }
    free(done->items);
    *done = (struct done){0};
}
