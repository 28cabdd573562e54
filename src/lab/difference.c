#include "lab/difference.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 4, LINE_BYTES = 512 };

struct line {
    char *path[DEPTH]; /* from the outermost, borrowed from lines before; the last is its own */
    unsigned depth;    /* how many it is in; path[depth] is itself */
};

struct lines {
    struct line *items;
    size_t count, cap;
};

static void *must(void *block)
{
    assert(block);
    return block;
}

static void add_line(struct lines *lines, const char *text, size_t size)
{
    unsigned depth = 0;
    while (size > 0 && *text == ' ') {
        depth++;
        text++;
        size--;
    }
    bool ends =
        (size == 4 && memcmp(text, "exit", 4) == 0) || (size > 5 && memcmp(text, "exit-", 5) == 0);
    if (size == 0 || ends || depth >= DEPTH)
        return;
    if (lines->count == lines->cap) {
        lines->cap = lines->cap ? 2 * lines->cap : 64;
        lines->items = must(realloc(lines->items, lines->cap * sizeof *lines->items));
    }
    struct line *line = &lines->items[lines->count];
    *line = lines->count ? lines->items[lines->count - 1] : (struct line){.depth = 0};
    if (lines->count && depth > line->depth + 1)
        return; /* inside nothing */
    line->depth = depth;
    line->path[depth] = must(strndup(text, size));
    lines->count++;
}

static struct lines lines_of(const char *text)
{
    struct lines lines = {0};
    while (*text) {
        size_t size = strcspn(text, "\n");
        add_line(&lines, text, size);
        text += size + (text[size] == '\n');
    }
    return lines;
}

static void lines_done(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i].path[lines->items[i].depth]);
    free(lines->items);
}

/* depth: how much of the path is compared. */
static bool same(const struct line *left, const struct line *right, unsigned depth)
{
    for (unsigned i = 0; i <= depth; i++) {
        if (strcmp(left->path[i], right->path[i]) != 0)
            return false;
    }
    return true;
}

static bool holds(const struct lines *lines, const struct line *line, unsigned depth)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->items[i].depth == depth && same(&lines->items[i], line, depth))
            return true;
    }
    return false;
}

static void say(struct commands *commands, const char *first, const char *second)
{
    char text[LINE_BYTES];
    snprintf(text, sizeof text, "%s%s", first, second);
    if (commands->count == commands->cap) {
        commands->cap = commands->cap ? 2 * commands->cap : 32;
        commands->items = must(realloc(commands->items, commands->cap * sizeof *commands->items));
    }
    commands->items[commands->count++] = must(strdup(text));
}

static void say_inside(struct commands *commands, const struct line *line, const char *no)
{
    say(commands, "configure terminal", "");
    for (unsigned i = 0; i < line->depth; i++)
        say(commands, line->path[i], "");
    say(commands, no, line->path[line->depth]);
    say(commands, "end", "");
}

/* What it is in is gone, too: then it went with that. */
static bool went_with_more(const struct lines *after, const struct line *line)
{
    for (unsigned i = 0; i < line->depth; i++) {
        if (!holds(after, line, i))
            return true;
    }
    return false;
}

void frr_difference(const char *before, const char *after, struct commands *ret_commands)
{
    struct lines old = lines_of(before), new = lines_of(after);
    struct commands commands = {0};
    for (size_t i = 0; i < old.count; i++) {
        const struct line *line = &old.items[i];
        if (!holds(&new, line, line->depth) && !went_with_more(&new, line))
            say_inside(&commands, line, "no ");
    }
    for (size_t i = 0; i < new.count; i++) {
        const struct line *line = &new.items[i];
        if (!holds(&old, line, line->depth))
            say_inside(&commands, line, "");
    }
    lines_done(&old);
    lines_done(&new);
    *ret_commands = commands;
}

void commands_done(struct commands *commands)
{
    for (size_t i = 0; i < commands->count; i++)
        free(commands->items[i]);
    free(commands->items);
    *commands = (struct commands){0};
}
