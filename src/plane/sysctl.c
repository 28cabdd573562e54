#include "plane/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSCTL_FOLDER "/proc/sys/"

enum { SYSCTL_PATH_BYTES = 256 };

struct setting {
    char path[SYSCTL_PATH_BYTES];
    char value[SYSCTL_BYTES]; /* as it is */
    const char *wanted;       /* NULL: it is only read */
    int error;
    int write_error;
};

/* Nothing above /proc/sys is meant by any path. */
static bool path_of(const char *path, struct setting *setting, struct trouble *ret_trouble)
{
    size_t size = strlen(path);
    if (size == 0 || size + sizeof SYSCTL_FOLDER > sizeof setting->path || path[0] == '/' ||
        strstr(path, ".."))
        return trouble_is(ret_trouble, EINVAL, "\"%s\" is no path below " SYSCTL_FOLDER, path);
    snprintf(setting->path, sizeof setting->path, SYSCTL_FOLDER "%s", path);
    return true;
}

static int read_value(struct setting *setting)
{
    int fd = open(setting->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    ssize_t size = read(fd, setting->value, sizeof setting->value - 1);
    int error = errno;
    close(fd);
    if (size < 0)
        return error;
    setting->value[size] = 0;
    setting->value[strcspn(setting->value, "\n")] = 0;
    return 0;
}

static int write_value(const struct setting *setting)
{
    ssize_t size = (ssize_t)strlen(setting->wanted);
    int fd = open(setting->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = write(fd, setting->wanted, (size_t)size) == size ? 0 : errno;
    close(fd);
    return error;
}

/* The folder shows the settings of the namespace that the thread is in. */
static void visit(void *context)
{
    struct setting *setting = context;
    setting->error = read_value(setting);
    if (setting->error == 0 && setting->wanted && strcmp(setting->value, setting->wanted) != 0)
        setting->write_error = write_value(setting);
}

static bool ask(const char *space, const char *path, struct setting *setting,
                struct trouble *ret_trouble)
{
    if (!path_of(path, setting, ret_trouble) || !space_within(space, visit, setting, ret_trouble))
        return false;
    return setting->error == 0 ||
           trouble_is(ret_trouble, setting->error, "the setting %s of the namespace %s",
                      setting->path, space ? space : "of our own");
}

bool sysctl_get(const char *space, const char *path, char ret_value[SYSCTL_BYTES],
                struct trouble *ret_trouble)
{
    struct setting setting = {0};
    if (!ask(space, path, &setting, ret_trouble))
        return false;
    memcpy(ret_value, setting.value, sizeof setting.value);
    return true;
}

bool sysctl_put(const char *space, const char *path, const char *value, struct trouble *ret_trouble)
{
    struct setting setting = {.wanted = value};
    if (!ask(space, path, &setting, ret_trouble))
        return false;
    return setting.write_error == 0 ||
           trouble_is(ret_trouble, setting.write_error,
                      "the setting %s of the namespace %s is %s and must be %s, which we may not "
                      "set",
                      setting.path, space ? space : "of our own", setting.value, value);
}
