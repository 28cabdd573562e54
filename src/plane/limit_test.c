/* A bound before a device, in a namespace of the test's own: a fast sender meets it. */
#include "plane/limit.h"

#include "plane/devices.h"
#include "plane/plane_rig.h"
#include "plane/routes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKETS = 3000, BYTES = 1000 };

static struct rtnetlink a, b;

static void begin(void)
{
    FINE(space_make(rig("a").text, &trouble));
    FINE(space_make(rig("b").text, &trouble));
    FINE(rtnetlink_open(&a, rig("a").text, &trouble));
    FINE(rtnetlink_open(&b, rig("b").text, &trouble));
    FINE(device_line(&a, "left", &b, "right", &trouble));
    FINE(device_up(&a, "left", true, &trouble));
    FINE(device_up(&b, "right", true, &trouble));
}

static void end(void)
{
    rtnetlink_close(&a);
    rtnetlink_close(&b);
    FINE(space_remove(rig("a").text, &trouble));
    FINE(space_remove(rig("b").text, &trouble));
}

/* Datagrams to nobody, as fast as they go, none waited for: how many the device has counted. */
static uint64_t passed(void)
{
    static const uint8_t bytes[BYTES];
    struct rtnetlink_device before = {0}, after = {0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = space_socket(rig("a").text, AF_INET, SOCK_DGRAM, 0, &trouble);
    CHECK(fd >= 0 && inet_pton(AF_INET, "10.9.0.2", &to.sin_addr) == 1);
    CHECK_EQUAL(rtnetlink_counts(&a, "left", &before), 0);
    for (int i = 0; i < PACKETS; i++)
        (void)!sendto(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
    CHECK_EQUAL(rtnetlink_counts(&a, "left", &after), 0);
    close(fd);
    uint64_t packets = after.sent_packets - before.sent_packets;
    CHECK(after.sent_bytes - before.sent_bytes >= packets * 60); /* IPv6's own are small */
    return packets;
}

static void what_is_too_much_does_not_pass(void)
{
    struct plane_address own = {.addr = rig_addr("10.9.0.1"), .len = 24};
    begin();
    FINE(address_put(&a, "left", &own, &trouble));
    CHECK(passed() >= PACKETS);
    FINE(limit_put(&a, "left", 100000, &trouble));
    CHECK(passed() < PACKETS / 2); /* a burst, a queue, and a tenth of a megabyte a second */
    FINE(limit_put(&a, "left", 0, &trouble));
    FINE(limit_put(&a, "left", 0, &trouble));
    CHECK(passed() >= PACKETS);
    end();
}

static void a_device_that_is_not_there_is_told(void)
{
    struct rtnetlink_device device = {0};
    begin();
    CHECK(!limit_put(&a, "middle", 100000, &trouble));
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK_EQUAL(rtnetlink_counts(&a, "middle", &device), ENODEV);
    end();
}

static int tests(void)
{
    if (!rig_permitted("a bound before a device"))
        return harness_done();
    TEST(what_is_too_much_does_not_pass);
    TEST(a_device_that_is_not_there_is_told);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
