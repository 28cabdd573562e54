#include "network/reference.h"

#include "network/probe.h"
#include "tests/harness.h"

/* The committed pages are those that the tables give. `reference_test --write` writes them. */

static char *read_file(const char *path)
{
    struct probe probe;
    FILE *file = fopen(path, "rb");
    probe_open(&probe);
    for (int c; file && (c = fgetc(file)) != EOF;)
        fputc(c, probe.file);
    if (file)
        fclose(file);
    return probe_close(&probe);
}

static char *markdown(void)
{
    struct probe probe;
    probe_open(&probe);
    reference_markdown(probe.file);
    return probe_close(&probe);
}

/* The man page as it stands, with the keys between the marks written anew; "" without marks. */
static char *man_page(const char *present)
{
    struct probe probe;
    const char *begin = strstr(present, REFERENCE_MDOC_BEGIN);
    const char *end = begin ? strstr(begin, REFERENCE_MDOC_END) : NULL;
    probe_open(&probe);
    if (end) {
        begin += strlen(REFERENCE_MDOC_BEGIN);
        fwrite(present, 1, (size_t)(begin - present), probe.file);
        reference_mdoc(probe.file);
        fputs(end, probe.file);
    }
    return probe_close(&probe);
}

static int write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return 1;
    fputs(text, file);
    return fclose(file) != 0;
}

static int write_pages(void)
{
    char *page = markdown(), *present = read_file(REFERENCE_MAN), *man = man_page(present);
    int failed = write_file(REFERENCE_MARKDOWN, page) | write_file(REFERENCE_MAN, man);
    free(page);
    free(present);
    free(man);
    return failed;
}

static void the_reference_page_is_what_the_tables_say(void)
{
    char *page = markdown(), *present = read_file(REFERENCE_MARKDOWN);
    CHECK(strcmp(page, present) == 0);
    if (strcmp(page, present) != 0)
        printf("# write it anew: network_reference_test --write in the project's root\n");
    free(page);
    free(present);
}

static void the_man_page_is_what_the_tables_say(void)
{
    char *present = read_file(REFERENCE_MAN), *page = man_page(present);
    CHECK(*page && strcmp(page, present) == 0);
    free(page);
    free(present);
}

static void every_key_is_in_both(void)
{
    char *page = markdown();
    CHECK(strstr(page, "| `source_dest_check` | true or false | true |") != NULL);
    CHECK(strstr(page, "| `vlan` | 1 to 4094 | untagged |") != NULL);
    CHECK(strstr(page, "| `platform` | aws or sekisho | aws |") != NULL);
    CHECK(strstr(page, "| `guard` | hold, warn, carve or refuse | as it was | With "
                       "vpn_connection: ") != NULL);
    CHECK(strstr(page, "| `tunnels` | list: [a tunnel](#tunnels) | required |") != NULL);
    free(page);
}

int main(void)
{
    if (harness_flag("--write"))
        return write_pages();
    TEST(the_reference_page_is_what_the_tables_say);
    TEST(the_man_page_is_what_the_tables_say);
    TEST(every_key_is_in_both);
    return harness_done();
}
