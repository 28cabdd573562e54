#include "run/control.h"

#include "network/memory.h"
#include "run/act.h"
#include "run/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct control_client {
    uv_pipe_t pipe;
    struct daemon *daemon;
    struct control_client *next;
    char line[REQUEST_LINE_MAX]; /* what has come and is not answered */
    size_t size;
    bool reading, ended; /* ended: nothing more will come */
    bool following;
    uint64_t followed; /* events up to this one are told */
};

struct sent {
    uv_write_t request;
    char *text;
};

/* -- coming and going -- */

static void freed(uv_handle_t *pipe)
{
    free(pipe->data);
}

static void let_go(struct control_client *client)
{
    struct control *control = &client->daemon->control;
    for (struct control_client **at = &control->first; *at; at = &(*at)->next) {
        if (*at != client)
            continue;
        *at = client->next;
        control->client_count--;
        break;
    }
    uv_close((uv_handle_t *)&client->pipe, freed);
}

static void give_room(uv_handle_t *pipe, size_t wished, uv_buf_t *ret_buffer)
{
    struct control_client *client = pipe->data;
    (void)wished;
    *ret_buffer =
        uv_buf_init(client->line + client->size, (unsigned)(REQUEST_LINE_MAX - client->size));
}

static void stop_reading(struct control_client *client)
{
    client->reading = false;
    uv_read_stop((uv_stream_t *)&client->pipe);
}

/* A full line is answered before more is read. */
static void heard(uv_stream_t *pipe, ssize_t size, const uv_buf_t *buffer)
{
    struct control_client *client = pipe->data;
    (void)buffer;
    if (size < 0) {
        client->ended = true;
        stop_reading(client);
        return;
    }
    client->size += (size_t)size;
    if (memchr(client->line, '\n', client->size) || client->size == REQUEST_LINE_MAX)
        stop_reading(client);
}

static void arrived(uv_stream_t *listener, int status)
{
    struct daemon *daemon = listener->data;
    struct control_client *client = memory_zeroed(1, sizeof *client);
    client->daemon = daemon;
    if (status == 0)
        status = uv_pipe_init(&daemon->loop, &client->pipe, 0);
    client->pipe.data = client;
    if (status) {
        free(client);
        return;
    }
    client->next = daemon->control.first;
    daemon->control.first = client;
    daemon->control.client_count++;
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) ||
        daemon->control.client_count > CONTROL_CLIENTS_MAX)
        let_go(client);
}

/* -- answering -- */

static void gone(uv_write_t *request, int status)
{
    struct sent *sent = request->data;
    (void)status; /* reading hears of it */
    free(sent->text);
    free(sent);
}

static void say_take(struct control_client *client, json_t *answer)
{
    struct sent *sent = memory_zeroed(1, sizeof *sent);
    size_t size = json_dumpb(answer, NULL, 0, JSON_COMPACT);
    sent->text = memory_zeroed(1, size + 1);
    json_dumpb(answer, sent->text, size, JSON_COMPACT);
    sent->text[size] = '\n';
    sent->request.data = sent;
    json_decref(answer);
    uv_buf_t buffer = uv_buf_init(sent->text, (unsigned)size + 1);
    if (uv_write(&sent->request, (uv_stream_t *)&client->pipe, &buffer, 1, gone))
        gone(&sent->request, 0);
}

static void answer_line(struct control_client *client, size_t size)
{
    struct request request;
    struct slice line = {(const uint8_t *)client->line, size};
    const char *wrong = request_read(line, &request);
    if (wrong) {
        say_take(client, answer_mistake(wrong));
        return;
    }
    say_take(client, request.ask == ASK_REPLACE_TUNNEL ? act_take(client->daemon, &request)
                                                       : answer_take(client->daemon, &request));
    if (request.follow) {
        client->following = true;
        client->followed = client->daemon->recent.last;
    }
}

static void tell_follower(struct control_client *client)
{
    const struct recent_note *recent = recent_after(&client->daemon->recent, client->followed);
    if (!recent)
        return;
    say_take(client, answer_event(client->daemon, recent));
    client->followed = recent->number;
}

/* true: it has more to say, or to be told. */
static bool serve(struct control_client *client)
{
    if (client->pipe.write_queue_size > 0)
        return false; /* libuv wakes us when it is out */
    char *end = memchr(client->line, '\n', client->size);
    if (end) {
        size_t taken = (size_t)(end - client->line) + 1;
        answer_line(client, taken - 1);
        client->size -= taken;
        memmove(client->line, client->line + taken, client->size);
    } else if (client->size == REQUEST_LINE_MAX) {
        say_take(client, answer_mistake("a request is one line of at most 4095 bytes"));
        client->size = 0;
        client->ended = true;
    } else if (client->ended) {
        let_go(client);
        return false;
    } else if (client->following) {
        tell_follower(client);
    }
    bool more = client->ended || memchr(client->line, '\n', client->size) ||
                (client->following && client->followed < client->daemon->recent.last);
    if (!more && !client->reading)
        client->reading = uv_read_start((uv_stream_t *)&client->pipe, give_room, heard) == 0;
    return more;
}

bool control_answer(struct daemon *daemon)
{
    bool more = false;
    for (struct control_client *at = daemon->control.first, *next; at; at = next) {
        next = at->next;
        more |= serve(at);
    }
    return more;
}

/* -- the socket -- */

/* A socket that nobody listens at. */
static bool is_left_behind(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat about;
    if (strlen(path) >= sizeof address.sun_path || lstat(path, &about) || !S_ISSOCK(about.st_mode))
        return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return refused;
}

const char *control_place(const char *asked, const char *folder, const char *node,
                          char room[static CONTROL_PATH])
{
    struct stat about;
    if (asked)
        return strcmp(asked, "none") == 0 ? NULL : asked;
    if (snprintf(room, CONTROL_PATH, "%s/%s", folder, node) >= CONTROL_PATH - 8 ||
        stat(room, &about) || !S_ISDIR(about.st_mode))
        return NULL;
    memcpy(room + strlen(room), "/control", 9);
    return room;
}

bool control_open(struct daemon *daemon, const char *path, FILE *err)
{
    struct control *control = &daemon->control;
    if (!path)
        return true;
    control->left_behind = is_left_behind(path);
    if (control->left_behind)
        unlink(path);
    int error = uv_pipe_init(&daemon->loop, &control->listener, 0);
    control->listener.data = daemon;
    mode_t mask = umask(0177); /* from its first moment on */
    if (error == 0)
        error = uv_pipe_bind(&control->listener, path);
    umask(mask);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&control->listener, CONTROL_CLIENTS_MAX, arrived);
    control->open = error == 0;
    if (error)
        fprintf(err, "error: the control socket %s cannot be made: %s\n", path,
                error == UV_EADDRINUSE ? "another program has it" : uv_strerror(error));
    return error == 0;
}

void control_close(struct daemon *daemon)
{
    struct control *control = &daemon->control;
    while (control->first)
        let_go(control->first);
    if (control->open)
        uv_close((uv_handle_t *)&control->listener, NULL); /* libuv removes the path */
    control->open = false;
}
