#define _GNU_SOURCE /* struct ucred */
#include "plane/vici_line.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    FIRST_WAIT_MS = 20,
    LAST_WAIT_MS = 1000,
    READ_BYTES = 4096, /* what the buffer has at least free when it reads */
    KEEP_BYTES = 64 * 1024,
};

struct ask {
    struct ask *next;
    uint8_t *bytes; /* NULL: sent */
    size_t size;
    char stream[VICI_LINE_EVENT_BYTES]; /* "": none */
    vici_heard *piece;
    vici_answered *answered;
    void *of;
};

/* One connection. A line that breaks lets go of it, and it is freed when libuv has closed it. */
struct wire {
    uv_pipe_t pipe;
    uv_connect_t connect;
    struct vici_line *line; /* NULL: let go */
};

struct sent {
    uv_write_t request;
    size_t size;
    uint8_t bytes[];
};

struct vici_line {
    uv_loop_t *loop;
    struct vici_ears ears;
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    uv_timer_t timer; /* for the next attempt, or for patience */
    uint64_t wait_ms; /* before the next attempt */
    struct wire *wire;
    bool once;                     /* over a pair: no other attempt */
    bool connected, open, expects; /* expects: something was sent that is answered in turn */
    char events[VICI_LINE_EVENTS_MAX][VICI_LINE_EVENT_BYTES];
    unsigned event_count, registered;
    struct ask *first, **last; /* the first may be under way */
    unsigned ask_count;
    uint8_t *got;
    size_t got_size, got_cap;
};

/* Requests are small and bounded; a machine that has not even that much left ends us. */
static void *grown(void *block, size_t size)
{
    block = realloc(block, size);
    if (!block)
        abort();
    return block;
}

static void *zeroed(size_t size)
{
    return memset(grown(NULL, size), 0, size);
}

static void wiped(uint8_t *bytes, size_t size)
{
    if (bytes)
        explicit_bzero(bytes, size);
    free(bytes);
}

static void advance(struct vici_line *line);
static void begin(struct vici_line *line);

/* -- an end, and another beginning -- */

static void wire_closed(uv_handle_t *pipe)
{
    free(pipe->data);
}

static void let_go(struct vici_line *line)
{
    struct wire *wire = line->wire;
    line->wire = NULL;
    line->connected = line->expects = false;
    line->registered = 0;
    if (line->got)
        explicit_bzero(line->got, line->got_cap);
    line->got_size = 0;
    if (!wire)
        return;
    wire->line = NULL;
    uv_close((uv_handle_t *)&wire->pipe, wire_closed);
}

static void answer(struct ask *ask, enum vici_outcome outcome, struct slice message)
{
    if (ask->answered)
        ask->answered(ask->of, outcome, message);
    wiped(ask->bytes, ask->size);
    free(ask);
}

/* What was asked before the line broke; what is asked while they are told waits for the next. */
static void fail_all(struct vici_line *line)
{
    struct ask *ask = line->first;
    line->first = NULL;
    line->last = &line->first;
    line->ask_count = 0;
    while (ask) {
        struct ask *next = ask->next;
        answer(ask, VICI_BROKEN, (struct slice){0});
        ask = next;
    }
}

static void due(uv_timer_t *timer)
{
    struct vici_line *line = timer->data;
    if (line->wire)
        vici_line_break(line); /* patience is at its end */
    else
        begin(line);
}

void vici_line_break(struct vici_line *line)
{
    bool was_open = line->open;
    line->open = false;
    let_go(line);
    uv_timer_stop(&line->timer);
    if (!line->once) {
        uv_timer_start(&line->timer, due, line->wait_ms, 0);
        line->wait_ms = line->wait_ms * 2 > LAST_WAIT_MS ? LAST_WAIT_MS : line->wait_ms * 2;
    }
    fail_all(line);
    if (was_open)
        line->ears.closed(line->ears.of);
}

/* -- writing -- */

static void written(uv_write_t *request, int status)
{
    struct sent *sent = request->data;
    (void)status; /* reading hears of it */
    explicit_bzero(sent->bytes, sent->size);
    free(sent);
}

static void send_bytes(struct vici_line *line, struct slice bytes)
{
    struct sent *sent = grown(NULL, sizeof *sent + bytes.size);
    sent->size = bytes.size;
    sent->request.data = sent;
    memcpy(sent->bytes, bytes.data, bytes.size);
    uv_buf_t buffer = uv_buf_init((char *)sent->bytes, (unsigned)bytes.size);
    line->expects = true;
    uv_timer_start(&line->timer, due, VICI_LINE_PATIENCE_MS, 0);
    if (uv_write(&sent->request, (uv_stream_t *)&line->wire->pipe, &buffer, 1, written))
        written(&sent->request, 0); /* no answer comes, and patience ends it */
}

static void send_register(struct vici_line *line, const char *event)
{
    uint8_t room[VICI_LENGTH_BYTES + 2 + VICI_NAME_MAX];
    struct writer writer = writer_over(room, sizeof room);
    vici_begin(&writer, VICI_REGISTER, event);
    vici_end(&writer);
    send_bytes(line, writer_slice(&writer));
}

static bool is_wanted(const struct vici_line *line, const char *event)
{
    for (unsigned i = 0; i < line->event_count; i++)
        if (strcmp(line->events[i], event) == 0)
            return true;
    return false;
}

void vici_line_want(struct vici_line *line, const char *event)
{
    size_t size = strlen(event);
    if (is_wanted(line, event))
        return;
    assert(line->event_count < VICI_LINE_EVENTS_MAX && size < VICI_LINE_EVENT_BYTES);
    memcpy(line->events[line->event_count++], event, size + 1);
}

/* Sends what is next, unless something is under way. */
static void advance(struct vici_line *line)
{
    if (!line->connected || line->expects)
        return;
    if (line->registered < line->event_count) {
        send_register(line, line->events[line->registered]);
        return;
    }
    if (!line->open) {
        line->open = true;
        line->wait_ms = FIRST_WAIT_MS;
        line->ears.opened(line->ears.of);
    }
    struct ask *ask = line->first;
    if (!line->connected || line->expects || !ask)
        return; /* what was opened may have asked, or broken it */
    send_bytes(line, (struct slice){ask->bytes, ask->size});
    wiped(ask->bytes, ask->size);
    ask->bytes = NULL;
}

bool vici_line_ask(struct vici_line *line, struct slice request, const char *stream,
                   vici_heard *piece, vici_answered *answered, void *of)
{
    if (!line->open || line->ask_count == VICI_LINE_QUEUE_MAX)
        return false;
    if (stream)
        vici_line_want(line, stream);
    struct ask *ask = zeroed(sizeof *ask);
    ask->bytes = grown(NULL, request.size);
    memcpy(ask->bytes, request.data, request.size);
    ask->size = request.size;
    if (stream)
        memcpy(ask->stream, stream, strlen(stream) + 1);
    ask->piece = piece;
    ask->answered = answered;
    ask->of = of;
    *line->last = ask;
    line->last = &ask->next;
    line->ask_count++;
    advance(line);
    return true;
}

/* -- reading -- */

static bool is_named(struct slice name, const char *text)
{
    return name.size == strlen(text) && memcmp(name.data, text, name.size) == 0;
}

/* The first command was sent, and what comes next is its answer. */
static bool is_running(const struct vici_line *line)
{
    return line->first && !line->first->bytes;
}

static void heard_event(struct vici_line *line, const struct vici_packet *packet)
{
    struct ask *ask = line->first;
    if (is_running(line) && ask->stream[0] && is_named(packet->name, ask->stream)) {
        if (ask->piece)
            ask->piece(ask->of, packet->name, packet->message);
    } else {
        line->ears.heard(line->ears.of, packet->name, packet->message);
    }
}

static bool heard_answer(struct vici_line *line, const struct vici_packet *packet)
{
    struct ask *ask = line->first;
    if (!line->expects || !is_running(line))
        return false;
    line->first = ask->next;
    if (!line->first)
        line->last = &line->first;
    line->ask_count--;
    line->expects = false;
    uv_timer_stop(&line->timer);
    answer(ask, packet->type == VICI_RESPONSE ? VICI_ANSWERED : VICI_REFUSED, packet->message);
    return true;
}

static bool heard_confirm(struct vici_line *line)
{
    if (!line->expects || is_running(line) || line->registered == line->event_count)
        return false;
    line->expects = false;
    uv_timer_stop(&line->timer);
    line->registered++;
    return true;
}

/* false: that cannot be right. */
static bool heard_packet(struct vici_line *line, const struct vici_packet *packet)
{
    if (!vici_message_check(packet->message))
        return false;
    switch (packet->type) {
    case VICI_EVENT:
        heard_event(line, packet);
        return true;
    case VICI_RESPONSE:
    case VICI_UNKNOWN_COMMAND:
        return heard_answer(line, packet);
    case VICI_CONFIRM:
    case VICI_UNKNOWN_EVENT: /* an older charon does without */
        return heard_confirm(line);
    case VICI_REQUEST:
    case VICI_REGISTER:
    case VICI_UNREGISTER:
    case VICI_PACKET_TYPES:
        break;
    }
    return false;
}

/* Whole packets, one after the other; what remains is the beginning of the next. */
static void take_packets(struct vici_line *line)
{
    struct wire *wire = line->wire;
    size_t taken = 0;
    for (;;) {
        struct vici_packet packet;
        struct slice rest = {line->got + taken, line->got_size - taken};
        enum vici_verdict verdict = vici_packet(rest, &packet);
        if (verdict == VICI_MORE)
            break;
        bool right = verdict == VICI_WHOLE && heard_packet(line, &packet);
        if (!wire->line) /* it broke meanwhile */
            return;
        if (!right) {
            vici_line_break(line);
            return;
        }
        taken += packet.size_bytes;
        advance(line);
        if (!wire->line)
            return;
    }
    line->got_size -= taken;
    memmove(line->got, line->got + taken, line->got_size);
}

/* Room for what is still missing of the packet, and READ_BYTES at least. */
static void give_room(uv_handle_t *pipe, size_t wished, uv_buf_t *ret_buffer)
{
    struct vici_line *line = ((struct wire *)pipe->data)->line;
    (void)wished;
    if (!line) {
        *ret_buffer = uv_buf_init(NULL, 0);
        return;
    }
    struct cursor cursor = cursor_over((struct slice){line->got, line->got_size});
    size_t whole = (size_t)cursor_u32(&cursor) + VICI_LENGTH_BYTES;
    size_t needed = line->got_size + READ_BYTES;
    if (!cursor.failed && whole <= VICI_LENGTH_BYTES + VICI_PACKET_MAX && whole > needed)
        needed = whole;
    if (needed > line->got_cap || (line->got_cap > KEEP_BYTES && needed <= KEEP_BYTES)) {
        line->got = grown(line->got, needed);
        line->got_cap = needed;
    }
    *ret_buffer =
        uv_buf_init((char *)line->got + line->got_size, (unsigned)(line->got_cap - line->got_size));
}

static void heard(uv_stream_t *pipe, ssize_t size, const uv_buf_t *buffer)
{
    struct vici_line *line = ((struct wire *)pipe->data)->line;
    (void)buffer;
    if (!line || size == 0)
        return;
    if (size < 0) {
        vici_line_break(line);
        return;
    }
    line->got_size += (size_t)size;
    take_packets(line);
}

/* -- beginning -- */

static void start_reading(struct vici_line *line)
{
    if (uv_read_start((uv_stream_t *)&line->wire->pipe, give_room, heard)) {
        vici_line_break(line);
        return;
    }
    line->connected = true;
    advance(line);
}

static void connected(uv_connect_t *connect, int status)
{
    struct vici_line *line = ((struct wire *)connect->data)->line;
    if (!line)
        return;
    if (status)
        vici_line_break(line);
    else
        start_reading(line);
}

static bool make_wire(struct vici_line *line)
{
    struct wire *wire = zeroed(sizeof *wire);
    if (uv_pipe_init(line->loop, &wire->pipe, 0)) {
        free(wire);
        return false;
    }
    wire->pipe.data = wire->connect.data = wire;
    wire->line = line;
    line->wire = wire;
    return true;
}

static void begin(struct vici_line *line)
{
    if (make_wire(line))
        uv_pipe_connect(&line->wire->connect, &line->wire->pipe, line->path, connected);
    else
        vici_line_break(line);
}

static void begin_over(uv_timer_t *timer)
{
    start_reading(timer->data);
}

static struct vici_line *line_made(uv_loop_t *loop, const struct vici_ears *ears)
{
    struct vici_line *line = zeroed(sizeof *line);
    line->loop = loop;
    line->ears = *ears;
    line->wait_ms = FIRST_WAIT_MS;
    line->last = &line->first;
    if (uv_timer_init(loop, &line->timer)) {
        free(line);
        return NULL;
    }
    line->timer.data = line;
    return line;
}

struct vici_line *vici_line_create(uv_loop_t *loop, const char *path, const struct vici_ears *ears)
{
    struct vici_line *line = line_made(loop, ears);
    assert(strlen(path) < sizeof line->path);
    if (!line)
        return NULL;
    memcpy(line->path, path, strlen(path) + 1);
    uv_timer_start(&line->timer, due, 0, 0); /* so that events can be wanted first */
    return line;
}

struct vici_line *vici_line_over(uv_loop_t *loop, int fd, const struct vici_ears *ears)
{
    struct vici_line *line = line_made(loop, ears);
    if (!line)
        return NULL;
    line->once = true;
    if (!make_wire(line) || uv_pipe_open(&line->wire->pipe, fd)) {
        vici_line_destroy(line);
        return NULL;
    }
    uv_timer_start(&line->timer, begin_over, 0, 0);
    return line;
}

static void line_closed(uv_handle_t *timer)
{
    struct vici_line *line = timer->data;
    wiped(line->got, line->got_cap);
    free(line);
}

void vici_line_destroy(struct vici_line *line)
{
    if (!line)
        return;
    let_go(line);
    for (struct ask *ask = line->first, *next; ask; ask = next) {
        next = ask->next;
        ask->answered = NULL;
        answer(ask, VICI_BROKEN, (struct slice){0});
    }
    uv_close((uv_handle_t *)&line->timer, line_closed);
}

bool vici_line_is_open(const struct vici_line *line)
{
    return line->open;
}

pid_t vici_line_pid(const struct vici_line *line)
{
    struct ucred who = {0};
    socklen_t size = sizeof who;
    uv_os_fd_t fd;
    if (!line->wire || uv_fileno((const uv_handle_t *)&line->wire->pipe, &fd) ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size))
        return 0;
    return who.pid;
}
