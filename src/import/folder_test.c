#include "import/import_rig.h"

#include <sys/stat.h>
#include <unistd.h>

static char top[64];

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", top, name);
    FILE *out = fopen(path, "w");
    CHECK(out != NULL);
    if (!out)
        return;
    fputs(text, out);
    fclose(out);
}

static void make(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", top, name);
    CHECK(mkdir(path, 0700) == 0);
}

static bool takes(const char *name)
{
    char path[256], *problem = NULL;
    snprintf(path, sizeof path, "%s%s%s", top, *name ? "/" : "", name);
    rig_open();
    bool taken = import_take_path(rig_import, path, &problem);
    rig_finish();
    CHECK(taken == !problem);
    printf("# %s: %s\n", name, taken ? "taken" : problem);
    free(problem);
    return taken;
}

/* In the order of their names, wherever they lie; what is no *.json is no answer. */
static void files_are_found_below(void)
{
    make("aws_configs");
    make("aws_configs/accounts");
    make("aws_configs/accounts/1");
    make("aws_configs/accounts/1/eu-west-1");
    put("aws_configs/accounts/1/eu-west-1/b.json", "{\"Vpcs\": 1}");
    put("aws_configs/a.json",
        "{\"Vpcs\": [{\"VpcId\": \"vpc-1\", \"CidrBlock\": \"10.0.0.0/8\"}]}");
    put("aws_configs/README.txt", "nothing");
    put("other.json", "not read: the snapshot's answers lie beside it");
    CHECK(takes(""));
    CHECK_EQUAL((int64_t)import_file_count(rig_import), 2);
    CHECK(rig_has("id: vpc-1"));
    const struct import_remark *wrong = rig_remark(IMPORT_WRONG, "Vpcs is 1; expected a list");
    CHECK(wrong && strcmp(wrong->file, "accounts/1/eu-west-1/b.json") == 0);
}

static void one_file_will_do(void)
{
    CHECK(takes("aws_configs/a.json"));
    CHECK(rig_has("id: vpc-1"));
    CHECK_EQUAL((int64_t)import_file_count(rig_import), 1);
}

static void links_lead_to_files_and_not_to_folders(void)
{
    char from[160], to[160];
    make("links");
    snprintf(to, sizeof to, "%s/links/again", top);
    CHECK(symlink(top, to) == 0);
    snprintf(from, sizeof from, "%s/aws_configs/a.json", top);
    snprintf(to, sizeof to, "%s/links/c.json", top);
    CHECK(symlink(from, to) == 0);
    CHECK(takes("links"));
    CHECK_EQUAL((int64_t)import_file_count(rig_import), 1);
}

static void what_is_not_there_is_said(void)
{
    make("empty");
    make("empty/folder.json");
    CHECK(!takes("empty"));
    CHECK(!takes("nowhere"));
}

static void what_cannot_be_read_is_said(void)
{
    char path[256];
    make("wide");
    snprintf(path, sizeof path, "%s/wide/large.json", top);
    put("wide/large.json", "{");
    CHECK(truncate(path, (off_t)IMPORT_FILE_MAX + 1) == 0); /* a hole, not a full disk */
    CHECK(takes("wide"));
    CHECK(rig_remark(IMPORT_WRONG, "larger than 64 MiB"));
    CHECK(!rig_done_well);
}

static void take_away(const char *folder)
{
    static const char *const paths[] = {"wide/large.json",
                                        "wide",
                                        "empty/folder.json",
                                        "empty",
                                        "links/again",
                                        "links/c.json",
                                        "links",
                                        "aws_configs/accounts/1/eu-west-1/b.json",
                                        "aws_configs/accounts/1/eu-west-1",
                                        "aws_configs/accounts/1",
                                        "aws_configs/accounts",
                                        "aws_configs/a.json",
                                        "aws_configs/README.txt",
                                        "aws_configs",
                                        "other.json",
                                        ""};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, paths[i]);
        remove(path);
    }
}

int main(void)
{
    const char *where = getenv("TMPDIR");
    snprintf(top, sizeof top, "%.40s/sekisho-XXXXXX", where ? where : "/tmp");
    if (!mkdtemp(top))
        return 1;
    TEST(files_are_found_below);
    TEST(one_file_will_do);
    TEST(links_lead_to_files_and_not_to_folders);
    TEST(what_is_not_there_is_said);
    TEST(what_cannot_be_read_is_said);
    rig_close();
    take_away(top);
    return harness_done();
}
