/* Text for people: how wide it is, what it is colored with, and what becomes of it where the
 * locale is not UTF-8.
 *
 * Texts are written once, in UTF-8, with box characters, arrows and marks as the screens of this
 * program use them. A screen knows what its reader can take: it replaces each of those characters
 * by ASCII where need be (an arrow becomes "->"), and so it must be asked for the width of a text,
 * too. What a user wrote passes through the same door: control characters never reach a terminal.
 *
 * A no-break space is a blank at which no line is broken.
 *
 * Color is a mark in the text. It has no width and carries no meaning alone. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
    FILE *out;
    unsigned width; /* columns to fill at most */
    bool ascii;     /* no character beyond ASCII */
    bool color;
    bool terminal; /* out is one */
};

/* Marks; each holds until SCREEN_END. They do not nest. */
#define SCREEN_BOLD   "\001B"
#define SCREEN_FAINT  "\001F"
#define SCREEN_RED    "\001R"
#define SCREEN_YELLOW "\001Y"
#define SCREEN_GREEN  "\001G"
#define SCREEN_BLUE   "\001U"
#define SCREEN_END    "\001."

/* The columns that the text takes on this screen. */
unsigned screen_columns(const struct screen *screen, const char *text);

/* The text as the screen shows it. */
void screen_put(const struct screen *screen, const char *text);
void screen_say(const struct screen *screen, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* printf's text as a string of its own, for the caller to free. */
char *screen_text(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* So many blanks; the text, then blanks up to columns. */
void screen_blanks(const struct screen *screen, unsigned columns);
void screen_pad(const struct screen *screen, const char *text, unsigned columns);

/* Words from column `at` on (what stands before it is already there), broken before the screen's
 * width and continued at column indent; ends the line. A word longer than the room for it stands on
 * a line of its own, whole. */
void screen_paragraph(const struct screen *screen, unsigned at, unsigned indent, const char *text);
