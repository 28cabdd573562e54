#include "network/read.h"

#include "network/memory.h"
#include "network/scalar.h"
#include "network/suggest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 32 };

/* What one map's members are read into. */
struct target {
    const struct schema *schema;
    void *object;
    struct place place; /* of the object, or of what it is inlined in */
    int tag;
};

static void read_object(struct reading *reading, const struct schema *schema,
                        const struct yaml_node *node, void *object, struct place outer);

void reading_done(struct reading *reading)
{
    free(reading->marks.items);
    free(reading->anchors);
}

/* --- what is remembered about places --- */

static void mark(struct reading *reading, const void *member, const struct yaml_node *node,
                 bool wrong)
{
    struct marks *marks = &reading->marks;
    marks->items = memory_grow(marks->items, marks->count, &marks->cap, sizeof *marks->items);
    marks->items[marks->count++] = (struct mark){member, node->place, node->width, wrong};
}

static void anchor(struct reading *reading, struct place at, struct place owner, const char *key)
{
    reading->anchors = memory_grow(reading->anchors, reading->anchor_count, &reading->anchor_cap,
                                   sizeof *reading->anchors);
    reading->anchors[reading->anchor_count++] = (struct anchor){at, owner, key};
}

/* --- errors --- */

#define SAY(reading, node, hint, ...)                                                              \
    diagnostics_add((reading)->diagnostics, (node)->place, (node)->width, (hint), __VA_ARGS__)

/* Appends ", word" or the first word; what does not fit is left out. */
static void list_word(char *buffer, size_t cap, const char *first, const char *word)
{
    size_t used = strlen(buffer);
    snprintf(buffer + used, cap - used, "%s%s", used ? ", " : first, word);
}

/* The key exists, but only beside other alternatives than the one taken. */
static void out_of_place(struct reading *reading, const struct schema *schema,
                         const struct field *field, const struct yaml_node *key)
{
    char hint[200] = "";
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].tag && field->only >> schema->fields[i].tag & 1)
            list_word(hint, sizeof hint, "it goes with ", schema->fields[i].key);
    SAY(reading, key, hint, "\"%s\" does not go with what this %s is about", field->key,
        schema->noun);
}

/* Says so, and which field was probably meant; NULL: none. */
static const struct field *unknown_key(struct reading *reading, const struct target *target,
                                       const struct yaml_node *key)
{
    const struct schema *schema = target->schema;
    char hint[400] = "";
    struct suggestion suggestion = suggest_for(key->text);
    const struct field *elsewhere = NULL;
    for (size_t i = 0; i < schema->field_count; i++) {
        suggest_offer(&suggestion, schema->fields[i].key, i);
        if (strcmp(schema->fields[i].key, key->text) == 0)
            elsewhere = &schema->fields[i];
        if (i == 0 || strcmp(schema->fields[i].key, schema->fields[i - 1].key) != 0)
            list_word(hint, sizeof hint, "expected one of ", schema->fields[i].key);
    }
    struct quoted quoted = diagnostics_quote(key->text, key->size);
    if (elsewhere) {
        out_of_place(reading, schema, elsewhere, key);
        return elsewhere;
    }
    if (suggestion.nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", suggestion.nearest);
    SAY(reading, key, hint, "\"%s\" is not a key of %s", quoted.text, schema->noun);
    return suggestion.nearest ? &schema->fields[suggestion.index] : NULL;
}

static void wrong_type(struct reading *reading, const struct yaml_node *node, const char *key,
                       const char *wanted, const char *hint)
{
    if (yaml_is_nothing(node))
        SAY(reading, node, hint, "\"%s\" has no value", key);
    else
        SAY(reading, node, hint, "\"%s\" must be %s, not %s", key, wanted,
            yaml_describe(node).text);
}

static void wrong_scalar(struct reading *reading, const struct field *field,
                         const struct yaml_node *node, const struct scalar_verdict *verdict)
{
    char hint[200];
    struct suggestion suggestion = suggest_for(node->text);
    for (const struct choice *choice = field->choices; choice && choice->text; choice++)
        suggest_offer(&suggestion, choice->text, 0);
    if (suggestion.nearest)
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", suggestion.nearest);
    else
        snprintf(hint, sizeof hint, "expected %s", verdict->expected);
    if (field->type == FIELD_SECRET) /* never in a message */
        SAY(reading, node->key, hint, "%s: the key %s", field->key, verdict->problem);
    else
        SAY(reading, node, hint, "%s: %s %s", field->key, yaml_describe(node).text,
            verdict->problem);
}

/* --- scalars and lists --- */

static bool is_typed(const struct field *field)
{
    return field->type == FIELD_BOOL || field->type == FIELD_NUMBER || field->type == FIELD_ASN ||
           field->type == FIELD_PATH_ASN;
}

static void read_scalar(struct reading *reading, const struct field *field,
                        const struct yaml_node *node, void *member)
{
    if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
        wrong_type(reading, node, field->key, "one value", NULL);
        return;
    }
    struct scalar_verdict verdict = {.problem = "is text", .expected = "it without quotes"};
    if (!node->quoted || !is_typed(field))
        verdict = scalar_parse(field, node->text, node->size, member);
    mark(reading, member, node, !verdict.fine);
    if (!verdict.fine) {
        wrong_scalar(reading, field, node, &verdict);
        return;
    }
    if (field->type == FIELD_REF || field->type == FIELD_DEFINE) {
        size_t offset = offsetof(struct network_ref, place);
        memcpy((char *)member + offset, &node->place, sizeof node->place);
    }
}

static bool length_fits(struct reading *reading, const struct field *field,
                        const struct yaml_node *node)
{
    char hint[64];
    bool fits = node->count >= field->least && (!field->most || node->count <= field->most);
    if (fits)
        return true;
    if (field->least == 0)
        snprintf(hint, sizeof hint, "expected %u at most", field->most);
    else
        snprintf(hint, sizeof hint, "expected %u to %u", field->least, field->most);
    SAY(reading, node->key, hint, "\"%s\" has %u items", field->key, node->count);
    return false;
}

static void read_list(struct reading *reading, const struct field *field,
                      const struct yaml_node *node, const struct target *target)
{
    if (node->kind != YAML_LIST) {
        wrong_type(reading, node, field->key, "a list",
                   "expected [], [one, two] or lines that begin with -");
        return;
    }
    if (!length_fits(reading, field, node))
        return;
    size_t size = schema_item_size(field);
    char *items = memory_zeroed(node->count, size);
    schema_items_set(target->object, field, items, node->count);
    for (const struct yaml_node *item = node->first; item; item = item->next, items += size) {
        if (field->type == FIELD_STRUCT)
            read_object(reading, field->of, item, items, target->place);
        else
            read_scalar(reading, field, item, items);
    }
}

static void read_field(struct reading *reading, const struct field *field,
                       const struct yaml_node *node, const struct target *target)
{
    void *member = schema_member(target->object, field);
    if (field->list || (field->of && field->type != FIELD_INLINE))
        mark(reading, member, node->key, false);
    if (field->list) {
        read_list(reading, field, node, target);
    } else if (field->type == FIELD_OPTIONAL) {
        void *object = memory_zeroed(1, field->of->size);
        schema_items_set(target->object, field, object, 1);
        read_object(reading, field->of, node, object, target->place);
    } else if (field->type == FIELD_STRUCT) {
        read_object(reading, field->of, node, member, target->place);
    } else if (field->type == FIELD_INLINE) {
        read_object(reading, field->of, node, target->object, target->place);
    } else {
        read_scalar(reading, field, node, member);
    }
}

/* --- maps --- */

static const struct yaml_node *member_called(const struct yaml_node *map, const char *key)
{
    for (const struct yaml_node *member = map->first; member; member = member->next)
        if (strcmp(member->key->text, key) == 0)
            return member;
    return NULL;
}

static int tag_of(const struct schema *schema, const char *key)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].tag && strcmp(schema->fields[i].key, key) == 0)
            return schema->fields[i].tag;
    return 0;
}

/* Which alternative the map takes, written into the object; complains of a second one. */
static void take_tag(struct reading *reading, struct target *target, const struct yaml_node *node)
{
    const struct schema *schema = target->schema;
    const struct yaml_node *taken = NULL;
    for (const struct yaml_node *member = node->first; member; member = member->next) {
        int tag = tag_of(schema, member->key->text);
        if (!tag || tag == target->tag)
            continue;
        if (taken) {
            SAY(reading, member->key, "one is enough", "\"%s\" stands beside \"%s\"",
                member->key->text, taken->key->text);
            continue;
        }
        taken = member;
        target->tag = tag;
        memcpy((char *)target->object + schema->tag_offset, &tag, sizeof tag);
    }
}

static void need_tag(struct reading *reading, const struct schema *schema,
                     const struct yaml_node *node)
{
    char names[200] = "";
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].tag)
            list_word(names, sizeof names, "", schema->fields[i].key);
    SAY(reading, node, NULL, "%s needs one of %s", schema->noun, names);
}

static bool is_told_twice(struct reading *reading, const struct yaml_node *member,
                          const struct yaml_node *const *seen)
{
    if (*seen)
        SAY(reading, member->key, "leave one out", "\"%s\" is written twice (first on line %u)",
            member->key->text, (*seen)->key->place.line);
    return *seen != NULL;
}

static void need_fields(struct reading *reading, const struct target *target,
                        const struct yaml_node *node, const bool *told, bool tag_meant)
{
    const struct schema *schema = target->schema;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].required && !told[i])
            SAY(reading, node, schema->fields[i].sentence, "%s needs \"%s\"", schema->noun,
                schema->fields[i].key);
    if (schema->tagged && !target->tag && !tag_meant)
        need_tag(reading, schema, node);
    if (node->count < schema->least_members)
        SAY(reading, node, NULL, "%s changes nothing", schema->noun);
}

static void read_members(struct reading *reading, struct target *target,
                         const struct yaml_node *node)
{
    const struct schema *schema = target->schema;
    const struct yaml_node *seen[FIELDS_MAX] = {0};
    bool told[FIELDS_MAX] = {0}, tag_meant = false;
    assert(schema->field_count <= FIELDS_MAX);
    for (const struct yaml_node *member = node->first; member; member = member->next) {
        const struct field *field = schema_field(schema, member->key->text, target->tag);
        const struct field *meant = field ? field : unknown_key(reading, target, member->key);
        if (meant) { /* a key that was only misspelled is not missing, too */
            told[meant - schema->fields] = true;
            tag_meant = tag_meant || meant->tag;
        }
        if (!field || is_told_twice(reading, member, &seen[field - schema->fields]))
            continue;
        seen[field - schema->fields] = member;
        anchor(reading, member->key->place, target->place, field->key);
        if (!field->tag || field->tag == target->tag)
            read_field(reading, field, member, target);
    }
    need_fields(reading, target, node, told, tag_meant);
}

static void read_shorthand(struct reading *reading, const struct target *target,
                           const struct yaml_node *node)
{
    const struct field *field = schema_field(target->schema, target->schema->shorthand, 0);
    read_scalar(reading, field, node, schema_member(target->object, field));
}

/* outer: the place of the struct that this one lies in. */
static void read_object(struct reading *reading, const struct schema *schema,
                        const struct yaml_node *node, void *object, struct place outer)
{
    struct target target = {schema, object, outer, 0};
    if (!schema->inlined) {
        const struct yaml_node *id = node->kind == YAML_MAP ? member_called(node, "id") : NULL;
        schema_initialize(schema, object);
        target.place = id ? id->place : node->place;
        memcpy(object, &target.place, sizeof target.place);
        anchor(reading, node->place, target.place, NULL);
    }
    if (node->kind == YAML_SCALAR && schema->shorthand && !yaml_is_nothing(node)) {
        read_shorthand(reading, &target, node);
        return;
    }
    if (node->kind != YAML_MAP) {
        SAY(reading, node, "expected a map, such as {key: value}", "%s is expected here, not %s",
            schema->noun, yaml_describe(node).text);
        return;
    }
    if (schema->tagged)
        take_tag(reading, &target, node);
    read_members(reading, &target, node);
}

void read_struct(struct reading *reading, const struct schema *schema, const struct yaml_node *node,
                 void *object)
{
    read_object(reading, schema, node, object, (struct place){0});
}
