#include "tests/harness.h"
#include "world/filter.h"

static ip_addr ip(const char *text)
{
    ip_addr addr = 0;
    CHECK(ip_parse(text, strlen(text), &addr));
    return addr;
}

static struct prefix net(const char *text)
{
    struct prefix prefix = {0};
    CHECK(prefix_parse(text, strlen(text), &prefix) == PREFIX_OK);
    return prefix;
}

static const struct filter_rule anything = {.allow = true, .protocol = -1, .type = -1, .code = -1};

static struct filter_question from(const char *src, struct traffic traffic)
{
    return (struct filter_question){
        .side = FILTER_IN, .src = ip(src), .dst = ip("10.0.0.1"), .traffic = traffic};
}

static int found(struct filter_rule *rules, size_t count, const char *src, struct traffic traffic)
{
    struct filter filter = {.rules = {[FILTER_IN] = rules}, .counts = {[FILTER_IN] = count}};
    struct filter_question question = from(src, traffic);
    return filter_find(&filter, &question);
}

static struct traffic tcp(uint16_t port)
{
    return (struct traffic){TRAFFIC_TCP, 49152, port};
}

static void the_first_rule_that_matches_is_found(void)
{
    struct filter_rule rules[] = {anything, anything, anything};
    rules[0].protocol = TRAFFIC_UDP;
    rules[0].range = net("0.0.0.0/0");
    rules[1].range = net("10.1.0.0/16");
    rules[2].range = net("10.0.0.0/8");
    CHECK_EQUAL(found(rules, 3, "10.1.2.3", tcp(80)), 1);
    CHECK_EQUAL(found(rules, 3, "10.2.2.3", tcp(80)), 2);
    CHECK_EQUAL(found(rules, 3, "11.2.2.3", tcp(80)), FILTER_NO_RULE);
    CHECK_EQUAL(found(rules, 3, "10.1.2.3", (struct traffic){TRAFFIC_UDP, 1, 2}), 0);
    CHECK_EQUAL(found(rules, 3, "2001:db8::1", tcp(80)), FILTER_NO_RULE);
}

static void ports_are_those_that_packets_go_to(void)
{
    struct filter_rule rule = anything;
    rule.protocol = TRAFFIC_TCP;
    rule.range = net("0.0.0.0/0");
    rule.low = 1024;
    rule.high = 2048;
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", tcp(1023)), FILTER_NO_RULE);
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", tcp(1024)), 0);
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", tcp(2048)), 0);
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", tcp(2049)), FILTER_NO_RULE);
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", traffic_answer(tcp(1024))), FILTER_NO_RULE);
}

static void icmp_has_types_and_codes(void)
{
    struct filter_rule rule = anything;
    rule.protocol = TRAFFIC_ICMP;
    rule.range = net("0.0.0.0/0");
    rule.type = 8;
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", traffic_echo(false)), 0);
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", traffic_answer(traffic_echo(false))), FILTER_NO_RULE);
    rule.code = 0;
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", traffic_echo(false)), 0);
    rule.code = 1;
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", traffic_echo(false)), FILTER_NO_RULE);
    rule = anything;
    rule.protocol = TRAFFIC_ICMP_SIX;
    rule.range = net("::/0");
    rule.type = 129;
    CHECK_EQUAL(found(&rule, 1, "2001:db8::1", traffic_answer(traffic_echo(true))), 0);
}

static void a_set_stands_for_ranges_or_members(void)
{
    struct prefix items[] = {net("10.1.0.0/16"), net("10.2.0.7/32")};
    struct filter_set set = {.name = "pl", .items = items, .count = 2};
    struct filter_rule rule = anything;
    rule.set = &set;
    CHECK_EQUAL(found(&rule, 1, "10.1.2.3", tcp(1)), 0);
    CHECK_EQUAL(found(&rule, 1, "10.2.0.7", tcp(1)), 0);
    CHECK_EQUAL(found(&rule, 1, "10.2.0.8", tcp(1)), FILTER_NO_RULE);
    rule.members = true; /* and nothing says that the member itself has sent it */
    CHECK_EQUAL(found(&rule, 1, "10.2.0.7", tcp(1)), FILTER_NO_RULE);
    struct filter filter = {.rules = {&rule, &rule}, .counts = {1, 1}};
    struct filter_question question = from("10.2.0.7", tcp(1));
    question.direct = true;
    CHECK_EQUAL(filter_find(&filter, &question), 0);
    question = (struct filter_question){
        .side = FILTER_OUT, .src = ip("10.0.0.1"), .dst = ip("10.2.0.7"), .traffic = tcp(1)};
    CHECK_EQUAL(filter_find(&filter, &question), 0);
    filter = (struct filter){.all_out = true};
    CHECK_EQUAL(filter_find(&filter, &question), FILTER_ALL_OUT);
    question.side = FILTER_IN;
    CHECK_EQUAL(filter_find(&filter, &question), FILTER_NO_RULE);
}

static void check_words(struct traffic traffic, const char *there, const char *back)
{
    char bytes[64];
    struct text text = text_over(bytes, sizeof bytes);
    text_traffic(&text, traffic);
    CHECK_TEXT(bytes, there);
    text = text_over(bytes, sizeof bytes);
    text_traffic(&text, traffic_answer(traffic));
    CHECK_TEXT(bytes, back);
}

static void traffic_has_words_and_answers(void)
{
    check_words(tcp(443), "tcp 49152 → 443", "tcp 443 → 49152");
    check_words((struct traffic){TRAFFIC_UDP, 1, 53}, "udp 1 → 53", "udp 53 → 1");
    check_words((struct traffic){TRAFFIC_SCTP, 1, 2}, "sctp 1 → 2", "sctp 2 → 1");
    check_words(traffic_echo(false), "icmp echo request", "icmp echo reply");
    check_words(traffic_echo(true), "icmpv6 echo request", "icmpv6 echo reply");
    check_words((struct traffic){.protocol = TRAFFIC_ICMP, .to_port = 3}, "icmp type 3",
                "icmp type 3");
    check_words((struct traffic){.protocol = TRAFFIC_ESP}, "esp", "esp");
    check_words((struct traffic){.protocol = 89}, "protocol 89", "protocol 89");
}

int main(void)
{
    TEST(the_first_rule_that_matches_is_found);
    TEST(ports_are_those_that_packets_go_to);
    TEST(icmp_has_types_and_codes);
    TEST(a_set_stands_for_ranges_or_members);
    TEST(traffic_has_words_and_answers);
    return harness_done();
}
