/* An AS path as it stands in struct bgp_attrs and in canonical attributes: segments of four-octet
 * AS numbers, already found well-formed. These are questions to it; they judge nothing. */
#pragma once

#include "base/slice.h"

enum bgp_segment_type { /* RFC 4271 4.3, RFC 5065 3 */
                        BGP_AS_SET = 1,
                        BGP_AS_SEQUENCE = 2,
                        BGP_AS_CONFED_SEQUENCE = 3,
                        BGP_AS_CONFED_SET = 4,
};

enum { BGP_SEGMENT_MAX = 255 }; /* AS numbers in one segment */

struct bgp_segment {
    uint8_t type;      /* enum bgp_segment_type */
    uint8_t count;     /* never 0 */
    struct slice asns; /* 4 * count bytes */
};

/* Walks the segments: start with cursor_over(path), ends with false. */
bool bgp_as_path_next(struct cursor *cursor, struct bgp_segment *ret_segment)
    __attribute__((warn_unused_result));

/* index < segment->count */
uint32_t bgp_segment_as(const struct bgp_segment *segment, unsigned index);

/* RFC 4271 9.1.2.2 a: a set counts one; RFC 5065 5.3: confederation segments count nothing. */
unsigned bgp_as_path_length(struct slice path);

/* The neighboring AS: the first of the first segment that is not of a confederation, when that is a
 * sequence; else 0 (which no AS is: RFC 7607). */
uint32_t bgp_as_path_first(struct slice path);

/* The originating AS: the last of the last segment when that is a sequence, else 0 (RFC 6811 2). */
uint32_t bgp_as_path_origin(struct slice path);

/* Does asn stand anywhere in it, sets and confederation segments included? */
bool bgp_as_path_contains(struct slice path, uint32_t asn);
