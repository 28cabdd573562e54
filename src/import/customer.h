/* The network file of a customer gateway, from the CustomerGatewayConfiguration that AWS hands out
 * for its VPN connection (import/configuration.h): both tunnels with their keys, the gateway, and a
 * router that stands for whoever reads it. Nothing else is in such a configuration: not what the
 * customer announces, and of a static VPN connection not what lies behind the gateway.
 *
 * Algorithms are not taken over: AWS writes the weakest that it accepts, and all that it accepts
 * are offered. Nor is the version of IKE: AWS writes "main", IKEv1's word, whatever the tunnel
 * takes, and unless told otherwise takes both; IKEv2 is what is written, unless IKEv1 is wished
 * for. */
#pragma once

#include "base/slice.h"

#include <stdio.h>

struct customer_wishes {
    const char *announce; /* prefixes with commas; NULL: none */
    const char *reach;    /* the same, of a static VPN connection: behind the gateway */
    unsigned ike;         /* version, 1 or 2; 0: not said */
};

/* The text ends in a zero byte; the caller wipes it and frees it. NULL after a sentence on err,
 * which calls the configuration by this name. */
char *customer_network(struct slice xml, const char *name, const struct customer_wishes *wishes,
                       FILE *err, size_t *ret_size) __attribute__((warn_unused_result));
