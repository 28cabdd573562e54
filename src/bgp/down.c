#include "bgp/down.h"

#include <assert.h>

struct down_line {
    const char *word;
    const char *sentence;
    const char *reference;
};

static const struct down_line LINES[BGP_DOWN_COUNT] = {
#define DOWN(name, word, sentence, reference) [BGP_DOWN_##name] = {word, sentence, reference},
#include "bgp/down.def"
#undef DOWN
};

static const struct down_line *line_of(enum bgp_down reason)
{
    assert((unsigned)reason < BGP_DOWN_COUNT);
    return &LINES[reason];
}

const char *bgp_down_word(enum bgp_down reason)
{
    return line_of(reason)->word;
}

const char *bgp_down_sentence(enum bgp_down reason)
{
    return line_of(reason)->sentence;
}

const char *bgp_down_reference(enum bgp_down reason)
{
    return line_of(reason)->reference;
}
