/* Any bytes as an event: what is one is written again byte by byte, and an engine may be asked
 * whether it would take it. */
#include "engine/event_bytes.h"

#include "engine/engine.h"
#include "tests/memory.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void event_again(struct slice bytes, const struct event *event)
{
    size_t cap = event_bytes_max(event);
    uint8_t *room = malloc(cap);
    assert(room);
    struct writer writer = writer_over(room, cap);
    event_encode(event, &writer);
    assert(!writer.failed && slice_equal(writer_slice(&writer), bytes));
    free(room);
}

/* An engine that has begun asserts no more than what is objected to. */
static void tell(const struct event *event, struct alloc alloc)
{
    struct engine_config config = {.alloc = alloc,
                                   .profile = platform_profile(PLATFORM_SEKISHO),
                                   .gateway = true,
                                   .asn = 64512,
                                   .router_id = 1};
    struct engine *engine = engine_create(&config);
    assert(engine);
    engine_step(engine, &(struct event){.kind = EVENT_BOOT});
    engine_step(engine, &(struct event){.kind = EVENT_ATTACHMENT, .attachment = {.attachment = 1}});
    if (event_objection(engine, event) == NULL)
        engine_step(engine, event);
    engine_destroy(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct memory memory = {0};
    struct budget budget;
    struct arena arena;
    struct event event;
    budget_init(&budget, memory_alloc(&memory), 0);
    arena_init(&arena, &budget, 256);
    if (event_decode((struct slice){bytes, size}, &arena, &event)) {
        event_again((struct slice){bytes, size}, &event);
        tell(&event, memory_alloc(&memory));
    }
    arena_done(&arena);
    assert(memory.live_blocks == 0);
    return 0;
}
