/* Where the tables and announcements of two worlds differ, or of two gateways in one world. What is
 * equal is counted and not told; how long something has been there is no difference.
 *
 * Two worlds: tables of the same name are compared, prefix by prefix, all their routes. Two
 * gateways: what each has for a prefix, whatever the attachments are called; each one's own VPC is
 * its own, and paths that were refused are left out. */
#pragma once

#include "explain/json.h"
#include "explain/screen.h"
#include "explain/view.h"

/* One world, or one gateway in it. */
struct side {
    const struct world *world;
    const char *name; /* "before", "a.yaml", "vgw-main" */
};

enum difference_about { DIFFERENCE_TABLE, DIFFERENCE_TOLD };

struct difference_cell {
    char **lines; /* a route each; none: the prefix is not there */
    size_t count;
    json_t *json; /* routes, or announcements */
};

struct difference_line {
    enum difference_about about;
    char *place; /* "rtb-app", "vgw-main tells vyatta by vpn-vyatta/1" */
    struct prefix prefix;
    struct difference_cell cells[2];
};

struct difference_place { /* on one side only */
    enum difference_about about;
    char *place;
    int side;
    size_t prefix_count;
};

struct differences {
    struct side sides[2];
    struct difference_line *lines;
    size_t count, cap;
    struct difference_place *alone;
    size_t alone_count, alone_cap;
    size_t equal_count; /* prefixes that are the same, of tables that both have */
};

void differences_take(struct side left, struct side right, struct differences *ret_differences);
/* gateways: nodes. */
void differences_of_gateways(const struct world *world, const int gateways[2],
                             struct differences *ret_differences);
void differences_done(struct differences *differences);

/* Nothing where there are none of the kind. */
void differences_render(const struct differences *differences, enum difference_about about,
                        const struct screen *screen);
/* [{"place", "prefix", NAME: routes, ...}]; null for a prefix that is not there. */
json_t *differences_json(const struct differences *differences, enum difference_about about,
                         const char *const keys[2]);
/* [{"place", "in": NAME, "prefixes": n}] */
json_t *differences_alone_json(const struct differences *differences, const char *const keys[2]);
