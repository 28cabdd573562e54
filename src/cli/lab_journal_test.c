/* Journals of simulated gateways, read as those of a lab's. */
#include "cli/lab_journal.h"

#include "cli/cli_rig.h"
#include "cli/playback.h"
#include "network/build.h"

#include <sys/stat.h>
#include <unistd.h>

#define S_US 1000000ll

static char folder[64], file[96], journal[96], first[128], words[512];

static struct network *network;
static struct world *world;
static struct record record;
static struct running_node gateway = {.id = "vgw-main", .kind = NODE_GATEWAY};

static void forget_journal(void)
{
    for (int i = 1; i < 100; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%08d.journal", journal, i);
        unlink(path);
    }
    rmdir(journal);
}

static const char *inside; /* of the Direct Connect; NULL: as it is */

/* The incident's network with this story, played for so long into a journal. */
static void play(const char *story, const char *until)
{
    static char text[16384];
    struct diagnostics diagnostics;
    FILE *in = fopen("examples/incident.yaml", "r"), *out = fopen(file, "w");
    CHECK(in && out);
    text[fread(text, 1, sizeof text / 4, in)] = '\0';
    char *at = strstr(text, "    inside: {vgw: 169.254.100.1"), *end = at ? strchr(at, '\n') : NULL;
    CHECK(end != NULL);
    if (inside && end) {
        memmove(at + strlen(inside), end + 1, strlen(end + 1) + 1);
        memcpy(at, inside, strlen(inside));
    }
    at = strstr(text, "story:");
    CHECK(at != NULL);
    snprintf(at, sizeof text / 2, "story:\n%s", story);
    CHECK(fputs(text, out) >= 0 && fclose(out) == 0);
    fclose(in);
    forget_journal();
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)text, strlen(text)}, file, &diagnostics,
                        &network));
    diagnostics_done(&diagnostics);
    snprintf(words, sizeof words, "simulate --seed 2 --until %s --journal %s %s", until, journal,
             file);
    const struct ran *run = run_cli(words);
    CHECK_TEXT(run->err, "");
    world = network_build(network);
    record_init(&record, network, world, 30 * S_US, INT64_MAX);
}

static void done(void)
{
    record_free(&record);
    world_destroy(world);
    network_free(network);
}

static struct ran_read {
    enum cli_exit status;
    char *err;
} was;

static void read_until(int64_t until_us)
{
    size_t size;
    free(was.err);
    FILE *err = open_memstream(&was.err, &size);
    struct cli cli = {.out = {.out = err}, .err = {.out = err}};
    was.status = lab_journal_read(&cli, &gateway, until_us, &record);
    fclose(err);
}

static void check_story(const char *expected)
{
    int64_t began_us;
    size_t size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    struct network *recorded = record_network(&record, &began_us);
    network_format(recorded, out);
    fclose(out);
    const char *story = strstr(text, "story:");
    CHECK_TEXT(story ? story : "", expected);
    network_free(recorded);
    free(text);
}

/* The default goes round, and the Vyatta announces it back: that is no announcement of its own; and
 * what is said again with each new session is no news. */
static void only_what_came_from_outside_is_told(void)
{
    play("  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
         "  - {at: 200s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}\n",
         "300s");
    read_until(300 * S_US);
    CHECK_TEXT(was.err, "");
    CHECK_EQUAL(was.status, CLI_FINE);
    CHECK(record.cover_count >= 2 && record.sign_count > 10);
    check_story("story:\n"
                "  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n"
                "  - {at: 200s, withdraw: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    done();
}

/* A Direct Connect's second session is the same router's. */
static void what_comes_over_ipv6_is_told(void)
{
    inside = "    inside: {vgw: 169.254.100.1, peer: 169.254.100.2}\n"
             "    ipv6_session: {vgw: \"2001:db8::1\", peer: \"2001:db8::2\"}\n";
    play("  - {at: 60s, announce: {router: dx-edge, prefix: \"2001:db8:40::/48\"}}\n", "90s");
    inside = NULL;
    read_until(90 * S_US);
    CHECK_EQUAL(was.status, CLI_FINE);
    check_story("story:\n"
                "  - {at: 60s, announce: {router: dx-edge, prefix: 2001:db8:40::/48}}\n");
    done();
}

/* Withdrawn while its session was down: found missing when that is up again. */
static void what_is_not_said_again_was_withdrawn(void)
{
    play("  - {at: 60s, announce: {router: dx-edge, prefix: 10.40.0.0/16}}\n"
         "  - {at: 100s, fail: {direct_connect: dxvif-1}}\n"
         "  - {at: 220s, withdraw: {router: dx-edge, prefix: 10.40.0.0/16}}\n"
         "  - {at: 300s, restore: {direct_connect: dxvif-1}}\n",
         "500s");
    read_until(500 * S_US);
    CHECK_EQUAL(was.status, CLI_FINE);
    int64_t began_us;
    struct network *recorded = record_network(&record, &began_us);
    CHECK_EQUAL(recorded->step_count, 2);
    CHECK_EQUAL(recorded->story[1].verb, NETWORK_STEP_WITHDRAW);
    CHECK(recorded->story[1].at_us >= 300 * S_US && recorded->story[1].at_us < 400 * S_US);
    network_free(recorded);
    done();
}

static void a_journal_that_is_not_whole_is_refused(void)
{
    play("  - {at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n", "900s");
    read_until(1100 * S_US);
    CHECK_EQUAL(was.status, CLI_WORLD);
    CHECK(contains(was.err, "the journal of vgw-main breaks off minutes ago"));
    FILE *segment = fopen(first, "r+");
    CHECK(segment && fseek(segment, 700, SEEK_SET) == 0 && fputs("xxxx", segment) >= 0 &&
          fclose(segment) == 0);
    read_until(900 * S_US);
    CHECK_EQUAL(was.status, CLI_WORLD);
    CHECK(contains(was.err, "the journal of vgw-main is damaged: no story can be told from it"));
    unlink(first);
    read_until(900 * S_US);
    CHECK_EQUAL(was.status, CLI_WORLD);
    CHECK(contains(was.err, "the journal of vgw-main has lost its beginning"));
    forget_journal();
    read_until(900 * S_US);
    CHECK_EQUAL(was.status, CLI_WORLD);
    CHECK(contains(was.err, journal));
    done();
}

int main(void)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-lab-journal-%ld", (long)getpid());
    snprintf(file, sizeof file, "%s.yaml", folder);
    snprintf(journal, sizeof journal, "%s/journal", folder);
    snprintf(first, sizeof first, "%s/00000001.journal", journal);
    snprintf(gateway.folder, sizeof gateway.folder, "%s", folder);
    CHECK_EQUAL(mkdir(folder, 0755), 0);
    TEST(only_what_came_from_outside_is_told);
    TEST(what_comes_over_ipv6_is_told);
    TEST(what_is_not_said_again_was_withdrawn);
    TEST(a_journal_that_is_not_whole_is_refused);
    free(was.err);
    forget_journal();
    rmdir(folder);
    unlink(file);
    return rig_done();
}
