/* A checkpoint: an engine's state as bytes, from which an equal engine can be made. Equal means the
 * same digest, and from there on the same digests whatever the events: sessions stand with the
 * deadlines that they had, half a message that had come included.
 *
 * What is in it is canonical, not memory: what was configured, the sessions' terms, the tables'
 * candidates, the Adj-RIB-In. What follows from that (best paths, exceptions, who is told what,
 * what the VPCs propagate) is not in it, it is decided again by the code that decided it. What
 * neighbors still have to be told is not in it either: a remade engine tells them everything anew.
 *
 * It is written in parts, and the engine must not step in between: whoever cannot wait lets a
 * forked child write it. Only an engine at rest has one: while changes gather, or a lost session's
 * routes are being taken out or kept for it, half of it would be in work lists. An engine that
 * decides without a latency is at rest when its round ends, unless a session was lost.
 *
 * Paths stand in the order in which their prefixes came, those of one prefix by age where age
 * counts. An attribute set is written where it is first needed; CHECKPOINT_SETS recent ones are
 * remembered at both ends, so a path of IPv4 takes eleven bytes, of IPv6 23. */
#pragma once

#include "engine/engine.h"

enum {
    CHECKPOINT_SETS = 256,
    CHECKPOINT_PART_BYTES = 64 << 10, /* a part is not much longer, but for a filter */
};

struct checkpoint_walk {
    uint8_t section; /* being written; 0: the walk has not begun */
    bool begun;      /* prefix is where the walk is */
    uint16_t table;  /* of a VPC */
    uint32_t at;     /* items of the section that were written, or the number of the next */
    struct prefix prefix;
    struct vpc_walk routes;
    uint32_t sets[CHECKPOINT_SETS]; /* struct attr_id that the reader knows by now */
};

/* Is the engine at rest? */
bool checkpoint_possible(const struct engine *engine);

/* Writes the next part; walk is zeroed before the first. True: there is more. The writer has room
 * for JOURNAL_BODY_MAX bytes. The walk takes no memory and calls no allocator. */
bool checkpoint_write(struct checkpoint_walk *walk, const struct engine *engine,
                      struct writer *writer);

struct checkpoint_reader {
    uint8_t section; /* of the last item */
    bool whole;      /* the last item has come */
    struct attr_id sets[CHECKPOINT_SETS];
};

/* Takes the next part into an engine that was made with the same config and has not booted. The
 * step's effects are what the kernel shall hold. false: a part that no engine has written; then the
 * engine is good for engine_destroy only, after checkpoint_read_done. */
bool checkpoint_read(struct checkpoint_reader *reader, struct engine *engine, struct slice part,
                     struct step *ret_step) __attribute__((warn_unused_result));
void checkpoint_read_done(struct checkpoint_reader *reader, struct engine *engine);

/* What an engine was made with, but for its allocator. */
void config_encode(const struct engine_config *config, struct writer *writer);
/* The profile is filled in and the config points to it. */
bool config_decode(struct slice bytes, struct engine_config *ret_config,
                   struct platform_profile *ret_profile) __attribute__((warn_unused_result));
