/* Orders that wait until the keeper reads: its socket is full while it does something that takes
 * time. Whoever gives orders serves neighbors and never waits; no order overtakes another, and none
 * is lost. */
#pragma once

#include "plane/orders.h"

enum { ORDER_QUEUE_MAX = 4096 };

struct order_waiting;

struct order_queue {
    struct order_waiting *first, *last;
    size_t count;
};

/* Of a socket that does not block. 0: it is sent, or waits, a copy. -ENOBUFS: too many wait, or no
 * memory; another negative errno: the other end is gone. */
int order_queue_send(struct order_queue *queue, int fd, const struct order *order)
    __attribute__((warn_unused_result));

/* As many as are taken. 0: none waits any more; -EAGAIN: when the socket can be written to again;
 * another negative errno: the other end is gone. */
int order_queue_flush(struct order_queue *queue, int fd) __attribute__((warn_unused_result));

/* Wipes what still waits: keys are in it. */
void order_queue_done(struct order_queue *queue);
