#include "network/diagnostics.h"

#include "network/memory.h"
#include "network/utf8.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A line is shown whole up to EXCERPT_WHOLE characters, else a window around the place. */
enum { EXCERPT_WHOLE = 120, EXCERPT_WINDOW = 100, EXCERPT_BEFORE = 40, GUTTER = 5 };
enum { BEFORE_HINT = GUTTER + 2 }; /* gutter and bar */

void diagnostics_init(struct diagnostics *diagnostics)
{
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_done(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        free(diagnostics->items[i].message);
        free(diagnostics->items[i].hint);
        free(diagnostics->items[i].excerpt);
    }
    free(diagnostics->items);
    free(diagnostics->name);
    *diagnostics = (struct diagnostics){0};
}

void diagnostics_open(struct diagnostics *diagnostics, const char *name, struct slice text)
{
    free(diagnostics->name);
    diagnostics->name = memory_text(name, strlen(name));
    diagnostics->text = text;
}

void diagnostics_close(struct diagnostics *diagnostics)
{
    diagnostics->text = (struct slice){0};
}

static char shown(uint32_t code)
{
    return code == '\t' ? ' ' : '?';
}

struct quoted diagnostics_quote(const char *text, size_t size_bytes)
{
    struct quoted quoted;
    size_t used = 0, most = sizeof quoted.text - 4;
    while (size_bytes) {
        size_t step;
        uint32_t code = utf8_at(text, size_bytes, &step);
        if (used + step > most) {
            memcpy(quoted.text + used, "...", 3);
            used += 3;
            break;
        }
        if (code == UTF8_BAD || code < ' ' || code == 0x7f)
            quoted.text[used] = shown(code);
        else
            memcpy(quoted.text + used, text, step);
        used += step;
        text += step;
        size_bytes -= step;
    }
    quoted.text[used] = 0;
    return quoted;
}

struct slice diagnostics_line(struct slice text, unsigned line)
{
    if (text.size == 0)
        return (struct slice){0};
    const uint8_t *at = text.data, *end = text.data + text.size;
    for (; line > 1 && at < end; line--) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    if (at == end)
        return (struct slice){0};
    const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
    size_t size = (size_t)((newline ? newline : end) - at);
    return (struct slice){at, size && at[size - 1] == '\r' ? size - 1 : size};
}

static size_t characters_in(const char *text, size_t size_bytes)
{
    size_t count = 0;
    for (size_t at = 0, step; at < size_bytes; at += step, count++)
        utf8_at(text + at, size_bytes - at, &step);
    return count;
}

/* Copies characters first..first+count of the line, unprintable ones replaced. */
static char *window(const char *line, size_t size_bytes, size_t first, size_t count)
{
    char *copy = memory_zeroed(count * 4 + 1, 1), *out = copy;
    size_t index = 0;
    for (size_t at = 0, step; at < size_bytes && index < first + count; at += step, index++) {
        uint32_t code = utf8_at(line + at, size_bytes - at, &step);
        if (index < first)
            continue;
        if (code == UTF8_BAD || code < ' ' || code == 0x7f)
            *out++ = shown(code);
        else
            memcpy(out, line + at, step), out += step;
    }
    return copy;
}

/* Where a value ends that begins at text: behind its closing quote, or before what ends it. */
static const char *value_end(const char *text)
{
    if (*text == '"' || *text == '\'') {
        const char *quote = strchr(text + 1, *text);
        return quote ? quote + 1 : text + strlen(text);
    }
    while (*text && !strchr("}]", *text) && strncmp(text, ", ", 2) != 0)
        text++;
    return text;
}

/* Overwrites what stands behind "key:". */
static void mask_secret(char *line, const char *key)
{
    for (char *at = strstr(line, key); at; at = strstr(at, key)) {
        at += strlen(key);
        size_t blank = strspn(at, " \"'");
        if (at[blank] != ':')
            continue;
        at += blank + 1;
        at += strspn(at, " ");
        for (const char *end = value_end(at); at < end; at++)
            *at = '*';
    }
}

static void excerpt_take(struct diagnostic *item, const struct diagnostics *diagnostics)
{
    struct slice line = diagnostics_line(diagnostics->text, item->place.line);
    const char *bytes = (const char *)line.data;
    size_t characters = characters_in(bytes, line.size), first = 0, count = characters;
    if (characters > EXCERPT_WHOLE) {
        first = item->place.column > EXCERPT_BEFORE ? item->place.column - EXCERPT_BEFORE : 0;
        first = first > characters ? characters : first;
        count = characters - first < EXCERPT_WINDOW ? characters - first : EXCERPT_WINDOW;
    }
    item->excerpt = window(bytes, line.size, first, count);
    item->excerpt_skip = (unsigned)first;
    item->excerpt_cut = first + count < characters;
    if (diagnostics->secret_key)
        mask_secret(item->excerpt, diagnostics->secret_key);
    size_t end = first + count + 1; /* the column behind what is shown */
    if (item->place.column >= end)
        item->width = 1;
    else if (item->width > end - item->place.column)
        item->width = (unsigned)(end - item->place.column);
}

static char *printed(const char *message, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, message, arguments);
    char *text = memory_zeroed(size > 0 ? (size_t)size + 1 : 1, 1);
    if (size > 0)
        vsnprintf(text, (size_t)size + 1, message, again);
    va_end(again);
    return text;
}

static bool before(struct place left, struct place right)
{
    return left.line < right.line || (left.line == right.line && left.column < right.column);
}

void diagnostics_add(struct diagnostics *diagnostics, struct place place, unsigned width,
                     const char *hint, const char *message, ...)
{
    if (diagnostics->count == DIAGNOSTICS_MAX) {
        diagnostics->dropped++;
        return;
    }
    if (!diagnostics->items)
        diagnostics->items = memory_zeroed(DIAGNOSTICS_MAX, sizeof *diagnostics->items);
    struct diagnostic item = {.place = place, .width = width ? width : 1};
    va_list arguments;
    va_start(arguments, message);
    item.message = printed(message, arguments);
    va_end(arguments);
    item.hint = hint ? memory_text(hint, strlen(hint)) : NULL;
    if (place.line)
        excerpt_take(&item, diagnostics);
    size_t at = diagnostics->count++;
    for (; at > 0 && before(place, diagnostics->items[at - 1].place); at--)
        diagnostics->items[at] = diagnostics->items[at - 1];
    diagnostics->items[at] = item;
}

static void put_text(const char *text, size_t size_bytes, bool ascii, FILE *out)
{
    for (size_t at = 0, step; at < size_bytes; at += step) {
        uint32_t code = utf8_at(text + at, size_bytes - at, &step);
        if (ascii && code > 0x7e)
            fputc('?', out);
        else
            fwrite(text + at, 1, step, out);
    }
}

/* The columns that it takes. */
static unsigned width_of(const char *text, size_t size_bytes, bool ascii)
{
    unsigned columns = 0;
    for (size_t at = 0, step; at < size_bytes; at += step) {
        uint32_t code = utf8_at(text + at, size_bytes - at, &step);
        columns += ascii && code > 0x7e ? 1 : utf8_columns(code);
    }
    return columns;
}

static unsigned columns_of(const char *text, size_t count, bool ascii, size_t *ret_bytes)
{
    size_t at = 0, size = strlen(text);
    for (size_t step; count && at < size; at += step, count--)
        (void)utf8_at(text + at, size - at, &step);
    *ret_bytes = at;
    return width_of(text, at, ascii);
}

static const char *paint(struct diagnostics_style style, const char *code)
{
    return style.color ? code : "";
}

static const char red[] = "\033[1;31m", blue[] = "\033[34m", plain[] = "\033[0m";

/* Beside the carets, which end at that column; where it is too long for that, below them. */
static void render_hint(const char *hint, unsigned column, struct diagnostics_style style,
                        FILE *out)
{
    const char *bar = style.ascii ? "|" : "│";
    bool beside =
        style.width == 0 || column + 1 + width_of(hint, strlen(hint), style.ascii) <= style.width;
    if (beside) {
        fputc(' ', out);
        put_text(hint, strlen(hint), style.ascii, out);
        return;
    }
    for (column = style.width; *hint;) {
        size_t size = strcspn(hint, " ");
        unsigned columns = width_of(hint, size, style.ascii);
        if (column + 1 + columns > style.width) {
            fprintf(out, "\n%s%*s %s%s", paint(style, blue), GUTTER, "", bar, paint(style, plain));
            column = BEFORE_HINT;
        }
        fputc(' ', out);
        put_text(hint, size, style.ascii, out);
        column += 1 + columns;
        hint += size + strspn(hint + size, " ");
    }
}

static void render_excerpt(const struct diagnostic *item, struct diagnostics_style style, FILE *out)
{
    const char *bar = style.ascii ? "|" : "│", *cut = style.ascii ? "..." : "…";
    bool skipped = item->excerpt_skip > 0;
    fprintf(out, "%s%*u %s%s %s", paint(style, blue), GUTTER, item->place.line, bar,
            paint(style, plain), skipped ? cut : "");
    put_text(item->excerpt, strlen(item->excerpt), style.ascii, out);
    fprintf(out, "%s\n%s%*s %s%s ", item->excerpt_cut ? cut : "", paint(style, blue), GUTTER, "",
            bar, paint(style, plain));
    size_t lead = item->place.column - item->excerpt_skip;
    size_t bytes, unused;
    unsigned indent = columns_of(item->excerpt, lead ? lead - 1 : 0, style.ascii, &bytes);
    unsigned width = columns_of(item->excerpt + bytes, item->width, style.ascii, &unused);
    indent += !skipped ? 0 : style.ascii ? 3 : 1;
    fprintf(out, "%*s%s", (int)indent, "", paint(style, red));
    for (unsigned i = 0; i < (width ? width : 1); i++)
        fputc('^', out);
    fputs(paint(style, plain), out);
    if (item->hint)
        render_hint(item->hint, BEFORE_HINT + 1 + indent + (width ? width : 1), style, out);
    fputc('\n', out);
}

static void render_item(const struct diagnostics *diagnostics, const struct diagnostic *item,
                        struct diagnostics_style style, FILE *out)
{
    fprintf(out, "%serror:%s ", paint(style, red), paint(style, plain));
    const char *name = diagnostics->name ? diagnostics->name : "";
    put_text(name, strlen(name), style.ascii, out);
    if (item->place.line)
        fprintf(out, ":%u:%u", item->place.line, item->place.column);
    fputs(": ", out);
    put_text(item->message, strlen(item->message), style.ascii, out);
    fputc('\n', out);
    if (item->excerpt)
        render_excerpt(item, style, out);
    else if (item->hint)
        fprintf(out, "%*s %s\n", GUTTER, "", item->hint);
}

void diagnostics_render(const struct diagnostics *diagnostics, struct diagnostics_style style,
                        FILE *out)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        render_item(diagnostics, &diagnostics->items[i], style, out);
    size_t all = diagnostics->count + diagnostics->dropped;
    if (diagnostics->dropped)
        fprintf(out, "%zu errors, of which %zu are shown; nothing was run\n", all,
                diagnostics->count);
    else if (all)
        fprintf(out, "%zu error%s; nothing was run\n", all, all == 1 ? "" : "s");
}

static json_t *text_json(const char *text)
{
    struct quoted quoted;
    json_t *value = text ? json_string(text) : json_null();
    if (value)
        return value;
    quoted = diagnostics_quote(text, strlen(text)); /* ill-formed: as it would be shown */
    return json_string(quoted.text);
}

void diagnostics_json(const struct diagnostics *diagnostics, FILE *out)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        json_t *error = json_object();
        json_object_set_new(error, "file", text_json(diagnostics->name));
        json_object_set_new(error, "line", json_integer(item->place.line));
        json_object_set_new(error, "column", json_integer(item->place.column));
        json_object_set_new(error, "width", json_integer(item->width));
        json_object_set_new(error, "message", text_json(item->message));
        json_object_set_new(error, "hint", text_json(item->hint));
        json_array_append_new(errors, error);
    }
    json_t *object = json_object();
    json_object_set_new(object, "errors", errors);
    json_object_set_new(object, "dropped", json_integer((json_int_t)diagnostics->dropped));
    json_dumpf(object, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(object);
}
