/* What one node of a network file is told when it boots, and what its sockets need. Reading a file
 * makes a plan and touches nothing else, so a bad file changes nothing. */
#pragma once

#include "network/build.h"
#include "run/options.h"
#include "run/plugs.h"
#include "run/wants.h"

struct plan_neighbor {
    char name[96]; /* "vpn-vyatta/1", "dxvif-1" */
    ip_addr local_addr, peer_addr;
    uint16_t number;      /* the engine's */
    uint8_t ttl_security; /* hops; 0: not used */
    bool direct;          /* a Direct Connect: one hop */
    bool bfd;
    bool needs_ipsec;     /* it is in a tunnel with IPsec */
    bool comes_later;     /* our address of it comes with a tunnel, or is the keeper's to give */
    const char *md5_file; /* NULL: none; the network's */
};

struct plan {
    struct network *network;
    struct world *world;
    const struct node *node;
    const char *called; /* on this machine: --name, borrowed, or id */
    int node_index;
    const char *id;     /* the node's, or the customer gateway's */
    int customer;       /* the network's: who it is, or WORLD_NONE */
    int end;            /* of its tunnels: TUNNEL_GATEWAY or TUNNEL_CUSTOMER */
    bool together;      /* its tunnels' devices are among the machine's own */
    const char *choice; /* of the plane; NULL: the file's */
    struct platform_profile profile;
    struct engine_config config;
    struct plan_neighbor *neighbors; /* [0] is number 1 */
    uint16_t neighbor_count;
    uint16_t *by_number; /* 1 + place among neighbors; 0: none of this file's */
    uint16_t number_max;
    struct event *told; /* what the engine is told when it boots, in its numbers (run/numbers.h) */
    size_t told_count;
    struct wanted_tunnel *tunnels; /* that the daemon makes */
    size_t tunnel_count;
    struct wanted_plug *plugs; /* the same, of other attachments */
    size_t plug_count;
    uint16_t **table_numbers; /* by the world's node, of VPCs, and by table (table_numbers.h) */
    uint16_t *by_address;     /* neighbors' places, ascending by local and peer address */
};

/* From the file's text. RUN_INPUT after an explanation on err: the text, or who is meant in it. */
enum run_exit plan_take(struct slice text, const struct run_options *options, FILE *err,
                        struct plan **ret_plan) __attribute__((warn_unused_result));
/* The same from the file that the options name. */
enum run_exit plan_read(const struct run_options *options, FILE *err, struct plan **ret_plan)
    __attribute__((warn_unused_result));
void plan_free(struct plan *plan); /* NULL is fine */

/* Numbers up to number_max exist; the neighbors have theirs. */
void plan_number(struct plan *plan, uint16_t number_max);
/* A neighbor that an earlier file had has a name only. Asserts that the number exists. */
const struct plan_neighbor *plan_numbered(const struct plan *plan, uint16_t number);

/* NULL: nobody. */
const struct plan_neighbor *plan_find(const struct plan *plan, ip_addr local, ip_addr peer);

/* "vgw-main, AS 64512, 2 neighbors" and a line for each; for --check and for the log's beginning.
 */
void plan_show(const struct plan *plan, FILE *out);
