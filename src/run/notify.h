/* What the service manager is told, at the socket that it names in NOTIFY_SOCKET (sd_notify(3)):
 * that the daemon is up, reads its file again, stops, and, where WATCHDOG_USEC asks for it, that
 * its loop still turns. Whoever is not started by such a manager tells nobody. */
#pragma once

#include <stdint.h>

struct notify {
    int fd;              /* -1: nobody asks */
    int64_t every_us;    /* half of what the watchdog waits; 0: there is none */
    int64_t watchdog_us; /* when it is to be told next */
};

/* From the environment. Call it where the daemon begins: a name may belong to a network namespace,
 * and a path to root. */
void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* "READY=1", lines of sd_notify(3). Never waits; a manager that does not listen misses it. */
void notify_say(const struct notify *notify, const char *lines);

/* Once a round: tells the watchdog when that is due. Returns when to call again; INT64_MAX: there
 * is none. */
int64_t notify_turn(struct notify *notify, int64_t now_us);
