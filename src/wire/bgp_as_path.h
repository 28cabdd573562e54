/* AS paths (RFC 4271 4.3 and 9.1.2.2, RFC 5065, RFC 6793).
 *
 * A path as it stands in struct bgp_attrs and in canonical attributes is a run of segments of
 * four-octet AS numbers that was found well-formed. The questions here judge nothing; the rewriting
 * at the end is for the decoder and the encoder of attributes.
 *
 * Sekisho is member of no confederation, so the decoder lets no confederation segment in (RFC 5065
 * 5); the questions still know what they would mean. */
#pragma once

#include "base/slice.h"

enum bgp_segment_type {
    BGP_AS_SET = 1,
    BGP_AS_SEQUENCE = 2,
    BGP_AS_CONFED_SEQUENCE = 3, /* RFC 5065 3 */
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

/* ---- rewriting; failure is the writer's ---- */

/* A well-formed path of two-octet AS numbers, with four. */
void bgp_as_path_widen(struct slice narrow, struct writer *writer);

/* RFC 6793 4.2.3: the leading part of a two-octet path before AS4_PATH, so that as many AS numbers
 * count as in the two-octet path; AS4_PATH is ignored when it counts more. Two sequences that meet
 * become one where 255 allow it: an old speaker in the way leaves no trace. */
void bgp_as_path_merge(struct slice narrow, struct slice as4_path, struct writer *writer);

/* The segments that are not of a confederation. */
void bgp_as_path_without_confed(struct slice path, struct writer *writer);

/* The path with own_as before it (0: nothing), in numbers of four octets or of two, where a large
 * one becomes AS_TRANS. size says how many bytes encode writes. */
size_t bgp_as_path_export_size(struct slice path, uint32_t own_as, bool as4);
void bgp_as_path_export(struct slice path, uint32_t own_as, bool as4, struct writer *writer);

/* Would AS_TRANS hide something that AS4_PATH has to tell? (RFC 6793 4.2.2) */
bool bgp_as_path_needs_as4(struct slice path, uint32_t own_as);
