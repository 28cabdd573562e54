#include "plane/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A regular file, whatever led there: keys that are renewed are symbolic links (of ACME clients, of
 * mounted secrets), and whoever may put a link into the folder may put a key there as well. openat2
 * would tell kinds of links apart, and is what a service manager's filter refuses. */
static int open_key(const char *path)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
        return fd;
    close(fd);
    return -EINVAL;
}

int key_file_read(const char *path, char ret_psk[PLANE_PSK_BYTES])
{
    char bytes[PLANE_PSK_BYTES + 1];
    int fd = open_key(path);
    if (fd < 0)
        return fd;
    ssize_t size = read(fd, bytes, sizeof bytes);
    int error = size < 0 ? -errno : 0;
    close(fd);
    if (error)
        return error;
    if (size > 0 && bytes[size - 1] == '\n')
        size--;
    struct slice key = {(const uint8_t *)bytes, (size_t)size};
    bool fine = size < PLANE_PSK_BYTES && tunnel_psk_check(key) == TUNNEL_FAULT_NONE;
    if (fine) {
        memcpy(ret_psk, bytes, (size_t)size);
        ret_psk[size] = '\0';
    }
    explicit_bzero(bytes, sizeof bytes);
    return fine ? 0 : -EINVAL;
}
