/* The kernel's messages, cut and changed: whatever comes, nothing outside is read, and an entry
 * that was understood is written and read as the same. */
#include "run/netlink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { TABLE = 254 };

static void write_again(const struct fib_entry *entry)
{
    _Alignas(8) uint8_t room[NETLINK_REQUEST_MAX];
    struct netlink_said said;
    struct slice again = {room, netlink_change(room, FIB_PUT, entry, TABLE, 1)};
    assert(again.size <= sizeof room);
    assert(netlink_next(&again, TABLE, &said) && said.kind == SAID_ROUTE && again.size == 0);
    assert(prefix_equal(said.entry.prefix, entry->prefix));
    assert(said.entry.metric == entry->metric && said.entry.kind == entry->kind);
    assert(entry->kind != FIB_UNICAST || said.entry.gateway == entry->gateway);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = aligned_alloc(8, (size + 15) & ~(size_t)7);
    assert(exact);
    uint8_t *begin = exact + (8 - size % 8) % 8; /* its end is the block's */
    begin -= (uintptr_t)begin % 4;
    memcpy(begin, bytes, size);
    struct slice said_bytes = {begin, size};
    struct netlink_said said;
    while (netlink_next(&said_bytes, TABLE, &said)) {
        if (said.kind == SAID_ROUTE)
            write_again(&said.entry);
    }
    free(exact);
    return 0;
}
