/* --metrics ADDRESS:PORT: Prometheus asks there, GET /metrics, and is told how things are
 * (run/exposition.h). HTTP is libmicrohttpd's; it gets its turns from our loop, with the epoll
 * descriptor that it gives out, and has no thread.
 *
 * Nobody who asks holds up BGP: a turn is a phase of the round, and in it each of METRICS_CLIENTS
 * connections gets one piece. What nobody keeps a count of is counted first, a slice a round
 * (run/census.h), while the connection waits; a count serves everybody who asks within
 * METRICS_COUNT_US. A connection is for one answer, and ends METRICS_CLIENT_US after it began,
 * whatever the other side does or does not do; who comes while all places are taken waits in the
 * kernel's queue. What one may cost is METRICS_CLIENT_BYTES here and EXPOSITION_LEAST of text.
 *
 * The library is loaded only when somebody may ask (run/http.h): it costs 2.7 MB of resident memory
 * (measured with two neighbors: 8.0 MB instead of 5.3). A thousand neighbors are 1.85 MB of text in
 * 21 ms, and no round was longer than 2.3 ms for that.
 *
 * A reload in the midst of an answer breaks it off: its other half would be of another file. */
#pragma once

#include "run/census.h"
#include "run/run.h"

#include <sys/socket.h>
#include <uv.h>

enum {
    METRICS_CLIENTS = 8,
    METRICS_CLIENT_BYTES = 32768,
    METRICS_CLIENT_US = 10000000, /* Prometheus' scrape_timeout unless told otherwise */
    METRICS_COUNT_US = 1000000,
};

struct MHD_Connection;
struct MHD_Daemon;
struct daemon;

struct metrics_client {
    struct MHD_Connection *connection; /* NULL: the place is free */
    int64_t until_us;
    bool waits; /* for the count */
};

struct metrics {
    struct MHD_Daemon *server; /* NULL: nobody may ask */
    uv_poll_t poll;
    bool ready; /* for a turn */
    struct metrics_client clients[METRICS_CLIENTS];
    struct census census;
    int64_t counted_us; /* 0: never */
    uint64_t scrape_count;
};

/* "127.0.0.1:9179", "[::1]:9179"; 0: it is neither. */
socklen_t metrics_place(const char *text, struct sockaddr_storage *ret_place)
    __attribute__((warn_unused_result));

/* Where `where` says, in the network namespace in which we are; NULL: nowhere. RUN_WORLD after a
 * sentence on err. */
enum run_exit metrics_open(struct daemon *daemon, const char *where, FILE *err)
    __attribute__((warn_unused_result));
/* A phase of the round. true: somebody waits for the next one. */
bool metrics_answer(struct daemon *daemon);
/* When somebody's time is up; INT64_MAX: nobody's. */
int64_t metrics_wake_us(const struct metrics *metrics);
/* The loop runs once more for libuv to let go. */
void metrics_close(struct metrics *metrics);
