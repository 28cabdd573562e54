/* nftables takes the lines, keeps them in one table, and does with packets what they say. */
#include "plane/firewall.h"

#include "plane/child.h"
#include "plane/devices.h"
#include "plane/plane_rig.h"
#include "plane/sysctl.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

enum { TEXT_BYTES = 16 << 10, PATIENCE_MS = 60000 };

static void the_lines_are_these(void)
{
    char text[TEXT_BYTES];
    struct firewall firewall = {
        .table = "sekisho-vgw",
        .endpoints = &(struct firewall_endpoint){"sk0123456789ab", rig_addr("203.0.113.5")},
        .endpoint_count = 1,
        .nats = &(struct firewall_nat){rig_addr("198.51.100.1"), rig_addr("10.0.0.1"), "igw"},
        .nat_count = 1};
    size_t size = firewall_render(&firewall, text, sizeof text);
    CHECK_EQUAL(size, strlen(text));
    CHECK_TEXT(text, "add table inet sekisho-vgw\n"
                     "delete table inet sekisho-vgw\n"
                     "table inet sekisho-vgw {\n"
                     "  chain from-0 {\n"
                     "    ip saddr 203.0.113.5 udp sport { 500, 4500 } return\n"
                     "    ip saddr 203.0.113.5 meta l4proto esp return\n"
                     "    ip saddr 203.0.113.5 ip frag-off & 0x1fff != 0 return\n"
                     "    ip saddr 203.0.113.5 icmp type { destination-unreachable, time-exceeded, "
                     "parameter-problem } return\n"
                     "    counter drop\n"
                     "  }\n"
                     "  chain to-0 {\n"
                     "    ip daddr 203.0.113.5 udp dport { 500, 4500 } return\n"
                     "    ip daddr 203.0.113.5 meta l4proto esp return\n"
                     "    ip daddr 203.0.113.5 ip frag-off & 0x1fff != 0 return\n"
                     "    ip daddr 203.0.113.5 icmp type { destination-unreachable, time-exceeded, "
                     "parameter-problem } return\n"
                     "    counter drop\n"
                     "  }\n"
                     "  chain endpoints {\n"
                     "    type filter hook forward priority filter; policy accept;\n"
                     "    iifname \"sk0123456789ab\" jump from-0\n"
                     "    oifname \"sk0123456789ab\" jump to-0\n"
                     "  }\n"
                     "  chain elastic-in {\n"
                     "    type nat hook prerouting priority dstnat; policy accept;\n"
                     "    iifname \"igw\" ip daddr 198.51.100.1 dnat ip to 10.0.0.1\n"
                     "  }\n"
                     "  chain elastic-out {\n"
                     "    type nat hook postrouting priority srcnat; policy accept;\n"
                     "    oifname \"igw\" ip saddr 10.0.0.1 snat ip to 198.51.100.1\n"
                     "  }\n"
                     "}\n");
    for (size_t cap = 1; cap <= size; cap += 97)
        CHECK_EQUAL(firewall_render(&firewall, text, cap), 0);
}

static void an_address_may_be_anothers_with_others(void)
{
    char text[TEXT_BYTES];
    struct firewall_nat nats[] = {{.elastic = rig_addr("10.0.0.1"),
                                   .inner = rig_addr("100.127.0.1"),
                                   .peer = rig_addr("203.0.113.1")},
                                  {.elastic = rig_addr("10.0.0.1"),
                                   .inner = rig_addr("100.127.0.2"),
                                   .peer = rig_addr("203.0.113.2")}};
    struct firewall firewall = {.table = "sk-test", .nats = nats, .nat_count = 2};
    CHECK(firewall_render(&firewall, text, sizeof text) > 0);
    CHECK(strstr(text, "    ip saddr 203.0.113.2 ip daddr 10.0.0.1 dnat ip to 100.127.0.2\n"));
    CHECK(strstr(text, "    ip daddr 203.0.113.1 ip saddr 100.127.0.1 snat ip to 10.0.0.1\n"));
    nats[0].peer = rig_addr("2001:db8::1");
    CHECK_EQUAL(firewall_render(&firewall, text, sizeof text), 0);
}

static void what_stands_in_is_masked(void)
{
    char text[TEXT_BYTES];
    struct firewall_endpoint endpoints[] = {{"sk1", rig_addr("198.18.0.1"), true},
                                            {"sk2", rig_addr("203.0.113.5"), false}};
    struct firewall firewall = {.table = "t", .endpoints = endpoints, .endpoint_count = 2};
    CHECK(firewall_render(&firewall, text, sizeof text) > 0);
    CHECK(strstr(text, "  chain masked {\n"
                       "    type nat hook postrouting priority srcnat; policy accept;\n"
                       "    ip saddr 198.18.0.1 masquerade\n"
                       "  }\n") != NULL);
    endpoints[0].masked = false;
    CHECK(firewall_render(&firewall, text, sizeof text) > 0);
    CHECK(strstr(text, "masked") == NULL);
}

static bool has_line(const char *text, const char *way, const char *family, const char *mss)
{
    char line[256];
    snprintf(
        line, sizeof line,
        "    %s \"vpn-a-1\" meta nfproto %s tcp flags syn tcp option maxseg size > %s tcp option "
        "maxseg size set %s\n",
        way, family, mss, mss);
    return strstr(text, line) != NULL;
}

/* Both ways, and an IPv6 header is 20 bytes longer. */
static void the_clamp_is_of_both_families(void)
{
    char text[TEXT_BYTES];
    struct firewall_clamp clamp = {"vpn-a-1", 1379};
    struct firewall firewall = {.table = "t", .clamps = &clamp, .clamp_count = 1};
    CHECK(firewall_render(&firewall, text, sizeof text) > 0);
    CHECK(has_line(text, "iifname", "ipv4", "1379") && has_line(text, "oifname", "ipv4", "1379"));
    CHECK(has_line(text, "iifname", "ipv6", "1359") && has_line(text, "oifname", "ipv6", "1359"));
}

/* Nothing that is said in a name becomes a line. */
static void names_cannot_speak(void)
{
    char text[TEXT_BYTES];
    struct firewall_clamp clamp = {"x", 1379};
    struct firewall firewall = {.table = "t", .clamps = &clamp, .clamp_count = 1};
    CHECK(firewall_render(&firewall, text, sizeof text) > 0);
    static const char *const devices[] = {"",   "a\"; flush",       "a\nb",
                                          "a*", "sixteen-bytes-16", "a\\"};
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        clamp.device = devices[i];
        CHECK_EQUAL(firewall_render(&firewall, text, sizeof text), 0);
    }
    clamp.device = "x";
    static const char *const tables[] = {"", "a b", "1a", "a;", "a\n", "-a"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        firewall.table = tables[i];
        CHECK_EQUAL(firewall_render(&firewall, text, sizeof text), 0);
        CHECK(!firewall_remove(NULL, tables[i], &trouble));
        CHECK_EQUAL(trouble.error, EINVAL);
        CHECK(!firewall_exists(NULL, tables[i]));
    }
    firewall.table = "t";
    clamp.mss = 20;
    CHECK_EQUAL(firewall_render(&firewall, text, sizeof text), 0);
}

/* -- with packets: left -- middle -- right, each a space -- */

static struct rtnetlink left, middle, right;

static void join(struct rtnetlink *end, const char *name, const char *middle_addr,
                 const char *end_addr)
{
    struct plane_address ours = {rig_addr(middle_addr), 24, 0},
                         theirs = {rig_addr(end_addr), 24, 0};
    struct plane_route rest = {.to = rig_prefix_of("0.0.0.0/0"), .gateway = ours.addr};
    FINE(device_veth(&middle, name, end, "eth0", &trouble));
    FINE(address_put(&middle, name, &ours, &trouble));
    FINE(address_put(end, "eth0", &theirs, &trouble));
    FINE(device_up(&middle, name, true, &trouble));
    FINE(device_up(end, "eth0", true, &trouble));
    FINE(route_put(end, &rest, &trouble));
}

static void begin(void)
{
    static const char *const names[] = {"l", "m", "r"};
    struct rtnetlink *const all[] = {&left, &middle, &right};
    for (size_t i = 0; i < 3; i++) {
        FINE(space_make(rig(names[i]).text, &trouble));
        FINE(rtnetlink_open(all[i], rig(names[i]).text, &trouble));
    }
    join(&left, "to-left", "10.1.0.1", "10.1.0.2");
    join(&right, "to-right", "10.2.0.1", "10.2.0.2");
    FINE(sysctl_put(rig("m").text, "net/ipv4/ip_forward", "1", &trouble));
}

static void end(void)
{
    static const char *const names[] = {"l", "m", "r"};
    rtnetlink_close(&left);
    rtnetlink_close(&middle);
    rtnetlink_close(&right);
    for (size_t i = 0; i < 3; i++)
        FINE(space_remove(rig(names[i]).text, &trouble));
}

static struct sockaddr_in at(const char *addr, uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl((uint32_t)rig_addr(addr))};
}

static int bound(const char *space, int type, const char *addr, uint16_t port)
{
    struct sockaddr_in here = at(addr, port);
    int fd = space_socket(rig(space).text, AF_INET, type, 0, &trouble);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof here) == 0);
    return fd;
}

static bool readable(int fd, int wait_ms)
{
    struct pollfd ready = {fd, POLLIN, 0};
    return poll(&ready, 1, wait_ms) == 1;
}

/* One packet from the one port of the left to the other of the right. Where it shall not come, one
 * that may is sent behind it, so that nothing is waited for in vain. */
static bool passes(uint16_t from, uint16_t to)
{
    char byte = 0;
    struct sockaddr_in there = at("10.2.0.2", to), open = at("10.2.0.2", 4500);
    int sender = bound("l", SOCK_DGRAM, "10.1.0.2", from);
    int allowed = bound("l", SOCK_DGRAM, "10.1.0.2", from == 4500 ? 500 : 4500);
    int receiver = bound("r", SOCK_DGRAM, "10.2.0.2", to);
    int marked = to == 4500 ? -1 : bound("r", SOCK_DGRAM, "10.2.0.2", 4500);
    CHECK(sendto(sender, "1", 1, 0, (struct sockaddr *)&there, sizeof there) == 1);
    CHECK(sendto(allowed, "2", 1, 0, (struct sockaddr *)&open, sizeof open) == 1);
    CHECK(readable(marked >= 0 ? marked : receiver, PATIENCE_MS));
    bool came = readable(receiver, 0) && recv(receiver, &byte, 1, 0) == 1 && byte == '1';
    close(sender);
    close(allowed);
    close(receiver);
    if (marked >= 0)
        close(marked);
    return came;
}

static void only_ike_reaches_an_endpoint_and_leaves_it(void)
{
    struct firewall_endpoint endpoints[] = {{"to-right", rig_addr("10.2.0.2")},
                                            {"to-left", rig_addr("10.1.0.2")}};
    struct firewall firewall = {.table = "sk-test", .endpoints = endpoints, .endpoint_count = 2};
    begin();
    CHECK(passes(500, 500) && passes(7000, 7001));
    FINE(firewall_put(rig("m").text, &firewall, &trouble));
    CHECK(passes(500, 500));
    CHECK(passes(4500, 4500));
    CHECK(!passes(500, 7001));                   /* from IKE's port to something else */
    CHECK(!passes(7000, 500));                   /* not from IKE's port */
    endpoints[1].outside = rig_addr("10.1.0.3"); /* and of this address only */
    firewall.endpoint_count = 1;
    FINE(firewall_put(rig("m").text, &firewall, &trouble)); /* instead of what was there */
    CHECK(passes(7000, 500));
    CHECK(!passes(7000, 7001));
    CHECK(firewall_exists(rig("m").text, "sk-test") && !firewall_exists(rig("l").text, "sk-test"));
    FINE(firewall_remove(rig("m").text, "sk-test", &trouble));
    FINE(firewall_remove(rig("m").text, "sk-test", &trouble));
    CHECK(!firewall_exists(rig("m").text, "sk-test"));
    CHECK(passes(7000, 7001));
    end();
}

static int mss_of(int fd)
{
    int mss = 0;
    socklen_t size = sizeof mss;
    CHECK(getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, &size) == 0);
    return mss;
}

static void connect_and_compare(int clamped)
{
    struct sockaddr_in there = at("10.2.0.2", 179);
    int listener = bound("r", SOCK_STREAM, "10.2.0.2", 179);
    int caller = bound("l", SOCK_STREAM, "10.1.0.2", 0);
    CHECK(listen(listener, 1) == 0);
    CHECK(connect(caller, (struct sockaddr *)&there, sizeof there) == 0);
    int called = accept(listener, NULL, NULL);
    CHECK(called >= 0);
    bool caller_is = mss_of(caller) <= clamped, called_is = mss_of(called) <= clamped;
    CHECK(caller_is && called_is);
    close(caller);
    close(called);
    close(listener);
}

static void segments_are_clamped_both_ways(void)
{
    struct firewall_clamp clamp = {"to-right", 1200};
    struct firewall firewall = {.table = "sk-test", .clamps = &clamp, .clamp_count = 1};
    begin();
    connect_and_compare(1460);
    FINE(firewall_put(rig("m").text, &firewall, &trouble));
    connect_and_compare(1200);
    clamp.mss = 900;
    FINE(firewall_put(rig("m").text, &firewall, &trouble));
    connect_and_compare(900);
    end();
}

static void an_elastic_address_is_the_inner_one(void)
{
    char byte = 0;
    struct firewall_nat nat = {.elastic = rig_addr("198.51.100.7"), .inner = rig_addr("10.2.0.2")};
    struct firewall firewall = {.table = "sk-test", .nats = &nat, .nat_count = 1};
    begin();
    FINE(firewall_put(rig("m").text, &firewall, &trouble));
    struct sockaddr_in elastic = at("198.51.100.7", 500), from = {0};
    socklen_t size = sizeof from;
    int sender = bound("l", SOCK_DGRAM, "10.1.0.2", 500);
    int receiver = bound("r", SOCK_DGRAM, "10.2.0.2", 500);
    CHECK(sendto(sender, "1", 1, 0, (struct sockaddr *)&elastic, sizeof elastic) == 1);
    CHECK(readable(receiver, PATIENCE_MS) && recv(receiver, &byte, 1, 0) == 1);
    close(receiver); /* a conversation of its own, begun by the inner side */
    receiver = bound("r", SOCK_DGRAM, "10.2.0.2", 501);
    struct sockaddr_in other = at("10.1.0.2", 500);
    CHECK(sendto(receiver, "2", 1, 0, (struct sockaddr *)&other, sizeof other) == 1);
    CHECK(readable(sender, PATIENCE_MS) &&
          recvfrom(sender, &byte, 1, 0, (struct sockaddr *)&from, &size) == 1);
    CHECK_EQUAL(from.sin_addr.s_addr, elastic.sin_addr.s_addr);
    close(sender);
    close(receiver);
    end();
}

static void a_refusal_says_what_nft_said(void)
{
    struct firewall_clamp clamp = {"x", 1379};
    struct firewall firewall = {.table = "table", .clamps = &clamp, .clamp_count = 1};
    FINE(space_make(rig("m").text, &trouble));
    CHECK(!firewall_put(rig("m").text, &firewall, &trouble)); /* a word of nft's own */
    CHECK(strstr(trouble.sentence, "nft") && strstr(trouble.sentence, "syntax error"));
    FINE(space_remove(rig("m").text, &trouble));
}

static void nft(const char *space, const char *const *argv)
{
    char said[256];
    struct child_plan plan = {.argv = argv, .space = space};
    FINE(child_run(&plan, "", 30000, said, sizeof said, &trouble));
}

static void who_flushes_a_table_is_seen(void)
{
    const char *const others[] = {"nft", "add", "table", "inet", "others", NULL};
    const char *const flush[] = {"nft", "flush", "table", "inet", "ours", NULL};
    const char *const reset[] = {"nft", "flush", "ruleset", NULL};
    struct firewall_clamp clamp = {"x", 1379};
    struct firewall firewall = {.table = "ours", .clamps = &clamp, .clamp_count = 1};
    struct firewall_seen seen = {0};
    FINE(space_make(rig("m").text, &trouble));
    CHECK(firewall_stays(rig("m").text, "ours", &seen)); /* nobody knows better */
    for (int way = 0; way < 2; way++) {
        FINE(firewall_put(rig("m").text, &firewall, &trouble));
        firewall_see(rig("m").text, "ours", &seen);
        CHECK(seen.generation != 0 && seen.digest != 0);
        CHECK(firewall_stays(rig("m").text, "ours", &seen));
        nft(rig("m").text, others); /* what others do with theirs is nothing to us */
        CHECK(firewall_stays(rig("m").text, "ours", &seen));
        nft(rig("m").text, way ? reset : flush);
        CHECK(!firewall_stays(rig("m").text, "ours", &seen));
        CHECK(!firewall_stays(rig("m").text, "ours", &seen)); /* and stays so until it is put */
    }
    FINE(space_remove(rig("m").text, &trouble));
}

/* Does this machine have nft, and this kernel nf_tables? Asked without our lines: were those
 * refused, it would be a finding. */
static bool has_nftables(void)
{
    char said[256];
    const char *const add[] = {"nft", "add", "table", "inet", "probe", NULL};
    const struct rig_name name = rig("m");
    struct child_plan plan = {.argv = add, .space = name.text};
    bool has =
        space_make(name.text, &trouble) && child_run(&plan, "", 30000, said, sizeof said, &trouble);
    space_remove(name.text, NULL);
    if (!has)
        harness_skip("lines in the kernel", trouble.sentence);
    return has;
}

static int tests(void)
{
    TEST(the_lines_are_these);
    TEST(an_address_may_be_anothers_with_others);
    TEST(what_stands_in_is_masked);
    TEST(the_clamp_is_of_both_families);
    TEST(names_cannot_speak);
    if (!rig_permitted("lines in the kernel") || !has_nftables())
        return harness_done();
    TEST(only_ike_reaches_an_endpoint_and_leaves_it);
    TEST(segments_are_clamped_both_ways);
    TEST(an_elastic_address_is_the_inner_one);
    TEST(a_refusal_says_what_nft_said);
    TEST(who_flushes_a_table_is_seen);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
