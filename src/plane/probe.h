/* What this machine permits: each question is asked by trying, in a namespace that is gone
 * afterwards. */
#pragma once

#include "plane/trouble.h"

enum plane_probe {
#define PROBE(name, word, sentence) PROBE_##name,
#include "plane/probe.def"
#undef PROBE
    PROBES
};

struct probe_answer {
    bool there;
    char sentence[TROUBLE_BYTES]; /* what is there, or what to install or do */
};

const char *probe_word(enum plane_probe probe);

/* Asks everything; takes some milliseconds and starts a program for each of two. */
void probe_all(struct probe_answer answers[PROBES]);

/* Which planes the answers permit. The sentence says why not. */
bool probe_userspace(const struct probe_answer answers[PROBES], struct trouble *ret_trouble);
bool probe_xfrm(const struct probe_answer answers[PROBES], struct trouble *ret_trouble);
