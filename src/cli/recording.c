#include "cli/recording.h"

#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "network/diagnostics.h"
#include "wire/journal.h"
#include "world/names.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Short, so that a story of minutes has checkpoints in it. */
enum { SEGMENT_BYTES = 4 << 10, DIGEST_EVERY = 16, BUFFER_BYTES = JOURNAL_BODY_MAX + 4096 };

struct recording {
    struct cli *cli;
    char *directory;
    const struct world *world;
    int node;
    struct sim_listener listener;
    FILE *file; /* NULL: no segment is open */
    uint32_t segments;
    size_t size_bytes; /* of the segment */
    unsigned since_digest;
    int error; /* errno of what failed first */
    uint8_t buffer[BUFFER_BYTES];
};

static void put(struct recording *recording, size_t size)
{
    if (recording->file && fwrite(recording->buffer, 1, size, recording->file) != size &&
        recording->error == 0)
        recording->error = errno;
    recording->size_bytes += size;
}

static struct writer begin(struct recording *recording)
{
    return writer_over(recording->buffer, BUFFER_BYTES);
}

/* The record that stands at the buffer's beginning. */
static void finish(struct recording *recording, struct writer *writer)
{
    assert(!writer->failed);
    journal_seal(writer, 0);
    journal_sum(writer->data, writer->size);
    put(recording, writer->size);
}

static void put_number(struct recording *recording, enum journal_kind kind, uint64_t number)
{
    struct writer writer = begin(recording);
    journal_begin(&writer, kind);
    journal_put_u64(&writer, number);
    finish(recording, &writer);
}

static void put_name(struct recording *recording, enum journal_name_kind kind, uint16_t number,
                     uint16_t of, const char *text)
{
    struct writer writer = begin(recording);
    struct journal_name name = {kind, number, of, {(const uint8_t *)text, strlen(text)}};
    journal_name_encode(&name, &writer);
    journal_sum(writer.data, writer.size);
    put(recording, writer.size);
}

static void put_vpc_names(struct recording *recording, const struct node *vpc)
{
    put_name(recording, JOURNAL_VPC, vpc->vpc, 0, vpc->id);
    for (uint16_t i = 1; i <= vpc->table_count; i++)
        put_name(recording, JOURNAL_TABLE, i, vpc->vpc, vpc->table_ids[i]);
    for (uint16_t i = 1; i <= vpc->target_count; i++)
        put_name(recording, JOURNAL_TARGET, i, vpc->vpc,
                 vpc->targets[i].id ? vpc->targets[i].id : "");
}

static void put_names(struct recording *recording)
{
    const struct world *world = recording->world;
    const struct node *node = &world->nodes[recording->node];
    char bytes[JOURNAL_NAME_MAX + 1];
    put_name(recording, JOURNAL_GATEWAY, 0, 0, node->id);
    for (size_t i = 0; i < node->setup_count; i++) {
        const struct event *event = &node->setup[i];
        struct text text = text_over(bytes, sizeof bytes);
        if (event->kind == EVENT_ATTACHMENT) {
            uint16_t number = event->attachment.attachment;
            text_attachment(&text, world, recording->node, number);
            put_name(recording, JOURNAL_ATTACHMENT, number, 0, bytes);
        } else if (event->kind == EVENT_NEIGHBOR) {
            text_neighbor(&text, world, recording->node, event->neighbor.neighbor);
            put_name(recording, JOURNAL_NEIGHBOR, event->neighbor.neighbor, 0, bytes);
        }
    }
    for (uint16_t i = 1; i <= node->port_count; i++)
        put_name(recording, JOURNAL_INTERFACE, i, 0, node->ports[i].name);
    for (size_t i = 0; i < world->node_count; i++) {
        const struct node *vpc = &world->nodes[i];
        if (vpc->kind == NODE_VPC && vpc->owner == recording->node)
            put_vpc_names(recording, vpc);
    }
}

/* -- segments -- */

static void end_segment(struct recording *recording)
{
    if (!recording->file)
        return;
    put_number(recording, JOURNAL_END, 0);
    if (fclose(recording->file) != 0 && recording->error == 0)
        recording->error = errno;
    recording->file = NULL;
}

static void begin_segment(struct recording *recording, const struct engine *engine, int64_t now_us)
{
    char path[4096];
    struct journal_header header = {.number = ++recording->segments,
                                    .build = journal_build,
                                    .tables = event_tables(),
                                    .wall_us = now_us,
                                    .time_us = now_us};
    end_segment(recording);
    snprintf(path, sizeof path, "%s/%08u.journal", recording->directory, header.number);
    recording->file = fopen(path, "wb");
    recording->size_bytes = 0;
    if (!recording->file && recording->error == 0)
        recording->error = errno;
    struct writer writer = begin(recording);
    journal_header_encode(&header, &writer);
    put(recording, writer.size);
    writer = begin(recording);
    journal_begin(&writer, JOURNAL_CONFIG);
    config_encode(engine_config_of(engine), &writer);
    finish(recording, &writer);
    put_names(recording);
}

static void put_checkpoint(struct recording *recording, const struct engine *engine)
{
    struct checkpoint_walk walk = {0};
    for (bool more = true; more;) {
        struct writer writer = begin(recording);
        journal_begin(&writer, JOURNAL_CHECKPOINT);
        more = checkpoint_write(&walk, engine, &writer);
        finish(recording, &writer);
    }
    put_number(recording, JOURNAL_CHECKPOINT_END, engine_digest(engine));
}

static void put_event(struct recording *recording, const struct event *event)
{
    struct writer writer = begin(recording);
    journal_begin(&writer, JOURNAL_EVENT);
    event_encode(event, &writer);
    finish(recording, &writer);
}

/* An engine that boots is another one: it needs no checkpoint. */
static void hear(void *ctx, const struct engine *engine, const struct event *event)
{
    struct recording *recording = ctx;
    if (event->kind == EVENT_BOOT)
        begin_segment(recording, engine, event->at_us);
    put_event(recording, event);
    if (!checkpoint_possible(engine))
        return;
    if (++recording->since_digest >= DIGEST_EVERY) {
        put_number(recording, JOURNAL_DIGEST, engine_digest(engine));
        recording->since_digest = 0;
    }
    if (recording->size_bytes >= SEGMENT_BYTES) {
        begin_segment(recording, engine, event->at_us);
        put_checkpoint(recording, engine);
    }
}

/* -- */

static bool has_journal(const char *directory)
{
    DIR *dir = opendir(directory);
    bool has = false;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t size = strlen(entry->d_name);
        has |= size > 8 && strcmp(entry->d_name + size - 8, ".journal") == 0;
    }
    if (dir)
        closedir(dir);
    return has;
}

static int find_gateway(struct cli *cli, const struct world *world, const char *name)
{
    int node = world_find_node(world, name);
    struct quoted shown = diagnostics_quote(name, strlen(name));
    if (node != WORLD_NONE && world->nodes[node].kind == NODE_GATEWAY)
        return node;
    cli_error(cli, "--node %s: no gateway is called so", shown.text);
    return WORLD_NONE;
}

struct recording *recording_create(struct cli *cli, const char *directory, const char *node,
                                   const struct world *world, enum cli_exit *ret_status)
{
    int at = find_gateway(cli, world, node);
    *ret_status = CLI_USAGE;
    if (at == WORLD_NONE)
        return NULL;
    if (has_journal(directory)) {
        cli_error(cli, "%s holds a journal already; expected a directory without one", directory);
        return NULL;
    }
    *ret_status = CLI_WORLD;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        cli_error(cli, "%s: %s", directory, strerror(errno));
        return NULL;
    }
    struct recording *recording = calloc(1, sizeof *recording);
    char *copy = strdup(directory);
    if (!recording || !copy) {
        cli_error(cli, "no memory for a journal");
        free(recording);
        free(copy);
        return NULL;
    }
    recording->cli = cli;
    recording->directory = copy;
    recording->world = world;
    recording->node = at;
    recording->listener = (struct sim_listener){at, recording, hear};
    *ret_status = CLI_FINE;
    return recording;
}

const struct sim_listener *recording_listener(const struct recording *recording)
{
    return &recording->listener;
}

bool recording_close(struct recording *recording)
{
    if (!recording)
        return true;
    end_segment(recording);
    bool fine = recording->error == 0;
    if (!fine)
        cli_error(recording->cli, "%s: %s", recording->directory, strerror(recording->error));
    free(recording->directory);
    free(recording);
    return fine;
}
