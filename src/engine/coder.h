/* One description of a structure for both directions: a function that takes a coder and a value
 * writes the value or reads it, so that what is written and what is read cannot part. Network byte
 * order. The first error sticks: a value that does not exist, bytes that end too soon, or a buffer
 * that is full. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "net/ip.h"

struct coder {
    struct writer *out; /* NULL: it reads */
    struct cursor *in;
    struct arena *arena; /* reading: where arrays are put */
    bool wrong;          /* what was read cannot be */
};

static inline struct coder coder_writing(struct writer *out)
{
    return (struct coder){.out = out};
}

static inline struct coder coder_reading(struct cursor *in, struct arena *arena)
{
    return (struct coder){.in = in, .arena = arena};
}

static inline bool coder_failed(const struct coder *coder)
{
    return coder->wrong || (coder->out ? coder->out->failed : coder->in->failed);
}

void code_u8(struct coder *coder, uint8_t *value);
void code_u16(struct coder *coder, uint16_t *value);
void code_u32(struct coder *coder, uint32_t *value);
void code_u64(struct coder *coder, uint64_t *value);
void code_i64(struct coder *coder, int64_t *value);
void code_bool(struct coder *coder, bool *value);
/* A number below limit, such as an enum's. Returns it, or 0 when it cannot be. */
int code_below(struct coder *coder, int value, int limit);
void code_ip(struct coder *coder, ip_addr *addr);
void code_prefix(struct coder *coder, struct prefix *prefix);
/* Reading, they are borrowed from what is read. */
void code_slice(struct coder *coder, struct slice *bytes);
/* Reading, room for count items of size_bytes each, of which one takes at least least_bytes in
 * what is read; NULL when there cannot be so many. Writing, what is there. */
void *code_room(struct coder *coder, const void *there, uint32_t count, size_t size_bytes,
                size_t least_bytes);

/* A field that is new changes its structure's size: whoever adds it adds it to the code below this
 * line, too, and the size follows. Where pointers have eight bytes; one such build is enough. */
#define CODED(name, size)                                                                          \
    _Static_assert(sizeof(void *) != 8 || sizeof(struct name) == (size),                           \
                   "a field of " #name " is new, and not in its code")
