#include "plane/order_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct order_waiting {
    struct order_waiting *next;
    struct order order;
};

static void take_first(struct order_queue *queue)
{
    struct order_waiting *first = queue->first;
    queue->first = first->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    explicit_bzero(first, sizeof *first);
    free(first);
}

static int wait_with(struct order_queue *queue, const struct order *order)
{
    struct order_waiting *waiting =
        queue->count < ORDER_QUEUE_MAX ? calloc(1, sizeof *waiting) : NULL;
    if (!waiting)
        return -ENOBUFS;
    waiting->order = *order;
    if (queue->last)
        queue->last->next = waiting;
    else
        queue->first = waiting;
    queue->last = waiting;
    queue->count++;
    return 0;
}

int order_queue_send(struct order_queue *queue, int fd, const struct order *order)
{
    int error = order_queue_flush(queue, fd);
    if (error == 0)
        error = order_send(fd, order);
    return error == -EAGAIN ? wait_with(queue, order) : error;
}

int order_queue_flush(struct order_queue *queue, int fd)
{
    int error = 0;
    while (queue->first && (error = order_send(fd, &queue->first->order)) == 0)
        take_first(queue);
    return error;
}

void order_queue_done(struct order_queue *queue)
{
    while (queue->first)
        take_first(queue);
}
