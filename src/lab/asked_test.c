#include "lab/asked.h"

#include "tests/harness.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

/* A daemon that answers one question so. Its process number. */
static pid_t answering(const char *answer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char question[128];
    snprintf(path, sizeof path, "/tmp/sekisho-asked.%d", getpid());
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(fd, 4) == 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int one = accept(fd, NULL, NULL);
        bool right = read(one, question, sizeof question) > 0 &&
                     strncmp(question, "{\"ask\": \"status\"}\n", 18) == 0 &&
                     write(one, answer, strlen(answer)) == (ssize_t)strlen(answer);
        _exit(right ? 0 : 1);
    }
    close(fd);
    return pid;
}

static void ended(pid_t pid)
{
    int status = -1;
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    CHECK_EQUAL(status, 0);
    unlink(path);
}

static void an_answer_is_an_object(void)
{
    struct trouble trouble = {0};
    pid_t pid = answering("{\"up\": 7}\nmore");
    json_t *answer = asked(path, "status", 60000, &trouble);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "up")), 7);
    json_decref(answer);
    ended(pid);
}

static void an_error_is_none(void)
{
    struct trouble trouble = {0};
    pid_t pid = answering("{\"error\": \"no\"}\n");
    CHECK(asked(path, "status", 60000, &trouble) == NULL);
    CHECK(strstr(trouble.sentence, "does not say status"));
    ended(pid);
    pid = answering("{\"up\":");
    CHECK(asked(path, "status", 60000, &trouble) == NULL);
    ended(pid);
}

static void nobody_is_there(void)
{
    struct trouble trouble = {0};
    CHECK(asked("/nowhere/socket", "status", 1000, &trouble) == NULL);
    CHECK(strstr(trouble.sentence, "no sekishod answers at /nowhere/socket"));
    CHECK(!asked_listens("/nowhere/socket"));
}

int main(void)
{
    TEST(an_answer_is_an_object);
    TEST(an_error_is_none);
    TEST(nobody_is_there);
    return harness_done();
}
