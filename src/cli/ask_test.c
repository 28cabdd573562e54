#include "cli/ask.h"

#include "cli/daemon_rig.h"

#include <sys/stat.h>

static void nobody_there_is_said(void)
{
    const struct ran *run = run_cli("status --control /nowhere/control");
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK_TEXT(run->out, "");
    CHECK_TEXT(run->err,
               "error: no sekishod answers at /nowhere/control: No such file or directory\n");
}

/* -- which of several -- */

static char folder[64];

/* A gateway's folder with a socket in it, at which somebody listens or not. */
static int put_socket(const char *id, bool listens)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, id);
    CHECK(mkdir(address.sun_path, 0700) == 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s/control", folder, id);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(!listens || listen(fd, 8) == 0);
    return fd;
}

static void take_socket(const char *id, int fd)
{
    char path[128];
    close(fd);
    snprintf(path, sizeof path, "%s/%s/control", folder, id);
    unlink(path);
    snprintf(path, sizeof path, "%s/%s", folder, id);
    rmdir(path);
}

/* What is found, without the folder's name; else what is said. */
static const char *found(void)
{
    static char said[512], path[ASK_PATH];
    memset(said, 0, sizeof said);
    struct cli cli = {.err = {.out = fmemopen(said, sizeof said - 1, "w"), .width = 200}};
    enum cli_exit status = ask_find(&cli, folder, path);
    fclose(cli.err.out);
    CHECK(status == CLI_FINE || status == CLI_WORLD);
    if (status == CLI_FINE)
        return path + strlen(folder);
    char *end = strstr(said, folder); /* its name is another one each time */
    if (end)
        *end = '\0';
    return said;
}

static void the_only_gateway_is_asked(void)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-%d.run", (int)getpid());
    CHECK_TEXT(found(), "error: no sekishod answers below ");
    CHECK(mkdir(folder, 0700) == 0);
    CHECK_TEXT(found(), "error: no sekishod answers below ");
    int dead = put_socket("vgw-a", false);
    CHECK_TEXT(found(), "/vgw-a/control"); /* where the failure is told as it is */
    int first = put_socket("vgw-b", true);
    CHECK_TEXT(found(), "/vgw-b/control");
    int second = put_socket("vgw-c", true);
    CHECK_TEXT(found(), "error: several gateways run here: vgw-b, vgw-c; expected --control ");
    take_socket("vgw-b", first);
    CHECK_TEXT(found(), "/vgw-c/control");
    take_socket("vgw-c", second);
    take_socket("vgw-a", dead);
    rmdir(folder);
}

static void what_the_daemon_finds_wrong_is_told(void)
{
    const struct ran *run =
        daemon_run("show limits", (const char *const[]){"{\"error\": \"no\"}", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK_TEXT(run->err, "error: sekishod says: no\n");
}

static void a_conversation_that_ends_is_said(void)
{
    const struct ran *run = daemon_run("show limits", (const char *const[]){NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
    CHECK(contains(run->err, "ended the conversation"));
    run = daemon_run("show limits", (const char *const[]){"rubbish", NULL});
    CHECK_EQUAL(run->status, CLI_WORLD);
}

int main(void)
{
    TEST(nobody_there_is_said);
    TEST(the_only_gateway_is_asked);
    TEST(what_the_daemon_finds_wrong_is_told);
    TEST(a_conversation_that_ends_is_said);
    return rig_done();
}
