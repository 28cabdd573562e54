#include "bgp/tally.h"

#include <assert.h>

void tally_said(struct bgp_tally *tally, struct slice messages, bool back)
{
    while (messages.size > 0) {
        assert(messages.size >= BGP_HEADER_BYTES);
        const uint8_t *header = messages.data;
        size_t size = (size_t)header[BGP_MARKER_BYTES] << 8 | header[BGP_MARKER_BYTES + 1];
        uint8_t type = header[BGP_HEADER_BYTES - 1];
        assert(size >= BGP_HEADER_BYTES && size <= messages.size && type < BGP_KINDS);
        tally->said[type] += back ? UINT64_MAX : 1;
        messages.data += size;
        messages.size -= size;
    }
}

const char *bgp_type_word(enum bgp_type type)
{
    static const char *const words[BGP_KINDS] = {[BGP_OPEN] = "open",
                                                 [BGP_UPDATE] = "update",
                                                 [BGP_NOTIFICATION] = "notification",
                                                 [BGP_KEEPALIVE] = "keepalive",
                                                 [BGP_ROUTE_REFRESH] = "refresh"};
    assert(type >= BGP_OPEN && type <= BGP_ROUTE_REFRESH);
    return words[type];
}

const char *bgp_notice_name(uint8_t code, uint8_t subcode)
{
    static const struct {
        uint8_t code, subcode;
        const char *name;
    } notices[] = {
#define NOTICE(code, subcode, name) {code, subcode, name},
#include "bgp/notice.def"
#undef NOTICE
    };
    for (unsigned i = 0; i < sizeof notices / sizeof *notices; i++) {
        if (notices[i].code == code && notices[i].subcode == subcode)
            return notices[i].name;
    }
    return NULL;
}
