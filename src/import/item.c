#include "import/item.h"

#include "import/remark.h"
#include "network/scalar.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64, KEY_MAX_BYTES = 64 };

struct item item_root(struct document *document)
{
    return (struct item){.document = document, .value = document->root};
}

/* --- where it stands --- */

unsigned item_line(const struct item *item)
{
    struct document_step steps[IMPORT_DEPTH_MAX + 1];
    size_t count = 0;
    for (const struct item *at = item; at->up && count <= IMPORT_DEPTH_MAX; at = at->up)
        count++;
    size_t left = count;
    for (const struct item *at = item; left > 0; at = at->up)
        steps[--left] = (struct document_step){.key = at->key, .index = at->index};
    return document_line(item->document, steps, count);
}

struct import_place item_place(const struct item *item)
{
    return (struct import_place){.file = item->document->name, .line = item_line(item)};
}

/* --- what is wrong with it --- */

/* Texts are shown where they are short: a name, a state, an address. */
static void describe(const json_t *value, char *buffer, size_t cap)
{
    const char *text = json_string_value(value);
    struct quoted shown;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        snprintf(buffer, cap, "an object");
        break;
    case JSON_ARRAY:
        snprintf(buffer, cap, "a list");
        break;
    case JSON_STRING:
        shown = diagnostics_quote(text, strlen(text));
        if (strlen(text) <= NAME_MAX_BYTES)
            snprintf(buffer, cap, "\"%s\"", shown.text);
        else
            snprintf(buffer, cap, "a long text");
        break;
    case JSON_INTEGER:
        snprintf(buffer, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        snprintf(buffer, cap, "a number with a fraction");
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        snprintf(buffer, cap, json_is_true(value) ? "true" : "false");
        break;
    case JSON_NULL:
    default:
        snprintf(buffer, cap, "null");
        break;
    }
}

void item_wrong(const struct item *item, const char *expected)
{
    struct import_remarks *remarks = item->document->remarks;
    const struct item *keyed = item;
    char found[128];
    struct import_place place = {.file = item->document->name};
    while (!keyed->key && keyed->up)
        keyed = keyed->up;
    describe(item->value, found, sizeof found);
    if (remarks->counts[IMPORT_WRONG] < REMARKS_MAX) /* spare the search */
        place = item_place(item);
    struct quoted key = diagnostics_quote(keyed->key ? keyed->key : "the file",
                                          strlen(keyed->key ? keyed->key : "the file"));
    remark_say(remarks, IMPORT_WRONG, place, NULL, "%s%s is %s; expected %s",
               keyed == item ? "" : "an element of ", key.text, found, expected);
}

/* --- finding it --- */

static char other_case(char letter)
{
    bool upper = letter >= 'A' && letter <= 'Z', lower = letter >= 'a' && letter <= 'z';
    return upper ? (char)(letter + 32) : lower ? (char)(letter - 32) : letter;
}

bool item_get(const struct item *object, const char *key, struct item *ret_item)
{
    char other[KEY_MAX_BYTES];
    json_t *value = json_object_get(object->value, key);
    const char *written = key;
    if (!value && strlen(key) < sizeof other) {
        memcpy(other, key, strlen(key) + 1);
        other[0] = other_case(other[0]);
        value = json_object_get(object->value, other);
        if (value)
            written = json_object_iter_key(json_object_iter_at(object->value, other));
    }
    if (!value || json_is_null(value))
        return false;
    *ret_item =
        (struct item){.document = object->document, .value = value, .up = object, .key = written};
    return true;
}

bool item_list(const struct item *object, const char *key, struct item *ret_list)
{
    if (!item_get(object, key, ret_list))
        return false;
    if (json_is_array(ret_list->value))
        return true;
    item_wrong(ret_list, "a list");
    return false;
}

bool item_object(const struct item *object, const char *key, struct item *ret_object)
{
    if (!item_get(object, key, ret_object))
        return false;
    if (json_is_object(ret_object->value))
        return true;
    item_wrong(ret_object, "an object");
    return false;
}

size_t item_count(const struct item *list)
{
    return json_array_size(list->value);
}

bool item_at(const struct item *list, size_t index, struct item *ret_object)
{
    *ret_object = (struct item){.document = list->document,
                                .value = json_array_get(list->value, index),
                                .up = list,
                                .index = index};
    if (json_is_object(ret_object->value))
        return true;
    item_wrong(ret_object, "an object");
    return false;
}

/* --- reading it --- */

static const char *text_of(const struct item *object, const char *key, const char *expected,
                           struct item *ret_item)
{
    if (!item_get(object, key, ret_item))
        return NULL;
    const char *text = json_string_value(ret_item->value);
    if (!text)
        item_wrong(ret_item, expected);
    return text;
}

const char *item_text(const struct item *object, const char *key)
{
    struct item item;
    return text_of(object, key, "a text", &item);
}

static bool number_parse(const char *text, int64_t *ret_number)
{
    size_t size = strlen(text);
    int64_t number = 0;
    if (size == 0 || size > 18)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

int64_t item_number(const struct item *object, const char *key, int64_t max)
{
    struct item item;
    char expected[64];
    int64_t number;
    if (!item_get(object, key, &item))
        return -1;
    bool is_number = json_is_integer(item.value);
    if (is_number)
        number = json_integer_value(item.value);
    else if (json_is_string(item.value))
        is_number = number_parse(json_string_value(item.value), &number);
    if (is_number && number >= 0 && number <= max)
        return number;
    snprintf(expected, sizeof expected, "a number from 0 to %" PRId64, max);
    item_wrong(&item, expected);
    return -1;
}

int64_t item_number_or_all(const struct item *object, const char *key, int64_t max)
{
    struct item item;
    if (item_get(object, key, &item) && json_is_integer(item.value) &&
        json_integer_value(item.value) == -1)
        return -1;
    return item_number(object, key, max);
}

enum item_answer item_bool(const struct item *object, const char *key)
{
    struct item item;
    if (!item_get(object, key, &item))
        return ITEM_UNSAID;
    if (json_is_boolean(item.value))
        return json_is_true(item.value) ? ITEM_YES : ITEM_NO;
    item_wrong(&item, "true or false");
    return ITEM_UNSAID;
}

static ip_addr address_of(const struct item *object, const char *key, bool may_have_length,
                          bool six)
{
    const char *expected =
        six ? "an IPv6 address such as 2001:db8::10" : "an IPv4 address such as 198.51.100.10";
    struct item item;
    ip_addr addr = 0;
    const char *text = text_of(object, key, expected, &item);
    if (!text || !*text)
        return 0;
    const char *slash = may_have_length ? strchr(text, '/') : NULL;
    if (ip_parse(text, slash ? (size_t)(slash - text) : strlen(text), &addr) &&
        ip_is_six(addr) == six && scalar_is_host(addr))
        return addr;
    item_wrong(&item, expected);
    return 0;
}

ip_addr item_address(const struct item *object, const char *key)
{
    return address_of(object, key, false, false);
}

ip_addr item_address_in(const struct item *object, const char *key)
{
    return address_of(object, key, true, false);
}

ip_addr item_address_six_in(const struct item *object, const char *key)
{
    return address_of(object, key, true, true);
}

static bool prefix_of(const struct item *object, const char *key, bool four, bool six,
                      struct prefix *ret_prefix)
{
    const char *expected = four ? "a prefix such as 10.0.0.0/16, without host bits"
                                : "an IPv6 prefix such as 2001:db8::/56, without host bits";
    struct item item;
    struct prefix prefix;
    const char *text = text_of(object, key, expected, &item);
    if (!text)
        return false;
    if (prefix_parse(text, strlen(text), &prefix) == PREFIX_OK && (prefix.six ? six : four)) {
        *ret_prefix = prefix;
        return true;
    }
    item_wrong(&item, expected);
    return false;
}

bool item_prefix(const struct item *object, const char *key, struct prefix *ret_prefix)
{
    return prefix_of(object, key, true, false, ret_prefix);
}

bool item_prefix_six(const struct item *object, const char *key, struct prefix *ret_prefix)
{
    return prefix_of(object, key, false, true, ret_prefix);
}

bool item_prefix_any(const struct item *object, const char *key, struct prefix *ret_prefix)
{
    return prefix_of(object, key, true, true, ret_prefix);
}

bool item_prefix_at(const struct item *list, size_t index, struct prefix *ret_prefix)
{
    struct item item = {.document = list->document,
                        .value = json_array_get(list->value, index),
                        .up = list,
                        .index = index};
    const char *text = json_string_value(item.value);
    struct prefix prefix;
    if (text && prefix_parse(text, strlen(text), &prefix) == PREFIX_OK) {
        *ret_prefix = prefix;
        return true;
    }
    item_wrong(&item, "a prefix such as 10.0.0.0/16, without host bits");
    return false;
}

ip_addr item_address_six(const struct item *object, const char *key)
{
    return address_of(object, key, false, true);
}

bool item_is_name(const char *text)
{
    size_t size = strlen(text);
    bool fine = size > 0 && size <= NAME_MAX_BYTES;
    for (size_t i = 0; fine && i < size; i++) {
        bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z');
        bool digit = text[i] >= '0' && text[i] <= '9';
        fine = letter || (i > 0 && (digit || strchr("._-", text[i])));
    }
    return fine && strcmp(text, "blackhole") != 0 && strcmp(text, "local") != 0 &&
           strcmp(text, "null") != 0; /* these mean something in a network file */
}

const char *item_id(const struct item *object, const char *key)
{
    static const char expected[] = "an id such as vpc-0a1b2c3d";
    struct item item;
    const char *text = text_of(object, key, expected, &item);
    if (!text || item_is_name(text))
        return text;
    item_wrong(&item, expected);
    return NULL;
}

int item_word(const struct item *object, const char *key, const char *const *words, int fallback)
{
    struct item item;
    char expected[160] = "";
    size_t used = 0;
    const char *text = text_of(object, key, "a text", &item);
    if (!text)
        return -1;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0)
            return i;
        if (used < sizeof expected)
            used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s",
                                     i == 0         ? ""
                                     : words[i + 1] ? ", "
                                                    : " or ",
                                     words[i]);
    }
    item_wrong(&item, expected);
    return fallback;
}
