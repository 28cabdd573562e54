/* The kernel's table: what the engine wants in it, what the kernel says is in it, and the way from
 * one to the other (fib/fib.h decides; this file speaks rtnetlink).
 *
 * One socket for everything: dumps, changes and what others change come in one order, so nothing
 * old is believed after something new. When the kernel dropped messages (ENOBUFS), when a dump was
 * interrupted, and whenever an interface or an address changed (IPv4 routes vanish with them and
 * nobody is told), all is read anew; what then differs is asked for again.
 *
 * An interface is known to the engine by its number and to the kernel by its index; what both know
 * is the address. An entry through an interface that is not there waits for it.
 *
 * After a start nothing is removed that an earlier life of the daemon left behind, until the
 * neighbors have had time to say it again (KERNEL_KEEP_US at most): a restart loses no packet.
 * After a stop nothing of ours is left. What others put there is never touched. */
#pragma once

#include "engine/effect.h"
#include "fib/fib.h"
#include "run/run.h"

#include <uv.h>

enum {
    KERNEL_METRIC = 20, /* as FRR's zebra gives to BGP's routes */
    KERNEL_KEEP_US = 60000000,
    KERNEL_SAID_AGAIN_US = 3000000, /* or when all neighbors have been up for that long */
    KERNEL_AGAIN_US = 5000000,      /* a refused change is tried again after that */
    KERNEL_CHANGES = 1024,          /* a round */
    KERNEL_READ_BYTES = 1 << 20,    /* a round */
};

struct kernel_local { /* an address and whose it is */
    ip_addr addr;
    uint32_t index;
};

struct kernel_port {   /* an interface as the engine knows it */
    ip_addr addr, six; /* 0: none */
    bool statics;      /* static routes through it are installed */
};

struct kernel_table {
    struct kernel_port *ports; /* [0] is interface 1 */
    size_t port_count, port_cap;
    bool statics; /* static routes are installed, too: a gateway's are its VPNs' */
    struct budget budget;
    struct fib fib;
    int fd; /* -1: no entries are installed */
    uv_poll_t poll;
    bool ready;
    uint32_t table;
    uint32_t sequence;

    struct kernel_local *locals;
    size_t local_count, local_cap;
    enum { KERNEL_QUIET, KERNEL_ADDRESSES, KERNEL_ROUTES } reading;
    bool read_anew;

    bool found;   /* at the start an entry of an earlier life was there */
    bool keeping; /* what nobody wants (yet) stays */
    int64_t keep_until_us;
    int64_t again_at_us; /* INT64_MAX: nothing was refused */
    bool has_changes;

    uint64_t put_count, removed_count, refused_count;
    int last_error; /* of the last refusal */
    struct prefix last_refused;
    struct { /* what refusals are told by: the last changes asked for */
        uint32_t sequence;
        struct prefix prefix;
    } asked[KERNEL_CHANGES];
    uint8_t *buffer;
};

/* RUN_WORLD after one sentence on err: no permission. */
enum run_exit kernel_table_open(struct kernel_table *kernel, uv_loop_t *loop, struct alloc alloc,
                                uint32_t table, int64_t now_us, FILE *err)
    __attribute__((warn_unused_result));
/* This is interface number from now on; (0, 0): there is none any more. */
void kernel_table_port(struct kernel_table *kernel, uint16_t number, ip_addr addr, ip_addr six);
/* Of an interface that was told of: its static routes are installed, or not. */
void kernel_table_statics(struct kernel_table *kernel, uint16_t number, bool statics);
/* Nothing is installed. */
void kernel_table_none(struct kernel_table *kernel);
void kernel_table_done(struct kernel_table *kernel);

/* Only what BGP or a static VPN brought is installed: the rest is in the kernel, or the file is of
 * a router that has it. false: no memory for it. */
bool kernel_table_want(struct kernel_table *kernel, const struct effect_entry *entry)
    __attribute__((warn_unused_result));

/* What the kernel has to say, a bounded part of it. */
void kernel_table_read(struct kernel_table *kernel);
/* A bounded number of changes. */
void kernel_table_write(struct kernel_table *kernel, int64_t now_us);
/* When to come back: 0 at once, INT64_MAX only when the kernel says something. */
int64_t kernel_table_wake_us(const struct kernel_table *kernel);
/* What an earlier life left and nobody wants goes now. */
void kernel_table_keep_no_more(struct kernel_table *kernel);
/* Is everything as wanted, or refused? */
bool kernel_table_settled(const struct kernel_table *kernel);
