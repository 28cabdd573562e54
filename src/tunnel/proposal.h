/* What comes of two ends' options: something that both allow, or the first thing on which they do
 * not agree. Diagnosis before the fact: an IKE log says NO_PROPOSAL_CHOSEN and no more. */
#pragma once

#include "tunnel/options.h"

enum tunnel_mismatch {
    TUNNEL_AGREED,
#define MISMATCH(name, word, sentence) TUNNEL_MISMATCH_##name,
#include "tunnel/mismatch.def"
#undef MISMATCH
    TUNNEL_MISMATCHES
};

const char *tunnel_mismatch_word(enum tunnel_mismatch mismatch);
const char *tunnel_mismatch_sentence(enum tunnel_mismatch mismatch);

/* integrity of phase 2 means nothing beside GCM, which brings its own; in phase 1 it is the
 * pseudo-random function then. */
struct tunnel_proposal {
    enum tunnel_encryption encryption;
    enum tunnel_integrity integrity;
    unsigned group;
};

struct tunnel_agreement {
    unsigned ike_version; /* 1 or 2 */
    struct tunnel_proposal phase1;
    struct tunnel_proposal phase2;
};

/* TUNNEL_AGREED: ret_agreement is set; of several choices GCM before CBC and then the last
 * of its list, but groups 14 to 21 before all others. */
enum tunnel_mismatch tunnel_agree(const struct tunnel_options *one,
                                  const struct tunnel_options *other,
                                  struct tunnel_agreement *ret_agreement);

/* Below group 14 or with SHA-1: samples still have it (T33). */
bool tunnel_proposal_is_weak(const struct tunnel_proposal *proposal);

bool tunnel_is_gcm(enum tunnel_encryption encryption);
