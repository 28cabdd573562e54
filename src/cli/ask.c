#include "cli/ask.h"

#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static enum cli_exit nobody(struct cli *cli, const char *path, int error)
{
    cli_error(cli, "no sekishod answers at %s: %s", path, strerror(error));
    return CLI_WORLD;
}

/* A descriptor, or a negative errno. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    return -error;
}

/* -- which one -- */

struct found {
    unsigned silent, answering;
    char silent_path[ASK_PATH], path[ASK_PATH]; /* the last of each */
    char room[256];
    struct text names; /* of those that answer */
};

static void look_at(struct found *found, const char *folder, const char *name)
{
    char path[ASK_PATH];
    struct stat about;
    int size = snprintf(path, sizeof path, "%s/%s/control", folder, name);
    if (size >= (int)sizeof path || lstat(path, &about) || !S_ISSOCK(about.st_mode))
        return;
    int fd = connect_to(path);
    if (fd < 0) {
        found->silent++;
        memcpy(found->silent_path, path, sizeof path);
        return;
    }
    close(fd);
    text_add(&found->names, found->answering++ ? ", " : "");
    text_add(&found->names, name);
    memcpy(found->path, path, sizeof path);
}

enum cli_exit ask_find(struct cli *cli, const char *folder, char ret_path[static ASK_PATH])
{
    struct found found = {0};
    found.names = text_over(found.room, sizeof found.room);
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            look_at(&found, folder, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    if (found.answering > 1) {
        cli_error(cli, "several gateways run here: %s; expected --control %s/ID/control",
                  found.room, folder);
        return CLI_WORLD;
    }
    if (found.answering + found.silent == 0 || (found.answering == 0 && found.silent > 1)) {
        cli_error(cli,
                  "no sekishod answers below %s; expected --control PATH, as sekishod was given",
                  folder);
        return CLI_WORLD;
    }
    memcpy(ret_path, found.answering ? found.path : found.silent_path, ASK_PATH);
    return CLI_FINE;
}

/* -- asking -- */

enum cli_exit ask_open(struct cli *cli, const char *path, struct ask *ret_ask)
{
    *ret_ask = (struct ask){.fd = -1};
    if (!path && ask_find(cli, ASK_FOLDER, ret_ask->path) != CLI_FINE)
        return CLI_WORLD;
    if (path)
        snprintf(ret_ask->path, sizeof ret_ask->path, "%s", path);
    int fd = connect_to(path ? path : ret_ask->path);
    if (fd < 0)
        return nobody(cli, path ? path : ret_ask->path, -fd);
    ret_ask->fd = fd;
    ret_ask->in = fdopen(fd, "r");
    return ret_ask->in ? CLI_FINE : nobody(cli, ret_ask->path, ENOMEM);
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
