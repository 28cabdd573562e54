/* YAML as a tree of maps, lists and scalars, each with its place. libfyaml reads; this keeps only
 * what a network file may contain, within bounds, and says plainly what it may not: no anchors and
 * aliases (so no bombs), no tags, one document, keys that are words. What the values mean is not
 * known here. */
#pragma once

#include "base/arena.h"
#include "network/diagnostics.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    bool quoted; /* or a block scalar: never a number, never nothing */
    struct place place;
    unsigned width;         /* characters on its first line */
    uint32_t size;          /* of a scalar, bytes */
    uint32_t begin, end;    /* a scalar's bytes in the file, quotes included */
    uint32_t count;         /* of members */
    const char *text;       /* a scalar's, ends in a zero byte */
    struct yaml_node *key;  /* of a map's member */
    struct yaml_node *next; /* of the same list or map */
    struct yaml_node *first, *last;
};

enum {
    YAML_BYTES_MAX = 16 << 20,
    YAML_LINE_MAX = 256 << 10, /* bytes; libfyaml keeps all tokens of a line */
    YAML_DEPTH_MAX = 32,
    YAML_NODES_MAX = 1 << 20,
};

struct yaml {
    struct yaml_node *root; /* NULL: nothing but comments */
    size_t node_count;
    struct slice text; /* what was read, without a byte order mark; borrowed */
    struct budget budget;
    struct arena arena; /* all nodes and their texts */
};

/* ret_yaml must stay where it is. false: something was wrong with the text, and diagnostics (open
 * on it) tells. Either way the caller calls yaml_done; the tree borrows nothing of the text. */
bool yaml_read(struct slice text, struct diagnostics *diagnostics, struct yaml *ret_yaml)
    __attribute__((warn_unused_result));
void yaml_done(struct yaml *yaml);

/* "a list", "a map", "nothing", or the quoted scalar: for messages. */
struct quoted yaml_describe(const struct yaml_node *node);
bool yaml_is_nothing(const struct yaml_node *node); /* empty, ~ or null */
