/* The network as a picture: each gateway with its VPC at one side and what hangs on it at the
 * other.
 *
 *     vpc-main ───── vgw-main ─┬─ vpn-vyatta ═ ESP ═ vyatta ── vpc-branch
 *     10.10.0.0/16   AS 10124  │  203.0.113.225      AS 65000  10.20.0.0/16
 *                              └─ dxvif-1 ─── DX ─── dx-edge ─ 10.30.0.0/16
 *                                                    AS 65001
 */
#pragma once

#include "explain/screen.h"
#include "network/network.h"

enum { DRAWING_ATTACHMENTS_MAX = 8 }; /* of one gateway; the others are counted */

void drawing_render(const struct network *network, const struct screen *screen, unsigned indent);
