/* What fits into one packet of a tunnel.
 *
 * ESP in tunnel mode (RFC 4303) adds to a packet: the outer IPv4 header, with NAT traversal a UDP
 * header (RFC 3948), the ESP header, the initialization vector, padding to the cipher's block with
 * two bytes of trailer in it, and the check value. The largest packet that leaves no fragment is
 * what this yields; for an underlay of 1500 bytes it is AWS's table (S2S your-cgw.md), line by
 * line. */
#pragma once

#include "tunnel/options.h"

enum {
    TUNNEL_OUTER_MTU = 1500,   /* of the underlay; AWS takes no jumbo frames in tunnels */
    TUNNEL_MSS_BELOW_MTU = 40, /* IPv4 and TCP headers without options */
    TUNNEL_SAMPLE_MTU = 1436,  /* what AWS's sample configurations set, whatever the cipher */
    TUNNEL_SAMPLE_MSS = 1379,  /* (others: 1387) */
};

/* integrity is of no consequence with GCM. outer_mtu at least 576 (RFC 791). */
uint16_t tunnel_mtu(enum tunnel_encryption encryption, enum tunnel_integrity integrity, bool nat_t,
                    uint16_t outer_mtu);

/* For TCP's maximum segment size, both ways. */
uint16_t tunnel_mss(enum tunnel_encryption encryption, enum tunnel_integrity integrity, bool nat_t,
                    uint16_t outer_mtu);

/* The MTU that is right whatever is negotiated of these. */
uint16_t tunnel_mtu_of_any(const struct tunnel_phase *phase2, bool nat_t, uint16_t outer_mtu);
