#include "network/comment.h"

#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- where no comment can be: the bytes of scalars, in the order of the text --- */

struct range {
    uint32_t begin, end;
};

struct ranges {
    struct range *items;
    size_t count, cap;
};

static void ranges_add(struct ranges *ranges, const struct yaml_node *node)
{
    if (!node || node->end <= node->begin) /* maps and lists have no bytes of their own */
        return;
    ranges->items = memory_grow(ranges->items, ranges->count, &ranges->cap, sizeof *ranges->items);
    ranges->items[ranges->count++] = (struct range){node->begin, node->end};
}

/* As deep as the tree: YAML_DEPTH_MAX. */
static void ranges_collect(struct ranges *ranges, const struct yaml_node *node)
{
    ranges_add(ranges, node->key);
    ranges_add(ranges, node);
    for (const struct yaml_node *member = node->first; member; member = member->next)
        ranges_collect(ranges, member);
}

/* --- attaching --- */

struct gathering {
    struct network *network;
    const struct reading *reading;
    size_t comment_cap;
    size_t anchor;    /* the first that begins on the present line or later */
    size_t text_size; /* of the last comment's text, bytes */
    size_t text_cap;
    bool after_comment; /* the line above is a comment */
    bool after_blank;   /* the line above is empty */
};

static const struct anchor *anchor_of(const struct gathering *gathering, unsigned line,
                                      bool trailing, bool *ret_trailing)
{
    const struct reading *reading = gathering->reading;
    size_t at = gathering->anchor;
    *ret_trailing = false;
    if (!trailing) {
        while (at < reading->anchor_count && reading->anchors[at].at.line <= line)
            at++;
        return at < reading->anchor_count ? &reading->anchors[at] : NULL;
    }
    if (at == 0 && reading->anchor_count > 1)
        at = 1; /* the first is the whole network, which has no line of its own */
    if (at < reading->anchor_count && reading->anchors[at].at.line == line)
        *ret_trailing = true;
    else if (at > 0)
        at--; /* inside a list that spans lines: it goes above the whole */
    return at < reading->anchor_count ? &reading->anchors[at] : NULL;
}

static bool belongs(const struct network_comment *comment, const struct anchor *anchor,
                    bool trailing)
{
    struct place owner = anchor ? anchor->owner : (struct place){0};
    const char *key = anchor ? anchor->key : NULL;
    return comment->before.line == owner.line && comment->before.column == owner.column &&
           comment->trailing == trailing &&
           (key && comment->key ? strcmp(key, comment->key) == 0 : key == comment->key);
}

static void append(struct gathering *gathering, struct network_comment *comment, struct slice text)
{
    size_t used = comment->text ? gathering->text_size + 1 : 0; /* with the newline between */
    while (used + text.size + 1 > gathering->text_cap)
        comment->text =
            memory_grow(comment->text, gathering->text_cap, &gathering->text_cap, sizeof(char));
    if (used)
        comment->text[used - 1] = '\n';
    if (text.size)
        memcpy(comment->text + used, text.data, text.size);
    gathering->text_size = used + text.size;
    comment->text[gathering->text_size] = 0;
}

/* Text is one line, or empty for a blank one. */
static void gather(struct gathering *gathering, unsigned line, bool trailing, struct slice text)
{
    struct network *network = gathering->network;
    const struct anchor *anchor = anchor_of(gathering, line, trailing, &trailing);
    struct network_comment *last =
        network->comment_count ? &network->comments[network->comment_count - 1] : NULL;
    if (!last || !belongs(last, anchor, trailing)) {
        network->comments = memory_grow(network->comments, network->comment_count,
                                        &gathering->comment_cap, sizeof *network->comments);
        last = &network->comments[network->comment_count++];
        *last = (struct network_comment){.trailing = trailing};
        gathering->text_size = gathering->text_cap = 0;
        if (anchor) {
            last->before = anchor->owner;
            last->key = anchor->key ? memory_text(anchor->key, strlen(anchor->key)) : NULL;
        }
    }
    append(gathering, last, text);
}

/* --- the text, line by line --- */

static struct slice comment_in(struct slice text, size_t at, size_t line_end)
{
    while (line_end > at && (text.data[line_end - 1] == ' ' || text.data[line_end - 1] == '\r' ||
                             text.data[line_end - 1] == '\t'))
        line_end--;
    return (struct slice){text.data + at, line_end - at};
}

/* Looks for a comment in [begin, end), jumping over scalars. end: there is none. */
static size_t find_comment(struct slice text, size_t begin, size_t end, const struct ranges *ranges,
                           size_t *range)
{
    for (size_t at = begin; at < end; at++) {
        while (*range < ranges->count && ranges->items[*range].end <= at)
            ++*range;
        if (*range < ranges->count && ranges->items[*range].begin <= at) {
            at = ranges->items[*range].end - 1;
            continue;
        }
        bool apart = at == begin || text.data[at - 1] == ' ' || text.data[at - 1] == '\t';
        if (text.data[at] == '#' && apart)
            return at;
    }
    return end;
}

static bool is_blank(struct slice text, size_t begin, size_t end)
{
    while (begin < end &&
           (text.data[begin] == ' ' || text.data[begin] == '\t' || text.data[begin] == '\r'))
        begin++;
    return begin == end;
}

static void take_line(struct gathering *gathering, const struct ranges *ranges, size_t *range,
                      unsigned line, struct slice text, size_t begin, size_t end)
{
    const struct reading *reading = gathering->reading;
    const struct slice blank = {0};
    while (gathering->anchor < reading->anchor_count &&
           reading->anchors[gathering->anchor].at.line < line)
        gathering->anchor++;
    size_t at = find_comment(text, begin, end, ranges, range);
    bool own_line = at < end && is_blank(text, begin, at);
    bool is_empty = at == end && is_blank(text, begin, end);
    if (own_line && gathering->after_blank)
        gather(gathering, line, false, blank);
    if (at < end)
        gather(gathering, line, !own_line, comment_in(text, at, end));
    if (is_empty && gathering->after_comment)
        gather(gathering, line, false, blank);
    gathering->after_blank = is_empty && !gathering->after_comment;
    gathering->after_comment = own_line;
}

void comments_take(struct network *network, const struct yaml *yaml, const struct reading *reading)
{
    struct slice text = yaml->text;
    if (text.size == 0 || !memchr(text.data, '#', text.size))
        return;
    struct ranges ranges = {0};
    ranges_collect(&ranges, yaml->root);
    struct gathering gathering = {.network = network, .reading = reading};
    size_t range = 0;
    unsigned line = 1;
    for (size_t begin = 0; begin < text.size; line++) {
        const uint8_t *newline = memchr(text.data + begin, '\n', text.size - begin);
        size_t end = newline ? (size_t)(newline - text.data) : text.size;
        take_line(&gathering, &ranges, &range, line, text, begin, end);
        begin = end + 1;
    }
    free(ranges.items);
}
