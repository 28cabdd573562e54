#include "tests/harness.h"
#include "tunnel/inside.h"

static struct prefix prefix(const char *text)
{
    struct prefix result = {0, 0};
    CHECK_EQUAL(prefix_parse(text, strlen(text), &result), PREFIX_OK);
    return result;
}

static ip_addr addr(const char *text)
{
    ip_addr result = 0;
    CHECK(ip_parse(text, strlen(text), &result));
    return result;
}

static void ranges(void)
{
    struct {
        const char *inside;
        enum tunnel_fault fault;
    } cases[] = {
        {"169.254.252.28/30", TUNNEL_FAULT_NONE},
        {"169.254.6.0/30", TUNNEL_FAULT_NONE},
        {"169.254.0.4/30", TUNNEL_FAULT_NONE},
        {"169.254.255.252/30", TUNNEL_FAULT_NONE},
        {"169.254.0.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.1.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.2.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.3.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.4.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.5.0/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.169.252/30", TUNNEL_FAULT_INSIDE_RESERVED},
        {"169.254.169.248/30", TUNNEL_FAULT_NONE},
        {"169.253.6.0/30", TUNNEL_FAULT_INSIDE_RANGE},
        {"169.255.0.0/30", TUNNEL_FAULT_INSIDE_RANGE},
        {"10.0.0.0/30", TUNNEL_FAULT_INSIDE_RANGE},
        {"169.254.6.0/29", TUNNEL_FAULT_INSIDE_SIZE},
        {"169.254.6.0/31", TUNNEL_FAULT_INSIDE_SIZE},
        {"169.254.0.0/16", TUNNEL_FAULT_INSIDE_SIZE},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_EQUAL(tunnel_inside_check(prefix(cases[i].inside), &tunnel_limits_aws),
                    cases[i].fault);
        CHECK_EQUAL(tunnel_inside_check(prefix(cases[i].inside), &tunnel_limits_own),
                    TUNNEL_FAULT_NONE);
    }
}

static void pairs(void)
{
    struct {
        const char *gateway, *customer;
        enum tunnel_fault fault, own;
    } cases[] = {
        {"169.254.252.29", "169.254.252.30", TUNNEL_FAULT_NONE, TUNNEL_FAULT_NONE},
        {"169.254.252.30", "169.254.252.29", TUNNEL_FAULT_NONE, TUNNEL_FAULT_NONE},
        {"169.254.252.28", "169.254.252.29", TUNNEL_FAULT_INSIDE_HOSTS, TUNNEL_FAULT_NONE},
        {"169.254.252.29", "169.254.252.31", TUNNEL_FAULT_INSIDE_HOSTS, TUNNEL_FAULT_NONE},
        {"169.254.252.30", "169.254.252.33", TUNNEL_FAULT_INSIDE_HOSTS, TUNNEL_FAULT_NONE},
        {"169.254.252.29", "169.254.252.29", TUNNEL_FAULT_INSIDE_HOSTS, TUNNEL_FAULT_INSIDE_HOSTS},
        {"169.254.2.1", "169.254.2.2", TUNNEL_FAULT_INSIDE_RESERVED, TUNNEL_FAULT_NONE},
        {"10.1.1.1", "10.1.1.2", TUNNEL_FAULT_INSIDE_RANGE, TUNNEL_FAULT_NONE},
        {"10.1.1.1", "192.0.2.9", TUNNEL_FAULT_INSIDE_HOSTS, TUNNEL_FAULT_NONE},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct prefix inside = {0, 0};
        ip_addr gateway = addr(cases[i].gateway), customer = addr(cases[i].customer);
        CHECK_EQUAL(tunnel_inside_pair_check(gateway, customer, &tunnel_limits_aws, &inside),
                    cases[i].fault);
        CHECK_EQUAL(inside.len, cases[i].fault == TUNNEL_FAULT_INSIDE_HOSTS ? 0 : 30);
        CHECK_EQUAL(tunnel_inside_pair_check(gateway, customer, &tunnel_limits_own, &inside),
                    cases[i].own);
    }
}

static void the_gateway_has_the_first_host(void)
{
    struct prefix inside = prefix("169.254.252.28/30");
    CHECK_EQUAL(tunnel_inside_gateway(inside), addr("169.254.252.29"));
    CHECK_EQUAL(tunnel_inside_customer(inside), addr("169.254.252.30"));
}

static void every_range_is_given_out_once_and_is_allowed(void)
{
    static bool seen[16384];
    for (uint32_t number = 0; number < TUNNEL_INSIDE_COUNT; number++) {
        struct prefix inside = tunnel_inside_of(number);
        uint32_t place = (inside.addr & 0xffff) / 4;
        if (tunnel_inside_check(inside, &tunnel_limits_aws) != TUNNEL_FAULT_NONE || seen[place])
            CHECK_EQUAL(number, -1);
        seen[place] = true;
    }
    unsigned missing = 0;
    for (uint32_t place = 0; place < 16384; place++)
        missing += !seen[place];
    CHECK_EQUAL(missing, TUNNEL_INSIDE_RESERVED);
    CHECK_EQUAL(tunnel_inside_of(0).addr, addr("169.254.0.4"));
    CHECK_EQUAL(tunnel_inside_of(TUNNEL_INSIDE_COUNT - 1).addr, addr("169.254.255.252"));
}

int main(void)
{
    TEST(ranges);
    TEST(pairs);
    TEST(the_gateway_has_the_first_host);
    TEST(every_range_is_given_out_once_and_is_allowed);
    return harness_done();
}
