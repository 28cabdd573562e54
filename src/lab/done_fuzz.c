/* Whatever stands where a lab writes down what was done to it: it is refused with a sentence, or
 * every item has a time. */
#include "lab/done.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct trouble trouble = {0};
    struct done done = {0};
    char *exact = malloc(size ? size : 1);
    assert(exact);
    memcpy(exact, bytes, size);
    bool read = done_read_text(exact, size, &done, &trouble);
    free(exact);
    assert(read || (trouble.sentence[0] != '\0' && done.count == 0));
    for (size_t i = 0; i < done.count; i++)
        assert(done.items[i].at_us >= 0);
    done_free(&done);
    return 0;
}
