/* The keeper's attachments: Direct Connect interfaces, VPCs with what is plugged into them, and
 * peerings. What is wanted is compared with what there is whenever the kernel says that something
 * has changed in a namespace concerned, and every ATTACHMENTS_LOOK_TICKS seconds; so a device is
 * taken when it comes, and what somebody removed is made again. */
#pragma once

#include "plane/orders.h"

#include <uv.h>

enum {
    ATTACHMENTS_MAX = 4096,
    ATTACHMENTS_SOON_MS = 20,    /* several changes are looked at together */
    ATTACHMENTS_TICK_MS = 1000,  /* is every namespace still there? */
    ATTACHMENTS_LOOK_TICKS = 10, /* and everything in it? */
};

struct attachments;

struct attachments_ears {
    void *of;
    /* false: not taken, and to be told again. */
    bool (*changed)(void *of, const struct report_attachment *said);
    void (*trouble)(void *of, const char *name, const char *sentence);
};

/* Makes nothing yet. NULL: no memory. */
struct attachments *attachments_create(uv_loop_t *loop, const char *gateway,
                                       const struct attachments_ears *ears)
    __attribute__((warn_unused_result));

/* Absolute, and may be said again. false: there are more than ATTACHMENTS_MAX, or no memory. */
bool attachments_want(struct attachments *attachments, const struct plane_attachment *wanted)
    __attribute__((warn_unused_result));
void attachments_unwant(struct attachments *attachments, const char *name);
size_t attachments_count(const struct attachments *attachments);

void attachments_entry(struct attachments *attachments, const struct plane_vpc_entry *entry);
void attachments_again(struct attachments *attachments);
void attachments_sweep(struct attachments *attachments);

/* The inner namespace is there; Direct Connect interfaces whose device the file names are made, or
 * nothing is, and why (ORDER_SENTENCE_BYTES) says what is in the way. */
bool attachments_prepare(struct attachments *attachments, char *why)
    __attribute__((warn_unused_result));

/* Everything wanted was said: the rest is made, and what an earlier life left and nobody wants goes
 * back or is removed. */
void attachments_settled(struct attachments *attachments);

/* Nothing of it is left: devices are back, namespaces removed, but the inner one stays where
 * somebody else looks after it. */
void attachments_take_down(struct attachments *attachments, bool inner,
                           struct trouble *ret_trouble);

/* Ends our part and leaves everything as it is; before settled what prepare made is undone. The
 * loop runs once more. NULL is fine. */
void attachments_leave(struct attachments *attachments);
