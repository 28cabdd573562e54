/* The answer as SARIF 2.1.0 (OASIS, 27 March 2020), for code review and dashboards.
 *
 * One run. Its rules are the kinds of findings that it has, each with its page as help. A result is
 * a finding: its text is what the screen says of it, its location the line of the network file that
 * defines what it is about, related to that of who announces the prefix; partialFingerprints has
 * its identity. SARIF's levels are error for certain, warning for likely and for a latent trap,
 * note for a setting that could be better and for what is held off. Remedies stand in the text and
 * under properties: they are lines for routers, and a SARIF `fix` is a change of the file. What the
 * answer leaves out is not there. */
#pragma once

#include "check/check.h"

struct sarif_options {
    const char *path;    /* of the network file; NULL: it came by standard input */
    const char *version; /* the program's */
};

/* jansson's object; the caller owns the reference. */
struct json_t *sarif_of(const struct check *check, const struct sarif_options *options)
    __attribute__((warn_unused_result));
