#include "explain/screen.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What a character beyond ASCII becomes where the reader has none. Drawings keep their widths. */
static const struct glyph {
    uint32_t code;
    const char *ascii;
} glyphs[] = {
    {0x2500, "-"},  {0x2501, "="},  {0x2502, "|"},   {0x2503, "|"},   {0x250c, "+"}, {0x2510, "+"},
    {0x2514, "+"},  {0x2518, "+"},  {0x251c, "+"},   {0x2524, "+"},   {0x252c, "+"}, {0x2534, "+"},
    {0x253c, "+"},  {0x2550, "="},  {0x2551, "|"},   {0x256d, "+"},   {0x256e, "+"}, {0x256f, "+"},
    {0x2570, "+"},  {0x25b2, "^"},  {0x25b6, ">"},   {0x25bc, "v"},   {0x25c0, "<"}, {0x2190, "<-"},
    {0x2191, "^"},  {0x2192, "->"}, {0x2193, "v"},   {0x2194, "<->"}, {0x00b7, "-"}, {0x00d7, "x"},
    {0x2013, "-"},  {0x2014, "-"},  {0x2026, "..."}, {0x2713, "+"},   {0x2717, "x"}, {0x2022, "*"},
    {0x2264, "<="}, {0x2265, ">="}, {0x2212, "-"},
};

static const char *color_code(char mark)
{
    switch (mark) {
    case 'B':
        return "\033[1m";
    case 'F':
        return "\033[2m";
    case 'R':
        return "\033[1;31m";
    case 'Y':
        return "\033[33m";
    case 'G':
        return "\033[32m";
    case 'U':
        return "\033[36m";
    default:
        return "\033[0m";
    }
}

/* Bytes of the character at text, and its code; a broken byte counts as one character, '?'. */
static size_t character_at(const char *text, uint32_t *ret_code)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t code = size == 1 ? at[0] : size == 0 || at[0] > 0xf4 ? '?' : at[0] & (0x7fu >> size);
    for (size_t i = 1; code != '?' && i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            code = '?';
            break;
        }
        code = code << 6 | (at[i] & 0x3fu);
    }
    *ret_code = code;
    return code == '?' ? 1 : size;
}

static bool is_between(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

/* East Asian wide characters take two columns, marks that combine none. */
static unsigned columns_of(uint32_t code)
{
    if (is_between(code, 0x300, 0x36f) || is_between(code, 0x200b, 0x200f) || code == 0xfeff)
        return 0;
    bool wide = is_between(code, 0x1100, 0x115f) || is_between(code, 0x2e80, 0xa4cf) ||
                is_between(code, 0xac00, 0xd7a3) || is_between(code, 0xf900, 0xfaff) ||
                is_between(code, 0xfe30, 0xfe6f) || is_between(code, 0xff00, 0xff60) ||
                is_between(code, 0xffe0, 0xffe6) || is_between(code, 0x1f300, 0x1faff) ||
                is_between(code, 0x20000, 0x3fffd);
    return wide ? 2 : 1;
}

static const char *in_ascii(uint32_t code)
{
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++) {
        if (glyphs[i].code == code)
            return glyphs[i].ascii;
    }
    return "?";
}

/* One step through a text: where it goes on, what to write, and how wide that is. */
struct piece {
    const char *bytes;
    size_t size;
    unsigned columns;
    const char *next;
};

static struct piece piece_at(const struct screen *screen, const char *text)
{
    struct piece piece = {.bytes = text, .size = 1, .columns = 1, .next = text + 1};
    if (text[0] == '\001' && text[1]) {
        piece.bytes = color_code(text[1]);
        piece.size = screen->color ? strlen(piece.bytes) : 0;
        piece.columns = 0;
        piece.next = text + 2;
        return piece;
    }
    uint32_t code;
    piece.size = character_at(text, &code);
    piece.next = text + piece.size;
    if (code == '\n') {
        piece.columns = 0;
    } else if (code == 0xa0) {
        piece.bytes = " "; /* a blank at which no line is broken */
        piece.size = 1;
    } else if (code < ' ' || is_between(code, 0x7f, 0x9f) || code == '?') {
        piece.bytes = "?";
        piece.size = 1;
    } else if (screen->ascii && code > 0x7f) {
        piece.bytes = in_ascii(code);
        piece.size = strlen(piece.bytes);
        piece.columns = (unsigned)piece.size;
    } else {
        piece.columns = columns_of(code);
    }
    return piece;
}

unsigned screen_columns(const struct screen *screen, const char *text)
{
    unsigned columns = 0;
    while (*text) {
        struct piece piece = piece_at(screen, text);
        columns += piece.columns;
        text = piece.next;
    }
    return columns;
}

static void put_until(const struct screen *screen, const char *text, const char *end)
{
    while (text < end) {
        struct piece piece = piece_at(screen, text);
        fwrite(piece.bytes, 1, piece.size, screen->out);
        text = piece.next;
    }
}

void screen_put(const struct screen *screen, const char *text)
{
    put_until(screen, text, text + strlen(text));
}

char *screen_text(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(size >= 0);
    char *text = malloc((size_t)size + 1);
    assert(text);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

void screen_say(const struct screen *screen, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = screen_text(format, arguments);
    va_end(arguments);
    screen_put(screen, text);
    free(text);
}

void screen_blanks(const struct screen *screen, unsigned columns)
{
    fprintf(screen->out, "%*s", (int)columns, "");
}

void screen_pad(const struct screen *screen, const char *text, unsigned columns)
{
    unsigned used = screen_columns(screen, text);
    screen_put(screen, text);
    screen_blanks(screen, used < columns ? columns - used : 0);
}

static unsigned columns_until(const struct screen *screen, const char *text, const char *end)
{
    unsigned columns = 0;
    while (text < end) {
        struct piece piece = piece_at(screen, text);
        columns += piece.columns;
        text = piece.next;
    }
    return columns;
}

void screen_paragraph(const struct screen *screen, unsigned at, unsigned indent, const char *text)
{
    unsigned column = at;
    bool begun = false; /* a word of ours stands on this line */
    while (*text) {
        const char *end = text + strcspn(text, " ");
        unsigned columns = columns_until(screen, text, end);
        if ((begun || at > indent) && column + begun + columns > screen->width) {
            fputc('\n', screen->out);
            screen_blanks(screen, indent);
            column = at = indent;
        } else if (begun) {
            fputc(' ', screen->out);
            column++;
        }
        put_until(screen, text, end);
        column += columns;
        begun = true;
        text = end + strspn(end, " ");
    }
    fputc('\n', screen->out);
}
