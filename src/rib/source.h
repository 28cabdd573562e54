/* Who offers paths: a neighbor's session, a static VPN connection, the VPC itself. A source is
 * registered by the engine and known by a number from then on. */
#pragma once

#include "net/ip.h"

struct source_id {
    uint16_t v; /* 0: none */
};

/* An attachment's number is the engine's; 0 is "none" (what is local hangs on no attachment). */
struct attachment_id {
    uint16_t v;
};

enum source_kind {
    SOURCE_LOCAL,      /* VPC CIDR, or what this router announces itself */
    SOURCE_DX,         /* Direct Connect virtual interface */
    SOURCE_VPN_STATIC, /* static routes of a VPN connection */
    SOURCE_VPN_BGP,    /* a tunnel's BGP session */
    SOURCE_PLAIN_BGP,  /* any other BGP session: routers that are no gateways */
    SOURCE_FRAGMENT,   /* pieces cut by the export guard: never beat a learned path */
};

struct source {
    enum source_kind kind;
    struct attachment_id attachment;
    bool external; /* eBGP */
    uint32_t peer_as;
    uint32_t router_id;   /* 0 where there is none */
    ip_addr peer_address; /* inside address of the neighbor */
    ip_addr outside;      /* our tunnel's outside address; 0: no tunnel */
};
