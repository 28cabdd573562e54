/* A Direct Connect virtual interface: 802.1Q on a device of the machine, or, where a kernel has no
 * 802.1Q or the line carries none, that device itself; in the gateway's inner namespace, with the
 * addresses of its BGP session. */
#pragma once

#include "plane/routes.h"

struct plane_direct_connect {
    char name[NAME_DEVICE_BYTES]; /* of the device inside */
    char line[NAME_DEVICE_BYTES]; /* of the machine's device, in the outer namespace */
    uint16_t vlan;                /* 1..4094; 0: the line itself */
    bool may_be_plain;            /* without 802.1Q the line itself will do: a test's, say */
    uint16_t mtu;                 /* AWS: 1500, 9001 on a private interface; 0: as it is */
    struct plane_address four;    /* ours; 0: none */
    struct plane_address six;
};

/* It shall be there and up, with these addresses and no others. *ret_plain: the line itself is. */
bool direct_connect_put(struct rtnetlink *inner, struct rtnetlink *outer,
                        const struct plane_direct_connect *wanted, bool *ret_plain,
                        struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* It shall not be; a line that was moved in goes back under its name. */
bool direct_connect_remove(struct rtnetlink *inner, struct rtnetlink *outer,
                           const struct plane_direct_connect *wanted, struct trouble *ret_trouble);
