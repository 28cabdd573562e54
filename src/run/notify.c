#include "run/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Of decimal digits alone; 0: it is no such number. */
static int64_t number_of(const char *text)
{
    int64_t number = 0;
    for (; text && *text; text++) {
        if (*text < '0' || *text > '9' || number > INT64_MAX / 100)
            return 0;
        number = number * 10 + (*text - '0');
    }
    return number;
}

static int connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = name ? strlen(name) : 0;
    if (size < 2 || size >= sizeof address.sun_path || (*name != '/' && *name != '@'))
        return -1;
    memcpy(address.sun_path, name, size);
    if (*name == '@')
        address.sun_path[0] = '\0'; /* no file: an abstract name */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, length)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void notify_open(struct notify *notify)
{
    const char *whose = getenv("WATCHDOG_PID");
    *notify = (struct notify){.fd = connect_to(getenv("NOTIFY_SOCKET"))};
    if (notify->fd >= 0 && (!whose || number_of(whose) == getpid()))
        notify->every_us = number_of(getenv("WATCHDOG_USEC")) / 2;
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

void notify_say(const struct notify *notify, const char *lines)
{
    if (notify->fd < 0)
        return;
    ssize_t sent = send(notify->fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
}

int64_t notify_turn(struct notify *notify, int64_t now_us)
{
    if (notify->every_us == 0)
        return INT64_MAX;
    if (now_us >= notify->watchdog_us) {
        notify_say(notify, "WATCHDOG=1");
        notify->watchdog_us = now_us + notify->every_us;
    }
    return notify->watchdog_us;
}
