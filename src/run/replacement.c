#include "run/replacement.h"

#include <assert.h>
#include <stddef.h>

void replacement_begin(struct replacement *replacement, const struct report_tunnel *said,
                       bool endpoint, int64_t now_us)
{
    assert(said->up);
    *replacement = (struct replacement){.state = REPLACEMENT_UNDER_WAY,
                                        .endpoint = endpoint,
                                        .ike = said->ike,
                                        .pair = said->pair,
                                        .since_us = now_us};
}

static bool over(struct replacement *replacement, enum replacement_state state, int64_t now_us)
{
    replacement->state = state;
    replacement->took_us = now_us - replacement->since_us;
    return true;
}

/* Both phases: of one that was replaced alone the other end's key is still the old one's. */
bool replacement_hear(struct replacement *replacement, const struct report_tunnel *said,
                      int64_t now_us)
{
    if (replacement->state != REPLACEMENT_UNDER_WAY)
        return false;
    if (said->up && said->ike != replacement->ike && said->pair != replacement->pair)
        return over(replacement, REPLACEMENT_DONE, now_us);
    bool broken = !said->up && !replacement->endpoint;
    return broken && over(replacement, REPLACEMENT_FAILED, now_us);
}

bool replacement_turn(struct replacement *replacement, int64_t now_us)
{
    return now_us >= replacement_until(replacement) &&
           over(replacement, REPLACEMENT_FAILED, now_us);
}

int64_t replacement_until(const struct replacement *replacement)
{
    return replacement->state == REPLACEMENT_UNDER_WAY ? replacement->since_us + REPLACEMENT_US
                                                       : INT64_MAX;
}

const char *replacement_word(const struct replacement *replacement)
{
    static const char *const words[] = {NULL, "under-way", "done", "failed"};
    return words[replacement->state];
}
