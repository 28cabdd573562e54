/* Names of events, effects and notes: every one has a word and a sentence, and no word is twice. */
#include "engine/effect.h"
#include "tests/abort.h"
#include "tests/harness.h"

struct list {
    const char *(*word)(unsigned kind);
    const char *(*sentence)(unsigned kind);
    unsigned count;
};

static const char *word_of_event(unsigned kind)
{
    return event_word((enum event_kind)kind);
}

static const char *sentence_of_event(unsigned kind)
{
    return event_sentence((enum event_kind)kind);
}

static const char *word_of_effect(unsigned kind)
{
    return effect_word((enum effect_kind)kind);
}

static const char *sentence_of_effect(unsigned kind)
{
    return effect_sentence((enum effect_kind)kind);
}

static const char *word_of_note(unsigned kind)
{
    return note_word((enum note_kind)kind);
}

static const char *sentence_of_note(unsigned kind)
{
    return note_sentence((enum note_kind)kind);
}

static const struct list lists[] = {{word_of_event, sentence_of_event, EVENT_COUNT},
                                    {word_of_effect, sentence_of_effect, EFFECT_COUNT},
                                    {word_of_note, sentence_of_note, NOTE_COUNT}};

static bool is_kebab(const char *word)
{
    if (*word == '\0' || *word == '-')
        return false;
    for (; *word; word++) {
        if (*word != '-' && (*word < 'a' || *word > 'z'))
            return false;
    }
    return word[-1] != '-';
}

static void words_are_stable_names(void)
{
    for (int i = 0; i < 3; i++) {
        for (unsigned kind = 0; kind < lists[i].count; kind++) {
            CHECK(is_kebab(lists[i].word(kind)));
            for (unsigned other = 0; other < kind; other++)
                CHECK(strcmp(lists[i].word(kind), lists[i].word(other)) != 0);
        }
    }
    CHECK_TEXT(event_word(EVENT_ROUTE_SET), "route-set");
    CHECK_TEXT(effect_word(EFFECT_VPC_ENTRY), "vpc-entry");
    CHECK_TEXT(note_word(NOTE_GUARD_HELD), "guard-held");
}

static void sentences_are_sentences(void)
{
    for (int i = 0; i < 3; i++) {
        for (unsigned kind = 0; kind < lists[i].count; kind++) {
            const char *sentence = lists[i].sentence(kind);
            CHECK(sentence[0] >= 'A' && sentence[0] <= 'Z');
            CHECK(sentence[strlen(sentence) - 1] == '.');
        }
    }
}

static void name_no_event(void *ctx)
{
    (void)ctx;
    (void)event_word(EVENT_COUNT);
}

static void name_no_effect(void *ctx)
{
    (void)ctx;
    (void)effect_sentence(EFFECT_COUNT);
}

static void name_no_note(void *ctx)
{
    (void)ctx;
    (void)note_word(NOTE_COUNT);
}

static void what_does_not_exist_has_no_name(void)
{
    CHECK(aborts(name_no_event, NULL));
    CHECK(aborts(name_no_effect, NULL));
    CHECK(aborts(name_no_note, NULL));
}

int main(void)
{
    TEST(words_are_stable_names);
    TEST(sentences_are_sentences);
    TEST(what_does_not_exist_has_no_name);
    return harness_done();
}
