/* Who is told something: a set of attachments, nearly always "all" or "all but one". Those two, and
 * "only one", are written in the number itself and cost nothing; anything else is a sorted list
 * kept once and counted.
 *
 * Split horizon and guard speak of attachments, not of neighbors, so both tunnels of a connection
 * are in or out together. */
#pragma once

#include "base/pool.h"
#include "rib/source.h"

struct audience {
    uint32_t v;
};

enum audience_kind {
    AUDIENCE_KIND_BUT_ONE,  /* all but the attachment in the low 16 bits; attachment 0: all */
    AUDIENCE_KIND_ONLY_ONE, /* that attachment; 0: nobody */
    AUDIENCE_KIND_BUT_LIST, /* all but an interned list */
    AUDIENCE_KIND_ONLY_LIST,
};

#define AUDIENCE_ALL    ((struct audience){0})
#define AUDIENCE_NOBODY ((struct audience){(uint32_t)AUDIENCE_KIND_ONLY_ONE << 30})

struct audiences {
    struct pool lists; /* struct audience_list */
    struct budget *budget;
};

void audiences_init(struct audiences *audiences, struct budget *budget, uint8_t chunk_shift);
void audiences_done(struct audiences *audiences);

static inline enum audience_kind audience_kind(struct audience audience)
{
    return (enum audience_kind)(audience.v >> 30);
}

static inline struct audience audience_but(struct attachment_id attachment)
{
    return (struct audience){attachment.v};
}

static inline struct audience audience_only(struct attachment_id attachment)
{
    return (struct audience){(uint32_t)AUDIENCE_KIND_ONLY_ONE << 30 | attachment.v};
}

static inline bool audience_same(struct audience left, struct audience right)
{
    return left.v == right.v; /* lists are interned */
}

static inline bool audience_is_nobody(struct audience audience)
{
    return audience.v == (uint32_t)AUDIENCE_KIND_ONLY_ONE << 30;
}

bool audience_list_has(const struct audiences *audiences, struct audience audience,
                       struct attachment_id attachment);

/* An attachment of 0 is a member's that hangs on none: it belongs to every "but" set. */
static inline bool audience_has(const struct audiences *audiences, struct audience audience,
                                struct attachment_id attachment)
{
    switch (audience_kind(audience)) {
    case AUDIENCE_KIND_BUT_ONE:
        return attachment.v == 0 || attachment.v != (audience.v & 0xffffu);
    case AUDIENCE_KIND_ONLY_ONE:
        return attachment.v != 0 && attachment.v == (audience.v & 0xffffu);
    case AUDIENCE_KIND_BUT_LIST:
    case AUDIENCE_KIND_ONLY_LIST:
        break;
    }
    return audience_list_has(audiences, audience, attachment);
}

void audience_ref(struct audiences *audiences, struct audience audience);
void audience_unref(struct audiences *audiences, struct audience audience);

/* The set of these attachments (ascending, without doubles, none of them 0), or all but these. As
 * with set arithmetic below, the caller gets a reference; false: budget. */
bool audience_of(struct audiences *audiences, const uint16_t *attachments, uint32_t count, bool but,
                 struct audience *ret_audience) __attribute__((warn_unused_result));

/* Set arithmetic. Results carry a reference for the caller. false: the budget refuses (only lists
 * need memory); *ret_audience is untouched. */
bool audience_meet(struct audiences *audiences, struct audience left, struct audience right,
                   struct audience *ret_audience) __attribute__((warn_unused_result));
bool audience_without(struct audiences *audiences, struct audience left, struct audience right,
                      struct audience *ret_audience) __attribute__((warn_unused_result));
