/* A segment of any bytes: the walk ends, nothing is read outside of it, and what is whole is
 * written again byte by byte. */
#include "wire/journal.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void header_again(struct slice bytes, const struct journal_header *header)
{
    uint8_t room[JOURNAL_HEADER_BYTES];
    struct writer writer = writer_over(room, sizeof room);
    journal_header_encode(header, &writer);
    assert(!writer.failed && writer.size == sizeof room);
    assert(memcmp(room, bytes.data, sizeof room) == 0);
}

static void record_again(struct slice bytes, const struct journal_record *record)
{
    static uint8_t room[JOURNAL_RECORD_BYTES + JOURNAL_BODY_MAX];
    struct writer writer = writer_over(room, sizeof room);
    size_t at = journal_begin(&writer, record->kind);
    writer_bytes(&writer, record->body);
    journal_seal(&writer, at);
    assert(!writer.failed && writer.size == record->size_bytes);
    journal_sum(room, writer.size);
    assert(memcmp(room, bytes.data, writer.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = {bytes, size};
    struct journal_header header;
    struct journal_record record;
    if (journal_header_decode(rest, &header) == JOURNAL_WHOLE) {
        header_again(rest, &header);
        rest.data += JOURNAL_HEADER_BYTES;
        rest.size -= JOURNAL_HEADER_BYTES;
    }
    while (journal_next(rest, &record) == JOURNAL_WHOLE) {
        assert(record.size_bytes <= rest.size && record.kind < JOURNAL_KINDS);
        struct journal_name name;
        if (journal_name_decode(record.body, &name))
            assert(name.kind < JOURNAL_NAME_KINDS && name.text.size <= JOURNAL_NAME_MAX);
        record_again(rest, &record);
        rest.data += record.size_bytes;
        rest.size -= record.size_bytes;
    }
    return 0;
}
