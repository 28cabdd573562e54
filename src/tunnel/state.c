#include "tunnel/state.h"

#include <assert.h>

struct cause_line {
    const char *word;
    const char *sentence;
    const char *reference;
    enum tunnel_change effect;
};

static const struct cause_line LINES[TUNNEL_CAUSES] = {
#define CAUSE(name, word, effect, sentence, reference)                                             \
    [TUNNEL_CAUSE_##name] = {word, sentence, reference, TUNNEL_##effect},
#include "tunnel/cause.def"
#undef CAUSE
};

static const struct cause_line *line_of(enum tunnel_cause cause)
{
    assert((unsigned)cause < TUNNEL_CAUSES);
    return &LINES[cause];
}

const char *tunnel_cause_word(enum tunnel_cause cause)
{
    return line_of(cause)->word;
}

const char *tunnel_cause_sentence(enum tunnel_cause cause)
{
    return line_of(cause)->sentence;
}

const char *tunnel_cause_reference(enum tunnel_cause cause)
{
    return line_of(cause)->reference;
}

void tunnel_status_init(struct tunnel_status *status, int64_t now_us)
{
    *status = (struct tunnel_status){.cause = TUNNEL_CAUSE_NONE, .since_us = now_us};
}

enum tunnel_change tunnel_report(struct tunnel_status *status, enum tunnel_cause cause,
                                 int64_t now_us)
{
    enum tunnel_change effect = line_of(cause)->effect;
    assert(now_us >= status->since_us && cause != TUNNEL_CAUSE_NONE);
    if (effect == TUNNEL_SAME)
        return TUNNEL_SAME;
    bool up = effect == TUNNEL_UP;
    if (up == status->up) {
        status->cause = (uint8_t)cause;
        status->failures += !up;
        return TUNNEL_SAME;
    }
    *status = (struct tunnel_status){
        .up = up, .cause = (uint8_t)cause, .since_us = now_us, .up_count = status->up_count + up};
    return effect;
}

struct tunnel_telemetry tunnel_telemetry_of(const struct tunnel_status *status, bool has_bgp,
                                            bool established)
{
    if (!status->up)
        return (struct tunnel_telemetry){false, TUNNEL_SAYS_IPSEC_IS_DOWN};
    if (!has_bgp)
        return (struct tunnel_telemetry){true, TUNNEL_SAYS_NOTHING};
    return established ? (struct tunnel_telemetry){true, TUNNEL_SAYS_BGP_ROUTES}
                       : (struct tunnel_telemetry){false, TUNNEL_SAYS_IPSEC_IS_UP};
}
