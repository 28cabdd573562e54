#include "import/document.h"

#include "import/remark.h"
#include "tests/harness.h"

#include <stdlib.h>

static struct import_remarks remarks;

static bool reads(const char *text, size_t size)
{
    struct document document;
    remarks_done(&remarks);
    bool fine =
        document_read(&document, "a.json", (struct slice){(const uint8_t *)text, size}, &remarks);
    document_done(&document);
    return fine;
}

static void refuses(const char *text, unsigned line, const char *part)
{
    CHECK(!reads(text, strlen(text)));
    CHECK_EQUAL((int64_t)remarks.count, 1);
    if (remarks.count != 1)
        return;
    CHECK_EQUAL(remarks.items[0].line, line);
    CHECK_TEXT(remarks.items[0].file, "a.json");
    CHECK(strstr(remarks.items[0].text, part) != NULL);
}

static void what_is_no_json_is_refused_with_its_line(void)
{
    refuses("{\n \"Vpcs\": [\n  {\"VpcId\": \"vpc-1\",\n", 4, "ends in the middle");
    refuses("{\n \"Vpcs\": [],\n \"Vpcs\": []}", 3, "the same key twice");
    refuses("{\n \"Vpcs\" []}", 2, "is not JSON");
    refuses("vpcs:\n  - id: vpc-1\n", 1, "is not JSON");
    refuses("[]", 1, "a JSON list");
    refuses("{} {}", 1, "goes on behind its end");
    refuses("{\"a\": \"\xff\"}", 1, "not UTF-8");
    refuses("", 0, "empty");
    refuses("\xff\xfe{\x00}\x00", 0, "UTF-16");
    CHECK(reads("\xef\xbb\xbf{}", 5));
    CHECK(reads("{}\n", 3));
}

/* The parser would quote what stands near the mistake, and that may be a key. */
static void a_secret_is_not_told(void)
{
    refuses("{\"VpnConnections\": [{\"PreSharedKey\": \"s3cret_key\" \"x\"}]}", 1, "is not JSON");
    CHECK(strstr(remarks.items[0].text, "s3cret") == NULL);
}

static void depth_and_values_are_bounded(void)
{
    size_t size = 3 * (size_t)IMPORT_VALUES_MAX + 64;
    char *text = malloc(size);
    CHECK(text != NULL);
    memset(text, '[', IMPORT_DEPTH_MAX * 2);
    text[IMPORT_DEPTH_MAX * 2] = 0;
    refuses(text, 1, "nested more than 64 levels");
    size_t at = (size_t)snprintf(text, size, "{\"Vpcs\": [1");
    for (size_t i = 0; i <= IMPORT_VALUES_MAX; i++, at += 2)
        memcpy(text + at, ",1", 2);
    memcpy(text + at, "]}", 3);
    refuses(text, 1, "more than 2097152 values");
    free(text);
}

static unsigned line_of(struct document *document, const char *key, size_t index, const char *inner,
                        size_t inner_index)
{
    struct document_step steps[] = {
        {.key = key}, {.index = index}, {.key = inner}, {.index = inner_index}};
    size_t count = !key ? 0 : !inner ? 2 : inner_index == SIZE_MAX ? 3 : 4;
    return document_line(document, steps, count);
}

static void every_value_has_its_line(void)
{
    static const char text[] = "{\n"
                               " \"Nothing\": \"[{\\\"\",\n"
                               " \"Vpcs\": [\n"
                               "  {\"VpcId\": \"vpc-1\",\n"
                               "   \"Tags\": [1,\n"
                               "    {\"Vpcs\": [2]}]},\n"
                               "  {\n"
                               "   \"Esc\\u0061pe\": 1,\n"
                               "   \"Other\": 2}\n"
                               " ],\n"
                               " \"More\": [ 1,\n"
                               "  2, [3],\n"
                               "  4 ]\n"
                               "}\n";
    struct document document;
    remarks_done(&remarks);
    CHECK(document_read(&document, "a.json", (struct slice){(const uint8_t *)text, sizeof text - 1},
                        &remarks));
    CHECK_EQUAL(line_of(&document, NULL, 0, NULL, 0), 1);
    document.member = 1;
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, NULL, 0), 4);
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, "Tags", SIZE_MAX), 5);
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, "Tags", 1), 6);
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, "Tags", 0), 5); /* back again, and on */
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, "Tags", 1), 6);
    CHECK_EQUAL(line_of(&document, "Vpcs", 0, "Tags", 7), 6);
    CHECK_EQUAL(line_of(&document, "Vpcs", 1, NULL, 0), 7);
    CHECK_EQUAL(line_of(&document, "Vpcs", 1, "Other", SIZE_MAX), 9);
    /* written otherwise than it reads: as near as can be */
    CHECK_EQUAL(line_of(&document, "Vpcs", 1, "Escape", SIZE_MAX), 9);
    document.member = 2;
    CHECK_EQUAL(line_of(&document, "More", 1, NULL, 0), 12);
    CHECK_EQUAL(line_of(&document, "More", 2, NULL, 0), 12);
    CHECK_EQUAL(line_of(&document, "More", 3, NULL, 0), 13);
    struct document_step key = {.key = "More"};
    CHECK_EQUAL(document_line(&document, &key, 1), 11);
    document_done(&document);
    remarks_done(&remarks);
}

int main(void)
{
    TEST(what_is_no_json_is_refused_with_its_line);
    TEST(a_secret_is_not_told);
    TEST(depth_and_values_are_bounded);
    TEST(every_value_has_its_line);
    remarks_done(&remarks);
    return harness_done();
}
