#include "base/text.h"

#include <assert.h>

struct text text_over(char *data, size_t cap)
{
    assert(cap > 0);
    data[0] = 0;
    return (struct text){.data = data, .cap = cap};
}

void text_char(struct text *text, char character)
{
    if (text->cap - text->size < 2)
        text->cut = true;
    if (text->cut)
        return;
    text->data[text->size++] = character;
    text->data[text->size] = 0;
}

void text_add(struct text *text, const char *string)
{
    for (; *string && !text->cut; string++)
        text_char(text, *string);
}

void text_whole(struct text *text, const char *string)
{
    size_t before = text->size;
    text_add(text, string);
    if (text->cut && text->size > before) {
        text->size = before;
        text->data[before] = 0;
    }
}

enum { U64_DIGITS = 20, MAX_DECIMALS = 6 };

static void add_number(struct text *text, bool negative, uint64_t value)
{
    char digits[U64_DIGITS + 2];
    char *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    if (negative)
        *--at = '-';
    text_whole(text, at);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void text_u64(struct text *text, uint64_t value)
{
    add_number(text, false, value);
}

void text_i64(struct text *text, int64_t value)
{
    add_number(text, value < 0, magnitude(value));
}

void text_seconds(struct text *text, int64_t us, unsigned decimals)
{
    assert(decimals <= MAX_DECIMALS);
    uint64_t unit_us = 1; /* what the last decimal stands for */
    for (unsigned i = decimals; i < MAX_DECIMALS; i++)
        unit_us *= 10;
    uint64_t units = (magnitude(us) + unit_us / 2) / unit_us;
    uint64_t second = 1000000 / unit_us;

    char buffer[1 + U64_DIGITS + 1 + MAX_DECIMALS + 1];
    struct text number = text_over(buffer, sizeof buffer);
    add_number(&number, us < 0 && units > 0, units / second);
    if (decimals > 0)
        text_char(&number, '.');
    for (uint64_t place = second / 10; place > 0; place /= 10)
        text_char(&number, (char)('0' + units / place % 10));
    text_whole(text, buffer);
}
