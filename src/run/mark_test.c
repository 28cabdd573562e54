#include "run/mark.h"

#include "tests/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/sekishod-mark-XXXXXX", path[64];

static void it_is_there_until_it_is_removed(void)
{
    CHECK(!mark_is_left(folder));
    CHECK_EQUAL(mark_put(folder), 0);
    CHECK(mark_is_left(folder));
    CHECK_EQUAL(mark_put(folder), 0);
    CHECK(mark_is_left(folder));
    mark_remove(folder);
    CHECK(!mark_is_left(folder));
    mark_remove(folder);
}

/* Who lived before the machine was started has nobody who waits. */
static void another_boot_has_left_nothing(void)
{
    static const char *const others[] = {
        "", "\n", "0b0b0b0b-0000-4000-8000-000000000000\n",
        "more than any boot of any machine has ever been called so far, I say\n"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        FILE *out = fopen(path, "we");
        fputs(others[i], out);
        fclose(out);
        CHECK(!mark_is_left(folder));
    }
    mark_remove(folder);
}

static void what_cannot_be_written_is_told(void)
{
    CHECK_EQUAL(mark_put("/tmp/sekishod-mark-is-not-there"), ENOENT);
    CHECK(symlink("/dev/null", path) == 0);
    CHECK_EQUAL(mark_put(folder), ELOOP);
    CHECK(!mark_is_left(folder));
    mark_remove(folder);
}

int main(void)
{
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/running", folder);
    TEST(it_is_there_until_it_is_removed);
    TEST(another_boot_has_left_nothing);
    TEST(what_cannot_be_written_is_told);
    rmdir(folder);
    return harness_done();
}
