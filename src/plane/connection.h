/* A tunnel's options in charon's words: what VICI's load-conn, load-shared, load-cert and load-key
 * are told (strongSwan 5.9: swanctl.conf(5), src/libcharon/plugins/vici/README.md). Pure functions
 * from a wanted tunnel to the bytes of a request.
 *
 * charon does what was agreed and nothing by itself: it starts no tunnel, and restarts none that
 * died (start_action, dpd_action and close_action are none, clear and none). Who wants a tunnel up
 * asks for it, so that one place decides, and each failure is heard of.
 *
 * Lifetimes. AWS's margin and fuzz (S2S VPNTunnels.md) say when an SA of lifetime L is replaced:
 * between L - margin - margin * fuzz and L - margin. strongSwan rekeys at rekey_time minus a random
 * part of rand_time, and ends an SA at rekey_time + over_time, or life_time.
 *
 * Proposals go from the strongest down, in tunnel_agree's order: GCM before CBC, then the higher
 * value, and groups 14 to 21 before the others. Each encryption with each integrity is a proposal;
 * the groups stand in each. Phase 2 with GCM has no integrity, phase 1 with GCM has the integrity
 * as its pseudo-random function. Group 23 and 24 are offered, 22 too: AWS has them. */
#pragma once

#include "plane/plane.h"
#include "wire/vici.h"

enum {
    CONNECTION_REQUEST_MAX = 32 * 1024, /* the longest of these requests */
    CONNECTION_FILE_MAX = 48 * 1024,    /* a certificate or a private key */
};

/* What the plane knows and the tunnel's options do not say. */
struct connection_plane {
    bool userspace;        /* libipsec: ESP in UDP only */
    uint32_t interface_id; /* if_id of the XFRM interface; 0: none */
};

void connection_load(struct writer *writer, const struct plane_tunnel *tunnel,
                     const struct connection_plane *plane);
void connection_unload(struct writer *writer, const char *name);

/* A pre-shared key of a tunnel. Which one: a tunnel may have two for a while, when its key is
 * exchanged. both_ids: it belongs to the pair of both identities, for a charon that has more than
 * one tunnel with this peer; else to the peer's alone. */
enum connection_key { CONNECTION_KEY_PRESENT, CONNECTION_KEY_FORMER };
void connection_shared(struct writer *writer, const struct plane_tunnel *tunnel, const char *psk,
                       enum connection_key key, bool both_ids);
void connection_unshared(struct writer *writer, const char *name, enum connection_key key);

/* A certificate (of an authority, or our own) and a private key: the bytes of their files, PEM or
 * DER. Keys of any type that charon can load. */
void connection_certificate(struct writer *writer, struct slice file, bool authority);
void connection_private_key(struct writer *writer, struct slice file);

/* Equal: the same connection, so a charon that has it need not be told. Keys and files' contents
 * are not part of it. */
uint64_t connection_digest(const struct plane_tunnel *tunnel, const struct connection_plane *plane);

/* initiate, terminate and rekey (with authentication anew: make before break), by name, without
 * waiting. number: of one IKE SA; 0: all of the name's. */
void connection_initiate(struct writer *writer, const char *name);
void connection_terminate(struct writer *writer, const char *name, uint32_t number);
void connection_replace(struct writer *writer, const char *name);
