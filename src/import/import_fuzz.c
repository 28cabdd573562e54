#include "import/import.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Any bytes as the files of an export, with 0x1e between two files: a network file that can be read
 * and says the same, or remarks that say why not. Remarks fit on a line. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void take_files(struct import *import, const uint8_t *bytes, size_t size)
{
    static const char *const names[] = {"a/1.json", "a/2.json", "b/1.json"};
    size_t begin = 0, count = 0;
    for (size_t at = 0; at <= size; at++) {
        if (at < size && bytes[at] != 0x1e)
            continue;
        import_take(import, names[count++ % 3], (struct slice){bytes + begin, at - begin});
        begin = at + 1;
    }
}

static void check_file(const struct import *import)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    size_t size;
    const char *text = import_file_text(import, &size);
    diagnostics_init(&diagnostics);
    bool sound =
        network_parse((struct slice){(const uint8_t *)text, size}, "fuzz", &diagnostics, &network);
    assert(sound && network_equal(network, import_network(import)));
    diagnostics_done(&diagnostics);
    network_free(network);
}

static void check_remarks(const struct import *import, bool done)
{
    const struct import_remarks *remarks = import_remarks(import);
    assert(done || remarks->counts[IMPORT_WRONG] > 0);
    for (size_t i = 0; i < remarks->count; i++) {
        const char *text = remarks->items[i].text;
        assert(*text && !strchr(text, '\n') && !strchr(text, '\033'));
        assert(!remarks->items[i].line || remarks->items[i].file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct import *import = import_create();
    take_files(import, bytes, size);
    bool done = import_finish(import);
    if (done)
        check_file(import);
    check_remarks(import, done);
    import_free(import);
    return 0;
}
