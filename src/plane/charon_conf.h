/* strongswan.conf of one IKE daemon, as text: what is the same for all of its tunnels.
 *
 * IKEv2's dead-peer timing is how often any request is sent again: retransmit_timeout apart,
 * retransmit_tries times after the first, without growing (retransmit_base 1). Of struct
 * tunnel_watch these are its interval, and its tries less the first.
 *
 * The userspace plane (libipsec): kernel-libipsec stands before kernel-netlink, so that it takes
 * ESP and leaves addresses and routes. libipsec puts a default route through its TUN device into
 * table 220; the mark makes the rule of that table match marked packets only, and nothing is
 * marked. Fewer than 16 threads are parked in libipsec for good, and VICI hangs. On the kernel's
 * plane no table and no rule is made.
 *
 * Floods: from ten half-open IKE SAs on each new one must bring a cookie; of one address there are
 * five at most, in all 256, and each is given up after 30 s. */
#pragma once

#include "plane/plane.h"

enum { CHARON_CONF_BYTES = 4096 };

struct charon_conf {
    const char *socket, *log; /* paths */
    bool userspace;
    struct tunnel_watch watch;
};

/* false: it did not fit. Paths have no quotes and no line ends in them, or it is false, too. */
bool charon_conf_text(const struct charon_conf *conf, char out[CHARON_CONF_BYTES])
    __attribute__((warn_unused_result));
