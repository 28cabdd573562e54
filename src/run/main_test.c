/* The program as it is installed. */
#include "tests/harness.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* build/src/run_main_test -> build/sekishod */
static bool find_program(char *path, size_t cap)
{
    ssize_t size = readlink("/proc/self/exe", path, cap - 16);
    if (size <= 0)
        return false;
    path[size] = 0;
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            return false;
        *slash = 0;
    }
    memcpy(path + strlen(path), "/sekishod", 10);
    return access(path, X_OK) == 0;
}

static void it_runs(void)
{
    char path[4096];
    bool found = find_program(path, sizeof path);
    CHECK(found);
    pid_t pid = found ? fork() : -1;
    if (pid == 0) {
        close(1);
        execl(path, path, "--version", (char *)NULL);
        _exit(127);
    }
    int status = -1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    TEST(it_runs);
    return harness_done();
}
