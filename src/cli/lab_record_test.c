#include "cli/lab_record.h"

#include "cli/cli_rig.h"
#include "lab/watch.h"

#include <sys/stat.h>
#include <unistd.h>

static char name[LAB_NAME_BYTES], words[64];

static void put(const char *rest, const char *text)
{
    char path[LAB_PATH_BYTES];
    lab_path(name, rest, path);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void forget(const char *rest)
{
    char path[LAB_PATH_BYTES];
    lab_path(name, rest, path);
    CHECK_EQUAL(unlink(path), 0);
}

/* A lab.json as if it were up since then, with a gateway that nobody started. */
static void be_up_since(int64_t since_us)
{
    struct running_node *node;
    struct trouble trouble;
    struct lab_running *lab = running_create(name, "x.yaml");
    lab->state = LAB_UP;
    lab->since_us = since_us;
    node = running_add_node(lab);
    snprintf(node->id, sizeof node->id, "vgw");
    node->kind = NODE_GATEWAY;
    lab_path(name, "vgw", node->folder);
    CHECK(running_write(lab, &trouble));
    running_free(lab);
}

static void what_cannot_be_recorded_is_told(void)
{
    static const char network[] = "vpn_gateways: [{id: vgw, asn: 64512, platform: sekisho}]\n";
    char folder[LAB_PATH_BYTES];
    const struct ran *said = run_cli(words);
    CHECK_EQUAL(said->status, CLI_WORLD);
    CHECK_TEXT(said->out, "");
    CHECK(contains(said->err, "there is no lab "));
    lab_path(name, "", folder);
    (void)mkdir("/run/sekisho", 0755);
    (void)mkdir(LAB_FOLDER, 0755);
    if (mkdir(folder, 0755) != 0) {
        CHECK(geteuid() != 0);
        return;
    }
    be_up_since(watch_wall_us() - 13ll * 3600 * 1000000);
    put("network.yaml", network);
    put(LAB_BEGUN, network);
    CHECK_EQUAL(run_cli(words)->status, CLI_WORLD);
    CHECK(contains(run_cli(words)->err, "is up for more than 12 hours"));
    be_up_since(watch_wall_us());
    said = run_cli(words);
    CHECK_EQUAL(said->status, CLI_WORLD);
    CHECK_TEXT(said->out, "");
    CHECK(contains(said->err, "vgw/journal"));
    put("done", "half a li");
    CHECK_EQUAL(run_cli(words)->status, CLI_WORLD);
    CHECK(contains(run_cli(words)->err, "line 1 of what was done to the lab cannot be read"));
    forget("done");
    forget(LAB_BEGUN);
    CHECK_EQUAL(run_cli(words)->status, CLI_WORLD);
    CHECK(contains(run_cli(words)->err, LAB_BEGUN));
    forget("network.yaml");
    forget("lab.json");
    CHECK_EQUAL(rmdir(folder), 0);
}

int main(void)
{
    snprintf(name, sizeof name, "record%d", (int)getpid());
    snprintf(words, sizeof words, "lab record --lab %s", name);
    TEST(what_cannot_be_recorded_is_told);
    return rig_done();
}
