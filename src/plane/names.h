/* What things are called on this machine. A name follows from the gateway's and the tunnel's, so
 * that whoever starts later finds what an earlier one has made, and anybody can see whose it is.
 *
 * Names of the network file are letters, digits, '-', '_' and '.', and of a tunnel a '/' before its
 * number; the kernel allows a device's name 15 bytes and a file's 255. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
    NAME_DEVICE_BYTES = 16, /* IFNAMSIZ */
    NAME_SPACE_BYTES = 200,
};

/* The inner namespace of a gateway: "sekisho-vgw-main". */
void name_inner(const char *gateway, char out[NAME_SPACE_BYTES]);

/* The namespace of a tunnel's IKE daemon: "sekisho-vgw-main@vpn-a-1". No gateway's inner namespace
 * can be called so. */
void name_endpoint(const char *gateway, const char *tunnel, char out[NAME_SPACE_BYTES]);

/* A device: "vpn-a-1", or when that is too long the beginning and six hexadecimal digits of the
 * whole name: "vpn-osak-3fa2c1". */
void name_device(const char *tunnel, char out[NAME_DEVICE_BYTES]);

/* The outer end of the pair that leads to a tunnel's endpoint. Endpoints of all gateways share the
 * outer namespace, so it is of both names: "sk" and twelve hexadecimal digits. */
void name_outer(const char *gateway, const char *tunnel, char out[NAME_DEVICE_BYTES]);

/* Would two different tunnels of a gateway have the same device, or their outer ends? A name that
 * is cut and hashed has 24 bits of what it was; the outer one, of which the XFRM interface's number
 * is a part, 32. */
bool names_meet(const char *gateway, const char *one, const char *other);
