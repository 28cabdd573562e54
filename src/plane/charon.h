/* One IKE daemon: its configuration, its life, what it says of tunnels.
 *
 * A charon runs in a network namespace and has a folder (mode 0700): strongswan.conf, the VICI
 * socket, a log without keys, and the digests of what was loaded. It outlives us. Whoever comes
 * later finds a VICI socket that answers and a strongswan.conf that is as wanted, and adopts it: no
 * SA is touched, and a connection is loaded again only where its digest differs. A charon that is
 * not as wanted is stopped and started again. One that dies is started again after 0.1 s, then
 * later and later, 10 s at most, and told everything anew.
 *
 * What is wanted is kept here, with the keys, and wiped when it is no longer.
 *
 * Who initiates: we, never charon by itself (connection.h). A tunnel whose startup is start, or
 * which died and whose dead_action is restart, is asked for until it is up, after 1 s at first and
 * 30 s at last.
 *
 * Where causes come from. VICI says that something happened, charon's list of SAs what there is
 * now, and its log why: charon writes a line before it tells of the event that the line explains,
 * so the log is read before the list is asked for. What is not understood is passed over; a tunnel
 * that goes without a known reason was DELETED. */
#pragma once

#include "plane/charon_words.h"
#include "plane/connection.h"
#include "plane/names.h"
#include "tunnel/state.h"

#include <stdio.h>
#include <sys/types.h>
#include <uv.h>

enum { CHARON_TUNNELS_MAX = 512, CHARON_WHY_BYTES = 256 };

struct charon_spec {
    char folder[PLANE_PATH_BYTES]; /* made when missing; below 90 bytes, for the socket's sake */
    char space[NAME_SPACE_BYTES];  /* network namespace; "": ours */
    bool userspace;                /* libipsec's TUN device, else the kernel's ESP */
    struct tunnel_watch watch;     /* IKEv2 has one give-up time for all of a charon's tunnels */
    const char *program;           /* NULL: charon-systemd; lives as long as the charon */
};

enum charon_state {
    CHARON_DOWN,     /* not there, and waited for */
    CHARON_STARTING, /* started, does not answer yet */
    CHARON_READY,    /* answers */
};

/* Called from the loop or from within charon_want and its kin; must not destroy the charon. */
struct charon_ears {
    void *of;
    /* READY: ask for charon_go as soon as devices are in their place (on the userspace plane ipsec0
     * is there now, or, adopted, was moved long ago). */
    void (*changed)(void *of, enum charon_state state, bool adopted);
    void (*heard)(void *of, const char *tunnel, enum tunnel_cause cause);
    void (*counted)(void *of); /* charon_count is done: charon_sa is fresh */
    /* NULL: nobody asks. tunnel: "" for all. Something was refused, and goes on being tried. */
    void (*trouble)(void *of, const char *tunnel, const char *sentence);
    /* NULL: nobody asks. Whatever was to be said since charon_go, or since more was wanted, has
     * been answered: who asks charon for a tunnel now is not told that it knows of none. */
    void (*loaded)(void *of);
};

struct charon;

/* loop, spec and ears are borrowed, copied, copied. Does nothing yet. */
struct charon *charon_create(uv_loop_t *loop, const struct charon_spec *spec,
                             const struct charon_ears *ears);

/* Adopts or starts. A negative errno, and the sentence in why (256 bytes): folder or namespace
 * cannot be had, charon-systemd is not installed. */
int charon_start(struct charon *charon, char why[256]) __attribute__((warn_unused_result));

/* Devices are where they belong: load what is wanted. Once after each READY. */
void charon_go(struct charon *charon);

/* The tunnel shall be so: new, changed, or the same. A changed one is loaded; SAs that are up stay
 * until they are replaced (charon_replace does it at once). A changed key is accepted beside the
 * former one for the lifetime of phase 1. false: too many, or a file of it cannot be read (why). */
bool charon_want(struct charon *charon, const struct plane_tunnel *tunnel, uint32_t interface_id,
                 char why[256]) __attribute__((warn_unused_result));
/* It shall not be: its SAs are deleted, connection and keys unloaded. */
void charon_unwant(struct charon *charon, const char *name);

void charon_initiate(struct charon *charon, const char *name);
/* Down by hand: the cause is ADMIN, and nobody asks for it again before charon_initiate or the
 * peer does. */
void charon_terminate(struct charon *charon, const char *name);
/* Both phases are replaced: each new SA is there before the old one goes, and no packet is lost.
 * The cause heard is REKEYED. */
void charon_replace(struct charon *charon, const char *name);
/* An endpoint is replaced: its SAs are deleted, the cause is REPLACED, and it comes back as its
 * startup says. */
void charon_endpoint_replaced(struct charon *charon, const char *name);
/* The address that its SAs are from is not the machine's any more: nothing reaches the peer from
 * there. They end without a word to it, the cause is ADDRESS_GONE, and it is asked for anew. */
void charon_address_gone(struct charon *charon, const char *name);

/* Asks charon for its SAs; counted is called when they are there. */
void charon_count(struct charon *charon);
/* NULL: no such tunnel. Times of a status are microseconds of uv_hrtime. */
const struct charon_sa *charon_sa(const struct charon *charon, const char *name);
const struct tunnel_status *charon_status(const struct charon *charon, const char *name);

enum charon_state charon_state(const struct charon *charon);
pid_t charon_pid(const struct charon *charon);       /* 0: not there */
bool charon_is_adopted(const struct charon *charon); /* from charon_start until it ends */

/* Ends our part and leaves charon as it is. Accepts NULL; keys are wiped; memory is given back when
 * the loop has turned. */
void charon_leave(struct charon *charon);
/* Tells charon to end, and does not wait: charon_stop must follow, and waits less then. */
void charon_stop_soon(struct charon *charon);
/* Stops charon in order (it tells its peers), waits 3 s at most for its end, removes the folder's
 * files and leaves. The devices that it made go with it. */
void charon_stop(struct charon *charon);
