/* One JSON file of an export: read within bounds, with the place of every value on request. */
#pragma once

#include "import/import.h"

#include <jansson.h>

struct document {
    const char *name; /* borrowed */
    struct slice text;
    json_t *root; /* an object */
    struct import_remarks *remarks;
    struct document_start { /* where the elements of the root's lists begin, in order */
        size_t offset;
        unsigned line;
    } * starts;
    size_t start_count, start_cap;
    size_t *firsts; /* of each member of the root: its first element in starts */
    size_t first_count, first_cap;
    size_t member; /* of the root, counted from 0: the one that is being read; the reader sets it */
    struct document_cursor { /* the last element that was sought in a list within an element */
        size_t member, element;
        const char *key; /* of the list; NULL: none was sought */
        size_t index, offset;
        unsigned line;
    } cursor;
};

/* The text is borrowed until document_done. false: a remark says what is wrong with the file.
 * Duplicate keys, depth beyond IMPORT_DEPTH_MAX and more values than IMPORT_VALUES_MAX are. */
bool document_read(struct document *ret_document, const char *name, struct slice text,
                   struct import_remarks *remarks) __attribute__((warn_unused_result));
void document_done(struct document *document);

/* A way from the root: keys (index is then ignored) and places in lists (key NULL). */
struct document_step {
    const char *key;
    size_t index;
};
/* The line where the value at the end of the way begins; the first key is that of the root's member
 * document->member. Where the way is lost (a key written with escapes), the line of what was found
 * last. */
unsigned document_line(struct document *document, const struct document_step *steps,
                       size_t step_count);
