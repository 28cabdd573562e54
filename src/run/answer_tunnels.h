/* Answers about what carries packets: tunnels, AWS's telemetry of them, attachments, and the
 * kernel's table. run/answer.h is the place to begin. */
#pragma once

#include "run/answer.h"

/* New references. */
json_t *answer_tunnels(const struct daemon *daemon);
json_t *answer_telemetry(const struct daemon *daemon);
json_t *answer_attachments(const struct daemon *daemon);
json_t *answer_fib(const struct daemon *daemon, const struct request *request);
