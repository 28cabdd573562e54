/* What is put is read again, what is absent changes nothing, and what is cut is refused. */
#include "plane/netlink_attrs.h"

#include "tests/harness.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

static _Alignas(8) uint8_t room[512];

static struct nlmsghdr *begin(void)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(room);
    mnl_nlmsg_put_extra_header(header, sizeof(struct rtmsg));
    return header;
}

static void addresses_of_both_families_are_read_as_they_were_put(void)
{
    ip_addr six = (ip_addr)0xfd00000000000000u << 64 | 0x1234;
    struct nlmsghdr *header = begin();
    netlink_put_addr(header, RTA_DST, 0x0a010203, false);
    netlink_put_addr(header, RTA_GATEWAY, six, true);
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof(struct rtmsg));
    ip_addr dst = 0, gateway = 0;
    CHECK(netlink_read_addr(attrs.at[RTA_DST], false, &dst));
    CHECK(netlink_read_addr(attrs.at[RTA_GATEWAY], true, &gateway));
    CHECK_EQUAL(dst, 0x0a010203);
    CHECK(gateway == six);
    CHECK_EQUAL(((const uint8_t *)mnl_attr_get_payload(attrs.at[RTA_DST]))[0], 0x0a);
}

static void what_is_not_there_stays_as_it_was(void)
{
    struct netlink_attrs attrs = netlink_attrs_of(begin(), sizeof(struct rtmsg));
    uint32_t number = 7;
    ip_addr addr = 9;
    CHECK(!attrs.at[RTA_OIF]);
    CHECK(netlink_read_u32(attrs.at[RTA_OIF], &number));
    CHECK(netlink_read_addr(attrs.at[RTA_DST], false, &addr));
    CHECK_EQUAL(number, 7);
    CHECK_EQUAL(addr, 9);
    CHECK(!netlink_attrs_in(NULL).at[1]);
}

static void what_is_shorter_than_it_must_be_is_refused(void)
{
    struct nlmsghdr *header = begin();
    mnl_attr_put_u16(header, RTA_OIF, 3);
    netlink_put_addr(header, RTA_DST, 0x0a010203, false);
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof(struct rtmsg));
    uint32_t number = 7;
    ip_addr addr = 9;
    CHECK(!netlink_read_u32(attrs.at[RTA_OIF], &number));
    CHECK(!netlink_read_addr(attrs.at[RTA_DST], true, &addr)); /* four bytes are no IPv6 address */
    CHECK_EQUAL(number, 7);
    CHECK_EQUAL(addr, 9);
}

static void a_type_beyond_those_asked_for_is_passed_over(void)
{
    struct nlmsghdr *header = begin();
    mnl_attr_put_u32(header, NETLINK_ATTRS, 1);
    mnl_attr_put_u32(header, NETLINK_ATTRS - 1, 2);
    struct nlattr *nest = mnl_attr_nest_start(header, RTA_METRICS);
    mnl_attr_put_u32(header, 5, 42);
    mnl_attr_nest_end(header, nest);
    struct netlink_attrs attrs = netlink_attrs_of(header, sizeof(struct rtmsg));
    uint32_t last = 0, nested = 0;
    CHECK(netlink_read_u32(attrs.at[NETLINK_ATTRS - 1], &last));
    CHECK_EQUAL(last, 2);
    CHECK(netlink_read_u32(netlink_attrs_in(attrs.at[RTA_METRICS]).at[5], &nested));
    CHECK_EQUAL(nested, 42);
}

static void messages_are_taken_one_by_one_and_only_whole(void)
{
    struct nlmsghdr *first = begin();
    mnl_attr_put_u16(first, RTA_OIF, 3);
    first->nlmsg_len -= 2; /* of its last attribute's padding */
    CHECK_EQUAL(first->nlmsg_len, 34);
    CHECK_EQUAL(netlink_whole(34), 36);
    size_t one = 36;
    memcpy(room + one, room, first->nlmsg_len);
    struct slice bytes = {room, one + first->nlmsg_len};
    CHECK(netlink_take(&bytes) == first);
    CHECK(bytes.data == room + one);
    struct slice cut = {bytes.data, bytes.size - 1};
    CHECK(!netlink_take(&cut));
    CHECK_EQUAL(cut.size, bytes.size - 1);
    CHECK(netlink_take(&bytes) != NULL);
    CHECK_EQUAL(bytes.size, 0);
    CHECK(!netlink_take(&bytes));
}

int main(void)
{
    TEST(addresses_of_both_families_are_read_as_they_were_put);
    TEST(what_is_not_there_stays_as_it_was);
    TEST(what_is_shorter_than_it_must_be_is_refused);
    TEST(a_type_beyond_those_asked_for_is_passed_over);
    TEST(messages_are_taken_one_by_one_and_only_whole);
    return harness_done();
}
