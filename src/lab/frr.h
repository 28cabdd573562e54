/* A router in FRR's words: a configuration for each of its daemons (FRR 8.4: the user guide,
 * "BGP", "Filtering", "Route Maps", "STATIC", "BFD").
 *
 * What FRR is told besides the file, and why: bgp ebgp-requires-policy and network import-check are
 * off, because the file's routers announce what they are told, as AWS's samples have it; and
 * announce_back: no becomes sender-as-path-loop-detection, which is how FRR can be kept from
 * telling a neighbor its own routes. */
#pragma once

#include "lab/speaker.h"

enum frr_daemon { FRR_ZEBRA, FRR_STATICD, FRR_BGPD, FRR_BFDD, FRR_DAEMONS };

const char *frr_word(enum frr_daemon daemon); /* "bgpd": also the program's name */

/* Does this router need it? */
bool frr_needs(const struct speaker *speaker, enum frr_daemon daemon);

/* log_path: a file of its own; NULL: it logs nothing. */
void frr_write(const struct speaker *speaker, enum frr_daemon daemon, const char *log_path,
               FILE *out);
