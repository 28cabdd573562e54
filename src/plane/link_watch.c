#include "plane/link_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKET_BYTES = 1 << 20 };

bool link_watch_open(struct link_watch *watch, const char *space, struct trouble *ret_trouble)
{
    static const int bytes = SOCKET_BYTES;
    struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    watch->rest = (struct slice){watch->room, 0};
    watch->fd =
        space_socket(space, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE, ret_trouble);
    if (watch->fd < 0)
        return false;
    setsockopt(watch->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (bind(watch->fd, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    trouble_is(ret_trouble, errno, "the devices of the network namespace %s cannot be watched",
               space ? space : "of our own");
    link_watch_close(watch);
    return false;
}

void link_watch_close(struct link_watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = -1;
    watch->rest = (struct slice){watch->room, 0};
}

static bool told(struct link_watch *watch, struct link_event *ret_event)
{
    struct rtnetlink_said said;
    while (rtnetlink_next(&watch->rest, &said)) {
        if (said.kind == RTNETLINK_DEVICE || said.kind == RTNETLINK_DEVICE_GONE) {
            bool gone = said.kind == RTNETLINK_DEVICE_GONE;
            *ret_event =
                (struct link_event){gone ? LINK_EVENT_GONE : LINK_EVENT_CHANGED, said.device};
            return true;
        }
    }
    return false;
}

/* What the kernel could not keep for us, or what does not fit, is an event, too. */
bool link_watch_next(struct link_watch *watch, struct link_event *ret_event)
{
    while (!told(watch, ret_event)) {
        ssize_t size = recv(watch->fd, watch->room, sizeof watch->room, MSG_TRUNC | MSG_DONTWAIT);
        watch->rest = (struct slice){watch->room, 0};
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno != ENOBUFS)
            return false;
        if (size < 0 || (size_t)size > sizeof watch->room) {
            *ret_event = (struct link_event){.kind = LINK_EVENT_LOST};
            return true;
        }
        watch->rest.size = (size_t)size;
    }
    return true;
}
