/* Answers of a running sekishod as text. What a member should be and is not reads as nothing. */
#pragma once

#include "explain/json.h"
#include "explain/screen.h"

/* A line for each session, or all that is known of it. */
void show_bgp(const json_t *answer, const struct screen *screen);
void show_neighbors(const json_t *answer, const struct screen *screen);
void show_routes(const json_t *answer, const struct screen *screen);
void show_paths(const json_t *answer, const struct screen *screen);
void show_limits(const json_t *answer, const struct screen *screen);
void show_journal(const json_t *answer, const struct screen *screen);
void show_events(const json_t *answer, const struct screen *screen);
void show_event(const json_t *event, const struct screen *screen); /* one line */
void show_tunnels(const json_t *answer, const struct screen *screen);
void show_telemetry(const json_t *answer, const struct screen *screen);
void show_attachments(const json_t *answer, const struct screen *screen);
void show_fib(const json_t *answer, const struct screen *screen);
void show_status(const json_t *answer, const struct screen *screen);
