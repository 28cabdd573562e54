#include "run/links.h"

#include "network/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void links_init(struct links *links, uv_loop_t *loop)
{
    *links = (struct links){.loop = loop, .buffer = memory_zeroed(1, LINK_READ_BYTES)};
    links->ready.last = &links->ready.first;
    links->telling.last = &links->telling.first;
    assert(LINK_PIECE_BYTES <= LINK_READ_BYTES);
}

static size_t place_of(struct event_connection at)
{
    return (size_t)at.neighbor * BGP_SLOTS + at.slot;
}

void links_make_room(struct links *links, uint16_t neighbor_count)
{
    size_t cap = ((size_t)neighbor_count + 1) * BGP_SLOTS;
    if (cap <= links->cap)
        return;
    struct link **longer = memory_zeroed(cap, sizeof(struct link *));
    if (links->cap)
        memcpy(longer, links->by_connection, links->cap * sizeof *longer);
    free(links->by_connection);
    links->by_connection = longer;
    links->cap = cap;
}

struct link *links_at(const struct links *links, struct event_connection at)
{
    assert(place_of(at) < links->cap);
    return links->by_connection[place_of(at)];
}

/* -- lists: a link is in each at most once, and leaves at its turn -- */

static void put_ready(struct link *link)
{
    if (link->ready)
        return;
    link->ready = true;
    link->next_ready = NULL;
    *link->links->ready.last = link;
    link->links->ready.last = &link->next_ready;
}

static void put_telling(struct link *link)
{
    if (link->telling)
        return;
    link->telling = true;
    link->next_telling = NULL;
    *link->links->telling.last = link;
    link->links->telling.last = &link->next_telling;
    link->links->telling_count++;
}

static struct link *take_telling(struct links *links)
{
    struct link *link = links->telling.first;
    if (!link)
        return NULL;
    links->telling.first = link->next_telling;
    if (!links->telling.first)
        links->telling.last = &links->telling.first;
    links->telling_count--;
    link->telling = false;
    return link;
}

static void leave_lists(struct link *link)
{
    struct links *links = link->links;
    for (struct link **at = &links->ready.first; link->ready && *at; at = &(*at)->next_ready) {
        if (*at != link)
            continue;
        *at = link->next_ready;
        if (!*at)
            links->ready.last = at;
        break;
    }
    for (struct link **at = &links->telling.first; link->telling && *at;
         at = &(*at)->next_telling) {
        if (*at != link)
            continue;
        *at = link->next_telling;
        if (!*at)
            links->telling.last = at;
        links->telling_count--;
        break;
    }
    for (struct link **at = &links->closing; *at; at = &(*at)->next_closing) {
        if (*at != link)
            continue;
        *at = link->next_closing;
        break;
    }
    link->ready = link->telling = false;
}

/* -- polling -- */

static void polled(uv_poll_t *poll, int status, int events)
{
    struct link *link = poll->data;
    (void)status; /* reading or writing says the same, and better */
    if (events & UV_WRITABLE && link->state != LINK_CONNECTING && !link->broken) {
        link->blocked = false;
        put_telling(link);
    }
    if (status || link->state == LINK_CONNECTING || events & UV_READABLE)
        put_ready(link);
}

static void poll_for(struct link *link, int events)
{
    if (link->polled == events)
        return;
    int failed = uv_poll_start(&link->poll, events, polled);
    assert(!failed);
    link->polled = events;
}

static void freed(uv_handle_t *poll)
{
    free(poll->data);
}

/* -- coming and going -- */

struct link *links_add(struct links *links, struct event_connection at, int fd, bool connecting)
{
    struct link *earlier = links_at(links, at);
    struct link *link = memory_zeroed(1, sizeof *link);
    if (earlier)
        link_drop(earlier);
    link->links = links;
    link->at = at;
    link->fd = fd;
    link->piece_bytes = LINK_PIECE_BYTES / 4;
    link->taken_us = links->now_us;
    link->state = fd < 0 ? LINK_FAILED : connecting ? LINK_CONNECTING : LINK_OPEN;
    links->by_connection[place_of(at)] = link;
    links->open_count++;
    link->poll.data = link;
    if (fd >= 0 && uv_poll_init(links->loop, &link->poll, fd)) {
        close(fd);
        link->fd = -1;
        link->state = LINK_FAILED;
    }
    if (link->state == LINK_FAILED)
        put_ready(link);
    else
        poll_for(link, connecting ? UV_WRITABLE : UV_READABLE);
    return link;
}

static void leave_place(struct link *link)
{
    struct link **place = &link->links->by_connection[place_of(link->at)];
    if (*place == link)
        *place = NULL;
}

static void let_go(struct link *link)
{
    bool has_poll = link->fd >= 0;
    leave_lists(link);
    free(link->rest);
    link->rest = NULL;
    link->links->open_count--;
    link->state = LINK_DEAD;
    if (!has_poll) {
        free(link);
        return;
    }
    uv_poll_stop(&link->poll);
    close(link->fd);
    link->fd = -1;
    uv_close((uv_handle_t *)&link->poll, freed);
}

void link_drop(struct link *link)
{
    leave_place(link);
    let_go(link);
}

void links_done(struct links *links)
{
    for (size_t i = 0; i < links->cap; i++) {
        if (links->by_connection[i])
            link_drop(links->by_connection[i]);
    }
    while (links->closing)
        let_go(links->closing);
    free(links->by_connection);
    free(links->buffer);
    *links = (struct links){0};
}

struct link *links_next_ready(struct links *links)
{
    struct link *link = links->ready.first;
    if (!link)
        return NULL;
    links->ready.first = link->next_ready;
    if (!links->ready.first)
        links->ready.last = &links->ready.first;
    link->ready = false;
    return link;
}

void links_ready_again(struct link *link)
{
    put_ready(link);
}

/* -- bytes -- */

void link_opened(struct link *link)
{
    link->state = LINK_OPEN;
    poll_for(link, UV_READABLE);
}

ssize_t link_read(struct link *link)
{
    ssize_t size = recv(link->fd, link->links->buffer, LINK_READ_BYTES, 0);
    if (size > 0) {
        link->links->read_bytes += (uint64_t)size;
        return size;
    }
    return size < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* Returns what was taken. After an error the link is left to who reads, who hears of it: such a
 * socket is writable for ever, and reading waits for those that have something to send. */
static size_t write_some(struct link *link, const uint8_t *bytes, size_t size)
{
    ssize_t sent = size ? send(link->fd, bytes, size, MSG_NOSIGNAL) : 0;
    size_t taken = sent > 0 ? (size_t)sent : 0;
    if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
        link->broken = true;
        put_ready(link);
    }
    if (taken > 0)
        link->taken_us = link->links->now_us;
    link->links->sent_bytes += taken;
    link->blocked = taken < size;
    return taken;
}

static void keep_rest(struct link *link, const uint8_t *bytes, size_t size)
{
    assert(!link->rest);
    if (size == 0)
        return;
    link->rest = memory_zeroed(1, size);
    memcpy(link->rest, bytes, size);
    link->rest_at = 0;
    link->rest_size = (uint32_t)size;
}

static size_t write_rest(struct link *link)
{
    size_t sent = write_some(link, link->rest + link->rest_at, link->rest_size - link->rest_at);
    link->rest_at += (uint32_t)sent;
    if (link->rest_at == link->rest_size) {
        free(link->rest);
        link->rest = NULL;
        link->rest_at = link->rest_size = 0;
    }
    return sent;
}

static size_t write_piece(struct link *link, struct engine *engine)
{
    uint8_t *buffer = link->links->buffer;
    size_t size = engine_pull(engine, link->at, buffer, link->piece_bytes);
    size_t sent = write_some(link, buffer, size);
    if (sent < size) {
        size_t kept = engine_unpull(engine, link->at, buffer, size, sent);
        keep_rest(link, buffer + sent, kept - sent);
        if (link->piece_bytes > LINK_PIECE_LEAST)
            link->piece_bytes /= 2;
    } else if (size > link->piece_bytes / 2 && link->piece_bytes < LINK_PIECE_BYTES) {
        link->piece_bytes *= 2;
    }
    return size;
}

/* false: it has more to say than its share. */
static bool send_share(struct link *link, struct engine *engine)
{
    size_t share = 0;
    while (!link->blocked && share < LINK_SEND_BYTES) {
        size_t size = link->rest ? write_rest(link) : write_piece(link, engine);
        if (size == 0 && !link->rest)
            return true;
        share += size;
    }
    return link->blocked;
}

static void end_flush(struct link *link)
{
    if (link->rest)
        return;
    shutdown(link->fd, SHUT_WR);
    link->state = LINK_DRAINING;
    poll_for(link, UV_READABLE);
}

static bool send_link(struct link *link, struct engine *engine)
{
    bool done = true;
    if (link->state == LINK_OPEN) {
        done = send_share(link, engine);
        bool waits = link->blocked && !link->broken;
        poll_for(link, waits ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    } else if (link->state == LINK_FLUSHING) {
        write_rest(link);
        end_flush(link);
    }
    return done;
}

void link_tell(struct link *link)
{
    if (link->state == LINK_OPEN && !link->blocked)
        put_telling(link);
}

/* Who has more goes to the end of the list, where its turn has not come yet. */
bool links_send(struct links *links, struct engine *engine, size_t most,
                void (*breathe)(void *context), void *context)
{
    struct link *link;
    uint64_t until = links->sent_bytes + most;
    size_t turns = links->telling_count;
    while (turns-- > 0 && links->sent_bytes < until && (link = take_telling(links)) != NULL) {
        if (!send_link(link, engine))
            put_telling(link);
        if (breathe)
            breathe(context);
    }
    return !links_are_telling(links);
}

static bool is_stuck(const struct link *link, const struct engine *engine)
{
    if (!link || link->state != LINK_OPEN || !link->blocked || link->broken)
        return false;
    const struct bgp_session *session = engine_session(engine, link->at.neighbor);
    return link->links->now_us - link->taken_us >= session_send_hold_us(session) &&
           session->slot == link->at.slot;
}

struct link *links_next_stuck(struct links *links, const struct engine *engine, size_t *at)
{
    if (*at == 0 && links->now_us < links->look_us)
        return NULL;
    links->look_us = links->now_us + LINKS_LOOK_US;
    for (; *at < links->cap; ++*at) {
        if (is_stuck(links->by_connection[*at], engine))
            return links->by_connection[(*at)++];
    }
    return NULL;
}

/* -- farewell -- */

void link_close(struct link *link, struct engine *engine, int64_t now_us)
{
    if (link->state != LINK_OPEN) {
        link_drop(link);
        return;
    }
    uint8_t last[BGP_MESSAGE_MAX];
    size_t size = engine_pull(engine, link->at, last, sizeof last);
    if (link->rest && size > 0) {
        size_t before = link->rest_size - link->rest_at;
        uint8_t *both = memory_zeroed(1, before + size);
        memcpy(both, link->rest + link->rest_at, before);
        memcpy(both + before, last, size);
        free(link->rest);
        link->rest = NULL;
        keep_rest(link, both, before + size);
        free(both);
    } else {
        keep_rest(link, last, size);
    }
    leave_place(link);
    leave_lists(link);
    link->state = LINK_FLUSHING;
    link->until_us = now_us + LINK_LINGER_US;
    link->next_closing = link->links->closing;
    link->links->closing = link;
    if (link->rest && !link->blocked)
        write_rest(link);
    if (link->rest)
        poll_for(link, link->broken ? UV_READABLE : UV_READABLE | UV_WRITABLE);
    end_flush(link);
}

int64_t links_linger(struct links *links, int64_t now_us)
{
    int64_t next_us = INT64_MAX;
    for (struct link *link = links->closing, *next; link; link = next) {
        next = link->next_closing;
        if (link->until_us <= now_us)
            let_go(link);
        else if (link->until_us < next_us)
            next_us = link->until_us;
    }
    return next_us;
}
