/* Whether a lab still is that of its file, which somebody may have edited since. What counts is the
 * network: a lab plays any story, has keys of its own, and is asked nothing that is wanted. */
#pragma once

#include "lab/running.h"
#include "network/network.h"

enum origin {
    ORIGIN_SAME,
    ORIGIN_OTHER,   /* the file has another network by now, or is no network file any more */
    ORIGIN_UNKNOWN, /* the file is not there, or the lab's copy is not */
};

/* file: as it is by now; NULL: the one that the lab was raised from is read. */
enum origin origin_of(const struct lab_running *lab, const struct network *file);

/* The two as a lab runs them: are they one network? */
bool origin_equal(const struct network *begun, const struct network *file);
