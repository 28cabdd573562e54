#include "plane/inner.h"

#include "plane/devices.h"
#include "plane/routes.h"
#include "plane/sysctl.h"

#include <stdio.h>

/* Two tunnels to one site, and the answer comes by the other one: no reverse path is asked for. */
bool inner_make(const char *space, struct trouble *ret_trouble)
{
    static const struct {
        const char *path, *value;
        bool may_lack; /* a kernel without IPv6 */
    } settings[] = {
        {"net/ipv4/ip_forward", "1", false},
        {"net/ipv4/conf/all/rp_filter", "0", false},
        {"net/ipv4/conf/default/rp_filter", "0", false},
        {"net/ipv4/conf/all/send_redirects", "0", false},
        {"net/ipv4/conf/default/send_redirects", "0", false},
        {"net/ipv6/conf/all/forwarding", "1", true},
    };
    bool fine = space_make(space, ret_trouble);
    for (size_t i = 0; fine && i < sizeof settings / sizeof *settings; i++)
        fine = sysctl_put(space, settings[i].path, settings[i].value, ret_trouble) ||
               settings[i].may_lack;
    return fine;
}

/* 2: the higher of this and that of all devices counts, so that a strict 1 there is no more. */
bool inner_loosen(const char *device, struct trouble *ret_trouble)
{
    char path[64];
    snprintf(path, sizeof path, "net/ipv4/conf/%s/rp_filter", device);
    return sysctl_put(NULL, path, "2", ret_trouble);
}

/* With the prefix that both are in or, where that is none, with a route to the other end. */
static struct plane_address address_towards(ip_addr ours, uint8_t len, ip_addr theirs)
{
    bool joined = prefix_contains(prefix_around(ours, len), theirs);
    return (struct plane_address){.addr = ours, .len = len, .peer = joined ? 0 : theirs};
}

static size_t addresses_of(const struct plane_tunnel *tunnel, struct plane_address addresses[2])
{
    size_t count = 0;
    if (tunnel->inside_ours != 0)
        addresses[count++] =
            address_towards(tunnel->inside_ours, tunnel->inside_len, tunnel->inside_theirs);
    if (tunnel->six_ours != 0)
        addresses[count++] = address_towards(tunnel->six_ours, tunnel->six_len, tunnel->six_theirs);
    return count;
}

bool inner_dress(struct rtnetlink *inner, const char *device, const struct plane_tunnel *tunnel,
                 struct trouble *ret_trouble)
{
    struct plane_address addresses[2];
    size_t count = addresses_of(tunnel, addresses);
    return device_mtu(inner, device, tunnel->mtu, ret_trouble) &&
           device_up(inner, device, true, ret_trouble) &&
           address_all(inner, device, addresses, count, ret_trouble);
}
