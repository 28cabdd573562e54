/* Settings of one namespace are not those of another; what may not be set is named. */
#define _GNU_SOURCE /* unshare */

#include "plane/sysctl.h"

#include "plane/plane_rig.h"

#include <sched.h>
#include <sys/mount.h>

#define FORWARD "net/ipv4/ip_forward"

static void a_setting_is_of_one_space(void)
{
    char value[SYSCTL_BYTES], before[SYSCTL_BYTES], after[SYSCTL_BYTES];
    struct rig_name one = rig("one"), other = rig("other");
    FINE(space_make(one.text, &trouble));
    FINE(space_make(other.text, &trouble));
    FINE(sysctl_get(NULL, FORWARD, before, &trouble));
    FINE(sysctl_put(one.text, FORWARD, "1", &trouble));
    FINE(sysctl_put(other.text, FORWARD, "0", &trouble));
    FINE(sysctl_get(one.text, FORWARD, value, &trouble));
    CHECK_TEXT(value, "1");
    FINE(sysctl_get(other.text, FORWARD, value, &trouble));
    CHECK_TEXT(value, "0");
    FINE(sysctl_get(NULL, FORWARD, after, &trouble));
    CHECK_TEXT(after, before);
    FINE(space_remove(one.text, &trouble));
    FINE(space_remove(other.text, &trouble));
}

static void what_is_not_there_or_not_possible_is_named(void)
{
    char value[SYSCTL_BYTES];
    struct rig_name one = rig("one");
    FINE(space_make(one.text, &trouble));
    CHECK(!sysctl_put(one.text, "net/ipv4/conf/eth9/rp_filter", "0", &trouble));
    CHECK_EQUAL(trouble.error, ENOENT);
    CHECK(strstr(trouble.sentence, "eth9") && strstr(trouble.sentence, one.text));
    CHECK(!sysctl_put(one.text, FORWARD, "many", &trouble));
    CHECK_EQUAL(trouble.error, EINVAL);
    CHECK(!sysctl_get(one.text, "../kernel/hostname", value, &trouble));
    CHECK(!sysctl_get(one.text, "/etc/passwd", value, &trouble));
    CHECK(!sysctl_get(one.text, "", value, &trouble));
    FINE(space_remove(one.text, &trouble));
}

/* As in a container: /proc/sys is there to be read. This test is the last, it goes nowhere back. */
static void what_may_not_be_set_is_named_with_what_it_must_be(void)
{
    struct rig_name one = rig("one");
    FINE(space_make(one.text, &trouble));
    FINE(sysctl_put(one.text, FORWARD, "0", &trouble));
    CHECK(unshare(CLONE_NEWNS) == 0 && mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) == 0);
    CHECK(mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0);
    CHECK(mount("", "/proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
    FINE(sysctl_put(one.text, FORWARD, "0", &trouble)); /* it is so */
    CHECK(!sysctl_put(one.text, FORWARD, "1", &trouble));
    CHECK_EQUAL(trouble.error, EROFS);
    CHECK(strstr(trouble.sentence, "/proc/sys/net/ipv4/ip_forward"));
    CHECK(strstr(trouble.sentence, "is 0 and must be 1"));
}

static int tests(void)
{
    if (!rig_permitted("settings"))
        return harness_done();
    TEST(a_setting_is_of_one_space);
    TEST(what_is_not_there_or_not_possible_is_named);
    TEST(what_may_not_be_set_is_named_with_what_it_must_be);
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
