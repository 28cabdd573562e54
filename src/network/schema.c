#include "network/schema.h"

#include "network/scalar.h"

#include <assert.h>
#include <string.h>

const struct field *schema_field(const struct schema *schema, const char *key, int tag)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (strcmp(field->key, key) == 0 && (!field->only || (field->only >> tag & 1)))
            return field;
    }
    return NULL;
}

size_t schema_item_size(const struct field *field)
{
    switch (field->type) {
    case FIELD_ID:
    case FIELD_TEXT:
    case FIELD_PATH:
    case FIELD_DEVICE:
    case FIELD_SECRET:
        return sizeof(char *);
    case FIELD_DEFINE:
    case FIELD_REF:
        return sizeof(struct network_ref);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_CHOICE:
        return sizeof(int);
    case FIELD_NUMBER:
    case FIELD_DURATION:
    case FIELD_PROTOCOL:
        return sizeof(int64_t);
    case FIELD_PORTS:
        return sizeof(struct network_ports);
    case FIELD_ASN:
    case FIELD_PATH_ASN:
    case FIELD_COMMUNITY:
        return sizeof(uint32_t);
    case FIELD_ADDRESS:
        return sizeof(ip_addr);
    case FIELD_PREFIX:
        return sizeof(struct prefix);
    case FIELD_STRUCT:
    case FIELD_INLINE:
    case FIELD_OPTIONAL:
        return field->of->size;
    }
    assert(false);
    return 0;
}

void *schema_member(void *object, const struct field *field)
{
    return (char *)object + field->offset;
}

const void *schema_member_const(const void *object, const struct field *field)
{
    return (const char *)object + field->offset;
}

void *schema_items(const void *object, const struct field *field, size_t *ret_count)
{
    void *items;
    memcpy(&items, (const char *)object + field->offset, sizeof items);
    if (field->list)
        memcpy(ret_count, (const char *)object + field->count_offset, sizeof *ret_count);
    else
        *ret_count = items != NULL;
    return items;
}

void schema_items_set(void *object, const struct field *field, void *items, size_t count)
{
    memcpy((char *)object + field->offset, &items, sizeof items);
    if (field->list)
        memcpy((char *)object + field->count_offset, &count, sizeof count);
}

int schema_tag(const struct schema *schema, const void *object)
{
    int tag = 0;
    if (schema->tagged)
        memcpy(&tag, (const char *)object + schema->tag_offset, sizeof tag);
    return tag;
}

/* What a member without an initial value holds. */
static void leave_open(const struct field *field, void *member)
{
    static const int64_t open = -1;
    static const struct network_ref no_ref = {.index = -1, .part = -1};
    if (field->type == FIELD_NUMBER || field->type == FIELD_DURATION)
        memcpy(member, &open, sizeof open);
    else if (field->type == FIELD_REF || field->type == FIELD_DEFINE)
        memcpy(member, &no_ref, sizeof no_ref);
}

static void initial_value(const struct field *field, void *member)
{
    bool fine = scalar_parse(field, field->initial, strlen(field->initial), member).fine;
    assert(fine); /* the tables are ours */
}

void schema_initialize(const struct schema *schema, void *object)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        void *member = schema_member(object, field);
        if (field->list || field->type == FIELD_OPTIONAL)
            continue;
        if (field->type == FIELD_INLINE)
            schema_initialize(field->of, object);
        else if (field->type == FIELD_STRUCT)
            schema_initialize(field->of, member);
        else if (field->initial)
            initial_value(field, member);
        else
            leave_open(field, member);
    }
}
