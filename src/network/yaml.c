#include "network/yaml.h"

#include "network/memory.h"
#include "network/utf8.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

struct loader {
    struct yaml *yaml;
    struct diagnostics *diagnostics;
    struct slice text;
    struct yaml_node *open[YAML_DEPTH_MAX]; /* maps and lists not yet closed */
    struct yaml_node *key[YAML_DEPTH_MAX];  /* of the member to come */
    unsigned depth;
    unsigned documents;
    bool failed;
};

static void *arena_get(void *ctx, size_t size_bytes)
{
    (void)ctx;
    return memory_zeroed(size_bytes, 1);
}

static void arena_put(void *ctx, void *block, size_t size_bytes)
{
    (void)ctx;
    explicit_bzero(block, size_bytes); /* keys may be in it */
    free(block);
}

/* --- the text as bytes --- */

static bool is_forbidden(uint32_t code, bool before_newline)
{
    bool control = code < ' ' && code != '\t' && code != '\n' && !(code == '\r' && before_newline);
    return control || code == 0x7f || (code >= 0x80 && code < 0xa0 && code != 0x85) ||
           code == 0xfffe || code == 0xffff;
}

/* YAML 1.2.2, 5.1: UTF-8, printable characters only. Lines are bounded because libfyaml cannot let
 * go of a line's tokens before it has seen whether the line is a key. */
static bool bytes_are_sound(struct slice text, struct diagnostics *diagnostics)
{
    const char *bytes = (const char *)text.data;
    struct place place = {1, 1};
    size_t line_begin = 0;
    for (size_t at = 0, step; at < text.size; at += step, place.column++) {
        uint32_t code = utf8_at(bytes + at, text.size - at, &step);
        if (code == UTF8_BAD) {
            diagnostics_add(diagnostics, place, 1, "expected UTF-8", "byte 0x%02x is not UTF-8",
                            text.data[at]);
            return false;
        }
        bool before_newline = at + 1 < text.size && bytes[at + 1] == '\n';
        if (is_forbidden(code, before_newline)) {
            diagnostics_add(diagnostics, place, 1, "expected text", "control character U+%04X",
                            code);
            return false;
        }
        if (at - line_begin > YAML_LINE_MAX) {
            diagnostics_add(diagnostics, (struct place){place.line, 1}, 1, "break it into lines",
                            "line %u is longer than %d KiB", place.line, YAML_LINE_MAX >> 10);
            return false;
        }
        if (code == '\n') {
            place = (struct place){place.line + 1, 0};
            line_begin = at + 1;
        }
    }
    return true;
}

/* --- nodes --- */

static struct place place_of(const struct fy_mark *mark)
{
    return mark ? (struct place){(unsigned)mark->line + 1, (unsigned)mark->column + 1}
                : (struct place){0};
}

static unsigned width_of(struct slice text, size_t begin, size_t end)
{
    unsigned width = 0;
    const char *bytes = (const char *)text.data;
    for (size_t step; begin < end && begin < text.size && bytes[begin] != '\n'; begin += step) {
        utf8_at(bytes + begin, text.size - begin, &step);
        width++;
    }
    return width ? width : 1;
}

static struct yaml_node *node_make(struct loader *loader, enum yaml_kind kind)
{
    struct yaml_node *node = arena_take(&loader->yaml->arena, sizeof *node);
    node->kind = kind;
    node->width = 1;
    loader->yaml->node_count++;
    return node;
}

static struct yaml_node *scalar_make(struct loader *loader, struct fy_token *token)
{
    struct yaml_node *node = node_make(loader, YAML_SCALAR);
    size_t size = 0;
    const char *text = token ? fy_token_get_text(token, &size) : NULL;
    char *copy = arena_take(&loader->yaml->arena, size + 1);
    if (text)
        memcpy(copy, text, size);
    node->text = copy;
    node->size = text ? (uint32_t)size : 0;
    const struct fy_mark *begin = token ? fy_token_start_mark(token) : NULL;
    const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;
    if (!begin || !end)
        return node;
    enum fy_scalar_style style = fy_token_scalar_style(token);
    bool quotes = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    node->quoted = style != FYSS_PLAIN;
    node->place = place_of(begin);
    node->begin = (uint32_t)begin->input_pos;
    node->end = (uint32_t)end->input_pos;
    if (quotes && node->begin > 0) { /* libfyaml's marks stand inside the quotes */
        node->place.column--;
        node->begin--;
        node->end++;
    }
    node->width = width_of(loader->text, node->begin, node->end);
    return node;
}

static void fail(struct loader *loader, struct place place, unsigned width, const char *hint,
                 const char *message)
{
    loader->failed = true;
    diagnostics_add(loader->diagnostics, place, width, hint, "%s", message);
}

/* Puts a node where it belongs. false: it cannot stand there, and reading ends. */
static bool attach(struct loader *loader, struct yaml_node *node)
{
    if (loader->yaml->node_count > YAML_NODES_MAX) {
        fail(loader, node->place, 1, NULL, "the file has more than a million values");
        return false;
    }
    if (loader->depth == 0) {
        loader->yaml->root = node;
        return true;
    }
    struct yaml_node *parent = loader->open[loader->depth - 1];
    struct yaml_node **key = &loader->key[loader->depth - 1];
    if (parent->kind == YAML_MAP && !*key) {
        if (node->kind != YAML_SCALAR) {
            fail(loader, node->place, 1, "expected a word and a colon", "a key must be a word");
            return false;
        }
        *key = node;
        return true;
    }
    node->key = *key;
    *key = NULL;
    if (!node->place.line) { /* an empty value has no place of its own */
        node->place = node->key ? node->key->place : parent->place;
        node->width = node->key ? node->key->width : 1;
    }
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    parent->count++;
    return true;
}

static bool open_node(struct loader *loader, enum yaml_kind kind, const struct fy_mark *mark)
{
    struct yaml_node *node = node_make(loader, kind);
    node->place = place_of(mark);
    if (loader->depth == YAML_DEPTH_MAX) {
        fail(loader, node->place, 1, NULL, "lists and maps are nested more than 32 deep");
        return false;
    }
    if (!attach(loader, node))
        return false;
    loader->key[loader->depth] = NULL;
    loader->open[loader->depth++] = node;
    return true;
}

/* --- events --- */

/* Bombs are made of aliases, and types come from the schema, not from tags. */
static void refuse_properties(struct loader *loader, struct fy_event *event)
{
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    struct fy_token *tag = fy_event_get_tag_token(event);
    if (anchor)
        fail(loader, place_of(fy_token_start_mark(anchor)), 1, "write the value out",
             "anchors and aliases are not read");
    if (tag)
        fail(loader, place_of(fy_token_start_mark(tag)), 1, "leave it out", "tags are not read");
}

static bool begin_document(struct loader *loader, struct fy_event *event)
{
    if (loader->documents++ == 0)
        return true;
    fail(loader, place_of(fy_event_start_mark(event)), 1, NULL,
         "a second document begins here; a file holds one network");
    return false;
}

static bool take_alias(struct loader *loader, struct fy_event *event)
{
    fail(loader, place_of(fy_event_start_mark(event)), 1, "write the value out",
         "anchors and aliases are not read");
    return attach(loader, scalar_make(loader, NULL));
}

/* false: reading ends here. */
static bool take(struct loader *loader, struct fy_event *event)
{
    switch ((int)event->type) {
    case FYET_DOCUMENT_START:
        return begin_document(loader, event);
    case FYET_MAPPING_START:
        refuse_properties(loader, event);
        return open_node(loader, YAML_MAP, fy_event_start_mark(event));
    case FYET_SEQUENCE_START:
        refuse_properties(loader, event);
        return open_node(loader, YAML_LIST, fy_event_start_mark(event));
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        loader->depth--;
        return true;
    case FYET_SCALAR:
        refuse_properties(loader, event);
        return attach(loader, scalar_make(loader, event->scalar.value));
    case FYET_ALIAS:
        return take_alias(loader, event);
    default:
        return true;
    }
}

/* --- what libfyaml found wrong --- */

static const struct {
    const char *said, *hint;
} plainer[] = {
    {"invalid multiline plain key", "the next line is indented as if it went on with this one"},
    {"did not find expected node content", "a value is missing here"},
    {"wrongly indented flow", "indent it deeper than the key it belongs to"},
    {"without a closing", "a bracket is not closed"},
};

static bool line_begins_with_tab(struct slice text, unsigned number)
{
    struct slice line = diagnostics_line(text, number);
    size_t at = 0;
    while (at < line.size && line.data[at] == ' ')
        at++;
    return at < line.size && line.data[at] == '\t';
}

static const char *hint_of(struct loader *loader, const char *said, unsigned line)
{
    for (unsigned l = line; l <= line + 1; l++)
        if (line_begins_with_tab(loader->text, l))
            return "a tab indents here; YAML wants spaces";
    for (size_t i = 0; i < sizeof plainer / sizeof *plainer; i++)
        if (strstr(said, plainer[i].said))
            return plainer[i].hint;
    return NULL;
}

/* The bracket at a place, or 0. */
static char bracket_at(struct slice text, struct place place)
{
    struct slice line = diagnostics_line(text, place.line);
    size_t at = 0;
    for (size_t step; place.column > 1 && at < line.size; at += step, place.column--)
        utf8_at((const char *)line.data + at, line.size - at, &step);
    bool found = at < line.size && (line.data[at] == '[' || line.data[at] == '{');
    return found ? (char)line.data[at] : 0;
}

/* Is there nothing from that line on? */
static bool ends_at(struct slice text, unsigned number)
{
    struct slice line = diagnostics_line(text, number);
    const uint8_t *at = line.data, *end = text.data + text.size;
    while (at && at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return !at || at == end;
}

static void report_syntax(struct loader *loader, struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
    if (!error) {
        fail(loader, (struct place){0}, 1, NULL, "this is not YAML");
        return;
    }
    struct place place = {error->line > 0 ? (unsigned)error->line : 1,
                          error->column > 0 ? (unsigned)error->column : 1};
    loader->failed = true;
    struct yaml_node *inner = loader->depth ? loader->open[loader->depth - 1] : NULL;
    char bracket = inner ? bracket_at(loader->text, inner->place) : 0;
    if (bracket && (strstr(error->msg, "closing") || ends_at(loader->text, place.line))) {
        diagnostics_add(loader->diagnostics, inner->place, 1, NULL, "this %c is never closed",
                        bracket);
        return;
    }
    diagnostics_add(loader->diagnostics, place, 1, hint_of(loader, error->msg, place.line),
                    "this is not YAML: %s", error->msg);
}

static void load(struct loader *loader)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE |
                 FYPCF_SLOPPY_FLOW_INDENTATION,
        .diag = diag,
    };
    struct fy_parser *parser = diag ? fy_parser_create(&config) : NULL;
    if (!parser) {
        fail(loader, (struct place){0}, 1, NULL, "the YAML reader cannot be started");
        fy_diag_destroy(diag);
        return;
    }
    fy_diag_set_collect_errors(diag, true);
    bool going =
        fy_parser_set_string(parser, (const char *)loader->text.data, loader->text.size) == 0;
    while (going) {
        struct fy_event *event = fy_parser_parse(parser);
        if (!event)
            break;
        going = take(loader, event);
        fy_parser_event_free(parser, event);
    }
    if (going && !loader->failed && fy_parser_get_stream_error(parser))
        report_syntax(loader, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
}

bool yaml_read(struct slice text, struct diagnostics *diagnostics, struct yaml *ret_yaml)
{
    *ret_yaml = (struct yaml){0};
    budget_init(&ret_yaml->budget, (struct alloc){NULL, arena_get, arena_put}, 0);
    arena_init(&ret_yaml->arena, &ret_yaml->budget, 64 << 10);
    if (text.size > YAML_BYTES_MAX) {
        diagnostics_add(diagnostics, (struct place){0}, 1, NULL,
                        "the file is larger than %d MiB and was not read", YAML_BYTES_MAX >> 20);
        return false;
    }
    if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        text = (struct slice){text.data + 3, text.size - 3};
    ret_yaml->text = text;
    if (!bytes_are_sound(text, diagnostics))
        return false;
    struct loader loader = {.yaml = ret_yaml, .diagnostics = diagnostics, .text = text};
    if (text.size > 0)
        load(&loader);
    return !loader.failed;
}

void yaml_done(struct yaml *yaml)
{
    arena_done(&yaml->arena);
    yaml->root = NULL;
}

bool yaml_is_nothing(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->quoted &&
           (node->size == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

struct quoted yaml_describe(const struct yaml_node *node)
{
    if (node->kind == YAML_LIST)
        return (struct quoted){"a list"};
    if (node->kind == YAML_MAP)
        return (struct quoted){"a map"};
    if (yaml_is_nothing(node))
        return (struct quoted){"nothing"};
    struct quoted text = diagnostics_quote(node->text, node->size), framed;
    snprintf(framed.text, sizeof framed.text, node->quoted ? "\"%.70s\"" : "%.70s", text.text);
    return framed;
}
