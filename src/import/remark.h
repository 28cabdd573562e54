/* What an import has to say besides the network: remarks, each about one thing, with the place in
 * the export where it was seen. Texts are UTF-8 without control characters, whatever the export
 * held, and never contain a key. */
#pragma once

#include "import/import.h"

/* A list of remarks grows to REMARKS_MAX a subject; beyond that they are only counted. */
enum { REMARKS_MAX = 500 };

void remarks_done(struct import_remarks *remarks);

/* place.file is copied, NULL: of no file. about (an id) may be NULL and is copied. */
void remark_say(struct import_remarks *remarks, enum import_subject subject,
                struct import_place place, const char *about, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The sentence that all ends with, of no one place: it is kept however many there are. */
void remark_conclude(struct import_remarks *remarks, enum import_subject subject,
                     const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Gives the last remark the sentence that says what depends on it. */
void remark_depends(struct import_remarks *remarks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* In place: what a terminal or a comment could take amiss becomes '?'. */
void remark_clean(char *text);
