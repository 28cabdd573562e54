#include "explain/json.h"

#include <assert.h>

enum { INDENT = 2, DIGITS = 15 }; /* fifteen digits hold a century of microseconds */

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

json_t *json_text(const char *text)
{
    return text ? made(json_string(text)) : json_null();
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
