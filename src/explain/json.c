#include "explain/json.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 2,
    DIGITS = 15,         /* hold a century of microseconds */
    CHARACTER_BYTES = 4, /* of UTF-8, at most */
};

static json_t *made(json_t *value)
{
    assert(value);
    return value;
}

json_t *json_seconds(int64_t us)
{
    return us % 1000000 == 0 ? made(json_integer(us / 1000000)) : made(json_real((double)us / 1e6));
}

json_t *json_prefix(struct prefix prefix)
{
    char bytes[PREFIX_TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_prefix(&text, prefix);
    return made(json_string(bytes));
}

json_t *json_address(ip_addr addr)
{
    char bytes[IP_TEXT_BYTES];
    struct text text = text_over(bytes, sizeof bytes);
    text_ip(&text, addr);
    return made(json_string(bytes));
}

json_t *json_seed(uint64_t seed)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, seed);
    return made(seed > INT64_MAX ? json_string(digits) : json_integer((json_int_t)seed));
}

/* How many bytes the character there has; 0: they are none of UTF-8. */
static size_t character_at(const char *text)
{
    size_t left = strnlen(text, CHARACTER_BYTES);
    for (size_t size = 1; size <= left; size++) {
        json_t *character = json_stringn(text, size);
        json_decref(character);
        if (character)
            return size;
    }
    return 0;
}

static json_t *repaired_text(const char *text)
{
    char *bytes = NULL;
    size_t size, taken;
    FILE *out = open_memstream(&bytes, &size);
    assert(out);
    for (const char *at = text; *at; at += taken ? taken : 1) {
        taken = character_at(at);
        if (taken)
            fwrite(at, 1, taken, out);
        else
            fputc('?', out);
    }
    int failed = fclose(out);
    assert(failed == 0);
    json_t *value = made(json_string(bytes));
    free(bytes);
    return value;
}

json_t *json_text(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    return value ? value : repaired_text(text);
}

void json_put(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);
    assert(failed == 0);
}

void json_push(json_t *array, json_t *value)
{
    int failed = json_array_append_new(array, value);
    assert(failed == 0);
}

bool json_write_take(json_t *document, FILE *out)
{
    int failed = json_dumpf(document, out, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(DIGITS));
    json_decref(document);
    return failed == 0 && fputc('\n', out) != EOF;
}
