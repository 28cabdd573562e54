/* Words and sentences of events, effects and notes, from their tables. */
#include "engine/effect.h"

#include <assert.h>

struct name {
    const char *word;
    const char *sentence;
};

static const struct name events[] = {
#define EVENT(name, word, sentence) {word, sentence},
#include "engine/event.def"
#undef EVENT
};

static const struct name effects[] = {
#define EFFECT(name, word, sentence) {word, sentence},
#include "engine/effect.def"
#undef EFFECT
};

static const struct name notes[] = {
#define NOTE(name, word, sentence) {word, sentence},
#include "engine/note.def"
#undef NOTE
};

const char *event_word(enum event_kind kind)
{
    assert(kind < EVENT_COUNT);
    return events[kind].word;
}

const char *event_sentence(enum event_kind kind)
{
    assert(kind < EVENT_COUNT);
    return events[kind].sentence;
}

const char *effect_word(enum effect_kind kind)
{
    assert(kind < EFFECT_COUNT);
    return effects[kind].word;
}

const char *effect_sentence(enum effect_kind kind)
{
    assert(kind < EFFECT_COUNT);
    return effects[kind].sentence;
}

const char *note_word(enum note_kind kind)
{
    assert(kind < NOTE_COUNT);
    return notes[kind].word;
}

const char *note_sentence(enum note_kind kind)
{
    assert(kind < NOTE_COUNT);
    return notes[kind].sentence;
}
