#include "lab/chains.h"

#include "plane/child.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATIENCE_MS = 20000, SAID_BYTES = 1024 };

bool chains_put(const char *space, const char *table, const char *chains,
                struct trouble *ret_trouble)
{
    char *text = NULL, said[SAID_BYTES] = "";
    size_t size = 0;
    const char *const words[] = {"nft", "-f", "-", NULL};
    struct child_plan plan = {.argv = words, .space = space};
    FILE *out = open_memstream(&text, &size);
    assert(out);
    fprintf(out, "add table inet %s\ndelete table inet %s\n", table, table);
    if (chains)
        fprintf(out, "table inet %s {\n%s}\n", table, chains);
    fclose(out);
    assert(text);
    bool done = child_run(&plan, text, PATIENCE_MS, said, sizeof said, ret_trouble);
    free(text);
    return done ||
           trouble_is(ret_trouble, 0, "nft in %s: %s", space, *said ? said : "it does not run");
}
