#include "network/probe.h"
#include "tests/harness.h"

/* The sound file with a group and an ACL in its first VPC. Line numbers stand at the left. */
/* clang-format off */
static const char filtered[] =
/* 1*/ "vpcs:\n"
/* 2*/ "  - id: vpc-1\n"
/* 3*/ "    cidrs: [10.10.0.0/16]\n"
/* 4*/ "    security_groups:\n"
/* 5*/ "      - {id: sg-1, inbound: [{protocol: tcp, ports: 443, from: pl-1}, {from: sg-1}]}\n"
/* 6*/ "      - {id: sg-2, inbound: [], outbound: [{protocol: 89, to: 10.0.0.0/8}]}\n"
/* 7*/ "    network_acls:\n"
/* 8*/ "      - id: acl-1\n"
/* 9*/ "        inbound: [{rule: 100, action: allow, protocol: icmp, type: 8, code: 0,\n"
/*10*/ "                   from: 0.0.0.0/0}, {rule: 90, action: deny, from: '::/0'}]\n"
/*11*/ "        outbound: [{rule: 100, action: allow, to: 0.0.0.0/0}]\n"
/*12*/ "    subnets: [{id: subnet-1, cidr: 10.10.1.0/24, network_acl: acl-1}]\n"
/*13*/ "    instances:\n"
/*14*/ "      - {id: i-1, subnet: subnet-1, address: 10.10.1.10, security_groups: [sg-1, sg-2]}\n"
/*15*/ "  - {id: vpc-2, cidrs: [10.20.0.0/16], security_groups: [{id: sg-3}],\n"
/*16*/ "     network_acls: [{id: acl-2}]}\n"
/*17*/ "prefix_lists: [{id: pl-1, prefixes: [10.1.0.0/16, '2001:db8::/32']}]\n";
/* clang-format on */

#define CHECK_WRONG(from, to, expected)                                                            \
    do {                                                                                           \
        char *wrong_text = probe_replace(filtered, from, to);                                      \
        CHECK_ERRORS(wrong_text, expected);                                                        \
        free(wrong_text);                                                                          \
    } while (0)

static void sound_filters_are_sound(void)
{
    CHECK_ERRORS(filtered, "fine");
    struct network *network = probe_parse(filtered);
    const struct network_vpc *vpc = &network->vpcs[0];
    const struct network_traffic_rule *rule = &vpc->security_groups[0].inbound[0];
    CHECK_EQUAL(rule->protocol, 6);
    CHECK_EQUAL(rule->ports.low, 443);
    CHECK_EQUAL(rule->ports.high, 443);
    CHECK_EQUAL(rule->type, -1);
    CHECK_EQUAL(rule->far_side.kind, NETWORK_PREFIX_LIST);
    CHECK_EQUAL(rule[1].protocol, -1);
    CHECK_EQUAL(rule[1].far_side.kind, NETWORK_SECURITY_GROUP);
    CHECK(vpc->security_groups[0].outbound == NULL && vpc->security_groups[1].outbound_count == 1);
    CHECK_EQUAL(vpc->security_groups[1].outbound[0].far_side.kind, NETWORK_PREFIX);
    CHECK_EQUAL(vpc->security_groups[1].outbound[0].far_side.len, 8);
    CHECK_EQUAL(vpc->network_acls[0].inbound[1].action, NETWORK_REFUSE);
    CHECK_EQUAL(vpc->subnets[0].network_acl.kind, NETWORK_ACL);
    CHECK_EQUAL(vpc->instances[0].security_groups[1].part, 1);
    network_free(network);
}

static void filters_are_written_as_they_were_read(void)
{
    struct network *network = probe_parse(filtered), *again, *copy = network_copy(network);
    char *text = probe_format(network);
    again = probe_parse(text);
    CHECK(network_equal(network, again) && network_equal(network, copy));
    CHECK(strstr(text, "{protocol: tcp, ports: 443, from: pl-1}") != NULL);
    CHECK(strstr(text, "outbound: [{protocol: 89, to: 10.0.0.0/8}]") != NULL);
    CHECK(strstr(text, "inbound: []") != NULL);
    copy->vpcs[0].security_groups[0].inbound[0].ports.high = 444;
    CHECK(!network_equal(network, copy));
    free(text);
    network_free(network);
    network_free(again);
    network_free(copy);
}

static void a_rules_words_are_checked(void)
{
    CHECK_WRONG("protocol: tcp", "protocol: tpc",
                "5:41 protocol: tpc is not a protocol | expected all, tcp, udp, icmp, icmpv6, "
                "esp, gre, sctp or a number from 0 to 255");
    CHECK_WRONG("protocol: 89", "protocol: 256",
                "6:55 protocol: 256 is not a protocol | expected all, tcp, udp, icmp, icmpv6, "
                "esp, gre, sctp or a number from 0 to 255");
    CHECK_WRONG("ports: 443", "ports: https",
                "5:53 ports: https is not a port | expected a port such as 443, or a range such "
                "as 1024-65535");
    CHECK_WRONG("ports: 443", "ports: 1-65536",
                "5:53 ports: 1-65536 is out of range | expected a port such as 443, or a range "
                "such as 1024-65535");
    CHECK_WRONG("ports: 443", "ports: 444-443",
                "5:53 ports: 444-443 runs backwards | expected the lower port first, such as "
                "443-444");
    CHECK_WRONG("ports: 443", "ports: 0",
                "5:53 ports: 0 is no port | expected a port from 1 to 65535");
    CHECK_WRONG("type: 8", "type: 256",
                "9:68 type: 256 is out of range | expected a number from 0 to 255");
    CHECK_WRONG("action: allow", "action: permit",
                "9:39 action: permit is not known here | expected one of allow, deny");
    CHECK_WRONG("rule: 100", "rule: 0",
                "9:26 rule: 0 is out of range | expected a number from 1 to 32766");
}

static void a_rule_says_what_its_packets_have(void)
{
    CHECK_WRONG("protocol: tcp, ", "",
                "5:38 only packets of TCP, UDP and SCTP have ports | expected "
                "protocol tcp, udp or sctp beside them");
    CHECK_WRONG("protocol: tcp", "protocol: icmp",
                "5:54 only packets of TCP, UDP and SCTP have ports | expected type "
                "and code, or protocol tcp or udp");
    CHECK_WRONG("protocol: icmp", "protocol: udp",
                "9:67 only packets of ICMP have a type | expected protocol icmp or icmpv6 beside "
                "it");
    CHECK_WRONG("type: 8, ", "", "9:68 a code is a type's | expected type beside it");
    CHECK_WRONG(
        ", from: pl-1", "",
        "5:30 an inbound rule needs \"from\" | Who sends: a range, an instance of a security "
        "group (of this VPC or of one that it is peered with, and without a router "
        "between), or a prefix list.");
    CHECK_WRONG("{rule: 90, ", "{",
                "10:38 an inbound rule needs \"rule\" | Its number; of the rules that match, the "
                "lowest decides.");
    CHECK_WRONG("action: deny, ", "",
                "10:38 an inbound rule needs \"action\" | What is done with what matches.");
    CHECK_WRONG(
        "from: pl-1", "to: pl-1",
        "5:30 an inbound rule needs \"from\" | Who sends: a range, an instance of a security "
        "group (of this VPC or of one that it is peered with, and without a router "
        "between), or a prefix list.\n"
        "5:58 \"to\" is not a key of an inbound rule | expected one of protocol, ports, "
        "type, code, from");
}

static void far_sides_are_ranges_or_names(void)
{
    CHECK_WRONG("from: pl-1", "from: pl-2",
                "5:64 no security group or prefix list is called \"pl-2\" | did you mean \"pl-1\" "
                "(line 17)?");
    CHECK_WRONG(
        "from: pl-1", "from: acl-1",
        "5:64 acl-1 is a network ACL (line 8), not a security group or prefix list | did you "
        "mean \"pl-1\" (line 17)?");
    CHECK_WRONG("to: 10.0.0.0/8", "to: 10.0.0.1/8",
                "6:63 to: 10.0.0.1/8 has host bits set | expected 10.0.0.0/8");
    CHECK_WRONG("to: 10.0.0.0/8", "to: 10.0.0.1",
                "6:63 to: 10.0.0.1 has no length | expected a prefix such as 10.0.0.1/32");
    CHECK_WRONG("from: '::/0'", "from: sg-1",
                "10:69 from: sg-1 is not a prefix | expected a prefix such as 10.0.0.0/16");
    CHECK_WRONG("'2001:db8::/32'", "10.2.0.0",
                "17:51 prefixes: 10.2.0.0 has no length | "
                "expected a prefix such as 10.2.0.0/32");
}

static void filters_stay_in_their_vpc(void)
{
    CHECK_WRONG("[sg-1, sg-2]", "[sg-1, sg-3]", "14:82 sg-3 belongs to vpc-2, not to vpc-1");
    CHECK_WRONG("network_acl: acl-1", "network_acl: acl-2",
                "12:63 acl-2 belongs to vpc-2, not to vpc-1");
    CHECK_WRONG("[sg-1, sg-2]", "[sg-1, sg-1]", "14:82 sg-1 is written twice | leave one out");
    CHECK_WRONG("[sg-1, sg-2]", "[]", "14:58 \"security_groups\" has 0 items | expected 1 to 16");
    CHECK_WRONG("[sg-1, sg-2]", "[acl-1]",
                "14:76 acl-1 is a network ACL (line 8), not a security group | there is \"sg-1\", "
                "\"sg-2\", \"sg-3\"");
    CHECK_WRONG("id: sg-2", "id: sg-1",
                "6:14 \"sg-1\" is already the name of a security group (line 5) | every name in a "
                "file is given once\n14:82 no security group is called \"sg-2\" | did you mean "
                "\"sg-1\" (line 5)?");
    CHECK_WRONG("rule: 90", "rule: 100",
                "10:45 acl-1 already has a rule 100 (line 9) | a network ACL's rules are asked in "
                "the order of their numbers");
}

int main(void)
{
    TEST(sound_filters_are_sound);
    TEST(filters_are_written_as_they_were_read);
    TEST(a_rules_words_are_checked);
    TEST(a_rule_says_what_its_packets_have);
    TEST(far_sides_are_ranges_or_names);
    TEST(filters_stay_in_their_vpc);
    return harness_done();
}
