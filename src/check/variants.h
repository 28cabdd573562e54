/* Variants: what would happen if one thing failed, or if somebody announced one prefix more.
 *
 * The file's story is left out: a variant is the network as it rests, with one thing that happens
 * to it. Each single failure is tried (failures.c), then each announcement that an attachment may
 * make and does not (dangers.c), and where a tunnel has withstood all of these, what an attachment
 * that is not there yet could announce. The iteration tries them all, in one world that is moved
 * from variant to variant (inquiry.h); those in which it sees a tunnel without a way are run in
 * time, and that run decides.
 *
 * A tunnel that a finding knows as gone or likely to go is no question any more, and where the
 * network does not come to rest by itself there is none at all: then its own trouble comes first.
 * The work is bounded, and an answer that has left something out says so. */
#pragma once

#include "check/parts.h"

/* Adds a latent finding for each tunnel that one variant would have swallowed, with the remedies
 * that make it harmless, and for each failure that the way which was to take over does not
 * survive. After all other findings and their remedies. */
void variants_find(struct check *check);
