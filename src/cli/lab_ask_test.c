#include "cli/cli_rig.h"
#include "lab/running.h"

#include <sys/stat.h>
#include <unistd.h>

static char name[LAB_NAME_BYTES], file[64] = "/t1.yaml";

/* A lab of one program, which has ended. */
static bool have_lab(enum lab_state state)
{
    struct lab_running *lab = running_create(name, file);
    struct running_node *node = running_add_node(lab);
    struct running_daemon *daemon = running_add_daemon(node);
    *node = (struct running_node){
        .id = "site", .kind = NODE_ROUTER, .platform = "frr", .space = "nosuchspace"};
    node->daemons = daemon;
    node->daemon_count = 1;
    snprintf(daemon->name, sizeof daemon->name, "bgpd");
    lab->state = state;
    lab->since_us = 1700000000000000;
    mkdir("/run/sekisho", 0755);
    mkdir(LAB_FOLDER, 0755);
    bool done = (mkdir(lab->folder, 0755) == 0 || access(lab->folder, W_OK) == 0) &&
                running_write(lab, NULL);
    running_free(lab);
    if (!done)
        printf("# /run/sekisho/lab cannot be written here\n");
    return done;
}

static void forget_lab(void)
{
    char path[LAB_PATH_BYTES];
    lab_path(name, "lab.json", path);
    unlink(path);
    lab_path(name, "", path);
    rmdir(path);
    rmdir(LAB_FOLDER);
    rmdir("/run/sekisho");
}

static const struct ran *ask(const char *words)
{
    char all[256];
    snprintf(all, sizeof all, "lab --lab %s %s", name, words);
    return run_cli(all);
}

static void a_lab_is_shown(void)
{
    char done[LAB_PATH_BYTES];
    if (!have_lab(LAB_UP)) {
        CHECK(geteuid() != 0);
        return;
    }
    const struct ran *shown = ask("status");
    CHECK_EQUAL(shown->status, CLI_FOUND);
    CHECK(contains(shown->out, ": /t1.yaml  up for "));
    CHECK(contains(shown->out, "  site  frr  bgpd (ended)\n"));
    shown = ask("status --json");
    CHECK_EQUAL(shown->status, CLI_FOUND);
    CHECK(contains(shown->out, "\"runs\": false"));
    shown = ask("exec site no-such-program");
    CHECK_EQUAL(shown->status, CLI_WORLD);
    CHECK_TEXT(shown->err, "error: there is no program no-such-program here\n");
    lab_path(name, "done", done);
    CHECK(access(done, F_OK) != 0); /* and no record says that it ran */
    shown = ask("shell nobody");
    CHECK_EQUAL(shown->status, CLI_USAGE);
    CHECK(contains(shown->err, "has no node \"nobody\"; expected one of site\n"));
    forget_lab();
}

static void one_that_is_not_up_is_not_asked(void)
{
    if (!have_lab(LAB_STARTING)) {
        CHECK(geteuid() != 0);
        return;
    }
    const struct ran *shown = ask("status");
    CHECK_EQUAL(shown->status, CLI_WORLD);
    CHECK(contains(shown->err, "is not up, but starting"));
    forget_lab();
}

static void put(const char *path, const char *announced)
{
    FILE *out = fopen(path, "w");
    CHECK(out != NULL);
    fprintf(out,
            "vpn_gateways: [{id: vgw, asn: 64600, platform: sekisho}]\n"
            "routers: [{id: site, platform: frr, bgp: {asn: 65010, announce: [%s]}}]\n",
            announced);
    CHECK(fclose(out) == 0);
}

/* Whoever names the file means its network, which is not the lab's any more. */
static void an_edited_file_is_told(void)
{
    char begun[LAB_PATH_BYTES], words[128], said[256];
    static const char *const verbs[] = {"run", "tour", "record"};
    snprintf(file, sizeof file, "/tmp/%s.yaml", name);
    if (!have_lab(LAB_UP)) {
        CHECK(geteuid() != 0);
        return;
    }
    lab_path(name, LAB_BEGUN, begun);
    put(begun, "10.20.0.0/16");
    put(file, "10.20.0.0/16");
    CHECK(!contains(ask("status")->out, "changed"));
    CHECK(contains(ask("status --json")->out, "\"changed\": false"));
    put(file, "10.21.0.0/16");
    const struct ran *shown = ask("status");
    CHECK_EQUAL(shown->status, CLI_FOUND);
    CHECK(contains(shown->out, "\nthe file's network was changed since; the lab is as it was\n"));
    CHECK(contains(ask("status --json")->out, "\"changed\": true"));
    snprintf(said, sizeof said,
             "error: the network of %s was changed since the lab %s was raised from it; ", file,
             name);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        snprintf(words, sizeof words, "lab %s %s", verbs[i], file);
        shown = run_cli(words);
        CHECK_EQUAL(shown->status, CLI_USAGE);
        CHECK_TEXT(shown->out, "");
        CHECK(strncmp(shown->err, said, strlen(said)) == 0);
        CHECK(contains(shown->err, " lab down"));
    }
    CHECK_EQUAL(unlink(begun), 0);
    CHECK_EQUAL(unlink(file), 0);
    CHECK(contains(ask("status --json")->out, "\"changed\": null"));
    forget_lab();
}

int main(void)
{
    snprintf(name, sizeof name, "ask%d", getpid());
    TEST(a_lab_is_shown);
    TEST(one_that_is_not_up_is_not_asked);
    TEST(an_edited_file_is_told);
    return rig_done();
}
