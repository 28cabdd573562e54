#include "plane/charon.h"

#include "plane/charon_parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RESTART_FIRST_US = 100000,
    RESTART_LAST_US = 10000000,
    STEADY_US = 30000000, /* who lived so long is started again at once */
    LOOK_US = 100000,     /* while it starts, how often whether it lives */
    ANSWER_US = 30000000, /* so long it may be silent before it is ended */
    END_MS = 3000,
    FILE_MAX_BYTES = 16 * TAIL_FILE_MAX, /* its log's, while nobody reads it and cuts it */
};

static const char *const PROGRAM = "/usr/sbin/charon-systemd";

int64_t charon_now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* -- telling -- */

struct charon_tunnel *charon_tunnel_called(const struct charon *charon, const char *name)
{
    for (unsigned i = 0; i < charon->tunnel_count; i++)
        if (strcmp(charon->tunnels[i]->wanted.name, name) == 0)
            return charon->tunnels[i];
    return NULL;
}

void charon_tell(struct charon *charon, struct charon_tunnel *tunnel, enum tunnel_cause cause)
{
    if (cause != TUNNEL_CAUSE_NONE)
        charon->ears.heard(charon->ears.of, tunnel->wanted.name, cause);
    charon_schedule(charon);
}

void charon_complain(struct charon *charon, const char *tunnel, const char *sentence)
{
    if (charon->ears.trouble)
        charon->ears.trouble(charon->ears.of, tunnel, sentence);
}

static void become(struct charon *charon, enum charon_state state)
{
    charon->state = state;
    charon->since_us = charon_now_us();
    charon->ears.changed(charon->ears.of, state, charon->adopted);
}

/* -- its process -- */

static int say_why(char why[CHARON_WHY_BYTES], const struct trouble *trouble)
{
    snprintf(why, CHARON_WHY_BYTES, "%.*s", CHARON_WHY_BYTES - 1, trouble->sentence);
    return trouble->error ? -trouble->error : -EIO;
}

static bool launch(struct charon *charon, struct trouble *ret_trouble)
{
    const struct charon_folder *folder = &charon->folder;
    const char *program = charon->spec.program ? charon->spec.program : PROGRAM;
    char conf[CHARON_FOLDER_PATH_BYTES + 16];
    snprintf(conf, sizeof conf, "STRONGSWAN_CONF=%s", folder->conf);
    const char *argv[] = {program, NULL};
    const char *environment[] = {conf, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    struct child_plan plan = {.argv = argv,
                              .file_max_bytes = FILE_MAX_BYTES,
                              .environment = environment,
                              .record = folder->pid,
                              .space = charon->spec.space[0] ? charon->spec.space : NULL,
                              .few_rights = true};
    unlink(folder->socket);
    unlink(folder->loaded);
    charon->adopted = charon->told_adopted = false;
    if (access(program, X_OK))
        return trouble_is(ret_trouble, errno, "%s (package charon-systemd)", program);
    if (!charon_folder_write(folder->conf, charon->conf, strlen(charon->conf), ret_trouble) ||
        !child_start(&plan, &charon->child, ret_trouble))
        return false;
    charon->has_child = true;
    return true;
}

/* One that runs and is as wanted is adopted; one that is otherwise is ended. */
static bool adopt(struct charon *charon)
{
    if (!child_adopt(charon->folder.pid, &charon->child, NULL))
        return false;
    charon->has_child = true;
    charon->adopted = charon->told_adopted = charon_folder_has_conf(&charon->folder, charon->conf);
    if (charon->adopted)
        return true;
    child_end(&charon->child, END_MS, NULL);
    charon->has_child = false;
    return false;
}

static void lose_all(struct charon *charon)
{
    charon->going = charon->listing = charon->count_listing = false;
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        struct charon_tunnel *tunnel = charon->tunnels[i];
        charon_tell(charon, tunnel, charon_tunnel_lost(tunnel, charon_now_us()));
    }
}

/* It ended, or is as good as ended. */
static void died(struct charon *charon)
{
    bool steady = charon->state == CHARON_READY && charon_now_us() - charon->ready_us > STEADY_US;
    child_end(&charon->child, END_MS, NULL);
    charon->has_child = false;
    if (steady)
        charon->restart_wait_us = RESTART_FIRST_US;
    charon->restart_us = charon_now_us() + charon->restart_wait_us;
    charon->restart_wait_us *= 2;
    if (charon->restart_wait_us > RESTART_LAST_US)
        charon->restart_wait_us = RESTART_LAST_US;
    charon->state = CHARON_DOWN; /* before tunnels are told of */
    lose_all(charon);
    become(charon, CHARON_DOWN);
    charon_schedule(charon);
}

static void start_again(struct charon *charon)
{
    struct trouble trouble;
    if (launch(charon, &trouble)) {
        become(charon, CHARON_STARTING);
        return;
    }
    charon_complain(charon, "", trouble.sentence);
    charon->restart_us = charon_now_us() + RESTART_LAST_US;
}

/* -- the line -- */

static void opened(void *of)
{
    struct charon *charon = of;
    if (charon->state == CHARON_READY) { /* the line was lost, charon was not */
        charon->since_us = charon_now_us();
        charon->told_adopted = true;
        charon_go(charon);
    } else {
        charon->ready_us = charon_now_us();
        become(charon, CHARON_READY);
    }
    charon_schedule(charon);
}

static void closed(void *of)
{
    struct charon *charon = of;
    charon->going = charon->listing = charon->count_listing = false;
    charon->since_us = charon_now_us();
    if (charon->has_child && !child_alive(&charon->child))
        died(charon);
    charon_schedule(charon);
}

static void heard_event(void *of, struct slice name, struct slice message)
{
    struct charon *charon = of;
    (void)name;
    (void)message;
    tail_read(charon->log);
    charon_look(charon);
}

/* -- what is due -- */

static bool is_silent(const struct charon *charon)
{
    return charon->state == CHARON_STARTING ||
           (charon->state == CHARON_READY && !vici_line_is_open(charon->line));
}

static bool may_ask(const struct charon *charon)
{
    return charon->going && !charon_is_busy(charon);
}

static void see_to_tunnels(struct charon *charon)
{
    int64_t now_us = charon_now_us();
    for (unsigned i = 0; i < charon->tunnel_count && may_ask(charon); i++) {
        struct charon_tunnel *tunnel = charon->tunnels[i];
        if (charon_tunnel_former_over(tunnel, now_us))
            charon_forget_former(charon, tunnel);
        if (charon_tunnel_due(tunnel, now_us))
            charon_ask_initiate(charon, tunnel->wanted.name);
    }
}

static void due(uv_timer_t *timer)
{
    struct charon *charon = timer->data;
    if (charon->has_child && is_silent(charon) &&
        (!child_alive(&charon->child) || charon_now_us() - charon->since_us > ANSWER_US))
        died(charon);
    else if (charon->state == CHARON_DOWN && !charon->has_child &&
             charon_now_us() >= charon->restart_us)
        start_again(charon);
    see_to_tunnels(charon);
    charon_schedule(charon);
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

void charon_schedule(struct charon *charon)
{
    int64_t now_us = charon_now_us(), at = INT64_MAX;
    if (charon->state == CHARON_DOWN && !charon->has_child)
        at = charon->restart_us;
    else if (is_silent(charon))
        at = now_us + LOOK_US;
    for (unsigned i = 0; i < charon->tunnel_count && may_ask(charon); i++) {
        const struct charon_tunnel *tunnel = charon->tunnels[i];
        if (tunnel->loaded)
            at = earlier(at, tunnel->try_us);
        if (tunnel->former_psk[0])
            at = earlier(at, tunnel->former_until_us);
    }
    if (at == INT64_MAX)
        uv_timer_stop(&charon->timer);
    else
        uv_timer_start(&charon->timer, due, at > now_us ? (uint64_t)(at - now_us) / 1000 + 1 : 0,
                       0);
}

/* -- its life, for others -- */

struct charon *charon_create(uv_loop_t *loop, const struct charon_spec *spec,
                             const struct charon_ears *ears)
{
    struct charon *charon = calloc(1, sizeof *charon);
    if (!charon || uv_timer_init(loop, &charon->timer)) {
        free(charon);
        return NULL;
    }
    charon->loop = loop;
    charon->spec = *spec;
    charon->ears = *ears;
    charon->timer.data = charon;
    charon->restart_wait_us = RESTART_FIRST_US;
    charon->restart_us = INT64_MAX;
    return charon;
}

static bool write_conf(struct charon *charon, struct trouble *ret_trouble)
{
    const struct charon_folder *folder = &charon->folder;
    const struct charon_conf conf = {folder->socket, folder->log, charon->spec.userspace,
                                     charon->spec.watch};
    return charon_conf_text(&conf, charon->conf) ||
           trouble_is(ret_trouble, EINVAL, "%s: a path of spaces or quotes", folder->path);
}

static bool begin(struct charon *charon, struct trouble *ret_trouble)
{
    static const char *const EVENTS[] = {"ike-updown", "child-updown", "ike-rekey", "child-rekey"};
    const struct vici_ears ears = {charon, opened, closed, heard_event};
    if (!charon_folder_init(&charon->folder, charon->spec.folder, ret_trouble) ||
        !write_conf(charon, ret_trouble) || !charon_folder_make(&charon->folder, ret_trouble))
        return false;
    charon->log = tail_create(charon->loop, charon->folder.log, charon_log_line, charon);
    if (!charon->log)
        return trouble_is(ret_trouble, errno, "%s cannot be followed", charon->folder.log);
    if (!adopt(charon) && !launch(charon, ret_trouble))
        return false;
    charon->line = vici_line_create(charon->loop, charon->folder.socket, &ears);
    if (!charon->line)
        return trouble_is(ret_trouble, ENOMEM, "a line to charon");
    for (unsigned i = 0; i < sizeof EVENTS / sizeof EVENTS[0]; i++)
        vici_line_want(charon->line, EVENTS[i]);
    return true;
}

int charon_start(struct charon *charon, char why[CHARON_WHY_BYTES])
{
    struct trouble trouble = {0};
    assert(!charon->line);
    if (!begin(charon, &trouble)) {
        tail_destroy(charon->log);
        charon->log = NULL;
        return say_why(why, &trouble);
    }
    charon->state = CHARON_STARTING;
    charon->since_us = charon_now_us();
    charon_schedule(charon);
    return 0;
}

void charon_go(struct charon *charon)
{
    if (charon->state != CHARON_READY || charon->going || !vici_line_is_open(charon->line))
        return;
    charon->going = true;
    charon_load_all(charon);
    charon_schedule(charon);
}

enum charon_state charon_state(const struct charon *charon)
{
    return charon->state;
}

pid_t charon_pid(const struct charon *charon)
{
    return charon->has_child ? charon->child.pid : 0;
}

bool charon_is_adopted(const struct charon *charon)
{
    return charon->has_child && charon->adopted;
}

static void charon_closed(uv_handle_t *timer)
{
    free(timer->data);
}

void charon_leave(struct charon *charon)
{
    if (!charon)
        return;
    for (unsigned i = 0; i < charon->tunnel_count; i++) {
        charon_tunnel_done(charon->tunnels[i]);
        free(charon->tunnels[i]);
    }
    free(charon->tunnels);
    charon->tunnels = NULL;
    charon->tunnel_count = charon->tunnel_room = 0;
    vici_line_destroy(charon->line);
    charon_forget_asked(charon); /* nobody answers it any more */
    tail_destroy(charon->log);
    if (charon->has_child)
        child_let_go(&charon->child);
    uv_close((uv_handle_t *)&charon->timer, charon_closed);
}

void charon_stop_soon(struct charon *charon)
{
    if (charon->has_child)
        (void)child_signal(&charon->child, SIGTERM);
}

void charon_stop(struct charon *charon)
{
    struct charon_folder folder;
    if (charon_folder_init(&folder, charon->spec.folder, NULL)) {
        if (!charon->has_child)
            charon->has_child = child_adopt(folder.pid, &charon->child, NULL);
        if (charon->has_child)
            child_end(&charon->child, END_MS, NULL);
        charon->has_child = false;
        charon_folder_remove(&folder);
    }
    charon_leave(charon);
}

/* -- its tunnels, for others -- */

static bool can_read(const char *path, char why[CHARON_WHY_BYTES])
{
    struct trouble trouble;
    size_t size;
    char *file = path[0] ? charon_folder_read(path, CONNECTION_FILE_MAX, &size, &trouble) : NULL;
    if (path[0] && !file) {
        say_why(why, &trouble);
        return false;
    }
    if (file)
        charon_folder_forget(file, size);
    return true;
}

static bool has_credentials(const struct plane_tunnel *tunnel, char why[CHARON_WHY_BYTES])
{
    if (tunnel->psk[0])
        return true;
    if (tunnel->certificate[0] == 0 || tunnel->private_key[0] == 0 || tunnel->authority[0] == 0) {
        snprintf(why, CHARON_WHY_BYTES,
                 "%s has neither a pre-shared key nor certificate, private key and authority",
                 tunnel->name);
        return false;
    }
    if (tunnel->peer_id[0] == 0 && tunnel->peer == 0) {
        snprintf(why, CHARON_WHY_BYTES,
                 "%s: anybody with a certificate of this authority would be believed; it needs the "
                 "customer gateway's address or a peer_id",
                 tunnel->name);
        return false;
    }
    return can_read(tunnel->certificate, why) && can_read(tunnel->private_key, why) &&
           can_read(tunnel->authority, why);
}

/* NULL: too many, or no memory. */
static struct charon_tunnel *one_more(struct charon *charon)
{
    struct charon_tunnel *tunnel = NULL;
    if (charon->tunnel_count == charon->tunnel_room && charon->tunnel_room < CHARON_TUNNELS_MAX) {
        unsigned more = charon->tunnel_room ? 2 * charon->tunnel_room : 1;
        struct charon_tunnel **grown = realloc(charon->tunnels, more * sizeof *grown);
        charon->tunnels = grown ? grown : charon->tunnels;
        charon->tunnel_room = grown ? more : charon->tunnel_room;
    }
    if (charon->tunnel_count < charon->tunnel_room)
        tunnel = calloc(1, sizeof *tunnel);
    if (tunnel)
        charon->tunnels[charon->tunnel_count++] = tunnel;
    return tunnel;
}

bool charon_want(struct charon *charon, const struct plane_tunnel *wanted, uint32_t interface_id,
                 char why[CHARON_WHY_BYTES])
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, wanted->name);
    int64_t now_us = charon_now_us();
    if (!has_credentials(wanted, why))
        return false;
    if (tunnel) {
        charon_tunnel_want(tunnel, wanted, interface_id, now_us);
    } else {
        tunnel = one_more(charon);
        if (!tunnel) {
            snprintf(why, CHARON_WHY_BYTES, "one IKE daemon has %d tunnels at most",
                     CHARON_TUNNELS_MAX);
            return false;
        }
        charon_tunnel_init(tunnel, wanted, interface_id, now_us);
    }
    charon_load(charon, tunnel);
    charon_schedule(charon);
    return true;
}

void charon_unwant(struct charon *charon, const char *name)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    unsigned kept = 0;
    if (!tunnel)
        return;
    charon_unload(charon, tunnel);
    for (unsigned i = 0; i < charon->tunnel_count; i++)
        if (charon->tunnels[i] != tunnel)
            charon->tunnels[kept++] = charon->tunnels[i];
    charon->tunnel_count = kept;
    charon_tunnel_done(tunnel);
    free(tunnel);
}

void charon_initiate(struct charon *charon, const char *name)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    if (!tunnel)
        return;
    charon_tunnel_start(tunnel, charon_now_us());
    charon_schedule(charon);
}

static void end_tunnel(struct charon *charon, const char *name, enum tunnel_cause cause)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    if (!tunnel)
        return;
    charon_tunnel_end(tunnel, cause, charon_now_us());
    if (charon->going)
        charon_ask_terminate(charon, name);
    charon_schedule(charon);
}

void charon_terminate(struct charon *charon, const char *name)
{
    end_tunnel(charon, name, TUNNEL_CAUSE_ADMIN);
}

void charon_endpoint_replaced(struct charon *charon, const char *name)
{
    end_tunnel(charon, name, TUNNEL_CAUSE_REPLACED);
}

void charon_address_gone(struct charon *charon, const char *name)
{
    struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    if (!charon->going || !tunnel || !tunnel->status.up)
        return;
    tunnel->wants_up = true; /* the peer does not know where to ask */
    charon_tunnel_end(tunnel, TUNNEL_CAUSE_ADDRESS_GONE, charon_now_us());
    charon_ask_abandon(charon, tunnel->sa.number);
    charon_schedule(charon);
}

void charon_replace(struct charon *charon, const char *name)
{
    if (charon->going && charon_tunnel_called(charon, name))
        charon_ask_replace(charon, name);
}

void charon_count(struct charon *charon)
{
    charon->count_asked = true;
    charon_look(charon);
}

const struct charon_sa *charon_sa(const struct charon *charon, const char *name)
{
    const struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    return tunnel ? &tunnel->sa : NULL;
}

const struct tunnel_status *charon_status(const struct charon *charon, const char *name)
{
    const struct charon_tunnel *tunnel = charon_tunnel_called(charon, name);
    return tunnel ? &tunnel->status : NULL;
}
