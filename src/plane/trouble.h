/* What the world refused: an errno to decide by, and one sentence that names the object, for
 * whoever must be told. Functions of this room that can fail return false and fill one in. */
#pragma once

#include <stdbool.h>

enum { TROUBLE_BYTES = 384 };

struct trouble {
    int error; /* errno */
    char sentence[TROUBLE_BYTES];
};

/* Always false, so that a function can end with it. The sentence goes on with ": " and what errno
 * means, unless error is 0. ret_trouble may be NULL, when nobody asks. */
bool trouble_is(struct trouble *ret_trouble, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
