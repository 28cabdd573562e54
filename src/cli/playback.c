#include "cli/playback.h"

#include "engine/checkpoint.h"
#include "engine/event_bytes.h"
#include "world/names.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PULL_BYTES = 64 << 10, ARENA_BYTES = 4096 };

static void *must(void *block)
{
    assert(block); /* as everywhere in this program */
    return block;
}

enum cli_exit playback_open(struct cli *cli, const char *path, struct playback *ret_playback)
{
    struct tape tape;
    enum cli_exit opened = tape_open(cli, path, &tape);
    if (opened != CLI_FINE)
        return opened;
    *ret_playback = (struct playback){.cli = cli,
                                      .tape = tape,
                                      .node = WORLD_NONE,
                                      .world = must(world_create()),
                                      .at = JOURNAL_HEADER_BYTES,
                                      .lost = true}; /* until a state is found */
    budget_init(&ret_playback->budget, world_alloc(), 0);
    arena_init(&ret_playback->arena, &ret_playback->budget, ARENA_BYTES);
    return CLI_FINE;
}

void playback_done(struct playback *playback)
{
    for (size_t i = 0; i < playback->name_count; i++)
        free(playback->names[i].text);
    free(playback->names);
    tape_done(&playback->tape);
    world_destroy(playback->world);
    if (playback->budget.alloc.get)
        arena_done(&playback->arena);
    *playback = (struct playback){0};
}

int64_t playback_first_us(const struct playback *playback)
{
    return playback->tape.segments[0].header.wall_us;
}

int64_t playback_last_us(const struct playback *playback)
{
    return playback->tape.segments[playback->tape.segment_count - 1].end_us;
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
    char *text = must(calloc(1, said->text.size + 1));
    memcpy(text, said->text.data, said->text.size);
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
    take_entries(playback, &step, playback->tape.segments[playback->segment].header.time_us);
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
    struct tape_segment *segment = &playback->tape.segments[index];
    struct checkpoint_reader *reader = must(calloc(1, sizeof *reader));
    struct journal_record record;
    const char *wrong = NULL;
    size_t at = JOURNAL_HEADER_BYTES;
    size_t end = segment->body ? segment->body : segment->size;
    playback->segment = index;
    playback->wall_us = segment->header.wall_us - segment->header.time_us;
    while (!wrong && at < end &&
           journal_next(tape_rest(&playback->tape, index, at), &record) == JOURNAL_WHOLE) {
        wrong = take_opening(playback, reader, &record);
        at += record.size_bytes;
    }
    if (playback->node != WORLD_NONE && node_of(playback)->engine)
        checkpoint_read_done(reader, node_of(playback)->engine);
    free(reader);
    playback->at = at;
    playback->lost = wrong || playback->node == WORLD_NONE || !node_of(playback)->engine;
    if (wrong)
        tape_fault(&playback->tape, index, at - record.size_bytes, wrong, false);
    return !playback->lost;
}

bool playback_begin(struct playback *playback, int64_t wall_us)
{
    size_t index = playback->tape.segment_count;
    while (index-- > 0) {
        const struct tape_segment *segment = &playback->tape.segments[index];
        bool early = segment->header.wall_us <= wall_us;
        if (early && segment->has_state && open_segment(playback, index))
            return true;
    }
    return false;
}

/* -- playing -- */

/* Who played up to a checkpoint knows what must be in it. */
static void compare(struct playback *playback, const struct tape_segment *segment)
{
    if (playback->lost || !playback->whole)
        return;
    bool same = segment->digest == engine_digest(node_of(playback)->engine);
    playback->digests++;
    playback->wrong_digests += !same;
}

/* The next segment goes on where this one ended, or begins anew. */
static bool next_segment(struct playback *playback, int64_t until_us)
{
    size_t index = playback->segment + 1;
    const struct tape *tape = &playback->tape;
    if (index >= tape->segment_count || tape->segments[index].header.wall_us > until_us)
        return false;
    const struct tape_segment *segment = &tape->segments[index], *before = segment - 1;
    uint32_t number = before->header.number;
    bool follows = before->checkpoint ? segment->header.number == number
                                      : segment->header.number == number + 1 && before->ended;
    playback->whole = follows;
    if (segment->has_state) {
        if (segment->checkpoint)
            compare(playback, segment);
        (void)open_segment(playback, index); /* if not, the fault is kept */
        return true;
    }
    playback->lost |= !follows;
    playback->segment = index;
    playback->at = JOURNAL_HEADER_BYTES;
    playback->wall_us = segment->header.wall_us - segment->header.time_us;
    return true;
}

static void play_event(struct playback *playback, const struct journal_record *record,
                       struct playback_moment *moment)
{
    struct engine *engine = node_of(playback)->engine;
    arena_reset(&playback->arena);
    if (!event_decode(record->body, &playback->arena, &moment->event)) {
        tape_fault(&playback->tape, playback->segment, playback->at, "the event is none", false);
        playback->lost = true;
        return;
    }
    const char *objection = event_objection(engine, &moment->event);
    if (objection) {
        tape_fault(&playback->tape, playback->segment, playback->at, objection, false);
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
    while (journal_next(tape_rest(&playback->tape, playback->segment, playback->at), &record) !=
           JOURNAL_WHOLE) {
        if (!next_segment(playback, until_us))
            return false;
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

static struct direct_connect *direct_connect_at(struct playback *playback, uint16_t port)
{
    struct world *world = playback->world;
    for (size_t i = 0; i < world->direct_connect_count; i++) {
        if (world->direct_connects[i].gateway_port == port)
            return &world->direct_connects[i];
    }
    return NULL;
}

/* A virtual interface may have two sessions, of which the one over IPv6 is called dxvif-1/ipv6; to
 * the port that has an address of IPv4, too, that is the second one's name (world/names.c). */
static void name_direct_connect(struct playback *playback, const struct event_neighbor *said,
                                const char *name)
{
    static const char second[] = NAME_SECOND_SESSION;
    struct port *port = &node_of(playback)->ports[said->interface];
    struct direct_connect *direct = direct_connect_at(playback, said->interface);
    size_t length = strlen(name), tail = sizeof second - 1;
    bool is_second = length > tail && strcmp(name + length - tail, second) == 0;
    if (!direct) {
        char *id = must(strndup(name, is_second ? length - tail : length));
        int at = world_add_direct_connect(playback->world, id);
        free(id);
        direct = &playback->world->direct_connects[at];
        direct->gateway = playback->node;
        direct->router = WORLD_NONE;
        direct->gateway_port = said->interface;
        direct->attachment = said->attachment;
    }
    *(is_second ? &direct->neighbor_six : &direct->neighbor) = said->neighbor;
    if (!ip_is_six(said->local_addr))
        port->addr = said->local_addr;
    port->kind = PORT_DX;
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
