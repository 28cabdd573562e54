/* Events as bytes, for the journal. Explicit for each kind: what an event holds is written field by
 * field, never as memory. Numbers of kinds are places in event.def, so bytes mean the same only
 * where that table is the same; event_tables says whether it is. */
#pragma once

#include "base/arena.h"
#include "engine/event.h"

struct engine;

/* Room that an event's bytes take at most. */
size_t event_bytes_max(const struct event *event);
void event_encode(const struct event *event, struct writer *writer);

/* false: bytes that no event has. Slices are borrowed from bytes, arrays lie in the arena. */
bool event_decode(struct slice bytes, struct arena *arena, struct event *ret_event)
    __attribute__((warn_unused_result));

/* NULL: the engine may be told this event next. Else what the driver that recorded it would never
 * have said, as a sentence: engine_step asserts it. */
const char *event_objection(const struct engine *engine, const struct event *event);

/* Digest of every table whose numbers stand in a journal: events, effects, notes, reasons,
 * platforms, sources of routes. Equal digests, equal meanings. */
uint64_t event_tables(void);
