/* What the file says of a tunnel's IPsec, as AWS has it (tunnel/options.h): which algorithms of
 * each phase are allowed and how long what they agree on lives; and who the ends are, by a
 * pre-shared key or by certificates. A list left out is NULL: all that AWS allows.
 *
 * Keys that stand in files are not read here: who makes tunnels reads them (src/run). */
#pragma once

#include "network/parts.h"
#include "tunnel/options.h"

struct network_phase {
    struct place place;
    int *encryptions; /* enum tunnel_encryption */
    size_t encryption_count;
    int *integrities; /* enum tunnel_integrity */
    size_t integrity_count;
    int64_t *groups; /* Diffie-Hellman */
    size_t group_count;
    int64_t lifetime_us;
};

struct network_ipsec_options {
    struct place place;
    struct network_phase phase1, phase2;
    int64_t rekey_margin_us;
    int64_t rekey_fuzz_percent;
    int64_t replay_window_packets;
};

/* Paths, in PEM. */
struct network_certificate {
    struct place place;
    char *file, *key_file; /* the gateway's */
    char *authority_file;  /* whoever signed the peer's */
    char *peer_id;         /* as the peer's certificate calls it; NULL: its address */
};

struct network_connection;

/* Of one tunnel, part 0 or 1: its own options, or its connection's. */
struct tunnel_options network_tunnel_options(const struct network_connection *connection, int part);
