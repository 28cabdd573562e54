/* What the journal of a gateway with a large table costs: to record what a neighbor announces, to
 * play that again, to write the whole state and to read it. A neighbor announces that many prefixes
 * over a session, six to an attribute set; the engine is the one of sekishod.
 *
 *     journal_bench [prefixes]          1000000 */
#include "bench/figure.h"
#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "wire/journal.h"

#include <assert.h>
#include <string.h>

enum { PIECE = 64 << 10, ROOM = 1 << 20, SET = 6, START_US = 10000000 };

static struct platform_profile profile;
static struct engine *engine, *again;
static uint8_t *tape, *state;
static size_t tape_size, tape_cap, state_size, state_cap;
static double encode_ns, sum_ns, step_ns;
static int64_t now_us;

static struct engine *make_engine(void)
{
    const struct engine_config config = {.alloc = figure_alloc(),
                                         .profile = &profile,
                                         .gateway = true,
                                         .hub = true,
                                         .rounds = true,
                                         .no_entries = true,
                                         .asn = 65000,
                                         .router_id = 0x0a000001};
    struct engine *made = engine_create(&config);
    assert(made);
    return made;
}

static void pull(struct engine *from, const struct step *step)
{
    static uint8_t bytes[PIECE];
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect *effect = &step->effects[i];
        while (effect->kind == EFFECT_SEND &&
               engine_pull(from, effect->connection, bytes, sizeof bytes) > 0)
            continue;
    }
}

/* -- recording -- */

static bool tell(struct event event)
{
    event.at_us = now_us;
    double began = figure_now_ns();
    struct writer writer = writer_over(tape + tape_size, tape_cap - tape_size);
    journal_begin(&writer, JOURNAL_EVENT);
    event_encode(&event, &writer);
    journal_seal(&writer, 0);
    assert(!writer.failed);
    double encoded = figure_now_ns();
    journal_sum(writer.data, writer.size);
    double summed = figure_now_ns();
    struct step step = engine_step(engine, &event);
    pull(engine, &step);
    encode_ns += encoded - began;
    sum_ns += summed - encoded;
    step_ns += figure_now_ns() - summed;
    tape_size += writer.size;
    return step.more;
}

static void tell_bytes(const struct writer *writer)
{
    bool more = tell(
        (struct event){.kind = EVENT_RECEIVED, .received = {{1, BGP_IN}, writer_slice(writer)}});
    while (more)
        more = tell((struct event){.kind = EVENT_CONTINUE});
}

static void begin_message(struct writer *writer, uint16_t size, uint8_t kind)
{
    for (int i = 0; i < 16; i++)
        writer_u8(writer, 0xff);
    writer_u16(writer, size);
    writer_u8(writer, kind);
}

static void open_session(void)
{
    static const uint8_t open[] = {4, 0xfd, 0xe9, 0, 0, 10, 0,  0, 2, 14, 2,    12,
                                   1, 4,    0,    1, 0, 1,  65, 4, 0, 0,  0xfd, 0xe9};
    uint8_t bytes[128];
    struct writer writer = writer_over(bytes, sizeof bytes);
    tell((struct event){.kind = EVENT_BOOT, .boot = {.seed = 1}});
    tell((struct event){.kind = EVENT_ATTACHMENT, .attachment = {.attachment = 1}});
    tell((struct event){.kind = EVENT_NEIGHBOR,
                        .neighbor = {.neighbor = 1,
                                     .attachment = 1,
                                     .local_addr = 0x0a000001,
                                     .peer_addr = 0x0a000002,
                                     .peer_asn = 65001,
                                     .connect_retry_s = 30,
                                     .passive = true}});
    tell((struct event){.kind = EVENT_START, .connection = {.neighbor = 1}});
    now_us = START_US;
    tell((struct event){.kind = EVENT_TIME});
    tell((struct event){.kind = EVENT_CONNECTED, .connection = {1, BGP_IN}});
    begin_message(&writer, 19 + sizeof open, 1);
    writer_bytes(&writer, (struct slice){open, sizeof open});
    begin_message(&writer, 19, 4);
    tell_bytes(&writer);
    assert(engine_session(engine, 1)->state == SESSION_ESTABLISHED);
}

/* An UPDATE of a set of attributes that nobody else has, and its prefixes. */
static void put_update(struct writer *writer, uint32_t first, uint32_t count)
{
    enum { ATTRIBUTES = 4 + 3 + 14 + 7 };
    begin_message(writer, (uint16_t)(19 + 4 + ATTRIBUTES + 4 * count), 2);
    writer_u16(writer, 0);
    writer_u16(writer, ATTRIBUTES);
    writer_u32(writer, 0x40010100);
    writer_u8(writer, 0x40);
    writer_u8(writer, 2);
    writer_u8(writer, 14);
    writer_u8(writer, 2);
    writer_u8(writer, 3);
    writer_u32(writer, 65001);
    writer_u32(writer, 100000 + first % 65536);
    writer_u32(writer, 200000 + first / 65536);
    writer_u8(writer, 0x40);
    writer_u8(writer, 3);
    writer_u8(writer, 4);
    writer_u32(writer, 0x0a000002);
    for (uint32_t i = 0; i < count; i++) {
        writer_u8(writer, 24);
        writer_u8(writer, (uint8_t)(1 + ((first + i) >> 16)));
        writer_u16(writer, (uint16_t)(first + i));
    }
}

static void announce(uint32_t prefixes)
{
    static uint8_t bytes[PIECE];
    struct writer writer = writer_over(bytes, sizeof bytes);
    for (uint32_t at = 0; at < prefixes; at += SET) {
        put_update(&writer, at, prefixes - at < SET ? prefixes - at : SET);
        if (writer.size < PIECE - 128 && at + SET < prefixes)
            continue;
        assert(!writer.failed);
        tell_bytes(&writer);
        writer = writer_over(bytes, sizeof bytes);
    }
}

/* -- playing -- */

static void play(void)
{
    struct journal_record record;
    struct event event;
    struct budget budget;
    struct arena arena;
    budget_init(&budget, figure_alloc(), 0);
    arena_init(&arena, &budget, 4096);
    for (size_t at = 0; at < tape_size; at += record.size_bytes) {
        enum journal_verdict verdict =
            journal_next((struct slice){tape + at, tape_size - at}, &record);
        assert(verdict == JOURNAL_WHOLE);
        bool decoded = event_decode(record.body, &arena, &event);
        assert(decoded && !event_objection(again, &event));
        struct step step = engine_step(again, &event);
        pull(again, &step);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* -- the state -- */

static void write_state(void)
{
    struct checkpoint_walk walk = {0};
    for (bool more = true; more;) {
        struct writer writer = writer_over(state + state_size, state_cap - state_size);
        journal_begin(&writer, JOURNAL_CHECKPOINT);
        more = checkpoint_write(&walk, engine, &writer);
        journal_seal(&writer, 0);
        assert(!writer.failed);
        journal_sum(writer.data, writer.size);
        state_size += writer.size;
    }
}

static void read_state(void)
{
    static struct checkpoint_reader reader;
    struct journal_record record;
    struct step step;
    for (size_t at = 0; at < state_size; at += record.size_bytes) {
        enum journal_verdict verdict =
            journal_next((struct slice){state + at, state_size - at}, &record);
        assert(verdict == JOURNAL_WHOLE);
        bool read = checkpoint_read(&reader, again, record.body, &step);
        assert(read);
        pull(again, &step);
    }
    checkpoint_read_done(&reader, again);
}

static void figures_of_state(double prefixes)
{
    double began = figure_now_ns();
    assert(checkpoint_possible(engine));
    uint64_t digest = engine_digest(engine);
    figure("journal.digest", (figure_now_ns() - began) / 1e6, "ms");
    began = figure_now_ns();
    write_state();
    figure("journal.write", (figure_now_ns() - began) / 1e6, "ms");
    figure("journal.state", (double)state_size / prefixes, "bytes");
    again = make_engine();
    began = figure_now_ns();
    read_state();
    figure("journal.read", (figure_now_ns() - began) / 1e6, "ms");
    assert(engine_digest(again) == digest);
    engine_destroy(again);
}

int main(int argc, char **argv)
{
    uint32_t prefixes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    const struct span none = {0, 0};
    profile = *platform_profile(PLATFORM_UNKNOWN); /* without latencies, as in sekishod */
    profile.decision = profile.rib_to_fib = profile.withdraw_to_fib = none;
    profile.first_update_us = profile.first_update_per_peer_us = 0;
    tape_cap = (size_t)prefixes * 24 + ROOM;
    state_cap = (size_t)prefixes * 32 + 2 * JOURNAL_BODY_MAX;
    tape = malloc(tape_cap);
    state = malloc(state_cap);
    if (!tape || !state)
        abort();
    memset(tape, 0, tape_cap); /* the ring's memory is there, too */
    memset(state, 0, state_cap);
    engine = make_engine();
    open_session();
    encode_ns = sum_ns = step_ns = 0;
    announce(prefixes);
    figure("journal.event", (double)tape_size / prefixes, "bytes");
    figure("journal.record", encode_ns / prefixes, "ns");
    figure("journal.sum", sum_ns / prefixes, "ns");
    figure("journal.step", step_ns / prefixes, "ns");
    again = make_engine();
    double began = figure_now_ns();
    play();
    figure("journal.play", (figure_now_ns() - began) / prefixes, "ns");
    assert(engine_digest(again) == engine_digest(engine));
    engine_destroy(again);
    figures_of_state(prefixes);
    engine_destroy(engine);
    free(tape);
    free(state);
    return 0;
}
