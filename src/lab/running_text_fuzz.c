/* Whatever stands in a lab.json: it is refused, or what was read is written and read as the same.
 */
#include "lab/running.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char *text_of(const struct lab_running *lab)
{
    json_t *document = running_json(lab);
    char *text = json_dumps(document, JSON_INDENT(1));
    assert(text);
    json_decref(document);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct trouble trouble = {0};
    char *exact = malloc(size ? size : 1);
    assert(exact);
    memcpy(exact, bytes, size);
    struct lab_running *lab = running_read_text(exact, size, &trouble);
    free(exact);
    assert(lab || trouble.sentence[0] != '\0');
    if (!lab)
        return 0;
    char *text = text_of(lab);
    struct lab_running *again = running_read_text(text, strlen(text), &trouble);
    assert(again);
    char *twice = text_of(again);
    assert(strcmp(text, twice) == 0);
    free(text);
    free(twice);
    running_free(again);
    running_free(lab);
    return 0;
}
