#include "network/yaml.h"

#include "network/probe.h"
#include "tests/harness.h"

static void trees_have_places(void)
{
    struct diagnostics diagnostics;
    struct yaml yaml;
    const char *text = "a: [1, \"x\\u00e9\", \xc3\xa9]\nb:\n  c: 'd e'\n  e:\n";
    diagnostics_init(&diagnostics);
    diagnostics_open(&diagnostics, "t", probe_slice(text));
    CHECK(yaml_read(probe_slice(text), &diagnostics, &yaml));
    const struct yaml_node *a = yaml.root->first, *b = a->next;
    CHECK_EQUAL(yaml.root->kind, YAML_MAP);
    CHECK_EQUAL(yaml.root->count, 2);
    CHECK_TEXT(a->key->text, "a");
    CHECK_EQUAL(a->kind, YAML_LIST);
    CHECK_EQUAL(a->place.column, 4);
    CHECK_TEXT(a->first->next->text, "x\xc3\xa9");
    CHECK_EQUAL(a->first->next->place.column, 8); /* of the quote */
    CHECK_EQUAL(a->first->next->width, 9);
    CHECK_EQUAL(a->first->next->quoted, true);
    CHECK_EQUAL(a->last->place.column, 19);
    CHECK_EQUAL(a->last->width, 1);
    CHECK_EQUAL(b->first->place.line, 3);
    CHECK_EQUAL(b->first->place.column, 6);
    CHECK_TEXT(b->first->text, "d e");
    CHECK(yaml_is_nothing(b->last));
    CHECK_EQUAL(b->last->place.line, 4); /* the key's, for it has none */
    yaml_done(&yaml);
    diagnostics_done(&diagnostics);
}

static void what_is_not_read_is_said(void)
{
    CHECK_ERRORS("routers: &all []\n",
                 "1:11 anchors and aliases are not read | write the value out");
    CHECK_ERRORS("routers: *all\n", "1:11 anchors and aliases are not read | write the value out");
    CHECK_ERRORS("routers: !!seq []\n", "1:10 tags are not read | leave it out");
    CHECK_ERRORS("routers: []\n---\nrouters: []\n",
                 "2:1 a second document begins here; a file holds one network");
    CHECK_ERRORS("? [a, b]\n: c\n", "1:3 a key must be a word | expected a word and a colon");
}

static void broken_yaml_is_explained(void)
{
    CHECK_ERRORS("routers: [\n  {id: a},\n", "1:10 this [ is never closed");
    CHECK_ERRORS("routers: [{id: a, \n", "1:11 this { is never closed");
    CHECK_ERRORS("routers:\n\t- id: a\n", "2:1 this is not YAML: tab character may not be used as "
                                          "indentation | a tab indents here; YAML wants spaces");
    CHECK_ERRORS("%YAML 3.0\n---\na: 1\n", "0:0 this is not YAML");
    CHECK_ERRORS("a: 1\n  b: 2\n", "1:4 this is not YAML: invalid multiline plain key | the next "
                                   "line is indented as if it went on with this one");
}

static void bytes_must_be_text(void)
{
    CHECK_ERRORS("a: \"\xff\"\n", "1:5 byte 0xff is not UTF-8 | expected UTF-8");
    CHECK_ERRORS("# \xc3\xa9\xc3\n", "1:4 byte 0xc3 is not UTF-8 | expected UTF-8");
    CHECK_ERRORS("a: \x01\n", "1:4 control character U+0001 | expected text");
    CHECK_ERRORS("a: 1\rb: 2\n", "1:5 control character U+000D | expected text");
    char *nul = probe_errors_in((struct slice){(const uint8_t *)"a\0b", 3});
    CHECK_TEXT(nul, "1:2 control character U+0000 | expected text");
    free(nul);
    CHECK_ERRORS("routers: []\r\n", "fine");
    CHECK_ERRORS("\xef\xbb\xbfrouters: []\n", "fine");
}

static void a_file_says_something(void)
{
    CHECK_ERRORS("", "0:0 the file says nothing | expected vpcs, routers, ...");
    CHECK_ERRORS("\xef\xbb\xbf", "0:0 the file says nothing | expected vpcs, routers, ...");
    CHECK_ERRORS("# a comment\n\n", "0:0 the file says nothing | expected vpcs, routers, ...");
    CHECK_ERRORS("{}", "fine");
}

/* head, count times middle, tail */
static char *errors_of_repeated(const char *head, const char *middle, size_t count,
                                const char *tail)
{
    struct probe probe;
    probe_open(&probe);
    fputs(head, probe.file);
    for (size_t i = 0; i < count; i++)
        fputs(middle, probe.file);
    fputs(tail, probe.file);
    char *text = probe_close(&probe);
    char *errors = probe_errors_in((struct slice){(const uint8_t *)text, probe.size});
    free(text);
    return errors;
}

static void bounds_hold(void)
{
    char *errors = errors_of_repeated("", "# 16 bytes long\n", 1 << 20, "");
    CHECK_TEXT(errors, "0:0 the file says nothing | expected vpcs, routers, ...");
    free(errors);
    errors = errors_of_repeated("", "# 16 bytes long\n", 1 << 20, "\n");
    CHECK_TEXT(errors, "0:0 the file is larger than 16 MiB and was not read");
    free(errors);
    errors = errors_of_repeated("a: [", "[", 40, "");
    CHECK_TEXT(errors, "1:35 lists and maps are nested more than 32 deep");
    free(errors);
    errors = errors_of_repeated("", "x", YAML_LINE_MAX + 2, "");
    CHECK_TEXT(errors, "1:1 line 1 is longer than 256 KiB | break it into lines");
    free(errors);
    errors = errors_of_repeated("a:\n", "- 1\n", YAML_NODES_MAX, "");
    CHECK_TEXT(errors, "1048575:3 the file has more than a million values");
    free(errors);
}

/* Each level would double the one before: 2^30 values, were aliases followed. */
static void a_bomb_does_not_go_off(void)
{
    struct probe probe;
    probe_open(&probe);
    fputs("a0: &a0 [x]\n", probe.file);
    for (int i = 1; i < 30; i++)
        fprintf(probe.file, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    char *text = probe_close(&probe);
    char *errors = probe_errors(text);
    CHECK(strncmp(errors, "1:6 anchors and aliases are not read", 36) == 0);
    free(errors);
    free(text);
}

int main(void)
{
    TEST(trees_have_places);
    TEST(what_is_not_read_is_said);
    TEST(broken_yaml_is_explained);
    TEST(bytes_must_be_text);
    TEST(a_file_says_something);
    TEST(bounds_hold);
    TEST(a_bomb_does_not_go_off);
    return harness_done();
}
