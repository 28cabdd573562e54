#include "run/daemon.h"

#include "run/mark.h"
#include "run/privileges.h"
#include "run/reload.h"
#include "run/round.h"
#include "run/table_numbers.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

int64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* One write a line, whoever else writes there. */
void daemon_log(struct daemon *daemon, const char *format, ...)
{
    char line[2048];
    if (daemon->options.quiet)
        return;
    int64_t wall_us = clock_wall_us();
    int head = snprintf(line, sizeof line, "at=%" PRId64 ".%06" PRId64 " ", wall_us / 1000000,
                        wall_us % 1000000);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
    va_end(arguments);
    memcpy(line + strlen(line), "\n", 2);
    fputs(line, daemon->err);
    fflush(daemon->err);
}

/* -- coming up -- */

/* A descriptor for each connection, and then some. */
static void raise_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static void rounded(uv_check_t *check)
{
    round_run(check->data);
}

static void signaled(uv_signal_t *signal, int number)
{
    struct daemon *daemon = signal->data;
    if (number == SIGHUP && !daemon->stopping) {
        notify_say(&daemon->notify, "RELOADING=1");
        daemon_reload(daemon);
        notify_say(&daemon->notify, "READY=1");
    } else if (number == SIGQUIT)
        daemon_leave(daemon, RUN_FINE);
    else
        daemon_stop(daemon);
}

static void start_loop(struct daemon *daemon)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    int failed = uv_check_init(&daemon->loop, &daemon->check) ||
                 uv_idle_init(&daemon->loop, &daemon->busy) ||
                 uv_timer_init(&daemon->loop, &daemon->alarm);
    daemon->check.data = daemon;
    daemon->alarm.data = daemon;
    failed = failed || uv_check_start(&daemon->check, rounded);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        daemon->signals[i].data = daemon;
        failed = failed || uv_signal_init(&daemon->loop, &daemon->signals[i]) ||
                 uv_signal_start(&daemon->signals[i], signaled, numbers[i]);
    }
    assert(!failed); /* none of these asks the machine for anything that it may refuse */
}

/* An earlier life that was stopped has said so and has taken its routes away; one that was killed,
 * or left, has them in the kernel still. Where it does not put any there, its mark tells, or
 * without a journal its control socket, which only a killed one leaves. How long its neighbors may
 * be waited for is what they are told that we may be away. */
static bool was_left(const struct daemon *daemon)
{
    if (daemon->kernel.fd >= 0)
        return daemon->kernel.found;
    const struct journal *journal = &daemon->journal;
    return journal->on ? mark_is_left(journal->writer.folder.path) : daemon->control.left_behind;
}

static uint16_t deferral_s(const struct daemon *daemon)
{
    bool killed = was_left(daemon);
    uint16_t longest_s = 0;
    for (size_t i = 0; killed && i < daemon->plan->told_count; i++) {
        const struct event *event = &daemon->plan->told[i];
        if (event->kind == EVENT_NEIGHBOR && event->neighbor.restart_s > longest_s)
            longest_s = event->neighbor.restart_s;
    }
    return longest_s;
}

struct journal_subject daemon_subject(const struct daemon *daemon)
{
    return (struct journal_subject){daemon->engine, daemon->plan, &daemon->numbers};
}

static void put_mark(struct daemon *daemon)
{
    if (!daemon->journal.on)
        return;
    int failed = mark_put(daemon->journal.writer.folder.path);
    daemon->marked = failed == 0;
    if (failed)
        daemon_log(daemon, "event=no-mark directory=%.200s why=\"%s\"",
                   daemon->journal.writer.folder.path, strerror(failed));
}

/* The engine hears who it is; what sessions do from then on, the rounds see to. */
static void boot(struct daemon *daemon)
{
    struct event event = {.kind = EVENT_BOOT, .boot = {.deferral_s = deferral_s(daemon)}};
    if (getrandom(&event.boot.seed, sizeof event.boot.seed, 0) != sizeof event.boot.seed)
        event.boot.seed = (uint64_t)clock_wall_us();
    if (event.boot.deferral_s > 0)
        daemon_log(daemon, "event=restarted waits=%u", event.boot.deferral_s);
    daemon->kernel.keep_until_us += (int64_t)event.boot.deferral_s * 1000000;
    const struct journal_subject subject = daemon_subject(daemon);
    daemon->now_us = clock_us();
    journal_boot(&daemon->journal, &subject, daemon->now_us);
    round_step(daemon, &event);
    for (size_t i = 0; i < daemon->plan->told_count; i++) {
        event = daemon->plan->told[i];
        round_step(daemon, &event);
    }
}

/* What the plan tells as interfaces, in the engine's numbers; its ports have the addresses. */
void daemon_ports(struct daemon *daemon)
{
    const struct plan *plan = daemon->plan;
    for (size_t i = 1; i <= daemon->kernel.port_count; i++)
        kernel_table_port(&daemon->kernel, (uint16_t)i, 0, 0);
    for (size_t i = 0; i < plan->told_count; i++) {
        if (plan->told[i].kind != EVENT_INTERFACE)
            continue;
        const struct port *port = &plan->node->ports[plan->node->setup[i].interface.interface];
        bool statics = port->kind == PORT_TUNNEL && plan->customer != WORLD_NONE;
        kernel_table_port(&daemon->kernel, plan->told[i].interface.interface, port->addr,
                          port->six);
        kernel_table_statics(&daemon->kernel, plan->told[i].interface.interface, statics);
    }
}

static enum run_exit bring_up(struct daemon *daemon)
{
    struct socket_place place = {.port = daemon->options.port, .device = daemon->options.device};
    listeners_init(&daemon->listeners, &daemon->loop, &place);
    bfd_sockets_init(&daemon->bfd, &place);
    links_init(&daemon->links, &daemon->loop);
    links_make_room(&daemon->links, daemon->plan->number_max);
    recent_init(&daemon->recent);
    enum run_exit status = RUN_FINE;
    char room[CONTROL_PATH];
    const char *asked = daemon->options.control;
    const char *control = control_place(asked, CONTROL_FOLDER, daemon->plan->node->id, room);
    if (!control_open(daemon, control, daemon->err))
        status = RUN_WORLD;
    if (status == RUN_FINE)
        status = metrics_open(daemon, daemon->options.metrics, daemon->err);
    const char *space = *daemon->tunnels.space   ? daemon->tunnels.space
                        : daemon->plan->together ? daemon->options.outer
                                                 : daemon->options.netns;
    if (status == RUN_FINE && space)
        status = privileges_enter(space, daemon->err);
    if (status == RUN_FINE)
        status = listeners_open(&daemon->listeners, daemon->plan, daemon->err);
    if (status == RUN_FINE)
        status = bfd_sockets_begin(&daemon->bfd, &daemon->loop, daemon->err);
    if (status == RUN_FINE)
        status = bfd_sockets_open(&daemon->bfd, daemon->plan, daemon->err);
    if (status == RUN_FINE && !(daemon->engine = engine_create(&daemon->plan->config))) {
        fputs("error: no memory for the engine\n", daemon->err);
        status = RUN_WORLD;
    }
    daemon->plan->world->nodes[daemon->plan->node_index].engine = daemon->engine; /* its owner */
    if (status == RUN_FINE && !vpc_entries_boot(daemon->plan)) {
        fputs("error: no memory for the tables of VPCs\n", daemon->err);
        status = RUN_WORLD;
    }
    if (status == RUN_FINE)
        status = journal_open(&daemon->journal, daemon->options.journal, daemon->plan->node->id,
                              daemon->options.journal_bytes, daemon->err);
    kernel_table_none(&daemon->kernel);
    if (status == RUN_FINE && !daemon->plan->config.no_entries && !daemon->options.no_kernel)
        status = kernel_table_open(&daemon->kernel, &daemon->loop, daemon->plan->config.alloc,
                                   daemon->options.table, clock_us(), daemon->err);
    daemon->kernel.statics = daemon->plan->node->kind == NODE_GATEWAY;
    daemon_ports(daemon);
    return status;
}

enum run_exit daemon_start(struct daemon *daemon, const struct run_options *options, FILE *out,
                           FILE *err)
{
    *daemon = (struct daemon){.options = *options,
                              .out = out,
                              .err = err,
                              .alarm_at_us = INT64_MAX,
                              .wake_at_us = ENGINE_NEVER};
    notify_open(&daemon->notify);
    tunnels_none(&daemon->tunnels);
    bool tunnels = options_make_tunnels(options);
    enum run_exit status = tunnels ? tunnels_fork(&daemon->tunnels, options, err) : RUN_FINE;
    if (status == RUN_FINE)
        status = privileges_lower(options->user, options->netns || tunnels, err);
    if (status == RUN_FINE)
        status = plan_read(options, err, &daemon->plan);
    if (status == RUN_FINE && tunnels) {
        status = tunnels_prepare(&daemon->tunnels, daemon->plan, err);
        if (status != RUN_FINE)
            plan_free(daemon->plan);
    }
    if (status == RUN_FINE)
        wants_forget_keys(daemon->plan);
    if (status != RUN_FINE) {
        tunnels_done(&daemon->tunnels);
        return status;
    }
    daemon->profile = daemon->plan->profile;
    daemon->plan->config.profile = &daemon->profile;
    bool numbered = numbers_apply(&daemon->numbers, daemon->plan);
    assert(numbered); /* a file has no more of anything */
    wants_number(daemon->plan);
    plugs_number(daemon->plan);
    table_numbers_take(daemon->plan, NULL);
    raise_limits();
    if (uv_loop_init(&daemon->loop)) {
        fputs("error: no event loop can be had: out of descriptors\n", err);
        plan_free(daemon->plan);
        tunnels_done(&daemon->tunnels);
        return RUN_WORLD;
    }
    status = bring_up(daemon);
    if (status != RUN_FINE) {
        daemon_done(daemon);
        return status;
    }
    daemon->began_us = clock_us();
    daemon->began_wall_us = clock_wall_us();
    start_loop(daemon);
    boot(daemon);
    status = privileges_seal(err);
    if (status != RUN_FINE) {
        daemon_done(daemon);
        return status;
    }
    put_mark(daemon);
    tunnels_begin(daemon);
    vpc_entries_all(daemon);
    daemon_log(daemon, "event=ready node=%s as=%" PRIu32 " neighbors=%u port=%u",
               daemon->plan->node->id, daemon->plan->config.asn, daemon->plan->neighbor_count,
               options->port);
    char ready[256];
    snprintf(ready, sizeof ready, "READY=1\nSTATUS=%s, %u neighbors", daemon->plan->node->id,
             daemon->plan->neighbor_count);
    notify_say(&daemon->notify, ready);
    return RUN_FINE;
}

void daemon_run(struct daemon *daemon)
{
    round_begin(daemon);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
}

/* -- going down -- */

void daemon_stop(struct daemon *daemon)
{
    const char *words = daemon->options.farewell;
    if (daemon->stopping) {
        uv_stop(&daemon->loop); /* asked twice: at once */
        return;
    }
    daemon->stopping = true;
    daemon->now_us = clock_us();
    daemon->stop_at_us = daemon->now_us + STOP_US;
    notify_say(&daemon->notify, "STOPPING=1");
    daemon_log(daemon, "event=stopping node=%s", daemon->plan->node->id);
    kernel_table_keep_no_more(&daemon->kernel);
    journal_digest(&daemon->journal, daemon->engine); /* before it forgets what it knew */
    for (uint16_t i = 1; i <= engine_neighbor_count(daemon->engine); i++) {
        struct event event = {.kind = EVENT_HALT,
                              .halt = {.connection = {.neighbor = i},
                                       .cease = BGP_CEASE_SHUTDOWN,
                                       .text = {(const uint8_t *)words, strlen(words)}}};
        round_step(daemon, &event);
    }
}

void daemon_leave(struct daemon *daemon, enum run_exit status)
{
    daemon_log(daemon, "event=leaving node=%s", daemon->plan->node->id);
    daemon->status = status;
    uv_stop(&daemon->loop);
}

static void close_leftover(uv_handle_t *left, void *context)
{
    (void)context;
    if (!uv_is_closing(left))
        uv_close(left, NULL);
}

void daemon_done(struct daemon *daemon)
{
    if (daemon->engine)
        journal_digest(&daemon->journal, daemon->engine);
    if (daemon->marked && daemon->stopping)
        mark_remove(daemon->journal.writer.folder.path);
    journal_close(&daemon->journal);
    control_close(daemon);
    metrics_close(&daemon->metrics);
    links_done(&daemon->links);
    listeners_done(&daemon->listeners);
    bfd_sockets_done(&daemon->bfd);
    kernel_table_done(&daemon->kernel);
    tunnels_done(&daemon->tunnels);
    vpc_entries_done(&daemon->vpc_entries);
    uv_walk(&daemon->loop, close_leftover, NULL);
    uv_run(&daemon->loop, UV_RUN_DEFAULT);
    int failed = uv_loop_close(&daemon->loop);
    assert(!failed);
    recent_done(&daemon->recent);
    notify_close(&daemon->notify);
    numbers_done(&daemon->numbers);
    plan_free(daemon->plan); /* and with its world the engine */
}
