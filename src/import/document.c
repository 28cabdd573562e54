#include "import/document.h"

#include "import/remark.h"
#include "network/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- the text before it is parsed: how deep, how much, and where things begin --- */

struct scan {
    struct document *document;
    size_t at;
    unsigned line;
    unsigned depth;
    size_t value_count;
    bool in_list[IMPORT_DEPTH_MAX + 1]; /* by depth */
    bool expects_item;                  /* the next value begins an element of a root's list */
};

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Behind the string that begins at `at`; at the text's end when it never ends. */
static size_t string_end(struct slice text, size_t at)
{
    for (at++; at < text.size; at++) {
        if (text.data[at] == '\\')
            at++;
        else if (text.data[at] == '"')
            return at + 1;
    }
    return text.size;
}

static void note_start(struct scan *scan)
{
    struct document *document = scan->document;
    document->starts = memory_grow(document->starts, document->start_count, &document->start_cap,
                                   sizeof *document->starts);
    document->starts[document->start_count++] =
        (struct document_start){.offset = scan->at, .line = scan->line};
}

static void note_member(struct scan *scan)
{
    struct document *document = scan->document;
    document->firsts = memory_grow(document->firsts, document->first_count, &document->first_cap,
                                   sizeof *document->firsts);
    document->firsts[document->first_count++] = document->start_count;
}

static void enter(struct scan *scan, bool is_list)
{
    scan->depth++;
    if (scan->depth <= IMPORT_DEPTH_MAX)
        scan->in_list[scan->depth] = is_list;
    scan->expects_item = is_list && scan->depth == 2;
}

static void scan_mark(struct scan *scan, uint8_t byte)
{
    bool in_root_list = scan->depth == 2 && scan->in_list[2];
    if (scan->expects_item && !is_space(byte) && byte != ']')
        note_start(scan);
    if (!is_space(byte))
        scan->expects_item = false;
    if (byte == '{' || byte == '[')
        enter(scan, byte == '[');
    else if ((byte == '}' || byte == ']') && scan->depth > 0)
        scan->depth--;
    else if (byte == ':' && scan->depth == 1)
        note_member(scan);
    else if (byte == ',' && in_root_list)
        scan->expects_item = true;
    scan->value_count += byte == ',' || byte == ':' || byte == '[' || byte == '{';
}

static struct import_place place_of(const struct document *document, unsigned line)
{
    return (struct import_place){.file = document->name, .line = line};
}

static bool scan_text(struct document *document)
{
    struct scan scan = {.document = document, .line = 1};
    struct slice text = document->text;
    while (scan.at < text.size) {
        uint8_t byte = text.data[scan.at];
        scan_mark(&scan, byte);
        if (scan.depth > IMPORT_DEPTH_MAX || scan.value_count > IMPORT_VALUES_MAX) {
            remark_say(document->remarks, IMPORT_WRONG, place_of(document, scan.line), NULL,
                       scan.depth > IMPORT_DEPTH_MAX
                           ? "nested more than %d levels deep; the file is left out"
                           : "more than %d values; the file is left out",
                       scan.depth > IMPORT_DEPTH_MAX ? IMPORT_DEPTH_MAX : IMPORT_VALUES_MAX);
            return false;
        }
        size_t next = byte == '"' ? string_end(text, scan.at) : scan.at + 1;
        for (; scan.at < next; scan.at++)
            scan.line += text.data[scan.at] == '\n';
    }
    return true;
}

/* --- parsing --- */

/* Without jansson's own words: they quote the text, and the text may be a key. */
static const char *what_is_wrong(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_premature_end_of_input:
        return "ends in the middle; expected the whole answer of the aws command";
    case json_error_invalid_utf8:
        return "is not UTF-8; expected UTF-8 as the aws command writes it";
    case json_error_duplicate_key:
        return "says the same key twice in one object";
    case json_error_numeric_overflow:
        return "has a number too large";
    case json_error_end_of_input_expected:
        return "goes on behind its end; expected one JSON object";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "has a zero byte in a text";
    case json_error_unknown:
    case json_error_out_of_memory:
    case json_error_stack_overflow:
    case json_error_cannot_open_file:
    case json_error_invalid_argument:
    case json_error_invalid_syntax:
    case json_error_invalid_format:
    case json_error_wrong_type:
    case json_error_null_value:
    case json_error_item_not_found:
    case json_error_index_out_of_range:
    default:
        return "is not JSON; expected the answer of an aws command with --output json";
    }
}

static bool parse(struct document *document)
{
    json_error_t error;
    struct slice text = document->text;
    document->root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!document->root) {
        unsigned line = error.line > 0 ? (unsigned)error.line : 0;
        remark_say(document->remarks, IMPORT_WRONG, place_of(document, line), NULL,
                   "the file %s; it is left out", what_is_wrong(&error));
        return false;
    }
    if (json_is_object(document->root))
        return true;
    remark_say(document->remarks, IMPORT_WRONG, place_of(document, 1), NULL,
               "the file is a JSON list; expected an object such as {\"Vpcs\": [...]}; it is left"
               " out");
    return false;
}

/* UTF-16, as a shell's redirection may write it. */
static bool is_wide(struct slice text)
{
    return text.size >= 2 && ((text.data[0] == 0xff && text.data[1] == 0xfe) ||
                              (text.data[0] == 0xfe && text.data[1] == 0xff));
}

static struct slice without_mark(struct slice text)
{
    bool marked = text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0;
    return marked ? (struct slice){text.data + 3, text.size - 3} : text;
}

bool document_read(struct document *ret_document, const char *name, struct slice text,
                   struct import_remarks *remarks)
{
    const char *refusal = NULL;
    *ret_document = (struct document){.name = name, .text = without_mark(text), .remarks = remarks};
    if (text.size > IMPORT_FILE_MAX)
        refusal = "the file is larger than 64 MiB; it is left out";
    else if (is_wide(text))
        refusal = "the file is UTF-16; expected UTF-8; it is left out";
    else if (ret_document->text.size == 0)
        refusal = "the file is empty; expected the answer of an aws command; it is left out";
    if (refusal)
        remark_say(remarks, IMPORT_WRONG, (struct import_place){.file = name}, NULL, "%s", refusal);
    return !refusal && scan_text(ret_document) && parse(ret_document);
}

void document_done(struct document *document)
{
    json_decref(document->root);
    free(document->starts);
    free(document->firsts);
    *document = (struct document){0};
}

/* --- places; the text is known to be JSON --- */

struct spot {
    struct slice text;
    size_t at;
    unsigned line;
};

static void spot_to(struct spot *spot, size_t at)
{
    for (; spot->at < at; spot->at++)
        spot->line += spot->text.data[spot->at] == '\n';
}

static void skip_space(struct spot *spot)
{
    while (spot->at < spot->text.size && is_space(spot->text.data[spot->at]))
        spot_to(spot, spot->at + 1);
}

static void skip_value(struct spot *spot)
{
    unsigned depth = 0;
    for (; spot->at < spot->text.size;) {
        uint8_t byte = spot->text.data[spot->at];
        bool ends = byte == ',' || byte == '}' || byte == ']' || byte == ':';
        if (depth == 0 && ends)
            return;
        depth += byte == '{' || byte == '[';
        depth -= byte == '}' || byte == ']';
        spot_to(spot, byte == '"' ? string_end(spot->text, spot->at) : spot->at + 1);
    }
}

static bool is_key(const struct spot *spot, const char *key)
{
    size_t size = strlen(key);
    return spot->text.size - spot->at >= size + 2 &&
           memcmp(spot->text.data + spot->at + 1, key, size) == 0 &&
           spot->text.data[spot->at + 1 + size] == '"';
}

/* From the beginning of an object or list to the value at the step. */
static bool descend(struct spot *spot, const struct document_step *step)
{
    spot_to(spot, spot->at + 1);
    for (size_t index = 0;; index++) {
        skip_space(spot);
        if (spot->at >= spot->text.size || spot->text.data[spot->at] == '}' ||
            spot->text.data[spot->at] == ']')
            return false;
        bool found = step->key ? is_key(spot, step->key) : index == step->index;
        if (step->key) {
            skip_value(spot); /* the key */
            spot_to(spot, spot->at + 1);
            skip_space(spot);
        }
        if (found)
            return true;
        skip_value(spot);
        if (spot->at < spot->text.size && spot->text.data[spot->at] == ',')
            spot_to(spot, spot->at + 1);
    }
}

/* The element of a root's list from which the way can begin; false: from the root. */
static bool begin_at(const struct document *document, const struct document_step *steps,
                     size_t step_count, struct spot *spot)
{
    if (step_count < 2 || steps[1].key || document->member >= document->first_count)
        return false;
    size_t start = document->firsts[document->member] + steps[1].index;
    if (start >= document->start_count)
        return false;
    spot->at = document->starts[start].offset;
    spot->line = document->starts[start].line;
    return true;
}

/* A list of many elements is read from its beginning to its end: each is sought from the one
 * before. */
static size_t resume(const struct document *document, const struct document_step *steps,
                     struct spot *spot)
{
    const struct document_cursor *cursor = &document->cursor;
    if (!cursor->key || cursor->member != document->member || cursor->element != steps[1].index ||
        cursor->index > steps[3].index || strcmp(cursor->key, steps[2].key) != 0)
        return 2;
    struct spot at = {.text = spot->text, .at = cursor->offset, .line = cursor->line};
    for (size_t index = cursor->index; index < steps[3].index; index++) {
        skip_value(&at); /* and the blanks behind it */
        if (at.at >= at.text.size || at.text.data[at.at] != ',')
            return 2;
        spot_to(&at, at.at + 1);
        skip_space(&at);
    }
    *spot = at;
    return 4;
}

static void remember(struct document *document, const struct document_step *steps,
                     const struct spot *spot)
{
    document->cursor = (struct document_cursor){.member = document->member,
                                                .element = steps[1].index,
                                                .key = steps[2].key,
                                                .index = steps[3].index,
                                                .offset = spot->at,
                                                .line = spot->line};
}

unsigned document_line(struct document *document, const struct document_step *steps,
                       size_t step_count)
{
    struct spot spot = {.text = document->text, .line = 1};
    size_t at = begin_at(document, steps, step_count, &spot) ? 2 : 0;
    bool in_list = at == 2 && step_count >= 4 && steps[2].key && !steps[3].key;
    if (at == 0)
        skip_space(&spot);
    if (in_list)
        at = resume(document, steps, &spot);
    if (at == 4)
        remember(document, steps, &spot);
    while (at < step_count && descend(&spot, &steps[at])) {
        at++;
        if (at == 4 && in_list)
            remember(document, steps, &spot);
    }
    return spot.line;
}
