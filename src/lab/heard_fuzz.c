/* Lines of logs; the first byte says whose they are. */
#include "lab/heard.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_line(enum heard_speaker speaker, struct slice line)
{
    struct heard heard = heard_line(speaker, line);
    assert(heard.kind < HEARD_KINDS && heard.reason < BGP_DOWN_COUNT);
    assert(memchr(heard.name, 0, sizeof heard.name));
    assert(heard.day_us >= -1 && heard.day_us < 24ll * 3600 * 1000000);
    assert(heard.prefix.len <= (heard.prefix.six ? 128 : 32));
    bool named = speaker == HEARD_SEKISHOD || speaker == HEARD_CHARON;
    assert(!named || heard.kind == HEARD_NOTHING || heard.name[0]);
    assert(speaker != HEARD_BIRD || heard.kind == HEARD_NOTHING || heard.neighbor);
    assert(heard_at_us(&heard, 1795348800000000) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    enum heard_speaker speaker = bytes[0] % 4;
    for (bytes++, size--; size > 0;) {
        const uint8_t *end = memchr(bytes, '\n', size);
        size_t length = end ? (size_t)(end - bytes) : size;
        check_line(speaker, (struct slice){bytes, length});
        bytes += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return 0;
}
