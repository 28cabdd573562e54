#include "import/configuration.h"

#include <assert.h>
#include <stdint.h>

/* Any bytes: two tunnels at most, of hosts' addresses; or a problem. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool is_host(ip_addr addr, bool inside)
{
    if (ip_is_six(addr))
        return inside && addr >> 120 != 0xff && addr >> 118 != 0xfe80 >> 6;
    return addr == 0 || (addr >> 24 != 0 && addr >> 24 != 127 && addr >> 28 < 0xe);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct configuration configuration = {.tunnel_count = 99};
    unsigned line = 12345;
    const char *problem = configuration_read((const char *)bytes, size, &configuration, &line);
    assert(line != 12345);
    if (problem) {
        assert(configuration.tunnel_count == 99 && *problem);
        return 0;
    }
    assert(configuration.tunnel_count <= 2);
    for (size_t i = 0; i < configuration.tunnel_count; i++) {
        const struct configuration_tunnel *tunnel = &configuration.tunnels[i];
        assert(is_host(tunnel->vgw.outside, false) && is_host(tunnel->cgw.inside, true));
        assert(tunnel->vgw.asn >= -1 && tunnel->vgw.asn <= UINT32_MAX);
        assert(tunnel->hold_s >= -1 && tunnel->hold_s <= UINT16_MAX);
    }
    return 0;
}
