/* One announcement more: what would happen if an attachment announced what it may and does not.
 *
 * The file's story is left out. A variant is the network with one announcement of one prefix, which
 * reaches the gateway by one attachment, some time after all has come to rest. The prefixes are
 * those by which an outside address has been seen to be covered: the default, its halves, the /8
 * and the /24 around the address, and what the file lists as permitted (may_announce); where there
 * is such a list, only what lies inside it.
 *
 * The default is tried first, from every attachment; a narrower prefix only where a tunnel has
 * withstood the wider ones. A tunnel that a finding knows as gone or likely to go is no question
 * any more, and where the network does not come to rest by itself there is none at all: then its
 * own trouble comes first. The work is bounded, and an answer that has left something out says so.
 */
#pragma once

#include "check/parts.h"

/* Adds a latent finding for each tunnel that one announcement would have swallowed, with the
 * remedies that make the announcement harmless. After all other findings and their remedies. */
void variants_find(struct check *check);
