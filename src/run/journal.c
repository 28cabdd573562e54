#include "run/journal.h"

#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "run/daemon.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NUMBER_RECORD = JOURNAL_RECORD_BYTES + 16, PATIENCE_MS = 5000 };

/* -- the ring -- */

static struct writer begin(uint8_t *room, size_t cap, enum journal_kind kind)
{
    struct writer writer = writer_over(room, cap);
    journal_begin(&writer, kind);
    return writer;
}

static void commit(struct journal *journal, struct writer *writer)
{
    assert(!writer->failed);
    journal_seal(writer, 0);
    journal_ring_commit(&journal->writer.ring, writer->size);
    journal->put_bytes += writer->size;
}

static uint8_t *wait_for_room(struct journal *journal, size_t size_bytes)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    uint8_t *room = NULL;
    for (int i = 0; !room && i < PATIENCE_MS; i++) {
        journal_writer_ring(&journal->writer);
        nanosleep(&moment, NULL);
        room = journal_ring_room(&journal->writer.ring, size_bytes);
    }
    journal->patient = room != NULL;
    return room;
}

/* NULL: the ring is full. */
static uint8_t *room_for(struct journal *journal, size_t size_bytes)
{
    uint8_t *room = journal_ring_room(&journal->writer.ring, size_bytes);
    return room || !journal->patient ? room : wait_for_room(journal, size_bytes);
}

/* Two numbers at most. false: there is no room. */
static bool put_numbers(struct journal *journal, enum journal_kind kind, const uint64_t *numbers,
                        size_t count)
{
    uint8_t *room = room_for(journal, NUMBER_RECORD);
    if (!room)
        return false;
    struct writer writer = begin(room, NUMBER_RECORD, kind);
    for (size_t i = 0; i < count; i++)
        journal_put_u64(&writer, numbers[i]);
    commit(journal, &writer);
    return true;
}

/* Whoever found no room waits until half of it is free; a gap says how many it were. */
static bool is_open(struct journal *journal)
{
    if (journal->missing == 0)
        return true;
    if (journal_ring_used(&journal->writer.ring) > RING_BYTES / 2 ||
        !put_numbers(journal, JOURNAL_GAP, &journal->missing, 1))
        return false;
    journal->missing = 0;
    return true;
}

static void miss(struct journal *journal)
{
    journal->gaps += journal->missing == 0;
    journal->missing++;
    journal->lost++;
    journal->owes = true;
}

void journal_event(struct journal *journal, const struct event *event)
{
    if (!journal->on)
        return;
    size_t cap = JOURNAL_RECORD_BYTES + event_bytes_max(event);
    uint8_t *room = is_open(journal) ? room_for(journal, cap) : NULL;
    if (!room) {
        miss(journal);
        return;
    }
    struct writer writer = begin(room, cap, JOURNAL_EVENT);
    event_encode(event, &writer);
    commit(journal, &writer);
    if (journal_ring_used(&journal->writer.ring) > WRITER_URGE_BYTES)
        journal_writer_ring(&journal->writer);
}

void journal_digest(struct journal *journal, const struct engine *engine)
{
    if (!journal->on || !is_open(journal) || !checkpoint_possible(engine))
        return;
    uint64_t digest = engine_digest(engine);
    (void)put_numbers(journal, JOURNAL_DIGEST, &digest, 1); /* without it, less is proved */
}

static void put_name(void *context, const struct journal_name *name)
{
    struct journal *journal = context;
    size_t cap = JOURNAL_RECORD_BYTES + 5 + JOURNAL_NAME_MAX;
    uint8_t *room = is_open(journal) ? room_for(journal, cap) : NULL;
    if (!room)
        return; /* it stands in the next checkpoint */
    struct writer writer = writer_over(room, cap);
    journal_name_encode(name, &writer);
    commit(journal, &writer);
}

void journal_names(struct journal *journal, const struct journal_subject *subject)
{
    if (journal->on)
        journal_names_each(subject, put_name, journal);
}

/* -- turning over -- */

static struct journal_header header_of(const struct journal *journal, int64_t now_us)
{
    return (struct journal_header){.number = journal->number + 1,
                                   .build = journal_build,
                                   .tables = event_tables(),
                                   .wall_us = now_us + journal->offset_us,
                                   .time_us = now_us};
}

/* The room was asked for before. */
static void put_turn(struct journal *journal, uint8_t *room, const struct journal_header *header,
                     bool state)
{
    struct ring_turn turn = {.number = header->number, .state = state};
    struct writer writer = writer_over(turn.header, sizeof turn.header);
    journal_header_encode(header, &writer);
    assert(!writer.failed && writer.size == sizeof turn.header);
    writer = begin(room, JOURNAL_RECORD_BYTES + sizeof turn, JOURNAL_END);
    writer_bytes(&writer, (struct slice){(const uint8_t *)&turn, sizeof turn});
    room[JOURNAL_RECORD_BYTES - 1] = RING_TURN;
    commit(journal, &writer);
    journal->number = header->number;
    journal->put_bytes = 0;
}

static void turn_over(struct journal *journal, const struct journal_subject *subject,
                      bool checkpoint, int64_t now_us)
{
    struct writer_state *state = &journal->writer.state;
    struct journal_header header = header_of(journal, now_us);
    size_t size = JOURNAL_RECORD_BYTES + sizeof(struct ring_turn);
    uint8_t *room = is_open(journal) ? room_for(journal, size) : NULL;
    if (!room)
        return;
    journal->owes = !checkpoint;
    if (checkpoint) {
        pid_t child = journal_checkpoint_fork(&journal->writer.folder, &header, subject);
        if (child < 0)
            atomic_store(&state->checkpoint_error, (int)-child);
        atomic_store(&state->child_number, header.number);
        atomic_store(&state->child, child < 0 ? 0 : (int)child);
    }
    put_turn(journal, room, &header, false);
}

/* What was lost is lost, but from a checkpoint on all is known again. */
static bool wants_checkpoint(const struct journal *journal)
{
    const struct writer_state *state = &journal->writer.state;
    return journal->owes || atomic_load(&state->error) || atomic_load(&state->checkpoint_error);
}

static void turn_if_due(struct journal *journal, const struct journal_subject *subject, bool rests,
                        int64_t now_us)
{
    bool full = journal->put_bytes >= journal->segment_bytes;
    bool wants = wants_checkpoint(journal);
    if (!wants)
        journal->retry_us = JOURNAL_RETRY_US;
    if ((!full && !wants) || atomic_load(&journal->writer.state.child))
        return;
    bool may = now_us >= journal->retry_at_us && rests && checkpoint_possible(subject->engine);
    if (may) {
        journal->retry_at_us = now_us + (wants ? journal->retry_us : JOURNAL_SPACE_US);
        if (wants && journal->retry_us < JOURNAL_RETRY_MOST_US)
            journal->retry_us *= 2;
        turn_over(journal, subject, true, now_us);
    } else if (journal->put_bytes >= 2 * journal->segment_bytes) {
        turn_over(journal, subject, false, now_us);
    }
}

/* -- the clock -- */

static void look_at_clock(struct journal *journal, int64_t now_us)
{
    if (now_us < journal->look_at_us)
        return;
    journal->look_at_us = now_us + JOURNAL_LOOK_US;
    int64_t wall_us = clock_wall_us(), off_us = wall_us - now_us - journal->offset_us;
    if (off_us < JOURNAL_CLOCK_US && off_us > -JOURNAL_CLOCK_US)
        return;
    const uint64_t said[] = {(uint64_t)wall_us, (uint64_t)now_us};
    if (is_open(journal) && put_numbers(journal, JOURNAL_CLOCK, said, 2))
        journal->offset_us = wall_us - now_us;
}

void journal_round(struct journal *journal, const struct journal_subject *subject, bool rests,
                   int64_t now_us)
{
    if (!journal->on)
        return;
    journal->patient = false;
    look_at_clock(journal, now_us);
    turn_if_due(journal, subject, rests, now_us);
    journal_writer_ring(&journal->writer);
}

/* -- its life -- */

void journal_boot(struct journal *journal, const struct journal_subject *subject, int64_t now_us)
{
    if (!journal->on)
        return;
    journal->patient = true;
    journal->offset_us = clock_wall_us() - clock_us();
    struct journal_header header = header_of(journal, now_us);
    uint8_t *room = room_for(journal, JOURNAL_RECORD_BYTES + sizeof(struct ring_turn));
    assert(room); /* it is the first in the ring */
    put_turn(journal, room, &header, true);
    room = room_for(journal, JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX);
    assert(room);
    struct writer writer = begin(room, JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX, JOURNAL_CONFIG);
    config_encode(engine_config_of(subject->engine), &writer);
    commit(journal, &writer);
    journal_names(journal, subject);
}

static bool open_folder(struct journal_folder *folder, const char *directory, const char *node,
                        char why[static 256])
{
    char path[FOLDER_PATH];
    const char *given = getenv("STATE_DIRECTORY"); /* systemd.exec(5); one of several, by colons */
    if (directory)
        return journal_folder_open(folder, directory, why);
    if (given && given[0] == '/')
        snprintf(path, sizeof path, "%.*s", (int)strcspn(given, ":"), given);
    else
        snprintf(path, sizeof path, FOLDER_DEFAULT "/%s", node);
    return journal_folder_open(folder, path, why);
}

enum run_exit journal_open(struct journal *journal, const char *directory, const char *node,
                           uint64_t limit_bytes, FILE *err)
{
    struct journal_folder folder;
    char why[256];
    *journal = (struct journal){.retry_us = JOURNAL_RETRY_US};
    if (directory && strcmp(directory, "none") == 0)
        return RUN_FINE;
    if (!open_folder(&folder, directory, node, why)) {
        fprintf(err, "%s: no journal can be written: %s\n", directory ? "error" : "warning", why);
        return directory ? RUN_WORLD : RUN_FINE;
    }
    journal->number = folder.last;
    if (!journal_writer_begin(&journal->writer, &folder, limit_bytes)) {
        fputs("error: no memory for the journal\n", err);
        return RUN_WORLD;
    }
    journal->on = true;
    journal->segment_bytes = limit_bytes / JOURNAL_SHARE < JOURNAL_SEGMENT_BYTES
                                 ? limit_bytes / JOURNAL_SHARE
                                 : JOURNAL_SEGMENT_BYTES;
    return RUN_FINE;
}

void journal_close(struct journal *journal)
{
    if (journal->on)
        journal_writer_end(&journal->writer);
    journal->on = false;
}

/* -- what the log is told -- */

bool journal_news(struct journal *journal, char line[static 512])
{
    const struct writer_state *state = &journal->writer.state;
    int error = atomic_load(&state->error), failed = atomic_load(&state->checkpoint_error);
    if (!journal->on)
        return false;
    if (error != journal->told_error) {
        journal->told_error = error;
        if (error)
            snprintf(line, 512, "event=journal-broken directory=%.200s why=\"%s\"",
                     journal->writer.folder.path, strerror(error));
        else
            snprintf(line, 512, "event=journal-resumed segment=%" PRIu32 " missing=%" PRIu64,
                     atomic_load(&state->segment), atomic_load(&state->missing));
        return true;
    }
    if (failed != journal->told_checkpoint_error) {
        journal->told_checkpoint_error = failed;
        if (failed)
            snprintf(line, 512, "event=no-checkpoint directory=%.200s why=\"%s\"",
                     journal->writer.folder.path, strerror(failed));
        return failed != 0;
    }
    if (journal->gaps == journal->told_gaps || journal->missing > 0)
        return false;
    journal->told_gaps = journal->gaps;
    snprintf(line, 512, "event=journal-gap missing=%" PRIu64, journal->lost);
    return true;
}
