/* What is a key, and what is none. */
#include "plane/key_file.h"

#include "tests/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/sekisho-key-XXXXXX", path[64], link_path[64];
static char psk[PLANE_PSK_BYTES];

static int read_of(const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    snprintf(psk, sizeof psk, "untouched");
    return key_file_read(path, psk);
}

static void one_line_is_a_key(void)
{
    static const char longest[] =
        "a234567890123456789012345678901234567890123456789012345678901234\n";
    CHECK_EQUAL(read_of("abcdefgh\n"), 0);
    CHECK_TEXT(psk, "abcdefgh");
    CHECK_EQUAL(read_of("abc.def_gh"), 0);
    CHECK_TEXT(psk, "abc.def_gh");
    CHECK_EQUAL(read_of(longest), 0);
    CHECK_EQUAL(strlen(psk), PLANE_PSK_BYTES - 1);
}

static void what_else_is_there_is_none(void)
{
    static const char *const texts[] = {
        "",
        "\n",
        "abcdefg\n",
        "0abcdefgh\n",
        "abcdefgh\n\n",
        "abcdefgh\r\n",
        "abc defgh\n",
        "a2345678901234567890123456789012345678901234567890123456789012345\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_EQUAL(read_of(texts[i]), -EINVAL);
        CHECK_TEXT(psk, "untouched");
    }
}

/* As keys are that are renewed. */
static void a_link_leads_to_one(void)
{
    CHECK_EQUAL(symlink(path, link_path), 0);
    CHECK_EQUAL(read_of("abcdefgh\n"), 0);
    CHECK_EQUAL(key_file_read(link_path, psk), 0);
    CHECK_EQUAL(unlink(path), 0);
    CHECK_EQUAL(key_file_read(link_path, psk), -ENOENT);
    CHECK_EQUAL(unlink(link_path), 0);
}

static void what_is_no_regular_file_is_none(void)
{
    static const char *const paths[] = {"/dev/zero", "/dev/null", "/tmp"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        CHECK_EQUAL(key_file_read(paths[i], psk), -EINVAL);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/key", folder);
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    TEST(one_line_is_a_key);
    TEST(what_else_is_there_is_none);
    TEST(a_link_leads_to_one);
    TEST(what_is_no_regular_file_is_none);
    rmdir(folder);
    return harness_done();
}
