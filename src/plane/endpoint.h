/* The ground that a tunnel of the userspace plane stands on: a namespace for its charon, with the
 * outside address and a default route out, and nothing else.
 *
 *     outer                              endpoint
 *     sk3fa2c1...  192.0.0.8/32  ------  eth0  OUTSIDE/32, default via 192.0.0.8
 *     OUTSIDE/32 dev sk3fa2c1...
 *
 * 192.0.0.8 is IPv4's dummy address (RFC 7600 4.8): a next hop that is nobody's, the same for all
 * pairs. Everything is said absolutely, so making is also finding and repairing. */
#pragma once

#include "plane/plane.h"
#include "plane/rtnetlink.h"

struct endpoint_names {
    char space[NAME_SPACE_BYTES];
    char outer[NAME_DEVICE_BYTES];  /* the pair's end in the outer namespace */
    char device[NAME_DEVICE_BYTES]; /* of the tunnel, in the inner namespace */
    char folder[PLANE_PATH_BYTES];  /* charon's */
};

/* Where the machine's one address is all tunnels', each endpoint has one that stands in for it and
 * is masked before it leaves: of 198.18.0.0/15 (RFC 2544 benchmarks, nobody's on the Internet), by
 * its names; tries: how many are taken by others. */
ip_addr endpoint_stand_in(const struct endpoint_names *names, unsigned tries);

#define ENDPOINT_TUN    "ipsec0" /* what libipsec calls its device */
#define ENDPOINT_FOLDER "/run/sekishod"

/* Its MTU: kernel-libipsec's plugin sets it when charon starts, keeps the figure, and reads so many
 * bytes of a packet whatever the device is set to later (strongSwan, kernel_libipsec_plugin.c and
 * tun_device.c); it is not configurable. The rest is cut off, and the packet dropped. */
enum { ENDPOINT_MTU_MOST = 1400 };

/* Packets by which one may come late: libipsec's own figure (strongSwan, esp_context.c), whatever
 * the options say. */
enum { ENDPOINT_REPLAY_WINDOW = 128 };

/* The tunnel's MTU and MSS become what libipsec can carry; the cipher's may be more. */
void endpoint_fit(struct plane_tunnel *tunnel);

void endpoint_names(const char *gateway, const char *tunnel, struct endpoint_names *ret_names);

/* What comes for an address that the outer namespace has itself never comes to an endpoint. */
bool endpoint_is_free(struct rtnetlink *outer, ip_addr outside, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* Packets for the address do not lead to another gateway's tunnel, whose IKE daemon lives though
 * its keeper was killed. One without a daemon is nobody's. */
bool endpoint_is_ours(struct rtnetlink *outer, const char *gateway, ip_addr outside,
                      struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* outer: a conversation with the outer namespace's kernel. */
bool endpoint_make(const struct endpoint_names *names, const struct plane_tunnel *tunnel,
                   struct rtnetlink *outer, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The outside address is the endpoint's, or nobody's: what comes for it is dropped without a word.
 * A charon that does not know the connection yet would refuse it (NO_PROPOSAL_CHOSEN), and who has
 * been refused need not ask again: stock strongSwan does not, though it asks for a minute where it
 * hears nothing. So an endpoint is made shut, unless the address is there from an earlier life. */
bool endpoint_open(const struct endpoint_names *names, ip_addr outside, bool open,
                   struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Pair and namespace; whoever is in it was ended before. */
bool endpoint_remove(const struct endpoint_names *names, struct rtnetlink *outer,
                     struct trouble *ret_trouble);

/* charon's device moves from the endpoint to the inner namespace; a decoy stays in its place, which
 * libipsec's routes name. When it was moved before, nothing is done. False: there is none. */
bool endpoint_move(const struct endpoint_names *names, struct rtnetlink *inner,
                   struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* A decoy without a tunnel's device is of a charon that is gone: the next one needs the name. */
void endpoint_clear_decoy(const struct endpoint_names *names, struct rtnetlink *inner);
