#include "run/metrics.h"

#include "network/memory.h"
#include "run/daemon.h"
#include "run/exposition.h"
#include "run/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NULL: nobody may ask. */
static const struct http *http;

/* -- the text, as it is asked for -- */

struct scrape {
    struct daemon *daemon;
    struct exposition exposition;
    uint64_t reloads; /* as it began */
    char text[EXPOSITION_LEAST];
    size_t size, at; /* of the text; what is before `at` has been taken */
};

static ssize_t give(void *context, uint64_t position, char *ret_bytes, size_t most)
{
    struct scrape *scrape = context;
    (void)position;
    if (scrape->daemon->reloads[true] != scrape->reloads)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (scrape->at == scrape->size) {
        scrape->at = 0;
        scrape->size = exposition_write(&scrape->exposition, scrape->daemon, scrape->text,
                                        sizeof scrape->text);
    }
    size_t size = scrape->size - scrape->at < most ? scrape->size - scrape->at : most;
    if (size == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(ret_bytes, scrape->text + scrape->at, size);
    scrape->at += size;
    return (ssize_t)size;
}

/* -- who asks -- */

/* The response's reference is given up; NULL: there was no memory for it. */
static enum MHD_Result say_take(struct MHD_Connection *connection, unsigned status,
                                struct MHD_Response *response, const char *type)
{
    if (!response)
        return MHD_NO;
    bool fine = http->add_response_header(response, "Content-Type", type) == MHD_YES &&
                http->add_response_header(response, "Connection", "close") == MHD_YES &&
                (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
                 http->add_response_header(response, "Allow", "GET, HEAD") == MHD_YES);
    enum MHD_Result result = fine ? http->queue_response(connection, status, response) : MHD_NO;
    http->destroy_response(response);
    return result;
}

static enum MHD_Result say_no(struct MHD_Connection *connection, unsigned status, const char *why)
{
    char copy[64];
    snprintf(copy, sizeof copy, "%s\n", why);
    return say_take(connection, status,
                    http->create_response_from_buffer(strlen(copy), copy, MHD_RESPMEM_MUST_COPY),
                    "text/plain; charset=utf-8");
}

static enum MHD_Result say_all(struct daemon *daemon, struct MHD_Connection *connection)
{
    struct scrape *scrape = memory_zeroed(1, sizeof *scrape);
    *scrape = (struct scrape){.daemon = daemon, .reloads = daemon->reloads[true]};
    struct MHD_Response *response =
        http->create_response_from_callback(MHD_SIZE_UNKNOWN, EXPOSITION_LEAST, give, scrape, free);
    if (!response) {
        free(scrape);
        return MHD_NO;
    }
    daemon->metrics.scrape_count++;
    return say_take(connection, MHD_HTTP_OK, response, EXPOSITION_TYPE);
}

static struct metrics_client *client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *found =
        http->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return found ? found->socket_context : NULL;
}

/* Is called when the request's head is there, and once more when a connection goes on. */
static enum MHD_Result asked(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_size, void **state)
{
    struct daemon *daemon = context;
    struct metrics *metrics = &daemon->metrics;
    struct metrics_client *client = client_of(connection);
    (void)version, (void)upload, (void)upload_size, (void)state;
    if (!client)
        return MHD_NO;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return say_no(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered");
    if (strcmp(url, "/metrics") != 0)
        return say_no(connection, MHD_HTTP_NOT_FOUND, "there is /metrics, and nothing else");
    bool fresh = metrics->counted_us && daemon->now_us - metrics->counted_us < METRICS_COUNT_US;
    if (fresh && !metrics->census.running)
        return say_all(daemon, connection);
    if (!metrics->census.running)
        census_begin(&metrics->census, daemon->engine);
    client->waits = true;
    http->suspend_connection(connection);
    return MHD_YES;
}

/* When all places were taken, libmicrohttpd listens again in the turn behind the one in which a
 * connection went, and no descriptor would bring that about. */
static void come_or_gone(void *context, struct MHD_Connection *connection, void **place,
                         enum MHD_ConnectionNotificationCode what)
{
    struct daemon *daemon = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        daemon->metrics.ready = true;
        if (*place)
            *(struct metrics_client *)*place = (struct metrics_client){0};
        return;
    }
    for (size_t i = 0; i < METRICS_CLIENTS; i++) {
        struct metrics_client *client = &daemon->metrics.clients[i];
        if (client->connection)
            continue;
        client->connection = connection;
        client->until_us = daemon->now_us + METRICS_CLIENT_US;
        *place = client;
        return;
    }
}

/* -- turns -- */

static void wake(struct metrics *metrics)
{
    for (size_t i = 0; i < METRICS_CLIENTS; i++) {
        struct metrics_client *client = &metrics->clients[i];
        if (client->waits)
            http->resume_connection(client->connection);
        client->waits = false;
    }
    metrics->ready = true;
}

/* libmicrohttpd hears of it as of a neighbor that has gone. */
static void end_late(struct daemon *daemon)
{
    for (size_t i = 0; i < METRICS_CLIENTS; i++) {
        struct metrics_client *client = &daemon->metrics.clients[i];
        if (!client->connection || client->waits || client->until_us > daemon->now_us)
            continue;
        const union MHD_ConnectionInfo *found =
            http->get_connection_info(client->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (found)
            shutdown(found->connect_fd, SHUT_RDWR);
        client->until_us = INT64_MAX;
        daemon->metrics.ready = true;
    }
}

bool metrics_answer(struct daemon *daemon)
{
    struct metrics *metrics = &daemon->metrics;
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (!metrics->server)
        return false;
    end_late(daemon);
    if (metrics->census.running && !census_go_on(&metrics->census, daemon->engine, CENSUS_LOOKS)) {
        metrics->counted_us = daemon->now_us;
        wake(metrics);
    }
    if (metrics->ready) {
        metrics->ready = false;
        http->run(metrics->server);
        metrics->ready |= http->get_timeout(metrics->server, &wait_ms) == MHD_YES && wait_ms == 0;
    }
    return metrics->ready || metrics->census.running;
}

int64_t metrics_wake_us(const struct metrics *metrics)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < METRICS_CLIENTS; i++) {
        const struct metrics_client *client = &metrics->clients[i];
        if (client->connection && !client->waits && client->until_us < next_us)
            next_us = client->until_us;
    }
    return next_us;
}

/* -- coming up, going down -- */

static bool port_of(const char *text, in_port_t *ret_port)
{
    uint32_t port = 0;
    for (; *text >= '0' && *text <= '9' && port <= UINT16_MAX; text++)
        port = port * 10 + (uint32_t)(*text - '0');
    *ret_port = htons((uint16_t)port);
    return *text == '\0' && port > 0 && port <= UINT16_MAX;
}

socklen_t metrics_place(const char *text, struct sockaddr_storage *ret_place)
{
    struct sockaddr_storage place = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&place;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&place;
    char address[INET6_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text)
        return 0;
    bool is_six = text[0] == '[' && colon[-1] == ']';
    size_t size = (size_t)(colon - text) - (is_six ? 2 : 0);
    if (size >= sizeof address || !port_of(colon + 1, is_six ? &six->sin6_port : &four->sin_port))
        return 0;
    memcpy(address, text + is_six, size);
    address[size] = '\0';
    place.ss_family = is_six ? AF_INET6 : AF_INET;
    void *into = is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr;
    if (inet_pton(place.ss_family, address, into) != 1)
        return 0;
    *ret_place = place;
    return is_six ? sizeof *six : sizeof *four;
}

/* Returns a negative errno, or the descriptor. */
static int listen_at(const struct sockaddr_storage *place, socklen_t size)
{
    static const int on = 1;
    int fd = socket(place->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    bool fine = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                (place->ss_family != AF_INET6 ||
                 setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
                bind(fd, (const struct sockaddr *)place, size) == 0 &&
                listen(fd, METRICS_CLIENTS) == 0;
    int error = errno;
    if (fine)
        return fd;
    close(fd);
    return -error;
}

static const char *refusal(int error)
{
    return error == EADDRINUSE      ? "another program has the port"
           : error == EADDRNOTAVAIL ? "this machine does not have the address"
                                    : strerror(error);
}

static enum run_exit cannot(FILE *err, const char *where, const char *why)
{
    fprintf(err, "error: metrics cannot be told at %s: %s\n", where, why);
    return RUN_WORLD;
}

static void called(uv_poll_t *poll, int status, int events)
{
    struct metrics *metrics = poll->data;
    (void)status, (void)events;
    metrics->ready = true;
}

enum run_exit metrics_open(struct daemon *daemon, const char *where, FILE *err)
{
    struct metrics *metrics = &daemon->metrics;
    struct sockaddr_storage place;
    socklen_t size = where ? metrics_place(where, &place) : 0;
    if (size == 0)
        return RUN_FINE; /* options_read has told who wrote something else */
    const char *why = NULL;
    http = http_load(&why);
    if (!http)
        return cannot(err, where, why);
    int fd = listen_at(&place, size);
    if (fd < 0)
        return cannot(err, where, refusal(-fd));
    metrics->server = http->start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, asked, daemon,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_CLIENTS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)METRICS_CLIENT_BYTES,
        MHD_OPTION_NOTIFY_CONNECTION, come_or_gone, daemon, MHD_OPTION_END);
    if (!metrics->server) {
        close(fd);
        return cannot(err, where, refusal(ENOMEM));
    }
    const union MHD_DaemonInfo *found =
        http->get_daemon_info(metrics->server, MHD_DAEMON_INFO_EPOLL_FD);
    int error = found ? uv_poll_init(&daemon->loop, &metrics->poll, found->epoll_fd) : UV_ENOSYS;
    if (error == 0) {
        metrics->poll.data = metrics;
        error = uv_poll_start(&metrics->poll, UV_READABLE, called);
    }
    return error ? cannot(err, where, refusal(-error)) : RUN_FINE;
}

void metrics_close(struct metrics *metrics)
{
    if (!metrics->server)
        return;
    wake(metrics); /* nobody may wait when it stops */
    if (metrics->poll.data)
        uv_close((uv_handle_t *)&metrics->poll, NULL);
    http->stop_daemon(metrics->server);
    metrics->server = NULL;
    census_done(&metrics->census);
}
