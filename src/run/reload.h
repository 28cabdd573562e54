/* The file again. Two plans are compared event by event, as bytes; the engine is told what differs,
 * and nothing else happens to anybody. Of its VPC static routes and propagation are told alone; for
 * all else the VPC is told anew, and what is the same in the end is the same in the kernel, where
 * only differences are made. */
#pragma once

#include "run/plan.h"

struct reload {
    struct event *events; /* in the order in which they are to be told; arrays are the plans' */
    size_t count, cap;
    uint16_t added, changed, removed; /* neighbors */
};

/* Both plans have their numbers. NULL: that is the difference; otherwise what a running daemon
 * cannot change, a part of a sentence, and nothing is in the reload. */
const char *reload_compare(const struct plan *was, const struct plan *is,
                           struct reload *ret_reload);
void reload_done(struct reload *reload);

struct daemon;

/* Reads the file, compares and tells; all or nothing, with a line in the log. */
void daemon_reload(struct daemon *daemon);
