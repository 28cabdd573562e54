/* The neighbors' TCP connections: descriptors, what libuv says of them, and what one write left
 * over. A link knows no BGP and asks the engine one thing only: for bytes to send.
 *
 * libuv's callbacks put a link into the list of those that are ready, and nothing else; the round
 * takes it out and reads. A link is polled for writing only while its socket is full or is being
 * connected.
 *
 * Sending. Bytes are pulled into one buffer that all links share, and written. Where the socket
 * takes less, the engine takes whole messages back (engine_unpull), so what is kept here is the
 * rest of one message; while a neighbor is told the table from its beginning that is not possible,
 * and the rest of the piece is kept. The pieces of a link that lags are small.
 *
 * Closing. What the session has said is sent, then FIN; then what still comes is read and thrown
 * away until the neighbor closes, too, because a socket closed with bytes unread resets the
 * connection, and the NOTIFICATION would be lost. LINK_LINGER_US at most. */
#pragma once

#include "engine/engine.h"

#include <uv.h>

enum {
    LINK_READ_BYTES = 256 << 10,
    LINK_PIECE_BYTES = 256 << 10, /* pulled at once */
    LINK_PIECE_LEAST = 16 << 10,
    LINK_SEND_BYTES = 1 << 20, /* a round */
    LINK_LINGER_US = 2000000,
};

enum link_state {
    LINK_CONNECTING,
    LINK_FAILED, /* it could not even be begun */
    LINK_OPEN,
    LINK_FLUSHING, /* closed by the session; the rest is being sent */
    LINK_DRAINING, /* FIN is sent */
    LINK_DEAD,     /* libuv has yet to let go of it */
};

struct link {
    uv_poll_t poll;
    struct links *links;
    struct event_connection at;
    int fd; /* -1: LINK_FAILED, LINK_DEAD */
    enum link_state state;
    int polled;          /* enum uv_poll_event */
    bool ready, telling; /* in that list */
    bool blocked;        /* the socket is full, or broken: */
    bool broken;         /* then it never takes anything again, and who reads hears of the end */
    uint32_t piece_bytes;
    uint8_t *rest;
    uint32_t rest_at, rest_size;
    int64_t until_us; /* FLUSHING, DRAINING */
    int64_t taken_us; /* when the socket last took a byte, or the link began */
    struct link *next_ready, *next_telling, *next_closing;
};

struct link_list {
    struct link *first, **last;
};

struct links {
    uv_loop_t *loop;
    struct link **by_connection; /* neighbor * BGP_SLOTS + slot; NULL: none */
    size_t cap;
    struct link_list ready, telling;
    struct link *closing;
    uint8_t *buffer; /* of LINK_READ_BYTES, LINK_PIECE_BYTES; for whoever is at work */
    size_t open_count;
    size_t telling_count;
    uint64_t read_bytes, sent_bytes;
    int64_t now_us;  /* the round's */
    int64_t look_us; /* then for stuck ones again */
};

enum { LINKS_LOOK_US = 1000000 };

void links_init(struct links *links, uv_loop_t *loop);
/* At once, without farewell; the loop runs once more for libuv to let go. */
void links_done(struct links *links);
void links_make_room(struct links *links, uint16_t neighbor_count);

struct link *links_at(const struct links *links, struct event_connection at); /* or NULL */

/* fd: of a connection that is up or being made, and belongs to the link from now on; negative: why
 * there is none, which is told in the next round like any other failure. An earlier link of that
 * place is dropped. */
struct link *links_add(struct links *links, struct event_connection at, int fd, bool connecting);

/* The next that is ready; NULL: none. It is out of the list. */
struct link *links_next_ready(struct links *links);
/* It is ready again, behind the others: there is more than was read. */
void links_ready_again(struct link *link);

/* A connection that was being made is up. */
void link_opened(struct link *link);
/* Into links->buffer. 0: nothing just now; -1: it is over. */
ssize_t link_read(struct link *link);

/* There is something to pull. */
void link_tell(struct link *link);
/* Sends what links in the list have to say, each its share, until most bytes are sent in all.
 * Between two of them breathe is called, which may step the engine and drop links; NULL: nothing.
 * false: some have more, and no socket is in their way. */
bool links_send(struct links *links, struct engine *engine, size_t most,
                void (*breathe)(void *context), void *context);
static inline bool links_are_ready(const struct links *links)
{
    return links->ready.first != NULL;
}
static inline bool links_are_telling(const struct links *links)
{
    return links->telling.first != NULL;
}

/* The next open link whose socket has taken nothing for the session's send hold time (RFC 9687),
 * behind *at, which begins at 0; NULL: no more. Only every LINKS_LOOK_US it looks at all. */
struct link *links_next_stuck(struct links *links, const struct engine *engine, size_t *at);

/* Pulls what the session still says, sends it and closes. The place is free at once. */
void link_close(struct link *link, struct engine *engine, int64_t now_us);
/* The connection is gone: nobody is to be told anything. */
void link_drop(struct link *link);

/* Ends those that linger too long, all of them with now_us INT64_MAX. Returns when to call again;
 * INT64_MAX: there are none. */
int64_t links_linger(struct links *links, int64_t now_us);
