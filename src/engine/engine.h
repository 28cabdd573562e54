/* The hall: where an event comes in and effects go out.
 *
 * An engine is a router's or a gateway's mind: a pure function of the events it was given, in their
 * order. It has no clock (time is in the event), no socket (bytes are in the event and are pulled),
 * no randomness (the seed is in the first event) and no memory of its own making (an allocator and
 * a budget are handed in). The daemon, the simulator and a replay run the same engine.
 *
 * What an engine has: a router's table; if it speaks BGP, sessions with a RIB, the guard on import
 * and export; if it is a gateway, VPCs with their route tables. What is not used costs nothing; an
 * idle engine stays below 4 KiB.
 *
 * The way of a route, in one function, is flow.c: decoded UPDATE -> import guard -> Adj-RIB-In ->
 * best path -> table and VPC route tables -> entries; and best path -> export guard -> export group
 * -> log of bytes.
 *
 * What an engine was told and what it is can be had as bytes: event_bytes.h, checkpoint.h. An
 * engine made from a checkpoint and told the events since is the same engine.
 *
 * Identifiers are chosen by whoever drives the engine, dense from 1 and of one kind each:
 * attachments, neighbors, interfaces, VPCs, VPC tables. 0 is none.
 *
 * Invariants (engine/audit.c checks them): best equals a naive choice over the Adj-RIB-In; no route
 * without a live source; the wanted entries are a function of the tables; a held prefix is in no
 * outbox of its customer gateway; every count equals a recount.
 *
 * Work in a step is bounded; a step that has more to do says so, and is sent CONTINUE. What a step
 * returned is valid until the next step begins. */
#pragma once

#include "base/alloc.h"
#include "bgp/bfd.h"
#include "bgp/session.h"
#include "engine/effect.h"
#include "rib/rib.h"
#include "table/table.h"

struct engine;

/* Fixed for an engine's life. */
struct engine_config {
    struct alloc alloc;
    size_t budget_bytes; /* for what neighbors bring; 0: no bound. What is configured counts, but
                            is not refused */
    const struct platform_profile *profile; /* borrowed for the engine's life */
    bool gateway;       /* a VGW: its best-path rules, its guard, the MED that is its own only */
    bool hub;           /* large pools, for a million prefixes; else small ones */
    bool rounds;        /* what sessions bring is not decided before the driver's round ends: by
                           CONTINUE, which a step then asks for, or by another event */
    bool no_entries;    /* fib: none; what BGP brings is not installed */
    bool announce_back; /* a route is announced to the neighbor it came from, too */
    uint32_t asn;       /* 0: no BGP */
    uint32_t router_id;
};

struct step {
    const struct effect *effects;
    uint32_t effect_count;
    bool more;          /* send CONTINUE */
    int64_t wake_at_us; /* send TIME then; ENGINE_NEVER: no need */
};

#define ENGINE_NEVER INT64_MAX

/* NULL when the allocator has nothing. */
struct engine *engine_create(const struct engine_config *config)
    __attribute__((warn_unused_result));
void engine_destroy(struct engine *engine); /* NULL is fine */

/* Asserts what the driver must keep: time does not run backwards, identifiers exist. */
struct step engine_step(struct engine *engine, const struct event *event);

/* Up to cap bytes of the neighbor's connection, whole messages only; what was pulled counts as
 * sent, and a driver that loses it closes the connection. 0: nothing now. cap >=
 * SESSION_MESSAGE_MAX makes progress. */
size_t engine_pull(struct engine *engine, struct event_connection connection, uint8_t *data,
                   size_t cap) __attribute__((warn_unused_result));
/* The same of BFD: one packet of BFD_PACKET_BYTES, to be sent with TTL 255; call until it returns
 * 0. What is not pulled before the next one is due is not missed. */
size_t engine_pull_bfd(struct engine *engine, uint16_t neighbor, uint8_t *data, size_t cap)
    __attribute__((warn_unused_result));
/* When BFD has something to do: a round that takes longer looks in between (EVENT_BFD_TIME), since
 * a packet that is late ends the neighbor's session. */
int64_t engine_bfd_deadline_us(const struct engine *engine); /* ENGINE_NEVER: nothing */
/* Whose end has the discriminator (RFC 5880 6.3); 0: nobody's. */
uint16_t engine_bfd_of(const struct engine *engine, uint32_t discriminator);

/* Directly after engine_pull gave size bytes of which the driver could send only sent: the engine
 * takes whole messages back, as if they had not been pulled. Returns how many bytes of data the
 * driver keeps, at least sent: the message that was cut, and more while the neighbor is told the
 * table from its beginning (then nothing is taken back). data may be written to. */
size_t engine_unpull(struct engine *engine, struct event_connection connection, uint8_t *data,
                     size_t size, size_t sent) __attribute__((warn_unused_result));

/* Read-only views, for questions. */
const struct engine_config *engine_config_of(const struct engine *engine);
const struct table *engine_table(const struct engine *engine);
const struct rib *engine_rib(const struct engine *engine);               /* NULL: no BGP */
const struct vpc *engine_vpc(const struct engine *engine, uint16_t vpc); /* asserts it is there */
uint16_t engine_vpc_count(const struct engine *engine);
uint16_t engine_neighbor_count(const struct engine *engine);
uint16_t engine_attachment_count(const struct engine *engine);
const struct bgp_session *engine_session(const struct engine *engine, uint16_t neighbor);
const struct bfd_end *engine_bfd(const struct engine *engine, uint16_t neighbor); /* NULL: none */
const struct event_neighbor *engine_neighbor(const struct engine *engine, uint16_t neighbor);
const struct event_attachment *engine_attachment(const struct engine *engine, uint16_t attachment);
struct source_id engine_neighbor_source(const struct engine *engine, uint16_t neighbor);
/* Whose source it is: a neighbor's; 0 when it is no neighbor's (local, static VPN). */
uint16_t engine_source_neighbor(const struct engine *engine, struct source_id source);
/* Why a path of the prefix's chain is what it is: its own reason, but where a default is announced
 * that is not used, the others have theirs of the choice among themselves. */
enum reason engine_path_why(const struct engine *engine, uint32_t number,
                            const struct rib_path *path);
/* What the attachment's policy changes on the way in or out; NULL: nothing. */
const struct route_edit *engine_edit(const struct engine *engine, uint16_t attachment, bool export);
/* How many routes of IPv4 and of IPv6 the neighbor is told, or will have been. Looks at every
 * prefix. */
void engine_told_counts(const struct engine *engine, uint16_t neighbor, uint32_t ret_counts[2]);
/* Walks what attachments are told otherwise of the prefix's best route, ascending: start with
 * *attachment = 0. false: no more. */
bool engine_exception_next(const struct engine *engine, uint32_t number, uint16_t *attachment,
                           enum reason *ret_reason);
/* Bytes that the logs of all export groups hold now, and how often a neighbor fell off one. */
void engine_log_counts(const struct engine *engine, uint64_t *ret_held, uint64_t *ret_falls);
/* After a restart neighbors are waited for: nothing is told or installed (struct event_boot). */
bool engine_waits(const struct engine *engine);
/* Is the prefix told to the neighbor, and if not, why not? attr 0: no, *ret_reason says why, and is
 * REASON_NONE where there is no best path. Else it is told: GUARD_WARN and AS_LOOP_SENT say what is
 * to be known of that. */
struct rib_route engine_told(const struct engine *engine, uint16_t neighbor, struct prefix prefix,
                             enum reason *ret_reason);
size_t engine_used_bytes(const struct engine *engine);

/* Of canonical state: without uptimes, counters and phases. Equal digests, equal state. */
uint64_t engine_digest(const struct engine *engine);

/* NULL when all invariants hold, else the one that does not, as a sentence. */
const char *engine_audit(const struct engine *engine);
