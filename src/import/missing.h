/* What an export does not hold: whole answers that nobody asked for. What depends on each is said
 * with it. What single things are missing is said where they are looked for. And what it does hold
 * as a whole, and no network file has a place for: transit gateways. */
#pragma once

#include "import/aws.h"

void missing_say(struct aws *aws);
