/* A tunnel's options in charon's words: what VICI's load-conn, load-shared and load-key are
 * told (strongSwan 5.9: swanctl.conf(5), src/libcharon/plugins/vici/README.md). Pure functions
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
 * Proposals go from the strongest down, as tunnel_agree does: GCM before CBC, then the higher
 * value, and groups 14 to 21 before the others. IKEv2 takes sets, so there is one proposal with
 * GCM, which in phase 1 has the integrities as pseudo-random functions, and one without. IKEv1 can
 * only list combinations, and has no GCM in phase 1. */
#pragma once

#include "plane/plane.h"
#include "wire/vici.h"

enum {
    CONNECTION_REQUEST_MAX = 128 * 1024, /* the longest of these requests */
    CONNECTION_FILE_MAX = 48 * 1024,     /* a certificate or a private key */
};

/* What the plane knows and the tunnel's options do not say. */
struct connection_plane {
    bool userspace;        /* libipsec: ESP in UDP only */
    uint32_t interface_id; /* if_id of the XFRM interface; 0: none */
};

/* What is in the tunnel's files; empty with a pre-shared key. */
struct connection_files {
    struct slice certificate, authority;
};

/* load-conn, and unload-conn. A peer's certificate must be of this authority and no other that
 * charon has come to know, and must have what the
 * peer calls itself, as its subject or an alternative name: peer_id, else its address. */
void connection_load(struct writer *writer, const struct plane_tunnel *tunnel,
                     const struct connection_plane *plane, const struct connection_files *files);
void connection_unload(struct writer *writer, const char *name);

/* Of a load-conn. Equal: the same connection, so a charon that has it need not be told. The same
 * with every build. */
uint64_t connection_digest(struct slice request);

/* A tunnel may have two pre-shared keys for a while, when its key is exchanged. */
enum connection_key { CONNECTION_KEY_PRESENT, CONNECTION_KEY_FORMER };

/* load-shared, and unload-shared. Loading again replaces. both_ids: it belongs to the pair of both
 * identities, which a charon needs that has several tunnels with this peer; else to the peer's
 * alone, so that no other peer's identity is believed for it. */
void connection_shared(struct writer *writer, const struct plane_tunnel *tunnel, const char *psk,
                       enum connection_key key, bool both_ids);
void connection_unshared(struct writer *writer, const char *name, enum connection_key key);

/* load-key: the bytes of its file, PEM or DER, of any type that charon knows. The answer's "id" is
 * what get-keys lists in "keys", and unload-key is told. */
void connection_private_key(struct writer *writer, struct slice file);
void connection_keys(struct writer *writer);
void connection_unload_key(struct writer *writer, struct slice id);

/* initiate and terminate, by name, without waiting. number: of one IKE SA; 0: all of the name's. */
void connection_initiate(struct writer *writer, const char *name);
void connection_terminate(struct writer *writer, const char *name, uint32_t number);
/* One IKE SA and its ESP pairs end at once, whether the peer answers or not. */
void connection_abandon(struct writer *writer, uint32_t number);
/* rekey: of the IKE SA (IKEv1 authenticates anew), and of its ESP pair. Both ends receive with the
 * new pair before either sends with it; authentication anew would leave out a round trip's packets
 * with IKEv2, whose responder sends with the new pair at once. */
void connection_replace_ike(struct writer *writer, const char *name);
void connection_replace_pair(struct writer *writer, const char *name);
