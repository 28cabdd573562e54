#include "run/recent.h"

#include "network/memory.h"

#include <stdlib.h>

void recent_init(struct recent *recent)
{
    *recent = (struct recent){.notes = memory_zeroed(RECENT_CAP, sizeof *recent->notes)};
}

void recent_done(struct recent *recent)
{
    free(recent->notes);
    *recent = (struct recent){0};
}

const struct recent_note *recent_add(struct recent *recent, const struct effect_note *note,
                                     int64_t wall_us)
{
    uint64_t number = ++recent->last;
    recent->counts[note->kind]++;
    struct recent_note *at = &recent->notes[number % RECENT_CAP];
    *at = (struct recent_note){.number = number, .wall_us = wall_us, .note = *note};
    return at;
}

const struct recent_note *recent_after(const struct recent *recent, uint64_t after)
{
    if (after >= recent->last)
        return NULL;
    uint64_t oldest = recent->last < RECENT_CAP ? 1 : recent->last - RECENT_CAP + 1;
    uint64_t number = after + 1 < oldest ? oldest : after + 1;
    return &recent->notes[number % RECENT_CAP];
}
