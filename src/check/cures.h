/* The remedies of a finding on the screen. A remedy of many places is shortened; nothing is wider
 * than the screen but a word that is. */
#pragma once

#include "check/check.h"
#include "explain/screen.h"

enum { CURES_LABEL = 11 }; /* columns in front of it, where its label stands */

/* program: how a command calls this program. told: by the remedies' numbers, whether they have been
 * shown already, and set for those that are now; NULL: all are shown. */
void cures_render(const struct screen *screen, const char *program,
                  const struct check_finding *finding, bool *told);
