#include "cli/packet_words.h"

#include "network/diagnostics.h"
#include "network/scalar.h"

#include <string.h>

/* In Linux's range, 32768 to 60999, and in Windows's, which begins with it. */
enum { EPHEMERAL_PORT = 49152 };

static bool read_protocol(struct cli *cli, const char *word, uint8_t *ret_protocol)
{
    const struct field field = {.type = FIELD_PROTOCOL};
    int64_t number = 0;
    if (word && (!scalar_parse(&field, word, strlen(word), &number).fine || number <= 0)) {
        struct quoted shown = diagnostics_quote(word, strlen(word));
        cli_error(cli, "--protocol %s: expected tcp, udp, icmp, icmpv6, esp, gre, sctp or 1 to 255",
                  shown.text);
        return false;
    }
    *ret_protocol = (uint8_t)number;
    return true;
}

static bool read_port(struct cli *cli, const struct arguments *arguments, const char *option,
                      uint64_t fallback, uint16_t *ret_port)
{
    uint64_t port;
    if (!arguments_number(cli, arguments, option, fallback, &port))
        return false;
    if (port < 1 || port > UINT16_MAX) {
        cli_error(cli, "--%s %s: expected a port from 1 to 65535", option,
                  arguments_value(arguments, option));
        return false;
    }
    *ret_port = (uint16_t)port;
    return true;
}

bool packet_words_read(struct cli *cli, const struct arguments *arguments,
                       struct packet_words *ret_words)
{
    struct packet_words words = {0};
    bool to = arguments_has(arguments, "port"), from = arguments_has(arguments, "source-port");
    if (!read_protocol(cli, arguments_value(arguments, "protocol"), &words.protocol))
        return false;
    bool ports = traffic_has_ports(words.protocol);
    if ((to || from) && !ports) {
        cli_error(cli, "--%s: expected --protocol tcp or udp beside it",
                  to ? "port" : "source-port");
        return false;
    }
    if (ports && !to) {
        cli_error(cli, "--protocol %s: expected --port beside it",
                  arguments_value(arguments, "protocol"));
        return false;
    }
    if (ports && (!read_port(cli, arguments, "port", 0, &words.port) ||
                  !read_port(cli, arguments, "source-port", EPHEMERAL_PORT, &words.source_port)))
        return false;
    *ret_words = words;
    return true;
}

struct traffic packet_traffic(const struct packet_words *words, bool six)
{
    bool icmp = words->protocol == TRAFFIC_ICMP || words->protocol == TRAFFIC_ICMP_SIX;
    if (words->protocol == 0 || icmp)
        return traffic_echo(six);
    return (struct traffic){words->protocol, words->source_port, words->port};
}
