#define _GNU_SOURCE /* accept4, recvmmsg */

#include "run/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    TTL_SECURITY = 255,
    TTL_DIRECT = 1,
    TTL_USUAL = 64,
    CLASS_CONTROL = 0xc0, /* CS6 */
};

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_storage storage;
};

static socklen_t address_of(ip_addr addr, uint16_t port, union address *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    if (!ip_is_six(addr)) {
        ret_address->four.sin_family = AF_INET;
        ret_address->four.sin_port = htons(port);
        ret_address->four.sin_addr.s_addr = htonl((uint32_t)addr);
        return sizeof ret_address->four;
    }
    ret_address->six.sin6_family = AF_INET6;
    ret_address->six.sin6_port = htons(port);
    for (unsigned i = 0; i < 16; i++)
        ret_address->six.sin6_addr.s6_addr[i] = (uint8_t)(addr >> (8 * (15 - i)));
    return sizeof ret_address->six;
}

static ip_addr addr_of(const union address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->four.sin_addr.s_addr);
    ip_addr addr = 0;
    for (unsigned i = 0; i < 16; i++)
        addr = addr << 8 | address->six.sin6_addr.s6_addr[i];
    return addr;
}

static int turn_on(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) ? -errno : 0;
}

static int make(const struct socket_place *place, int family, int type)
{
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    const char *device = place->device;
    if (device &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1)) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static int bind_to(int fd, ip_addr addr, uint16_t port, bool free_bind)
{
    union address address;
    socklen_t size = address_of(addr, port, &address);
    bool six = ip_is_six(addr);
    int error = 0;
    if (six)
        error = turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (error == 0 && free_bind)
        error = turn_on(fd, IPPROTO_IP, IP_FREEBIND, 1); /* of both families */
    if (error == 0 && bind(fd, &address.any, size))
        error = -errno;
    return error;
}

static int set_hops(int fd, bool six, int ttl)
{
    return six ? turn_on(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
               : turn_on(fd, IPPROTO_IP, IP_TTL, ttl);
}

/* When a process is killed Linux closes its highest descriptors first (task_work_run goes through
 * what was closed from the last to the first). A neighbor whose session ends so may be back within
 * 100 us; accepted by a listener that is about to go, too, it would be reset in a moment, or with
 * MD5 hear nothing any more, and then wait: OpenBGPD for two minutes. So listeners are above all
 * connections. Where there is no room up there, fd is as good. */
static int lift(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, SOCKET_LISTENERS_FROM);
    if (high < 0)
        return fd;
    close(fd);
    return high;
}

/* A neighbor that asks for TTL 255 asks it of the answer to its SYN, too, and that is the
 * listener's. */
int socket_listen(const struct socket_place *place, ip_addr addr, bool free_bind)
{
    int fd = make(place, ip_is_six(addr) ? AF_INET6 : AF_INET, SOCK_STREAM);
    if (fd < 0)
        return fd;
    int error = turn_on(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (error == 0)
        error = set_hops(fd, ip_is_six(addr), TTL_SECURITY);
    if (error == 0)
        error = bind_to(fd, addr, place->port, free_bind);
    if (error == 0 && listen(fd, BACKLOG))
        error = -errno;
    if (error)
        close(fd);
    return error ? error : lift(fd);
}

int socket_sign(int fd, ip_addr peer, const struct socket_wants *wants)
{
    struct tcp_md5sig sign = {.tcpm_keylen = (uint16_t)(wants->key ? wants->key_size : 0)};
    union address address;
    address_of(peer, 0, &address);
    memcpy(&sign.tcpm_addr, &address.storage, sizeof sign.tcpm_addr);
    if (wants->key)
        memcpy(sign.tcpm_key, wants->key, wants->key_size);
    int error = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &sign, sizeof sign) ? -errno : 0;
    explicit_bzero(&sign, sizeof sign);
    return error == -ENOENT && !wants->key ? 0 : error;
}

int socket_accept(int listener, ip_addr *ret_local, ip_addr *ret_peer)
{
    union address local, peer;
    socklen_t size = sizeof peer;
    int fd = accept4(listener, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    size = sizeof local;
    if (getsockname(fd, &local.any, &size)) {
        int error = -errno;
        close(fd);
        return error;
    }
    *ret_local = addr_of(&local);
    *ret_peer = addr_of(&peer);
    return fd;
}

static int set_ttl(int fd, const struct socket_wants *wants, bool six)
{
    int ttl = wants->ttl_security ? TTL_SECURITY : wants->direct ? TTL_DIRECT : TTL_USUAL;
    int error = set_hops(fd, six, ttl);
    if (error == 0 && wants->ttl_security) {
        int least = TTL_SECURITY + 1 - wants->ttl_security;
        error = six ? turn_on(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, least)
                    : turn_on(fd, IPPROTO_IP, IP_MINTTL, least);
    }
    return error;
}

/* Small messages at once: a withdrawal must not wait for the acknowledgment of what went before. */
int socket_adopt(int fd, const struct socket_wants *wants)
{
    union address local;
    socklen_t size = sizeof local;
    int error = getsockname(fd, &local.any, &size) ? -errno : 0;
    if (error == 0)
        error = turn_on(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    return error ? error : set_ttl(fd, wants, local.any.sa_family == AF_INET6);
}

int socket_connect(const struct socket_place *place, ip_addr local, ip_addr peer,
                   const struct socket_wants *wants)
{
    union address address;
    socklen_t size = address_of(peer, place->port, &address);
    int fd = make(place, ip_is_six(peer) ? AF_INET6 : AF_INET, SOCK_STREAM);
    if (fd < 0)
        return fd;
    int error = ip_is_six(local) == ip_is_six(peer) ? bind_to(fd, local, 0, false) : 0;
    if (error == 0)
        error = socket_adopt(fd, wants);
    if (error == 0 && wants->key)
        error = socket_sign(fd, peer, wants);
    if (error == 0 && connect(fd, &address.any, size) && errno != EINPROGRESS)
        error = -errno;
    if (error)
        close(fd);
    return error ? error : fd;
}

int socket_outcome(int fd)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
        return -errno;
    return -error;
}

/* -- datagrams -- */

/* A classic filter of one instruction, that takes no byte of anything: what strangers send to a
 * socket that only sends would fill its buffer. */
static int deafen(int fd)
{
    struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0;
}

/* Routers let it pass first, as they do with all that keeps them together (RFC 2474 4.2.2.2). */
static int mark_control(int fd, bool six)
{
    return six ? turn_on(fd, IPPROTO_IPV6, IPV6_TCLASS, CLASS_CONTROL)
               : turn_on(fd, IPPROTO_IP, IP_TOS, CLASS_CONTROL);
}

int socket_datagrams(const struct socket_place *place, ip_addr addr, uint16_t port, bool free_bind,
                     bool mute)
{
    bool six = ip_is_six(addr);
    int fd = make(place, six ? AF_INET6 : AF_INET, SOCK_DGRAM);
    if (fd < 0)
        return fd;
    int error = mute ? deafen(fd) : 0;
    if (error == 0)
        error = set_hops(fd, six, TTL_SECURITY);
    if (error == 0)
        error = mark_control(fd, six);
    if (error == 0)
        error = six ? turn_on(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
                    : turn_on(fd, IPPROTO_IP, IP_RECVTTL, 1);
    if (error == 0)
        error = bind_to(fd, addr, port, free_bind);
    if (error)
        close(fd);
    return error ? error : fd;
}

static int ttl_of(struct msghdr *message)
{
    int ttl = -1;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
        if ((at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TTL) ||
            (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_HOPLIMIT))
            memcpy(&ttl, CMSG_DATA(at), sizeof ttl);
    }
    return ttl;
}

int socket_hear(int fd, struct datagram *ret_datagrams, unsigned cap)
{
    struct mmsghdr messages[DATAGRAMS_AT_ONCE];
    struct iovec pieces[DATAGRAMS_AT_ONCE];
    union address peers[DATAGRAMS_AT_ONCE];
    _Alignas(struct cmsghdr) uint8_t control[DATAGRAMS_AT_ONCE][CMSG_SPACE(sizeof(int))];
    cap = cap < DATAGRAMS_AT_ONCE ? cap : DATAGRAMS_AT_ONCE;
    for (unsigned i = 0; i < cap; i++) {
        pieces[i] = (struct iovec){ret_datagrams[i].bytes, DATAGRAM_BYTES};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i],
                                              .msg_namelen = sizeof peers[i],
                                              .msg_iov = &pieces[i],
                                              .msg_iovlen = 1,
                                              .msg_control = control[i],
                                              .msg_controllen = sizeof control[i]};
    }
    int count = recvmmsg(fd, messages, cap, MSG_DONTWAIT, NULL);
    if (count < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    for (int i = 0; i < count; i++) {
        ret_datagrams[i].peer = addr_of(&peers[i]);
        ret_datagrams[i].ttl = ttl_of(&messages[i].msg_hdr);
        ret_datagrams[i].size = messages[i].msg_len;
    }
    return count;
}

int socket_say(int fd, ip_addr peer, uint16_t port, const uint8_t *bytes, size_t size)
{
    union address address;
    socklen_t address_size = address_of(peer, port, &address);
    ssize_t sent = sendto(fd, bytes, size, MSG_NOSIGNAL, &address.any, address_size);
    return sent < 0 ? -errno : 0;
}

int socket_netlink(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    return fd < 0 ? -errno : fd;
}
