/* The kernel's language: what is written is read as the same, what is foreign or cut is not
 * believed. */
#include "run/netlink.h"

#include "base/prng.h"
#include "tests/harness.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static _Alignas(8) uint8_t room[NETLINK_REQUEST_MAX];

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static ip_addr a(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static struct netlink_said only_message(size_t size, uint32_t table)
{
    struct slice bytes = {room, size};
    struct netlink_said said = {.kind = SAID_ERROR};
    CHECK(netlink_next(&bytes, table, &said));
    CHECK_EQUAL(bytes.size, 0);
    return said;
}

static void back_again(const struct fib_entry *entry, uint32_t table)
{
    size_t size = netlink_change(room, FIB_PUT, entry, table, 7);
    CHECK(size <= sizeof room && size % 4 == 0);
    struct netlink_said said = only_message(size, table);
    CHECK_EQUAL(said.kind, SAID_ROUTE);
    CHECK_EQUAL(said.sequence, 7);
    CHECK(prefix_equal(said.entry.prefix, entry->prefix));
    CHECK(said.entry.gateway == entry->gateway);
    CHECK_EQUAL(said.entry.interface, entry->interface);
    CHECK_EQUAL(said.entry.metric, entry->metric);
    CHECK_EQUAL(said.entry.kind, entry->kind);
    CHECK_EQUAL(said.entry.protocol, FIB_PROTOCOL);
    CHECK_EQUAL(only_message(size, table + 1).kind, SAID_OTHER);
}

static void an_entry_is_read_as_it_was_written(void)
{
    struct fib_entry entry = {
        .prefix = p("10.1.0.0/16"), .gateway = a("169.254.1.2"), .interface = 3, .metric = 20};
    back_again(&entry, 254);
    back_again(&entry, 100000);
    entry.prefix = p("0.0.0.0/0");
    back_again(&entry, 254);
    entry.prefix = p("2001:db8::/32");
    entry.gateway = a("fd00::2");
    back_again(&entry, 254);
    entry.prefix = p("::/0");
    back_again(&entry, 254);
    entry = (struct fib_entry){.prefix = p("10.9.0.0/16"), .metric = 1, .kind = FIB_BLACKHOLE};
    back_again(&entry, 254);
}

static void a_removal_names_the_entry_and_whose_it_is(void)
{
    struct fib_entry entry = {.prefix = p("10.1.0.0/16"), .interface = 3, .metric = 20};
    struct netlink_said said = only_message(netlink_change(room, FIB_REMOVE, &entry, 254, 9), 254);
    CHECK_EQUAL(said.kind, SAID_ROUTE_GONE);
    CHECK(prefix_equal(said.entry.prefix, entry.prefix));
    CHECK_EQUAL(said.entry.metric, 20);
    CHECK_EQUAL(said.entry.protocol, FIB_PROTOCOL);
}

/* A message with this header behind the netlink header, and then attributes. */
static size_t message(uint16_t type, uint16_t flags, const void *body, size_t body_size)
{
    struct nlmsghdr header = {.nlmsg_len = (uint32_t)(sizeof header + body_size),
                              .nlmsg_type = type,
                              .nlmsg_flags = flags,
                              .nlmsg_seq = 5};
    memset(room, 0, sizeof room);
    memcpy(room, &header, sizeof header);
    memcpy(room + sizeof header, body, body_size);
    return header.nlmsg_len;
}

static void an_address_is_the_local_one(void)
{
    struct {
        struct ifaddrmsg address;
        struct rtattr to;
        uint8_t to_addr[4];
        struct rtattr local;
        uint8_t local_addr[4];
    } body = {{.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 4},
              {8, IFA_ADDRESS},
              {169, 254, 1, 2},
              {8, IFA_LOCAL},
              {169, 254, 1, 1}};
    struct netlink_said said = only_message(message(RTM_NEWADDR, 0, &body, sizeof body), 254);
    CHECK_EQUAL(said.kind, SAID_ADDRESS);
    CHECK(said.addr == a("169.254.1.1"));
    CHECK_EQUAL(said.index, 4);
    said = only_message(message(RTM_DELADDR, 0, &body, sizeof body.address + 8), 254);
    CHECK_EQUAL(said.kind, SAID_ADDRESS_GONE);
    CHECK(said.addr == a("169.254.1.2"));
    said = only_message(message(RTM_NEWADDR, 0, &body, sizeof body.address), 254);
    CHECK_EQUAL(said.kind, SAID_OTHER); /* without any */
}

static void the_rest_is_recognized(void)
{
    struct ifinfomsg link = {.ifi_index = 6};
    struct netlink_said said = only_message(message(RTM_NEWLINK, 0, &link, sizeof link), 254);
    CHECK_EQUAL(said.kind, SAID_LINK);
    CHECK_EQUAL(said.index, 6);
    struct nlmsgerr error = {.error = -ENETUNREACH};
    said = only_message(message(NLMSG_ERROR, 0, &error, sizeof error), 254);
    CHECK_EQUAL(said.kind, SAID_ERROR);
    CHECK_EQUAL(said.error, ENETUNREACH);
    CHECK_EQUAL(said.sequence, 5);
    int none = 0;
    said = only_message(message(NLMSG_DONE, NLM_F_DUMP_INTR, &none, sizeof none), 254);
    CHECK_EQUAL(said.kind, SAID_DONE);
    CHECK(said.interrupted);
    CHECK_EQUAL(only_message(message(0x7777, 0, &none, sizeof none), 254).kind, SAID_OTHER);
}

static void what_is_no_entry_of_ours_to_know_is_left(void)
{
    struct rtmsg route = {
        .rtm_family = AF_INET, .rtm_dst_len = 0, .rtm_table = 254, .rtm_type = RTN_UNICAST};
    CHECK_EQUAL(only_message(message(RTM_NEWROUTE, 0, &route, sizeof route), 254).kind, SAID_ROUTE);
    route.rtm_dst_len = 33;
    CHECK_EQUAL(only_message(message(RTM_NEWROUTE, 0, &route, sizeof route), 254).kind, SAID_OTHER);
    route = (struct rtmsg){.rtm_family = AF_INET, .rtm_table = 254, .rtm_type = RTN_LOCAL};
    CHECK_EQUAL(only_message(message(RTM_NEWROUTE, 0, &route, sizeof route), 254).kind, SAID_OTHER);
    route = (struct rtmsg){.rtm_family = AF_MPLS, .rtm_table = 254, .rtm_type = RTN_UNICAST};
    CHECK_EQUAL(only_message(message(RTM_NEWROUTE, 0, &route, sizeof route), 254).kind, SAID_OTHER);
    route = (struct rtmsg){.rtm_family = AF_INET6,
                           .rtm_table = 254,
                           .rtm_type = RTN_UNICAST,
                           .rtm_flags = RTM_F_CLONED}; /* a cached one */
    CHECK_EQUAL(only_message(message(RTM_NEWROUTE, 0, &route, sizeof route), 254).kind, SAID_OTHER);
}

/* Cut anywhere, with any byte changed: nothing outside is read, and what is told is a prefix. */
static void damage_is_survived(void)
{
    struct prng prng = prng_seed(11);
    struct fib_entry entry = {
        .prefix = p("2001:db8::/32"), .gateway = a("fd00::2"), .interface = 3, .metric = 20};
    unsigned routes = 0;
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = netlink_change(room, FIB_PUT, &entry, 254, 1);
        room[prng_below(&prng, size)] = (uint8_t)prng_below(&prng, 256);
        size_t cut = prng_below(&prng, size + 1);
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, room, cut);
        struct slice bytes = {exact, cut};
        struct netlink_said said;
        while (netlink_next(&bytes, 254, &said)) {
            CHECK(said.kind != SAID_ROUTE ||
                  prefix_equal(said.entry.prefix,
                               prefix_make(said.entry.prefix.six, said.entry.prefix.addr,
                                           said.entry.prefix.len)));
            routes += said.kind == SAID_ROUTE;
        }
        free(exact);
    }
    CHECK(routes > 100);
}

int main(void)
{
    TEST(an_entry_is_read_as_it_was_written);
    TEST(a_removal_names_the_entry_and_whose_it_is);
    TEST(an_address_is_the_local_one);
    TEST(the_rest_is_recognized);
    TEST(what_is_no_entry_of_ours_to_know_is_left);
    TEST(damage_is_survived);
    return harness_done();
}
