#include "explain/json.h"

#include "tests/harness.h"

#include <stdlib.h>

static char *written(json_t *document)
{
    char *bytes = NULL;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    CHECK(json_write_take(document, out));
    fclose(out);
    return bytes;
}

static void seconds_keep_their_microseconds(void)
{
    json_t *list = json_array();
    json_push(list, json_seconds(60131000));
    json_push(list, json_seconds(240000000));
    json_push(list, json_seconds(86399999999));
    json_push(list, json_seconds(1));
    char *bytes = written(list);
    CHECK_TEXT(bytes, "[\n  60.131,\n  240,\n  86399.999999,\n  1e-6\n]\n");
    free(bytes);
}

/* Seeds have 64 bits, and whoever gives one gets it back. */
static void seeds_keep_their_digits(void)
{
    json_t *list = json_array();
    json_push(list, json_seed(0));
    json_push(list, json_seed(INT64_MAX));
    json_push(list, json_seed((uint64_t)INT64_MAX + 1));
    json_push(list, json_seed(UINT64_MAX));
    char *bytes = written(list);
    CHECK_TEXT(bytes, "[\n  0,\n  9223372036854775807,\n  \"9223372036854775808\",\n"
                      "  \"18446744073709551615\"\n]\n");
    free(bytes);
}

static void networks_are_strings(void)
{
    json_t *object = json_object();
    json_put(object, "prefix", json_prefix((struct prefix){0x0a000000, 8}));
    json_put(object, "via", json_address(0xa9fefc1e));
    json_put(object, "name", json_text(NULL));
    char *bytes = written(object);
    CHECK_TEXT(bytes, "{\n  \"prefix\": \"10.0.0.0/8\",\n  \"via\": \"169.254.252.30\",\n"
                      "  \"name\": null\n}\n");
    free(bytes);
}

static void a_full_disk_is_noticed(void)
{
    FILE *full = fopen("/dev/full", "w");
    if (full)
        setvbuf(full, NULL, _IONBF, 0);
    CHECK(full && !json_write_take(json_text("x"), full));
    if (full)
        fclose(full);
}

/* A file may be called anything. */
static void what_is_no_utf8_is_replaced(void)
{
    json_t *name = json_text("caf\xc3\xa9-\xff\xe2\x82.yaml \xf0\x9f\x8c\x8d\xc3");
    CHECK_TEXT(json_string_value(name), "caf\xc3\xa9-???.yaml \xf0\x9f\x8c\x8d?");
    json_decref(name);
}

int main(void)
{
    TEST(seconds_keep_their_microseconds);
    TEST(seeds_keep_their_digits);
    TEST(networks_are_strings);
    TEST(what_is_no_utf8_is_replaced);
    TEST(a_full_disk_is_noticed);
    return harness_done();
}
