/* The kernel's language for routes (rtnetlink(7)): one message in, one message out, no sockets.
 * libmnl walks the attributes. Buffers are aligned to four bytes. */
#pragma once

#include "base/slice.h"
#include "fib/fib.h"

enum netlink_kind {
    SAID_OTHER, /* of no interest: another table, another kind of route */
    SAID_ROUTE,
    SAID_ROUTE_GONE,
    SAID_ADDRESS, /* of an interface */
    SAID_ADDRESS_GONE,
    SAID_LINK, /* an interface came, changed or went */
    SAID_DONE, /* the end of a dump */
    SAID_ERROR,
};

struct netlink_said {
    enum netlink_kind kind;
    uint32_t sequence;      /* of the request that it answers; 0: nobody asked */
    bool interrupted;       /* the dump is not of one moment: to be begun again */
    int error;              /* errno of SAID_ERROR; 0: an acknowledgement */
    struct fib_entry entry; /* ROUTE, ROUTE_GONE: interface is the kernel's index */
    ip_addr addr;           /* ADDRESS, ADDRESS_GONE */
    uint32_t index;         /* ADDRESS, ADDRESS_GONE, LINK */
};

enum { NETLINK_REQUEST_MAX = 256 };

/* Takes the next message out of the bytes; false: there is none, or what is left is none. Only
 * routes of this table are told. */
bool netlink_next(struct slice *bytes, uint32_t table, struct netlink_said *ret_said)
    __attribute__((warn_unused_result));

/* A request into NETLINK_REQUEST_MAX bytes; returns its size, padding included. Only a failure is
 * answered. The entry's interface is the kernel's index. */
size_t netlink_change(uint8_t *data, enum fib_verb verb, const struct fib_entry *entry,
                      uint32_t table, uint32_t sequence);
enum netlink_dump { NETLINK_DUMP_ADDRESSES, NETLINK_DUMP_ROUTES };
size_t netlink_dump(uint8_t *data, enum netlink_dump what, uint32_t sequence);
