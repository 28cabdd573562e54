#include "network/scalar.h"
#include "network/schema.h"

#include "tests/harness.h"

#include <stdlib.h>

enum { SCHEMAS_MAX = 64 };
static const struct schema *schemas[SCHEMAS_MAX];
static size_t schema_count;

static void collect(const struct schema *schema)
{
    for (size_t i = 0; i < schema_count; i++)
        if (schemas[i] == schema)
            return;
    schemas[schema_count++] = schema;
    for (size_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].of)
            collect(schema->fields[i].of);
}

static bool fits(const struct schema *schema, const struct field *field)
{
    if (field->list)
        return field->offset + sizeof(void *) <= schema->size &&
               field->count_offset + sizeof(size_t) <= schema->size;
    if (field->type == FIELD_OPTIONAL)
        return field->offset + sizeof(void *) <= schema->size;
    if (field->type == FIELD_INLINE)
        return field->of->inlined && field->of->size == schema->size;
    return field->offset + schema_item_size(field) <= schema->size;
}

static void every_row_is_complete(void)
{
    collect(&schema_network);
    CHECK(schema_count > 30);
    for (size_t i = 0; i < schema_count; i++) {
        const struct schema *schema = schemas[i];
        CHECK(schema->noun && schema->title && schema->size && schema->field_count);
        for (size_t j = 0; j < schema->field_count; j++) {
            const struct field *field = &schema->fields[j];
            bool needs_of = field->type == FIELD_STRUCT || field->type == FIELD_INLINE ||
                            field->type == FIELD_OPTIONAL;
            CHECK(field->key && field->sentence && fits(schema, field));
            CHECK(needs_of == (field->of != NULL));
            CHECK((field->type == FIELD_CHOICE) == (field->choices != NULL));
            CHECK(field->type != FIELD_REF || field->kinds);
            CHECK(!field->only || schema->tagged);
            CHECK(!field->tag || schema->tagged);
        }
    }
}

/* An object begins with its place; no value may lie there. */
static void no_value_lies_on_a_place(void)
{
    for (size_t i = 0; i < schema_count; i++)
        for (size_t j = 0; !schemas[i]->inlined && j < schemas[i]->field_count; j++)
            CHECK(schemas[i]->fields[j].type == FIELD_INLINE ||
                  schemas[i]->fields[j].offset >= sizeof(struct place));
}

/* Two rows of one schema have the same key only where different alternatives allow them. */
static void keys_are_found_and_unambiguous(void)
{
    for (size_t i = 0; i < schema_count; i++)
        for (size_t j = 0; j < schemas[i]->field_count; j++)
            for (size_t k = 0; k < j; k++) {
                const struct field *one = &schemas[i]->fields[j], *two = &schemas[i]->fields[k];
                CHECK(strcmp(one->key, two->key) != 0 ||
                      (one->only && two->only && !(one->only & two->only)));
            }
    CHECK(schema_field(&schema_router, "lan", 0) != NULL);
    CHECK(schema_field(&schema_router, "lam", 0) == NULL);
}

/* Initial values are told in the tables as text: each must be readable, and in canonical form, or
 * the writer would not recognize it. */
static void initial_values_are_canonical(void)
{
    for (size_t i = 0; i < schema_count; i++) {
        char *object = calloc(1, schemas[i]->size);
        if (!schemas[i]->inlined)
            schema_initialize(schemas[i], object);
        for (size_t j = 0; object && j < schemas[i]->field_count; j++) {
            const struct field *field = &schemas[i]->fields[j];
            if (!field->initial || schemas[i]->inlined)
                continue;
            char text[SCALAR_TEXT_BYTES];
            scalar_print(field, object + field->offset, text, sizeof text);
            CHECK_TEXT(text, field->initial);
            CHECK(scalar_is_initial(field, object + field->offset));
        }
        free(object);
    }
}

int main(void)
{
    TEST(every_row_is_complete);
    TEST(no_value_lies_on_a_place);
    TEST(keys_are_found_and_unambiguous);
    TEST(initial_values_are_canonical);
    return harness_done();
}
