/* The packets of a device as they pass, both ways, beginning with their IP header: a packet(7)
 * socket in the device's namespace. Whoever opens it needs CAP_SYS_ADMIN to enter there and
 * CAP_NET_RAW; what passes is not delayed, and too much of it is dropped here only. */
#pragma once

#include "base/slice.h"
#include "plane/space.h"

enum { PACKET_TAP_MAX = 1 << 17 }; /* above the longest that the kernel has in one piece */

struct packet_tapped {
    uint64_t time_ns; /* since 1970 (UTC) */
    bool outbound;
    struct slice bytes;      /* of the caller's room */
    uint32_t original_bytes; /* more than bytes has: it was cut */
};

/* A descriptor that does not block, the caller's to close; -1. space NULL: ours. */
int packet_tap_open(const char *space, const char *device, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The next one. 1; 0: none is there; a negative errno: -ENETDOWN when the device is gone. */
int packet_tap_read(int fd, uint8_t *room, size_t cap, struct packet_tapped *ret_tapped)
    __attribute__((warn_unused_result));

/* Since the last time it was asked: how many passed, and how many of them were not kept. */
void packet_tap_counts(int fd, uint64_t *ret_seen, uint64_t *ret_dropped);
