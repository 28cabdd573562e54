#include "network/walk.h"

#include "network/memory.h"
#include "network/scalar.h"

#include <stdlib.h>
#include <string.h>

static bool is_struct(const struct field *field)
{
    return field->of != NULL;
}

static bool is_text(const struct field *field)
{
    return field->type == FIELD_ID || field->type == FIELD_TEXT || field->type == FIELD_PATH ||
           field->type == FIELD_DEVICE || field->type == FIELD_SECRET;
}

static bool is_ref(const struct field *field)
{
    return field->type == FIELD_REF || field->type == FIELD_DEFINE;
}

static bool is_pointed_to(const struct field *field)
{
    return field->list || field->type == FIELD_OPTIONAL;
}

/* Does the field speak of this object? Alternatives share members; only the one taken is walked. */
static bool stands(const struct field *field, int tag)
{
    return (!field->tag || field->tag == tag) && (!field->only || (field->only >> tag & 1));
}

static size_t offset_of(const struct field *field)
{
    return field->type == FIELD_INLINE ? 0 : field->offset;
}

/* The members that a field stands for, whatever holds them: the items of a list or of an optional
 * struct, or the one member in the object itself. */
static void *members(void *object, const struct field *field, size_t *ret_count)
{
    if (is_pointed_to(field))
        return schema_items(object, field, ret_count);
    *ret_count = 1;
    return (char *)object + offset_of(field);
}

static const void *members_const(const void *object, const struct field *field, size_t *ret_count)
{
    if (is_pointed_to(field))
        return schema_items(object, field, ret_count);
    *ret_count = 1;
    return (const char *)object + offset_of(field);
}

static void visit_scalars(const struct schema *schema, void *object, struct place place,
                          walk_visit visit, void *ctx)
{
    if (!schema->inlined)
        memcpy(&place, object, sizeof place);
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0, size = schema_item_size(field);
        char *items = stands(field, tag) ? members(object, field, &count) : NULL;
        for (size_t j = 0; j < count; j++)
            if (is_struct(field))
                visit_scalars(field->of, items + j * size, place, visit, ctx);
            else
                visit(field, items + j * size, place, ctx);
    }
}

void walk_scalars(const struct schema *schema, void *object, walk_visit visit, void *ctx)
{
    visit_scalars(schema, object, (struct place){0}, visit, ctx);
}

void walk_structs(const struct schema *schema, const void *object, walk_visit_struct visit,
                  void *ctx)
{
    visit(schema, object, ctx);
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0, size = schema_item_size(field);
        if (!is_struct(field) || !stands(field, tag))
            continue;
        const char *items = members_const(object, field, &count);
        for (size_t j = 0; j < count; j++)
            walk_structs(field->of, items + j * size, visit, ctx);
    }
}

/* The text that a member owns, if it is of a type that owns one. */
static char *owned_text(const struct field *field, const void *member)
{
    char *text = NULL;
    struct network_ref ref;
    if (is_text(field)) {
        memcpy(&text, member, sizeof text);
    } else if (is_ref(field)) {
        memcpy(&ref, member, sizeof ref);
        text = ref.id;
    }
    return text;
}

static void release_text(const struct field *field, const void *member)
{
    char *text = owned_text(field, member);
    if (text && field->type == FIELD_SECRET)
        explicit_bzero(text, strlen(text));
    free(text);
}

void walk_release(const struct schema *schema, void *object)
{
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0, size = schema_item_size(field);
        char *items = stands(field, tag) ? members(object, field, &count) : NULL;
        for (size_t j = 0; j < count; j++)
            if (is_struct(field))
                walk_release(field->of, items + j * size);
            else
                release_text(field, items + j * size);
        if (items && is_pointed_to(field))
            free(items);
    }
}

static void own_text(const struct field *field, void *member)
{
    char *text = owned_text(field, member);
    if (!text)
        return;
    text = memory_text(text, strlen(text));
    size_t offset = is_ref(field) ? offsetof(struct network_ref, id) : 0;
    memcpy((char *)member + offset, &text, sizeof text);
}

/* The object is a copy that still points into the original: gives it all it points to. */
static void own_all(const struct schema *schema, void *object)
{
    int tag = schema_tag(schema, object);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0, size = schema_item_size(field);
        char *items = stands(field, tag) ? members(object, field, &count) : NULL;
        if (items && is_pointed_to(field)) {
            char *copy = memory_zeroed(count, size);
            memcpy(copy, items, count * size);
            schema_items_set(object, field, copy, count);
            items = copy;
        }
        for (size_t j = 0; j < count; j++)
            if (is_struct(field))
                own_all(field->of, items + j * size);
            else
                own_text(field, items + j * size);
    }
}

void walk_copy(const struct schema *schema, void *ret_object, const void *object)
{
    memcpy(ret_object, object, schema->size);
    own_all(schema, ret_object);
}

static bool scalars_equal(const struct field *field, const void *left, const void *right)
{
    if (is_text(field) || is_ref(field)) {
        const char *left_text = owned_text(field, left), *right_text = owned_text(field, right);
        return left_text && right_text ? strcmp(left_text, right_text) == 0
                                       : left_text == right_text;
    }
    if (field->type == FIELD_PREFIX) { /* has padding */
        struct prefix prefixes[2];
        memcpy(&prefixes[0], left, sizeof *prefixes);
        memcpy(&prefixes[1], right, sizeof *prefixes);
        return prefix_equal(prefixes[0], prefixes[1]);
    }
    return memcmp(left, right, schema_item_size(field)) == 0;
}

bool walk_equal(const struct schema *schema, const void *left, const void *right)
{
    int tag = schema_tag(schema, left);
    bool equal = tag == schema_tag(schema, right);
    for (size_t i = 0; equal && i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0, right_count = 0, size = schema_item_size(field);
        if (!stands(field, tag))
            continue;
        const char *items = members_const(left, field, &count);
        const char *right_items = members_const(right, field, &right_count);
        equal = count == right_count && !items == !right_items;
        for (size_t j = 0; equal && j < count; j++)
            equal = is_struct(field)
                        ? walk_equal(field->of, items + j * size, right_items + j * size)
                        : scalars_equal(field, items + j * size, right_items + j * size);
    }
    return equal;
}

bool walk_is_initial(const struct schema *schema, const void *object)
{
    int tag = schema_tag(schema, object);
    bool initial = tag == 0;
    for (size_t i = 0; initial && i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        size_t count = 0;
        if (!stands(field, tag))
            continue;
        const void *items = members_const(object, field, &count);
        if (is_pointed_to(field))
            initial = items == NULL;
        else
            initial = is_struct(field) ? walk_is_initial(field->of, items)
                                       : scalar_is_initial(field, items);
    }
    return initial;
}
