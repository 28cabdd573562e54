/* What this machine permits. Each question that can be is asked by doing it, in a namespace that is
 * gone afterwards: what a kernel says that it has and what a container may do are not the same. */
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

/* Asks everything, without leaving anything behind; some milliseconds, and a child for nftables. No
 * strongSwan is started: which it is stands in its file. */
void probe_all(struct probe_answer answers[PROBES]);

/* Whether we may make network namespaces at all: of those questions the first two. */
bool probe_rights(struct trouble *ret_trouble);

/* Which planes the answers permit. The sentence says why not. */
bool probe_userspace(const struct probe_answer answers[PROBES], struct trouble *ret_trouble);
bool probe_xfrm(const struct probe_answer answers[PROBES], struct trouble *ret_trouble);
