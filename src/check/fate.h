/* Sentences about a tunnel's fate: what becomes of one whose packets go into a tunnel, and why. */
#pragma once

#include "base/text.h"
#include "check/check.h"

/* "vpn-vyatta will swallow itself, every 82 s, for ever". subject: how the tunnel is called. */
void fate_say(struct text *text, const struct check_finding *finding, const char *subject);

/* "0.0.0.0/0, announced by dx-edge (AS 65001) on dxvif-1, reaches vyatta through the tunnel and
 * covers 203.0.113.225, the outside address that the tunnel itself needs" */
void fate_say_because(struct text *text, const struct check_finding *finding);

/* A mechanism that takes part, in half a sentence. */
const char *fate_aside(enum check_finding_kind kind);

/* Nothing falls, the packets arrive; and what is to be said instead of what one sees. */
bool fate_is_nested(const struct check_finding *finding);
extern const char fate_of_nested[];
