#include "network/scalar.h"

#include "base/prng.h"
#include "network/probe.h"
#include "tests/harness.h"

/* Reads text as the type; what scalar_print then writes, or "problem | expected". */
static const char *round_trip(const struct field *field, const char *text)
{
    static char out[240];
    union {
        char *text;
        struct network_ref ref;
        int64_t number;
        uint32_t word;
        struct prefix prefix;
        bool yes;
    } member = {0};
    struct scalar_verdict verdict = scalar_parse(field, text, strlen(text), &member);
    if (!verdict.fine) {
        snprintf(out, sizeof out, "%s | %s", verdict.problem, verdict.expected);
        return out;
    }
    scalar_print(field, &member, out, sizeof out);
    if (field->type == FIELD_ID || field->type == FIELD_TEXT || field->type == FIELD_PATH ||
        field->type == FIELD_DEVICE || field->type == FIELD_SECRET)
        free(member.text);
    if (field->type == FIELD_REF || field->type == FIELD_DEFINE)
        free(member.ref.id);
    return out;
}

static void durations_have_one_form(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"60s", "60s"},      {"2m", "120s"},         {"1h", "3600s"},
        {"1.5s", "1.5s"},    {"1500ms", "1.5s"},     {"500ms", "500ms"},
        {"0.5s", "500ms"},   {"0s", "0s"},           {"0ms", "0s"},
        {"1us", "0.001ms"},  {"0.25ms", "0.25ms"},   {"0.000001s", "0.001ms"},
        {"1.000000s", "1s"}, {"1.0000000s", "1s"},   {"1.050s", "1.05s"},
        {"0.5m", "30s"},     {"8784h", "31622400s"},
    };
    const struct field field = {.type = FIELD_DURATION};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(round_trip(&field, cases[i].text), cases[i].canonical);
    const char *wrong[] = {"",
                           "60",
                           "s",
                           "1.s",
                           ".5s",
                           "1..5s",
                           "-1s",
                           "+1s",
                           "01s",
                           "1 s",
                           "1S",
                           "1e3s",
                           "1.5.5s",
                           "8785h",
                           "1d",
                           "1sm",
                           "0.5us",
                           "0.0000001s",
                           "999999999999999999999s",
                           "9999999999999h"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(strncmp(round_trip(&field, wrong[i]), "is not a duration", 17) == 0);
}

/* What is printed reads back as the same number, whatever it is. */
static void every_duration_survives(void)
{
    struct prng random = prng_seed(11);
    const struct field field = {.type = FIELD_DURATION};
    bool same = true;
    for (int i = 0; i < 20000; i++) {
        int64_t us = (int64_t)prng_below(&random, (uint64_t)1 << prng_below(&random, 44)),
                back = -1;
        char text[SCALAR_TEXT_BYTES];
        scalar_duration(us, text, sizeof text);
        same = same && scalar_parse(&field, text, strlen(text), &back).fine && back == us;
    }
    CHECK(same);
}

static void prefixes_have_no_host_bits(void)
{
    const struct field field = {.type = FIELD_PREFIX};
    CHECK_TEXT(round_trip(&field, "10.0.0.0/8"), "10.0.0.0/8");
    CHECK_TEXT(round_trip(&field, "0.0.0.0/0"), "0.0.0.0/0");
    CHECK_TEXT(round_trip(&field, "10.1.0.0/8"), "has host bits set | 10.0.0.0/8");
    CHECK_TEXT(round_trip(&field, "10.1.0.0"), "has no length | a prefix such as 10.1.0.0/32");
    CHECK_TEXT(round_trip(&field, "10/8"), "is not a prefix | a prefix such as 10.0.0.0/16");
    CHECK_TEXT(round_trip(&field, "10.0.0.0/33"), "is not a prefix | a prefix such as 10.0.0.0/16");
    const struct field either = {.type = FIELD_PREFIX, .six = FIELD_EITHER};
    CHECK_TEXT(round_trip(&either, "::/0"), "::/0");
    CHECK_TEXT(round_trip(&either, "::/95"), "::/95");
    CHECK_TEXT(round_trip(&either, "::/96"),
               "has no address that a packet could be sent to | a prefix outside of ::/96 "
               "(RFC 4291, 2.5.5.1)");
    CHECK(strncmp(round_trip(&either, "::7/128"), "has no address", 14) == 0);
}

static void addresses_are_hosts(void)
{
    const struct field field = {.type = FIELD_ADDRESS};
    CHECK_TEXT(round_trip(&field, "198.51.100.10"), "198.51.100.10");
    const char *wrong[] = {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.5", "255.255.255.255"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_TEXT(round_trip(&field, wrong[i]), "is no host's address | a unicast IPv4 address");
    CHECK_TEXT(round_trip(&field, "10.0.0.1/32"),
               "is not an address | an IPv4 address such as 198.51.100.10");
    CHECK_TEXT(round_trip(&field, "2001:db8::1"),
               "is not an address | an IPv4 address such as 198.51.100.10");
}

static void numbers_keep_their_range(void)
{
    const struct field vlan = {.type = FIELD_NUMBER, .min = 1, .max = 4094};
    CHECK_TEXT(round_trip(&vlan, "4094"), "4094");
    const char *out[] = {"0", "4095", "999999999999999999"};
    for (size_t i = 0; i < 3; i++)
        CHECK_TEXT(round_trip(&vlan, out[i]), "is out of range | a number from 1 to 4094");
    const char *wrong[] = {
        "", "-1", "+1", "01", "0x10", "1e3", "1.0", "1_000", "9999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_TEXT(round_trip(&vlan, wrong[i]), "is not a number | a number from 1 to 4094");
    const struct field asn = {.type = FIELD_ASN}, path = {.type = FIELD_PATH_ASN};
    CHECK_TEXT(round_trip(&asn, "4294967295"), "4294967295");
    CHECK(strncmp(round_trip(&asn, "23456"), "belongs to nobody", 17) == 0);
    CHECK_TEXT(round_trip(&path, "23456"), "23456"); /* an old speaker's path has it */
    CHECK(strncmp(round_trip(&path, "0"), "is no AS number", 15) == 0);
    const struct field community = {.type = FIELD_COMMUNITY};
    CHECK_TEXT(round_trip(&community, "7224:7300"), "7224:7300");
    CHECK_TEXT(round_trip(&community, "65535:65535"), "65535:65535");
    const char *no[] = {"7224", "7224:", ":1", "65536:1", "1:65536", "1:2:3", "no-export"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CHECK_TEXT(round_trip(&community, no[i]),
                   "is not a community | a community such as 7224:7100");
}

static void names_are_plain_words(void)
{
    const struct field id = {.type = FIELD_ID};
    CHECK_TEXT(round_trip(&id, "vgw-0abc.def_1"), "vgw-0abc.def_1");
    const char *wrong[] = {"",
                           "1a",
                           "-a",
                           "a b",
                           "a/1",
                           "a:b",
                           "10.0.0.1",
                           "a\xc3\xa9",
                           "a2345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(strncmp(round_trip(&id, wrong[i]), "is not a name", 13) == 0);
    CHECK_TEXT(round_trip(&id, "blackhole"), "means something else here | another name");
    CHECK_TEXT(round_trip(&id, "local"), "means something else here | another name");
    CHECK(!scalar_parse(&id, "a\0b", 3, NULL).fine);
    const struct field text = {.type = FIELD_TEXT};
    CHECK_TEXT(round_trip(&text, "ge-0/0/0.100"), "ge-0/0/0.100");
    CHECK_TEXT(round_trip(&text, "CN=branch"), "CN=branch");
    CHECK(strncmp(round_trip(&text, "eth0:"), "cannot be read", 14) == 0);
    CHECK(strncmp(round_trip(&text, "a, b"), "cannot be read", 14) == 0);
    const struct field tunnel = {.type = FIELD_REF, .kinds = KIND(TUNNEL)};
    CHECK_TEXT(round_trip(&tunnel, "vpn-1/2"), "vpn-1/2");
    CHECK(strncmp(round_trip(&tunnel, "vpn-1/x"), "is not a tunnel", 15) == 0);
}

static void secrets_follow_the_rule_of_aws(void)
{
    const struct field psk = {.type = FIELD_SECRET};
    CHECK_TEXT(round_trip(&psk, "a1234567"), "a1234567");
    CHECK_TEXT(round_trip(&psk, "_.aA9999"), "_.aA9999");
    const char *wrong[] = {"a123456", "01234567", "a123 567", "a123-567", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(strncmp(round_trip(&psk, wrong[i]), "cannot be used", 14) == 0);
}

static void paths_begin_at_the_root(void)
{
    const struct field path = {.type = FIELD_PATH};
    CHECK_TEXT(round_trip(&path, "/etc/sekisho/dx-1.key"), "/etc/sekisho/dx-1.key");
    const char *wrong[] = {"dx.key", "/", "/etc/", "/my key", "/a:b", "/a#b", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK(strncmp(round_trip(&path, wrong[i]), "is not a path", 13) == 0);
}

int main(void)
{
    TEST(durations_have_one_form);
    TEST(every_duration_survives);
    TEST(prefixes_have_no_host_bits);
    TEST(addresses_are_hosts);
    TEST(numbers_keep_their_range);
    TEST(names_are_plain_words);
    TEST(secrets_follow_the_rule_of_aws);
    TEST(paths_begin_at_the_root);
    return harness_done();
}
