/* What hangs on a gateway besides tunnels, as it shall be: plain values, so that each fits into a
 * datagram. plane/plane.h says which devices are handed over for them. */
#pragma once

#include "plane/plane.h"
#include "plane/vpc.h"

enum plane_attachment_kind {
    PLANE_DIRECT_CONNECT,
    PLANE_VPC,      /* a namespace */
    PLANE_SUBNET,   /* and what is in it */
    PLANE_INSTANCE, /* alone on its link */
    PLANE_INTERNET, /* an internet gateway */
    PLANE_PEERING,
    PLANE_ATTACHMENT_KINDS,
};

/* "direct-connect", "vpc", "subnet", "instance", "internet-gateway", "peering". */
const char *plane_attachment_word(enum plane_attachment_kind kind);

struct plane_attachment {
    char name[PLANE_NAME_BYTES]; /* of the whole file there is one of that name */
    uint8_t kind;                /* enum plane_attachment_kind */
    bool named;    /* the file says what its device is called: it is there at the start */
    bool attached; /* VPC: to the gateway itself */
    bool anybody;  /* SUBNET, INSTANCE: whatever its source, a packet from there may pass */
    char line[NAME_DEVICE_BYTES];   /* in the outer namespace; "": a peering between two of ours */
    char vpc[PLANE_NAME_BYTES];     /* all but DIRECT_CONNECT: whose; a VPC's is its own name */
    char other[PLANE_NAME_BYTES];   /* PEERING: the other VPC, where that is ours, too */
    uint16_t vlan;                  /* DIRECT_CONNECT: upon the line; 0: the line itself */
    uint16_t table;                 /* SUBNET, INSTANCE: route table, 1.. */
    struct plane_address four, six; /* ours; 0: none */
    /* VPC: its CIDRs. PEERING: those of the VPC at the far end from `vpc`. SUBNET, INSTANCE: what
     * lies behind the device. */
    struct prefix ranges[PLANE_VPC_CIDRS];
    uint8_t range_count;
};

/* A route of a VPC's table: present, or not. device "": what goes there is dropped. */
struct plane_vpc_entry {
    char vpc[PLANE_NAME_BYTES];
    struct prefix prefix;
    uint16_t table; /* 1..PLANE_VPC_TABLES */
    bool present, propagated;
    char device[NAME_DEVICE_BYTES];
    char otherwise[NAME_DEVICE_BYTES]; /* where that device is not there; "": none */
    ip_addr gateway;                   /* on the device; 0: whoever has the address */
};
