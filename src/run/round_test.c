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

/* Without a hold time: who says nothing for long, on a busy machine, is not lost. */
static void say_open(int fd, uint32_t asn)
{
    uint8_t bytes[BGP_OPEN_MAX + BGP_KEEPALIVE_BYTES];
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_open open = {.version = BGP_VERSION,
                            .as2 = (uint16_t)asn,
                            .hold_time_s = 0,
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

/* -- many that are ready at once -- */

enum {
    TALKERS = 3 * ROUND_LINKS + 1,
    OBSERVER = TALKERS,
    TALKER_AS = 65001,
    PATH_MOST = 5,
    CROWD_NEIGHBORS = TALKERS + 1,
    CROWD_BYTES = CROWD_NEIGHBORS * 512,
};

/* Each has a /30: of two addresses the gateway's, of the third its own. */
static uint32_t crowd_address(unsigned i, bool ours)
{
    return 0xa9fe0200u + 4 * i + (ours ? 1 : 2);
}

static const char *address_text(uint32_t addr, char text[INET_ADDRSTRLEN])
{
    struct in_addr in = {htonl(addr)};
    return inet_ntop(AF_INET, &in, text, INET_ADDRSTRLEN);
}

/* What is said of neighbor i in each of the file's lists. */
static void write_crowd(FILE *out)
{
    char ours[INET_ADDRSTRLEN], theirs[INET_ADDRSTRLEN];
    fprintf(out,
            "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho, limits: {connections: %u}}]\n"
            "customer_gateways:\n",
            CROWD_NEIGHBORS);
    for (unsigned i = 0; i < CROWD_NEIGHBORS; i++)
        fprintf(out, "  - {id: cgw-%u, asn: %u, address: 198.51.100.%u, router: site-%u}\n", i,
                TALKER_AS + i, i + 1, i);
    fputs("vpn_connections:\n", out);
    for (unsigned i = 0; i < CROWD_NEIGHBORS; i++)
        fprintf(out,
                "  - {id: vpn-%u, vpn_gateway: vgw, customer_gateway: cgw-%u, ipsec: none, tunnels:"
                " [{outside: 203.0.113.%u, inside: {vgw: %s, cgw: %s}}]}\n",
                i, i, i + 1, address_text(crowd_address(i, true), ours),
                address_text(crowd_address(i, false), theirs));
    fputs("routers:\n", out);
    for (unsigned i = 0; i < CROWD_NEIGHBORS; i++)
        fprintf(out, "  - {id: site-%u, platform: unknown, bgp: {asn: %u}}\n", i, TALKER_AS + i);
}

static void say_path(int fd, unsigned i, struct prefix prefix, uint8_t length)
{
    uint8_t path[2 + 4 * PATH_MOST], section[128], bytes[256];
    struct writer hops = writer_over(path, sizeof path);
    struct writer attributes = writer_over(section, sizeof section);
    struct writer writer = writer_over(bytes, sizeof bytes);
    struct bgp_update update;
    size_t at;
    writer_u8(&hops, 2);
    writer_u8(&hops, length);
    for (uint8_t hop = 0; hop < length; hop++)
        writer_u32(&hops, TALKER_AS + i);
    struct bgp_attrs attrs = {.present = BGP_HAS_ORIGIN | BGP_HAS_AS_PATH | BGP_HAS_NEXT_HOP,
                              .as_path = writer_slice(&hops),
                              .next_hop = crowd_address(i, false)};
    bgp_attrs_encode_canonical(&attrs, &attributes);
    CHECK(bgp_update_begin(&update, &writer) &&
          bgp_update_attributes(&update, writer_slice(&attributes), &at) &&
          bgp_update_announce(&update, prefix));
    bgp_update_finish(&update);
    CHECK_EQUAL(send(fd, bytes, writer.size, MSG_NOSIGNAL), (ssize_t)writer.size);
}

/* Of the next announcement: its prefix's address and its path's length, without the gateway's own
 * hop; 0: there is none. */
static unsigned hear_path(int fd, ip_addr *ret_addr)
{
    static struct bgp_attr_room room;
    uint8_t message[BGP_MESSAGE_MAX];
    struct bgp_update_fields fields;
    struct bgp_attrs attrs;
    struct bgp_error error;
    struct prefix prefix;
    for (uint8_t type = hear(fd, message); type; type = hear(fd, message)) {
        size_t size = (size_t)message[16] << 8 | message[17];
        struct slice body = {message + BGP_HEADER_BYTES, size - BGP_HEADER_BYTES};
        if (type != BGP_UPDATE || !bgp_update_split(body, &fields, &error))
            continue;
        struct cursor cursor = cursor_over(fields.nlri);
        struct bgp_attr_facts facts = {.as4 = true, .external = true, .nlri = true};
        if (!bgp_nlri_next(&cursor, false, &prefix) ||
            bgp_attrs_decode(fields.attributes, facts, &room, &attrs).class != BGP_ATTR_OK)
            continue;
        *ret_addr = prefix.addr;
        return attrs.as_path.data[1] - 1u;
    }
    return 0;
}

static const struct plan_neighbor *crowd_neighbor(const struct daemon *daemon, unsigned i)
{
    return plan_find(daemon->plan, crowd_address(i, true), crowd_address(i, false));
}

static bool crowd_is_up(const struct daemon *daemon)
{
    for (unsigned i = 0; i < CROWD_NEIGHBORS; i++) {
        uint16_t number = crowd_neighbor(daemon, i)->number;
        if (engine_session(daemon->engine, number)->state != SESSION_ESTABLISHED)
            return false;
    }
    return true;
}

/* Connections of the whole crowd, and rounds until each of them is a session. */
static bool gather_crowd(struct daemon *daemon, int fds[CROWD_NEIGHBORS])
{
    char ours[INET_ADDRSTRLEN], theirs[INET_ADDRSTRLEN];
    const struct timeval patience = {RIG_PATIENCE_MS / 1000, 0};
    uint64_t until_ns = uv_hrtime() + UINT64_C(1000000) * RIG_PATIENCE_MS;
    for (unsigned i = 0; i < CROWD_NEIGHBORS; i++) {
        fds[i] = connect_from(address_text(crowd_address(i, false), theirs),
                              address_text(crowd_address(i, true), ours));
        CHECK(setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
        say_open(fds[i], TALKER_AS + i);
    }
    round_begin(daemon);
    while (!crowd_is_up(daemon) && uv_hrtime() < until_ns)
        uv_run(&daemon->loop, UV_RUN_ONCE);
    return crowd_is_up(daemon);
}

/* Of neighbor i there is something to read, which waits behind what is ready before it. */
static void make_ready(struct daemon *daemon, unsigned i)
{
    struct event_connection at = {crowd_neighbor(daemon, i)->number, BGP_IN};
    links_ready_again(links_at(&daemon->links, at));
}

static void wait_for(struct daemon *daemon, unsigned i)
{
    struct event_connection at = {crowd_neighbor(daemon, i)->number, BGP_IN};
    struct pollfd wait = {.fd = links_at(&daemon->links, at)->fd, .events = POLLIN};
    CHECK(poll(&wait, 1, RIG_PATIENCE_MS) == 1);
}

/* The first so many are ready, in their order. Of those with no length nothing comes. */
static void ready_crowd(struct daemon *daemon, unsigned count, const uint8_t lengths[],
                        ip_addr addr, const int fds[])
{
    for (unsigned i = 0; i < count; i++) {
        if (lengths[i] > 0) {
            say_path(fds[i], i, prefix_around(addr, 24), lengths[i]);
            wait_for(daemon, i);
        }
        make_ready(daemon, i);
    }
}

/* Writes the lengths of the paths that the observer is told, prefix after prefix. Returns how it
 * went. */
static int tell_early(FILE *out)
{
    enum { FEW = 0x0a010000, MANY_READY = 0x0a020000, LAST = 0x0a030000 };
    struct run_options options;
    struct daemon daemon;
    int fds[CROWD_NEIGHBORS];
    uint8_t lengths[TALKERS] = {[0] = 5, [ROUND_LINKS - 1] = 4};
    char *const argv[] = {"sekishod", "--network",      rig_path,  "--gateway",
                          "vgw",      "--journal=none", "--quiet", NULL};
    if (options_read(7, argv, stdout, &options) != RUN_FINE ||
        daemon_start(&daemon, &options, stdout, stdout) != RUN_FINE)
        return 1;
    if (!gather_crowd(&daemon, fds))
        return 2;
    ready_crowd(&daemon, ROUND_LINKS, lengths, FEW, fds);
    round_run(&daemon);
    lengths[ROUND_LINKS] = 3;
    lengths[3 * ROUND_LINKS - 1] = 2;
    lengths[3 * ROUND_LINKS] = 1;
    ready_crowd(&daemon, TALKERS, lengths, MANY_READY, fds);
    round_run(&daemon);
    ready_crowd(&daemon, ROUND_LINKS, lengths, LAST, fds);
    CHECK(shutdown(fds[OBSERVER], SHUT_WR) == 0); /* it is told before its end is read, or never */
    wait_for(&daemon, OBSERVER);
    make_ready(&daemon, OBSERVER);
    round_run(&daemon);
    for (ip_addr addr = 0, before = 0; addr != LAST; before = addr) {
        unsigned length = hear_path(fds[OBSERVER], &addr);
        if (length == 0)
            return 3;
        fprintf(out, "%s%u", addr == before ? " " : addr == FEW ? "few " : ", then ", length);
    }
    daemon_done(&daemon);
    return harness_false_claims ? 4 : 0;
}

/* Of many that are ready the first ROUND_LINKS are decided and told before the others are read,
 * then twice as many, then the rest; what came together is told together. */
static void of_many_the_first_are_told_before_the_rest_is_read(void)
{
    static char text[CROWD_BYTES];
    char heard[128] = "";
    int status = -1, ends[2];
    FILE *file = fmemopen(text, sizeof text, "w");
    write_crowd(file);
    CHECK(fclose(file) == 0 && strlen(text) < sizeof text - 1);
    rig_file(text);
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        FILE *out = fdopen(ends[1], "w");
        int how = tell_early(out);
        fclose(out);
        rig_path[0] = '\0'; /* the parent's to remove */
        exit(how);
    }
    close(ends[1]);
    for (ssize_t got = 1, size = 0; got > 0; size += got)
        got = read(ends[0], heard + size, sizeof heard - 1 - (size_t)size);
    close(ends[0]);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 0);
    CHECK_TEXT(heard, "few 4, then 4 2 1, then 4");
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
        TEST(of_many_the_first_are_told_before_the_rest_is_read);
    } else {
        harness_skip("rounds", "no network namespace may be made here");
    }
    return harness_done();
}
