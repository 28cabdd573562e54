/* Rounds seen from outside: what many connections do at once, and what one of them may not do to
 * the others. The far ends are sockets of this test. */
#include "run/round.h"

#include "run/daemon.h"
#include "run/run_rig.h"
#include "wire/bgp_attr.h"
#include "wire/bgp_canonical.h"
#include "wire/bgp_nlri.h"
#include "wire/bgp_update.h"

#include <errno.h>
#include <netinet/in.h>

static struct rig_child gateway;

static int receive_bytes; /* of the next connection's buffer; 0: as it comes */

static int connect_from(const char *from, const char *to)
{
    struct sockaddr_in near = {.sin_family = AF_INET};
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(179)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_bytes)
        CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes) == 0);
    inet_pton(AF_INET, from, &near.sin_addr);
    inet_pton(AF_INET, to, &far.sin_addr);
    CHECK(bind(fd, (struct sockaddr *)&near, sizeof near) == 0);
    CHECK(connect(fd, (struct sockaddr *)&far, sizeof far) == 0);
    return fd;
}

static bool was_reset; /* the last connection that was over */

/* The next message, whole; its type. 0: the connection is over. */
static uint8_t hear(int fd, uint8_t message[BGP_MESSAGE_MAX])
{
    size_t size = 0, wanted = BGP_HEADER_BYTES;
    while (size < wanted) {
        ssize_t got = recv(fd, message + size, wanted - size, 0);
        was_reset = got < 0;
        if (got <= 0)
            return 0;
        size += (size_t)got;
        if (size == BGP_HEADER_BYTES)
            wanted = (size_t)message[16] << 8 | message[17];
    }
    return message[18];
}

static void say_open(int fd, uint32_t asn)
{
    uint8_t bytes[BGP_OPEN_MAX + BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_open open = {.version = BGP_VERSION,
                            .as2 = (uint16_t)asn,
                            .hold_time_s = 90,
                            .identifier = 0x0a000000 + asn,
                            .capabilities = true,
                            .has_as4 = true,
                            .as4 = asn};
    bgp_open_encode(&open, &writer);
    bgp_keepalive_encode(&writer);
    CHECK_EQUAL(send(fd, bytes, writer.size, MSG_NOSIGNAL), (ssize_t)writer.size);
}

static int up(const char *from, const char *to, uint32_t asn)
{
    uint8_t message[BGP_MESSAGE_MAX];
    int fd = connect_from(from, to);
    CHECK_EQUAL(hear(fd, message), BGP_OPEN);
    say_open(fd, asn);
    CHECK_EQUAL(hear(fd, message), BGP_KEEPALIVE);
    return fd;
}

static void the_gateway_listens(void)
{
    rig_begin(&gateway, (const char *const[]){"--network", rig_file(RIG_PAIR_LIMIT("1000000")),
                                              "--gateway", "vgw", NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
}

/* A NOTIFICATION arrives and the connection ends in order, though bytes were left unread: a reset
 * would let the NOTIFICATION be lost. */
static void a_notification_is_heard_by_who_is_still_talking(void)
{
    static uint8_t rubbish[1 << 20];
    uint8_t message[BGP_MESSAGE_MAX];
    int fd = up("169.254.1.2", "169.254.1.1", 65001);
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    CHECK(send(fd, rubbish, sizeof rubbish, MSG_NOSIGNAL) > 0);
    uint8_t type = hear(fd, message);
    while (type == BGP_UPDATE || type == BGP_KEEPALIVE)
        type = hear(fd, message);
    CHECK_EQUAL(type, BGP_NOTIFICATION);
    CHECK_EQUAL(message[BGP_HEADER_BYTES], BGP_ERROR_HEADER);
    CHECK(shutdown(fd, SHUT_WR) == 0);
    CHECK_EQUAL(hear(fd, message), 0);
    CHECK(!was_reset);
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-a/1 reason=bad-header"));
    close(fd);
}

/* The second connection of a neighbor whose first has said nothing yet takes its place. */
static void a_neighbor_that_connects_again_is_heard(void)
{
    uint8_t message[BGP_MESSAGE_MAX];
    int first = connect_from("169.254.1.2", "169.254.1.1");
    CHECK_EQUAL(hear(first, message), BGP_OPEN);
    int second = up("169.254.1.2", "169.254.1.1", 65001);
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    CHECK_EQUAL(hear(first, message), 0);
    int third = connect_from("169.254.1.2", "169.254.1.1"); /* Established is kept */
    CHECK_EQUAL(hear(third, message), 0);
    close(first);
    close(third);
    close(second);
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-a/1"));
}

static void a_hundred_connections_at_once_end_with_one_session(void)
{
    int fds[100];
    for (int i = 0; i < 100; i++)
        fds[i] = connect_from("169.254.1.6", "169.254.1.5");
    for (int i = 0; i < 100; i++)
        close(fds[i]);
    int fd = up("169.254.1.6", "169.254.1.5", 65002);
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-b/1"));
    close(fd);
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-b/1"));
}

/* -- a neighbor that does not read -- */

enum { MANY = 200000, SMALL_BUFFER = 4096, MANY_BITS = 24 };

static struct prefix nth(unsigned i)
{
    return (struct prefix){0x0a000000u + (i << (32 - MANY_BITS)), MANY_BITS, false};
}

/* Each with attributes of its own, so that there is much to say of it. */
static void say_route(struct writer *writer, unsigned i, bool announced)
{
    static const uint8_t path[] = {2, 1, 0, 0, 65001 >> 8, 65001 & 255};
    struct bgp_attrs attrs = {.present =
                                  BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP | BGP_HAS_MED,
                              .med = i,
                              .as_path = {path, sizeof path},
                              .next_hop = 0xa9fe0102};
    uint8_t bytes[128];
    struct writer section = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    size_t at;
    bgp_attrs_encode_canonical(&attrs, &section);
    bool fits = bgp_update_begin(&update, writer);
    if (announced)
        fits = fits && bgp_update_attributes(&update, writer_slice(&section), &at) &&
               bgp_update_announce(&update, nth(i));
    else
        fits = fits && bgp_update_withdraw(&update, nth(i));
    CHECK(fits);
    bgp_update_finish(&update);
}

static void say_all(int fd, unsigned step, bool announced)
{
    static uint8_t bytes[1 << 16];
    for (unsigned i = 0; i < MANY;) {
        struct writer writer = writer_over(bytes, sizeof bytes);
        for (; i < MANY && writer.size < sizeof bytes - BGP_MESSAGE_MAX; i += step)
            say_route(&writer, i, announced);
        for (size_t at = 0; at < writer.size;) {
            ssize_t sent = send(fd, bytes + at, writer.size - at, MSG_NOSIGNAL);
            CHECK(sent > 0);
            if (sent <= 0)
                return;
            at += (size_t)sent;
        }
    }
}

/* In the end those with odd numbers are there. */
static bool is_right(const bool *table, unsigned i)
{
    return table[i] == (i % 2 == 1);
}

/* Marks in the table what an UPDATE says; returns by how much more of it is right now. */
static int take_update(struct slice body, bool *table)
{
    struct bgp_update_fields fields;
    struct bgp_error error;
    struct prefix prefix;
    int more = 0;
    CHECK(bgp_update_split(body, &fields, &error));
    for (int announced = 0; announced < 2; announced++) {
        struct cursor cursor = cursor_over(announced ? fields.nlri : fields.withdrawn);
        while (bgp_nlri_next(&cursor, false, &prefix)) {
            unsigned i = (unsigned)(prefix.addr - 0x0a000000u) >> (32 - MANY_BITS);
            CHECK(i < MANY && prefix.len == MANY_BITS);
            more -= is_right(table, i % MANY);
            table[i % MANY] = announced;
            more += is_right(table, i % MANY);
        }
    }
    return more;
}

/* It has a small buffer and sleeps through two hundred thousand routes and the withdrawal of half
 * of them. Meanwhile the gateway hears the other one to the end, and when the sleeper reads it gets
 * what is left, whatever it was told before. */
static void a_sleeper_holds_nobody_up_and_is_told_in_the_end(void)
{
    static bool table[MANY];
    uint8_t message[BGP_MESSAGE_MAX];
    int right = MANY / 2; /* an empty table is half right */
    int talker = up("169.254.1.2", "169.254.1.1", 65001);
    receive_bytes = SMALL_BUFFER;
    int sleeper = up("169.254.1.6", "169.254.1.5", 65002);
    receive_bytes = 0;
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-b/1"));
    say_all(talker, 1, true);
    say_all(talker, 2, false);
    for (uint8_t type = 1; type && right != MANY;) {
        type = hear(sleeper, message);
        size_t size = (size_t)message[16] << 8 | message[17];
        if (type == BGP_UPDATE)
            right += take_update(
                (struct slice){message + BGP_HEADER_BYTES, size - BGP_HEADER_BYTES}, table);
    }
    CHECK_EQUAL(right, MANY);
    close(talker);
    close(sleeper);
}

/* libuv's clock has whole milliseconds, so that the alarm can ring before what it was set for. Who
 * has nothing else to wake it must not wait then, and must set it again. Returns how it went. */
static int ring_early(void)
{
    struct run_options options;
    struct daemon daemon;
    char *const argv[] = {"sekishod", "--network",      rig_path,  "--gateway",
                          "vgw",      "--journal=none", "--quiet", NULL};
    if (options_read(7, argv, stdout, &options) != RUN_FINE ||
        daemon_start(&daemon, &options, stdout, stdout) != RUN_FINE)
        return 1;
    uv_run(&daemon.loop, UV_RUN_NOWAIT);
    round_run(&daemon);
    int64_t wanted_us = daemon.alarm_at_us;
    bool was_set = uv_is_active((uv_handle_t *)&daemon.alarm);
    uv_timer_stop(&daemon.alarm);
    daemon.alarm.timer_cb(&daemon.alarm);
    bool waits = uv_backend_timeout(&daemon.loop) != 0;
    round_run(&daemon);
    bool is_set = uv_is_active((uv_handle_t *)&daemon.alarm) && daemon.alarm_at_us >= wanted_us;
    daemon_done(&daemon);
    return waits ? 3 : was_set && wanted_us < INT64_MAX && is_set ? 0 : 2;
}

static void an_alarm_that_rings_early_is_set_again(void)
{
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int how = ring_early();
        rig_path[0] = '\0'; /* the parent's to remove */
        exit(how);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
}

int main(void)
{
    if (rig_network()) {
        TEST(the_gateway_listens);
        TEST(a_notification_is_heard_by_who_is_still_talking);
        TEST(a_neighbor_that_connects_again_is_heard);
        TEST(a_hundred_connections_at_once_end_with_one_session);
        TEST(a_sleeper_holds_nobody_up_and_is_told_in_the_end);
        rig_end(&gateway, SIGTERM);
        TEST(an_alarm_that_rings_early_is_set_again);
    } else {
        harness_skip("rounds", "no network namespace may be made here");
    }
    return harness_done();
}
