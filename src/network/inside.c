#include "network/inside.h"

enum { PAIR_LEN = 30, PAIR_SIX_LEN = 126 };

bool network_is_pair(ip_addr one, ip_addr two)
{
    return (one ^ two) == 3 && (one & 3) != 0 && (one & 3) != 3;
}

/* Addresses that are no pair have host routes to each other. */
static void take_pair(struct network_inside *inside, ip_addr gateway, ip_addr other)
{
    bool six = ip_is_six(gateway), pair = network_is_pair(gateway, other);
    ip_addr *at = six ? inside->six : inside->four;
    at[0] = gateway;
    at[1] = other;
    if (six)
        inside->six_len = pair ? PAIR_SIX_LEN : 128;
    else
        inside->four_len = pair ? PAIR_LEN : 32;
    inside->own_session |= six;
}

static void take_range(struct network_inside *inside, struct prefix range)
{
    if (!range.six)
        return;
    inside->six[0] = range.addr + 1;
    inside->six[1] = range.addr + 2;
    inside->six_len = range.len;
}

struct network_inside network_tunnel_inside(const struct network_tunnel *tunnel)
{
    struct network_inside inside = {0};
    take_range(&inside, tunnel->inside_six);
    take_pair(&inside, tunnel->inside_vgw, tunnel->inside_cgw);
    return inside;
}

struct network_inside network_direct_inside(const struct network_direct_connect *direct)
{
    struct network_inside inside = {0};
    take_range(&inside, direct->inside_six);
    take_pair(&inside, direct->inside_vgw, direct->inside_peer);
    if (direct->session_six)
        take_pair(&inside, direct->session_six->vgw, direct->session_six->peer);
    return inside;
}

struct network_neighbors network_direct_neighbors(const struct network_direct_connect *direct)
{
    struct network_neighbors neighbors = {{direct->inside_vgw, 0}};
    if (direct->session_six)
        neighbors.addresses[1] = direct->session_six->vgw;
    return neighbors;
}
