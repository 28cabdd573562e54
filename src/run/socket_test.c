#include "run/socket.h"

#include "tests/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const ip_addr here = 0x7f000001, there = 0x7f000002;

static uint16_t port_of(int fd)
{
    struct sockaddr_in in;
    socklen_t size = sizeof in;
    CHECK(getsockname(fd, (struct sockaddr *)&in, &size) == 0);
    return ntohs(in.sin_port);
}

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    CHECK(getsockopt(fd, level, option, &value, &size) == 0);
    return value;
}

static void wait_for(int fd, short events)
{
    struct pollfd wait = {.fd = fd, .events = events};
    CHECK(poll(&wait, 1, 60000) == 1);
}

static void a_connection_knows_both_its_ends(void)
{
    struct socket_place place = {0};
    struct socket_wants plain = {0}, guarded = {.ttl_security = 1}, direct = {.direct = true};
    ip_addr local = 0, peer = 0;
    int listener = socket_listen(&place, here, false);
    struct rlimit files = {0};
    CHECK_EQUAL(getrlimit(RLIMIT_NOFILE, &files), 0);
    CHECK(listener >= (files.rlim_cur > SOCKET_LISTENERS_FROM ? SOCKET_LISTENERS_FROM : 0));
    CHECK_EQUAL(fcntl(listener, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(socket_accept(listener, &local, &peer), -EAGAIN);
    place.port = port_of(listener);
    int one = socket_connect(&place, there, here, &guarded);
    CHECK(one >= 0);
    wait_for(one, POLLOUT);
    CHECK_EQUAL(socket_outcome(one), 0);
    int two = socket_accept(listener, &local, &peer);
    CHECK(two >= 0 && local == here && peer == there);
    CHECK_EQUAL(socket_adopt(two, &direct), 0);
    CHECK_EQUAL(option_of(one, IPPROTO_IP, IP_TTL), 255);
    CHECK_EQUAL(option_of(one, IPPROTO_IP, IP_MINTTL), 255);
    CHECK_EQUAL(option_of(two, IPPROTO_IP, IP_TTL), 1);
    CHECK_EQUAL(socket_listen(&place, here, false), -EADDRINUSE);
    CHECK_EQUAL(socket_adopt(two, &plain), 0);
    close(one);
    close(two);
    close(listener);
}

static void an_address_that_is_not_ours_is_refused(void)
{
    struct socket_place place = {0};
    CHECK_EQUAL(socket_listen(&place, 0xc0000201, false), -EADDRNOTAVAIL);
    int fd = socket_listen(&place, 0xc0000201, true);
    CHECK(fd >= 0);
    close(fd);
    place.port = 1;
    struct socket_wants plain = {0};
    CHECK_EQUAL(socket_connect(&place, 0xc0000201, here, &plain), -EADDRNOTAVAIL);
}

static void a_refused_connection_says_why(void)
{
    struct socket_place place = {0};
    struct socket_wants plain = {0};
    int listener = socket_listen(&place, here, false);
    place.port = port_of(listener);
    close(listener);
    int fd = socket_connect(&place, here, here, &plain);
    if (fd >= 0) {
        wait_for(fd, POLLOUT);
        CHECK_EQUAL(socket_outcome(fd), -ECONNREFUSED);
        close(fd);
    } else {
        CHECK_EQUAL(fd, -ECONNREFUSED);
    }
}

static int datagrams_at(ip_addr addr, bool mute)
{
    int fd = socket_datagrams(&(struct socket_place){0}, addr, 0, false, mute);
    CHECK(fd >= 0);
    return fd;
}

static void a_datagram_says_from_where_and_how_far(void)
{
    struct datagram came[2];
    int one = datagrams_at(here, false), two = datagrams_at(there, true);
    CHECK_EQUAL(socket_hear(one, came, 2), -EAGAIN);
    CHECK_EQUAL(socket_say(two, here, port_of(one), (const uint8_t *)"so", 2), 0);
    wait_for(one, POLLIN);
    CHECK_EQUAL(socket_hear(one, came, 2), 1);
    CHECK_EQUAL(came[0].ttl, 255);
    CHECK_EQUAL(came[0].size, 2);
    CHECK(came[0].peer == there);
    CHECK_EQUAL(socket_say(one, there, port_of(two), (const uint8_t *)"so", 2), 0);
    CHECK_EQUAL(socket_hear(two, came, 2), -EAGAIN); /* it is mute: nothing is kept for it */
    close(one);
    close(two);
}

static void both_families_are_sent_from_one_hop_away(void)
{
    const struct socket_place place = {0};
    const ip_addr six = (ip_addr)0x20010db8 << 96 | 1; /* of documentation: nobody has it */
    int fd = socket_datagrams(&place, six, 0, true, false);
    if (fd != -EAFNOSUPPORT) {
        CHECK_EQUAL(option_of(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 255);
        CHECK_EQUAL(option_of(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT), 1);
        CHECK_EQUAL(socket_datagrams(&place, six, 0, false, false), -EADDRNOTAVAIL);
        close(fd);
    }
    fd = datagrams_at(here, false);
    CHECK_EQUAL(option_of(fd, IPPROTO_IP, IP_TTL), 255);
    CHECK_EQUAL(option_of(fd, IPPROTO_IP, IP_RECVTTL), 1);
    CHECK_EQUAL(option_of(fd, IPPROTO_IP, IP_TOS), 0xc0);
    close(fd);
}

int main(void)
{
    TEST(a_connection_knows_both_its_ends);
    TEST(an_address_that_is_not_ours_is_refused);
    TEST(a_refused_connection_says_why);
    TEST(a_datagram_says_from_where_and_how_far);
    TEST(both_families_are_sent_from_one_hop_away);
    return harness_done();
}
