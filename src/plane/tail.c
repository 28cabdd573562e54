#include "plane/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tail {
    uv_fs_event_t grows;
    int fd;
    off_t at;
    void (*line)(void *of, struct slice text);
    void *of;
    size_t size;   /* of the line that is not whole yet */
    bool too_long; /* left out until its end */
    char begun[TAIL_LINE_MAX];
};

/* To the end of a line, or of the bytes. */
static size_t take(struct tail *tail, const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);
    size_t length = end ? (size_t)(end - bytes) : size;
    if (length > TAIL_LINE_MAX - tail->size)
        tail->too_long = true;
    if (!tail->too_long) {
        memcpy(tail->begun + tail->size, bytes, length);
        tail->size += length;
    }
    if (!end)
        return length;
    if (!tail->too_long)
        tail->line(tail->of, (struct slice){(const uint8_t *)tail->begun, tail->size});
    tail->size = 0;
    tail->too_long = false;
    return length + 1;
}

static void start_over(struct tail *tail)
{
    tail->at = 0;
    tail->size = 0;
    tail->too_long = false;
}

void tail_read(struct tail *tail)
{
    char bytes[4096];
    struct stat about;
    if (fstat(tail->fd, &about) == 0 && about.st_size < tail->at)
        start_over(tail); /* somebody cut it */
    ssize_t size;
    while ((size = pread(tail->fd, bytes, sizeof bytes, tail->at)) > 0) {
        tail->at += size;
        for (size_t done = 0; done < (size_t)size;)
            done += take(tail, bytes + done, (size_t)size - done);
    }
    if (tail->at > TAIL_FILE_MAX && tail->size == 0 && ftruncate(tail->fd, 0) == 0)
        start_over(tail);
}

static void grown(uv_fs_event_t *grows, const char *name, int events, int status)
{
    (void)name;
    (void)events;
    if (status == 0)
        tail_read(grows->data);
}

struct tail *tail_create(uv_loop_t *loop, const char *path,
                         void (*line)(void *of, struct slice text), void *of)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct tail *tail = fd >= 0 ? calloc(1, sizeof *tail) : NULL;
    if (!tail || uv_fs_event_init(loop, &tail->grows)) {
        if (fd >= 0)
            close(fd);
        free(tail);
        return NULL;
    }
    tail->grows.data = tail;
    tail->fd = fd;
    tail->at = lseek(fd, 0, SEEK_END);
    tail->line = line;
    tail->of = of;
    int error = uv_fs_event_start(&tail->grows, grown, path, 0);
    if (error) {
        tail_destroy(tail);
        errno = -error;
        return NULL;
    }
    return tail;
}

static void closed(uv_handle_t *grows)
{
    free(grows->data);
}

void tail_destroy(struct tail *tail)
{
    if (!tail)
        return;
    close(tail->fd);
    uv_close((uv_handle_t *)&tail->grows, closed);
}
