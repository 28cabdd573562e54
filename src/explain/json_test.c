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

int main(void)
{
    TEST(seconds_keep_their_microseconds);
    TEST(networks_are_strings);
    TEST(a_full_disk_is_noticed);
    return harness_done();
}
