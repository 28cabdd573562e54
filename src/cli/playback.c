#include "cli/playback.h"

#include "base/sort.h"
#include "engine/checkpoint.h"
#include "engine/event_bytes.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEGMENTS_MAX = 1 << 16, PULL_BYTES = 64 << 10, ARENA_BYTES = 4096 };

static const char SUFFIX[] = ".journal";

static void *must(void *block)
{
    assert(block); /* as everywhere in this program */
    return block;
}

/* -- reading segments -- */

static void add_fault(struct playback *playback, size_t segment, size_t offset,
                      const char *sentence, bool torn)
{
    size_t count = playback->fault_count + 1;
    playback->faults = must(realloc(playback->faults, count * sizeof *playback->faults));
    playback->faults[playback->fault_count++] =
        (struct playback_fault){playback->segments[segment].path, offset, sentence, torn};
}

static struct slice rest_of(const struct playback_segment *segment, size_t at)
{
    return (struct slice){segment->bytes + at, segment->size - at};
}

static int64_t wall_of(const struct playback_segment *segment, int64_t time_us)
{
    return segment->header.wall_us + (time_us - segment->header.time_us);
}

/* Walks over all of it once: where its events begin, when they end, where it breaks off. */
static void survey(struct playback *playback, size_t index)
{
    struct playback_segment *segment = &playback->segments[index];
    size_t at = JOURNAL_HEADER_BYTES;
    struct journal_record record;
    enum journal_verdict verdict;
    segment->end_us = segment->header.wall_us;
    while ((verdict = journal_next(rest_of(segment, at), &record)) == JOURNAL_WHOLE) {
        if (record.kind == JOURNAL_EVENT && segment->body == 0) {
            segment->body = at;
            segment->has_state |= record.body.size > 0 && record.body.data[0] == EVENT_BOOT;
        }
        segment->has_state |= record.kind == JOURNAL_CHECKPOINT_END;
        if (record.kind == JOURNAL_EVENT && record.body.size >= 9) {
            struct cursor cursor = cursor_over(record.body);
            (void)cursor_u8(&cursor);
            segment->end_us = wall_of(segment, (int64_t)journal_u64(&cursor));
        }
        at += record.size_bytes;
    }
    if (at < segment->size)
        add_fault(playback, index, at,
                  verdict == JOURNAL_SHORT ? "the last record was not written to its end"
                                           : "the record's checksum is wrong",
                  verdict == JOURNAL_SHORT);
    segment->size = at; /* of no use behind it */
}

static enum cli_exit refuse(struct cli *cli, const char *path, const char *sentence)
{
    cli_error(cli, "%s: %s", path, sentence);
    return CLI_USAGE;
}

static enum cli_exit judge_header(struct cli *cli, const char *path, struct slice bytes,
                                  struct journal_header *ret_header)
{
    switch (journal_header_decode(bytes, ret_header)) {
    case JOURNAL_WHOLE:
        break;
    case JOURNAL_SHORT:
        return refuse(cli, path, "the segment ends within its header");
    case JOURNAL_BAD:
        return refuse(cli, path, "the segment's header is damaged");
    case JOURNAL_FOREIGN:
    default:
        return refuse(cli, path, "not a journal of this version of Sekisho");
    }
    if (ret_header->tables != event_tables() || ret_header->build != journal_build)
        return refuse(cli, path,
                      "written by another build; expected the sekisho that was built with the "
                      "sekishod that wrote it");
    return CLI_FINE;
}

static uint8_t *read_whole(const char *path, size_t *ret_size)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        if (file)
            fclose(file);
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *bytes = malloc(size + 1);
    *ret_size = bytes ? fread(bytes, 1, size, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    if (!failed)
        return bytes;
    free(bytes);
    return NULL;
}

static enum cli_exit add_segment(struct playback *playback, const char *path)
{
    struct playback_segment segment = {0};
    errno = 0;
    segment.bytes = read_whole(path, &segment.size);
    if (!segment.bytes) {
        cli_error(playback->cli, "%s: %s", path, errno ? strerror(errno) : "not a file");
        return errno == ENOMEM || errno == EIO ? CLI_WORLD : CLI_USAGE;
    }
    /* A segment that was never begun in earnest: the machine stopped right then. */
    struct slice bytes = {segment.bytes, segment.size};
    enum cli_exit status = judge_header(playback->cli, path, bytes, &segment.header);
    if (status != CLI_FINE) {
        free(segment.bytes);
        return status;
    }
    segment.path = must(strdup(path));
    size_t count = playback->segment_count + 1;
    playback->segments = must(realloc(playback->segments, count * sizeof *playback->segments));
    playback->segments[playback->segment_count++] = segment;
    return CLI_FINE;
}

static int by_number(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    const struct playback_segment *a = left, *b = right;
    return (a->header.number > b->header.number) - (a->header.number < b->header.number);
}

static bool is_segment_name(const char *name)
{
    size_t size = strlen(name), suffix = sizeof SUFFIX - 1;
    return size > suffix && strcmp(name + size - suffix, SUFFIX) == 0;
}

static enum cli_exit add_directory(struct playback *playback, const char *directory)
{
    DIR *dir = opendir(directory);
    enum cli_exit status = CLI_FINE;
    if (!dir) {
        cli_error(playback->cli, "%s: %s", directory, strerror(errno));
        return CLI_USAGE;
    }
    for (struct dirent *entry; status == CLI_FINE && (entry = readdir(dir));) {
        char path[4096];
        if (!is_segment_name(entry->d_name) || playback->segment_count == SEGMENTS_MAX)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        status = add_segment(playback, path);
    }
    closedir(dir);
    if (status != CLI_FINE || playback->segment_count > 0)
        return status;
    return refuse(playback->cli, directory,
                  "no journal is in this directory; its segments are "
                  "called 00000001.journal and so on");
}

enum cli_exit playback_open(struct cli *cli, const char *path, struct playback *ret_playback)
{
    struct stat status;
    struct playback playback = {.cli = cli, .node = WORLD_NONE, .world = must(world_create())};
    bool directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    enum cli_exit opened =
        directory ? add_directory(&playback, path) : add_segment(&playback, path);
    if (opened != CLI_FINE) {
        playback_done(&playback);
        return opened;
    }
    struct playback_segment *scratch = must(calloc(playback.segment_count, sizeof *scratch));
    sort_stable(playback.segments, playback.segment_count, sizeof *scratch, scratch, by_number,
                NULL);
    free(scratch);
    *ret_playback = playback;
    budget_init(&ret_playback->budget, world_alloc(), 0);
    arena_init(&ret_playback->arena, &ret_playback->budget, ARENA_BYTES);
    for (size_t i = 0; i < playback.segment_count; i++)
        survey(ret_playback, i);
    return CLI_FINE;
}

void playback_done(struct playback *playback)
{
    for (size_t i = 0; i < playback->segment_count; i++) {
        free(playback->segments[i].path);
        free(playback->segments[i].bytes);
    }
    for (size_t i = 0; i < playback->name_count; i++)
        free(playback->names[i].text);
    free(playback->segments);
    free(playback->names);
    free(playback->faults);
    world_destroy(playback->world);
    if (playback->budget.alloc.get)
        arena_done(&playback->arena);
    *playback = (struct playback){0};
}

int64_t playback_first_us(const struct playback *playback)
{
    return playback->segments[0].header.wall_us;
}

int64_t playback_last_us(const struct playback *playback)
{
    return playback->segments[playback->segment_count - 1].end_us;
}

/* -- the state that a segment begins with -- */

static struct node *node_of(const struct playback *playback)
{
    return &playback->world->nodes[playback->node];
}

const struct engine *playback_engine(const struct playback *playback)
{
    bool known = playback->node != WORLD_NONE && !playback->lost;
    return known ? node_of(playback)->engine : NULL;
}

static void keep_name(struct playback *playback, const struct journal_name *said)
{
    char *text = must(strndup((const char *)said->text.data, said->text.size));
    for (size_t i = 0; i < playback->name_count; i++) {
        struct playback_name *name = &playback->names[i];
        if (name->kind == said->kind && name->number == said->number && name->of == said->of) {
            free(name->text);
            name->text = text;
            return;
        }
    }
    size_t count = playback->name_count + 1;
    playback->names = must(realloc(playback->names, count * sizeof *playback->names));
    playback->names[playback->name_count++] =
        (struct playback_name){said->kind, said->number, said->of, text};
}

const char *playback_name_of(const struct playback *playback, enum journal_name_kind kind,
                             uint16_t number, uint16_t of)
{
    for (size_t i = 0; i < playback->name_count; i++) {
        const struct playback_name *name = &playback->names[i];
        if (name->kind == kind && name->number == number && name->of == of)
            return name->text;
    }
    return NULL;
}

static void take_entries(struct playback *playback, const struct step *step, int64_t now_us)
{
    struct kernel *kernel = &node_of(playback)->kernel;
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect_entry *entry = &step->effects[i].entry;
        if (step->effects[i].kind != EFFECT_ENTRY)
            continue;
        struct kernel_entry held = {.port = entry->interface,
                                    .neighbor = entry->neighbor,
                                    .gateway = entry->gateway,
                                    .source = entry->source,
                                    .since_us = now_us};
        if (entry->present)
            kernel_set(kernel, entry->prefix, &held);
        else if (kernel_exact(kernel, entry->prefix))
            kernel_remove(kernel, entry->prefix);
    }
}

/* What the neighbors are told goes nowhere, but it must go, or the engine would keep it for them.
 */
static void pull(struct engine *engine, const struct step *step)
{
    static uint8_t bytes[PULL_BYTES];
    for (uint32_t i = 0; i < step->effect_count; i++) {
        const struct effect *effect = &step->effects[i];
        while ((effect->kind == EFFECT_SEND || effect->kind == EFFECT_CLOSE) &&
               engine_pull(engine, effect->connection, bytes, sizeof bytes) > 0)
            continue;
    }
}

/* A config is an engine to be. */
static bool take_config(struct playback *playback, struct slice body)
{
    struct platform_profile *profile = must(calloc(1, sizeof *profile));
    struct engine_config config;
    if (!config_decode(body, &config, profile)) {
        free(profile);
        return false;
    }
    if (playback->node == WORLD_NONE)
        playback->node = world_add_node(playback->world, NODE_GATEWAY, "gateway");
    struct node *node = node_of(playback);
    engine_destroy(node->engine);
    kernel_clear(&node->kernel);
    free(node->profile);
    config.alloc = world_alloc();
    config.profile = node->profile = profile;
    config.budget_bytes = 0; /* the journal's own engine did not fail here for want of memory */
    node->config = config;
    node->platform = profile->platform;
    node->engine = must(engine_create(&config));
    return true;
}

static const char *take_part(struct playback *playback, struct checkpoint_reader *reader,
                             struct slice body)
{
    struct engine *engine = node_of(playback)->engine;
    struct step step;
    if (!checkpoint_read(reader, engine, body, &step))
        return "the checkpoint is none that an engine has written";
    take_entries(playback, &step, playback->segments[playback->segment].header.time_us);
    pull(engine, &step);
    return NULL;
}

/* One record before the events; NULL: it was taken. */
static const char *take_opening(struct playback *playback, struct checkpoint_reader *reader,
                                const struct journal_record *record)
{
    struct journal_name name;
    if (record->kind == JOURNAL_CONFIG)
        return take_config(playback, record->body) ? NULL : "the config is none of an engine's";
    if (record->kind == JOURNAL_NAME) {
        if (!journal_name_decode(record->body, &name))
            return "a name is none";
        keep_name(playback, &name);
        return NULL;
    }
    bool checkpoint = record->kind == JOURNAL_CHECKPOINT || record->kind == JOURNAL_CHECKPOINT_END;
    if (!checkpoint)
        return NULL;
    if (playback->node == WORLD_NONE || !node_of(playback)->engine)
        return "a checkpoint comes before its config";
    if (record->kind == JOURNAL_CHECKPOINT)
        return take_part(playback, reader, record->body);
    struct cursor cursor = cursor_over(record->body);
    uint64_t digest = journal_u64(&cursor);
    playback->checkpoints++;
    bool same = reader->whole && digest == engine_digest(node_of(playback)->engine);
    playback->digests++;
    playback->wrong_digests += !same;
    return same ? NULL : "what the checkpoint makes is not what was there";
}

/* The engine as of the segment's beginning. */
static bool open_segment(struct playback *playback, size_t index)
{
    struct playback_segment *segment = &playback->segments[index];
    struct checkpoint_reader *reader = must(calloc(1, sizeof *reader));
    struct journal_record record;
    const char *wrong = NULL;
    size_t at = JOURNAL_HEADER_BYTES;
    size_t end = segment->body ? segment->body : segment->size;
    playback->segment = index;
    playback->wall_us = segment->header.wall_us - segment->header.time_us;
    while (!wrong && at < end && journal_next(rest_of(segment, at), &record) == JOURNAL_WHOLE) {
        wrong = take_opening(playback, reader, &record);
        at += record.size_bytes;
    }
    if (playback->node != WORLD_NONE && node_of(playback)->engine)
        checkpoint_read_done(reader, node_of(playback)->engine);
    free(reader);
    playback->at = at;
    playback->lost = wrong || playback->node == WORLD_NONE || !node_of(playback)->engine;
    if (wrong)
        add_fault(playback, index, at - record.size_bytes, wrong, false);
    return !playback->lost;
}

bool playback_begin(struct playback *playback, int64_t wall_us)
{
    size_t index = playback->segment_count;
    while (index-- > 0) {
        const struct playback_segment *segment = &playback->segments[index];
        bool early = segment->header.wall_us <= wall_us;
        if (early && segment->has_state && open_segment(playback, index))
            return true;
    }
    return false;
}

/* -- playing -- */

/* The next segment goes on where this one ended, or begins anew. */
static bool next_segment(struct playback *playback, int64_t until_us)
{
    size_t index = playback->segment + 1;
    if (index >= playback->segment_count || playback->segments[index].header.wall_us > until_us)
        return false;
    struct playback_segment *segment = &playback->segments[index];
    bool follows = segment->header.number == playback->segments[index - 1].header.number + 1;
    if (segment->has_state) {
        (void)open_segment(playback, index); /* if not, the fault is kept */
        return true;
    }
    playback->lost |= !follows;
    playback->segment = index;
    playback->at = segment->body ? segment->body : segment->size;
    playback->wall_us = segment->header.wall_us - segment->header.time_us;
    return true;
}

static void play_event(struct playback *playback, const struct journal_record *record,
                       struct playback_moment *moment)
{
    struct engine *engine = node_of(playback)->engine;
    arena_reset(&playback->arena);
    if (!event_decode(record->body, &playback->arena, &moment->event)) {
        add_fault(playback, playback->segment, playback->at, "the event is none", false);
        playback->lost = true;
        return;
    }
    const char *objection = event_objection(engine, &moment->event);
    if (objection) {
        add_fault(playback, playback->segment, playback->at, objection, false);
        playback->lost = true;
        return;
    }
    struct step step = engine_step(engine, &moment->event);
    take_entries(playback, &step, moment->event.at_us);
    pull(engine, &step);
    moment->effects = step.effects;
    moment->effect_count = step.effect_count;
    playback->events++;
}

static void play_other(struct playback *playback, const struct journal_record *record,
                       struct playback_moment *moment)
{
    struct cursor cursor = cursor_over(record->body);
    struct journal_name name;
    uint64_t number = journal_u64(&cursor);
    if (record->kind == JOURNAL_DIGEST && !playback->lost) {
        bool same = number == engine_digest(node_of(playback)->engine);
        playback->digests++;
        playback->wrong_digests += !same;
        moment->number = same;
    } else if (record->kind == JOURNAL_GAP) {
        playback->gaps++;
        playback->lost_events += number;
        playback->lost = true;
        moment->number = number;
    } else if (record->kind == JOURNAL_CLOCK) {
        int64_t time_us = (int64_t)journal_u64(&cursor);
        playback->wall_us = (int64_t)number - time_us;
    } else if (record->kind == JOURNAL_NAME && journal_name_decode(record->body, &name)) {
        keep_name(playback, &name);
    }
}

/* When the record is of: an event's own time; anything else is of the event before it. */
static int64_t time_of(const struct playback *playback, const struct journal_record *record,
                       int64_t before_us)
{
    if (record->kind != JOURNAL_EVENT)
        return before_us;
    struct cursor cursor = cursor_over(record->body);
    (void)cursor_u8(&cursor);
    return playback->wall_us + (int64_t)journal_u64(&cursor);
}

bool playback_next(struct playback *playback, int64_t until_us, struct playback_moment *ret_moment)
{
    struct journal_record record;
    const struct playback_segment *segment = &playback->segments[playback->segment];
    while (journal_next(rest_of(segment, playback->at), &record) != JOURNAL_WHOLE) {
        if (!next_segment(playback, until_us))
            return false;
        segment = &playback->segments[playback->segment];
    }
    struct playback_moment moment = {.kind = record.kind};
    moment.wall_us = time_of(playback, &record, INT64_MIN);
    if (moment.wall_us > until_us)
        return false;
    if (record.kind != JOURNAL_EVENT)
        play_other(playback, &record, &moment);
    else if (!playback->lost)
        play_event(playback, &record, &moment);
    playback->at += record.size_bytes;
    *ret_moment = moment;
    return true;
}

/* -- names -- */

static const char *or_unnamed(const char *name)
{
    return name ? name : "?";
}

static void name_ports(struct playback *playback, uint16_t count)
{
    for (uint16_t i = 1; i <= count; i++) {
        struct port port = {.up = true,
                            .kind = PORT_LAN,
                            .peer = WORLD_NONE,
                            .tunnel = WORLD_NONE,
                            .connection = WORLD_NONE};
        const char *name = playback_name_of(playback, JOURNAL_INTERFACE, i, 0);
        snprintf(port.name, sizeof port.name, "%s", or_unnamed(name));
        node_add_port(node_of(playback), port);
    }
}

static void name_tunnel(struct playback *playback, const struct event_neighbor *said,
                        const char *name)
{
    struct world *world = playback->world;
    const char *connection = playback_name_of(playback, JOURNAL_ATTACHMENT, said->attachment, 0);
    int at = world_find_connection(world, or_unnamed(connection));
    if (at == WORLD_NONE) {
        at = world_add_connection(world, or_unnamed(connection));
        world->connections[at].gateway = playback->node;
        world->connections[at].router = WORLD_NONE;
        world->connections[at].attachment = said->attachment;
    }
    int tunnel = world_add_tunnel(world, name);
    world->tunnels[tunnel].connection = at;
    world->tunnels[tunnel].ends[TUNNEL_GATEWAY] =
        (struct tunnel_end){.node = playback->node,
                            .port = said->interface,
                            .neighbor = said->neighbor,
                            .outer_local = said->outside_addr,
                            .inside = said->local_addr};
    world->tunnels[tunnel].ends[TUNNEL_CUSTOMER].node = WORLD_NONE;
    node_of(playback)->ports[said->interface].kind = PORT_TUNNEL;
    node_of(playback)->ports[said->interface].tunnel = tunnel;
}

static void name_direct_connect(struct playback *playback, const struct event_neighbor *said,
                                const char *name)
{
    int at = world_add_direct_connect(playback->world, name);
    struct direct_connect *direct = &playback->world->direct_connects[at];
    direct->gateway = playback->node;
    direct->router = WORLD_NONE;
    direct->gateway_port = said->interface;
    direct->attachment = said->attachment;
    direct->neighbor = said->neighbor;
    node_of(playback)->ports[said->interface].kind = PORT_DX;
}

static void name_vpc(struct playback *playback, const struct engine *engine, uint16_t number)
{
    const char *name = or_unnamed(playback_name_of(playback, JOURNAL_VPC, number, 0));
    int at = world_add_node(playback->world, NODE_VPC, name);
    struct node *vpc = &playback->world->nodes[at];
    vpc->vpc = number;
    vpc->owner = playback->node;
    const struct vpc *tables = engine_vpc(engine, number);
    for (uint16_t i = 1; i <= tables->tables.high; i++)
        node_add_table(vpc, or_unnamed(playback_name_of(playback, JOURNAL_TABLE, i, number)));
    const char *target;
    for (uint16_t i = 1; (target = playback_name_of(playback, JOURNAL_TARGET, i, number)); i++)
        node_add_target(vpc, (struct route_target){.id = must(strdup(target)), .node = WORLD_NONE});
}

static void name_neighbors(struct playback *playback, const struct engine *engine)
{
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        const struct event_neighbor *said = engine_neighbor(engine, i);
        struct event event = {.kind = EVENT_NEIGHBOR, .neighbor = *said};
        const char *name = or_unnamed(playback_name_of(playback, JOURNAL_NEIGHBOR, i, 0));
        node_add_setup(node_of(playback), &event);
        if (said->interface == 0)
            continue;
        if (engine_attachment(engine, said->attachment)->kind == ATTACHMENT_DX)
            name_direct_connect(playback, said, name);
        else
            name_tunnel(playback, said, name);
    }
}

void playback_name_all(struct playback *playback)
{
    const struct engine *engine = node_of(playback)->engine;
    const char *gateway = playback_name_of(playback, JOURNAL_GATEWAY, 0, 0);
    uint16_t ports = 0;
    if (gateway) {
        free(node_of(playback)->id);
        node_of(playback)->id = must(strdup(gateway));
    }
    for (size_t i = 0; i < playback->name_count; i++) {
        const struct playback_name *name = &playback->names[i];
        if (name->kind == JOURNAL_INTERFACE && name->number > ports)
            ports = name->number;
    }
    for (uint16_t i = 1; i <= engine_neighbor_count(engine); i++) {
        uint16_t interface = engine_neighbor(engine, i)->interface;
        ports = interface > ports ? interface : ports;
    }
    name_ports(playback, ports);
    for (uint16_t i = 1; i <= engine_attachment_count(engine); i++) {
        struct event event = {.kind = EVENT_ATTACHMENT,
                              .attachment = *engine_attachment(engine, i)};
        node_add_setup(node_of(playback), &event);
    }
    name_neighbors(playback, engine);
    for (uint16_t i = 1; i <= engine_vpc_count(engine); i++)
        name_vpc(playback, engine, i);
}
