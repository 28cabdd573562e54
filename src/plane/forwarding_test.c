#define _GNU_SOURCE /* unshare */

/* In a namespace of the test's own, with notes in a folder of its own. */
#include "plane/forwarding.h"

#include "plane/plane_rig.h"
#include "plane/sysctl.h"

#include <sched.h>
#include <string.h>

enum { NAMESPACES = 16 };

static char folder[64];

static const char *value(void)
{
    static char text[SYSCTL_BYTES];
    FINE(sysctl_get(NULL, "net/ipv4/ip_forward", text, &trouble));
    return text;
}

static void begin(const char *before)
{
    snprintf(folder, sizeof folder, "/tmp/sekisho-forwarding-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    FINE(sysctl_put(NULL, "net/ipv4/ip_forward", before, &trouble));
}

/* Nothing is left in the folder. */
static void end(void)
{
    CHECK_EQUAL(rmdir(folder), 0);
}

static void who_set_it_sets_it_back(void)
{
    begin("0");
    FINE(forwarding_take(folder, "vgw", &trouble));
    CHECK_TEXT(value(), "1");
    FINE(forwarding_take(folder, "vgw", &trouble)); /* a later one of us finds it set */
    FINE(forwarding_give_back(folder, "vgw", &trouble));
    CHECK_TEXT(value(), "0");
    end();
}

static void the_last_of_several_sets_it_back(void)
{
    begin("0");
    FINE(forwarding_take(folder, "vgw-a", &trouble));
    FINE(forwarding_take(folder, "vgw-b", &trouble));
    FINE(forwarding_give_back(folder, "vgw-a", &trouble));
    CHECK_TEXT(value(), "1");
    FINE(forwarding_give_back(folder, "vgw-a", &trouble));
    CHECK_TEXT(value(), "1");
    FINE(forwarding_give_back(folder, "vgw-b", &trouble));
    CHECK_TEXT(value(), "0");
    end();
}

static void what_was_set_before_stays(void)
{
    begin("1");
    FINE(forwarding_take(folder, "vgw", &trouble));
    FINE(forwarding_give_back(folder, "vgw", &trouble));
    CHECK_TEXT(value(), "1");
    end();
}

static void who_sets_it_back_meanwhile_is_overruled(void)
{
    begin("0");
    FINE(forwarding_take(folder, "vgw", &trouble));
    FINE(sysctl_put(NULL, "net/ipv4/ip_forward", "0", &trouble));
    FINE(forwarding_take(folder, "vgw", &trouble));
    CHECK_TEXT(value(), "1");
    FINE(forwarding_give_back(folder, "vgw", &trouble));
    end();
}

/* The kernel gives a namespace's inode to a later one. */
static void what_was_noted_of_a_namespace_that_is_gone_is_of_no_other(void)
{
    begin("0");
    for (int i = 0; i < NAMESPACES; i++) {
        FINE(forwarding_take(folder, "vgw-killed", &trouble));
        CHECK_EQUAL(unshare(CLONE_NEWNET), 0);
        FINE(sysctl_put(NULL, "net/ipv4/ip_forward", "0", &trouble));
        FINE(forwarding_take(folder, "vgw", &trouble));
        FINE(forwarding_give_back(folder, "vgw", &trouble));
        CHECK_TEXT(value(), "0");
    }
    forwarding_sweep(folder, "vgw");
    CHECK(rmdir(folder) != 0);
    forwarding_sweep(folder, "vgw-killed");
    end();
}

static void what_was_noted_here_is_not_swept(void)
{
    begin("0");
    FINE(forwarding_take(folder, "vgw", &trouble));
    forwarding_sweep(folder, "vgw");
    FINE(forwarding_give_back(folder, "vgw", &trouble));
    CHECK_TEXT(value(), "0");
    end();
}

static int tests(void)
{
    if (rig_permitted("forwarding") && unshare(CLONE_NEWNET) == 0) {
        TEST(who_set_it_sets_it_back);
        TEST(the_last_of_several_sets_it_back);
        TEST(what_was_set_before_stays);
        TEST(who_sets_it_back_meanwhile_is_overruled);
        TEST(what_was_noted_of_a_namespace_that_is_gone_is_of_no_other);
        TEST(what_was_noted_here_is_not_swept);
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
