/* Comments: found in the text, attached to what they speak of, so that formatting keeps them. A
 * comment on lines of its own belongs to what begins after it, one behind something to what begins
 * on its line. */
#pragma once

#include "network/read.h"

/* Gives the network the comments of the text that it was read from. */
void comments_take(struct network *network, const struct yaml *yaml, const struct reading *reading);
