#include "cli/packet_words.h"

#include "cli/cli_rig.h"

static void refused(const char *words, const char *expected)
{
    char line[256];
    snprintf(line, sizeof line, "trace tests/stories/filtered.yaml i-office i-web %s", words);
    const struct ran *run = run_cli(line);
    CHECK_EQUAL(run->status, 2);
    CHECK_TEXT(run->out, "");
    if (!contains(run->err, expected))
        CHECK_TEXT(run->err, expected);
}

static void wrong_words_are_refused(void)
{
    refused("--protocol tpc --port 1",
            "--protocol tpc: expected tcp, udp, icmp, icmpv6, esp, gre, sctp or 1 to 255");
    refused("--protocol all", "--protocol all: expected tcp, udp");
    refused("--protocol 256", "--protocol 256: expected tcp, udp");
    refused("--protocol 0", "--protocol 0: expected tcp, udp");
    refused("--protocol tcp", "--protocol tcp: expected --port beside it");
    refused("--port 443", "--port: expected --protocol tcp or udp beside it");
    refused("--protocol esp --source-port 4",
            "--source-port: expected --protocol tcp or udp beside it");
    refused("--protocol tcp --port 0", "--port 0: expected a port from 1 to 65535");
    refused("--protocol udp --port 65536", "--port 65536: expected a port from 1 to 65535");
    refused("--protocol udp --port x", "--port");
    refused("--protocol udp --port 1 --source-port 0",
            "--source-port 0: expected a port from 1 to 65535");
}

static void a_packet_is_what_its_words_say(void)
{
    struct packet_words words = {0};
    CHECK_EQUAL(packet_traffic(&words, false).protocol, TRAFFIC_ICMP);
    CHECK_EQUAL(packet_traffic(&words, true).protocol, TRAFFIC_ICMP_SIX);
    CHECK_EQUAL(packet_traffic(&words, true).to_port, 128);
    words = (struct packet_words){TRAFFIC_ICMP, 0, 0};
    CHECK_EQUAL(packet_traffic(&words, true).protocol, TRAFFIC_ICMP_SIX);
    words = (struct packet_words){TRAFFIC_TCP, 443, 1024};
    CHECK_EQUAL(packet_traffic(&words, true).to_port, 443);
    CHECK_EQUAL(packet_traffic(&words, true).from_port, 1024);
}

static void the_answer_is_to_the_packet_that_was_asked_about(void)
{
    const char *trace = "trace tests/stories/filtered.yaml i-office i-web";
    char line[256];
    CHECK_EQUAL(run_cli(trace)->status, 0);
    snprintf(line, sizeof line, "%s --protocol tcp --port 443", trace);
    const struct ran *run = run_cli(line);
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "rule 90: deny tcp 1024-65535 to 10.20.0.0/16"));
    snprintf(line, sizeof line, "%s --protocol tcp --port 443 --source-port 1023", trace);
    CHECK_EQUAL(run_cli(line)->status, 0);
    CHECK_EQUAL(run_cli("reach tests/stories/filtered.yaml i-office i-web")->status, 0);
    run = run_cli("reach tests/stories/filtered.yaml i-web i-office");
    CHECK(contains(run->out, "lost, at i-office: no inbound rule of the instance's security"));
    run = run_cli("reach tests/stories/filtered.yaml i-office");
    CHECK(contains(run->out, "3 of 4 pairs reach each other"));
    run = run_cli("reach tests/stories/filtered.yaml");
    CHECK(contains(run->out, "3 of 10 pairs reach each other"));
    CHECK(contains(run->out, "asked the other way round: lost, at i-office: no inbound rule"));
    run = run_cli("reach tests/stories/filtered.yaml i-office i-web --protocol tcp --port 22");
    CHECK_EQUAL(run->status, 1);
    CHECK(contains(run->out, "there at vpc-main: the network ACL does not let the packet into"));
}

int main(void)
{
    TEST(wrong_words_are_refused);
    TEST(a_packet_is_what_its_words_say);
    TEST(the_answer_is_to_the_packet_that_was_asked_about);
    return rig_done();
}
