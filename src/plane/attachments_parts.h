/* What attachments.c and vpc_ground.c share. */
#pragma once

#include "plane/attachments.h"
#include "plane/vpc_tables.h"

/* Something has changed in a namespace. */
struct stir {
    uv_poll_t poll;
    int fd;
    struct attachments *all;
};

struct attached {
    struct plane_attachment wanted;
    char device[NAME_DEVICE_BYTES]; /* what it is called where it belongs */
    struct report_attachment said;
    bool untold;
    bool taken_now;   /* by prepare; to be undone when that fails */
    bool ways_weeded; /* a VPC's: no way of the gateway leads to what is no range of it */
};

struct vpc_ground {
    char vpc[PLANE_NAME_BYTES];
    char space[NAME_SPACE_BYTES];
    struct rtnetlink kernel; /* fd -1: it is not there */
    struct stir *stir;
    struct vpc_tables tables;
};

struct attachments {
    uv_loop_t *loop;
    struct attachments_ears ears;
    char gateway[ORDER_GATEWAY_BYTES];
    char inner_space[NAME_SPACE_BYTES];
    struct rtnetlink inner, outer;
    struct stir *stir_inner, *stir_outer;
    struct attached **items;
    size_t count;
    struct vpc_ground **grounds;
    size_t ground_count;
    uv_timer_t *timer;   /* soon, or after a while */
    unsigned tick_count; /* since all was looked at */
    bool stirred;
    bool made_inner, settled;
};

/* How it is: up, or not and why (NULL: up). Tells when that is news. */
void attached_is(struct attachments *all, struct attached *at, const char *why);
/* "device" of where it belongs, or there is none. */
void attached_device(struct attached *at, bool there);

struct stir *stir_begin(struct attachments *all, const char *space, unsigned groups,
                        struct trouble *ret_trouble) __attribute__((warn_unused_result));
void stir_end(struct stir *stir); /* NULL is fine */

/* Of a VPC; made when it is not there. NULL: no memory. */
struct vpc_ground *ground_of(struct attachments *all, const char *vpc)
    __attribute__((warn_unused_result));
struct vpc_ground *ground_find(const struct attachments *all, const char *vpc);
/* The namespace, and a conversation with its kernel. */
bool ground_open(struct attachments *all, struct vpc_ground *ground, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
/* Has somebody removed it, or put another in its place? */
bool ground_is_gone(const struct vpc_ground *ground);
/* All that is in it: devices, rules, tables. at: the VPC's own. */
void ground_put(struct attachments *all, struct vpc_ground *ground, struct attached *at);
/* What is in it goes back, and it is removed. */
void ground_remove(struct attachments *all, struct vpc_ground *ground);
void ground_free(struct vpc_ground *ground);
