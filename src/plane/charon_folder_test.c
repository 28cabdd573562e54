#include "plane/charon_folder.h"

#include "tests/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct charon_folder folder;

static void begin(void)
{
    char path[64];
    struct trouble trouble;
    snprintf(path, sizeof path, "/tmp/sekisho-folder-%d", (int)getpid());
    CHECK(charon_folder_init(&folder, path, &trouble));
    CHECK(charon_folder_make(&folder, &trouble));
}

static unsigned mode_of(const char *path)
{
    struct stat about = {0};
    CHECK_EQUAL(stat(path, &about), 0);
    return about.st_mode & 0777;
}

static void a_folder_is_its_owners_alone(void)
{
    struct trouble trouble;
    begin();
    CHECK_EQUAL(mode_of(folder.path), 0700);
    CHECK_EQUAL(chmod(folder.path, 0755), 0);
    CHECK(charon_folder_make(&folder, &trouble));
    CHECK_EQUAL(mode_of(folder.path), 0700);
    charon_folder_remove(&folder);
    CHECK_EQUAL(symlink("/tmp", folder.path), 0); /* not somebody else's, under our name */
    CHECK(!charon_folder_make(&folder, &trouble));
    unlink(folder.path);
}

static void a_file_is_written_as_a_whole(void)
{
    struct trouble trouble;
    size_t size = 0;
    begin();
    CHECK(charon_folder_write(folder.conf, "one", 3, &trouble));
    CHECK(charon_folder_write(folder.conf, "other", 5, &trouble));
    CHECK_EQUAL(mode_of(folder.conf), 0600);
    char *text = charon_folder_read(folder.conf, 5, &size, &trouble);
    CHECK(text && size == 5 && strcmp(text, "other") == 0);
    charon_folder_forget(text, size);
    CHECK(charon_folder_has_conf(&folder, "other"));
    CHECK(!charon_folder_has_conf(&folder, "othe") && !charon_folder_has_conf(&folder, "others"));
    CHECK(charon_folder_read(folder.conf, 4, &size, &trouble) == NULL);
    CHECK_EQUAL(trouble.error, EFBIG);
    CHECK(charon_folder_read(folder.log, 4, &size, &trouble) == NULL);
    CHECK_EQUAL(trouble.error, ENOENT);
    charon_folder_remove(&folder);
    CHECK(access(folder.path, F_OK) != 0);
    CHECK(!charon_folder_write(folder.conf, "one", 3, &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
}

static void a_path_has_its_limit(void)
{
    char path[CHARON_FOLDER_MAX + 2];
    struct trouble trouble;
    memset(path, 'x', sizeof path);
    path[CHARON_FOLDER_MAX - 1] = '\0';
    CHECK(charon_folder_init(&folder, path, &trouble));
    CHECK_EQUAL(strlen(folder.socket), CHARON_FOLDER_MAX + 11); /* within sun_path's 107 */
    path[CHARON_FOLDER_MAX - 1] = 'x';
    path[CHARON_FOLDER_MAX] = '\0';
    CHECK(!charon_folder_init(&folder, path, &trouble));
    CHECK_EQUAL(trouble.error, ENAMETOOLONG);
}

static void digests_are_read_as_they_are_written(void)
{
    static const char *const wrong[] = {
        "",
        "9f86d081884c7d6 vpn-a/1\n",  /* a digit is missing */
        "9f86d081884c7d65vpn-a/1\n",  /* and the space */
        "9f86d081884c7d65 vpn-a/1",   /* and the end */
        "9F86d081884c7d65 vpn-a/1\n", /* and who wrote it */
        "9f86d081884c7d65 \n",
    };
    const char *at = "9f86d081884c7d65 vpn-a/1\n0000000000000001 vpn-b/2\n";
    char name[PLANE_NAME_BYTES];
    uint64_t digest;
    CHECK(charon_folder_digest(&at, &digest, name));
    CHECK_EQUAL(digest, 0x9f86d081884c7d65);
    CHECK_TEXT(name, "vpn-a/1");
    CHECK(charon_folder_digest(&at, &digest, name));
    CHECK_EQUAL(digest, 1);
    CHECK_TEXT(name, "vpn-b/2");
    CHECK(!charon_folder_digest(&at, &digest, name));
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        at = wrong[i];
        CHECK(!charon_folder_digest(&at, &digest, name));
    }
    char longest[PLANE_NAME_BYTES + 32] = "9f86d081884c7d65 ";
    memset(longest + 17, 'n', PLANE_NAME_BYTES);
    longest[17 + PLANE_NAME_BYTES] = '\n';
    at = longest;
    CHECK(!charon_folder_digest(&at, &digest, name));
    longest[16 + PLANE_NAME_BYTES] = '\n';
    at = longest;
    CHECK(charon_folder_digest(&at, &digest, name));
    CHECK_EQUAL(strlen(name), PLANE_NAME_BYTES - 1);
}

int main(void)
{
    TEST(a_folder_is_its_owners_alone);
    TEST(a_file_is_written_as_a_whole);
    TEST(a_path_has_its_limit);
    TEST(digests_are_read_as_they_are_written);
    return harness_done();
}
