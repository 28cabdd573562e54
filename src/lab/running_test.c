#include "lab/running.h"

#include "plane/child.h"
#include "tests/harness.h"

#include <string.h>
#include <unistd.h>

static void a_name_is_letters_and_digits_of_the_file(void)
{
    char name[LAB_NAME_BYTES] = "untouched";
    CHECK(lab_name_of("examples/incident.yaml", name));
    CHECK_TEXT(name, "incident");
    CHECK(lab_name_of("/a.b/Incident-two_tunnels.v2.yml", name));
    CHECK_TEXT(name, "incidenttwotunnelsv2");
    CHECK(lab_name_of("plain", name));
    CHECK_TEXT(name, "plain");
    CHECK(!lab_name_of("-", name));
    CHECK(!lab_name_of("a/.yaml", name));
    CHECK(!lab_name_of("abcdefghijklmnopqrstuvwxyz.yaml", name));
    CHECK_TEXT(name, "plain");
    CHECK(!lab_name_valid("a-b"));
    CHECK(!lab_name_valid("A"));
    CHECK(!lab_name_valid(""));
}

static void a_path_lies_in_the_labs_folder(void)
{
    char path[LAB_PATH_BYTES];
    lab_path("t1", "", path);
    CHECK_TEXT(path, "/run/sekisho/lab/t1");
    lab_path("t1", "lab.json", path);
    CHECK_TEXT(path, "/run/sekisho/lab/t1/lab.json");
}

static void what_is_added_is_found(void)
{
    struct lab_running *lab = running_create("t1", "/tmp/t1.yaml");
    for (int i = 0; i < 5; i++) {
        struct running_node *node = running_add_node(lab);
        snprintf(node->id, sizeof node->id, "n%d", i);
    }
    struct running_node *node = running_node(lab, "n3");
    CHECK(node == &lab->nodes[3]);
    CHECK(running_node(lab, "n5") == NULL);
    struct running_daemon *one = running_add_daemon(node);
    snprintf(one->name, sizeof one->name, "charon");
    snprintf(one->tunnel, sizeof one->tunnel, "a/1");
    struct running_daemon *two = running_add_daemon(node);
    snprintf(two->name, sizeof two->name, "charon");
    snprintf(two->tunnel, sizeof two->tunnel, "a/2");
    CHECK(running_daemon(node, "charon", "a/2") == &node->daemons[1]);
    CHECK(running_daemon(node, "charon", NULL) == &node->daemons[0]);
    CHECK(running_daemon(node, "bgpd", NULL) == NULL);
    struct running_tunnel *tunnel = running_add_tunnel(lab);
    snprintf(tunnel->id, sizeof tunnel->id, "a/1");
    CHECK(running_tunnel(lab, "a/1") == tunnel);
    CHECK(running_tunnel(lab, "a/2") == NULL);
    running_free(lab);
    running_free(NULL);
}

/* A number that somebody else has now is nobody's. */
static void who_lives_is_told_by_the_start_too(void)
{
    struct running_daemon daemon = {.pid = getpid(), .start = child_start_of(getpid())};
    CHECK(running_lives(&daemon));
    daemon.start++;
    CHECK(!running_lives(&daemon));
    daemon = (struct running_daemon){0};
    CHECK(!running_lives(&daemon));
}

static void no_lab_is_ENOENT(void)
{
    struct trouble trouble = {0};
    CHECK(running_read("nosuchlab0", &trouble) == NULL);
    CHECK_EQUAL(trouble.error, 2);
}

int main(void)
{
    TEST(a_name_is_letters_and_digits_of_the_file);
    TEST(a_path_lies_in_the_labs_folder);
    TEST(what_is_added_is_found);
    TEST(who_lives_is_told_by_the_start_too);
    TEST(no_lab_is_ENOENT);
    return harness_done();
}
