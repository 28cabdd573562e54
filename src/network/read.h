/* From the YAML tree to the structs, as the tables say: keys, types, required keys, alternatives.
 * Names are not resolved and values not compared here. */
#pragma once

#include "network/check.h"
#include "network/yaml.h"

/* Where a comment can stand: something that begins in the file, and what became of it. */
struct anchor {
    struct place at;    /* in the file */
    struct place owner; /* place of the struct it belongs to */
    const char *key;    /* of that struct; NULL: the struct itself */
};

struct reading {
    struct diagnostics *diagnostics;
    struct marks marks;
    struct anchor *anchors; /* in the order of the file, the outer before the inner */
    size_t anchor_count, anchor_cap;
};

void reading_done(struct reading *reading);

/* The object is zeroed. Whatever could be read is in it, also when there were errors. */
void read_struct(struct reading *reading, const struct schema *schema, const struct yaml_node *node,
                 void *object);
