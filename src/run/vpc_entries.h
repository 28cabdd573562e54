/* The routes of VPCs' tables, as the keeper is told of them. The engine says which have changed
 * (EFFECT_VPC_ENTRY); what is sent is what they are when the keeper takes it, so that many changes
 * of one are few orders. A VPC without a gateway has an engine of its own with nothing in it but
 * its tables (docs/decisions/0003), which boots here.
 *
 * Routes of an earlier life stay until neighbors have had time to say theirs again, as in the
 * gateway's own table (run/kernel_table.h). */
#pragma once

#include "engine/effect.h"
#include "run/run.h"

#include <stddef.h>

enum {
    VPC_ENTRIES_AT_ONCE = 512,   /* a round */
    VPC_ENTRIES_WAIT_US = 10000, /* for a keeper that takes no more */
    VPC_ENTRIES_MAX = 1 << 16,   /* changes; beyond, everything is said again */
};

struct vpc_entries {
    struct vpc_entries_key *keys; /* first in, first out: from `first` on */
    size_t first, count, cap;
    bool anew;  /* everything, instead of the keys */
    bool begun; /* AGAIN was said */
    int vpc;    /* where that has come to: a node of the world */
    uint16_t table;
    struct vpc_walk walk;
    bool swept;          /* what an earlier life left is gone */
    int64_t again_at_us; /* the keeper takes more then; 0: now */
};

struct daemon;
struct plan;

/* VPCs without a gateway that are made here get their engines. false: no memory. */
bool vpc_entries_boot(struct plan *plan) __attribute__((warn_unused_result));
/* All of them, from the beginning. */
void vpc_entries_all(struct daemon *daemon);
/* One of the engine's effects. */
void vpc_entries_changed(struct daemon *daemon, const struct effect_vpc_entry *entry);
/* A bounded part of it, to the keeper: a phase of the round. */
void vpc_entries_send(struct daemon *daemon);
/* When to come back: 0 at once, INT64_MAX: when something has changed. */
int64_t vpc_entries_wake_us(const struct daemon *daemon);
void vpc_entries_done(struct vpc_entries *entries);
