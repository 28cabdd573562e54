/* Namespaces with a name: made, visited, listed, removed; nobody is left elsewhere. */
#include "plane/space.h"

#include "plane/plane_rig.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static ino_t inode_here(void)
{
    struct stat at = {0};
    CHECK(stat("/proc/thread-self/ns/net", &at) == 0);
    return at.st_ino;
}

static void look_around(void *context)
{
    *(ino_t *)context = inode_here();
}

static void a_space_is_made_once_and_removed_once(void)
{
    struct rig_name one = rig("one");
    CHECK(!space_exists(one.text));
    FINE(space_make(one.text, &trouble));
    CHECK(space_exists(one.text));
    ino_t first = 0, second = 0;
    FINE(space_within(one.text, look_around, &first, &trouble));
    FINE(space_make(one.text, &trouble));
    FINE(space_within(one.text, look_around, &second, &trouble));
    CHECK(first != 0 && first == second);
    FINE(space_remove(one.text, &trouble));
    CHECK(!space_exists(one.text));
    FINE(space_remove(one.text, &trouble));
}

static void what_a_killed_maker_left_is_made_whole(void)
{
    struct rig_name half = rig("half");
    char path[NAME_SPACE_BYTES + 32];
    snprintf(path, sizeof path, "%s/%s", SPACE_FOLDER, half.text);
    int fd = open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0);
    CHECK(fd >= 0 && close(fd) == 0);
    CHECK(!space_exists(half.text));
    FINE(space_make(half.text, &trouble));
    CHECK(space_exists(half.text));
    FINE(space_remove(half.text, &trouble));
    fd = open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0);
    CHECK(fd >= 0 && close(fd) == 0);
    FINE(space_remove(half.text, &trouble));
    CHECK(access(path, F_OK) != 0);
}

static void a_visitor_is_elsewhere_and_the_caller_is_not(void)
{
    struct rig_name one = rig("visited");
    ino_t home = inode_here(), there = 0, here = 0;
    FINE(space_make(one.text, &trouble));
    FINE(space_within(one.text, look_around, &there, &trouble));
    CHECK(there != home);
    CHECK_EQUAL(inode_here(), home);
    FINE(space_within(NULL, look_around, &here, &trouble));
    CHECK_EQUAL(here, home);
    int fd = space_open(one.text, &trouble);
    CHECK(fd >= 0 && space_is(one.text, fd) && !space_is(one.text, -1) && space_is(NULL, -1));
    here = 0;
    FINE(space_within_fd(fd, look_around, &here, &trouble));
    CHECK_EQUAL(here, there);
    close(fd);
    FINE(space_remove(one.text, &trouble));
}

static void look_at_loopback(void *context)
{
    struct ifreq *request = context;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && ioctl(fd, SIOCGIFFLAGS, request) == 0);
    close(fd);
}

static void a_new_space_has_its_loopback(void)
{
    struct rig_name one = rig("loopback");
    struct ifreq request = {.ifr_name = "lo"};
    FINE(space_make(one.text, &trouble));
    FINE(space_within(one.text, look_at_loopback, &request, &trouble));
    CHECK(request.ifr_flags & IFF_UP);
    FINE(space_remove(one.text, &trouble));
}

/* The same port is bound in both: they cannot be in one space. */
static void a_socket_is_inside(void)
{
    struct rig_name one = rig("socket");
    FINE(space_make(one.text, &trouble));
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int here = space_socket(NULL, AF_INET, SOCK_DGRAM, 0, &trouble);
    int there = space_socket(one.text, AF_INET, SOCK_DGRAM, 0, &trouble);
    CHECK(here >= 0 && there >= 0);
    CHECK(bind(here, (struct sockaddr *)&at, size) == 0);
    CHECK(getsockname(here, (struct sockaddr *)&at, &size) == 0);
    CHECK(bind(there, (struct sockaddr *)&at, size) == 0);
    CHECK(fcntl(there, F_GETFD) & FD_CLOEXEC);
    close(here);
    close(there);
    FINE(space_remove(one.text, &trouble));
}

static void a_space_that_is_not_there_is_named(void)
{
    struct rig_name none = rig("none");
    ino_t untouched = 7;
    CHECK(!space_within(none.text, look_around, &untouched, &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
    CHECK(strstr(trouble.sentence, none.text));
    CHECK_EQUAL(untouched, 7);
    CHECK_EQUAL(space_open(none.text, &trouble), -1);
    CHECK_EQUAL(space_socket(none.text, AF_INET, SOCK_DGRAM, 0, &trouble), -1);
    static const char *const unfit[] = {"", ".", "..", "../x", "a/b"};
    for (size_t i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        CHECK(!space_make(unfit[i], &trouble));
        CHECK_EQUAL(trouble.error, EINVAL);
        CHECK(!space_remove(unfit[i], &trouble));
    }
}

enum { SEEN_BYTES = 64 };

static void remember(const char *name, void *context)
{
    char *seen = context;
    size_t at = strlen(seen);
    snprintf(seen + at, SEEN_BYTES - at, "%s ", name + strlen(rig_prefix));
    FINE(space_remove(name, &trouble));
}

static void all_of_a_prefix_are_told_in_order(void)
{
    char seen[SEEN_BYTES] = "";
    FINE(space_make(rig("list-b").text, &trouble));
    FINE(space_make(rig("list-a").text, &trouble));
    FINE(space_make(rig("other").text, &trouble));
    FINE(space_each(rig("list-").text, remember, seen, &trouble));
    CHECK_TEXT(seen, "list-a list-b ");
    CHECK(!space_exists(rig("list-a").text) && space_exists(rig("other").text));
    FINE(space_remove(rig("other").text, &trouble));
}

static int tests(void)
{
    if (!rig_permitted("namespaces"))
        return harness_done();
    TEST(a_space_is_made_once_and_removed_once);
    TEST(what_a_killed_maker_left_is_made_whole);
    TEST(a_visitor_is_elsewhere_and_the_caller_is_not);
    TEST(a_new_space_has_its_loopback);
    TEST(a_socket_is_inside);
    TEST(a_space_that_is_not_there_is_named);
    TEST(all_of_a_prefix_are_told_in_order);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
