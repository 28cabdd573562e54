/* A local preference for what one neighbor announces, as lines to paste. */
#pragma once

#include "check/change.h"
#include "check/paste.h"

void prefer_paste(struct paste *paste, const struct change *change);
