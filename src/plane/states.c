#include "plane/states.h"

#include "plane/netlink_attrs.h"
#include "plane/rtnetlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ANSWER_BYTES = 32768,
    AT_ONCE = 64,
    PASSES_MAX = 64, /* then something makes them, or they do not go */
    PATIENCE_S = 10,
};

struct search {
    uint32_t number;
    unsigned state_count, policy_count;
    struct xfrm_usersa_id states[AT_ONCE];
    struct xfrm_userpolicy_id policies[AT_ONCE];
};

static int open_line(void)
{
    const struct timeval patience = {PATIENCE_S, 0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

/* -- what there is -- */

/* Is it the interface's that is searched for? head: what it says first, which is copied, because
 * messages are aligned to 4 bytes and these structures to 8. */
static bool is_wanted(const struct search *search, const struct nlmsghdr *message, void *ret_head,
                      size_t head_bytes)
{
    uint32_t number = 0;
    if (mnl_nlmsg_get_payload_len(message) < head_bytes)
        return false;
    memcpy(ret_head, mnl_nlmsg_get_payload(message), head_bytes);
    struct netlink_attrs attrs = netlink_attrs_of(message, (unsigned)head_bytes);
    return netlink_read_u32(attrs.at[XFRMA_IF_ID], &number) && number == search->number;
}

static void take_state(struct search *search, const struct nlmsghdr *message)
{
    struct xfrm_usersa_info state;
    if (search->state_count < AT_ONCE && is_wanted(search, message, &state, sizeof state))
        search->states[search->state_count++] =
            (struct xfrm_usersa_id){state.id.daddr, state.id.spi, state.family, state.id.proto};
}

static void take_policy(struct search *search, const struct nlmsghdr *message)
{
    struct xfrm_userpolicy_info policy;
    if (search->policy_count < AT_ONCE && is_wanted(search, message, &policy, sizeof policy))
        search->policies[search->policy_count++] =
            (struct xfrm_userpolicy_id){policy.sel, policy.index, policy.dir};
}

/* An answer of a dump: 1, more will come; 0, it was the last; or the kernel's errno, negative. */
static int take(struct search *search, const struct nlmsghdr *message)
{
    size_t size = mnl_nlmsg_get_payload_len(message);
    if (message->nlmsg_type == NLMSG_DONE)
        return 0;
    if (message->nlmsg_type == NLMSG_ERROR)
        return size < sizeof(int) ? -EPROTO : *(const int *)mnl_nlmsg_get_payload(message);
    if (message->nlmsg_type == XFRM_MSG_NEWSA)
        take_state(search, message);
    if (message->nlmsg_type == XFRM_MSG_NEWPOLICY)
        take_policy(search, message);
    return 1;
}

/* 0, or an errno. */
static int answers(int fd, struct search *search)
{
    static _Alignas(8) uint8_t room[ANSWER_BYTES];
    for (;;) {
        ssize_t size = recv(fd, room, sizeof room, 0);
        if (size <= 0)
            return size < 0 ? errno : EPROTO;
        struct slice bytes = {room, (size_t)size};
        const struct nlmsghdr *message;
        while ((message = netlink_take(&bytes)) != NULL) {
            int more = take(search, message);
            if (more <= 0)
                return -more;
        }
    }
}

static int list(int fd, struct search *search, uint16_t kind, size_t head_bytes)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = rtnetlink_begin(room, kind, NLM_F_DUMP);
    mnl_nlmsg_put_extra_header(request, head_bytes);
    return send(fd, request, request->nlmsg_len, MSG_NOSIGNAL) < 0 ? errno : answers(fd, search);
}

/* -- what goes -- */

/* One that has gone meanwhile is gone. */
static int change(int fd, const struct nlmsghdr *request)
{
    struct search nothing = {0};
    int error =
        send(fd, request, request->nlmsg_len, MSG_NOSIGNAL) < 0 ? errno : answers(fd, &nothing);
    return error == ESRCH || error == ENOENT ? 0 : error;
}

static int remove_state(int fd, const struct xfrm_usersa_id *state)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = rtnetlink_begin(room, XFRM_MSG_DELSA, NLM_F_ACK);
    memcpy(mnl_nlmsg_put_extra_header(request, sizeof *state), state, sizeof *state);
    return change(fd, request);
}

static int remove_policy(int fd, const struct xfrm_userpolicy_id *policy, uint32_t number)
{
    _Alignas(8) uint8_t room[RTNETLINK_REQUEST_BYTES];
    struct nlmsghdr *request = rtnetlink_begin(room, XFRM_MSG_DELPOLICY, NLM_F_ACK);
    memcpy(mnl_nlmsg_put_extra_header(request, sizeof *policy), policy, sizeof *policy);
    mnl_attr_put_u32(request, XFRMA_IF_ID, number);
    return change(fd, request);
}

static int remove_found(int fd, const struct search *search)
{
    int error = 0;
    for (unsigned i = 0; i < search->state_count && error == 0; i++)
        error = remove_state(fd, &search->states[i]);
    for (unsigned i = 0; i < search->policy_count && error == 0; i++)
        error = remove_policy(fd, &search->policies[i], search->number);
    return error;
}

bool states_clear(uint32_t number, unsigned *ret_count, struct trouble *ret_trouble)
{
    struct search search = {.number = number};
    int fd = open_line(), error = 0;
    unsigned found = 1;
    *ret_count = 0;
    if (fd < 0) /* no XFRM at all */
        return errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT ||
               trouble_is(ret_trouble, errno, "a conversation about ESP");
    for (int pass = 0; pass < PASSES_MAX && found > 0 && error == 0; pass++) {
        search.state_count = search.policy_count = 0;
        error = list(fd, &search, XFRM_MSG_GETSA, sizeof(struct xfrm_usersa_id));
        if (error == 0)
            error = list(fd, &search, XFRM_MSG_GETPOLICY, sizeof(struct xfrm_userpolicy_id));
        found = search.state_count + search.policy_count;
        if (error == 0)
            error = remove_found(fd, &search);
        *ret_count += found;
    }
    close(fd);
    if (error == 0 && found > 0)
        error = EBUSY;
    return error == 0 || trouble_is(ret_trouble, error, "the ESP states of a former charon");
}
