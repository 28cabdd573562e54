#include "run/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARK_NAME "running"
#define MARK_BOOT "/proc/sys/kernel/random/boot_id"

enum { MARK_PATH = 4096 + 16, MARK_BYTES = 64 };

/* What identifies a boot of the machine is a line of text. */
static ssize_t read_line(const char *path, char line[static MARK_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t size = fd < 0 ? -1 : read(fd, line, MARK_BYTES);
    if (fd >= 0)
        close(fd);
    return size;
}

static bool name_in(const char *folder, char path[static MARK_PATH])
{
    return snprintf(path, MARK_PATH, "%s/" MARK_NAME, folder) < MARK_PATH;
}

bool mark_is_left(const char *folder)
{
    char path[MARK_PATH], left[MARK_BYTES], boot[MARK_BYTES];
    if (!name_in(folder, path))
        return false;
    ssize_t size = read_line(path, left);
    return size > 0 && read_line(MARK_BOOT, boot) == size && memcmp(left, boot, (size_t)size) == 0;
}

int mark_put(const char *folder)
{
    char path[MARK_PATH], boot[MARK_BYTES];
    ssize_t size = read_line(MARK_BOOT, boot);
    if (size <= 0 || !name_in(folder, path))
        return ENOENT;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno;
    ssize_t written = write(fd, boot, (size_t)size);
    int failed = written == size ? 0 : written < 0 ? errno : ENOSPC;
    close(fd);
    return failed;
}

void mark_remove(const char *folder)
{
    char path[MARK_PATH];
    if (name_in(folder, path))
        (void)unlink(path);
}
