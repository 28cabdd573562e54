/* A run beside what was recorded of the real one (sim/departure.h), for `simulate`. */
#pragma once

#include "cli/play.h"
#include "explain/json.h"
#include "sim/departure.h"

/* The seed, of a few, whose run departs least from what the network has recorded. */
enum cli_exit departing_seed(struct cli *cli, const struct network *network, int64_t limit_us,
                             int64_t until_us, uint64_t *ret_seed)
    __attribute__((warn_unused_result));

/* A run that ended where its end could be told goes on to where the recording ends; not one that
 * was to stop (until_us not below 0). */
void departing_reach(const struct play *play, int64_t until_us);

void departing_find(const struct play *play, struct departures *ret_departures);
void departing_show(const struct world *world, const struct departures *departures,
                    const struct screen *screen);
json_t *departing_json(const struct world *world, const struct departures *departures);
