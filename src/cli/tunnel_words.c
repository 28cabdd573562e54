#include "cli/tunnel_words.h"

#include "explain/words.h"

const char *tunnel_being_word(enum tunnel_being being)
{
    static const char *const words[] = {
        [BEING_UP] = "up", [BEING_SWALLOWED] = "swallowed", [BEING_DOWN] = "down"};
    return words[being];
}

void text_tunnel_sight(struct text *text, const struct world *world, int tunnel,
                       const struct tunnel_sight *state)
{
    text_add(text, world->tunnels[tunnel].id);
    if (state->period_us) {
        text_add(text, " goes down and comes back, every ");
        text_span(text, state->period_us);
    } else if (state->being != BEING_SWALLOWED) {
        text_add(text, " is ");
        text_add(text, tunnel_being_word(state->being));
    } else if (state->into == tunnel) {
        text_add(text, " swallows itself");
    } else {
        text_add(text, " is swallowed by ");
        text_add(text, world->tunnels[state->into].id);
    }
}
