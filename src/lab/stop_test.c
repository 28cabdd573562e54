#include "lab/build.h"
#include "lab/daemons.h"
#include "lab/plan.h"
#include "lab/start.h"
#include "plane/endpoint.h"
#include "plane/space.h"
#include "tests/harness.h"

#include <stdlib.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char name[LAB_NAME_BYTES], space[NAME_SPACE_BYTES];

static bool may_stop(void)
{
    static struct trouble trouble;
    snprintf(space, sizeof space, "sekisho-lab-%s-site", name);
    if (space_make(space, &trouble))
        return true;
    harness_leave_out(trouble.sentence);
    return false;
}

/* As an `up` that was killed leaves it: a namespace, a program in it, a folder, half a lab.json. */
static void what_is_left_of_a_lab_is_removed(void)
{
    struct trouble trouble = {0};
    char folder[LAB_PATH_BYTES], path[LAB_PATH_BYTES];
    struct running_daemon daemon = {.name = "sleeper"};
    bool found = false;
    if (!may_stop())
        return;
    lab_path(name, "", folder);
    lab_path(name, "lab.json", path);
    CHECK((mkdir("/run/sekisho", 0755) == 0 || access("/run/sekisho", F_OK) == 0) &&
          (mkdir(LAB_FOLDER, 0755) == 0 || access(LAB_FOLDER, F_OK) == 0) &&
          mkdir(folder, 0755) == 0);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs("{\"lab\":", file) >= 0 && fclose(file) == 0);
    snprintf(daemon.space, sizeof daemon.space, "%s", space);
    lab_path(name, "out", daemon.output);
    daemon_words(&daemon, (const char *const[]){"/bin/sleep", "1000", NULL}, NULL);
    CHECK(daemon_start(name, &daemon, &trouble));
    CHECK(lab_stop(name, 0, &found, &trouble));
    CHECK(found);
    CHECK_EQUAL(waitpid(daemon.pid, NULL, WNOHANG), daemon.pid);
    CHECK_EQUAL(lab_count(name), 0);
    CHECK(access(folder, F_OK) != 0);
    CHECK(lab_stop(name, 0, &found, &trouble));
    CHECK(!found);
    free(daemon.words[0]);
    free(daemon.words[1]);
}

static void put(const char *path)
{
    FILE *file = fopen(path, "w");
    CHECK(file && fclose(file) == 0);
}

static void listen_for_ours(const char *left, void *context)
{
    *(bool *)context |= strcmp(left, name) == 0;
}

static bool is_listed(void)
{
    bool listed = false;
    lab_each_left(listen_for_ours, &listed);
    return listed;
}

/* As a sekishod that was killed leaves it, of a lab whose folder somebody removed: a lock, the
 * folder of an endpoint's charon, namespaces. */
static void what_is_left_without_a_folder_is_removed(void)
{
    struct trouble trouble = {0};
    struct endpoint_names names;
    char gateway[NAME_SPACE_BYTES], lock[PLANE_PATH_BYTES], inside[PLANE_PATH_BYTES + 16];
    bool found = false;
    if (!may_stop())
        return;
    lab_gateway_name(name, "vgw", gateway);
    endpoint_names(gateway, "vpn-a/1", &names);
    CHECK(space_make(names.space, &trouble));
    CHECK(mkdir(ENDPOINT_FOLDER, 0755) == 0 || access(ENDPOINT_FOLDER, F_OK) == 0);
    CHECK(mkdir(names.folder, 0700) == 0);
    snprintf(inside, sizeof inside, "%s/charon.log", names.folder);
    snprintf(lock, sizeof lock, ENDPOINT_FOLDER "/%s.lock", gateway);
    put(inside);
    put(lock);
    CHECK(is_listed());
    CHECK(lab_stop(name, 0, &found, &trouble));
    CHECK(found);
    CHECK_EQUAL(lab_count(name), 0);
    CHECK(access(names.folder, F_OK) != 0);
    CHECK(access(lock, F_OK) != 0);
    CHECK(!is_listed());
}

int main(void)
{
    snprintf(name, sizeof name, "stop%d", getpid());
    TEST(what_is_left_of_a_lab_is_removed);
    TEST(what_is_left_without_a_folder_is_removed);
    return harness_done();
}
