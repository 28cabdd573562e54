#include "run/tunnels.h"

#include "network/memory.h"
#include "plane/keeper.h"
#include "run/round.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_AT_ONCE = 256, /* reports a round */
    SEND_WAIT_MS = 1000,
    SOCKET_BYTES = 1 << 20,
};

static struct carried *carried_called(const struct tunnels *tunnels, const char *name)
{
    for (size_t i = 0; i < tunnels->count; i++) {
        if (strcmp(tunnels->items[i].said.name, name) == 0)
            return &tunnels->items[i];
    }
    return NULL;
}

const struct carried *tunnels_find(const struct tunnels *tunnels, const char *name)
{
    return carried_called(tunnels, name);
}

void tunnels_none(struct tunnels *tunnels)
{
    *tunnels = (struct tunnels){.fd = -1, .gone = true};
}

static void send_away(struct tunnels *tunnels)
{
    if (tunnels->fd >= 0)
        close(tunnels->fd);
    tunnels->fd = -1;
    tunnels->gone = true;
}

enum run_exit tunnels_fork(struct tunnels *tunnels, const struct run_options *options, FILE *err)
{
    int size = SOCKET_BYTES;
    int pid = keeper_fork(options->outer, &options->pools, &tunnels->fd);
    if (pid < 0) {
        fprintf(err, "error: no process for the tunnels can be had: %s\n", strerror(-pid));
        tunnels_none(tunnels);
        return RUN_WORLD;
    }
    (void)setsockopt(tunnels->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)fcntl(tunnels->fd, F_SETFL, O_NONBLOCK);
    tunnels->gone = false;
    return RUN_FINE;
}

/* -- telling -- */

/* The keeper reads at once; that it does not is a keeper that is stuck. */
static bool tell(const struct tunnels *tunnels, const struct order *order)
{
    int error = order_send(tunnels->fd, order);
    if (error == -EAGAIN) {
        struct pollfd room = {.fd = tunnels->fd, .events = POLLOUT};
        (void)poll(&room, 1, SEND_WAIT_MS);
        error = order_send(tunnels->fd, order);
    }
    return error == 0;
}

static bool tell_kind(const struct tunnels *tunnels, enum order_kind kind)
{
    return tell(tunnels, &(struct order){.kind = kind});
}

static bool tell_name(const struct tunnels *tunnels, enum order_kind kind, const char *name)
{
    struct order order = {.kind = kind};
    snprintf(order.name, sizeof order.name, "%s", name);
    return tell(tunnels, &order);
}

static bool tell_wants(const struct tunnels *tunnels, const struct plan *plan)
{
    struct order order = {.kind = ORDER_WANT};
    bool fine = true;
    for (size_t i = 0; fine && i < plan->tunnel_count; i++) {
        const struct wanted_tunnel *wanted = &plan->tunnels[i];
        order.want.tunnel = wanted->tunnel;
        snprintf(order.want.psk_file, sizeof order.want.psk_file, "%s",
                 wanted->psk_file ? wanted->psk_file : "");
        fine = tell(tunnels, &order);
    }
    explicit_bzero(&order, sizeof order);
    return fine;
}

/* What is known of those that are still wanted is kept. */
static void list(struct tunnels *tunnels, const struct plan *plan)
{
    struct carried *items = memory_zeroed(plan->tunnel_count, sizeof *items);
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        const char *name = plan->tunnels[i].tunnel.name;
        const struct carried *known = tunnels_find(tunnels, name);
        if (known)
            items[i] = *known;
        memcpy(items[i].said.name, name, sizeof items[i].said.name);
    }
    free(tunnels->items);
    tunnels->items = items;
    tunnels->count = plan->tunnel_count;
}

static enum plane_choice choice_of(const struct plan *plan)
{
    for (size_t i = 0; i < plan->network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &plan->network->vpn_gateways[i];
        if (strcmp(gateway->id, plan->node->id) == 0)
            return gateway->plane == NETWORK_PLANE_XFRM        ? PLANE_XFRM
                   : gateway->plane == NETWORK_PLANE_USERSPACE ? PLANE_USERSPACE
                                                               : PLANE_AUTO;
    }
    return PLANE_AUTO;
}

/* READY or REFUSED; false: neither came. */
static bool wait_for_answer(const struct tunnels *tunnels, struct report *ret_report)
{
    struct pollfd answer = {.fd = tunnels->fd, .events = POLLIN};
    while (poll(&answer, 1, TUNNELS_PATIENCE_MS) == 1) {
        int got = report_receive(tunnels->fd, ret_report);
        if (got == 1 && (ret_report->kind == REPORT_READY || ret_report->kind == REPORT_REFUSED))
            return true;
        if (got <= 0 && got != -EAGAIN)
            return false;
    }
    return false;
}

enum run_exit tunnels_prepare(struct tunnels *tunnels, const struct plan *plan, FILE *err)
{
    struct order begin = {.kind = ORDER_BEGIN, .begin = {.choice = (uint8_t)choice_of(plan)}};
    struct report report;
    if (plan->tunnel_count == 0) {
        send_away(tunnels);
        return RUN_FINE;
    }
    snprintf(begin.begin.gateway, sizeof begin.begin.gateway, "%s", plan->node->id);
    bool told =
        tell(tunnels, &begin) && tell_wants(tunnels, plan) && tell_kind(tunnels, ORDER_PREPARE);
    if (!told || !wait_for_answer(tunnels, &report)) {
        fputs("error: the process for the tunnels does not answer\n", err);
        send_away(tunnels);
        return RUN_WORLD;
    }
    if (report.kind == REPORT_REFUSED) {
        fprintf(err, "error: %s\n", report.sentence);
        send_away(tunnels);
        return RUN_WORLD;
    }
    tunnels->choice = (enum plane_choice)report.ready.choice;
    memcpy(tunnels->space, report.ready.space, sizeof tunnels->space);
    list(tunnels, plan);
    return RUN_FINE;
}

/* -- hearing -- */

static const struct wanted_tunnel *wanted_called(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        if (strcmp(plan->tunnels[i].tunnel.name, name) == 0)
            return &plan->tunnels[i];
    }
    return NULL;
}

static void end_session(struct daemon *daemon, uint16_t neighbor)
{
    for (int slot = 0; slot < 2; slot++) {
        struct event_connection at = {neighbor, (uint8_t)slot};
        struct link *link = neighbor ? links_at(&daemon->links, at) : NULL;
        if (!link)
            continue;
        enum event_kind kind = link->state == LINK_OPEN ? EVENT_CLOSED : EVENT_CONNECT_FAILED;
        struct event event = {.kind = kind, .connection = at};
        link_drop(link);
        round_step(daemon, &event);
    }
}

/* Static routes lie behind the connection's first tunnel that is up. */
static void choose_static(struct daemon *daemon, const struct wanted_tunnel *changed)
{
    const struct plan *plan = daemon->plan;
    int connection = plan->world->tunnels[changed->index].connection;
    const struct connection *of = &plan->world->connections[connection];
    uint16_t chosen = 0;
    for (size_t i = 0; of->is_static && chosen == 0 && i < plan->tunnel_count; i++) {
        const struct wanted_tunnel *at = &plan->tunnels[i];
        const struct carried *carried = tunnels_find(&daemon->tunnels, at->tunnel.name);
        if (plan->world->tunnels[at->index].connection == connection && carried->said.up)
            chosen = at->interface;
    }
    for (size_t i = 0; chosen != 0 && i < plan->told_count; i++) {
        struct event event = plan->told[i];
        if (event.kind != EVENT_STATIC_VPN || event.static_vpn.attachment != of->attachment)
            continue;
        event.static_vpn.interface = chosen;
        round_step(daemon, &event);
    }
}

static void tell_engine(struct daemon *daemon, const struct wanted_tunnel *wanted, bool up)
{
    const struct port *port = &daemon->plan->node->ports[wanted->port];
    struct event event = {
        .kind = EVENT_INTERFACE,
        .interface = {
            .interface = wanted->interface, .addr = port->addr, .len = port->len, .up = up}};
    round_step(daemon, &event);
    if (!up)
        end_session(daemon, wanted->neighbor);
    choose_static(daemon, wanted);
}

static void hear_tunnel(struct daemon *daemon, const struct report_tunnel *said)
{
    const struct wanted_tunnel *wanted = wanted_called(daemon->plan, said->name);
    struct carried *carried = carried_called(&daemon->tunnels, said->name);
    if (!wanted || !carried)
        return; /* no longer */
    bool was = carried->said.up;
    bool news = was != said->up || carried->said.cause != said->cause;
    carried->said = *said;
    if (news)
        daemon_log(daemon, "event=tunnel-%s tunnel=%s device=%s cause=%s", said->up ? "up" : "down",
                   said->name, *said->device ? said->device : "none",
                   tunnel_cause_word((enum tunnel_cause)said->cause));
    if (was != said->up)
        tell_engine(daemon, wanted, said->up);
}

static void hear(struct daemon *daemon, const struct report *report)
{
    struct tunnels *tunnels = &daemon->tunnels;
    struct carried *carried;
    switch (report->kind) {
    case REPORT_TUNNEL:
        hear_tunnel(daemon, &report->tunnel);
        break;
    case REPORT_COUNTERS:
        carried = carried_called(tunnels, report->counters.name);
        if (!carried)
            break;
        carried->counters = report->counters;
        carried->counted_us = daemon->now_us;
        break;
    case REPORT_TROUBLE:
        daemon_log(daemon, "event=tunnel-trouble tunnel=%s why=\"%s\"",
                   *report->trouble.name ? report->trouble.name : "all", report->trouble.sentence);
        break;
    case REPORT_GONE:
        tunnels->gone = true;
        break;
    default:
        break;
    }
}

/* Whoever starts next finds everything as it is. Nothing else may be said to neighbors: their
 * routes would go, and with them the way of packets that the tunnels still carry. */
static void end_without_keeper(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    if (!tunnels->leaving) {
        fputs("error: the process that keeps the tunnels has ended; they stay as they are, and the "
              "next start of sekishod adopts them\n",
              daemon->err);
        daemon_leave(daemon, RUN_WORLD);
    }
    uv_poll_stop(&tunnels->poll);
    tunnels->gone = true;
}

void tunnels_read(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    struct report report;
    if (!tunnels->open || !tunnels->readable)
        return;
    tunnels->readable = false;
    for (int i = 0; i < READ_AT_ONCE; i++) {
        int got = report_receive(tunnels->fd, &report);
        if (got == -EAGAIN)
            return;
        if (got == 1)
            hear(daemon, &report);
        else if (got != -EPROTO) {
            end_without_keeper(daemon);
            return;
        }
    }
    tunnels->readable = true;
}

static void polled(uv_poll_t *poll, int status, int events)
{
    struct tunnels *tunnels = poll->data;
    (void)status;
    (void)events;
    tunnels->readable = true;
}

void tunnels_begin(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    if (tunnels->fd < 0)
        return;
    uv_poll_init(&daemon->loop, &tunnels->poll, tunnels->fd);
    tunnels->poll.data = tunnels;
    uv_poll_start(&tunnels->poll, UV_READABLE, polled);
    tunnels->open = true;
    if (!tell_kind(tunnels, ORDER_SETTLED))
        end_without_keeper(daemon);
}

/* -- changing and ending -- */

/* Wants are said again, all of them: the keeper sees what differs. An interface that the engine was
 * told of anew is as the tunnel is. */
void tunnels_change(struct daemon *daemon, const struct plan *was)
{
    struct tunnels *tunnels = &daemon->tunnels;
    bool told = true;
    if (tunnels->fd < 0)
        return;
    for (size_t i = 0; i < was->tunnel_count; i++) {
        const char *name = was->tunnels[i].tunnel.name;
        if (!wanted_called(daemon->plan, name))
            told = tell_name(tunnels, ORDER_UNWANT, name) && told;
    }
    told = told && tell_wants(tunnels, daemon->plan) && tell_kind(tunnels, ORDER_SETTLED);
    if (!told)
        daemon_log(daemon, "event=tunnel-trouble tunnel=all why=\"the keeper takes no orders\"");
    list(tunnels, daemon->plan);
    for (size_t i = 0; i < daemon->plan->tunnel_count; i++) {
        if (tunnels->items[i].said.up)
            tell_engine(daemon, &daemon->plan->tunnels[i], true);
    }
}

void tunnels_take_down(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    if (tunnels->leaving || tunnels->gone)
        return;
    tunnels->leaving = true;
    tunnels->gone_at_us = daemon->now_us + TUNNELS_GONE_US;
    tunnels->gone = !tell_kind(tunnels, ORDER_TAKE_DOWN);
}

int64_t tunnels_turn(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    if (!tunnels->open || tunnels->gone)
        return INT64_MAX;
    if (tunnels->leaving) {
        tunnels->gone = daemon->now_us >= tunnels->gone_at_us;
        return tunnels->gone_at_us;
    }
    if (daemon->now_us >= tunnels->count_at_us) {
        tunnels->count_at_us = daemon->now_us + TUNNELS_COUNT_US;
        (void)!order_send(tunnels->fd, &(struct order){.kind = ORDER_COUNT});
    }
    return tunnels->count_at_us;
}

void tunnels_done(struct tunnels *tunnels)
{
    if (tunnels->open)
        uv_poll_stop(&tunnels->poll);
    tunnels->open = false;
    send_away(tunnels);
    free(tunnels->items);
    tunnels->items = NULL;
    tunnels->count = 0;
}
