/* Tables and their routes for a machine; the keys are in docs/reference/json.md. */
#pragma once

#include "explain/json.h"
#include "explain/view.h"

/* {"kind", "up", "routes": [...]}; only: of exactly this prefix. */
json_t *view_json(const struct world *world, const struct view *view, const struct prefix *only,
                  int64_t now_us);

/* One route, with its prefix. */
json_t *view_route_json(const struct world *world, const struct view *view,
                        const struct view_route *route, int64_t now_us);

/* {"rtb-app": {...}, "vgw-main": {...}} */
json_t *views_json(const struct world *world, const struct views *views, int64_t now_us);
