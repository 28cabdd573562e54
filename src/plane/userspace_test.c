#define _GNU_SOURCE /* unshare */

/* What needs no charon; tests/interop/tunnels.py has the rest, with two sites. */
#include "plane/userspace.h"

#include "plane/plane_rig.h"

#include <sched.h>
#include <string.h>

static bool is_gone;
static unsigned troubles;

static void changed(void *of, const struct report_tunnel *tunnel)
{
    (void)of;
    (void)tunnel;
}

static void counted(void *of, const struct report_counters *counters)
{
    (void)of;
    (void)counters;
}

static void say(void *of, const char *tunnel, const char *sentence)
{
    (void)of;
    printf("# %s %s\n", tunnel, sentence);
    troubles++;
}

static void gone(void *of)
{
    (void)of;
    is_gone = true;
}

static struct carrier *begin(uv_loop_t *loop, char space[NAME_SPACE_BYTES])
{
    static const struct carrier_ears ears = {NULL, changed, counted, say, gone};
    struct carrier_spec spec = {.loop = loop};
    char why[ORDER_SENTENCE_BYTES] = "";
    snprintf(spec.gateway, sizeof spec.gateway, "test%d", (int)getpid());
    name_inner(spec.gateway, space);
    CHECK_EQUAL(uv_loop_init(loop), 0);
    struct carrier *carrier = carrier_userspace.create(&spec, &ears, why);
    CHECK_TEXT(why, "");
    return carrier;
}

static void a_gateway_that_does_not_come_up_leaves_nothing(void)
{
    uv_loop_t loop;
    char space[NAME_SPACE_BYTES];
    struct carrier *carrier = begin(&loop, space);
    if (!carrier)
        return;
    CHECK(space_exists(space));
    carrier->acts->leave(carrier);
    CHECK(!space_exists(space));
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
}

static void one_that_came_up_leaves_its_namespace(void)
{
    uv_loop_t loop;
    char space[NAME_SPACE_BYTES];
    struct carrier *carrier = begin(&loop, space);
    if (!carrier)
        return;
    carrier->acts->settled(carrier);
    carrier->acts->leave(carrier);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
    CHECK(space_exists(space));
    carrier = begin(&loop, space); /* the next one finds it */
    carrier->acts->take_down(carrier);
    CHECK(is_gone && !space_exists(space));
    carrier->acts->leave(carrier);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQUAL(uv_loop_close(&loop), 0);
    CHECK_EQUAL(troubles, 0);
}

/* The outer namespace is the test's own, for what is set in it. */
static int tests(void)
{
    if (rig_permitted("the userspace plane") && unshare(CLONE_NEWNET) == 0) {
        TEST(a_gateway_that_does_not_come_up_leaves_nothing);
        TEST(one_that_came_up_leaves_its_namespace);
    }
    return harness_done();
}

int main(void)
{
    return rig_main(tests);
}
