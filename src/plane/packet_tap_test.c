#include "plane/packet_tap.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PATIENCE_MS = 60000 };

static uint8_t room[PACKET_TAP_MAX];
static struct packet_tapped tapped;

static bool next(int fd)
{
    struct pollfd at = {fd, POLLIN, 0};
    return poll(&at, 1, PATIENCE_MS) == 1 && packet_tap_read(fd, room, sizeof room, &tapped) == 1;
}

static void send_to_self(const char *space, const char *words)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = space_socket(space, AF_INET, SOCK_DGRAM, 0, &trouble);
    CHECK(fd >= 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(sendto(fd, words, strlen(words), 0, (struct sockaddr *)&to, sizeof to) ==
          (ssize_t)strlen(words));
    close(fd);
}

static void both_ways_are_seen_with_their_time(void)
{
    struct rig_name space = rig("tap");
    uint64_t seen = 0, dropped = 1;
    FINE(space_make(space.text, &trouble));
    int fd = packet_tap_open(space.text, "lo", &trouble);
    CHECK(fd >= 0);
    CHECK_EQUAL(packet_tap_read(fd, room, sizeof room, &tapped), 0);
    send_to_self(space.text, "what is sent");
    CHECK(next(fd));
    CHECK(tapped.outbound);
    CHECK_EQUAL(tapped.bytes.size, 20 + 8 + 12);
    CHECK_EQUAL(tapped.original_bytes, 20 + 8 + 12);
    CHECK_EQUAL(room[0] >> 4, 4);
    CHECK(memcmp(room + 28, "what is sent", 12) == 0);
    CHECK(tapped.time_ns > UINT64_C(1000000000000000000)); /* of this century */
    CHECK(next(fd));
    CHECK(!tapped.outbound);
    packet_tap_counts(fd, &seen, &dropped);
    CHECK(seen >= 2); /* and the answer, that nobody listens there */
    CHECK_EQUAL(dropped, 0);
    close(fd);
}

static void a_long_packet_is_cut_to_the_room(void)
{
    struct rig_name space = rig("tap");
    int fd = packet_tap_open(space.text, "lo", &trouble);
    send_to_self(space.text, "0123456789");
    struct pollfd at = {fd, POLLIN, 0};
    CHECK(poll(&at, 1, PATIENCE_MS) == 1);
    CHECK_EQUAL(packet_tap_read(fd, room, 30, &tapped), 1);
    CHECK_EQUAL(tapped.bytes.size, 30);
    CHECK_EQUAL(tapped.original_bytes, 38);
    close(fd);
}

static void a_device_that_is_not_there_is_named(void)
{
    struct rig_name space = rig("tap");
    CHECK_EQUAL(packet_tap_open(space.text, "vpn-a-1", &trouble), -1);
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK(strstr(trouble.sentence, "vpn-a-1"));
    CHECK_EQUAL(packet_tap_open(space.text, "a-name-that-is-too-long-for-it", &trouble), -1);
    CHECK_EQUAL(packet_tap_open("skpl-there-is-none", "lo", &trouble), -1);
}

static void one_that_goes_is_told(void)
{
    struct rig_name space = rig("tap");
    struct rtnetlink kernel;
    FINE(rtnetlink_open(&kernel, space.text, &trouble));
    FINE(device_veth(&kernel, "left", &kernel, "right", &trouble));
    FINE(device_up(&kernel, "left", true, &trouble));
    int fd = packet_tap_open(space.text, "left", &trouble);
    CHECK(fd >= 0);
    FINE(device_remove(&kernel, "left", &trouble));
    struct pollfd at = {fd, POLLIN, 0};
    int got = 1;
    while (got >= 0 && poll(&at, 1, PATIENCE_MS) == 1)
        got = packet_tap_read(fd, room, sizeof room, &tapped);
    CHECK_EQUAL(got, -ENETDOWN);
    close(fd);
    rtnetlink_close(&kernel);
}

static int tests(void)
{
    if (rig_permitted("packets as they pass")) {
        TEST(both_ways_are_seen_with_their_time);
        TEST(a_long_packet_is_cut_to_the_room);
        TEST(a_device_that_is_not_there_is_named);
        TEST(one_that_goes_is_told);
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
