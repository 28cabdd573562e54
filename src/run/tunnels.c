#include "run/tunnels.h"

#include "network/memory.h"
#include "plane/keeper.h"
#include "plane/space.h"
#include "run/round.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    READ_AT_ONCE = 256, /* reports a round */
    SOCKET_BYTES = 1 << 20,
    KEEPER_END_MS = 5000, /* from its end of file to its end */
    WAIT_MS = 10,
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

/* It ends when it reads the end of file, unless it waits for something; then init has it. */
static void wait_for_end(pid_t keeper)
{
    const struct timespec pause = {.tv_nsec = WAIT_MS * 1000000L};
    for (int waited_ms = 0; keeper > 0 && waited_ms < KEEPER_END_MS; waited_ms += WAIT_MS) {
        if (waitpid(keeper, NULL, WNOHANG) != 0)
            return;
        nanosleep(&pause, NULL);
    }
}

static void send_away(struct tunnels *tunnels)
{
    order_queue_done(&tunnels->queue);
    permit_destroy(tunnels->permit);
    tunnels->permit = NULL;
    if (tunnels->fd >= 0)
        close(tunnels->fd);
    wait_for_end(tunnels->keeper);
    tunnels->fd = -1;
    tunnels->keeper = 0;
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
    tunnels->keeper = pid;
    tunnels->pools = &options->pools;
    (void)setsockopt(tunnels->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (void)fcntl(tunnels->fd, F_SETFL, O_NONBLOCK);
    tunnels->gone = false;
    return RUN_FINE;
}

/* -- telling -- */

static void polled(uv_poll_t *poll, int status, int events)
{
    struct tunnels *tunnels = poll->data;
    tunnels->readable |= status < 0 || (events & UV_READABLE);
    tunnels->writable |= (events & UV_WRITABLE) != 0;
}

static void listen_for_it(struct tunnels *tunnels)
{
    int what = UV_READABLE | (tunnels->queue.count > 0 ? UV_WRITABLE : 0);
    if (!tunnels->open || tunnels->polled_for == what)
        return;
    tunnels->polled_for = what;
    uv_poll_start(&tunnels->poll, what, polled);
}

/* What a busy keeper does not read waits. False: it is gone, or has not read for a very long time.
 */
static bool tell(struct tunnels *tunnels, const struct order *order)
{
    int error = order_queue_send(&tunnels->queue, tunnels->fd, order);
    listen_for_it(tunnels);
    return error == 0;
}

/* Before there is a loop, and anybody who would be kept waiting. */
static bool tell_all_that_waits(struct tunnels *tunnels)
{
    struct pollfd room = {.fd = tunnels->fd, .events = POLLOUT};
    int error;
    do
        error = order_queue_flush(&tunnels->queue, tunnels->fd);
    while (error == -EAGAIN && poll(&room, 1, TUNNELS_PATIENCE_MS) == 1);
    return error == 0;
}

static bool tell_kind(struct tunnels *tunnels, enum order_kind kind)
{
    return tell(tunnels, &(struct order){.kind = kind});
}

static bool tell_name(struct tunnels *tunnels, enum order_kind kind, const char *name)
{
    struct order order = {.kind = kind};
    snprintf(order.name, sizeof order.name, "%s", name);
    return tell(tunnels, &order);
}

static bool tell_wants(struct tunnels *tunnels, const struct plan *plan)
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
    order.kind = ORDER_ATTACH;
    for (size_t i = 0; fine && i < plan->plug_count; i++) {
        order.attach = plan->plugs[i].attachment;
        fine = tell(tunnels, &order);
    }
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
        items[i].trouble[0] = '\0'; /* what stays so is told again */
        memcpy(items[i].said.name, name, sizeof items[i].said.name);
    }
    free(tunnels->items);
    tunnels->items = items;
    tunnels->count = plan->tunnel_count;
}

static enum plane_choice choice_called(const char *word)
{
    int choice = 0;
    while (choice < PLANE_CHOICES &&
           strcmp(plane_choice_word((enum plane_choice)choice), word) != 0)
        choice++;
    return (enum plane_choice)choice;
}

static enum plane_choice choice_of(const struct plan *plan)
{
    if (plan->choice)
        return choice_called(plan->choice);
    for (size_t i = 0; i < plan->network->vpn_gateway_count; i++) {
        const struct network_vpn_gateway *gateway = &plan->network->vpn_gateways[i];
        if (strcmp(gateway->id, plan->node->id) == 0)
            return gateway->plane == NETWORK_PLANE_XFRM        ? PLANE_XFRM
                   : gateway->plane == NETWORK_PLANE_USERSPACE ? PLANE_USERSPACE
                                                               : PLANE_AUTO;
    }
    return PLANE_AUTO;
}

/* One of two kinds; false: neither came. Trouble is said. */
static bool wait_for_answer(const struct tunnels *tunnels, enum report_kind one,
                            enum report_kind other, FILE *err, struct report *ret_report)
{
    struct pollfd answer = {.fd = tunnels->fd, .events = POLLIN};
    while (poll(&answer, 1, TUNNELS_PATIENCE_MS) == 1) {
        int got = report_receive(tunnels->fd, ret_report);
        if (got == 1 && (ret_report->kind == one || ret_report->kind == other))
            return true;
        if (got == 1 && ret_report->kind == REPORT_TROUBLE)
            fprintf(err, "warning: %s\n", ret_report->trouble.sentence);
        if (got <= 0 && got != -EAGAIN)
            return false;
    }
    return false;
}

/* -- what the keeper will do -- */

static bool permit_all(struct permit *permit, const struct plan *plan,
                       char sentence[ORDER_SENTENCE_BYTES])
{
    for (size_t i = 0; i < plan->tunnel_count; i++) {
        const struct wanted_tunnel *wanted = &plan->tunnels[i];
        const char *psk_file = wanted->psk_file ? wanted->psk_file : "";
        if (!permit_want(permit, &wanted->tunnel, psk_file, sentence))
            return false;
    }
    return true;
}

/* The permit after a change, the caller's. NULL: it is refused. */
static struct permit *permit_changed(const struct tunnels *tunnels, const struct plan *was,
                                     const struct plan *is, char sentence[ORDER_SENTENCE_BYTES])
{
    struct permit *permit = permit_copy(tunnels->permit);
    if (!permit) {
        snprintf(sentence, ORDER_SENTENCE_BYTES, "no memory for its tunnels");
        return NULL;
    }
    for (size_t i = 0; i < was->tunnel_count; i++)
        permit_unwant(permit, was->tunnels[i].tunnel.name);
    if (permit_all(permit, is, sentence))
        return permit;
    permit_destroy(permit);
    return NULL;
}

bool tunnels_may_change(const struct tunnels *tunnels, const struct plan *was,
                        const struct plan *is, char sentence[ORDER_SENTENCE_BYTES])
{
    if (tunnels->fd < 0)
        return true;
    if (choice_of(was) != choice_of(is)) {
        snprintf(sentence, ORDER_SENTENCE_BYTES, "its plane");
        return false;
    }
    struct permit *permit = permit_changed(tunnels, was, is, sentence);
    permit_destroy(permit);
    return permit != NULL;
}

/* -- beginning -- */

static bool tell_begin(struct tunnels *tunnels, const struct plan *plan)
{
    struct order begin = {.kind = ORDER_BEGIN, .begin = {.choice = (uint8_t)choice_of(plan)}};
    begin.begin.together = plan->together;
    snprintf(begin.begin.gateway, sizeof begin.begin.gateway, "%s", plan->called);
    return tell(tunnels, &begin);
}

/* The file has no tunnels: those that an earlier life had go, and the keeper with them. */
static void send_away_with_all(struct tunnels *tunnels, const struct plan *plan, FILE *err)
{
    char space[NAME_SPACE_BYTES];
    struct report report;
    name_inner(plan->called, space);
    bool left = plan->together || space_exists(space);
    if (left && !(tell_begin(tunnels, plan) && tell_kind(tunnels, ORDER_TAKE_DOWN) &&
                  wait_for_answer(tunnels, REPORT_GONE, REPORT_REFUSED, err, &report)))
        fputs("warning: the process for the tunnels does not answer; some may be left\n", err);
    send_away(tunnels);
}

static enum run_exit refused(struct tunnels *tunnels, enum run_exit status, const char *sentence,
                             FILE *err)
{
    fprintf(err, "error: %s\n", sentence);
    send_away(tunnels);
    return status;
}

enum run_exit tunnels_prepare(struct tunnels *tunnels, const struct plan *plan, FILE *err)
{
    struct report report;
    char sentence[ORDER_SENTENCE_BYTES];
    if (plan->tunnel_count + plan->plug_count == 0) {
        send_away_with_all(tunnels, plan, err);
        return RUN_FINE;
    }
    tunnels->permit = permit_create(plan->called, tunnels->pools);
    if (!tunnels->permit)
        return refused(tunnels, RUN_WORLD, "no memory for the tunnels", err);
    if (!permit_all(tunnels->permit, plan, sentence))
        return refused(tunnels, RUN_INPUT, sentence, err);
    permit_settle(tunnels->permit);
    bool told = tell_begin(tunnels, plan) && tell_wants(tunnels, plan) &&
                tell_kind(tunnels, ORDER_PREPARE) && tell_all_that_waits(tunnels);
    if (!told || !wait_for_answer(tunnels, REPORT_READY, REPORT_REFUSED, err, &report))
        return refused(tunnels, RUN_WORLD, "the process for the tunnels does not answer", err);
    if (report.kind == REPORT_REFUSED)
        return refused(tunnels, RUN_WORLD, report.sentence, err);
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

void tunnels_end_session(struct daemon *daemon, uint16_t neighbor)
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
        tunnels_end_session(daemon, wanted->neighbor);
    choose_static(daemon, wanted);
}

/* A tunnel that goes up and down all day is one matter, its trouble another. */
enum matter { MATTER_STATE = 1, MATTER_TROUBLE };

static bool may_log(struct daemon *daemon, enum matter matter, const char *name)
{
    const struct carried *carried = carried_called(&daemon->tunnels, name);
    uint32_t which = carried ? (uint32_t)(carried - daemon->tunnels.items) + 1 : 0;
    uint64_t untold;
    if (!quota_ask(&daemon->quota, (uint32_t)matter << 17 | which, daemon->now_us, &untold))
        return false;
    if (untold > 0)
        daemon_log(daemon, "event=untold of=%s tunnel=%s count=%" PRIu64,
                   matter == MATTER_STATE ? "tunnel" : "tunnel-trouble", *name ? name : "all",
                   untold);
    return true;
}

static void log_replacement(struct daemon *daemon, const struct carried *carried)
{
    const struct replacement *replacement = &carried->replacement;
    daemon_log(daemon, "event=tunnel-%s tunnel=%s how=%s after=%" PRId64 "ms",
               replacement->state == REPLACEMENT_DONE ? "replaced" : "not-replaced",
               carried->said.name, replacement->endpoint ? "endpoint" : "make-before-break",
               replacement->took_us / 1000);
}

static void log_tunnel(struct daemon *daemon, const struct report_tunnel *said, bool was)
{
    enum tunnel_cause cause = (enum tunnel_cause)said->cause;
    if (was && said->up && cause == TUNNEL_CAUSE_REKEY_REFUSED)
        daemon_log(daemon, "event=tunnel-trouble tunnel=%s why=\"%s\"", said->name,
                   tunnel_cause_sentence(cause));
    else
        daemon_log(daemon, "event=tunnel-%s tunnel=%s device=%s cause=%s", said->up ? "up" : "down",
                   said->name, *said->device ? said->device : "none", tunnel_cause_word(cause));
}

static void hear_tunnel(struct daemon *daemon, const struct report_tunnel *said)
{
    const struct wanted_tunnel *wanted = wanted_called(daemon->plan, said->name);
    struct carried *carried = carried_called(&daemon->tunnels, said->name);
    if (!wanted || !carried)
        return; /* no longer */
    bool was = carried->said.up;
    bool news = was != said->up || carried->said.cause != said->cause;
    if (said->up && !was)
        carried->trouble[0] = '\0';
    carried->said = *said;
    if (news && may_log(daemon, MATTER_STATE, said->name))
        log_tunnel(daemon, said, was);
    if (replacement_hear(&carried->replacement, said, daemon->now_us))
        log_replacement(daemon, carried);
    if (was != said->up)
        tell_engine(daemon, wanted, said->up);
}

static void hear_pin(struct daemon *daemon, const struct report_pin *said)
{
    struct carried *carried = carried_called(&daemon->tunnels, said->name);
    char far[IP_TEXT_BYTES], gateway[IP_TEXT_BYTES] = "none";
    struct text text = text_over(far, sizeof far);
    if (!carried)
        return;
    carried->pin = *said;
    text_ip(&text, said->far);
    text = text_over(gateway, sizeof gateway);
    if (said->gateway != 0)
        text_ip(&text, said->gateway);
    else
        text_add(&text, "none");
    if (*said->device)
        daemon_log(daemon, "event=tunnel-pinned tunnel=%s to=%s device=%s via=%s", said->name, far,
                   said->device, gateway);
    else
        daemon_log(
            daemon,
            "event=tunnel-trouble tunnel=%s why=\"no route leads to %s but through a tunnel; "
            "it waits for one\"",
            said->name, far);
}

/* Kept for questions, however often it is told; the log has a quota. */
static void hear_trouble(struct daemon *daemon, const char *name, const char *sentence)
{
    struct carried *carried = carried_called(&daemon->tunnels, name);
    if (carried)
        snprintf(carried->trouble, sizeof carried->trouble, "%s", sentence);
    if (may_log(daemon, MATTER_TROUBLE, name))
        daemon_log(daemon, "event=tunnel-trouble tunnel=%s why=\"%s\"", *name ? name : "all",
                   sentence);
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
        hear_trouble(daemon, report->trouble.name, report->trouble.sentence);
        break;
    case REPORT_ATTACHMENT:
        plugs_hear(daemon, &report->attachment);
        break;
    case REPORT_PIN:
        hear_pin(daemon, &report->pin);
        break;
    case REPORT_READY: /* again: for the first tunnel of a gateway that had attachments alone */
        tunnels->choice = (enum plane_choice)report->ready.choice;
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

/* The next start says all of it again, to another one. */
static void end_without_orders(struct daemon *daemon)
{
    fputs("error: the process that keeps the tunnels takes no orders\n", daemon->err);
    daemon_leave(daemon, RUN_WORLD);
}

void tunnels_read(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    struct report report;
    if (tunnels->open && tunnels->writable) {
        tunnels->writable = false;
        (void)!order_queue_flush(&tunnels->queue, tunnels->fd); /* an end is read */
        listen_for_it(tunnels);
    }
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

void tunnels_begin(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    if (tunnels->fd < 0)
        return;
    uv_poll_init(&daemon->loop, &tunnels->poll, tunnels->fd);
    tunnels->poll.data = tunnels;
    tunnels->open = true;
    listen_for_it(tunnels);
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
    char sentence[ORDER_SENTENCE_BYTES];
    if (tunnels->fd < 0)
        return;
    struct permit *permit = permit_changed(tunnels, was, daemon->plan, sentence);
    if (permit) { /* it was asked before */
        permit_destroy(tunnels->permit);
        tunnels->permit = permit;
    }
    for (size_t i = 0; i < was->tunnel_count; i++) {
        const char *name = was->tunnels[i].tunnel.name;
        if (!wanted_called(daemon->plan, name))
            told = tell_name(tunnels, ORDER_UNWANT, name) && told;
    }
    for (size_t i = 0; i < was->plug_count; i++) {
        const char *name = was->plugs[i].attachment.name;
        if (!plugs_find(daemon->plan, name))
            told = tell_name(tunnels, ORDER_DETACH, name) && told;
    }
    told = told && tell_wants(tunnels, daemon->plan) && tell_kind(tunnels, ORDER_SETTLED);
    if (!told)
        end_without_orders(daemon);
    list(tunnels, daemon->plan);
    for (size_t i = 0; i < daemon->plan->tunnel_count; i++) {
        if (tunnels->items[i].said.up)
            tell_engine(daemon, &daemon->plan->tunnels[i], true);
    }
    plugs_change(daemon, was);
    vpc_entries_all(daemon);
}

const char *tunnels_replace(struct daemon *daemon, const char *name, bool endpoint)
{
    static char sentence[PLANE_NAME_BYTES + 64];
    struct tunnels *tunnels = &daemon->tunnels;
    struct carried *carried = carried_called(tunnels, name);
    if (tunnels->fd < 0)
        return "this daemon makes no tunnels";
    if (tunnels->leaving)
        return "the tunnels are being taken down";
    if (!carried)
        snprintf(sentence, sizeof sentence, "there is no tunnel %s", name);
    else if (carried->replacement.state == REPLACEMENT_UNDER_WAY)
        snprintf(sentence, sizeof sentence, "%s is being replaced already", name);
    else if (!carried->said.up)
        snprintf(sentence, sizeof sentence, "%s is down; there is nothing to replace", name);
    else if (!tell_name(tunnels, endpoint ? ORDER_ENDPOINT : ORDER_REPLACE, name))
        snprintf(sentence, sizeof sentence, "the keeper takes no orders");
    else {
        replacement_begin(&carried->replacement, &carried->said, endpoint, daemon->now_us);
        return NULL;
    }
    return sentence;
}

/* When to come back for one of them. */
static int64_t turn_replacements(struct daemon *daemon)
{
    struct tunnels *tunnels = &daemon->tunnels;
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < tunnels->count; i++) {
        struct carried *carried = &tunnels->items[i];
        if (replacement_turn(&carried->replacement, daemon->now_us))
            log_replacement(daemon, carried);
        if (replacement_again(&carried->replacement, daemon->now_us))
            (void)!tell_name(tunnels, ORDER_REPLACE, carried->said.name);
        int64_t until_us = replacement_until(&carried->replacement);
        next_us = until_us < next_us ? until_us : next_us;
    }
    return next_us;
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
        if (tunnels->queue.count == 0)
            (void)!tell_kind(tunnels, ORDER_COUNT);
    }
    int64_t next_us = turn_replacements(daemon);
    return next_us < tunnels->count_at_us ? next_us : tunnels->count_at_us;
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
