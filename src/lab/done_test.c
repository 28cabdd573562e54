#include "lab/done.h"

#include "network/build_rig.h"
#include "network/edit.h"
#include "network/schema.h"

#include <sys/stat.h>
#include <unistd.h>

static struct lab_running lab;

static struct network *network_with(const char *step)
{
    char text[8192];
    struct diagnostics diagnostics;
    struct network *network = NULL;
    snprintf(text, sizeof text, "%sstory:\n  - %s\n", rig_incident, step);
    diagnostics_init(&diagnostics);
    CHECK(network_parse((struct slice){(const uint8_t *)text, strlen(text)}, "x", &diagnostics,
                        &network));
    diagnostics_done(&diagnostics);
    return network;
}

static void a_step_is_written_without_its_time(void)
{
    struct network *network =
        network_with("{at: 60s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}");
    char *text = done_step_text(&network->story[0], 0);
    CHECK_TEXT(text, "{at: 0s, announce: {router: dx-edge, prefix: 0.0.0.0/0}}\n");
    CHECK_EQUAL(network->story[0].at_us, 60000000);
    free(text);
    network_free(network);
}

/* As tests of labs do, where the lab's folder can be made. */
static bool make_folder(void)
{
    char path[LAB_PATH_BYTES];
    snprintf(lab.name, sizeof lab.name, "done%d", (int)getpid());
    lab_path(lab.name, "", path);
    (void)mkdir("/run/sekisho", 0755);
    (void)mkdir(LAB_FOLDER, 0755);
    return mkdir(path, 0755) == 0;
}

static void remove_folder(void)
{
    char path[LAB_PATH_BYTES];
    lab_path(lab.name, DONE_FILE, path);
    unlink(path);
    lab_path(lab.name, "", path);
    CHECK_EQUAL(rmdir(path), 0);
}

static void what_is_done_is_read_again(void)
{
    const char *const words[] = {"vtysh", "-c", "show ip route", NULL};
    struct network *network = network_with("{at: 60s, fail: {tunnel: vpn-vyatta/1}}");
    struct trouble trouble = {0};
    struct done done;
    if (!make_folder()) {
        CHECK(geteuid() != 0);
        network_free(network);
        return;
    }
    CHECK(done_read(&lab, &done, &trouble));
    CHECK_EQUAL(done.count, 0);
    done_step(&lab, &network->story[0], 1000);
    done_command(&lab, "vyatta", words, 2000);
    CHECK(done_read(&lab, &done, &trouble));
    CHECK_EQUAL(done.count, 2);
    CHECK_EQUAL(done.items[0].at_us, 1000);
    CHECK_TEXT(done.items[0].step, "{at: 0s, fail: {tunnel: vpn-vyatta/1}}\n");
    CHECK_TEXT(done.items[1].node, "vyatta");
    CHECK_TEXT(done.items[1].command, "vtysh -c 'show ip route'");
    done_free(&done);
    network_free(network);
    remove_folder();
}

/* A route and a guard are steps; what is not is said to have been something. */
static void a_change_is_told_as_steps(void)
{
    struct network *before = network_with("{at: 60s, fail: {tunnel: vpn-vyatta/1}}");
    struct network *after = network_copy(before);
    struct trouble trouble = {0};
    struct done done;
    if (!make_folder()) {
        CHECK(geteuid() != 0);
    } else {
        struct prefix all = {0};
        struct network_route route = network_static_route(all, 0);
        CHECK(ip_parse("10.20.0.1", 9, &route.via));
        CHECK(prefix_parse("203.0.113.225/32", 16, &route.prefix) == PREFIX_OK);
        network_add_route(after, 0, &route);
        network_set_guard(after, 0, NETWORK_GUARD_HOLD);
        done_change(&lab, before, after, 7);
        CHECK(done_read(&lab, &done, &trouble));
        CHECK_EQUAL(done.count, 2);
        CHECK_TEXT(done.items[0].step, "{at: 0s, configure: {router: vyatta, add_routes: [{prefix: "
                                       "203.0.113.225/32, via: 10.20.0.1}]}}\n");
        CHECK_TEXT(done.items[1].step,
                   "{at: 0s, configure: {vpn_connection: vpn-vyatta, guard: hold}}\n");
        done_free(&done);
        network_remove_connection(after, 0);
        done_change(&lab, before, after, 8);
        CHECK(done_read(&lab, &done, &trouble));
        CHECK(done.items[done.count - 1].step == NULL);
        done_free(&done);
        remove_folder();
    }
    network_free(before);
    network_free(after);
}

static void what_is_broken_is_refused(void)
{
    static const char *const broken[] = {"{\"at_us\":1}", "{\"at_us\":1}\n{}\n", "no\n", "\n"};
    struct done done = {0};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct trouble trouble = {0};
        CHECK(!done_read_text(broken[i], strlen(broken[i]), &done, &trouble));
        CHECK(strstr(trouble.sentence, "cannot be read") != NULL);
    }
    CHECK_EQUAL(done.count, 0);
}

int main(void)
{
    TEST(a_step_is_written_without_its_time);
    TEST(what_is_done_is_read_again);
    TEST(a_change_is_told_as_steps);
    TEST(what_is_broken_is_refused);
    return harness_done();
}
