#include "run/control.h"

#include "run/control_rig.h"

#include <sys/stat.h>

static struct rig_child gateway;

static void begin(void)
{
    rig_begin(&gateway, (const char *const[]){"--network", rig_file(RIG_PAIR), "--gateway", "vgw",
                                              "--control", control_name(), NULL});
    CHECK(rig_hears(&gateway, "event=ready"));
}

static void only_its_owner_may_ask(void)
{
    struct stat about;
    begin();
    CHECK(stat(control_path, &about) == 0);
    CHECK_EQUAL(about.st_mode & 0777, 0600);
}

static void lines_are_answered_in_turn(void)
{
    int fd = control_connect();
    control_say(fd, "{\"ask\": \"status\"}\n{\"ask\": \"limits\"}\nrubbish\n{\"ask\":");
    json_t *first = control_hear(fd), *second = control_hear(fd), *third = control_hear(fd);
    CHECK_TEXT(control_text(first, "node"), "vgw");
    CHECK_TEXT(control_text(second, "neighbors.1.neighbor"), "vpn-b/1");
    CHECK_TEXT(control_text(third, "error"), "a request is one JSON object on a line");
    control_say(fd, " \"status\"}\n");
    json_t *fourth = control_hear(fd);
    CHECK_TEXT(control_text(fourth, "node"), "vgw");
    json_decref(first);
    json_decref(second);
    json_decref(third);
    json_decref(fourth);
    close(fd);
}

static void a_line_without_end_ends_the_conversation(void)
{
    int fd = control_connect();
    for (int i = 0; i < 4096; i += 16)
        control_say(fd, "0123456789abcdef");
    json_t *answer = control_hear(fd);
    CHECK_TEXT(control_text(answer, "error"), "a request is one line of at most 4095 bytes");
    CHECK(!control_hear(fd));
    json_decref(answer);
    close(fd);
}

/* Who asks and leaves, and who asks and does not read, is nobody's trouble. */
static void rude_clients_are_borne(void)
{
    int deaf = control_connect();
    for (int i = 0; i < 40; i++) {
        control_say(deaf, "{\"ask\": \"neighbors\"}\n");
        int gone = control_connect();
        control_say(gone, "{\"ask\": \"neighbors\"}\n");
        close(gone);
    }
    json_t *answer = control_ask("{\"ask\": \"status\"}");
    CHECK_TEXT(control_text(answer, "node"), "vgw");
    json_decref(answer);
    close(deaf);
}

static void too_many_clients_are_turned_away(void)
{
    int fds[CONTROL_CLIENTS_MAX + 8];
    for (int i = 0; i < CONTROL_CLIENTS_MAX + 8; i++)
        fds[i] = control_connect();
    CHECK(!control_hear(fds[CONTROL_CLIENTS_MAX + 7]));
    control_say(fds[0], "{\"ask\": \"status\"}\n");
    json_t *answer = control_hear(fds[0]);
    CHECK_TEXT(control_text(answer, "node"), "vgw");
    json_decref(answer);
    for (int i = 0; i < CONTROL_CLIENTS_MAX + 8; i++)
        close(fds[i]);
}

/* It is gone with the daemon; where that was killed, the next one takes it. */
static void the_path_is_the_daemons_while_it_lives(void)
{
    struct rig_child other;
    rig_begin(&other, (const char *const[]){"--network", rig_file(RIG_PAIR), "--port", "1790",
                                            "--control", control_path, NULL});
    CHECK_EQUAL(rig_end(&other, 0), RUN_WORLD);
    CHECK(strstr(other.said, "cannot be made: another program has it"));
    CHECK_EQUAL(rig_end(&gateway, SIGKILL), -1);
    CHECK(access(control_path, F_OK) == 0);
    begin();
    json_t *answer = control_ask("{\"ask\": \"status\"}");
    CHECK_TEXT(control_text(answer, "node"), "vgw");
    json_decref(answer);
    CHECK_EQUAL(rig_end(&gateway, SIGTERM), RUN_FINE);
    CHECK(access(control_path, F_OK) != 0);
}

/* The default is below a folder that somebody has made for the gateway, and nowhere else. */
static void the_default_is_the_gateways_own(void)
{
    char room[CONTROL_PATH], folder[64], own[96];
    snprintf(folder, sizeof folder, "/tmp/sekishod-%d.run", (int)getpid());
    snprintf(own, sizeof own, "%s/vgw", folder);
    CHECK(!control_place(NULL, folder, "vgw", room));
    CHECK(mkdir(folder, 0700) == 0 && mkdir(own, 0700) == 0);
    const char *place = control_place(NULL, folder, "vgw", room);
    CHECK(place && strncmp(place, own, strlen(own)) == 0);
    CHECK(place && strcmp(place + strlen(own), "/control") == 0);
    CHECK(!control_place(NULL, folder, "vgw-b", room)); /* another gateway, another folder */
    CHECK(!control_place("none", folder, "vgw", room));
    CHECK_TEXT(control_place("/run/x", folder, "vgw", room), "/run/x");
    char longer[CONTROL_PATH];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(!control_place(NULL, folder, longer, room));
    rmdir(own);
    rmdir(folder);
}

int main(void)
{
    TEST(the_default_is_the_gateways_own);
    if (rig_network()) {
        TEST(only_its_owner_may_ask);
        TEST(lines_are_answered_in_turn);
        TEST(a_line_without_end_ends_the_conversation);
        TEST(rude_clients_are_borne);
        TEST(too_many_clients_are_turned_away);
        TEST(the_path_is_the_daemons_while_it_lives);
    } else {
        harness_skip("control", "no network namespace may be made here");
    }
    return harness_done();
}
