/* A VPC as a network namespace: the router that AWS does not show, between instances, the gateway
 * and peerings. What its tables hold is decided elsewhere; here it becomes the kernel's rules.
 *
 * Whoever comes in through a device is judged by it. From an instance or a subnet, the route table
 * of the subnet is asked; from the gateway or a peering, nothing but the VPC itself is reached, so
 * a peering is never a way through, whoever wishes it to be. Whatever comes from an address that
 * does not belong behind its device is refused, as by AWS's check of source and destination.
 *
 * For an address of the VPC itself the local route wins against every propagated one, more specific
 * or not, and a static one more specific wins against the local one (facts of AWS: VPCUG
 * VPC_Route_Tables.md). So a packet from a subnet asks, in this order:
 *
 *     to a CIDR   what is static in its table, and not outside
 *     to a CIDR   what lies where in the VPC; else unreachable
 *     to all      its table: static and propagated, the longest prefix
 *     refused
 *
 * Devices are made by device_line(): to the gateway's inner namespace, to another VPC's, and to an
 * instance by plane_vpc_instance(); or a subnet is a device of the machine that was moved here. */
#pragma once

#include "plane/routes.h"

/* The device of a VPC's namespace that leads to its gateway's inner one: no name of a network file
 * begins so. */
#define PLANE_VPC_GATEWAY "_gateway"

enum {
    PLANE_VPC_TABLES = 200, /* AWS's quota of route tables */
    PLANE_VPC_CIDRS = 10,   /* of both families: twice AWS's quota */
};

/* The namespace of a VPC: "sekisho@vgw-main@vpc-main"; gateway "" where none of ours is attached.
 */
void plane_vpc_name(const char *gateway, const char *vpc, char out[NAME_SPACE_BYTES]);

/* It shall be there, and forward. It is removed by space_remove(). */
bool plane_vpc_make(const char *space, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));

/* A device through which packets come into the VPC. */
struct plane_entrance {
    const char *device;
    uint16_t table;            /* route table of its subnet, 1..; 0: only the VPC is reached */
    const struct prefix *from; /* whose packets come; none: anybody's */
    size_t from_count;
    const struct prefix *behind; /* what of the VPC lies there: an instance, a subnet */
    size_t behind_count;
};

/* What it shall be like: ranges and entrances are all of them. The router has the first address of
 * each range, for its own words (ICMP). New rules come before old ones go. */
struct plane_vpc {
    const struct prefix *cidrs;
    size_t cidr_count; /* at most PLANE_VPC_CIDRS */
    const struct plane_entrance *entrances;
    size_t entrance_count;
};

bool plane_vpc_put(struct rtnetlink *vpc, const struct plane_vpc *wanted,
                   struct trouble *ret_trouble) __attribute__((warn_unused_result));

/* A route of a table that is not local: that is the CIDRs'. */
struct plane_vpc_route {
    struct prefix prefix;
    uint16_t table;     /* 1..PLANE_VPC_TABLES */
    bool propagated;    /* else static, or of a prefix list */
    const char *device; /* to gateway, peering, instance; NULL: what goes there is dropped */
    bool outside; /* of the VPC's CIDRs: a default, say. What lies in the VPC is asked before it */
    ip_addr gateway; /* an instance on it, whatever is asked for; 0: who has the address */
};

/* The kernel's routes that it is: at most two, of tables of the kernel's. */
size_t plane_vpc_routes_of(const struct plane_vpc_route *route, struct plane_route out[2]);
/* Is this table of the kernel one of a route table's, and which? */
bool plane_vpc_is_table(uint32_t kernel_table);
uint16_t plane_vpc_table_of(uint32_t kernel_table, bool *ret_static);

/* The table shall have this route for the prefix, or none. */
bool plane_vpc_route_put(struct rtnetlink *vpc, const struct plane_vpc_route *route,
                         struct trouble *ret_trouble) __attribute__((warn_unused_result));
bool plane_vpc_route_remove(struct rtnetlink *vpc, uint16_t table, struct prefix prefix,
                            struct trouble *ret_trouble);

/* An instance as a namespace: eth0 with its addresses (0: none of that family), all else through
 * the VPC's router, in whose namespace its line is called `device`. */
bool plane_vpc_instance(struct rtnetlink *vpc, const char *device, const char *space, ip_addr four,
                        ip_addr six, struct trouble *ret_trouble)
    __attribute__((warn_unused_result));
