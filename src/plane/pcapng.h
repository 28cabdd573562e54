/* A capture file as Wireshark and tcpdump read it: pcapng (draft-ietf-opsawg-pcapng), written, of
 * one interface whose packets begin with their IP header. Each call makes whole blocks. Numbers are
 * in the byte order that the file's beginning tells, here the network's; times are nanoseconds.
 *
 * Only packets and counts: of what pcapng can also hold, secrets of TLS for instance, nothing. */
#pragma once

#include "base/slice.h"

enum {
    PCAPNG_LINKTYPE_RAW = 101, /* IPv4 or IPv6, as its first four bits say */
    PCAPNG_NAME_MAX = 255,     /* bytes of a text that are written; the rest is left out */
    PCAPNG_BEGIN_MAX = 640,    /* bytes that pcapng_begin needs */
    PCAPNG_PACKET_MORE = 48,   /* bytes that pcapng_packet needs beyond the packet's */
    PCAPNG_END_MAX = 64,
};

struct pcapng_packet {
    uint64_t time_ns;        /* since 1970 (UTC) */
    bool outbound;           /* else inbound */
    struct slice bytes;      /* what was kept of it */
    uint32_t original_bytes; /* how long it was */
};

/* The beginning, of a writer with room. snap_bytes: more of a packet is never kept. */
void pcapng_begin(struct writer *writer, const char *application, const char *interface,
                  uint32_t snap_bytes);
void pcapng_packet(struct writer *writer, const struct pcapng_packet *packet);
/* How many packets there were in all, and how many of them came too fast to be kept. */
void pcapng_end(struct writer *writer, uint64_t time_ns, uint64_t seen, uint64_t dropped);
