/* Security groups and network ACLs, and what they say to one packet. Both are lists of rules for
 * each direction; which instance or subnet has which is the world's (world/world.h), when they are
 * asked is the forwarding's (world/forward.h).
 *
 * Rules look at the port that a packet goes to, also on the way back. A group's rule may mean the
 * instances of a group instead of a range: these are told by their private addresses, and only
 * when they have sent the packet themselves, without a router between (VPC user guide, security
 * group rules).
 *
 * A traffic of protocol 0 is nobody's: whoever asks only where routes lead is not judged. */
#pragma once

#include "net/ip.h"

enum {
    TRAFFIC_ICMP = 1,
    TRAFFIC_TCP = 6,
    TRAFFIC_UDP = 17,
    TRAFFIC_ESP = 50,
    TRAFFIC_ICMP_SIX = 58,
    TRAFFIC_SCTP = 132,
};

struct traffic {
    uint8_t protocol;   /* of IP; 0: not said */
    uint16_t from_port; /* of TCP, UDP, SCTP; else 0 */
    uint16_t to_port;   /* of ICMP its type */
};

bool traffic_has_ports(uint8_t protocol);
/* What answers it: the ports turned round, an echo reply to an echo request. */
struct traffic traffic_answer(struct traffic traffic);
struct traffic traffic_echo(bool six); /* the request */
/* "tcp 49152 → 443", "icmp echo request", "icmp type 3", "esp", "protocol 89" */
void text_traffic_protocol(struct text *text, uint8_t protocol); /* "tcp", "protocol 89" */
void text_traffic(struct text *text, struct traffic traffic);

/* The ranges that a rule names by one name, or the addresses of a group's instances. */
struct filter_set {
    const char *name;     /* borrowed */
    struct prefix *items; /* NULL: none; borrowed */
    size_t count;
};

enum filter_side { FILTER_IN, FILTER_OUT };

struct filter_rule {
    uint16_t number;    /* of a network ACL's; ascending in its list */
    bool allow;         /* always, of a group's */
    int16_t protocol;   /* -1: all */
    uint16_t low, high; /* ports; high 0: all */
    int16_t type, code; /* of ICMP; -1: all. Packets here have the code 0 */
    struct prefix range;
    const struct filter_set *set; /* instead of the range; NULL; borrowed */
    bool members;                 /* the set is a group's instances */
};

struct filter {
    char *id;                     /* owned */
    struct filter_rule *rules[2]; /* owned */
    size_t counts[2];
    bool all_out; /* no outbound rule was said: AWS's, which allows everything */
};

enum { FILTER_NO_RULE = -1, FILTER_ALL_OUT = -2 };

struct filter_question {
    enum filter_side side;
    ip_addr src, dst;
    struct traffic traffic;
    bool direct; /* inbound: its sender put it into the VPC itself */
};

/* The place of the first rule that matches, or FILTER_NO_RULE; FILTER_ALL_OUT. */
int filter_find(const struct filter *filter, const struct filter_question *question);
