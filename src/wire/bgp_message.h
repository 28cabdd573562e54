/* The wire room: bytes to structs and back, one language a file, no decisions.
 *
 * A codec here says what stands in the bytes and, when they are wrong, which rule of which RFC they
 * break and what that rule asks for. It never acts: it resets no session, withdraws no route, knows
 * no neighbor. It keeps nothing between calls, allocates nothing, and every slice it returns
 * borrows from the bytes it was given or from room the caller lent it. All reading goes through
 * base's cursor, all writing through base's writer, so neither a length from outside nor a full
 * buffer can reach past an end.
 *
 * BGP-4 in order of use:
 *
 *     bgp_message    the stream cut into messages; OPEN, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH; an
 *                    UPDATE cut into its three fields
 *     bgp_nlri       a field of prefixes, walked and written
 *     bgp_attr       path attributes into a struct, judged by RFC 7606
 *     bgp_canonical  that struct, and the bytes of it that are interned
 *     bgp_as_path    questions to an AS path
 *     bgp_update     canonical attributes and prefixes into UPDATEs for neighbors
 *
 * Beside it bfd, the control packet of RFC 5880.
 *
 * Bytes come from a neighbor's stream (bgp) and go to an export group's log (bgp). The standard is
 * RFC 4271; capabilities RFC 5492, 4-octet AS numbers RFC 6793, multiprotocol RFC 4760, refresh RFC
 * 2918 and 7313, graceful restart RFC 4724, identifiers RFC 6286, Cease RFC 4486 and 9003. RFC 8654
 * (messages above 4096 bytes) is not announced, hence never met. */
#pragma once

#include "base/slice.h"

enum {
    BGP_PORT = 179,
    BGP_VERSION = 4,
    BGP_MARKER_BYTES = 16,
    BGP_HEADER_BYTES = 19,
    BGP_MESSAGE_MAX = 4096,            /* RFC 4271 4.1 */
    BGP_OPEN_MIN = 29,                 /* header included, as all of these */
    BGP_OPEN_MAX = BGP_OPEN_MIN + 255, /* what bgp_open_encode may write */
    BGP_UPDATE_MIN = 23,
    BGP_NOTIFICATION_MIN = 21,
    BGP_KEEPALIVE_BYTES = 19,
    BGP_REFRESH_BYTES = 23,
    BGP_AS_TRANS = 23456,    /* RFC 6793 9: stands for an AS number that needs four octets */
    BGP_HOLD_TIME_MIN_S = 3, /* or zero: RFC 4271 4.2 */
    BGP_AFI_IPV4 = 1,
    BGP_AFI_IPV6 = 2,
    BGP_SAFI_UNICAST = 1,
};

enum bgp_type {
    BGP_OPEN = 1,
    BGP_UPDATE = 2,
    BGP_NOTIFICATION = 3,
    BGP_KEEPALIVE = 4,
    BGP_ROUTE_REFRESH = 5, /* RFC 2918 */
};

/* NOTIFICATION error codes and subcodes: RFC 4271 4.5 and 6, or as noted. */
enum bgp_error_code {
    BGP_ERROR_HEADER = 1,
    BGP_ERROR_OPEN = 2,
    BGP_ERROR_UPDATE = 3,
    BGP_ERROR_HOLD_TIMER = 4,
    BGP_ERROR_FSM = 5,
    BGP_ERROR_CEASE = 6,
    BGP_ERROR_REFRESH = 7,   /* RFC 7313 */
    BGP_ERROR_SEND_HOLD = 8, /* RFC 9687 */
};

enum { BGP_UNSPECIFIC = 0 };

enum bgp_header_subcode {
    BGP_HEADER_NOT_SYNCHRONIZED = 1,
    BGP_HEADER_BAD_LENGTH = 2,
    BGP_HEADER_BAD_TYPE = 3,
};

enum bgp_open_subcode {
    BGP_OPEN_UNSUPPORTED_VERSION = 1,
    BGP_OPEN_BAD_PEER_AS = 2,
    BGP_OPEN_BAD_IDENTIFIER = 3,
    BGP_OPEN_UNSUPPORTED_PARAMETER = 4,
    BGP_OPEN_UNACCEPTABLE_HOLD_TIME = 6,
    BGP_OPEN_UNSUPPORTED_CAPABILITY = 7, /* RFC 5492 */
};

enum bgp_update_subcode {
    BGP_UPDATE_MALFORMED_LIST = 1,
    BGP_UPDATE_UNRECOGNIZED_WELL_KNOWN = 2,
    BGP_UPDATE_MISSING_WELL_KNOWN = 3,
    BGP_UPDATE_FLAGS = 4,
    BGP_UPDATE_LENGTH = 5,
    BGP_UPDATE_ORIGIN = 6,
    BGP_UPDATE_NEXT_HOP = 8,
    BGP_UPDATE_OPTIONAL = 9,
    BGP_UPDATE_NETWORK = 10,
    BGP_UPDATE_AS_PATH = 11,
};

enum bgp_fsm_subcode { /* RFC 6608: a message that its state does not allow */
                       BGP_FSM_IN_OPEN_SENT = 1,
                       BGP_FSM_IN_OPEN_CONFIRM = 2,
                       BGP_FSM_IN_ESTABLISHED = 3,
};

enum bgp_cease_subcode { /* RFC 4486, but the last two */
                         BGP_CEASE_MAX_PREFIXES = 1,
                         BGP_CEASE_SHUTDOWN = 2,
                         BGP_CEASE_DECONFIGURED = 3,
                         BGP_CEASE_RESET = 4,
                         BGP_CEASE_REJECTED = 5,
                         BGP_CEASE_CONFIGURATION = 6,
                         BGP_CEASE_COLLISION = 7,
                         BGP_CEASE_RESOURCES = 8,
                         BGP_CEASE_HARD_RESET = 9, /* RFC 8538 */
                         BGP_CEASE_BFD_DOWN = 10,  /* RFC 9384 */
};

enum bgp_refresh_error_subcode { BGP_REFRESH_BAD_LENGTH = 1 };

/* What a NOTIFICATION says. data borrows: from the bytes that were wrong, or from a constant. */
struct bgp_error {
    uint8_t code;
    uint8_t subcode;
    struct slice data;
};

/* ---- the stream ---- */

struct bgp_frame {
    enum bgp_type type;
    struct slice body; /* without the header */
    size_t size_bytes; /* of the whole message: how far the stream moves on */
};

enum bgp_frame_verdict { BGP_FRAME_SHORT, BGP_FRAME_WHOLE, BGP_FRAME_BAD };

/* Is there a whole message at the head of the stream? BGP_FRAME_SHORT asks for more bytes and is
 * only answered while what came so far may still become a message; BGP_FRAME_BAD fills ret_error
 * with the Message Header Error (RFC 4271 6.1; marker, length, type judged in this order), as soon
 * as the bytes show it. ret_frame is set for BGP_FRAME_WHOLE only. */
enum bgp_frame_verdict bgp_frame(struct slice stream, struct bgp_frame *ret_frame,
                                 struct bgp_error *ret_error) __attribute__((warn_unused_result));

/* ---- OPEN ---- */

enum bgp_capability {
    BGP_CAP_MULTIPROTOCOL = 1,     /* RFC 4760 8 */
    BGP_CAP_REFRESH = 2,           /* RFC 2918 */
    BGP_CAP_GRACEFUL_RESTART = 64, /* RFC 4724 */
    BGP_CAP_AS4 = 65,              /* RFC 6793 */
    BGP_CAP_ENHANCED_REFRESH = 70, /* RFC 7313 */
};

enum { BGP_RESTARTED = 0x8, BGP_FORWARDING_KEPT = 0x80, BGP_RESTART_MAX_S = 4095 }; /* RFC 4724 */
enum { BGP_FAMILIES_MAX = 16 }; /* the 17th and later are counted as unknown capabilities */

struct bgp_family {
    uint16_t afi;
    uint8_t safi;
    uint8_t flags; /* RFC 4724: 0x80, forwarding state preserved; 0 in a multiprotocol list */
};

struct bgp_open {
    uint8_t version;
    uint16_t as2;         /* the field My Autonomous System */
    uint16_t hold_time_s; /* 0: no keepalives; never 1 or 2 */
    uint32_t identifier;  /* never 0 (RFC 6286) */

    bool capabilities; /* false: the neighbor sent none at all, and all below is empty */
    bool has_as4;
    bool refresh;
    bool enhanced_refresh;
    bool graceful_restart;
    uint8_t family_count;
    uint8_t restart_family_count;
    uint8_t restart_flags;   /* RFC 4724: 0x8, the neighbor has restarted; the upper nibble */
    uint16_t restart_time_s; /* 0..4095 */
    uint16_t unknown_count;  /* capabilities of another code, or in excess */
    uint32_t as4;            /* when has_as4 */
    struct bgp_family families[BGP_FAMILIES_MAX]; /* in order, no duplicates */
    struct bgp_family restart_families[BGP_FAMILIES_MAX];
};

/* The neighbor's AS number: as4 when it told one, else as2. 0 is an error of the neighbor's (RFC
 * 7607), for whoever compares it with the configured one. */
uint32_t bgp_open_as(const struct bgp_open *open);
bool bgp_open_has_family(const struct bgp_open *open, uint16_t afi, uint8_t safi);

/* False: ret_error says which OPEN Message Error (RFC 4271 6.2; version first), ret_open is
 * untouched. Takes optional parameters of both lengths (RFC 9072). A capability whose length cannot
 * be right (multiprotocol, 4-octet AS) or that runs past its parameter is Unspecific, 2/0; a broken
 * graceful restart is counted as unknown. Of repeated 4-octet AS capabilities the first holds, of
 * graceful restart the last (RFC 4724 3). */
bool bgp_open_decode(struct slice body, struct bgp_open *ret_open, struct bgp_error *ret_error)
    __attribute__((warn_unused_result));

/* The whole message, at most BGP_OPEN_MAX bytes; unknown_count is not written. as2 is written as
 * given: the caller puts BGP_AS_TRANS there when as4 does not fit. Failure is the writer's. */
void bgp_open_encode(const struct bgp_open *open, struct writer *writer);

/* ---- NOTIFICATION, KEEPALIVE, ROUTE-REFRESH ---- */

struct bgp_notification {
    uint8_t code;
    uint8_t subcode;
    struct slice data;
    struct slice text; /* Shutdown Communication of Cease 2 and 4 (RFC 9003): as sent, perhaps not
                          UTF-8, no zero byte; empty when there is none or its length is wrong */
};

enum { BGP_SHUTDOWN_TEXT_MAX = 255 }; /* RFC 9003 2; RFC 8203 had 128 */

struct bgp_notification bgp_notification_decode(struct slice body);
/* Data that would make the message longer than 4096 bytes is cut. */
void bgp_notification_encode(struct bgp_error error, struct writer *writer);
/* A Cease (subcode shutdown or reset) with a text, cut to 255 bytes between two characters. */
void bgp_shutdown_encode(uint8_t subcode, struct slice text, struct writer *writer);

void bgp_keepalive_encode(struct writer *writer);

enum bgp_refresh_kind { BGP_REFRESH_REQUEST = 0, BGP_REFRESH_BEGIN = 1, BGP_REFRESH_END = 2 };

struct bgp_refresh {
    uint16_t afi;
    uint8_t kind; /* enum bgp_refresh_kind; others are to be ignored (RFC 7313 5) */
    uint8_t safi;
};

/* False: 7/1 with the whole message as data, which is why it takes the message, not the body. A
 * request may be longer (RFC 5291 filters); what follows the first four bytes is ignored. */
bool bgp_refresh_decode(struct slice message, struct bgp_refresh *ret_refresh,
                        struct bgp_error *ret_error) __attribute__((warn_unused_result));
void bgp_refresh_encode(struct bgp_refresh refresh, struct writer *writer);

/* ---- UPDATE, cut in three ---- */

struct bgp_update_fields {
    struct slice withdrawn;
    struct slice attributes;
    struct slice nlri;
};

/* False: a length contradicts the message's, 3/1 (RFC 4271 6.3, which RFC 7606 3 keeps). The fields
 * themselves are not looked into: bgp_nlri_check, then bgp_attrs_decode. All three empty is the
 * End-of-RIB marker of IPv4 unicast (RFC 4724 2). */
bool bgp_update_split(struct slice body, struct bgp_update_fields *ret_fields,
                      struct bgp_error *ret_error) __attribute__((warn_unused_result));
