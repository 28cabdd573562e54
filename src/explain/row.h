/* One route of a table as it stands on a screen, in parts that line up below each other. */
#pragma once

#include "explain/screen.h"
#include "explain/view.h"

enum { ROW_PARTS = 3, ROW_PART_BYTES = 160 };

struct row {
    char parts[ROW_PARTS][ROW_PART_BYTES]; /* the last ones may be empty */
};

/*  a VPC's   vgw-main   propagated
 *  gateway   dxvif-1    DX 65001
 *  router    B>* [20/0] via 169.254.252.30, vti1, 00:00:01
 *
 * now_us: of the virtual clock, for ages. */
void row_of(const struct world *world, const struct view *view, const struct view_route *route,
            int64_t now_us, struct row *ret_row);

/* The same in one line, with all that makes two routes different and without ages:
 * "vgw-main, propagated", "dxvif-1, DX, AS path 65001", "B>* [20/0] via 169.254.252.30, vti1"; why
 * it is not taken stands behind a semicolon. */
void text_view_route(struct text *text, const struct world *world, const struct view *view,
                     const struct view_route *route);
/* Without why. */
void text_view_route_itself(struct text *text, const struct world *world, const struct view *view,
                            const struct view_route *route);

/* Who offers a path: a neighbor's tunnel or Direct Connect, a connection, the VPC. */
void text_offerer(struct text *text, const struct world *world, int node,
                  const struct view_route *route);

/* "DX", "BGP", "static", "local". */
const char *offer_kind(enum source_kind kind);

/* What a VPC's route leads to. */
const char *target_name(const struct world *world, const struct view *view,
                        struct vpc_target target);
