/* Why a prefix is where it is, and why it is not where it is not: at each table every candidate and
 * where it stopped, at each speaker of BGP every path and who is told. */
#pragma once

#include "explain/json.h"
#include "explain/screen.h"
#include "explain/view.h"

/* What a speaker tells one neighbor of the prefix. */
struct why_told {
    uint16_t neighbor;
    int far; /* node; WORLD_NONE: nobody in the file */
    bool established;
    bool announced;
    enum reason reason; /* why not; or, announced all the same, what speaks against it */
};

/* One table's account. */
struct why_table {
    struct view view;
    struct view_routes routes; /* of the prefix, in this table */
    struct view_routes paths;  /* router: what its BGP was offered */
    struct why_told *told;     /* empty where there is no path */
    size_t told_count;
    char *absent; /* why there is none; NULL: there is one */
};

struct why {
    struct prefix prefix;
    struct why_table *tables;
    size_t count;
};

/* At the tables of views; the world must not step while the answer is in use. */
void why_take(const struct world *world, struct prefix prefix, const struct views *views,
              struct why *ret_why);
void why_done(struct why *why);

/* How many tables use it, and who announces it; without a newline. */
void why_headline(const struct why *why, const struct screen *screen);
void why_render(const struct world *world, const struct why *why, int64_t now_us,
                const struct screen *screen);
/* {"prefix", "tables": {name: {"kind", "up", "routes", "paths", "told", "absent"}}} */
json_t *why_json(const struct world *world, const struct why *why, int64_t now_us);
