/* The CustomerGatewayConfiguration: the XML that AWS hands out for a VPN connection and that
 * describe-vpn-connections repeats. Only what a network file has a place for is taken; keys are
 * passed over.
 *
 * What is read is UTF-8 whatever its declaration says, at most CONFIGURATION_BYTES_MAX, without a
 * DTD and so without entities of its own; nothing outside of the text is ever asked for. */
#pragma once

#include "net/ip.h"

#include <stddef.h>

enum { CONFIGURATION_BYTES_MAX = 1 << 20 };

struct configuration_end {
    ip_addr outside, inside; /* 0: not said */
    int64_t asn;             /* -1 */
};

struct configuration {
    bool static_only; /* NoBGPVPNConnection */
    struct configuration_tunnel {
        struct configuration_end vgw, cgw;
        int64_t hold_s;              /* -1 */
        int64_t interval_s, retries; /* of dead_peer_detection; -1 */
    } tunnels[2];
    size_t tunnel_count;
};

/* NULL: read. Otherwise what is wrong, as the rest of a sentence; *ret_line is the line of the XML
 * (0: none) and *ret is untouched. */
const char *configuration_read(const char *xml, size_t size_bytes, struct configuration *ret,
                               unsigned *ret_line) __attribute__((warn_unused_result));
