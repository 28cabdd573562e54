#include "run/journal_folder.h"

#include "run/journal_rig.h"

#include <errno.h>

static struct journal_folder folder;
static char why[256];

static void a_directory_is_made_for_its_owner(void)
{
    struct stat status;
    CHECK(journal_folder_open(&folder, journal_new(), why));
    CHECK(stat(journal_dir, &status) == 0);
    CHECK_EQUAL(status.st_mode & 07777, 0700);
    CHECK_EQUAL(journal_folder_count(&folder), 0);
    CHECK_EQUAL(folder.last, 0);
    journal_folder_close(&folder);
}

static void directories_above_are_made_too(void)
{
    char path[128];
    CHECK(journal_folder_open(&folder, journal_new(), why));
    journal_folder_close(&folder);
    snprintf(path, sizeof path, "%s/a/b", journal_dir);
    CHECK_EQUAL(journal_folder_make(path), 0);
    CHECK_EQUAL(journal_folder_make(path), 0);
    CHECK(rmdir(path) == 0);
    CHECK(rmdir(journal_file("a")) == 0);
    journal_put("a", 1);
    CHECK_EQUAL(journal_folder_make(path), ENOTDIR);
    CHECK(!journal_folder_open(&folder, path, why));
    CHECK(strstr(why, "/a/b: Not a directory"));
    CHECK(!journal_folder_open(&folder, journal_file("a"), why));
    CHECK(strstr(why, "/a: is no directory"));
}

/* Two daemons would mix their segments. */
static void it_is_one_daemons(void)
{
    struct journal_folder other;
    CHECK(journal_folder_open(&folder, journal_new(), why));
    CHECK(!journal_folder_open(&other, journal_dir, why));
    CHECK(strstr(why, "another daemon writes its journal there"));
    journal_folder_close(&folder);
    CHECK(journal_folder_open(&other, journal_dir, why));
    journal_folder_close(&other);
}

static void what_is_there_is_counted(void)
{
    CHECK(mkdir(journal_new(), 0700) == 0);
    journal_put("00000003.journal", 100);
    journal_put("00000007.journal", 10);
    journal_put("00000007.checkpoint", 1000);
    journal_put("00000009.checkpoint.partial", 5);
    journal_put("0000000a.journal", 5);
    journal_put("00000001.journal.gz", 5);
    CHECK(journal_folder_open(&folder, journal_dir, why));
    CHECK_EQUAL(folder.bytes, 1110);
    CHECK_EQUAL(folder.last, 7);
    CHECK_EQUAL(journal_folder_count(&folder), 2);
    CHECK_EQUAL(journal_size("00000009.checkpoint.partial"), -1);
    CHECK_EQUAL(journal_size("0000000a.journal"), 5);
    journal_folder_close(&folder);
}

static void the_oldest_goes_first_and_what_is_needed_stays(void)
{
    CHECK(mkdir(journal_new(), 0700) == 0);
    for (int i = 1; i <= 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "0000000%d.journal", i);
        journal_put(name, 100);
    }
    journal_put("00000003.checkpoint", 50);
    journal_put("00000005.checkpoint", 50);
    CHECK(journal_folder_open(&folder, journal_dir, why));
    folder.number_count = 2; /* 3 to 6 are this daemon's; 6 is open */
    folder.first = 3;
    folder.last = 6;
    folder.state = 5;
    journal_folder_trim(&folder, 100, 700);
    CHECK_EQUAL(journal_size("00000001.journal"), 100);
    journal_folder_trim(&folder, 100, 550);
    CHECK_EQUAL(journal_size("00000001.journal"), -1);
    CHECK_EQUAL(journal_size("00000002.journal"), -1);
    CHECK_EQUAL(journal_size("00000003.journal"), 100);
    CHECK_EQUAL(journal_folder_count(&folder), 4);
    journal_folder_trim(&folder, 100, 200);
    CHECK_EQUAL(journal_size("00000003.checkpoint"), -1);
    CHECK_EQUAL(journal_size("00000004.journal"), -1);
    CHECK_EQUAL(journal_size("00000005.checkpoint"), 50);
    CHECK_EQUAL(journal_size("00000005.journal"), 100);
    CHECK_EQUAL(folder.bytes, 150);
    journal_folder_trim(&folder, 100, 100); /* more than twice that: even what is needed */
    CHECK_EQUAL(journal_size("00000005.journal"), -1);
    CHECK_EQUAL(journal_size("00000006.journal"), 100);
    journal_folder_close(&folder);
}

/* Files that somebody else removed leave their room. */
static void it_counts_again_before_it_removes(void)
{
    CHECK(mkdir(journal_new(), 0700) == 0);
    journal_put("00000001.journal", 500);
    journal_put("00000002.journal", 100);
    CHECK(journal_folder_open(&folder, journal_dir, why));
    CHECK(unlink(journal_file("00000001.journal")) == 0);
    folder.first = folder.last = folder.state = 3;
    journal_folder_trim(&folder, 100, 300);
    CHECK_EQUAL(journal_size("00000002.journal"), 100);
    CHECK_EQUAL(folder.bytes, 100);
    journal_folder_close(&folder);
}

int main(void)
{
    TEST(a_directory_is_made_for_its_owner);
    TEST(directories_above_are_made_too);
    TEST(it_is_one_daemons);
    TEST(what_is_there_is_counted);
    TEST(the_oldest_goes_first_and_what_is_needed_stays);
    TEST(it_counts_again_before_it_removes);
    return harness_done();
}
