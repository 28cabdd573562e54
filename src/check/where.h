/* Where in the network file a thing stands that a finding speaks of. */
#pragma once

#include "check/check.h"

/* Of the thing with this name, also of a tunnel; line 0: the file has no such thing, or it was not
 * read from a text. Looks at all names. */
struct place where_is(const struct network *network, const char *id);
/* Of what the finding is about: its place, else its tunnel, connection, router or gateway. */
struct place where_finding(const struct network *network, const struct check_finding *finding);
