/* The kernel's messages, cut and changed: whatever comes, nothing outside is read, names end, and
 * prefixes are prefixes. */
#include "plane/rtnetlink_said.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_prefix(struct prefix prefix)
{
    assert(prefix.len <= ip_bits(prefix.six));
    assert(prefix_equal(prefix, prefix_make(prefix.six, prefix.addr, prefix.len)));
    assert(prefix.six || !ip_is_six(prefix.addr));
}

static void check(const struct rtnetlink_said *said)
{
    switch (said->kind) {
    case RTNETLINK_DEVICE:
    case RTNETLINK_DEVICE_GONE:
        assert(said->device.name[0] && memchr(said->device.name, 0, sizeof said->device.name));
        assert(memchr(said->device.kind, 0, sizeof said->device.kind));
        break;
    case RTNETLINK_ADDRESS:
    case RTNETLINK_ADDRESS_GONE:
        check_prefix(said->address.on);
        assert(said->address.addr != 0 && said->address.on.six == said->address.six);
        break;
    case RTNETLINK_ROUTE:
    case RTNETLINK_ROUTE_GONE:
        check_prefix(said->route.to);
        break;
    case RTNETLINK_RULE:
    case RTNETLINK_RULE_GONE:
        check_prefix(said->rule.from);
        check_prefix(said->rule.to);
        assert(memchr(said->rule.in, 0, sizeof said->rule.in));
        break;
    case RTNETLINK_PROXY:
    case RTNETLINK_PROXY_GONE:
        check_prefix(said->proxy.on);
        break;
    case RTNETLINK_OTHER:
    case RTNETLINK_DONE:
    case RTNETLINK_ERROR:
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = aligned_alloc(8, (size + 15) & ~(size_t)7);
    assert(exact);
    uint8_t *begin = exact + (8 - size % 8) % 8; /* its end is the block's */
    begin -= (uintptr_t)begin % 4;
    memcpy(begin, bytes, size);
    struct slice rest = {begin, size};
    struct rtnetlink_said said;
    while (rtnetlink_next(&rest, &said)) {
        assert(rest.size < size);
        check(&said);
    }
    free(exact);
    return 0;
}
