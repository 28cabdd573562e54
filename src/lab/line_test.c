#include "lab/line.h"

#include "lab/run_rig.h"
#include "plane/vpc.h"

static struct lab_running *lab;
static char outer[NAME_SPACE_BYTES], inner[NAME_SPACE_BYTES], vpc[NAME_SPACE_BYTES];
static char found[NAME_SPACE_BYTES];

static bool begin(void)
{
    lab = running_create("t", "x.yaml");
    if (!run_space("vgw", outer) || !run_space("vgw.inner", inner))
        return false;
    plane_vpc_name(strchr(inner, '-') + 1, "vpc", vpc);
    CHECK(space_make(vpc, &run_trouble));
    struct running_node *gateway = run_node(lab, "vgw", NODE_GATEWAY, outer);
    snprintf(gateway->inner, sizeof gateway->inner, "%s", inner);
    return true;
}

static void end(void)
{
    if (*vpc)
        space_remove(vpc, NULL);
    running_free(lab);
    run_clean();
}

static struct running_end end_of(const char *device)
{
    struct running_end of = {.node = 0};
    snprintf(of.space, sizeof of.space, "%s", outer);
    snprintf(of.device, sizeof of.device, "%s", device);
    return of;
}

/* As sekishod takes what it was handed. */
static void an_end_that_was_taken_is_found(void)
{
    if (begin()) {
        CHECK(run_pair(outer, "outer0", inner, "dxvif-1"));
        CHECK(run_pair(vpc, "i-app", inner, "other"));
        struct running_end its = end_of("outer0"), line = end_of("dxvif-1"), app = end_of("i-app");
        CHECK(line_find(lab, &its, found, &run_trouble));
        CHECK_TEXT(found, outer);
        CHECK(line_find(lab, &line, found, &run_trouble));
        CHECK_TEXT(found, inner);
        CHECK(line_find(lab, &app, found, &run_trouble));
        CHECK_TEXT(found, vpc);
    }
    end();
}

static void one_that_is_nowhere_is_told(void)
{
    if (begin()) {
        struct running_end gone = end_of("dxvif-2");
        CHECK(!line_find(lab, &gone, found, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "the device dxvif-2"));
        CHECK(strstr(run_trouble.sentence, outer));
    }
    end();
}

int main(void)
{
    TEST(an_end_that_was_taken_is_found);
    TEST(one_that_is_nowhere_is_told);
    return harness_done();
}
