/* The CustomerGatewayConfiguration: the XML that AWS hands out for a VPN connection and that
 * describe-vpn-connections repeats. Only what a network file has a place for is taken; keys are
 * passed over, unless they are asked for.
 *
 * What is read is UTF-8 whatever its declaration says, at most CONFIGURATION_BYTES_MAX, without a
 * DTD and so without entities of its own; nothing outside of the text is ever asked for. */
#pragma once

#include "net/ip.h"

#include <stddef.h>

enum {
    CONFIGURATION_BYTES_MAX = 1 << 20,
    CONFIGURATION_NAME_BYTES = 60, /* with its zero: what is made of it is a name, too */
    CONFIGURATION_PSK_BYTES = 65,
};

struct configuration_end {
    ip_addr outside, inside; /* 0: not said */
    int64_t asn;             /* -1 */
};

struct configuration {
    char id[CONFIGURATION_NAME_BYTES]; /* the three as they are said, or "vpn", "vgw", "cgw" */
    char vpn_gateway[CONFIGURATION_NAME_BYTES];
    char customer_gateway[CONFIGURATION_NAME_BYTES];
    bool static_only; /* NoBGPVPNConnection */
    struct configuration_tunnel {
        struct configuration_end vgw, cgw;
        int64_t hold_s;                    /* -1 */
        int64_t interval_s, retries;       /* of dead_peer_detection; -1 */
        char psk[CONFIGURATION_PSK_BYTES]; /* "": not said, or not asked for */
    } tunnels[2];
    size_t tunnel_count;
};

/* NULL: read. Otherwise what is wrong, as the rest of a sentence; *ret_line is the line of the XML
 * (0: none) and *ret is untouched. */
const char *configuration_read(const char *xml, size_t size_bytes, struct configuration *ret,
                               unsigned *ret_line) __attribute__((warn_unused_result));
/* The same with the pre-shared keys, as AWS allows them: the caller wipes *ret. */
const char *configuration_read_keys(const char *xml, size_t size_bytes, struct configuration *ret,
                                    unsigned *ret_line) __attribute__((warn_unused_result));
