/* The way of one packet through the world, hop by hop, as the kernels' and the VPCs' tables stand
 * now. A pure function: the simulator sends its packets through it, `trace` shows what it did, and
 * a finding's loop is its record.
 *
 * A packet that a tunnel takes is encapsulated and goes on as its outer packet, from the same node
 * and by the same table; where that table leads it into a tunnel again it really loops, growing by
 * 80 bytes a pass (measured with ESP in UDP, lab), until it no longer fits.
 *
 * Security groups are asked when a packet leaves an instance and when it comes to one, network ACLs
 * when it leaves a subnet and when it comes into one: before and behind the subnet's route table. A
 * group remembers. What answers a packet that it let through passes; of IKE and ESP, which go on
 * for as long as a tunnel lives, it is taken to remember those of an end that begins IKE or has an
 * SA. */
#pragma once

#include "world/world.h"

enum packet_kind { PACKET_PLAIN, PACKET_TCP, PACKET_IKE };

struct packet {
    ip_addr src;
    ip_addr dst;
    enum packet_kind kind;
    uint32_t size_bytes;        /* of the IP packet */
    int tunnel;                 /* IKE: of which tunnel; else WORLD_NONE */
    int end;                    /* IKE: that sends it */
    struct traffic traffic;     /* protocol 0: no filter judges it */
    const struct path *answers; /* with its hops: to whom it is the answer; NULL: to nobody */
};

/* Why a packet went no further; words and sentences in drop.def. */
enum drop {
#define DROP(name, word, sentence) DROP_##name,
#include "world/drop.def"
#undef DROP
    DROP_COUNT
};

const char *drop_word(enum drop drop);
const char *drop_sentence(enum drop drop);

enum hop_kind {
    HOP_KERNEL,      /* the node's table decided: prefix, port, gateway */
    HOP_VPC,         /* a VPC's route table decided: table, prefix, target */
    HOP_LOCAL,       /* the VPC's own: straight to the instance */
    HOP_MISS,        /* the node's table, or the VPC's: nothing there holds the address */
    HOP_GROUP,       /* the node's security groups were asked: filter, rule, side */
    HOP_ACL,         /* the subnet's network ACL was asked: filter, rule, side; node is the VPC */
    HOP_NAT,         /* the internet gateway changed an address: addr is the new one */
    HOP_INTERNET,    /* carried by the Internet */
    HOP_ENCAPSULATE, /* into the tunnel; what follows is the outer packet */
    HOP_DECAPSULATE, /* out of the tunnel; what follows is the inner packet */
    HOP_DELIVER,     /* arrived */
    HOP_BEYOND,      /* left the part of the world that the file describes */
};

struct hop {
    enum hop_kind kind;
    int node;
    uint8_t depth;    /* how many tunnels the packet is in */
    ip_addr src, dst; /* as the packet is when the hop is made */
    uint32_t size_bytes;
    struct prefix prefix; /* matched */
    uint16_t port;
    uint16_t table;
    uint16_t target;
    ip_addr addr; /* next hop, or the address that NAT put in */
    int tunnel;
    enum route_source source;
    uint16_t neighbor;
    bool outer; /* the table of the outer interface's VRF was asked */
    struct traffic traffic;
    uint16_t filter; /* in the VPC's groups or ACLs */
    int subnet;      /* of a network ACL: in the VPC's */
    int rule;        /* in the filter's; FILTER_NO_RULE, FILTER_ALL_OUT */
    enum filter_side side;
    bool remembered; /* it answers what the group let through */
    bool passed;
};

enum { PATH_HOPS = 160, PATH_DEPTH = 18 };

struct path {
    bool delivered;
    bool beyond;    /* delivered to something that is not in the file */
    enum drop drop; /* when not delivered */
    int node;       /* where it ended */
    int64_t delay_us;
    bool swallowed;        /* an outer packet was routed into a tunnel */
    int swallowed_tunnel;  /* whose outer packet it was, the first time */
    int into_tunnel;       /* and which tunnel took it */
    uint32_t tunnels_seen; /* bit i: went through tunnel i, i < 32 */
    struct hop *hops;      /* PATH_HOPS of the caller's, or NULL when nobody asks */
    size_t hop_count;      /* recorded; the record stops when it is full */
};

/* Sends the packet from the node on its way. ret_path->hops is given by the caller. */
void forward(const struct world *world, int node, const struct packet *packet,
             struct path *ret_path);

/* The way of a tunnel's own IKE packets from one end, which go to that port of UDP: 500, or 4500
 * once a NAT was seen. */
void forward_ike(const struct world *world, int tunnel, int end, uint16_t port,
                 struct path *ret_path);

/* The way of a tunnel's own outer packets from one end, as IKE would send them: the question behind
 * every self-swallowing tunnel. Where filters tell IKE's first message, IKE behind NAT and ESP
 * apart, it is the way of the first of them that does not arrive. */
void forward_outer(const struct world *world, int tunnel, int end, struct path *ret_path);
