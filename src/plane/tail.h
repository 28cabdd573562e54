/* A file that another program writes, read line by line as it grows. It is cut to nothing when all
 * of it was read and it has become long; its writer appends (O_APPEND), and does not notice. */
#pragma once

#include "base/slice.h"

#include <uv.h>

enum {
    TAIL_LINE_MAX = 1024,        /* what is longer is no line of ours, and is left out */
    TAIL_FILE_MAX = 1024 * 1024, /* bytes */
};

struct tail;

/* Makes the file when it is not there (mode 0600) and begins at its end. line is called from
 * tail_read, and from the loop when the file has grown; it must not destroy the tail. NULL: errno
 * says why. */
struct tail *tail_create(uv_loop_t *loop, const char *path,
                         void (*line)(void *of, struct slice text), void *of);

/* Reads what is there now. */
void tail_read(struct tail *tail);

/* Accepts NULL. Memory is given back when the loop has turned. */
void tail_destroy(struct tail *tail);
