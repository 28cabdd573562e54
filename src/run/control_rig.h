/* Asking a daemon of a test at its control socket. */
#pragma once

#include "run/run_rig.h"

#include <jansson.h>
#include <sys/un.h>

#define CONTROL_UNUSED __attribute__((unused))

static char control_path[64] CONTROL_UNUSED;

/* A name that nobody has yet. */
CONTROL_UNUSED static const char *control_name(void)
{
    snprintf(control_path, sizeof control_path, "/tmp/sekishod-%d.control", (int)getpid());
    return control_path;
}

CONTROL_UNUSED static int control_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, control_path, sizeof control_path);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

CONTROL_UNUSED static void control_say(int fd, const char *line)
{
    CHECK_EQUAL(send(fd, line, strlen(line), MSG_NOSIGNAL), (ssize_t)strlen(line));
}

/* The next line, as JSON; NULL: there is none. */
CONTROL_UNUSED static json_t *control_hear(int fd)
{
    static char line[1 << 20];
    size_t size = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (size < sizeof line && poll(&wait, 1, RIG_PATIENCE_MS) == 1 &&
           recv(fd, line + size, 1, 0) == 1) {
        if (line[size++] == '\n')
            return json_loadb(line, size, 0, NULL);
    }
    return NULL;
}

/* One question on a connection of its own. */
CONTROL_UNUSED static json_t *control_ask(const char *line)
{
    int fd = control_connect();
    control_say(fd, line);
    control_say(fd, "\n");
    json_t *answer = control_hear(fd);
    CHECK(json_is_object(answer));
    close(fd);
    return answer;
}

/* What stands in an answer behind a path of members and places: "neighbors.0.state". */
CONTROL_UNUSED static const json_t *control_find(const json_t *answer, const char *path)
{
    char step[64];
    while (answer && *path) {
        size_t size = strcspn(path, ".");
        snprintf(step, sizeof step, "%.*s", (int)size, path);
        answer = json_is_array(answer) ? json_array_get(answer, strtoul(step, NULL, 10))
                                       : json_object_get(answer, step);
        path += size + (path[size] == '.');
    }
    return answer;
}

CONTROL_UNUSED static const char *control_text(const json_t *answer, const char *path)
{
    const char *text = json_string_value(control_find(answer, path));
    return text ? text : "(no text)";
}

CONTROL_UNUSED static json_int_t control_number(const json_t *answer, const char *path)
{
    const json_t *value = control_find(answer, path);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}
