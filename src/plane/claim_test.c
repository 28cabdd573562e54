#include "plane/claim.h"

#include "tests/harness.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static struct trouble trouble;

static bool takes(struct claim *claim, int wait_ms)
{
    return claim_take(claim, folder, "vgw", wait_ms, &trouble);
}

static void the_second_is_told(void)
{
    struct claim one, other;
    CHECK(takes(&one, 0));
    CHECK(!takes(&other, 0));
    CHECK_TEXT(trouble.sentence, "another sekishod on this machine is the gateway vgw");
    CHECK(claim_take(&other, folder, "vgw-b", 0, &trouble));
    claim_leave(&other);
    CHECK(access(folder, F_OK) == 0); /* of the first one, too */
    claim_leave(&one);
    CHECK(access(folder, F_OK) != 0);
    CHECK(takes(&other, 0));
    claim_leave(&other);
}

static void whoever_ends_lets_go(void)
{
    struct claim claim;
    int ends[2];
    char ready = 0;
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (takes(&claim, 0) && write(ends[1], "r", 1) == 1)
            pause();
        _exit(1);
    }
    CHECK(read(ends[0], &ready, 1) == 1);
    CHECK(!takes(&claim, 0));
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(takes(&claim, 60000)); /* waits until it has ended */
    CHECK(waitpid(pid, NULL, 0) == pid);
    claim_leave(&claim);
    close(ends[0]);
    close(ends[1]);
}

static void a_lock_without_a_name_is_none(void)
{
    struct claim one, other;
    CHECK(takes(&one, 0));
    CHECK(unlink(one.path) == 0); /* as claim_leave does, before it lets go */
    CHECK(takes(&other, 0));
    struct claim third;
    claim_leave(&one);
    CHECK(access(other.path, F_OK) == 0); /* that name is another's by now */
    CHECK(!takes(&third, 0));
    claim_leave(&other);
}

static void a_folder_that_cannot_be_made_is_named(void)
{
    struct claim claim;
    CHECK(!claim_take(&claim, "/proc/nowhere", "vgw", 0, &trouble));
    CHECK(strstr(trouble.sentence, "/proc/nowhere"));
    claim_leave(&claim);
}

int main(void)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-claim-%d", (int)getpid());
    TEST(the_second_is_told);
    TEST(whoever_ends_lets_go);
    TEST(a_lock_without_a_name_is_none);
    TEST(a_folder_that_cannot_be_made_is_named);
    return harness_done();
}
