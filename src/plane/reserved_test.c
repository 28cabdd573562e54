/* In the namespace that the test is in, with a folder of its own. */
#include "plane/reserved.h"

#include "plane/plane_rig.h"

#include <unistd.h>

static char folder[64];

static bool takes(struct reserved *reserved, const char *tunnel, const char *outside)
{
    return reserved_take(reserved, tunnel, rig_addr(outside), 0, &trouble);
}

static void an_address_is_one_gateways(void)
{
    struct reserved *one = reserved_create(folder, "vgw-a");
    struct reserved *other = reserved_create(folder, "vgw-b");
    FINE(takes(one, "v/1", "203.0.113.1"));
    FINE(takes(one, "v/2", "203.0.113.1")); /* tunnels may share it */
    FINE(takes(other, "v/1", "203.0.113.2"));
    CHECK(!takes(other, "v/2", "203.0.113.1"));
    CHECK_TEXT(trouble.sentence,
               "the outside address 203.0.113.1 is that of the gateway vgw-a on this machine: "
               "stop that one, or give this one another address");
    reserved_drop(one, "v/1");
    CHECK(!takes(other, "v/2", "203.0.113.1"));
    CHECK(!takes(one, "v/2", "203.0.113.2")); /* and keeps what it had */
    CHECK(reserved_has(one, "v/2", rig_addr("203.0.113.1")));
    CHECK(!reserved_has(one, "v/2", rig_addr("203.0.113.2")));
    CHECK(!reserved_has(one, "v/1", 0)); /* dropped */
    CHECK(!takes(other, "v/2", "203.0.113.1"));
    FINE(takes(one, "v/2", "203.0.113.3")); /* another than before */
    FINE(takes(other, "v/2", "203.0.113.1"));
    reserved_leave(one);
    FINE(takes(other, "v/3", "203.0.113.3"));
    reserved_leave(other);
    CHECK(access(folder, F_OK) != 0);
}

/* Whoever begins with the lowest is not met by one that began elsewhere. */
static void all_are_taken_from_the_lowest_up(void)
{
    struct plane_tunnel up[] = {{.name = "v/1"}, {.name = "v/2"}, {.name = "v/3"}};
    struct reserved *one = reserved_create(folder, "vgw-a");
    struct reserved *other = reserved_create(folder, "vgw-b");
    up[0].outside = up[2].outside = rig_addr("203.0.113.2");
    up[1].outside = rig_addr("203.0.113.1");
    FINE(takes(one, "v/1", "203.0.113.1"));
    CHECK(!reserved_take_all(other, up, 3, 0, &trouble));
    FINE(takes(one, "v/2", "203.0.113.2"));
    reserved_leave(one);
    FINE(reserved_take_all(other, up, 3, 0, &trouble));
    reserved_leave(other);
    CHECK(access(folder, F_OK) != 0);
}

static void ike_has_its_ports_once(void)
{
    struct reserved *one = reserved_create(folder, "vgw-a");
    struct reserved *other = reserved_create(folder, "vgw-b");
    FINE(reserved_ports(one, 0, &trouble));
    FINE(reserved_ports(one, 0, &trouble));
    CHECK(!reserved_ports(other, 0, &trouble));
    CHECK(strstr(trouble.sentence, "the gateway vgw-a on this machine has IKE's ports"));
    reserved_leave(one);
    FINE(reserved_ports(other, 0, &trouble));
    reserved_leave(other);
    CHECK(access(folder, F_OK) != 0);
}

/* It holds nothing, and the next one sweeps its files. */
static void whoever_is_killed_lets_go(void)
{
    int ends[2], status;
    char ready = 0;
    CHECK(pipe(ends) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct reserved *killed = reserved_create(folder, "vgw-a");
        if (takes(killed, "v/1", "203.0.113.1") && takes(killed, "v/2", "203.0.113.2") &&
            write(ends[1], "r", 1) == 1)
            pause();
        _exit(1);
    }
    CHECK(read(ends[0], &ready, 1) == 1);
    struct reserved *next = reserved_create(folder, "vgw-b");
    CHECK(!takes(next, "v/1", "203.0.113.1"));
    CHECK(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
    FINE(takes(next, "v/1", "203.0.113.1"));
    reserved_leave(next);
    CHECK(access(folder, F_OK) != 0);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-reserved-%d", (int)getpid());
    TEST(an_address_is_one_gateways);
    TEST(all_are_taken_from_the_lowest_up);
    TEST(ike_has_its_ports_once);
    TEST(whoever_is_killed_lets_go);
    return harness_done();
}
