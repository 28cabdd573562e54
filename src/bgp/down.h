/* Why a connection or a session ended, as a value; the list is down.def. */
#pragma once

enum bgp_down {
#define DOWN(name, word, sentence, reference) BGP_DOWN_##name,
#include "bgp/down.def"
#undef DOWN
    BGP_DOWN_COUNT
};

const char *bgp_down_word(enum bgp_down reason);      /* "hold-timer-expired" */
const char *bgp_down_sentence(enum bgp_down reason);  /* one sentence, with its full stop */
const char *bgp_down_reference(enum bgp_down reason); /* RFC and section; "" for NONE */
