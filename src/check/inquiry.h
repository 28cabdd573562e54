/* What variants have in common; for variants.c and the files of its kinds only.
 *
 * An inquiry is about one network without a story, and about its tunnels. Something is supposed:
 * first in the world of the iteration, where it costs what it changes (screen_probe). Where every
 * tunnel still comes through there, nothing more is done. Where one does not, the variant is run in
 * time from the beginning, and what is seen there is the finding. */
#pragma once

#include "check/evidence.h"
#include "check/screen.h"

enum { INQUIRY_DIFFERENCES_TOLD = 3 }; /* one by one */

enum question { NO_QUESTION, OPEN, ANSWERED };

/* What is not so, and was tried. */
struct supposition {
    const char *words; /* behind "if": "dxvif-1 failed" */
    const char *what;  /* "dxvif-1"; NULL: of an announcement */
    bool announced;    /* somebody announces prefix and does not now: */
    struct prefix prefix;
    int origin;   /* node of the world */
    bool further; /* by an attachment that is not in the file */
};

struct witness { /* who else would do the same */
    const char *words;
    size_t others; /* besides */
};

struct inquiry {
    struct check *check;
    const struct network *network; /* without a story; borrowed */
    struct screen screen;          /* of it, at rest */
    struct reach reach;            /* in it */
    enum question *questions;      /* of tunnels */
    struct witness *witnesses;
    size_t *findings; /* of tunnels that are answered; an index */
    bool *expected;   /* of tunnels: not to come through, as the iteration has it */
    size_t probes, probes_max;
    size_t runs, runs_max;
    size_t differences;
    bool left_out; /* a variant */
};

/* Long after the last tunnel of a sound network is up. */
#define SUPPOSED_US (60ll * 1000000)
/* A variant is not run to its end: that the tunnels fall, come back and fall again is enough, and
 * where many disturb each other the end is far away. */
#define WATCHED_US (SUPPOSED_US + 300ll * 1000000)

/* The network as it is without a story must be at rest, or there is nothing to vary: false, and
 * nothing to be ended. Questions, findings and counts outlive one inquiry's network: a second one
 * about the same tunnels may follow. */
bool inquiry_begin(struct inquiry *inquiry, const struct network *network)
    __attribute__((warn_unused_result));
void inquiry_end(struct inquiry *inquiry);

/* Another variant may be tried; false: left out, which will be said. */
bool inquiry_may_probe(struct inquiry *inquiry);
/* What is supposed has been done to the screen's world. false: every tunnel comes through. */
bool inquiry_probe(struct inquiry *inquiry);
/* Of the last probe: does a tunnel that still asks not come through? */
bool inquiry_is_asked(const struct inquiry *inquiry);

/* The network with one step of a story, in time, until just before the step; false: left out, or no
 * memory. The run borrows the variant. */
bool inquiry_run(struct inquiry *inquiry, const struct network *variant, struct run *ret_run)
    __attribute__((warn_unused_result));
/* And on, until enough is seen. */
void inquiry_watch(struct inquiry *inquiry, struct run *run);
/* Adds a latent finding for each tunnel that still asked and that the run has seen swallowed by
 * what is supposed, with remedies. What the iteration expected and the run has not seen is said.
 * reach: what a remedy must not lose. */
void inquiry_look(struct inquiry *inquiry, const struct network *variant, const struct run *run,
                  const struct supposition *supposed, const struct reach *reach);

/* dangers.c: announcements that attachments could make. further: only those of attachments that
 * are not in the file, which the network has behind its others. */
void dangers_try(struct inquiry *inquiry, size_t further);
/* What is not so today, and who else could make it so. */
void dangers_say(struct inquiry *inquiry, size_t tunnel_count);

/* failures.c: a tunnel, a connection, a Direct Connect, a router. */
void failures_try(struct inquiry *inquiry);
