#include "lab/build.h"
#include "lab/daemons.h"
#include "lab/start.h"
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

int main(void)
{
    snprintf(name, sizeof name, "stop%d", getpid());
    TEST(what_is_left_of_a_lab_is_removed);
    return harness_done();
}
