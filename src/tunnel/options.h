/* The tunnel room: what the two tunnels of a VPN connection are made of, before anybody makes them,
 * and how they are.
 *
 *     options   a tunnel's options as AWS has them, their limits and defaults; pre-shared keys
 *     proposal  what two ends agree on, or on what they disagree
 *     inside    the /30 inside a tunnel: which are allowed, whose address is whose
 *     mtu       what fits into a packet of a tunnel, from cipher and NAT traversal
 *     state     up or down, since when and why; what a telemetry says of it
 *
 * It negotiates nothing and sends nothing: IKE and ESP are strongSwan's, or the simulator's. It
 * does not choose between the two tunnels either: for each prefix that is the rib's best path.
 *
 * All figures are AWS's (facts: Site-to-Site VPN user guide, VPNTunnels.md and your-cgw.md). They
 * are defaults: limits are an argument, so that a gateway of our own may allow more. */
#pragma once

#include "base/slice.h"
#include "net/ip.h"

enum tunnel_encryption {
    TUNNEL_AES128, /* CBC; GCM stands behind it, as the better choice */
    TUNNEL_AES256,
    TUNNEL_AES128_GCM16,
    TUNNEL_AES256_GCM16,
    TUNNEL_ENCRYPTIONS,
};

enum tunnel_integrity {
    TUNNEL_SHA1,
    TUNNEL_SHA2_256,
    TUNNEL_SHA2_384,
    TUNNEL_SHA2_512,
    TUNNEL_INTEGRITIES,
};

/* As the EC2 API spells them: "AES128-GCM-16", "SHA2-256". */
const char *tunnel_encryption_word(enum tunnel_encryption encryption);
const char *tunnel_integrity_word(enum tunnel_integrity integrity);

/* What one phase may use: sets of bits, 1 << algorithm, 1 << group number. */
struct tunnel_phase {
    uint32_t encryptions;
    uint32_t integrities;
    uint32_t groups; /* Diffie-Hellman, 1..31 */
};

enum { TUNNEL_IKEV1 = 1 << 1, TUNNEL_IKEV2 = 1 << 2 };

/* What the gateway does when the peer is found dead. */
enum tunnel_dead_action { TUNNEL_DEAD_CLEAR, TUNNEL_DEAD_NONE, TUNNEL_DEAD_RESTART };

enum tunnel_startup {
    TUNNEL_STARTUP_ADD,   /* waits for the customer gateway */
    TUNNEL_STARTUP_START, /* the gateway initiates */
};

struct tunnel_options {
    uint32_t ike_versions; /* TUNNEL_IKEV1, TUNNEL_IKEV2 */
    struct tunnel_phase phase1;
    struct tunnel_phase phase2;
#define NUMBER(field, word, standard, least, most, sentence) uint32_t field;
#include "tunnel/number.def"
#undef NUMBER
    enum tunnel_dead_action dead_action;
    enum tunnel_startup startup;
    struct prefix local_range; /* traffic selectors, one SA pair: 0.0.0.0/0 both by default */
    struct prefix remote_range;
};

struct tunnel_range {
    uint32_t least;
    uint32_t most;
};

/* What options may be. */
struct tunnel_limits {
    struct tunnel_phase phase1;
    struct tunnel_phase phase2;
#define NUMBER(field, word, standard, least, most, sentence) struct tunnel_range field;
#include "tunnel/number.def"
#undef NUMBER
    bool any_inside; /* inside ranges are not asked about */
};

extern const struct tunnel_options tunnel_options_standard; /* AWS's defaults */
extern const struct tunnel_limits tunnel_limits_aws;
/* Our own gateway's: as AWS's, but with any dead-peer timeout from 1 s on and any inside range. */
extern const struct tunnel_limits tunnel_limits_own;

enum tunnel_fault {
    TUNNEL_FAULT_NONE,
#define NUMBER(field, word, standard, least, most, sentence) TUNNEL_FAULT_##field,
#include "tunnel/number.def"
#undef NUMBER
#define FAULT(name, word, sentence, reference) TUNNEL_FAULT_##name,
#include "tunnel/fault.def"
#undef FAULT
    TUNNEL_FAULTS
};

const char *tunnel_fault_word(enum tunnel_fault fault);
const char *tunnel_fault_sentence(enum tunnel_fault fault);
const char *tunnel_fault_reference(enum tunnel_fault fault);

/* The first thing wrong, in the order of the struct; TUNNEL_FAULT_NONE when nothing is.
 * peer_known: the customer gateway's address is. */
enum tunnel_fault tunnel_options_check(const struct tunnel_options *options,
                                       const struct tunnel_limits *limits, bool peer_known);

enum tunnel_fault tunnel_psk_check(struct slice psk);

/* Dead-peer detection as times: after delay_us of silence the peer is asked, and asked again every
 * interval_us, tries times in all; one interval after the last it is dead. AWS probes after 10 s
 * and gives up after three misses (re:Post on tunnel inactivity), which is its default timeout of
 * 40 s; that other timeouts are split in the same proportion is an assumption. */
struct tunnel_watch {
    int64_t delay_us;
    int64_t interval_us;
    uint32_t tries;
};
struct tunnel_watch tunnel_watch_of(uint32_t dpd_timeout_s);
