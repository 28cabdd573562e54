/* What a charon says: its log line by line, and its SAs.
 *
 * VICI tells that an SA came or went, never why. The reasons are in charon's log (strongSwan 5.9,
 * level 1), whose lines are
 *
 *     21:01:46 14[IKE] <vpn-a/1|9> received AUTHENTICATION_FAILED notify error
 *     21:01:48 09[IKE] <4> received proposals unacceptable
 *
 * with the name of the connection and the number of its IKE SA, or the number alone before charon
 * knows whose it is; a line before says which address has that number. Sentences are recognized by
 * their beginning, because what a peer may write into one comes later. What is not known means
 * nothing: a newer charon may put things otherwise, and causes become vaguer, not wrong. */
#pragma once

#include "plane/plane.h"
#include "tunnel/state.h"
#include "wire/vici.h"

enum charon_line_kind {
    CHARON_LINE_NOTHING,
    CHARON_LINE_FAILED,           /* an attempt did, for this cause */
    CHARON_LINE_REFUSED,          /* …of an ESP pair, by either end; its IKE SA may be there */
    CHARON_LINE_ENDS,             /* SAs that are there go, for this cause */
    CHARON_LINE_ENDS_UNEXPLAINED, /* …for this one, unless another was told before */
    CHARON_LINE_MOVED,            /* an ESP pair came, or one was replaced: list-sas knows more */
    CHARON_LINE_PEER,             /* this IKE SA is of that address */
    CHARON_LINE_GARBLED, /* what the peer encrypted could not be read: with IKEv1 and a pre-shared
                            key the keys differ, if the attempt comes to nothing */
};

struct charon_line {
    enum charon_line_kind kind;
    enum tunnel_cause cause;
    char tunnel[PLANE_NAME_BYTES]; /* "": unknown */
    uint32_t number;               /* of the IKE SA; 0: none */
    ip_addr peer;
};

/* line: without its end. CHARON_LINE_NOTHING: no sentence that matters here. */
struct charon_line charon_line_read(struct slice line);

/* What list-sas says of a tunnel. Of several SAs counts and times are of the newest ESP pair. */
struct charon_sa {
    bool up; /* an ESP pair is installed */
    bool nat_t;
    uint8_t ike_version;
    uint8_t pairs;   /* ESP pairs: 2 while one is replaced */
    uint32_t number; /* charon's, of the IKE SA */
    uint32_t child;  /* charon's, of the ESP pair */
    uint32_t spi_in, spi_out;
    uint64_t bytes_in, bytes_out, packets_in, packets_out;
    uint64_t established_s;                /* the IKE SA's age */
    uint64_t installed_s;                  /* the ESP pair's */
    uint64_t ike_rekey_s, rekey_s, life_s; /* until; 0: unknown or never */
    ip_addr local, peer;
    char ike_algorithms[64]; /* "AES_GCM_16-256/PRF_HMAC_SHA2_256/MODP_2048" */
    char esp_algorithms[64]; /* "AES_CBC-128/HMAC_SHA1_96" */
};

/* The message of a list-sa event, which is one IKE SA with its ESP pairs; it was checked. false: it
 * names no connection. */
bool charon_sa_read(struct slice message, char ret_tunnel[PLANE_NAME_BYTES],
                    struct charon_sa *ret_sa) __attribute__((warn_unused_result));

/* Another IKE SA of the same tunnel. */
void charon_sa_join(struct charon_sa *sa, const struct charon_sa *other);

/* The connection that an event of ike-updown, child-updown, ike-rekey or child-rekey is of. */
bool charon_event_tunnel(struct slice message, char ret_tunnel[PLANE_NAME_BYTES])
    __attribute__((warn_unused_result));
