#include "import/remark.h"

#include "network/memory.h"
#include "network/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void remarks_done(struct import_remarks *remarks)
{
    for (size_t i = 0; i < remarks->count; i++) {
        free(remarks->items[i].file);
        free(remarks->items[i].about);
        free(remarks->items[i].text);
        free(remarks->items[i].depends);
    }
    free(remarks->items);
    *remarks = (struct import_remarks){0};
}

void remark_clean(char *text)
{
    for (size_t at = 0, left = strlen(text), step; left; at += step, left -= step) {
        uint32_t code = utf8_at(text + at, left, &step);
        if (code == UTF8_BAD || code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
            code == 0x2029)
            memset(text + at, '?', step);
    }
}

__attribute__((format(printf, 1, 0))) static char *printed(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = memory_zeroed((size_t)size + 1, 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    remark_clean(text);
    return text;
}

static char *copied(const char *text)
{
    char *copy = text ? memory_text(text, strlen(text)) : NULL;
    if (copy)
        remark_clean(copy);
    return copy;
}

static void keep(struct import_remarks *remarks, struct import_remark remark)
{
    remarks->items =
        memory_grow(remarks->items, remarks->count, &remarks->cap, sizeof *remarks->items);
    remarks->items[remarks->count] = remark;
    remarks->last = &remarks->items[remarks->count++];
}

void remark_say(struct import_remarks *remarks, enum import_subject subject,
                struct import_place place, const char *about, const char *format, ...)
{
    remarks->last = NULL;
    remarks->counts[subject]++;
    if (remarks->counts[subject] > REMARKS_MAX)
        return;
    va_list arguments;
    va_start(arguments, format);
    keep(remarks, (struct import_remark){.subject = subject,
                                         .file = copied(place.file),
                                         .line = place.line,
                                         .about = copied(about),
                                         .text = printed(format, arguments)});
    va_end(arguments);
}

void remark_conclude(struct import_remarks *remarks, enum import_subject subject,
                     const char *format, ...)
{
    va_list arguments;
    remarks->counts[subject]++;
    va_start(arguments, format);
    keep(remarks, (struct import_remark){.subject = subject, .text = printed(format, arguments)});
    va_end(arguments);
}

void remark_depends(struct import_remarks *remarks, const char *format, ...)
{
    if (!remarks->last)
        return;
    va_list arguments;
    va_start(arguments, format);
    free(remarks->last->depends);
    remarks->last->depends = printed(format, arguments);
    va_end(arguments);
}
