#include "net/ip.h"

#include "base/prng.h"
#include "tests/harness.h"

static struct prefix p(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static void addresses_are_read_and_written(void)
{
    static const struct {
        const char *text;
        ip_addr addr;
    } cases[] = {{"0.0.0.0", 0},
                 {"255.255.255.255", 0xffffffff},
                 {"169.254.252.29", 0xa9fefc1d},
                 {"10.0.0.1", 0x0a000001},
                 {"100.200.9.99", 0x64c80963}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ip_addr addr = 1;
        CHECK(ip_parse(cases[i].text, strlen(cases[i].text), &addr));
        CHECK_EQUAL(addr, cases[i].addr);
        char buffer[IP_TEXT_BYTES];
        struct text text = text_over(buffer, sizeof buffer);
        text_ip(&text, addr);
        CHECK_TEXT(buffer, cases[i].text);
        CHECK(!text.cut);
    }
}

static void what_is_no_address_is_refused(void)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.",
                                      ".1.2.3",
                                      "1..2.3",
                                      "1.2.3.4.",
                                      "1.2.3.4.5",
                                      "01.2.3.4",
                                      "1.2.3.00",
                                      "1.2.3.04",
                                      "256.1.1.1",
                                      "1.1.1.256",
                                      "1.1.1.1000",
                                      "+1.2.3.4",
                                      "-1.2.3.4",
                                      " 1.2.3.4",
                                      "1.2.3.4 ",
                                      "1.2. 3.4",
                                      "1.2.3.4\n",
                                      "0x1.2.3.4",
                                      "1.2.3.a",
                                      "1,2,3,4",
                                      "1.2.3.4/32",
                                      "a",
                                      "1.2.3.4x",
                                      "4294967296.1.1.1",
                                      "1.2.3.99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ip_addr addr = 77;
        if (ip_parse(bad[i], strlen(bad[i]), &addr))
            CHECK_TEXT(bad[i], "(refused)");
        CHECK_EQUAL(addr, 77);
    }
    ip_addr addr = 77;
    CHECK(!ip_parse("1.2.3.4\0", 8, &addr));
    CHECK(!ip_parse(NULL, 0, &addr));
    CHECK(ip_parse("1.2.3.45", 7, &addr) && addr == 0x01020304); /* the size ends it */
}

static void what_is_no_prefix_is_refused(void)
{
    static const char *const bad[] = {"",
                                      "/",
                                      "10.0.0.0",
                                      "10.0.0.0/",
                                      "10.0.0.0/33",
                                      "10.0.0.0/99",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/+8",
                                      "10.0.0.0/08",
                                      "10.0.0.0/00",
                                      "10.0.0.0/ 8",
                                      "10.0.0.0 /8",
                                      "10.0.0.0/8 ",
                                      "10.0.0.0/8/8",
                                      "10.0.0/8",
                                      "010.0.0.0/8",
                                      "/8",
                                      "10.0.0.0/255.0.0.0",
                                      "10.0.0.0/256",
                                      "10.0.0.0/4294967304"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct prefix prefix = {77, 7};
        if (prefix_parse(bad[i], strlen(bad[i]), &prefix) != PREFIX_SYNTAX)
            CHECK_TEXT(bad[i], "(refused)");
        CHECK(prefix.addr == 77 && prefix.len == 7);
    }
}

static void host_bits_give_the_prefix_that_was_meant(void)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse("10.1.2.3/16", 11, &prefix) == PREFIX_HOST_BITS);
    CHECK(prefix_equal(prefix, p("10.1.0.0/16")));
    CHECK(prefix_parse("0.0.0.1/0", 9, &prefix) == PREFIX_HOST_BITS);
    CHECK(prefix_equal(prefix, p("0.0.0.0/0")));
    CHECK(prefix_parse("1.2.3.5/31", 10, &prefix) == PREFIX_HOST_BITS);
    CHECK(prefix_equal(prefix, p("1.2.3.4/31")));
    CHECK(prefix_parse("1.2.3.5/32", 10, &prefix) == PREFIX_OK);
}

static void masks_and_host_bits(void)
{
    for (unsigned len = 0; len <= 32; len++) {
        uint64_t naive = 0;
        for (unsigned bit = 0; bit < 32; bit++)
            naive = naive << 1 | (bit < len);
        CHECK_EQUAL(ip_mask_four((uint8_t)len), (int64_t)naive);
        struct prefix made = prefix_around(0xffffffff, (uint8_t)len);
        CHECK(made.addr == (ip_addr)naive && made.len == len);
    }
}

/* Covering, overlapping and containing, from ranges of 64-bit numbers. */
static void relations_agree_with_ranges(void)
{
    struct prng prng = prng_seed(3);
    for (int i = 0; i < 20000; i++) {
        uint8_t left_len = (uint8_t)prng_below(&prng, 33),
                right_len = (uint8_t)prng_below(&prng, 33);
        ip_addr bits = (uint32_t)prng_next(&prng),
                flipped = bits ^ (ip_addr)(prng_next(&prng) >> 32) >> prng_below(&prng, 32);
        struct prefix left = prefix_around(bits, left_len),
                      right = prefix_around(flipped, right_len);
        uint64_t left_end = (uint64_t)left.addr + ((uint64_t)1 << (32 - left_len));
        uint64_t right_end = (uint64_t)right.addr + ((uint64_t)1 << (32 - right_len));
        CHECK_EQUAL(prefix_covers(left, right), left.addr <= right.addr && right_end <= left_end);
        CHECK_EQUAL(prefix_overlaps(left, right), left.addr < right_end && right.addr < left_end);
        CHECK_EQUAL(prefix_contains(left, flipped), flipped >= left.addr && flipped < left_end);
        CHECK_EQUAL(prefix_equal(left, right), left.addr == right.addr && left_end == right_end);
    }
}

static void order_is_by_address_then_length(void)
{
    static const char *const sorted[] = {"0.0.0.0/0",         "0.0.0.0/1",   "0.0.0.0/32",
                                         "10.0.0.0/8",        "10.0.0.0/16", "128.0.0.0/1",
                                         "255.255.255.255/32"};
    enum { COUNT = sizeof sorted / sizeof *sorted };
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            CHECK_EQUAL(prefix_compare(p(sorted[i]), p(sorted[j])), (i > j) - (i < j));
}

static void every_prefix_survives_print_and_parse(void)
{
    struct prng prng = prng_seed(4);
    for (int i = 0; i < 5000; i++) {
        struct prefix prefix =
            prefix_around((uint32_t)prng_next(&prng), (uint8_t)prng_below(&prng, 33));
        char buffer[PREFIX_TEXT_BYTES], naive[32];
        struct text text = text_over(buffer, sizeof buffer);
        text_prefix(&text, prefix);
        unsigned bits = (unsigned)prefix.addr;
        snprintf(naive, sizeof naive, "%u.%u.%u.%u/%u", bits >> 24, bits >> 16 & 255,
                 bits >> 8 & 255, bits & 255, prefix.len);
        CHECK_TEXT(buffer, naive);
        CHECK(!text.cut && prefix_equal(p(buffer), prefix));
    }
}

static void an_address_is_never_shown_in_part(void)
{
    char buffer[32];
    struct text text = text_over(buffer, 12);
    text_add(&text, "via ");
    text_ip(&text, 0x0a000001);
    CHECK_TEXT(buffer, "via ");
    CHECK(text.cut);
    text = text_over(buffer, sizeof "255.255.255.240/28" - 1);
    text_prefix(&text, p("255.255.255.240/28"));
    CHECK_TEXT(buffer, "");
    CHECK(text.cut);
}

int main(void)
{
    TEST(addresses_are_read_and_written);
    TEST(what_is_no_address_is_refused);
    TEST(what_is_no_prefix_is_refused);
    TEST(host_bits_give_the_prefix_that_was_meant);
    TEST(masks_and_host_bits);
    TEST(relations_agree_with_ranges);
    TEST(order_is_by_address_then_length);
    TEST(every_prefix_survives_print_and_parse);
    TEST(an_address_is_never_shown_in_part);
    return harness_done();
}
