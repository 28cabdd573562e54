/* charon's VICI socket as a stream of requests, answers and events.
 *
 * VICI has no numbers on its requests: one command is under way at a time, and what is asked
 * meanwhile waits in a queue. A command may stream: events of one name come while it runs and
 * belong to it. Other events come at any time. Events are wanted by name, once; the line registers
 * them anew whenever it has to connect again.
 *
 * A line that breaks fails all that was asked of it and connects again, after 20 ms at first and
 * 1 s at last, for as long as it lives: charon takes a while to start, and is started again when it
 * dies. What charon says is not believed: a packet or a message that is none breaks the line, and
 * so does a command that is not answered within VICI_LINE_PATIENCE_MS.
 *
 * Keys pass through here: bytes that were sent are wiped before their memory is given back. */
#pragma once

#include "wire/vici.h"

#include <sys/types.h>
#include <uv.h>

enum {
    VICI_LINE_PATIENCE_MS = 30000,
    VICI_LINE_QUEUE_MAX = 256, /* commands that wait */
    VICI_LINE_EVENTS_MAX = 8,  /* names wanted, streams included */
    VICI_LINE_EVENT_BYTES = 64,
};

enum vici_outcome {
    VICI_ANSWERED,
    VICI_REFUSED, /* charon does not know the command */
    VICI_BROKEN,  /* the line broke before the answer was there */
};

/* message: of the answer, checked, borrowed; empty unless VICI_ANSWERED. */
typedef void vici_answered(void *of, enum vici_outcome outcome, struct slice message);
/* One event: checked, borrowed. */
typedef void vici_heard(void *of, struct slice name, struct slice message);

/* Called from the loop, and by vici_line_break. A line may be asked from within them, and must not
 * be destroyed there. */
struct vici_ears {
    void *of;
    void (*opened)(void *of); /* connected, and all wanted events are registered */
    void (*closed)(void *of); /* it was open and broke */
    vici_heard *heard;        /* an event that belongs to no command */
};

struct vici_line;

/* path: below 108 bytes, copied. Begins to connect. NULL: libuv could not. */
struct vici_line *vici_line_create(uv_loop_t *loop, const char *path, const struct vici_ears *ears);

/* Nothing is called any more, neither ears nor answers. Accepts NULL. The memory is given back when
 * the loop has turned. */
void vici_line_destroy(struct vici_line *line);

/* For events that belong to nobody's command; each at most 63 bytes. Right after the line was
 * created. */
void vici_line_want(struct vici_line *line, const char *event);

/* Asks. request: a whole packet of type VICI_REQUEST, as vici_begin and vici_end make it; copied.
 * stream: the name of the events that belong to it (each goes to piece), or NULL. false, and
 * nothing is called: the line is not open, or the queue is full. */
bool vici_line_ask(struct vici_line *line, struct slice request, const char *stream,
                   vici_heard *piece, vici_answered *answered, void *of)
    __attribute__((warn_unused_result));

bool vici_line_is_open(const struct vici_line *line);

/* Who listens at the other end; 0: unknown. The line is open. */
pid_t vici_line_pid(const struct vici_line *line);

/* For tests and for a socket pair: a line over a connected stream. It does not connect again. */
struct vici_line *vici_line_over(uv_loop_t *loop, int fd, const struct vici_ears *ears);

/* Breaks the line: everything asked fails, closed is called, and it connects again. */
void vici_line_break(struct vici_line *line);
