/* Reasons are values: one byte for each decision on a route's way, made where the decision is made
 * and turned into words elsewhere. The list is reason.def. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum reason_class {
    REASON_CLASS_STATE,
    REASON_CLASS_REFUSED,
    REASON_CLASS_LOST,
    REASON_CLASS_EXPORT,
};

enum reason {
#define REASON(class, id, name, sentence, reference) REASON_##id,
#include "rib/reason.def"
#undef REASON
    REASON_COUNT
};

struct reason_text {
    enum reason_class class;
    const char *name;      /* kebab-case, stable */
    const char *sentence;  /* no capital, no full stop */
    const char *reference; /* RFC section, AWS page, trap; may be empty */
};

/* Asserts that the reason exists. */
const struct reason_text *reason_text(enum reason reason);

extern const uint8_t reason_classes[REASON_COUNT]; /* enum reason_class */

static inline bool reason_refuses(uint8_t reason)
{
    return reason_classes[reason] == REASON_CLASS_REFUSED;
}
