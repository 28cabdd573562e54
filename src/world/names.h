/* What things are called on a screen: the world's numbers, in the file's words. What a node was
 * told when it boots answers, so a node that is down has names, too. */
#pragma once

#include "world/world.h"

/* Who stands at the other end of a neighbor. */
struct far_end {
    int node;                          /* WORLD_NONE: nobody in the file (a provider) */
    int tunnel;                        /* the session runs in it; else WORLD_NONE */
    int direct_connect;                /* or over it; else WORLD_NONE */
    const struct event_neighbor *said; /* as the node was told; NULL: no such neighbor */
};

struct far_end far_end_of(const struct world *world, int node, uint16_t neighbor);

/* Behind a Direct Connect's id: its second session, over IPv6. */
#define NAME_SECOND_SESSION "/ipv6"

/* Tunnel or Direct Connect ("vpn-vyatta/1", "dxvif-1"), else the peer's address. */
void text_neighbor(struct text *text, const struct world *world, int node, uint16_t neighbor);

/* Connection or Direct Connect ("vpn-vyatta"), on a router what its port is; 0: the node itself. */
void text_attachment(struct text *text, const struct world *world, int node, uint16_t attachment);

/* As the node was told of it; NULL: never. */
const struct event_attachment *attachment_said(const struct world *world, int node,
                                               uint16_t attachment);

/* The number of the attachment in a node's engine that is this connection; 0: none. */
uint16_t attachment_of(const struct world *world, int node, int connection);

/* "eth0", "vti1"; "-" for 0. */
const char *port_name(const struct world *world, int node, uint16_t port);
/* The same of an interface as the node's engine numbers it. */
const char *interface_port_name(const struct world *world, int node, uint16_t interface);

/* A sentence of a .def file as a part of another: no capital, no full stop. */
void text_part(struct text *text, const char *sentence);

/* The interface of the tunnel at that node. */
const char *tunnel_port_name(const struct world *world, int node, int tunnel);
