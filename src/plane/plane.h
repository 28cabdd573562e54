/* The room `plane`: what carries a gateway's packets, under whatever decides about routes.
 *
 *     names       what things are called on this machine, derived from gateway and tunnel
 *     space       network namespaces: made, entered for a moment, removed
 *     trouble     what the world refused, as an errno and a sentence
 *     rtnetlink, rtnetlink_said  a conversation with the kernel about a namespace, and its answers
 *     netlink_attrs              what such messages are made of, for run, too
 *     devices     devices of a namespace: pairs, TUN, XFRM interfaces, VLANs; made, moved, removed
 *     routes      addresses, routes, rules and proxies of a namespace
 *     link_watch  what becomes of devices, as it happens
 *     sysctl      the kernel's settings of a namespace, set, or named where they may not be
 *     firewall    nftables' lines: the MSS clamp, and what the outer namespace lets through
 *     forwarding  whether the outer namespace forwards, and who has set it
 *     outside     outside addresses on the outer namespace's loopback device
 *     child       processes that we start, that outlive us, and that a later one of us finds again
 *     handed      devices that the operator hands over: taken, known again, given back
 *     attachments what hangs on the gateway besides tunnels, looked after; attachment.h is how it
 *                 shall be, vpc_ground a VPC's namespace and what is plugged in, vpc_tables its
 *                 route tables as they shall be and as they are
 *     vpc         a VPC as a namespace: its route tables as rules, its peerings as lines
 *     direct_connect  a Direct Connect interface: 802.1Q, or the line itself
 *     packet_tap  the packets of a device, as they pass; pcapng  the file of them
 *     probe       what this machine permits, and what to install or do
 *     vici_line   charon's VICI socket as a stream of requests, answers and events
 *     connection  a tunnel's options in charon's words
 *     charon      one IKE daemon: its life, charon_load what it is told, charon_look what is heard
 *                 of it; charon_conf and charon_folder its strongswan.conf and other files,
 *                 charon_tunnel what follows for one tunnel, charon_words what it says of SAs
 *     tail        another program's log, line by line as it grows
 *     inner       a gateway's inner namespace; endpoint, of a tunnel's own: the ground they need
 *     pins        a customer gateway's: the ways to its tunnels' far ends, nailed to the underlay
 *     userspace   the plane of TUN devices: a charon with libipsec for each tunnel
 *     xfrm        the plane of the kernel's ESP: one charon, an XFRM interface for each tunnel
 *     states      the kernel's ESP states that a killed charon leaves
 *     pressure    how fast packets may go into a userspace tunnel; limit sets it
 *     carrier     what the two planes have in common
 *     orders      what the gateway tells the keeper, and what it is told
 *     order_queue  orders that wait until the keeper reads
 *     permit      what of that the keeper does for whoever says it
 *     claim       one keeper for a gateway; reserved, one gateway for an outside address
 *     key_file    a pre-shared key that stands in a file
 *     keeper      the process that does it all
 *
 * It knows nothing of BGP, of the engine or of the network file: docs/decisions/0009.
 *
 * Outer and inner never meet. IKE and ESP live in outer namespaces: the host's and, on the
 * userspace plane, one for each tunnel with a default route, its /32 outside address and no inner
 * device. A gateway has one inner namespace: its tunnels' devices, Direct Connect interfaces, VPCs,
 * and the routes that neighbors announced. A learned route cannot reach an outer packet, because
 * the table that it stands in is not the one that outer packets are looked up in.
 *
 * A customer gateway may live as routers do, together with the machine it is on: its tunnels'
 * devices are then in the outer namespace, learned routes in the machine's main table, and what
 * separation does for others is done by pins (plane/pins.h, docs/decisions/0013).
 *
 * Who makes which namespace. sekishod makes its gateway's inner one, those of its tunnels'
 * endpoints and those of its VPCs: the one that it is attached to, and VPCs without a gateway that
 * are peered with that one (world_vpc_home, plane_vpc_name). It alone makes anything in them, and
 * holds the tables that stand there. The outer namespace, instances and whatever lies beyond a
 * Direct Connect are the operator's, or the lab's.
 *
 * Between the two stand devices that are handed over. What is plugged in is a device that somebody
 * has put into the outer namespace: a port of the machine, one end of a veth pair. It is called as
 * the file says (interface), or else as name_device() calls what it belongs to: the virtual
 * interface "dxvif-1", the subnet "subnet-app", the instance "i-app", the internet gateway
 * "igw-main", and the peering "pcx-1" where its other VPC is not made by the same sekishod.
 * Whenever one comes, sekishod takes it where it belongs, gives it its addresses and brings it up;
 * when it is no longer wanted, it goes back under the name that it had.
 *
 *     virtual interface  the inner namespace. A device that the file names carries 802.1Q when the
 *                        file has a vlan; one that is called like the virtual interface is it
 *     subnet             the VPC's: an Ethernet with the subnet's instances. We have the subnet's
 *                        first host, which is their default router
 *     instance           the VPC's: a link with nobody but this instance on it. We have its
 *                        subnet's first host, and answer for all others (ARP)
 *     internet gateway   the VPC's: whoever is on it answers for every address (ARP), and does
 *                        the 1:1 NAT of elastic addresses
 *     peering            the VPC's: a link, the other VPC answers for what is in it
 *
 * What is wanted is absolute: "this tunnel shall be so". What is found on the machine is compared
 * with it, and the difference is done; so the same code starts, changes, adopts and repairs. */
#pragma once

#include "tunnel/options.h"
#include "tunnel/state.h"

enum {
    PLANE_NAME_BYTES = 96, /* "vpn-vyatta/1" and its zero */
    PLANE_PSK_BYTES = 65,  /* AWS: 8 to 64 characters, and a zero */
    PLANE_PATH_BYTES = 256,
};

/* One tunnel, as it shall be, seen from our end: of a gateway or of a customer gateway. Plain
 * values, so that it fits into a datagram. */
struct plane_tunnel {
    char name[PLANE_NAME_BYTES];
    ip_addr outside;        /* ours, on the machine's or the pool's side */
    ip_addr outside_public; /* ours as the peer sees it, behind 1:1 NAT; 0: the same */
    ip_addr peer;           /* theirs; 0: whoever has the key (a certificate's owner) */
    ip_addr inside_ours, inside_theirs;
    uint8_t inside_len;
    ip_addr six_ours, six_theirs; /* 0: no IPv6 inside */
    uint8_t six_len;
    uint16_t mtu;      /* of the inner device */
    uint16_t mss;      /* to which TCP is clamped; 40 below mtu at most */
    bool forced_nat_t; /* ESP in UDP whatever the path is like; the userspace plane always */
    bool shared;       /* outside is 0: whatever address the machine has, for all its tunnels */
    struct tunnel_options options;
    struct tunnel_watch watch;       /* dead-peer detection */
    char psk[PLANE_PSK_BYTES];       /* "": certificates */
    char local_id[PLANE_PATH_BYTES]; /* IKE identities; "": the addresses */
    char peer_id[PLANE_PATH_BYTES];
    char certificate[PLANE_PATH_BYTES]; /* files in PEM; "": the pre-shared key */
    char private_key[PLANE_PATH_BYTES];
    char authority[PLANE_PATH_BYTES]; /* who signed the peer's certificate */
};
