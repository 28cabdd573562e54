/* What kind of packet is asked about, in a user's words. */
#pragma once

#include "cli/arguments.h"
#include "world/filter.h"

/* Rows of a command's options. */
#define PACKET_OPTIONS                                                                             \
    {"protocol", "NAME", "tcp, udp, icmp, esp or a number; an echo request unless said"},          \
        {"port", "N", "with tcp or udp: the port that it goes to"},                                \
    {                                                                                              \
        "source-port", "N", "with tcp or udp: the port that it comes from; 49152 unless said"      \
    }

struct packet_words {
    uint8_t protocol; /* 0: not said */
    uint16_t port, source_port;
};

/* false: the mistake has been told. */
bool packet_words_read(struct cli *cli, const struct arguments *arguments,
                       struct packet_words *ret_words) __attribute__((warn_unused_result));
/* ICMP is that of the family. */
struct traffic packet_traffic(const struct packet_words *words, bool six);
