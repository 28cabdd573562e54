/* What is wrong with a user's text: where, what was found, what was expected. All errors of a text
 * are collected and shown at once, in the order of the text. The text itself is not kept; each
 * diagnostic carries the line it speaks of. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* From 1, columns in characters; 0: not from a text. */
struct place {
    unsigned line, column;
};

struct diagnostic {
    struct place place;
    unsigned width;        /* characters underlined, at least 1 */
    char *message;         /* what is wrong */
    char *hint;            /* what was expected; NULL: nothing to add */
    char *excerpt;         /* the line, cut where it is very long; NULL: no place */
    unsigned excerpt_skip; /* characters left out before the excerpt */
    bool excerpt_cut;      /* and behind it */
};

struct diagnostics {
    char *name;             /* the file, as messages call it */
    struct slice text;      /* borrowed, only between diagnostics_open and diagnostics_close */
    const char *secret_key; /* what stands behind this key is never shown; NULL: no such key */
    struct diagnostic *items;
    size_t count;
    size_t dropped; /* errors beyond DIAGNOSTICS_MAX */
};

enum { DIAGNOSTICS_MAX = 100 };

void diagnostics_init(struct diagnostics *diagnostics);
void diagnostics_done(struct diagnostics *diagnostics);
/* Names the text that the next ones speak of. */
void diagnostics_open(struct diagnostics *diagnostics, const char *name, struct slice text);
void diagnostics_close(struct diagnostics *diagnostics); /* sorts by place, forgets the text */

/* message is printf's; hint may be NULL and is copied. */
void diagnostics_add(struct diagnostics *diagnostics, struct place place, unsigned width,
                     const char *hint, const char *message, ...)
    __attribute__((format(printf, 5, 6)));

struct diagnostics_style {
    bool ascii; /* no box drawing */
    bool color;
    unsigned width; /* columns that a hint may fill; 0: it is one line */
};

/* The layout of rustc; ends with "2 errors; nothing was run". */
void diagnostics_render(const struct diagnostics *diagnostics, struct diagnostics_style style,
                        FILE *out);
/* The bytes of a line, counted from 1, without its end; empty beyond the last. */
struct slice diagnostics_line(struct slice text, unsigned line);

/* A printable copy of a user's word for a message: clipped, control characters replaced. */
struct quoted {
    char text[80];
};
struct quoted diagnostics_quote(const char *text, size_t size_bytes);

/* {"errors": [{"file", "line", "column", "width", "message", "hint"}], "dropped": 0} */
void diagnostics_json(const struct diagnostics *diagnostics, FILE *out);
