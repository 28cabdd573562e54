/* What an export does not hold: whole answers that nobody asked for. What depends on each is said
 * with it. What single things are missing is said where they are looked for. */
#pragma once

#include "import/aws.h"

void missing_say(struct aws *aws);
