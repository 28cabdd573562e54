/* What the files of charon share: charon.c is the daemon's life, charon_load.c what it is told of
 * tunnels, charon_look.c what is heard of them. */
#pragma once

#include "plane/charon.h"
#include "plane/charon_folder.h"
#include "plane/charon_tunnel.h"
#include "plane/child.h"
#include "plane/tail.h"
#include "plane/vici_line.h"

enum { CHARON_NUMBERS = 64 };

/* Which address an IKE SA is of that has no name yet. */
struct charon_number {
    uint32_t number;
    ip_addr peer;
};

struct charon {
    uv_loop_t *loop;
    struct charon_spec spec;
    struct charon_ears ears;
    struct charon_folder folder;
    char conf[CHARON_CONF_BYTES];
    enum charon_state state;
    struct child child;
    bool has_child;
    bool adopted;      /* this charon was started by an earlier one of us */
    bool told_adopted; /* …and that it is as found: digests are believed */
    bool going;        /* charon_go was called since it is READY */
    int64_t since_us;  /* of the state; while it is READY and the line broken, of that */
    int64_t ready_us;  /* since when it answers */
    int64_t restart_us, restart_wait_us;
    uv_timer_t timer;
    struct vici_line *line;
    struct tail *log;
    struct charon_tunnel **tunnels;
    unsigned tunnel_count, tunnel_room;
    bool listing, list_again, count_asked, count_listing;
    struct charon_number numbers[CHARON_NUMBERS];
    unsigned number_count;
    struct charon_asked *asked; /* what was asked and not answered yet; charon_load.c's */
    unsigned asked_count;
    struct charon_left *left; /* names that charon has and nobody wants */
    bool recorded;            /* what is loaded is written down */
    bool keys_unsure;         /* charon may have private keys that are nobody's */
};

int64_t charon_now_us(void);
struct charon_tunnel *charon_tunnel_called(const struct charon *charon, const char *name);
void charon_tell(struct charon *charon, struct charon_tunnel *tunnel, enum tunnel_cause cause);
void charon_complain(struct charon *charon, const char *tunnel, const char *sentence);
/* The timer runs when something is due next. */
void charon_schedule(struct charon *charon);

/* charon_load.c: of a charon that answers. */
void charon_load_all(struct charon *charon); /* and unload what nobody wants */
void charon_load(struct charon *charon, struct charon_tunnel *tunnel);
void charon_unload(struct charon *charon, struct charon_tunnel *tunnel);
void charon_forget_asked(struct charon *charon);
void charon_forget_left(struct charon *charon);
/* So much is under way that more is asked when some of it was answered; charon_schedule is called
 * then. */
bool charon_is_busy(const struct charon *charon);
void charon_forget_former(struct charon *charon, const struct charon_tunnel *tunnel);
void charon_ask_initiate(struct charon *charon, const char *name);
void charon_ask_terminate(struct charon *charon, const char *name);
void charon_ask_abandon(struct charon *charon, uint32_t number); /* of an IKE SA */
void charon_ask_replace(struct charon *charon, const char *name);

/* charon_look.c */
void charon_look(struct charon *charon);
void charon_log_line(void *charon, struct slice text);
