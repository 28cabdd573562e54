/* A question to a sekishod of the lab, at its control socket (docs/reference/control.md). */
#pragma once

#include "plane/trouble.h"

#include <jansson.h>

/* Does somebody listen at the Unix socket of this path? */
bool asked_listens(const char *path);

/* The answer, the caller's; NULL: nobody answers there within wait_ms, or says that the question is
 * wrong. */
json_t *asked(const char *socket, const char *what, int wait_ms, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
