/* BFD's datagrams seen from outside: from where and how they are sent, and which ones are heard.
 * The far ends are sockets of this test, or daemons that stand in for the sites. */
#include "run/bfd_sockets.h"

#include "run/control_rig.h"
#include "wire/bfd.h"

#include <netinet/in.h>

#define VPN(name, cgw, last, gateway, site, bfd)                                                   \
    "  - {id: " name ", vpn_gateway: vgw, customer_gateway: " cgw ", ipsec: none, bgp: {" bfd      \
    "},\n     tunnels: [{outside: 203.0.113." last ", inside: {vgw: 169.254.1." gateway            \
    ", cgw: 169.254.1." site "}}]}\n"
#define PAIR(bfd)                                                                                  \
    "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n"                                   \
    "customer_gateways:\n"                                                                         \
    "  - {id: cgw-a, asn: 65001, address: 198.51.100.1, router: site-a}\n"                         \
    "  - {id: cgw-b, asn: 65002, address: 198.51.100.2, router: site-b}\n"                         \
    "vpn_connections:\n" VPN("vpn-a", "cgw-a", "1", "1", "2", bfd)                                 \
        VPN("vpn-b", "cgw-b", "2", "5", "6",                                                       \
            bfd) "routers:\n"                                                                      \
                 "  - {id: site-a, platform: frr, bgp: {asn: 65001, announce: [10.1.0.0/16]}}\n"   \
                 "  - {id: site-b, platform: frr, bgp: {asn: 65002, announce: [10.2.0.0/16]}}\n"
#define WITH_BFD PAIR("bfd: {interval: 300ms, multiplier: 20}")

static struct rig_child gateway, site;

/* The gateway of the file, which is about to listen. */
static void gateway_begins(const char *file)
{
    rig_begin(&gateway, (const char *const[]){"--network", rig_file(file), "--gateway", "vgw",
                                              "--control", control_name(), NULL});
}

static void gateway_is_up(const char *file)
{
    gateway_begins(file);
    CHECK(rig_hears(&gateway, "event=ready"));
}

static void gateway_ends(void)
{
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
}

/* A number of the status, once it is what is wanted. */
static void wait_for_status(const char *key, json_int_t wanted)
{
    json_int_t there = -1;
    for (int i = 0; i < 20000 && there != wanted; i++) {
        json_t *answer = control_ask("{\"ask\": \"status\"}");
        there = control_number(answer, key);
        json_decref(answer);
    }
    CHECK_EQUAL(there, wanted);
}

static void wait_for_bfd(const char *path, const char *wanted)
{
    char there[32] = "";
    for (int i = 0; i < 20000 && strcmp(there, wanted) != 0; i++) {
        json_t *answer = control_ask("{\"ask\": \"neighbors\"}");
        snprintf(there, sizeof there, "%s", control_text(answer, path));
        json_decref(answer);
    }
    CHECK_TEXT(there, wanted);
}

/* -- a far end by hand -- */

static int far_end(const char *addr, uint16_t port, int ttl)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, addr, &in.sin_addr);
    CHECK(setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) == 0);
    CHECK(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) == 0);
    CHECK(bind(fd, (struct sockaddr *)&in, sizeof in) == 0);
    return fd;
}

static void say(int fd, const char *to, const struct bfd_packet *packet)
{
    uint8_t bytes[BFD_PACKET_BYTES];
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(BFD_PORT)};
    struct writer writer = writer_over(bytes, sizeof bytes);
    inet_pton(AF_INET, to, &in.sin_addr);
    bfd_encode(packet, &writer);
    CHECK_EQUAL(sendto(fd, bytes, writer.size, 0, (struct sockaddr *)&in, sizeof in),
                BFD_PACKET_BYTES);
}

/* The next packet of the gateway's, and the port it is from. */
static uint16_t hear(int fd, struct bfd_packet *ret_packet)
{
    struct datagram datagram;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    uint8_t byte;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    CHECK(poll(&wait, 1, RIG_PATIENCE_MS) == 1);
    CHECK(recvfrom(fd, &byte, 1, MSG_PEEK, (struct sockaddr *)&from, &size) == 1);
    CHECK_EQUAL(socket_hear(fd, &datagram, 1), 1);
    CHECK_EQUAL(datagram.ttl, 255);
    CHECK(bfd_decode((struct slice){datagram.bytes, datagram.size}, ret_packet) == BFD_FAULT_NONE);
    return ntohs(from.sin_port);
}

static const struct bfd_packet hello = {.state = BFD_DOWN,
                                        .multiplier = 20,
                                        .my_discriminator = 7,
                                        .desired_min_tx_us = 1000000,
                                        .required_min_rx_us = 300000};

/* -- tests -- */

static void a_port_that_is_taken_is_said(void)
{
    int taken = far_end("169.254.1.5", BFD_PORT, 255);
    gateway_begins(WITH_BFD);
    CHECK_EQUAL(rig_end(&gateway, 0), RUN_WORLD);
    CHECK_TEXT(gateway.said, "error: 169.254.1.5 UDP port 3784 is taken by another program; the "
                             "BFD of vpn-b/1 needs it\n");
    close(taken);
}

static void each_neighbor_has_a_source_port_of_its_own(void)
{
    struct bfd_packet packet;
    int one = far_end("169.254.1.2", BFD_PORT, 255), two = far_end("169.254.1.6", BFD_PORT, 255);
    gateway_is_up(WITH_BFD);
    uint16_t first = hear(one, &packet), second = hear(two, &packet);
    CHECK_EQUAL(packet.state, BFD_DOWN);
    CHECK(first >= BFD_PORT_FIRST && second >= BFD_PORT_FIRST && first != second);
    CHECK_EQUAL(hear(one, &packet), first);
    gateway_ends();
    do /* a stop is told, and to whom it was not the packet before */
        CHECK_EQUAL(hear(one, &packet), first);
    while (packet.state != BFD_ADMIN_DOWN);
    close(one);
    close(two);
}

static void what_is_nobodys_is_counted_and_not_heard(void)
{
    int far = far_end("169.254.1.2", 50000, 254), stranger = far_end("169.254.1.9", 50000, 255);
    gateway_is_up(WITH_BFD);
    say(far, "169.254.1.1", &hello);
    wait_for_status("bfd_too_far", 1);
    say(stranger, "169.254.1.1", &hello);
    wait_for_status("bfd_strangers", 1);
    wait_for_bfd("neighbors.0.bfd.state", "Down");
    gateway_ends();
    close(far);
    close(stranger);
}

/* RFC 5880 6.3; and who is in one tunnel cannot speak for who is in another. */
static void a_discriminator_tells_whose_it_is(void)
{
    struct bfd_packet packet, answer = hello;
    int one = far_end("169.254.1.2", BFD_PORT, 255), other = far_end("169.254.1.77", 50000, 255);
    gateway_is_up(WITH_BFD);
    hear(one, &packet);
    CHECK(packet.my_discriminator != 0);
    answer.your_discriminator = packet.my_discriminator;
    say(other, "169.254.1.5", &answer);
    wait_for_status("bfd_strangers", 1);
    wait_for_bfd("neighbors.0.bfd.state", "Down");
    say(other, "169.254.1.1", &answer);
    wait_for_bfd("neighbors.0.bfd.state", "Init");
    answer.your_discriminator++;
    say(one, "169.254.1.1", &answer);
    wait_for_status("bfd_strangers", 1);
    gateway_ends();
    close(one);
    close(other);
}

static void who_falls_silent_is_missed(void)
{
    gateway_is_up(WITH_BFD);
    rig_begin(&site,
              (const char *const[]){"--network", rig_path, "--router", "site-a", "--quiet", NULL});
    CHECK(rig_hears(&gateway, "event=session-up neighbor=vpn-a/1"));
    wait_for_bfd("neighbors.0.bfd.state", "Up");
    kill(site.pid, SIGSTOP);
    CHECK(rig_hears(&gateway, "event=bfd-down neighbor=vpn-a/1 reason=expired"));
    CHECK(rig_hears(&gateway, "event=session-down neighbor=vpn-a/1 reason=bfd-down"));
    kill(site.pid, SIGCONT);
    CHECK(rig_hears(&gateway, "event=bfd-up neighbor=vpn-a/1"));
    CHECK_EQUAL(rig_end(&site, SIGTERM), RUN_FINE);
    CHECK(rig_hears(&gateway, "event=bfd-down neighbor=vpn-a/1 reason=neighbor-down"));
    gateway_ends();
}

/* Without BFD nothing is open; with it again, it is. */
static void a_reload_opens_and_closes(void)
{
    struct bfd_packet packet;
    int one = far_end("169.254.1.2", BFD_PORT, 255);
    gateway_is_up(PAIR(""));
    close(far_end("169.254.1.1", BFD_PORT, 255));
    rig_file(WITH_BFD);
    kill(gateway.pid, SIGHUP);
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=2 removed=0"));
    hear(one, &packet);
    rig_file(PAIR(""));
    kill(gateway.pid, SIGHUP);
    CHECK(rig_hears(&gateway, "event=reloaded added=0 changed=2 removed=0"));
    close(far_end("169.254.1.1", BFD_PORT, 255));
    json_t *answer = control_ask("{\"ask\": \"neighbors\"}");
    CHECK(json_is_null(control_find(answer, "neighbors.0.bfd")));
    json_decref(answer);
    gateway_ends();
    close(one);
}

int main(void)
{
    if (!rig_network()) {
        harness_skip("BFD's sockets", "network namespaces are not permitted here");
        return harness_done();
    }
    TEST(a_port_that_is_taken_is_said);
    TEST(each_neighbor_has_a_source_port_of_its_own);
    TEST(what_is_nobodys_is_counted_and_not_heard);
    TEST(a_discriminator_tells_whose_it_is);
    TEST(who_falls_silent_is_missed);
    TEST(a_reload_opens_and_closes);
    return harness_done();
}
