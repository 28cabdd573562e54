#include "plane/charon_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGEST_DIGITS = 16 };

static void join(char out[CHARON_FOLDER_PATH_BYTES], const char *path, const char *name)
{
    snprintf(out, CHARON_FOLDER_PATH_BYTES, "%.*s/%s", CHARON_FOLDER_MAX, path, name);
}

bool charon_folder_init(struct charon_folder *folder, const char *path, struct trouble *ret_trouble)
{
    if (strlen(path) >= CHARON_FOLDER_MAX)
        return trouble_is(ret_trouble, ENAMETOOLONG, "the folder of an IKE daemon, %s", path);
    memcpy(folder->path, path, strlen(path) + 1);
    join(folder->conf, path, "strongswan.conf");
    join(folder->socket, path, "charon.vici");
    join(folder->log, path, "charon.log");
    join(folder->pid, path, "charon.pid");
    join(folder->loaded, path, "loaded");
    return true;
}

bool charon_folder_make(const struct charon_folder *folder, struct trouble *ret_trouble)
{
    if (mkdir(folder->path, 0700) && errno != EEXIST)
        return trouble_is(ret_trouble, errno, "the folder %s cannot be made", folder->path);
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat about = {0};
    bool ours =
        fd >= 0 && fstat(fd, &about) == 0 && about.st_uid == geteuid() && fchmod(fd, 0700) == 0;
    int error = fd >= 0 && about.st_uid != geteuid() ? EPERM : errno;
    if (fd >= 0)
        close(fd);
    return ours || trouble_is(ret_trouble, error, "the folder %s cannot be used", folder->path);
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, text, size);
        if (wrote <= 0)
            return false;
        text += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

bool charon_folder_write(const char *path, const char *text, size_t size,
                         struct trouble *ret_trouble)
{
    char fresh[CHARON_FOLDER_PATH_BYTES + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool wrote = fd >= 0 && write_all(fd, text, size);
    int error = errno;
    if (fd >= 0 && close(fd))
        wrote = false;
    if (wrote && rename(fresh, path) == 0)
        return true;
    unlink(fresh);
    return trouble_is(ret_trouble, wrote ? errno : error, "%s cannot be written", path);
}

char *charon_folder_read(const char *path, size_t max, size_t *ret_size,
                         struct trouble *ret_trouble)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = fd >= 0 ? malloc(max + 1) : NULL;
    size_t size = 0;
    ssize_t more = -1;
    while (text && size <= max && (more = read(fd, text + size, max + 1 - size)) > 0)
        size += (size_t)more;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (text && more == 0 && size <= max) {
        text[size] = '\0';
        *ret_size = size;
        return text;
    }
    charon_folder_forget(text, size);
    trouble_is(ret_trouble, size > max ? EFBIG : error, "%s cannot be read", path);
    return NULL;
}

void charon_folder_forget(char *text, size_t size)
{
    if (text)
        explicit_bzero(text, size);
    free(text);
}

bool charon_folder_has_conf(const struct charon_folder *folder, const char *text)
{
    size_t size;
    char *found = charon_folder_read(folder->conf, CHARON_CONF_BYTES, &size, NULL);
    bool same = found && strlen(text) == size && memcmp(found, text, size) == 0;
    free(found);
    return same;
}

void charon_folder_remove(const struct charon_folder *folder)
{
    unlink(folder->conf);
    unlink(folder->socket);
    unlink(folder->log);
    unlink(folder->pid);
    unlink(folder->loaded);
    rmdir(folder->path);
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool charon_folder_digest(const char **at, uint64_t *ret_digest, char ret_name[PLANE_NAME_BYTES])
{
    const char *text = *at;
    uint64_t digest = 0;
    for (int i = 0; i < DIGEST_DIGITS; i++, text++) {
        int digit = digit_of(*text);
        if (digit < 0)
            return false;
        digest = digest << 4 | (uint64_t)digit;
    }
    const char *end = strchr(text, '\n');
    if (*text != ' ' || !end || end - text < 2 || end - text > PLANE_NAME_BYTES)
        return false;
    size_t size = (size_t)(end - text) - 1;
    memcpy(ret_name, text + 1, size);
    ret_name[size] = '\0';
    *ret_digest = digest;
    *at = end + 1;
    return true;
}
