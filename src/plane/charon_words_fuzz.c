/* What charon writes into its log, line by line, and, behind a zero byte in front, what it says of
 * SAs. */
#include "plane/charon_words.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool ends(const char *text, size_t cap)
{
    return memchr(text, 0, cap) != NULL;
}

static void check_line(struct slice text)
{
    struct charon_line line = charon_line_read(text);
    assert(ends(line.tunnel, sizeof line.tunnel));
    assert((unsigned)line.cause < TUNNEL_CAUSES);
    assert(line.tunnel[0] == 0 || memchr(text.data, '<', text.size));
    bool told = line.kind == CHARON_LINE_FAILED || line.kind == CHARON_LINE_REFUSED ||
                line.kind == CHARON_LINE_ENDS || line.kind == CHARON_LINE_ENDS_UNEXPLAINED;
    assert(told == (line.cause != TUNNEL_CAUSE_NONE));
    assert(line.kind != CHARON_LINE_PEER || (line.number != 0 && line.peer != 0));
}

static void check_message(struct slice message)
{
    char name[PLANE_NAME_BYTES] = "";
    struct charon_sa sa, again;
    if (!vici_message_check(message))
        return;
    if (charon_event_tunnel(message, name))
        assert(name[0] && ends(name, sizeof name));
    if (!charon_sa_read(message, name, &sa))
        return;
    assert(ends(name, sizeof name) && sa.up == (sa.pairs > 0));
    assert(ends(sa.ike_algorithms, sizeof sa.ike_algorithms));
    assert(ends(sa.esp_algorithms, sizeof sa.esp_algorithms));
    again = sa;
    charon_sa_join(&again, &sa);
    assert(again.up == sa.up && again.child == sa.child);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > 0 && bytes[0] == 0) {
        check_message((struct slice){bytes + 1, size - 1});
        return 0;
    }
    while (size > 0) {
        const uint8_t *end = memchr(bytes, '\n', size);
        size_t length = end ? (size_t)(end - bytes) : size;
        check_line((struct slice){bytes, length});
        bytes += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return 0;
}
