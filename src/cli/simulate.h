/* A run as an answer for machines. */
#pragma once

#include "cli/departing.h"
#include "cli/play.h"

/* The keys are in docs/reference/json.md. departures: of a file with recorded moments; NULL: they
 * are left out. */
json_t *simulate_json(const struct play *play, uint64_t seed, const struct departures *departures);
