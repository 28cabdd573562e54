#include "tunnel/inside.h"

#include <assert.h>

enum { INSIDE_LEN = 30, LINK_LOCAL_LEN = 16 };

#define LINK_LOCAL 0xa9fe0000u /* 169.254.0.0 */

/* Their third and fourth bytes, ascending (S2S VPNTunnels.md): 169.254.0.0/30 to .5.0/30, and
 * 169.254.169.252/30, above which nothing of a /24 is left. */
static const uint16_t RESERVED[TUNNEL_INSIDE_RESERVED] = {0x0000, 0x0100, 0x0200, 0x0300,
                                                          0x0400, 0x0500, 0xa9fc};

static bool is_reserved(ip_addr addr)
{
    for (unsigned i = 0; i < TUNNEL_INSIDE_RESERVED; i++)
        if (addr == (LINK_LOCAL | RESERVED[i]))
            return true;
    return false;
}

enum tunnel_fault tunnel_inside_check(struct prefix inside, const struct tunnel_limits *limits)
{
    if (limits->any_inside)
        return TUNNEL_FAULT_NONE;
    if (inside.len != INSIDE_LEN)
        return TUNNEL_FAULT_INSIDE_SIZE;
    if (!prefix_covers((struct prefix){LINK_LOCAL, LINK_LOCAL_LEN}, inside))
        return TUNNEL_FAULT_INSIDE_RANGE;
    return is_reserved(inside.addr) ? TUNNEL_FAULT_INSIDE_RESERVED : TUNNEL_FAULT_NONE;
}

static bool is_host(ip_addr addr)
{
    return (addr & 3) == 1 || (addr & 3) == 2;
}

enum tunnel_fault tunnel_inside_pair_check(ip_addr gateway, ip_addr customer,
                                           const struct tunnel_limits *limits,
                                           struct prefix *ret_inside)
{
    struct prefix inside = prefix_around(gateway, INSIDE_LEN);
    bool hosts = gateway != customer && prefix_contains(inside, customer) && is_host(gateway) &&
                 is_host(customer);
    if (hosts)
        *ret_inside = inside;
    if (limits->any_inside)
        return gateway != customer ? TUNNEL_FAULT_NONE : TUNNEL_FAULT_INSIDE_HOSTS;
    return hosts ? tunnel_inside_check(inside, limits) : TUNNEL_FAULT_INSIDE_HOSTS;
}

ip_addr tunnel_inside_gateway(struct prefix inside)
{
    assert(inside.len == INSIDE_LEN);
    return inside.addr + 1;
}

ip_addr tunnel_inside_customer(struct prefix inside)
{
    assert(inside.len == INSIDE_LEN);
    return inside.addr + 2;
}

struct prefix tunnel_inside_of(uint32_t number)
{
    assert(number < TUNNEL_INSIDE_COUNT);
    uint32_t place = number;
    for (unsigned i = 0; i < TUNNEL_INSIDE_RESERVED; i++)
        place += place >= RESERVED[i] / 4u; /* ascending, so each is stepped over once */
    return (struct prefix){LINK_LOCAL + place * 4, INSIDE_LEN};
}
