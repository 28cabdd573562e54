/* What becomes of a namespace's devices, as it happens: a descriptor for a loop, and a call that
 * takes the next event out of it. */
#pragma once

#include "plane/rtnetlink.h"

enum { LINK_WATCH_BYTES = 32 << 10 };

struct link_watch {
    int fd; /* not blocking; -1: closed */
    struct slice rest;
    _Alignas(8) uint8_t room[LINK_WATCH_BYTES];
};

enum link_event_kind {
    LINK_EVENT_CHANGED, /* came, or changed: as it is now */
    LINK_EVENT_GONE,    /* removed, or moved elsewhere */
    LINK_EVENT_LOST,    /* events were lost: all devices are to be read anew */
};

struct link_event {
    enum link_event_kind kind;
    struct rtnetlink_device device; /* GONE: index and name are meaningful */
};

/* What is there already is not told: open first, then device_each(). */
bool link_watch_open(struct link_watch *watch, const char *space, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
void link_watch_close(struct link_watch *watch);

/* false: nothing more at present. To be called until then whenever the descriptor is readable. */
bool link_watch_next(struct link_watch *watch, struct link_event *ret_event)
    __attribute__((warn_unused_result));
