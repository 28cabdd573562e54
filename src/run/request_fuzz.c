/* Lines at the control socket. */
#include "run/request.h"

#include <assert.h>
#include <stddef.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request = {.limit = 0};
    const char *wrong = request_read((struct slice){data, size}, &request);
    assert(wrong || (request.limit >= 1 && request.limit <= REQUEST_ROWS));
    assert(wrong || request.ask < ASK_COUNT);
    assert(wrong || !request.has_prefix || request.prefix.len <= ip_bits(request.prefix.six));
    return 0;
}
