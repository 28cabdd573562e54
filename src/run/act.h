/* What may be done to a running daemon by its control socket, which is its owner's only. */
#pragma once

#include "run/daemon.h"
#include "run/request.h"

#include <jansson.h>

/* A new reference: what was begun, or {"error": "..."} and nothing has changed. */
json_t *act_take(struct daemon *daemon, const struct request *request);
