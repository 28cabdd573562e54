/* A second engine that is told the events of the first one as bytes, and every now and then is made
 * again from the first one's checkpoint: at every rest both must have the same digest. For engines
 * without a budget, for that is the one thing that a made engine does not spend alike. */
#pragma once

#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "tests/memory.h"

#include <assert.h>

enum { MIRROR_BYTES = 2 << 20, MIRROR_EVERY = 5 };

struct mirror {
    struct memory memory;
    struct engine_config config;
    struct engine *engine; /* NULL: nothing is mirrored */
    struct budget budget;
    struct arena arena;
    uint8_t *bytes;
    uint32_t rests;
    uint32_t made; /* how often from a checkpoint */
};

static inline void mirror_pull(struct mirror *mirror, const struct step *step)
{
    static uint8_t bytes[65536];
    struct step copy = *step;
    for (uint32_t i = 0; i < copy.effect_count; i++) {
        const struct effect *effect = &copy.effects[i];
        if (effect->kind != EFFECT_SEND && effect->kind != EFFECT_CLOSE)
            continue;
        while (engine_pull(mirror->engine, effect->connection, bytes, sizeof bytes) > 0)
            continue;
    }
}

static inline void mirror_init(struct mirror *mirror, const struct engine_config *config)
{
    *mirror = (struct mirror){.config = *config};
    if (config->budget_bytes != 0)
        return;
    mirror->config.alloc = memory_alloc(&mirror->memory);
    mirror->engine = engine_create(&mirror->config);
    mirror->bytes = malloc(MIRROR_BYTES);
    assert(mirror->engine && mirror->bytes);
    budget_init(&mirror->budget, mirror->config.alloc, 0);
    arena_init(&mirror->arena, &mirror->budget, 4096);
}

static inline void mirror_done(struct mirror *mirror)
{
    if (!mirror->engine)
        return;
    engine_destroy(mirror->engine);
    arena_done(&mirror->arena);
    free(mirror->bytes);
    assert(mirror->memory.live_blocks == 0);
    mirror->engine = NULL;
}

/* From the checkpoint of the first engine, part by part. */
static inline void mirror_make(struct mirror *mirror, const struct engine *first)
{
    struct checkpoint_walk walk = {0};
    struct checkpoint_reader reader = {0};
    bool more = true;
    engine_destroy(mirror->engine);
    mirror->engine = engine_create(&mirror->config);
    assert(mirror->engine);
    while (more) {
        struct writer writer = writer_over(mirror->bytes, MIRROR_BYTES);
        struct step step;
        more = checkpoint_write(&walk, first, &writer);
        bool fine = checkpoint_read(&reader, mirror->engine, writer_slice(&writer), &step);
        assert(fine);
        mirror_pull(mirror, &step);
    }
    assert(reader.whole);
    checkpoint_read_done(&reader, mirror->engine);
    mirror->made++;
}

/* After the first engine took the event. first NULL: a test has broken it, so no more of this. */
static inline void mirror_step(struct mirror *mirror, const struct engine *first,
                               const struct event *event)
{
    struct event told;
    if (!first)
        mirror_done(mirror);
    if (!mirror->engine)
        return;
    struct writer writer = writer_over(mirror->bytes, MIRROR_BYTES);
    event_encode(event, &writer);
    assert(!writer.failed && writer.size <= event_bytes_max(event));
    arena_reset(&mirror->arena);
    bool fine = event_decode(writer_slice(&writer), &mirror->arena, &told);
    assert(fine && event_objection(mirror->engine, &told) == NULL);
    struct step step = engine_step(mirror->engine, &told);
    mirror_pull(mirror, &step);
    if (!checkpoint_possible(first))
        return;
    assert(engine_digest(mirror->engine) == engine_digest(first));
    for (uint16_t i = 1; i <= engine_neighbor_count(first); i++) {
        assert(session_deadline_us(engine_session(mirror->engine, i)) ==
               session_deadline_us(engine_session(first, i)));
        const struct bfd_end *bfd = engine_bfd(first, i);
        assert(!bfd || bfd_deadline_us(bfd) == bfd_deadline_us(engine_bfd(mirror->engine, i)));
    }
    if (mirror->rests++ % MIRROR_EVERY != 0)
        return;
    mirror_make(mirror, first);
    assert(engine_digest(mirror->engine) == engine_digest(first));
    const char *complaint = engine_audit(mirror->engine);
    assert(complaint == NULL);
}
