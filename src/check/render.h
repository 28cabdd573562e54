/* Pieces of the screen that other answers use, too. */
#pragma once

#include "base/text.h"
#include "check/check.h"
#include "explain/screen.h"

/* "vpn-vyatta will swallow itself, every 78 s, for ever"; subject: what it is said of, where the
 * finding has no words of its own. */
void text_headline(struct text *text, const struct check_finding *finding, const char *subject);
/* What stands below the headline, from "because" to the cures, of the first of count findings that
 * are one story. program, told: as cures_render has them. */
void render_evidence(const struct screen *screen, const char *program,
                     const struct check_finding *finding, size_t count, bool *told);
/* A note rather than a warning. */
bool render_is_calm(const struct check_finding *finding);
