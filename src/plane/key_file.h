/* A pre-shared key that stands in a file of root's. */
#pragma once

#include "plane/plane.h"

/* One line. 0, or a negative errno; -EINVAL: what is there is no key, or no regular file. Untouched
 * on failure, and no copy of it is left. */
int key_file_read(const char *path, char ret_psk[PLANE_PSK_BYTES])
    __attribute__((warn_unused_result));
