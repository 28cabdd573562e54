/* The answer's memory and texts. */
#include "check/parts.h"

#include "check/region.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void *check_take(struct check *check, size_t size_bytes)
{
    void *block = arena_take(&check->arena, size_bytes);
    if (!block) {
        fputs("sekisho: out of memory\n", stderr);
        exit(3);
    }
    return block;
}

void *check_grow(struct check *check, void *array, size_t count, size_t *cap, size_t item_bytes)
{
    if (count < *cap)
        return array;
    size_t wanted = *cap ? *cap * 2 : 4;
    void *longer = check_take(check, wanted * item_bytes);
    if (count)
        memcpy(longer, array, count * item_bytes);
    *cap = wanted;
    return longer;
}

char *check_text(struct check *check, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof line) /* an id may be long; a cut text is still true */
        size = (int)strlen(line);
    char *text = check_take(check, (size_t)size + 1);
    memcpy(text, line, (size_t)size);
    return text;
}

void check_add_text(struct check *check, struct check_texts *texts, const char *text)
{
    /* room for a power of two: grows when count reaches one */
    if ((texts->count & (texts->count - 1)) == 0) {
        size_t cap = texts->count ? texts->count * 2 : 1;
        char **items = check_take(check, cap * sizeof *items);
        if (texts->count)
            memcpy(items, texts->items, texts->count * sizeof *items);
        texts->items = items;
    }
    size_t size = strlen(text) + 1;
    char *own = check_take(check, size);
    memcpy(own, text, size);
    texts->items[texts->count++] = own;
}

bool check_has_text(const struct check_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], text) == 0)
            return true;
    }
    return false;
}

struct check_finding *check_add_finding(struct check *check)
{
    check->findings = check_grow(check, check->findings, check->finding_count, &check->finding_cap,
                                 sizeof *check->findings);
    struct check_finding *finding = &check->findings[check->finding_count++];
    memset(finding, 0, sizeof *finding);
    return finding;
}

void check_counted(struct check *check, const char *doing)
{
    const struct check_progress progress = {.networks_run = ++check->networks_run, .doing = doing};
    if (check->region) {
        region_counted(check, doing);
        return;
    }
    if (check->options.progress)
        check->options.progress(check->options.progress_context, &progress);
    if (check->options.interrupted && check->options.interrupted())
        check->interrupted = true;
}

static char *next_room(void)
{
    static _Thread_local char rooms[8][32];
    static _Thread_local unsigned next;
    return rooms[next++ % 8];
}

const char *text_of_ip(ip_addr addr)
{
    char *room = next_room();
    struct text text = text_over(room, 32);
    text_ip(&text, addr);
    return room;
}

const char *text_of_prefix(struct prefix prefix)
{
    char *room = next_room();
    struct text text = text_over(room, 32);
    text_prefix(&text, prefix);
    return room;
}
