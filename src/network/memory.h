/* Heap memory of the shell side. A file is bounded (NETWORK_FILE_MAX, NETWORK_NODES_MAX), so these
 * requests are; when even they cannot be met, the program says so and stops: nothing here returns
 * NULL. */
#pragma once

#include <stddef.h>

void *memory_zeroed(size_t count, size_t size_bytes);   /* count 0: a block all the same */
char *memory_text(const char *text, size_t size_bytes); /* a copy with a zero byte behind it */
/* A block for one item more than count, its new tail zeroed; block is freed or returned. Grows by
 * halves, so that appending is linear; cap remembers. */
void *memory_grow(void *block, size_t count, size_t *cap, size_t size_bytes);
