/* Limits that more than one room must agree on: AWS's quotas, as defaults; a network file may set
 * every one of them. Sources are pages of the AWS documentation: S2S vpn-limits.md is the
 * Site-to-Site VPN user guide, VPCUG the VPC user guide, PEER the peering guide, DXG the Direct
 * Connect user guide. What only one room needs stays in that room. */
#pragma once

enum {
    /* Site-to-Site VPN (S2S vpn-limits.md) */
    LIMIT_VPN_PER_VGW = 10,            /* adjustable */
    LIMIT_VPN_PER_REGION = 50,         /* adjustable */
    LIMIT_CGW_PER_REGION = 50,         /* adjustable */
    LIMIT_VGW_PER_REGION = 5,          /* adjustable */
    LIMIT_VGW_PER_VPC = 1,             /* attached at a time */
    LIMIT_ROUTES_FROM_CGW = 100,       /* a VPN connection on a VGW; fixed; one more: Cease 6/1 */
    LIMIT_ROUTES_TO_CGW = 1000,        /* fixed; VPC routes, other VPNs and DX together */
    LIMIT_STATIC_ROUTES_PER_VPN = 100, /* on a VGW */
    LIMIT_TUNNEL_KBIT_PER_S = 1250000, /* 1.25 Gbit/s */
    LIMIT_TUNNEL_PACKETS_PER_S = 140000,

    /* VPC (VPCUG amazon-vpc-limits.md) */
    LIMIT_ROUTES_PER_TABLE = 500,     /* 50 before June 2025; adjustable to 1000 */
    LIMIT_PROPAGATED_PER_TABLE = 100, /* fixed */
    LIMIT_TABLES_PER_VPC = 200,
    LIMIT_SUBNETS_PER_VPC = 200,
    LIMIT_CIDRS_PER_VPC = 5,
    LIMIT_VPC_PER_REGION = 5,

    /* Peering (PEER vpc-peering-connection-quotas.md) */
    LIMIT_PEERINGS_PER_VPC = 50, /* adjustable to 125 */
    LIMIT_PEERINGS_PENDING = 25,
    LIMIT_PEERING_PENDING_S = 7 * 24 * 3600,

    /* Direct Connect (DXG limits.md) */
    LIMIT_DX_PREFIXES = 100, /* a private or transit virtual interface; one more: BGP goes idle */
    LIMIT_DX_PUBLIC_PREFIXES = 1000,
    LIMIT_DX_VIF_PER_CONNECTION = 50,
    LIMIT_DX_VGW_PER_DXGW = 20,
    LIMIT_DX_VIF_PER_DXGW = 30,

    /* The import guard warns when this share of a limit is used (the 101st prefix costs the other
     * hundred, so the warning must come before it). */
    LIMIT_WARN_PERCENT = 80,
};
