/* A customer gateway's end of a tunnel in strongSwan's words: strongswan.conf of a charon of its
 * own, and swanctl.conf for what it is to do (strongSwan 5.9: strongswan.conf(5), swanctl.conf(5)).
 *
 * It is the stock daemon: it initiates by itself, begins again when the peer is dead (dpd_action
 * restart), and is left alone afterwards. Of what both phases allow it proposes one combination, as
 * the configurations do that AWS hands out.
 *
 * Why each setting is what it is:
 *
 *     kernel-libipsec first   ESP in user space, through the device ipsec0, before kernel-netlink
 *     fwmark                  "ip rule 220" is for marked packets alone, so its table, where
 *                             libipsec puts a default route, has no say
 *     threads = 16            libipsec keeps several for good; with 8 VICI hangs
 *     encap = yes             libipsec has no ESP but in UDP
 *     process_route = no      no IKE roaming when the router's table changes
 *     keyingtries = 0         it asks for ever */
#pragma once

#include "plane/charon_folder.h"
#include "plane/plane.h"

#include <stdio.h>

#define SWANCTL_CHILD "tunnel" /* what each connection's only child is called */

/* What the router's side has of a tunnel: plane_tunnel seen from there. */
struct swanctl_tunnel {
    struct plane_tunnel plane;
    bool starts;   /* it initiates */
    bool restarts; /* … and again, when the peer is found dead */
};

/* What its connection is called: like the tunnel, with '_' for a dot. */
void swanctl_name(const char *tunnel, char out[PLANE_NAME_BYTES]);

/* The texts. false: a value cannot
 * stand in such a file (a key with a quotation mark). */
bool swanctl_charon(const struct swanctl_tunnel *tunnel, const struct charon_folder *folder,
                    FILE *out) __attribute__((warn_unused_result));
bool swanctl_connection(const struct swanctl_tunnel *tunnel, FILE *out)
    __attribute__((warn_unused_result));
