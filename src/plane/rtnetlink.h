/* A conversation with the kernel about one namespace (rtnetlink(7)): a request, and its answers
 * until the last. The socket lives in that namespace, its owner wherever he likes.
 *
 * Every request is answered within the call; the kernel answers before send() returns, so nothing
 * is waited for. */
#pragma once

#include "plane/rtnetlink_said.h"
#include "plane/space.h"

struct nlmsghdr;

struct rtnetlink {
    int fd;       /* -1: closed */
    int space_fd; /* of the namespace itself */
    uint32_t sequence;
    char place[NAME_SPACE_BYTES + 24]; /* "in the namespace sekisho-vgw-main", for sentences */
};

enum { RTNETLINK_REQUEST_BYTES = 1024 };

/* space NULL: the one that the caller is in. */
bool rtnetlink_open(struct rtnetlink *kernel, const char *space, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
void rtnetlink_close(struct rtnetlink *kernel);

/* A request begins in RTNETLINK_REQUEST_BYTES, aligned to 4; libmnl adds to it. */
struct nlmsghdr *rtnetlink_begin(void *room, uint16_t type, uint16_t flags);

/* 0, or the kernel's errno. */
int rtnetlink_change(struct rtnetlink *kernel, struct nlmsghdr *request);

/* Calls with every answer of a dump that was of one moment; begins again when it was not. 0, or
 * errno: then some may have been told. */
typedef void rtnetlink_hearer(const struct rtnetlink_said *said, void *context);
int rtnetlink_dump(struct rtnetlink *kernel, struct nlmsghdr *request, rtnetlink_hearer *hearer,
                   void *context);

/* The device with this name: one request, one answer. 0, ENODEV, or another errno. */
int rtnetlink_device(struct rtnetlink *kernel, const char *name,
                     struct rtnetlink_device *ret_device);
/* The same, and what it has counted, which takes the kernel longer. */
int rtnetlink_counts(struct rtnetlink *kernel, const char *name,
                     struct rtnetlink_device *ret_device);
