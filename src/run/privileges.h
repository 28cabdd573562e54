/* What the daemon may do, which is as little as it needs.
 *
 * Lowered first, before a file is read: of the capabilities stay CAP_NET_ADMIN (keys of TCP, the
 * kernel's tables), CAP_NET_BIND_SERVICE (port 179, again after a reload) and, until it is sealed,
 * what enters the network namespace of --netns. Files are read and the control socket is made by
 * who the daemon is from then on, so what works when it starts works when it reloads, too.
 *
 * Sealed last, when all is up: system calls are filtered. The list of what is allowed is the
 * filter; families of sockets and memory that could be executed are looked at as well. A call that
 * is not on it is not done: the process says which it was, and dies of SIGSYS. It does not go on
 * with an error in its hand, because either somebody else has taken it over or the list is wrong,
 * and both want a fresh start and a line in the log; the kernel's own kill leaves no such line.
 *
 * Whoever starts without a capability keeps none, and all else holds. Under AddressSanitizer there
 * is no filter: its search for leaks traces the process. */
#pragma once

#include "run/run.h"

#include <stdbool.h>

/* user: to be from now on; NULL: who we are. netns: one will be entered. RUN_INPUT or RUN_WORLD
 * after a sentence on err; the process may then be lowered in part, and is to end. */
enum run_exit privileges_lower(const char *user, bool netns, FILE *err)
    __attribute__((warn_unused_result));

/* The calling thread enters the namespace, a name of ip-netns(8) or a path, for good. Sockets that
 * are open stay where they were made. */
enum run_exit privileges_enter(const char *netns, FILE *err) __attribute__((warn_unused_result));

/* The calling thread keeps no capability. */
void privileges_drop(void);

/* RUN_WORLD after a sentence on err: this kernel filters no system calls. */
enum run_exit privileges_seal(FILE *err) __attribute__((warn_unused_result));

/* Whether privileges_seal filters in this build. */
extern const bool privileges_filter;
