#include "cli/cli_rig.h"

#include <jansson.h>
#include <unistd.h>

#define REAL "tests/data/hybrid-cloud-aws"
#define NOTHING                                                                                    \
    "error: nothing in the export has a place in a network file; expected VPCs, VPN gateways or "  \
    "VPN connections\n"
#define NO_JSON(more)                                                                              \
    "error: 000.json:1: the file is not JSON; expected the answer of an aws command with "         \
    "--output json; it is left out; and " more " more like it\n"

static void an_export_becomes_a_network_file(void)
{
    const struct ran *run = run_cli("import aws " REAL);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(strncmp(run->out, "# From 27 files of AWS's answers: Vpcs 4, ", 42) == 0);
    CHECK_TEXT(run->err, "");
    char *file = strdup(run->out);
    run = run_input("format --check -", file, strlen(file));
    CHECK_EQUAL(run->status, CLI_FINE);
    free(file);
}

static bool is_of(const json_t *finding, const char *key, const char *value)
{
    const char *text = json_string_value(json_object_get(finding, key));
    return text && strcmp(text, value) == 0;
}

/* From the export alone: the router's table is not known, so a further attachment could take the
 * tunnel's packets; and the default that the router itself announces is what a sample does. Neither
 * is passed over in silence. */
static void what_was_imported_can_be_checked(void)
{
    char *file = strdup(run_cli("import aws " REAL)->out);
    const struct ran *run = run_input("check --json -", file, strlen(file));
    json_t *answer = json_loads(run->out, 0, NULL), *finding, *sentence;
    size_t i, swallowed = 0, samples = 0;
    bool assumed = false;
    CHECK_EQUAL(run->status, CLI_FINE);
    json_array_foreach(json_object_get(answer, "findings"), i, finding)
    {
        CHECK(is_of(finding, "level", "latent"));
        swallowed += is_of(finding, "connection", "vpn-ba2e34a8") &&
                     is_of(finding, "router", "lhr-border-02") &&
                     json_array_size(json_object_get(finding, "loop")) > 0;
        samples += is_of(finding, "trap", "T11");
    }
    json_array_foreach(json_object_get(answer, "assumptions"), i, sentence) assumed =
        assumed ||
        contains(json_string_value(sentence), "lhr-border-02: its routes are not in the file");
    CHECK(swallowed > 0);
    CHECK_EQUAL((int64_t)samples, 1);
    CHECK(assumed);
    json_decref(answer);
    free(file);
}

static void the_summary_counts_and_tells(void)
{
    const struct ran *run = run_cli("import aws --summary " REAL);
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK(contains(run->out, "  11  SecurityGroups     read, not used\n"));
    CHECK(contains(run->out, "Missing\n  VirtualInterfaces is not in the export"));
    CHECK(!contains(run->out, "vpcs:"));
}

static void the_machine_gets_the_same(void)
{
    json_t *answer = json_loads(run_cli("import --json aws " REAL)->out, 0, NULL);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "files")), 27);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "wrong")), 0);
    json_t *missing = json_array_get(json_object_get(answer, "missing"), 0);
    CHECK(json_is_null(json_object_get(missing, "file")));
    CHECK(contains(json_string_value(json_object_get(missing, "depends")), "Direct Connect"));
    CHECK(contains(json_string_value(json_object_get(answer, "network")), "id: vpn-ba2e34a8"));
    json_decref(answer);
}

static void mistakes_have_one_sentence(void)
{
    check_mistake("import azure " REAL,
                  "error: nothing is imported from \"azure\"; expected aws\n");
    check_mistake("import aws", "error: import needs aws DIR; see: sekisho help import\n");
    check_mistake("import aws tests/nowhere", "error: tests/nowhere: No such file or directory\n");
    check_mistake("import aws examples", "error: examples: there is no *.json in it; expected "
                                         "answers of aws ec2 describe-*\n");
    check_mistake("import aws " REAL "/aws_configs/us-west-2/Tags.json", NOTHING);
}

static void put_files(const char *folder, int from, int to, const char *text)
{
    for (int i = from; i < to; i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%03d.json", folder, i);
        FILE *out = fopen(path, "w");
        CHECK(out && fputs(text, out) >= 0 && fclose(out) == 0);
    }
}

static void remove_files(const char *folder, int count)
{
    for (int i = 0; i < count; i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%03d.json", folder, i);
        unlink(path);
    }
    rmdir(folder);
}

/* A folder of something else: one sentence for each way in which files are wrong, how many there
 * are, and what it comes to. */
static void a_folder_of_something_else_is_told_in_few_sentences(void)
{
    char folder[] = "/tmp/sekisho-import-XXXXXX", words[64];
    CHECK(mkdtemp(folder) != NULL);
    put_files(folder, 0, 20, "not JSON");
    put_files(folder, 20, 30, "{\"Vpcs\": 7}");
    put_files(folder, 30, 31, "[1]");
    put_files(folder, 31, 33, "{\"VpnGateways\": 7}");
    put_files(folder, 33, 34, "{\"Subnets\": 7}");
    snprintf(words, sizeof words, "import aws %s", folder);
    const struct ran *failed = run_cli(words);
    CHECK_EQUAL(failed->status, CLI_USAGE);
    CHECK_TEXT(failed->out, "");
    CHECK_TEXT(failed->err,
               NO_JSON("19") "error: 020.json:1: Vpcs is 7; expected a list; and 9 more like it\n"
                             "error: 030.json:1: the file is a JSON list; expected an object such "
                             "as {\"Vpcs\": [...]}; it is left out\n"
                             "error: and 3 more; sekisho import --json has them\n" NOTHING);
    put_files(folder, 0, 600, "not JSON");
    failed = run_cli(words);
    CHECK_EQUAL(failed->status, CLI_USAGE);
    CHECK_TEXT(failed->err,
               NO_JSON("499") "error: and 100 more; sekisho import --json has them\n" NOTHING);
    remove_files(folder, 600);
}

static void a_failure_is_json_too(void)
{
    const struct ran *run = run_cli("import --json aws " REAL "/aws_configs/us-west-2/Tags.json");
    CHECK_EQUAL(run->status, CLI_USAGE);
    CHECK_TEXT(run->out, "");
    json_t *answer = json_loads(run->err, 0, NULL);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(answer, "errors")), 1);
    json_decref(answer);
}

int main(void)
{
    TEST(an_export_becomes_a_network_file);
    TEST(what_was_imported_can_be_checked);
    TEST(the_summary_counts_and_tells);
    TEST(the_machine_gets_the_same);
    TEST(mistakes_have_one_sentence);
    TEST(a_folder_of_something_else_is_told_in_few_sentences);
    TEST(a_failure_is_json_too);
    return rig_done();
}
