#include "rib/reason.h"

#include <assert.h>

_Static_assert(REASON_COUNT <= 256, "a path has one byte for its reason");

static const struct reason_text texts[REASON_COUNT] = {
#define REASON(class, id, name, sentence, reference)                                               \
    [REASON_##id] = {REASON_CLASS_##class, name, sentence, reference},
#include "rib/reason.def"
#undef REASON
};

const uint8_t reason_classes[REASON_COUNT] = {
#define REASON(class, id, name, sentence, reference) [REASON_##id] = REASON_CLASS_##class,
#include "rib/reason.def"
#undef REASON
};

const struct reason_text *reason_text(enum reason reason)
{
    assert((unsigned)reason < REASON_COUNT);
    return &texts[reason];
}
