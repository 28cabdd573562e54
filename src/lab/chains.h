/* Packets that a lab drops: rules of nftables, in a table of their own in one namespace. */
#pragma once

#include "plane/space.h"

/* The table shall have these chains, in the words of nft(8), and nothing else; NULL: it is gone.
 * As one transaction. */
bool chains_put(const char *space, const char *table, const char *chains,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));
