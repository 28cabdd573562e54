#include "plane/orders.h"

#include "tests/harness.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define put_text(member, text) snprintf(member, sizeof(member), "%s", text)

static struct order want(void)
{
    struct order order = {.kind = ORDER_WANT};
    struct plane_tunnel *tunnel = &order.want.tunnel;
    put_text(tunnel->name, "vpn-a/1");
    put_text(tunnel->psk, "pL4c3h0ld3r");
    tunnel->outside = 0xcb007101;
    tunnel->peer = 0xc6336401;
    tunnel->inside_ours = 0xa9fe0101;
    tunnel->inside_theirs = 0xa9fe0102;
    tunnel->inside_len = 30;
    tunnel->mtu = 1400;
    tunnel->mss = 1360;
    tunnel->options = tunnel_options_standard;
    tunnel->watch = tunnel_watch_of(40);
    return order;
}

static bool is_taken(const struct order *order)
{
    struct order taken;
    return order_decode(order, order_size(order->kind), &taken);
}

static void an_order_arrives_whole(void)
{
    int ends[2];
    struct order sent = want(), got;
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    CHECK_EQUAL(order_receive(ends[1], &got), -EAGAIN);
    CHECK_EQUAL(order_send(ends[0], &sent), 0);
    CHECK_EQUAL(order_receive(ends[1], &got), 1);
    CHECK(memcmp(&sent.want, &got.want, sizeof sent.want) == 0);
    CHECK_EQUAL(send(ends[0], "xyz", 3, 0), 3);
    CHECK_EQUAL(order_receive(ends[1], &got), -EPROTO);
    struct report said = {.kind = REPORT_TUNNEL, .tunnel = {.name = "vpn-a/1", .up = true}};
    struct report heard;
    CHECK_EQUAL(report_send(ends[1], &said), 0);
    CHECK_EQUAL(report_receive(ends[0], &heard), 1);
    CHECK(heard.tunnel.up);
    CHECK_TEXT(heard.tunnel.name, "vpn-a/1");
    close(ends[0]);
    CHECK_EQUAL(order_receive(ends[1], &got), 0);
    CHECK(report_send(ends[1], &said) < 0);
    close(ends[1]);
}

static void a_size_is_the_kinds(void)
{
    struct order order = want(), taken;
    CHECK(is_taken(&order));
    CHECK(!order_decode(&order, order_size(ORDER_WANT) - 1, &taken));
    CHECK(!order_decode(&order, sizeof order.kind, &taken));
    CHECK(!order_decode(&order, 3, &taken));
    CHECK_EQUAL(order_size(0), 0);
    CHECK_EQUAL(order_size(ORDER_KINDS), 0);
    CHECK_EQUAL(report_size(REPORT_KINDS), 0);
    for (uint32_t kind = 1; kind < ORDER_KINDS; kind++)
        CHECK(order_size(kind) > 0);
    for (uint32_t kind = 1; kind < REPORT_KINDS; kind++)
        CHECK(report_size(kind) > 0);
}

/* An outside address is a tunnel's own, or the machine's. */
static void who_shares_has_no_outside_address(void)
{
    struct order order = want();
    order.want.tunnel.shared = true;
    CHECK(!is_taken(&order));
    order.want.tunnel.outside = 0;
    CHECK(is_taken(&order));
    order.want.tunnel.shared = false;
    CHECK(!is_taken(&order));
    struct order begin = {.kind = ORDER_BEGIN, .begin = {.gateway = "cgw", .together = true}};
    CHECK(is_taken(&begin));
    memset(&begin.begin.together, 2, 1);
    CHECK(!is_taken(&begin));
}

static struct order attach(void)
{
    struct order order = {.kind = ORDER_ATTACH};
    struct plane_attachment *wanted = &order.attach;
    put_text(wanted->name, "subnet-a");
    put_text(wanted->vpc, "vpc-a");
    put_text(wanted->line, "eth1.5");
    wanted->kind = PLANE_SUBNET;
    wanted->table = 1;
    wanted->four = (struct plane_address){.addr = 0x0a0a0101, .len = 24};
    wanted->ranges[wanted->range_count++] = prefix_around(0x0a0a0100, 24);
    return order;
}

/* A device's name stands in paths below /proc/sys, too. */
static void an_attachment_is_judged(void)
{
    struct order order = attach();
    CHECK(is_taken(&order));
    put_text(order.attach.line, "../eth1");
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.line[0] = '\0';
    CHECK(!is_taken(&order));
    order = attach();
    memset(order.attach.line, 'a', sizeof order.attach.line);
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.kind = PLANE_ATTACHMENT_KINDS;
    CHECK(!is_taken(&order));
    order = attach();
    put_text(order.attach.vpc, "a/b");
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.range_count = PLANE_VPC_CIDRS + 1;
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.ranges[0].len = 33;
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.vlan = 4095;
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.table = PLANE_VPC_TABLES + 1;
    CHECK(!is_taken(&order));
    order = attach();
    order.attach.six = order.attach.four;
    CHECK(!is_taken(&order));
    order = attach();
    memset(&order.attach.named, 2, 1);
    CHECK(!is_taken(&order));
}

static void a_vpcs_route_is_judged(void)
{
    struct order fine = {.kind = ORDER_ENTRY}, order;
    put_text(fine.entry.vpc, "vpc-a");
    put_text(fine.entry.device, "i-nat");
    fine.entry.prefix = prefix_around(0x0a0b0000, 16);
    fine.entry.table = 1;
    fine.entry.gateway = 0x0a0a010a;
    CHECK(is_taken(&fine));
    order = fine;
    order.entry.table = 0;
    CHECK(!is_taken(&order));
    order = fine;
    order.entry.prefix.len = 33;
    CHECK(!is_taken(&order));
    order = fine;
    order.entry.prefix.six = true; /* and its gateway is not */
    CHECK(!is_taken(&order));
    order = fine;
    order.entry.device[0] = '\0';
    CHECK(!is_taken(&order));
    order = fine;
    put_text(order.entry.otherwise, "a b");
    CHECK(!is_taken(&order));
}

static bool is_taken_with_name(const char *name)
{
    struct order order = {.kind = ORDER_UNWANT};
    put_text(order.name, name);
    return is_taken(&order);
}

static void a_name_leads_nowhere(void)
{
    CHECK(is_taken_with_name("vpn-a/1"));
    CHECK(!is_taken_with_name(""));
    CHECK(!is_taken_with_name("../1"));
    CHECK(!is_taken_with_name("a/b/1"));
    CHECK(!is_taken_with_name("vpn a"));
    CHECK(!is_taken_with_name("a\n"));
    struct order order = {.kind = ORDER_UNWANT};
    memset(order.name, 'a', sizeof order.name);
    CHECK(!is_taken(&order));
    order = (struct order){.kind = ORDER_BEGIN};
    put_text(order.begin.gateway, "vgw-main");
    CHECK(is_taken(&order));
    put_text(order.begin.gateway, "vgw/main");
    CHECK(!is_taken(&order));
    put_text(order.begin.gateway, "vgw");
    order.begin.choice = PLANE_CHOICES;
    CHECK(!is_taken(&order));
}

#define REFUSES(change)                                                                            \
    do {                                                                                           \
        struct order order = want();                                                               \
        change;                                                                                    \
        CHECK(!is_taken(&order));                                                                  \
    } while (0)

static void a_tunnel_is_as_tunnels_are(void)
{
    REFUSES(put_text(order.want.tunnel.psk, "short"));
    REFUSES(put_text(order.want.tunnel.psk, "quote\"inside"));
    REFUSES(memset(order.want.tunnel.psk, 'a', sizeof order.want.tunnel.psk));
    REFUSES(put_text(order.want.psk_file, "key"));
    REFUSES(put_text(order.want.tunnel.certificate, "x.pem"));
    REFUSES(put_text(order.want.tunnel.peer_id, "a\nb"));
    REFUSES(order.want.tunnel.outside = 0);
    REFUSES(order.want.tunnel.inside_ours = 0);
    REFUSES(order.want.tunnel.inside_len = 33);
    REFUSES(order.want.tunnel.inside_theirs = (ip_addr)0xfd00 << 112);
    REFUSES(order.want.tunnel.six_ours = 1);
    REFUSES(order.want.tunnel.six_ours = (ip_addr)0xfd00 << 112);
    REFUSES(order.want.tunnel.six_theirs = (ip_addr)0xfd00 << 112);
    REFUSES(order.want.tunnel.inside_theirs = 0);
    REFUSES(order.want.tunnel.six_len = 129);
    REFUSES(order.want.tunnel.mtu = 100);
    REFUSES(order.want.tunnel.outside = 0x7f000001);
    REFUSES(order.want.tunnel.outside = 0xe0000005);
    REFUSES(order.want.tunnel.outside = (ip_addr)0x2001 << 112);
    REFUSES(order.want.tunnel.peer = 0xffffffff);
    REFUSES(order.want.tunnel.mss = 0);
    REFUSES(order.want.tunnel.mss = 535);
    REFUSES(order.want.tunnel.mss = 1361); /* 40 below the MTU is the most */
    REFUSES(order.want.tunnel.watch.tries = 0);
    REFUSES(order.want.tunnel.watch.delay_us = 0);
    REFUSES(order.want.tunnel.options.phase1.groups = 1);
    REFUSES(order.want.tunnel.options.phase2_lifetime_s = 10);
    REFUSES(order.want.tunnel.options.local_range.len = 33);
    REFUSES(order.want.tunnel.options.remote_range.len = 33);
    REFUSES(memset(&order.want.tunnel.forced_nat_t, 2, 1));
}

/* IPv6 alone has nothing of IPv4, not even the other end's address. */
static void a_tunnel_has_both_ends_of_a_family(void)
{
    struct order order = want();
    struct plane_tunnel *tunnel = &order.want.tunnel;
    tunnel->six_ours = ((ip_addr)0xfd00 << 112) + 1;
    tunnel->six_theirs = tunnel->six_ours + 1;
    tunnel->six_len = 126;
    CHECK(is_taken(&order));
    tunnel->inside_ours = 0;
    CHECK(!is_taken(&order));
    tunnel->inside_theirs = 0;
    CHECK(is_taken(&order));
    tunnel->six_theirs = 0xa9fe0102;
    CHECK(!is_taken(&order));
}

static void a_report_is_one(void)
{
    struct report report = {.kind = REPORT_TUNNEL}, taken;
    report.tunnel.cause = TUNNEL_CAUSES;
    CHECK(!report_decode(&report, report_size(REPORT_TUNNEL), &taken));
    report = (struct report){.kind = REPORT_REFUSED};
    memset(report.sentence, 'a', sizeof report.sentence);
    CHECK(!report_decode(&report, report_size(REPORT_REFUSED), &taken));
    report = (struct report){.kind = REPORT_READY};
    report.ready.choice = PLANE_CHOICES;
    CHECK(!report_decode(&report, report_size(REPORT_READY), &taken));
}

int main(void)
{
    TEST(an_order_arrives_whole);
    TEST(a_size_is_the_kinds);
    TEST(who_shares_has_no_outside_address);
    TEST(a_name_leads_nowhere);
    TEST(a_tunnel_is_as_tunnels_are);
    TEST(a_tunnel_has_both_ends_of_a_family);
    TEST(a_report_is_one);
    TEST(an_attachment_is_judged);
    TEST(a_vpcs_route_is_judged);
    return harness_done();
}
