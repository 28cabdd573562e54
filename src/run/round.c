#include "run/round.h"

#include "run/farewell.h"
#include "world/names.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* -- effects -- */

static const struct plan_neighbor *planned(const struct daemon *daemon, uint16_t neighbor)
{
    return plan_numbered(daemon->plan, neighbor);
}

/* What cannot even be begun is told in the next round: an effect is no place for an event. */
static void effect_connect(struct daemon *daemon, struct event_connection at)
{
    const struct plan_neighbor *neighbor = planned(daemon, at.neighbor);
    struct key_room room;
    struct socket_wants wants;
    const char *why = NULL;
    int fd = -1;
    if (neighbor_wants(neighbor, &room, &wants, &why))
        fd = socket_connect(&daemon->listeners.place, neighbor->local_addr, neighbor->peer_addr,
                            &wants);
    else
        daemon_log(daemon, "event=no-key neighbor=%s file=%s why=\"%s\"", neighbor->name,
                   neighbor->md5_file, why);
    explicit_bzero(&room, sizeof room);
    links_add(&daemon->links, at, fd, true);
}

static void effect_close(struct daemon *daemon, struct event_connection at)
{
    struct link *link = links_at(&daemon->links, at);
    if (link)
        link_close(link, daemon->engine, daemon->now_us);
}

static void effect_send(struct daemon *daemon, struct event_connection at)
{
    struct link *link = links_at(&daemon->links, at);
    if (link)
        link_tell(link);
}

/* At once: a packet that is late is lost. */
static void effect_bfd_send(struct daemon *daemon, uint16_t number)
{
    const struct plan_neighbor *neighbor = planned(daemon, number);
    uint8_t packet[BFD_PACKET_BYTES];
    size_t size;
    while ((size = engine_pull_bfd(daemon->engine, number, packet, sizeof packet)) > 0) {
        int error = bfd_sockets_say(&daemon->bfd, neighbor, packet, size);
        if (error)
            daemon_log(daemon, "event=no-bfd neighbor=%s why=\"%s\"", neighbor->name,
                       strerror(-error));
    }
}

/* Notes of one kind about one neighbor, or attachment, are one matter. */
static uint32_t matter_of(const struct effect_note *note)
{
    uint32_t who = note->neighbor ? note->neighbor : 0x10000u | note->attachment;
    return (uint32_t)note->kind << 17 | who | 1u << 31;
}

static void log_down(struct daemon *daemon, const struct effect_note *note, const char *neighbor)
{
    const struct bgp_session *session = engine_session(daemon->engine, note->neighbor);
    const char *name = bgp_notice_name(session->last_code, session->last_subcode);
    char words[FAREWELL_TEXT_MAX];
    farewell_text((struct slice){session->words, session->words_size}, words);
    daemon_log(daemon, "event=%s neighbor=%s reason=%s%s%s%s%s%s%s", note_word(note->kind),
               neighbor, bgp_down_word((enum bgp_down)note->reason), name ? " notification=\"" : "",
               name ? name : "", name ? "\"" : "", session->words ? " words=\"" : "", words,
               session->words ? "\"" : "");
}

/* The words of a note, as the log has it. */
static void log_note(struct daemon *daemon, const struct effect_note *note)
{
    char neighbor[96], prefix[PREFIX_TEXT_BYTES];
    uint64_t untold;
    if (!quota_ask(&daemon->quota, matter_of(note), daemon->now_us, &untold))
        return;
    struct text text = text_over(neighbor, sizeof neighbor);
    if (note->neighbor)
        text_add(&text, planned(daemon, note->neighbor)->name);
    else
        text_attachment(&text, daemon->plan->world, daemon->plan->node_index, note->attachment);
    text = text_over(prefix, sizeof prefix);
    text_prefix(&text, note->prefix);
    if (untold > 0)
        daemon_log(daemon, "event=untold of=%s neighbor=%s count=%" PRIu64, note_word(note->kind),
                   neighbor, untold);
    switch (note->kind) {
    case NOTE_RESTART_OVER:
        daemon_log(daemon, "event=%s", note_word(note->kind));
        break;
    case NOTE_SESSION_UP:
    case NOTE_ROUTES_KEPT:
    case NOTE_ROUTES_EXPIRED:
    case NOTE_BFD_UP:
    case NOTE_MALFORMED:
    case NOTE_VPC_REFUSED:
        daemon_log(daemon, "event=%s neighbor=%s", note_word(note->kind), neighbor);
        break;
    case NOTE_SESSION_DOWN:
        log_down(daemon, note, neighbor);
        break;
    case NOTE_BFD_DOWN:
        daemon_log(daemon, "event=%s neighbor=%s reason=%s", note_word(note->kind), neighbor,
                   bfd_diag_word((enum bfd_diag)note->reason));
        break;
    case NOTE_ROUTE_REFUSED:
    case NOTE_GUARD_HELD:
    case NOTE_GUARD_WARNED:
    case NOTE_OUT_OF_BUDGET:
    case NOTE_LIMIT_NEAR:
    case NOTE_LIMIT_EXCEEDED:
        daemon_log(daemon, "event=%s neighbor=%s prefix=%s", note_word(note->kind), neighbor,
                   prefix);
        break;
    case NOTE_COUNT:
    default:
        break;
    }
}

static void effect_note(struct daemon *daemon, const struct effect_note *note)
{
    recent_add(&daemon->recent, note, clock_wall_us());
    log_note(daemon, note);
}

static void effect_entry(struct daemon *daemon, const struct effect_entry *entry)
{
    char prefix[PREFIX_TEXT_BYTES];
    if (kernel_table_want(&daemon->kernel, entry))
        return;
    struct text text = text_over(prefix, sizeof prefix);
    text_prefix(&text, entry->prefix);
    daemon_log(daemon, "event=no-memory prefix=%s", prefix);
}

static void round_apply(struct daemon *daemon, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_CONNECT:
        effect_connect(daemon, effect->connection);
        break;
    case EFFECT_CLOSE:
        effect_close(daemon, effect->connection);
        break;
    case EFFECT_SEND:
        effect_send(daemon, effect->connection);
        break;
    case EFFECT_NOTE:
        effect_note(daemon, &effect->note);
        break;
    case EFFECT_ENTRY:
        effect_entry(daemon, &effect->entry);
        break;
    case EFFECT_BFD_SEND:
        effect_bfd_send(daemon, effect->connection.neighbor);
        break;
    case EFFECT_VPC_ENTRY:
        vpc_entries_changed(daemon, &effect->vpc_entry);
        break;
    case EFFECT_COUNT:
    default:
        break;
    }
}

void round_step(struct daemon *daemon, struct event *event)
{
    event->at_us = daemon->now_us;
    journal_event(&daemon->journal, event);
    struct step step = engine_step(daemon->engine, event);
    for (uint32_t i = 0; i < step.effect_count; i++)
        round_apply(daemon, &step.effects[i]);
    daemon->more |= step.more;
    daemon->wake_at_us = step.wake_at_us;
}

/* -- BFD -- */

static void hear_bfd(struct daemon *daemon)
{
    struct bfd_came came[BFD_CAME_MAX];
    for (int turn = 0; turn < ROUND_BFD_TURNS; turn++) {
        int count = bfd_sockets_hear(&daemon->bfd, daemon->plan, daemon->engine, came);
        if (count < 0)
            return;
        for (int i = 0; i < count; i++) {
            struct event event = {
                .kind = EVENT_BFD_RECEIVED,
                .received = {{.neighbor = came[i].neighbor}, {came[i].bytes, came[i].size}}};
            round_step(daemon, &event);
        }
    }
}

/* What came, then what is due: who was heard in time is not missed, however late we look. */
static void pulse(struct daemon *daemon)
{
    daemon->now_us = daemon->pulse_us = clock_us();
    hear_bfd(daemon);
    if (engine_bfd_deadline_us(daemon->engine) > daemon->now_us)
        return;
    struct event event = {.kind = EVENT_BFD_TIME};
    round_step(daemon, &event);
}

/* Between two pieces of work that others have brought about. */
static void breathe(void *context)
{
    struct daemon *daemon = context;
    if (clock_us() - daemon->pulse_us >= ROUND_PULSE_US)
        pulse(daemon);
}

/* -- 1 read -- */

static void step_connection(struct daemon *daemon, enum event_kind kind, struct event_connection at)
{
    struct event event = {.kind = kind, .connection = at};
    round_step(daemon, &event);
}

static void accept_one(struct daemon *daemon, const struct plan_neighbor *neighbor, int fd)
{
    struct event_connection at = {neighbor->number, BGP_IN};
    struct socket_wants wants = {.ttl_security = neighbor->ttl_security,
                                 .direct = neighbor->direct};
    if (daemon->stopping || !session_accepts(engine_session(daemon->engine, neighbor->number)) ||
        socket_adopt(fd, &wants)) {
        close(fd);
        return;
    }
    links_add(&daemon->links, at, fd, false);
    step_connection(daemon, EVENT_CONNECTED, at);
}

static void accept_all(struct daemon *daemon)
{
    for (int i = 0; i < ROUND_ACCEPTS; i++) {
        const struct plan_neighbor *neighbor;
        int fd = listeners_accept(&daemon->listeners, daemon->plan, &neighbor);
        if (fd < 0)
            return;
        accept_one(daemon, neighbor, fd);
    }
}

static void finish_connecting(struct daemon *daemon, struct link *link)
{
    struct event_connection at = link->at;
    if (link->state == LINK_FAILED || socket_outcome(link->fd)) {
        link_drop(link);
        step_connection(daemon, EVENT_CONNECT_FAILED, at);
        return;
    }
    link_opened(link);
    step_connection(daemon, EVENT_CONNECTED, at);
}

/* Returns how many bytes. */
static size_t read_link(struct daemon *daemon, struct link *link)
{
    struct event_connection at = link->at;
    if (link->state == LINK_CONNECTING || link->state == LINK_FAILED) {
        finish_connecting(daemon, link);
        return 0;
    }
    bool open = link->state == LINK_OPEN;
    ssize_t size = link_read(link);
    if (size < 0) {
        link_drop(link);
        if (open)
            step_connection(daemon, EVENT_CLOSED, at);
        return 0;
    }
    if (size == 0 || !open)
        return (size_t)size;
    struct event event = {.kind = EVENT_RECEIVED,
                          .received = {at, {daemon->links.buffer, (size_t)size}}};
    round_step(daemon, &event);
    return (size_t)size;
}

/* -- 2 time -- */

static void take_time(struct daemon *daemon)
{
    daemon->now_us = clock_us();
    if (daemon->wake_at_us > daemon->now_us)
        return;
    struct event event = {.kind = EVENT_TIME};
    round_step(daemon, &event);
}

/* A neighbor that takes nothing is not there, whatever it sends. */
static void end_stuck(struct daemon *daemon)
{
    struct link *link;
    size_t at = 0;
    daemon->links.now_us = daemon->now_us;
    while ((link = links_next_stuck(&daemon->links, daemon->engine, &at)) != NULL)
        step_connection(daemon, EVENT_STUCK, link->at);
}

/* -- 3 continue -- */

static void go_on(struct daemon *daemon)
{
    if (!daemon->more)
        return;
    daemon->more = false;
    struct event event = {.kind = EVENT_CONTINUE};
    round_step(daemon, &event);
}

/* -- 5 send -- */

static void send_all(struct daemon *daemon)
{
    links_send(&daemon->links, daemon->engine, ROUND_SEND_BYTES, breathe, daemon);
}

/* -- the whole of 1 -- */

/* Of many that are ready, what the first ones said is told before the others are read, so that
 * those who are told have something to do meanwhile; then what twice as many said, and so on: few
 * batches are still few. */
static void read_all(struct daemon *daemon)
{
    size_t bytes = 0;
    uint32_t links = 0, most = ROUND_LINKS;
    while (bytes < ROUND_READ_BYTES) {
        struct link *link = links_next_ready(&daemon->links);
        if (!link)
            return;
        bytes += read_link(daemon, link);
        breathe(daemon);
        if (++links < most)
            continue;
        go_on(daemon);
        send_all(daemon);
        links = 0;
        most *= 2;
    }
}

/* -- the kernel's table -- */

static bool are_all_up(const struct daemon *daemon)
{
    for (uint16_t i = 1; i <= engine_neighbor_count(daemon->engine); i++) {
        const struct bgp_session *session = engine_session(daemon->engine, i);
        if (session->state != SESSION_ESTABLISHED ||
            daemon->now_us - session->since_us < KERNEL_SAID_AGAIN_US)
            return false;
    }
    return true;
}

static void install(struct daemon *daemon)
{
    struct kernel_table *kernel = &daemon->kernel;
    if (kernel->keeping && !engine_waits(daemon->engine) && are_all_up(daemon))
        kernel_table_keep_no_more(kernel);
    kernel_table_write(kernel, daemon->now_us);
    if (kernel->refused_count == daemon->kernel_refused)
        return;
    char prefix[PREFIX_TEXT_BYTES];
    struct text text = text_over(prefix, sizeof prefix);
    text_prefix(&text, kernel->last_refused);
    daemon_log(daemon, "event=kernel-refuses entries=%" PRIu64 " last=%s why=\"%s\"",
               kernel->refused_count - daemon->kernel_refused, prefix,
               strerror(kernel->last_error));
    daemon->kernel_refused = kernel->refused_count;
}

/* -- the round -- */

static void nothing(uv_idle_t *busy)
{
    (void)busy;
}

static void set_busy(struct daemon *daemon, bool busy)
{
    if (busy == daemon->is_busy)
        return;
    daemon->is_busy = busy;
    if (busy)
        uv_idle_start(&daemon->busy, nothing);
    else
        uv_idle_stop(&daemon->busy);
}

/* As a rule the round that libuv's waiting ended with has looked at the clock and set the alarm
 * anew before it could ring. It rings when something else had woken us less than a millisecond, the
 * unit of libuv's clock, too early: nothing was due then, and after ringing libuv would wait for
 * whatever comes next, with no alarm set. */
static void rang(uv_timer_t *alarm)
{
    struct daemon *daemon = alarm->data;
    daemon->alarm_at_us = ALARM_IS_OVER;
    set_busy(daemon, true);
}

static void set_alarm(struct daemon *daemon, int64_t at_us)
{
    if (at_us == daemon->alarm_at_us)
        return;
    daemon->alarm_at_us = at_us;
    if (at_us == INT64_MAX) {
        uv_timer_stop(&daemon->alarm);
        return;
    }
    int64_t wait_us = at_us > daemon->now_us ? at_us - daemon->now_us : 0;
    uv_update_time(&daemon->loop);
    uv_timer_start(&daemon->alarm, rang, (uint64_t)(wait_us + 999) / 1000, 0);
}

void round_begin(struct daemon *daemon)
{
    set_busy(daemon, true);
}

static int64_t earlier(int64_t one_us, int64_t other_us)
{
    return one_us < other_us ? one_us : other_us;
}

/* How long to wait now, and whether at all. */
static void rest(struct daemon *daemon)
{
    int64_t next_us = links_linger(&daemon->links, daemon->now_us);
    next_us = earlier(next_us, daemon->wake_at_us);
    next_us = earlier(next_us, notify_turn(&daemon->notify, daemon->now_us));
    next_us = earlier(next_us, kernel_table_wake_us(&daemon->kernel));
    next_us = earlier(next_us, tunnels_turn(daemon));
    next_us = earlier(next_us, metrics_wake_us(&daemon->metrics));
    next_us = earlier(next_us, vpc_entries_wake_us(daemon));
    if (daemon->stopping) {
        bool done = daemon->links.open_count == 0 && kernel_table_settled(&daemon->kernel);
        if (done || daemon->now_us >= daemon->stop_at_us)
            tunnels_take_down(daemon);
        else
            next_us = earlier(next_us, daemon->stop_at_us);
        bool late = daemon->now_us >= daemon->stop_at_us;
        if (daemon->tunnels.gone && (done || late))
            uv_stop(&daemon->loop);
    }
    set_alarm(daemon, next_us);
    set_busy(daemon, daemon->more || daemon->asked || daemon->listeners.ready ||
                         links_are_ready(&daemon->links) || daemon->tunnels.readable ||
                         links_are_telling(&daemon->links));
}

static void keep_journal(struct daemon *daemon)
{
    const struct journal_subject subject = daemon_subject(daemon);
    char line[512];
    journal_round(&daemon->journal, &subject, !daemon->more, daemon->now_us);
    while (journal_news(&daemon->journal, line))
        daemon_log(daemon, "%s", line);
}

/* Reading waits for sending, which full sockets do not hold up: what is read now would only
 * lengthen the log that the links at the end of the list have yet to copy. */
void round_run(struct daemon *daemon)
{
    daemon->now_us = clock_us();
    int64_t began_us = daemon->now_us;
    pulse(daemon);
    if (!links_are_telling(&daemon->links)) {
        accept_all(daemon);
        read_all(daemon);
    }
    tunnels_read(daemon);
    kernel_table_read(&daemon->kernel);
    take_time(daemon);
    end_stuck(daemon);
    go_on(daemon);
    breathe(daemon);
    install(daemon);
    vpc_entries_send(daemon);
    send_all(daemon);
    daemon->asked = control_answer(daemon);
    daemon->asked |= metrics_answer(daemon);
    keep_journal(daemon);
    daemon->now_us = clock_us();
    rest(daemon);
    uint64_t took_us = (uint64_t)(daemon->now_us - began_us);
    daemon->round_count++;
    if (took_us > daemon->longest_round_us)
        daemon->longest_round_us = took_us;
}
