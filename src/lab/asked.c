#include "lab/asked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Connected, and nothing on it waits longer. */
static int line_to(const char *path, int wait_ms)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool asked_listens(const char *path)
{
    int fd = line_to(path, 1000);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static json_t *line_of(FILE *in)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t size = getline(&line, &cap, in);
    json_t *answer = size > 0 ? json_loadb(line, (size_t)size, 0, NULL) : NULL;
    free(line);
    return answer;
}

json_t *asked(const char *socket, const char *what, int wait_ms, struct trouble *ret_trouble)
{
    char question[128];
    int fd = line_to(socket, wait_ms);
    if (fd < 0) {
        trouble_is(ret_trouble, errno, "no sekishod answers at %s", socket);
        return NULL;
    }
    int size = snprintf(question, sizeof question, "{\"ask\": \"%s\"}\n", what);
    bool said = send(fd, question, (size_t)size, MSG_NOSIGNAL) == size;
    FILE *in = fdopen(fd, "r");
    json_t *answer = said && in ? line_of(in) : NULL;
    if (in)
        fclose(in);
    else
        close(fd);
    if (!answer || json_object_get(answer, "error")) {
        trouble_is(ret_trouble, EPROTO, "the sekishod at %s does not say %s", socket, what);
        json_decref(answer);
        return NULL;
    }
    return answer;
}
