#include "plane/rtnetlink.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    RECEIVE_BYTES = 64 << 10, /* more than the kernel puts into one piece of a dump (32 KiB) */
    PATIENCE_S = 10,          /* the answer is there when send() returns; else something is wrong */
    TRIES = 16,               /* of a dump while things change */
    FIRST_CAP = 64,
};

bool rtnetlink_open(struct rtnetlink *kernel, const char *space, struct trouble *ret_trouble)
{
    static const int one = 1;
    struct timeval patience = {PATIENCE_S, 0};
    *kernel = (struct rtnetlink){.fd = -1, .space_fd = space_open(space, ret_trouble)};
    if (kernel->space_fd < 0)
        return false;
    kernel->fd = space_socket(space, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, ret_trouble);
    if (kernel->fd < 0) {
        rtnetlink_close(kernel);
        return false;
    }
    if (space)
        snprintf(kernel->place, sizeof kernel->place, " in the namespace %s", space);
    setsockopt(kernel->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(kernel->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one); /* errors are short */
    return true;
}

void rtnetlink_close(struct rtnetlink *kernel)
{
    if (kernel->fd >= 0)
        close(kernel->fd);
    if (kernel->space_fd >= 0)
        close(kernel->space_fd);
    kernel->fd = kernel->space_fd = -1;
}

struct nlmsghdr *rtnetlink_begin(void *room, uint16_t type, uint16_t flags)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(room);
    request->nlmsg_type = type;
    request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return request;
}

/* -- asking -- */

static int ask(struct rtnetlink *kernel, struct nlmsghdr *request)
{
    assert(request->nlmsg_len <= RTNETLINK_REQUEST_BYTES);
    kernel->sequence = kernel->sequence + 1 ? kernel->sequence + 1 : 1;
    request->nlmsg_seq = kernel->sequence;
    ssize_t sent;
    do
        sent = send(kernel->fd, request, request->nlmsg_len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

/* The next piece of an answer; 0, or errno. */
static int receive(struct rtnetlink *kernel, void *room, struct slice *ret_bytes)
{
    ssize_t size;
    do
        size = recv(kernel->fd, room, RECEIVE_BYTES, MSG_TRUNC);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return errno == EAGAIN ? ETIMEDOUT : errno;
    if (size > RECEIVE_BYTES)
        return EMSGSIZE;
    *ret_bytes = (struct slice){room, (size_t)size};
    return 0;
}

struct answers {
    struct rtnetlink_said *said;
    size_t count, cap;
    bool interrupted;
    int error;
};

static bool keep(struct answers *answers, const struct rtnetlink_said *said)
{
    if (answers->count == answers->cap) {
        size_t cap = answers->cap ? 2 * answers->cap : FIRST_CAP;
        void *more = realloc(answers->said, cap * sizeof *said);
        if (!more)
            return false;
        answers->said = more;
        answers->cap = cap;
    }
    answers->said[answers->count++] = *said;
    return true;
}

/* Takes the messages of one piece; true: the last of the answer was among them. */
static bool take(struct answers *answers, struct slice bytes, uint32_t sequence, bool dump)
{
    struct rtnetlink_said said;
    while (rtnetlink_next(&bytes, &said)) {
        if (said.sequence != sequence) /* of a request that was given up */
            continue;
        answers->interrupted |= said.interrupted;
        if (said.kind == RTNETLINK_ERROR) {
            answers->error = said.error;
            return true;
        }
        if (said.kind == RTNETLINK_DONE)
            return true;
        if (said.kind != RTNETLINK_OTHER && answers->error == 0 && !keep(answers, &said))
            answers->error = ENOMEM;
        if (!dump)
            return true;
    }
    return false;
}

static int hear(struct rtnetlink *kernel, struct nlmsghdr *request, struct answers *answers)
{
    bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    void *room = malloc(RECEIVE_BYTES);
    struct slice bytes;
    answers->count = 0;
    answers->interrupted = false;
    answers->error = room ? ask(kernel, request) : ENOMEM;
    while (answers->error == 0) {
        answers->error = receive(kernel, room, &bytes);
        if (answers->error != 0 || take(answers, bytes, kernel->sequence, dump))
            break;
    }
    free(room);
    return answers->error;
}

int rtnetlink_change(struct rtnetlink *kernel, struct nlmsghdr *request)
{
    struct answers answers = {0};
    request->nlmsg_flags |= NLM_F_ACK;
    int error = hear(kernel, request, &answers);
    free(answers.said);
    return error;
}

int rtnetlink_dump(struct rtnetlink *kernel, struct nlmsghdr *request, rtnetlink_hearer *hearer,
                   void *context)
{
    struct answers answers = {.interrupted = true};
    int error = 0;
    request->nlmsg_flags |= NLM_F_DUMP;
    for (unsigned tries = 0; answers.interrupted && error == 0; tries++)
        error = tries == TRIES ? EBUSY : hear(kernel, request, &answers);
    for (size_t i = 0; error == 0 && i < answers.count; i++)
        hearer(&answers.said[i], context);
    free(answers.said);
    return error;
}

static int one_device(struct rtnetlink *kernel, const char *name, uint32_t filter,
                      struct rtnetlink_device *ret_device)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct answers answers = {0};
    if (strlen(name) >= NAME_DEVICE_BYTES)
        return EINVAL;
    struct nlmsghdr *request = rtnetlink_begin(room, RTM_GETLINK, 0);
    mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request, IFLA_IFNAME, name);
    mnl_attr_put_u32(request, IFLA_EXT_MASK, filter);
    int error = hear(kernel, request, &answers);
    if (error == 0 && answers.count == 1 && answers.said[0].kind == RTNETLINK_DEVICE)
        *ret_device = answers.said[0].device;
    else if (error == 0)
        error = EPROTO;
    free(answers.said);
    return error;
}

int rtnetlink_device(struct rtnetlink *kernel, const char *name,
                     struct rtnetlink_device *ret_device)
{
    return one_device(kernel, name, RTEXT_FILTER_SKIP_STATS, ret_device);
}

int rtnetlink_counts(struct rtnetlink *kernel, const char *name,
                     struct rtnetlink_device *ret_device)
{
    return one_device(kernel, name, 0, ret_device);
}
