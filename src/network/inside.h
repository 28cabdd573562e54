/* The inside of a tunnel or of a Direct Connect virtual interface: which addresses its two ends
 * have, and over which of them BGP speaks.
 *
 * A session is over one family. Over IPv4 it exchanges IPv4's routes, and IPv6's too where the file
 * gives a range for their next hops (inside_ipv6). Over IPv6 it exchanges IPv6's alone, as AWS has
 * it: in a tunnel whose inside addresses are IPv6's (TunnelInsideIpVersion ipv6), and on a virtual
 * interface whose BGP peer is of IPv6, beside the one of IPv4 or instead of it. */
#pragma once

#include "network/network.h"

/* [0] the gateway's, [1] the other end's; 0: nothing of that family. */
struct network_inside {
    ip_addr four[2], six[2];
    uint8_t four_len, six_len;
    bool own_session; /* IPv6 has a session of its own */
};

struct network_inside network_tunnel_inside(const struct network_tunnel *tunnel);
struct network_inside network_direct_inside(const struct network_direct_connect *direct);

/* The addresses by which the gateway is the router's neighbor, IPv4's session first; 0 behind the
 * last one. */
struct network_neighbors {
    ip_addr addresses[2];
};
struct network_neighbors network_direct_neighbors(const struct network_direct_connect *direct);

/* Two hosts of the same /30, or of IPv6 of the same /126. */
bool network_is_pair(ip_addr one, ip_addr two);
