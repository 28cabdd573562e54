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
                                        .since_us = now_us,
                                        .again_us = now_us + REPLACEMENT_AGAIN_US};
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
    return replacement->state == REPLACEMENT_UNDER_WAY &&
           now_us - replacement->since_us >= REPLACEMENT_US &&
           over(replacement, REPLACEMENT_FAILED, now_us);
}

/* An endpoint's end was seen, and what comes after it is the tunnel's own business. */
bool replacement_again(struct replacement *replacement, int64_t now_us)
{
    bool again = replacement->state == REPLACEMENT_UNDER_WAY && !replacement->endpoint &&
                 now_us >= replacement->again_us;
    if (again)
        replacement->again_us = now_us + REPLACEMENT_AGAIN_US;
    return again;
}

int64_t replacement_until(const struct replacement *replacement)
{
    int64_t end_us = replacement->since_us + REPLACEMENT_US;
    bool again = !replacement->endpoint && replacement->again_us < end_us;
    if (replacement->state != REPLACEMENT_UNDER_WAY)
        return INT64_MAX;
    return again ? replacement->again_us : end_us;
}

const char *replacement_word(const struct replacement *replacement)
{
    static const char *const words[] = {NULL, "under-way", "done", "failed"};
    return words[replacement->state];
}
