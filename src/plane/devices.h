/* Devices of a namespace. Each function says how it shall be, and does nothing where it is so
 * already; where a device of that name is something else, it is left alone and that is the error.
 */
#pragma once

#include "plane/rtnetlink.h"

/* A pair: name here, peer there. */
bool device_veth(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *peer, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* The same as a line from one to the other, without neighbors to be found: what is sent into one
 * end, whatever its address, comes out of the other. Routes through it need no gateway. */
bool device_line(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *peer, struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* A TUN device that stays without a program that holds it. It has no carrier, so nothing is ever
 * sent through it. */
bool device_tun(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

bool device_dummy(struct rtnetlink *here, const char *name, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* A VRF with this table, and the device as one of its own; what the device has of routes goes. */
bool device_vrf(struct rtnetlink *here, const char *name, uint32_t table,
                struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool device_into(struct rtnetlink *here, const char *name, const char *vrf,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* An XFRM interface over the device lower of outer, where its states and policies stay; it is made
 * there and moved here. if_id is not 0. */
bool device_xfrm(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                 const char *lower, uint32_t if_id, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* 802.1Q number vlan, 1..4094, of the device lower of outer, moved here. */
bool device_vlan(struct rtnetlink *here, const char *name, struct rtnetlink *outer,
                 const char *lower, uint16_t vlan, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* The device shall be in there, called new_name. When there is one of that name in there, that is
 * the one, and what is called so here stays. Moved devices are down and have no addresses. */
bool device_move(struct rtnetlink *here, const char *name, struct rtnetlink *there,
                 const char *new_name, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

bool device_remove(struct rtnetlink *here, const char *name, struct trouble *ret_trouble);

bool device_up(struct rtnetlink *here, const char *name, bool up, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
bool device_mtu(struct rtnetlink *here, const char *name, uint16_t mtu, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* What stands beside the device for whoever looks (ip -d link); "" takes it away. It stays with the
 * device wherever that is moved. */
bool device_alias(struct rtnetlink *here, const char *name, const char *alias,
                  struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* false: there is none, or it cannot be asked (error other than ENODEV). */
bool device_find(struct rtnetlink *here, const char *name, struct rtnetlink_device *ret_device,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* Every device, in the order of the kernel's numbers. */
typedef void device_hearer(const struct rtnetlink_device *device, void *context);
bool device_each(struct rtnetlink *here, device_hearer *hearer, void *context,
                 struct trouble *ret_trouble) __attribute__((warn_unused_result));
