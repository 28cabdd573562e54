/* What the gateway's process tells the keeper, and what the keeper reports: datagrams over a socket
 * pair (SOCK_SEQPACKET), a kind and a plain struct each. docs/decisions/0009 has the why.
 *
 *     BEGIN       once, first: whose tunnels, on which plane
 *     WANT        this tunnel shall be so; may be said again
 *     UNWANT      it shall not be
 *     PREPARE     once, when all was said that is wanted at first: it is answered. READY: the inner
 *                 namespace is there; or REFUSED, with a sentence, and nothing was made
 *     SETTLED     that is all: wants are done, and what an earlier keeper made and nobody wants is
 *                 removed
 *     ATTACH      this shall hang on the gateway, so; may be said again
 *     DETACH      it shall not
 *     ENTRY       a route of a VPC's table: there, or not
 *     AGAIN       all routes of VPCs' tables will be said again, and then
 *     SWEEP       that was all of them: others go. An earlier life's stay until this is said first
 *     REPLACE     make before break; ENDPOINT: break, as AWS replaces an endpoint
 *     COUNT       COUNTERS for each tunnel
 *     TAKE_DOWN   all of it; then GONE
 *
 * Between them come TUNNEL for each that changed, TROUBLE, which is for the log, and PIN: where the
 * packets of a tunnel leave the machine, when that is another way than before.
 *
 * Wants are absolute. An end of file without TAKE_DOWN is a gateway that died, or that is being
 * replaced: everything stays, and the next keeper adopts it. Before the first SETTLED it is one
 * that did not come up: an inner namespace that was made for it is removed.
 *
 * Who reads an order does not believe the process that has it from the network: texts end, names
 * are names, paths begin at the root, numbers are in their ranges. Who
 * may say it at all is plane/permit.h's. */
#pragma once

#include "plane/attachment.h"
#include "plane/names.h"
#include "plane/plane.h"

enum {
    ORDER_GATEWAY_BYTES = 65,
    ORDER_SENTENCE_BYTES = 512, /* above plane/trouble.h's */
    ORDER_WORDS_BYTES = 64,
};

enum order_kind {
    ORDER_BEGIN = 1,
    ORDER_WANT,
    ORDER_UNWANT,
    ORDER_PREPARE,
    ORDER_SETTLED,
    ORDER_REPLACE,
    ORDER_ENDPOINT,
    ORDER_COUNT,
    ORDER_TAKE_DOWN,
    ORDER_ATTACH,
    ORDER_DETACH,
    ORDER_ENTRY,
    ORDER_AGAIN,
    ORDER_SWEEP,
    ORDER_KINDS,
};

enum plane_choice { PLANE_AUTO, PLANE_USERSPACE, PLANE_XFRM, PLANE_CHOICES };

/* "auto", "userspace", "xfrm". */
const char *plane_choice_word(enum plane_choice choice);

struct order {
    uint32_t kind;
    union {
        struct {
            char gateway[ORDER_GATEWAY_BYTES];
            uint8_t choice; /* enum plane_choice */
            bool together;  /* no inner namespace: the outer one, with its main table (pins.h) */
        } begin;
        struct {
            struct plane_tunnel tunnel;
            char psk_file[PLANE_PATH_BYTES]; /* the key is read from there; "": it is in psk */
        } want;
        struct plane_attachment attach;
        struct plane_vpc_entry entry;
        char name[PLANE_NAME_BYTES]; /* UNWANT, REPLACE, ENDPOINT, DETACH */
    };
};

enum report_kind {
    REPORT_READY = 1,
    REPORT_REFUSED,
    REPORT_TUNNEL,
    REPORT_COUNTERS,
    REPORT_TROUBLE,
    REPORT_PIN,
    REPORT_GONE,
    REPORT_ATTACHMENT,
    REPORT_KINDS,
};

struct report_tunnel {
    char name[PLANE_NAME_BYTES];
    char device[NAME_DEVICE_BYTES]; /* in the inner namespace; "": not there */
    uint8_t cause;                  /* enum tunnel_cause */
    bool up;                        /* an ESP pair, and the device */
    uint32_t up_count, failures;
    uint32_t ike, pair; /* charon's numbers of the two SAs; others when they were replaced */
    int64_t since_us;   /* CLOCK_MONOTONIC */
};

struct report_counters {
    char name[PLANE_NAME_BYTES];
    uint64_t bytes_in, bytes_out, packets_in, packets_out; /* inside packets, of the device */
    uint64_t established_s, rekey_s; /* the IKE SA's age; until the ESP pair is replaced */
    ip_addr peer;
    uint8_t ike_version; /* 0: there is no SA */
    bool nat_t;
    char ike[ORDER_WORDS_BYTES], esp[ORDER_WORDS_BYTES]; /* algorithms */
};

struct report_attachment {
    char name[PLANE_NAME_BYTES];
    char device[NAME_DEVICE_BYTES];       /* where it belongs; "": not there */
    bool up;                              /* there, and with a carrier */
    uint32_t routes_wanted, routes_there; /* of a VPC's tables: in the kernel as they shall be */
    int64_t since_us;                     /* CLOCK_MONOTONIC; up, or not */
    char why[ORDER_SENTENCE_BYTES];       /* it is not up */
};

struct report {
    uint32_t kind;
    union {
        struct {
            uint8_t choice; /* which plane it is */
            char space[NAME_SPACE_BYTES];
        } ready;
        char sentence[ORDER_SENTENCE_BYTES]; /* REFUSED */
        struct report_tunnel tunnel;
        struct report_counters counters;
        struct report_attachment attachment;
        struct {
            char name[PLANE_NAME_BYTES]; /* "": of no tunnel */
            char sentence[ORDER_SENTENCE_BYTES];
        } trouble;
        struct report_pin {
            char name[PLANE_NAME_BYTES];
            char device[NAME_DEVICE_BYTES]; /* "": nothing leads there but a tunnel */
            ip_addr far, gateway;           /* gateway 0: on the link */
        } pin;
    };
};

/* Bytes of a datagram of that kind; 0: there is no such kind. */
size_t order_size(uint32_t kind);
size_t report_size(uint32_t kind);

/* Of bytes that came. false: it is no order. */
bool order_decode(const void *bytes, size_t size, struct order *ret_order);
bool report_decode(const void *bytes, size_t size, struct report *ret_report);

/* Of a whole datagram. 0; -EAGAIN: later (the socket does not block); another negative errno: the
 * other end is gone. */
int order_send(int fd, const struct order *order) __attribute__((warn_unused_result));
int report_send(int fd, const struct report *report) __attribute__((warn_unused_result));

/* The next one. 1: there it is; 0: end of file; -EAGAIN: none now; -EPROTO: it is none (and is
 * passed over); another negative errno: the other end is gone. Keys are in it: wipe it. */
int order_receive(int fd, struct order *ret_order) __attribute__((warn_unused_result));
int report_receive(int fd, struct report *ret_report) __attribute__((warn_unused_result));
