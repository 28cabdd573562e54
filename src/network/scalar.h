/* One value as text: the same file reads and writes each type, so that what is written can be read.
 * The canonical text of a duration is in seconds (60s, 1.5s) or, below one, milliseconds. */
#pragma once

#include "network/schema.h"

struct scalar_verdict {
    bool fine;
    const char *problem; /* when not fine: "is not a prefix" */
    char expected[160];  /* "a prefix such as 10.0.0.0/16" */
};
/* Reads text into member (a list's element, or the member itself); member is untouched when the
 * verdict is not fine. Texts are copied, and the member owns them. Names are not resolved here. */
struct scalar_verdict scalar_parse(const struct field *field, const char *text, size_t size_bytes,
                                   void *member);

/* The canonical text. buffer's size: SCALAR_TEXT_BYTES, or more for texts (their own length). */
enum {
    SCALAR_TEXT_BYTES = 256,
    SCALAR_NAME_MAX = 64,
    SCALAR_SECRET_MAX = 64,
    SCALAR_PATH_MAX = 200
};
void scalar_print(const struct field *field, const void *member, char *buffer, size_t cap);

/* Is the member as it would be had the key been left out? */
bool scalar_is_initial(const struct field *field, const void *member);

/* Duration text of microseconds, as scalar_print writes it. */
void scalar_duration(int64_t us, char *buffer, size_t cap);

/* What a file takes for the address of a host: of IPv6 neither multicast nor link-local, of IPv4
 * nothing in 0.0.0.0/8 and 127.0.0.0/8, nor from 224.0.0.0 on. */
bool scalar_is_host(ip_addr addr);
