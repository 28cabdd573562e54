/* Lines of nftables: one table for each gateway and namespace, replaced as a whole in one
 * transaction, so that there is no moment without them. They are text for nft(8), which runs for
 * the moment it takes: docs/decisions/0011. */
#pragma once

#include "net/ip.h"
#include "plane/space.h"

/* TCP through this device never asks for larger segments, whichever way it is set up. */
struct firewall_clamp {
    const char *device;
    uint16_t mss; /* of IPv4; IPv6's is 20 bytes less */
};

/* What the outer namespace forwards to and from the endpoint behind this device: IKE, NAT
 * traversal, ESP and the ICMP errors about them, of this address and no other. */
struct firewall_endpoint {
    const char *device;
    ip_addr outside;
    bool masked; /* it leaves the machine with whatever address the machine has on its way */
};

/* 1:1 NAT: packets to `elastic` go to `inner`, those of `inner` leave as of `elastic`. */
struct firewall_nat {
    ip_addr elastic, inner;
    const char *device; /* behind which `elastic` is known; NULL: wherever packets come and go */
    ip_addr peer;       /* with whom alone; 0: with everybody */
};

struct firewall {
    const char *table; /* letters, digits, '-', '_', '.': the inner namespace's name, say */
    const struct firewall_clamp *clamps;
    size_t clamp_count;
    const struct firewall_endpoint *endpoints;
    size_t endpoint_count;
    const struct firewall_nat *nats;
    size_t nat_count;
};

/* The namespace shall have this table, and so. */
bool firewall_put(const char *space, const struct firewall *firewall, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
bool firewall_remove(const char *space, const char *table, struct trouble *ret_trouble);
bool firewall_exists(const char *space, const char *table);

/* What a table was like when it was put, so that one can see whether somebody took it away: the
 * number that the kernel gives to each change of any table, and a digest of this one. */
struct firewall_seen {
    uint32_t generation; /* 0: never seen */
    uint64_t digest;
};

void firewall_see(const char *space, const char *table, struct firewall_seen *ret_seen);
/* Is it still so? While nobody has changed anything in the namespace, that is one question to the
 * kernel; else nft(8) is asked. True also where it cannot be known. */
bool firewall_stays(const char *space, const char *table, struct firewall_seen *seen);

/* The text for nft(8) into the caller's memory; returns its size, or 0 when there is no room. */
size_t firewall_render(const struct firewall *firewall, char *out, size_t cap);
