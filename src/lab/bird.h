/* A router in BIRD's words (BIRD 2.0: the user's guide, chapters 3, 5 and 6).
 *
 * What it announces by itself are static routes that never reach the kernel; a default that it
 * announces and does not use (default_originate) has a preference below BGP's, so that a learned
 * one is used, and is then what goes on to the others. BIRD never tells a neighbor its own
 * routes. */
#pragma once

#include "lab/speaker.h"

/* log_path: a file of its own; NULL: it logs nothing. */
void bird_write(const struct speaker *speaker, const char *log_path, FILE *out);
