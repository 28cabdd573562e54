#include "base/slice.h"

#include <assert.h>

/* A place that was never written because the writer failed before is no bug of the caller's. */
void writer_patch_u8(struct writer *writer, size_t offset, uint8_t value)
{
    if (writer->failed)
        return;
    assert(offset < writer->size);
    writer->data[offset] = value;
}

void writer_patch_u16(struct writer *writer, size_t offset, uint16_t value)
{
    if (writer->failed)
        return;
    assert(writer->size >= 2 && offset <= writer->size - 2);
    writer->data[offset] = (uint8_t)(value >> 8);
    writer->data[offset + 1] = (uint8_t)value;
}

bool slice_equal(struct slice left, struct slice right)
{
    if (left.size != right.size)
        return false;
    return left.size == 0 || memcmp(left.data, right.data, left.size) == 0;
}
