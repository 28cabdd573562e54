#include "lab/lock.h"

#include "tests/harness.h"

#include <sys/wait.h>
#include <unistd.h>

static char name[LAB_NAME_BYTES];

static bool may_lock(void)
{
    struct lock lock;
    struct trouble trouble;
    snprintf(name, sizeof name, "lock%d", getpid());
    if (lock_take(name, 0, &lock, &trouble)) {
        lock_remove(&lock);
        return true;
    }
    printf("# no lock can be taken here: %s\n", trouble.sentence);
    return false;
}

static void one_at_a_time(void)
{
    struct lock lock, second;
    struct trouble trouble = {0};
    if (!may_lock()) {
        CHECK(geteuid() != 0);
        return;
    }
    CHECK(lock_take(name, 0, &lock, &trouble));
    CHECK(!lock_take(name, 0, &second, &trouble));
    CHECK(strstr(trouble.sentence, "is being started or taken down"));
    lock_let_go(&lock);
    CHECK(lock_take(name, 0, &second, &trouble));
    CHECK(access(second.path, F_OK) == 0);
    lock_remove(&second);
    CHECK(access(second.path, F_OK) != 0);
}

/* Whoever is killed holds nothing. */
static void a_killed_one_holds_nothing(void)
{
    struct lock lock;
    if (!may_lock()) {
        CHECK(geteuid() != 0);
        return;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(lock_take(name, 0, &lock, NULL) ? 0 : 1);
    int status = -1;
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    CHECK_EQUAL(status, 0);
    CHECK(lock_take(name, 0, &lock, NULL));
    lock_remove(&lock);
}

int main(void)
{
    TEST(one_at_a_time);
    TEST(a_killed_one_holds_nothing);
    return harness_done();
}
