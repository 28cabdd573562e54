#include "network/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Any bytes: a network or errors. A network formats to what parses to an equal one, comments and
 * all, and formats the same again. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7.12 does not free the pieces of a quoted scalar that turns out never to end: some
 * kilobytes for a file that is refused anyway. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

static struct network *parsed(const char *text, size_t size)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    struct slice slice = {(const uint8_t *)text, size};
    bool fine = network_parse(slice, "fuzz", &diagnostics, &network);
    assert(fine == (diagnostics.count == 0));
    assert(fine == (network != NULL));
    FILE *sink = fine ? NULL : fopen("/dev/null", "w");
    if (sink) {
        diagnostics_render(&diagnostics, (struct diagnostics_style){0}, sink);
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, sink);
        diagnostics_json(&diagnostics, sink);
        fclose(sink);
    }
    diagnostics_done(&diagnostics);
    return network;
}

static char *formatted(const struct network *network, size_t *ret_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_size);
    assert(out);
    network_format(network, out);
    fclose(out);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct network *network = parsed((const char *)bytes, size);
    if (!network)
        return 0;
    size_t once_size, twice_size;
    char *once = formatted(network, &once_size);
    struct network *again = parsed(once, once_size);
    assert(again && network_equal(network, again));
    struct network *copy = network_copy(again);
    network_free(again);
    char *twice = formatted(copy, &twice_size);
    assert(once_size == twice_size && memcmp(once, twice, once_size) == 0);
    network_free(network);
    network_free(copy);
    free(once);
    free(twice);
    return 0;
}
