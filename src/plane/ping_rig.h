/* Pings of tests: an echo request from an address of a namespace, and what becomes of it. */
#pragma once

#include "plane/plane_rig.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>

enum {
    PING_TRIES = 60,    /* until an answer that must come has come, a second each */
    PING_LONG = 60000,  /* ms: at most, for what must come at once */
    PING_IN_VAIN = 300, /* ms: one that must not come is not waited for longer */
};

struct ping {
    int fd;
    bool six;
    uint16_t id;
    struct sockaddr_storage to;
    socklen_t to_size;
};

static inline socklen_t ping_address(ip_addr addr, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof *ret);
    if (!ip_is_six(addr)) {
        struct sockaddr_in *four = (void *)ret;
        four->sin_family = AF_INET;
        four->sin_addr.s_addr = htonl((uint32_t)addr);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (void *)ret;
    six->sin6_family = AF_INET6;
    for (int i = 0; i < 16; i++)
        six->sin6_addr.s6_addr[i] = (uint8_t)(addr >> (120 - 8 * i));
    return sizeof *six;
}

static inline struct ping ping_open(const char *space, const char *from, const char *to)
{
    static uint16_t last;
    ip_addr there = rig_addr(to);
    struct ping ping = {.six = ip_is_six(there), .id = ++last};
    struct sockaddr_storage here;
    socklen_t size = ping_address(rig_addr(from), &here);
    ping.to_size = ping_address(there, &ping.to);
    ping.fd = space_socket(space, ping.six ? AF_INET6 : AF_INET, SOCK_RAW,
                           ping.six ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &trouble);
    CHECK(ping.fd >= 0 && bind(ping.fd, (struct sockaddr *)&here, size) == 0);
    return ping;
}

/* The kernel sums IPv6's by itself. A way that is refused at home is an error of sendto(). */
static inline bool ping_send(const struct ping *ping)
{
    uint8_t bytes[8] = {ping->six ? ICMP6_ECHO_REQUEST : ICMP_ECHO};
    bytes[4] = (uint8_t)(ping->id >> 8);
    bytes[5] = (uint8_t)ping->id;
    uint32_t sum = (uint32_t)bytes[0] << 8 | bytes[1];
    sum += ping->id;
    sum = ~((sum >> 16) + (sum & 0xffff)) & 0xffff;
    if (!ping->six) {
        bytes[2] = (uint8_t)(sum >> 8);
        bytes[3] = (uint8_t)sum;
    }
    return sendto(ping->fd, bytes, sizeof bytes, 0, (const struct sockaddr *)&ping->to,
                  ping->to_size) == (ssize_t)sizeof bytes;
}

static inline bool ping_hears(const struct ping *ping, uint8_t type, uint16_t id, int wait_ms)
{
    uint8_t bytes[512];
    struct pollfd ready = {ping->fd, POLLIN, 0};
    while (poll(&ready, 1, wait_ms) == 1) {
        ssize_t size = recv(ping->fd, bytes, sizeof bytes, 0);
        size_t at = ping->six ? 0 : 20; /* IPv4's comes with its header */
        if (size >= (ssize_t)at + 8 && bytes[at] == type &&
            (bytes[at + 4] << 8 | bytes[at + 5]) == id)
            return true;
    }
    return false;
}

static inline bool ping_answered(const struct ping *ping, int wait_ms)
{
    return ping_hears(ping, ping->six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY, ping->id, wait_ms);
}

/* Is the question of this number heard at this end? */
static inline bool ping_asked(const struct ping *ping, uint16_t id, int wait_ms)
{
    return ping_hears(ping, ping->six ? ICMP6_ECHO_REQUEST : ICMP_ECHO, id, wait_ms);
}

/* Must come: asked again until it does. */
static inline bool reaches(const char *space, const char *from, const char *to)
{
    struct ping ping = ping_open(space, from, to);
    bool answered = false;
    for (int i = 0; i < PING_TRIES && !answered; i++) {
        bool sent = ping_send(&ping);
        answered = ping_answered(&ping, 1000) && sent;
    }
    close(ping.fd);
    return answered;
}

/* Must not come. */
static inline bool in_vain(const char *space, const char *from, const char *to)
{
    struct ping ping = ping_open(space, from, to);
    bool answered = ping_send(&ping) && ping_answered(&ping, PING_IN_VAIN);
    close(ping.fd);
    return !answered;
}
