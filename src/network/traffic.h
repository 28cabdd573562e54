/* What filters packets: security groups of instances, network ACLs of subnets, and the prefix lists
 * that rules name. network/network.h is the place to begin; what the rules do to packets is
 * world/filter.h's. */
#pragma once

#include "network/parts.h"

/* Ports from low to high; high 0: all. */
struct network_ports {
    uint16_t low, high;
};

/* A line of a security group, which has neither number nor action, or of a network ACL. The far
 * side is where packets come from, inbound, and where they go to, outbound. */
struct network_traffic_rule {
    struct place place;
    int64_t number; /* lower ones decide first */
    enum network_traffic_action { NETWORK_TRAFFIC_UNSAID, NETWORK_ALLOW, NETWORK_REFUSE } action;
    int64_t protocol; /* of IP; -1: all */
    struct network_ports ports;
    int64_t type, code;          /* of ICMP; -1: all */
    struct prefix range;         /* of a network ACL's rule: the far side */
    struct network_ref far_side; /* of a security group's: range, security group or prefix list */
};

/* Stateful: what answers to something that was let through passes. Packets that no rule allows are
 * dropped. */
struct network_security_group {
    struct place place;
    char *id;
    struct network_traffic_rule *inbound; /* NULL or none: nothing comes in */
    size_t inbound_count;
    struct network_traffic_rule *outbound; /* NULL: everything goes out, as AWS has it at first */
    size_t outbound_count;
};

/* Stateless: each packet that crosses the border of one of its subnets is judged by itself; the
 * rule of the lowest number that matches decides, and what none matches is dropped. */
struct network_acl {
    struct place place;
    char *id;
    struct network_traffic_rule *inbound;
    size_t inbound_count;
    struct network_traffic_rule *outbound;
    size_t outbound_count;
};

/* Ranges by one name, for rules. */
struct network_prefix_list {
    struct place place;
    char *id;
    struct prefix *prefixes;
    size_t prefix_count;
};
