#include "network/walk.h"

#include "base/sort.h"
#include "network/memory.h"
#include "network/scalar.h"

#include <stdlib.h>
#include <string.h>

/* How the canonical form looks: two columns an indent, one blank line between the top keys, every
 * item of a top list on lines of its own; a list or map below them on one line where it fits in
 * FORMAT_COLUMNS and no comment stands inside. */
enum { FORMAT_COLUMNS = 100, FORMAT_INDENT = 2 };

struct buffer {
    char *data;
    size_t size, cap;
};

struct format {
    struct buffer out;
    const struct network_comment **comments; /* sorted by the struct they belong to */
    size_t comment_count;
    size_t line_begin; /* of the present line, in out */
    int dash_indent;   /* a list item begins with the next line: column of its dash; -1: none */
    const struct network_comment *owed; /* trailing comment of an item whose line is not ended */
};

static void put(struct buffer *buffer, const char *text, size_t size)
{
    while (buffer->cap < buffer->size + size)
        buffer->data = memory_grow(buffer->data, buffer->cap, &buffer->cap, sizeof(char));
    if (size)
        memcpy(buffer->data + buffer->size, text, size);
    buffer->size += size;
}

static void put_text(struct buffer *buffer, const char *text)
{
    put(buffer, text, strlen(text));
}

static void put_spaces(struct buffer *buffer, int count)
{
    for (; count > 0; count--)
        put(buffer, " ", 1);
}

/* --- comments --- */

static int compare_places(struct place left, struct place right)
{
    if (left.line != right.line)
        return left.line < right.line ? -1 : 1;
    return (left.column > right.column) - (left.column < right.column);
}

static int compare_comments(const void *left, const void *right, const void *ctx)
{
    const struct network_comment *const *a = left, *const *b = right;
    (void)ctx;
    return compare_places((*a)->before, (*b)->before);
}

static void sort_comments(struct format *format, const struct network *network)
{
    size_t count = network->comment_count, size = sizeof *format->comments;
    format->comments = memory_zeroed(count, size);
    format->comment_count = count;
    for (size_t i = 0; i < count; i++)
        format->comments[i] = &network->comments[i];
    const struct network_comment **scratch = memory_zeroed(count, size);
    sort_stable(format->comments, count, size, scratch, compare_comments, NULL);
    free(scratch);
}

/* The first comment of the struct at that place. */
static size_t comments_of(const struct format *format, struct place place)
{
    size_t low = 0, high = format->comment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(format->comments[middle]->before, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_of(const struct format *format, size_t at, struct place place)
{
    return place.line && at < format->comment_count &&
           compare_places(format->comments[at]->before, place) == 0;
}

/* The comment at a struct (key NULL) or at one of its keys; NULL: none. */
static const struct network_comment *comment_at(const struct format *format, struct place place,
                                                const char *key, bool trailing)
{
    for (size_t at = comments_of(format, place); is_of(format, at, place); at++) {
        const struct network_comment *comment = format->comments[at];
        bool same = key && comment->key ? strcmp(key, comment->key) == 0 : key == comment->key;
        if (same && comment->trailing == trailing)
            return comment;
    }
    return NULL;
}

struct search {
    const struct format *format;
    const void *outermost; /* its own comments stand outside */
    bool found;
};

static void search_struct(const struct schema *schema, const void *object, void *ctx)
{
    struct search *search = ctx;
    struct place place;
    if (schema->inlined || search->found)
        return;
    memcpy(&place, object, sizeof place);
    for (size_t at = comments_of(search->format, place); is_of(search->format, at, place); at++)
        if (object != search->outermost || search->format->comments[at]->key)
            search->found = true;
}

/* Does a comment stand inside the object, so that it cannot be written on one line? */
static bool has_comments(const struct format *format, const struct schema *schema,
                         const void *object, bool is_item)
{
    struct search search = {format, is_item ? object : NULL, false};
    if (format->comment_count > 0)
        walk_structs(schema, object, search_struct, &search);
    return search.found;
}

/* --- lines --- */

static bool ends_blank(const struct buffer *out)
{
    return out->size == 0 ||
           (out->size > 1 && out->data[out->size - 1] == '\n' && out->data[out->size - 2] == '\n');
}

static void blank_line(struct format *format)
{
    if (!ends_blank(&format->out))
        put_text(&format->out, "\n");
}

static void put_comment(struct format *format, int indent, const struct network_comment *comment)
{
    for (const char *line = comment ? comment->text : NULL; line;) {
        const char *newline = strchr(line, '\n');
        size_t size = newline ? (size_t)(newline - line) : strlen(line);
        if (size == 0) {
            blank_line(format);
        } else {
            put_spaces(&format->out, indent);
            put(&format->out, line, size);
            put_text(&format->out, "\n");
        }
        line = newline ? newline + 1 : NULL;
    }
}

static void begin_line(struct format *format, int indent, const struct network_comment *before)
{
    put_comment(format, format->dash_indent >= 0 ? format->dash_indent : indent, before);
    format->line_begin = format->out.size;
    if (format->dash_indent >= 0) {
        put_spaces(&format->out, format->dash_indent);
        put_text(&format->out, "- ");
        format->dash_indent = -1;
    } else {
        put_spaces(&format->out, indent);
    }
}

static void put_trailing(struct format *format, const struct network_comment *comment)
{
    if (!comment)
        return;
    put_text(&format->out, "  ");
    for (const char *at = comment->text; *at; at++)
        put(&format->out, *at == '\n' ? " " : at, 1);
}

static void end_line(struct format *format, const struct network_comment *trailing)
{
    put_trailing(format, format->owed);
    put_trailing(format, trailing);
    format->owed = NULL;
    put_text(&format->out, "\n");
}

/* --- what is written --- */

static bool is_written(const struct field *field, const void *object, int tag)
{
    size_t count;
    if (field->only && !(field->only >> tag & 1))
        return false;
    if (field->tag)
        return field->tag == tag;
    if (field->list || field->type == FIELD_OPTIONAL)
        return schema_items(object, field, &count) != NULL;
    const void *member = schema_member_const(object, field);
    if (field->type == FIELD_INLINE)
        return field->required || !walk_is_initial(field->of, object);
    if (field->type == FIELD_STRUCT)
        return field->required || !walk_is_initial(field->of, member);
    return field->required || !scalar_is_initial(field, member);
}

/* The one value that says the whole object; NULL: there is more to say. */
static const struct field *shorthand_of(const struct schema *schema, const void *object)
{
    for (size_t i = 0; schema->shorthand && i < schema->field_count; i++)
        if (strcmp(schema->fields[i].key, schema->shorthand) != 0 &&
            is_written(&schema->fields[i], object, 0))
            return NULL;
    return schema->shorthand ? schema_field(schema, schema->shorthand, 0) : NULL;
}

static const void *object_of(const void *object, const struct field *field)
{
    size_t count;
    if (field->type == FIELD_OPTIONAL)
        return schema_items(object, field, &count);
    return field->type == FIELD_INLINE ? object : schema_member_const(object, field);
}

/* --- on one line --- */

static void flow_object(struct buffer *out, const struct schema *schema, const void *object);

static void flow_scalar(struct buffer *out, const struct field *field, const void *member)
{
    char text[SCALAR_TEXT_BYTES];
    scalar_print(field, member, text, sizeof text);
    size_t size = strlen(text);
    bool quoted = size > 0 && text[size - 1] == ':'; /* 2001:db8::, or it would be a key */
    put_text(out, quoted ? "\"" : "");
    put_text(out, text);
    put_text(out, quoted ? "\"" : "");
}

/* Writes on as long as it can still fit; what is longer than a line is not used. */
static bool is_long(const struct buffer *out)
{
    return out->size > FORMAT_COLUMNS;
}

static void flow_list(struct buffer *out, const struct field *field, const void *object)
{
    size_t count, size = schema_item_size(field);
    const char *items = schema_items(object, field, &count);
    put_text(out, "[");
    for (size_t i = 0; i < count && !is_long(out); i++, items += size) {
        put_text(out, i ? ", " : "");
        if (field->of)
            flow_object(out, field->of, items);
        else
            flow_scalar(out, field, items);
    }
    put_text(out, "]");
}

static void flow_value(struct buffer *out, const struct field *field, const void *object)
{
    if (field->list)
        flow_list(out, field, object);
    else if (field->of)
        flow_object(out, field->of, object_of(object, field));
    else
        flow_scalar(out, field, schema_member_const(object, field));
}

static void flow_object(struct buffer *out, const struct schema *schema, const void *object)
{
    const struct field *shorthand = shorthand_of(schema, object);
    if (shorthand) {
        flow_scalar(out, shorthand, schema_member_const(object, shorthand));
        return;
    }
    const char *separator = "{";
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count && !is_long(out); i++) {
        const struct field *field = &schema->fields[i];
        if (!is_written(field, object, tag))
            continue;
        put_text(out, separator);
        put_text(out, field->key);
        put_text(out, ": ");
        flow_value(out, field, object);
        separator = ", ";
    }
    put_text(out, *separator == '{' ? "{}" : "}");
}

/* Puts the value behind "key:" on the present line, if it fits there; a single value always does.
 */
static bool put_flow(struct format *format, const struct field *field, const void *object)
{
    struct buffer flow = {0};
    put_text(&flow, " ");
    flow_value(&flow, field, object);
    bool fits = !(field->list || field->of) ||
                format->out.size - format->line_begin + flow.size <= FORMAT_COLUMNS;
    if (fits)
        put(&format->out, flow.data, flow.size);
    free(flow.data);
    return fits;
}

/* --- on several lines --- */

static void block_object(struct format *format, const struct schema *schema, const void *object,
                         struct place place, int indent);

static void block_item(struct format *format, const struct field *field, const void *item,
                       int indent)
{
    struct buffer flow = {0};
    format->dash_indent = indent;
    if (!field->of) {
        begin_line(format, indent, NULL);
        flow_scalar(&format->out, field, item);
        end_line(format, NULL);
        return;
    }
    struct place place;
    memcpy(&place, item, sizeof place);
    const struct network_comment *trailing = comment_at(format, place, NULL, true);
    put_comment(format, indent, comment_at(format, place, NULL, false));
    if (!has_comments(format, field->of, item, true)) {
        flow_object(&flow, field->of, item);
        if (flow.size + (size_t)indent + 2 <= FORMAT_COLUMNS || shorthand_of(field->of, item)) {
            begin_line(format, indent, NULL);
            put(&format->out, flow.data, flow.size);
            free(flow.data);
            end_line(format, trailing);
            return;
        }
        free(flow.data);
    }
    format->owed = trailing;
    block_object(format, field->of, item, place, indent + FORMAT_INDENT);
}

/* Behind "key:" on the present line: the value there, or on the lines below. */
static void put_value(struct format *format, const struct field *field, const void *object,
                      bool in_block, const struct network_comment *trailing, struct place place,
                      int indent)
{
    if (!in_block && put_flow(format, field, object)) {
        end_line(format, trailing);
        return;
    }
    end_line(format, trailing);
    indent += FORMAT_INDENT;
    if (!field->list) {
        const void *inner = object_of(object, field);
        if (field->type != FIELD_INLINE) {
            memcpy(&place, inner, sizeof place);
            put_comment(format, indent, comment_at(format, place, NULL, false));
            format->owed = comment_at(format, place, NULL, true);
        }
        block_object(format, field->of, inner, place, indent);
        return;
    }
    size_t count, size = schema_item_size(field);
    const char *items = schema_items(object, field, &count);
    for (size_t i = 0; i < count; i++)
        block_item(format, field, items + i * size, indent);
}

static bool holds_comments(const struct format *format, const struct field *field,
                           const void *object, struct place place)
{
    size_t count = 1, size = field->of ? schema_item_size(field) : 0;
    if (!field->of || format->comment_count == 0)
        return false;
    if (field->type == FIELD_INLINE) {
        for (size_t i = 0; i < field->of->field_count; i++)
            if (comment_at(format, place, field->of->fields[i].key, false) ||
                comment_at(format, place, field->of->fields[i].key, true))
                return true;
        return has_comments(format, field->of, object, false);
    }
    const char *items =
        field->list ? schema_items(object, field, &count) : object_of(object, field);
    for (size_t i = 0; i < count; i++)
        if (has_comments(format, field->of, items + i * size, false))
            return true;
    return false;
}

static void block_object(struct format *format, const struct schema *schema, const void *object,
                         struct place place, int indent)
{
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 1;
        if (!is_written(field, object, tag))
            continue;
        if (field->list)
            schema_items(object, field, &count);
        bool is_top = schema == &schema_network;
        bool in_block =
            (is_top && field->list && count > 0) || holds_comments(format, field, object, place);
        if (is_top)
            blank_line(format);
        begin_line(format, indent, comment_at(format, place, field->key, false));
        put_text(&format->out, field->key);
        put_text(&format->out, ":");
        put_value(format, field, object, in_block, comment_at(format, place, field->key, true),
                  place, indent);
    }
}

void network_format(const struct network *network, FILE *out)
{
    struct format format = {.dash_indent = -1};
    const struct place end = {0};
    sort_comments(&format, network);
    put_comment(&format, 0, comment_at(&format, network->place, NULL, false));
    size_t head_size = format.out.size;
    block_object(&format, &schema_network, network, network->place, 0);
    if (format.out.size == head_size) /* a file of comments alone says nothing */
        put_text(&format.out, "{}\n");
    for (size_t i = 0; i < format.comment_count; i++)
        if (compare_places(format.comments[i]->before, end) == 0)
            put_comment(&format, 0, format.comments[i]);
    fwrite(format.out.data, 1, format.out.size, out);
    free(format.out.data);
    free(format.comments);
}
