#include "cli/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static enum cli_exit nobody(struct cli *cli, const char *path, int error)
{
    cli_error(cli, "no sekishod answers at %s: %s", path, strerror(error));
    return CLI_WORLD;
}

enum cli_exit ask_open(struct cli *cli, const char *path, struct ask *ret_ask)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    path = path ? path : ASK_PATH;
    if (strlen(path) >= sizeof address.sun_path)
        return nobody(cli, path, ENAMETOOLONG);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return nobody(cli, path, error);
    }
    *ret_ask = (struct ask){.fd = fd, .in = fdopen(fd, "r"), .path = path};
    return ret_ask->in ? CLI_FINE : nobody(cli, path, ENOMEM);
}

void ask_close(struct ask *ask)
{
    if (ask->in)
        fclose(ask->in);
}

json_t *ask_next(struct ask *ask)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t size = getline(&line, &cap, ask->in);
    json_t *answer = size > 0 ? json_loadb(line, (size_t)size, 0, NULL) : NULL;
    free(line);
    return answer;
}

static bool say(const struct ask *ask, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(ask->fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

json_t *ask_take(struct cli *cli, struct ask *ask, json_t *request)
{
    char *line = json_dumps(request, JSON_COMPACT);
    bool said = line && say(ask, line, strlen(line)) && say(ask, "\n", 1);
    json_t *answer = said ? ask_next(ask) : NULL;
    free(line);
    json_decref(request);
    const char *wrong = json_string_value(json_object_get(answer, "error"));
    if (!answer)
        cli_error(cli, "sekishod at %s ended the conversation", ask->path);
    else if (wrong)
        cli_error(cli, "sekishod says: %s", wrong);
    if (!wrong)
        return answer;
    json_decref(answer);
    return NULL;
}

static const char *name_at(const json_t *tunnels, size_t at)
{
    const char *name = json_string_value(json_object_get(json_array_get(tunnels, at), "tunnel"));
    return name ? name : "";
}

static void tell_unknown(struct cli *cli, const json_t *tunnels, const char *name)
{
    char names[512] = "";
    size_t size = 0;
    for (size_t i = 0; i < json_array_size(tunnels) && size < sizeof names; i++)
        size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", i ? ", " : "",
                                 name_at(tunnels, i));
    cli_error(cli, "there is no tunnel %s; expected one of %s%s", name, names,
              size < sizeof names ? "" : "...");
}

json_t *ask_tunnel(struct cli *cli, struct ask *ask, const char *name, enum cli_exit *ret_status)
{
    json_t *answer = ask_take(cli, ask, json_pack("{s:s}", "ask", "tunnels")), *row = NULL;
    const json_t *tunnels = json_object_get(answer, "tunnels");
    *ret_status = CLI_WORLD;
    if (!answer)
        return NULL;
    for (size_t i = 0; i < json_array_size(tunnels); i++) {
        if (strcmp(name_at(tunnels, i), name) == 0)
            row = json_incref(json_array_get(tunnels, i));
    }
    if (row) {
        json_object_set(row, "namespace", json_object_get(answer, "namespace"));
    } else if (!json_is_string(json_object_get(answer, "plane"))) {
        cli_error(cli, "sekishod at %s makes no tunnels", ask->path);
    } else {
        *ret_status = CLI_USAGE;
        tell_unknown(cli, tunnels, name);
    }
    json_decref(answer);
    return row;
}
