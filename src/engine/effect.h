/* Effects: everything that an engine wants done. Names and sentences are in effect.def and
 * note.def. Entries are absolute ("it shall be so") and may be repeated; session bytes are pulled.
 */
#pragma once

#include "engine/event.h"

enum effect_kind {
#define EFFECT(name, word, sentence) EFFECT_##name,
#include "engine/effect.def"
#undef EFFECT
    EFFECT_COUNT
};

enum note_kind {
#define NOTE(name, word, sentence) NOTE_##name,
#include "engine/note.def"
#undef NOTE
    NOTE_COUNT
};

const char *effect_word(enum effect_kind kind);
const char *effect_sentence(enum effect_kind kind);
const char *note_word(enum note_kind kind);
const char *note_sentence(enum note_kind kind);

struct effect_entry {
    struct prefix prefix;
    bool present;
    bool discard;
    uint16_t interface; /* through which */
    ip_addr gateway;    /* on-link next hop; 0: directly connected */
    enum route_source source;
    uint16_t neighbor; /* who said so, when it is BGP's; 0: nobody */
};

struct effect_vpc_entry {
    uint16_t vpc;
    uint16_t table;
    bool present;
    struct vpc_route route;
};

struct effect_note {
    enum note_kind kind;
    uint16_t neighbor;
    uint16_t attachment;
    uint8_t reason; /* enum reason; of a session: enum bgp_down; of BFD: enum bfd_diag */
    struct prefix prefix;
    ip_addr outside; /* GUARD_*: the endpoint that the prefix covers */
};

struct effect {
    enum effect_kind kind;
    union {
        struct event_connection connection; /* CONNECT: slot BGP_OUT; CLOSE; SEND;
                                               BFD_SEND: no slot */
        struct effect_entry entry;          /* ENTRY */
        struct effect_vpc_entry vpc_entry;  /* VPC_ENTRY */
        struct effect_note note;            /* NOTE */
    };
};
