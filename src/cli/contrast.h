/* Two plays side by side: how each ends, tunnels, who reaches whom, what is announced, all tables.
 * What is equal is not told. */
#pragma once

#include "cli/play.h"
#include "explain/difference.h"
#include "explain/journey.h"

struct contrast_tunnel {
    const char *id;  /* of a world */
    char *states[2]; /* "up", "down", "up and down, every 78 s"; NULL: not there */
    bool up[2];
};

struct contrast_pair {
    char *ends;                  /* "i-app 10.10.1.10 ↔ i-files 10.20.0.20" */
    struct journey_end from, to; /* of the left world */
    bool reached[2];
    char *why; /* on the side where it is not reached */
};

struct contrast {
    const struct play *plays[2];
    const char *names[2]; /* "before", "a.yaml" */
    const char *keys[2];  /* of the same in JSON: "before", "left" */
    struct differences differences;
    struct contrast_tunnel *tunnels; /* that differ */
    size_t tunnel_count;
    struct contrast_pair *pairs; /* that differ */
    size_t pair_count;
    size_t equal_pair_count;
};

/* The plays must outlive it. */
void contrast_take(const struct play *left, const struct play *right, const char *const names[2],
                   const char *const keys[2], struct contrast *ret_contrast);
void contrast_done(struct contrast *contrast);

bool contrast_is_empty(const struct contrast *contrast);
/* On the right a tunnel is down that was up, or a pair is lost. */
bool contrast_is_worse(const struct contrast *contrast);

/* Tunnels, reachability, announcements, tables: each where there is something to tell. */
void contrast_render(const struct contrast *contrast, const struct screen *screen);
/* Adds "tunnels", "reach", "announcements", "tables", "alone", "equal" to the object. */
void contrast_json(const struct contrast *contrast, json_t *object);

/* "up, BGP established", "down", "up and down, every 78 s"; the caller frees it. */
char *contrast_tunnel_state(const struct play *play, int tunnel);

/* A section's heading, as every comparison has it. */
void contrast_heading(const char *title, const struct screen *screen);
