#include "net/six.h"

#include "base/prng.h"
#include "tests/harness.h"

#include <arpa/inet.h>

static ip_addr ip(uint64_t high, uint64_t low)
{
    return (ip_addr)high << 64 | low;
}

static void addresses_are_read_in_every_form_and_written_in_one(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* RFC 5952 4.2.2 */
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},       /* 4.2.3: the longest run */
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"}, /* of equals the first */
        {"fe80::", "fe80::"},
        {"1::8", "1::8"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ip_addr addr = 1;
        CHECK(ip_parse(cases[i].text, strlen(cases[i].text), &addr));
        CHECK(ip_is_six(addr));
        char buffer[IP_TEXT_BYTES];
        struct text text = text_over(buffer, sizeof buffer);
        text_ip(&text, addr);
        CHECK_TEXT(buffer, cases[i].canonical);
        CHECK(!text.cut);
    }
}

static void what_is_no_address_is_refused(void)
{
    static const char *const bad[] = {":", "1:", ":1", ":::", "1:::2", "1::2::3",
                                      "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "2001:db8::1 ",
                                      "2001:db8::1%eth0", "2001:db8::1.2.3", "2001:db8::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4", "2001:db8::/32", "2001:db8:.1.2.3",
                                      /* never the address of a packet's destination */
                                      "::", "::1", "::1.2.3.4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ip_addr addr = 77;
        if (ip_parse(bad[i], strlen(bad[i]), &addr))
            CHECK_TEXT(bad[i], "(refused)");
        CHECK_EQUAL(addr, 77);
    }
}

/* libc reads and writes the same, where its text is what RFC 5952 wants. */
static void libc_agrees(void)
{
    struct prng prng = prng_seed(6);
    for (int i = 0; i < 5000; i++) {
        struct in6_addr bytes;
        for (unsigned at = 0; at < 16; at += 2) {
            uint64_t bits = prng_below(&prng, 2) ? prng_next(&prng) : 0;
            bytes.s6_addr[at] = (uint8_t)(prng_below(&prng, 2) ? bits >> 8 : 0);
            bytes.s6_addr[at + 1] = (uint8_t)bits;
        }
        ip_addr addr = 0;
        for (unsigned at = 0; at < 16; at++)
            addr = addr << 8 | bytes.s6_addr[at];
        if (!ip_is_six(addr) || addr >> 32 == 0xffff)
            continue;
        char expected[INET6_ADDRSTRLEN], buffer[IP_TEXT_BYTES];
        inet_ntop(AF_INET6, &bytes, expected, sizeof expected);
        struct text text = text_over(buffer, sizeof buffer);
        text_ip(&text, addr);
        CHECK_TEXT(buffer, expected);
        ip_addr again = 0;
        CHECK(ip_parse(expected, strlen(expected), &again) && again == addr);
    }
}

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void prefixes_are_read_and_written(void)
{
    static const char *const good[] = {"::/0",     "::/96",           "::1/128",  "2001:db8::/32",
                                       "8000::/1", "2001:db8::1/128", "fe80::/10"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct prefix prefix = p(good[i]);
        CHECK(prefix.six);
        char buffer[PREFIX_TEXT_BYTES];
        struct text text = text_over(buffer, sizeof buffer);
        text_prefix(&text, prefix);
        CHECK_TEXT(buffer, good[i]);
    }
    struct prefix prefix = {77, 7, false};
    static const char *const bad[] = {"::/129",         "2001:db8::",    "2001:db8::/",
                                      "2001:db8::/032", "2001:db8::/-1", "/64",
                                      "2001:db8/32"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(prefix_parse(bad[i], strlen(bad[i]), &prefix) == PREFIX_SYNTAX && prefix.addr == 77);
    CHECK(prefix_parse("2001:db8::1/32", 14, &prefix) == PREFIX_HOST_BITS);
    CHECK(prefix_equal(prefix, p("2001:db8::/32")));
}

static void families_never_meet(void)
{
    CHECK(!prefix_equal(p("::/0"), p("0.0.0.0/0")));
    CHECK(!prefix_covers(p("::/0"), p("10.0.0.0/8")));
    CHECK(!prefix_covers(p("0.0.0.0/0"), p("2001:db8::/32")));
    CHECK(!prefix_overlaps(p("::/0"), p("0.0.0.0/0")));
    CHECK(!prefix_contains(p("::/0"), 0x0a000001));
    CHECK(!prefix_contains(p("0.0.0.0/0"), ip(0x20010db800000000, 1)));
    CHECK(prefix_contains(p("::/0"), ip(0x20010db800000000, 1)));
    CHECK(prefix_contains(p("2001:db8::/32"), ip(0x20010db800000000, 1)));
    CHECK(!prefix_contains(p("2001:db8::/32"), ip(0x20010db900000000, 1)));
    CHECK(prefix_compare(p("255.255.255.255/32"), p("::/0")) < 0);
    CHECK(prefix_equal(prefix_host(ip(0x20010db800000000, 1)), p("2001:db8::1/128")));
    CHECK(prefix_equal(prefix_host(0x0a000001), p("10.0.0.1/32")));
    CHECK(prefix_equal(prefix_around(ip(0x20010db8ffffffff, 1), 32), p("2001:db8::/32")));
}

static void a_host_of_a_prefix_is_of_its_family(void)
{
    static const struct {
        const char *prefix, *host;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.1"},
        {"10.0.0.2/31", "10.0.0.2"},
        {"10.0.0.2/32", "10.0.0.2"},
        {"0.0.0.0/1", "0.0.0.1"},
        {"2001:db8::/56", "2001:db8::1"},
        {"2001:db8::2/127", "2001:db8::2"},
        {"2001:db8::2/128", "2001:db8::2"},
        {"::/0", "2000::1"},
        {"::/2", "2000::1"},
        {"::/3", "::1:0:1"},
        {"::/95", "::1:0:1"},
        {"8000::/1", "8000::1"},
        {"::1:0:0/96", "::1:0:1"},
        {"::1:0:0/127", "::1:0:0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct prefix prefix = {0};
        char text[IP_TEXT_BYTES];
        struct text writer = text_over(text, sizeof text);
        CHECK(prefix_parse(cases[i].prefix, strlen(cases[i].prefix), &prefix) == PREFIX_OK);
        CHECK(prefix_contains(prefix, prefix_first_host(prefix)));
        CHECK(prefix_contains(prefix, prefix_address(prefix)));
        CHECK(prefix_address(prefix) == prefix.addr || (prefix.six && prefix.addr == 0));
        text_ip(&writer, prefix_first_host(prefix));
        CHECK_TEXT(text, cases[i].host);
    }
    CHECK_EQUAL(prefix_first_host(prefix_make(true, 0, 96)), 0);
    CHECK_EQUAL(prefix_first_host(prefix_make(true, 7, 128)), 0);
}

int main(void)
{
    TEST(addresses_are_read_in_every_form_and_written_in_one);
    TEST(what_is_no_address_is_refused);
    TEST(libc_agrees);
    TEST(prefixes_are_read_and_written);
    TEST(families_never_meet);
    TEST(a_host_of_a_prefix_is_of_its_family);
    return harness_done();
}
