/* Intake: a received UPDATE becomes prefixes withdrawn, prefixes announced and one canonical
 * attribute set, or the answer that RFC 7606 demands. wire says what is broken and of which class;
 * here it is acted upon:
 *
 *   attribute discard   the attribute is left out, the routes are kept
 *   treat-as-withdraw   every prefix announced is withdrawn instead; the session lives
 *   session reset       only where the prefixes themselves cannot be told (RFC 7606 3 j, 5.3)
 *
 * The strongest class found wins, and the first flaw of that class is named. Nothing here knows a
 * session's state or a RIB: what matters of them is in struct intake_facts.
 *
 * Canonical attributes: each attribute once, in order of type code, lengths in their shortest form;
 * AS_PATH with four-octet AS numbers whatever the neighbor speaks (AS4_PATH and AS4_AGGREGATOR are
 * merged as RFC 6793 4.2.3 says and left out); unrecognized optional transitive attributes with the
 * Partial bit set, unrecognized non-transitive ones left out (RFC 4271 5); on external sessions
 * LOCAL_PREF left out (RFC 7606 7.5); NEXT_HOP kept. Equal sets have equal bytes, so they can be
 * interned by them. */
#pragma once

#include "base/slice.h"
#include "net/ip4.h"

enum { INTAKE_ATTRIBUTES_MAX = 8192 }; /* two-octet paths grow by half; twice is always enough */

/* What an UPDATE is judged by. */
struct intake_facts {
    uint32_t local_as;
    uint32_t peer_as; /* equal: internal */
    ip4 local_addr;   /* our address on the connection: never a valid next hop */
    bool four_octet_as;
    bool enforce_first_as; /* external: the leftmost AS must be the neighbor's (RFC 4271 6.3). FRR
                              withdraws when not; a route server's client turns it off */
};

enum intake_verdict {
    INTAKE_ROUTES,     /* withdrawn and announced, either may be empty */
    INTAKE_WITHDRAW,   /* as above, but what was announced is to be withdrawn, too: flaw */
    INTAKE_END_OF_RIB, /* an UPDATE without anything, RFC 4724 2 */
    INTAKE_RESET,      /* the session must end with notice: flaw */
};

/* INTAKE_FLAW(name, sentence, reference): what was wrong with an UPDATE; intake.def. */
enum intake_flaw {
#define FLAW(name, word, sentence, reference) INTAKE_##name,
#include "bgp/intake.def"
#undef FLAW
    INTAKE_FLAW_COUNT
};

/* Slices borrow from the message or from the scratch given. */
struct intake {
    enum intake_verdict verdict;
    enum intake_flaw flaw;   /* NONE, or the first of the strongest class; with ROUTES: a discard */
    uint8_t flaw_attribute;  /* its type code; 0: none in particular */
    struct slice withdrawn;  /* prefixes as in the message, checked: walk with intake_next */
    struct slice announced;  /* ROUTES: with attributes. WITHDRAW: to be withdrawn */
    struct slice attributes; /* canonical; empty when nothing is announced */
    ip4 next_hop;
    uint8_t notice_code; /* RESET: what session_reset is to say */
    uint8_t notice_subcode;
    struct slice notice_data;
};

/* The message is a whole UPDATE as BGP_ACTION_UPDATE gives it. scratch holds at least
 * INTAKE_ATTRIBUTES_MAX bytes and the attributes then borrow from it. */
void intake_update(const struct intake_facts *facts, struct slice message, uint8_t *scratch,
                   struct intake *ret_intake);

/* The next prefix of a checked list; false at its end. Host bits sent are cleared (RFC 4271 4.3
 * calls them irrelevant). */
bool intake_next(struct slice *prefixes, struct prefix4 *ret_prefix);

const char *intake_flaw_word(enum intake_flaw flaw);
const char *intake_flaw_sentence(enum intake_flaw flaw);
const char *intake_flaw_reference(enum intake_flaw flaw);
