#include "run/run.h"

#include "run/run_rig.h"

static char said[4096];

static int ended(const char *const words[])
{
    struct rig_child child;
    rig_begin(&child, words);
    int status = rig_end(&child, 0);
    snprintf(said, sizeof said, "%.4000s", child.said);
    return status;
}

static void check_says_what_would_be_run(void)
{
    CHECK_EQUAL(ended((const char *const[]){"--network", rig_file(RIG_PAIR), "--check", NULL}),
                RUN_FINE);
    CHECK_TEXT(said, "vgw  AS 64512  2 neighbors\n"
                     "  vpn-a/1                  169.254.1.1 - 169.254.1.2\n"
                     "  vpn-b/1                  169.254.1.5 - 169.254.1.6\n");
}

static void statuses_say_whose_fault_it_is(void)
{
    CHECK_EQUAL(ended((const char *const[]){"--version", NULL}), RUN_FINE);
    CHECK_EQUAL(ended((const char *const[]){"--help", NULL}), RUN_FINE);
    CHECK_EQUAL(ended((const char *const[]){"--nothing", NULL}), RUN_INPUT);
    CHECK_EQUAL(ended((const char *const[]){"--network", rig_file("vpcs: 1\n"), NULL}), RUN_INPUT);
    CHECK(strstr(said, "1 error; nothing was run"));
    CHECK_EQUAL(
        ended((const char *const[]){"--network", rig_file(RIG_PAIR), "--gateway", "x", NULL}),
        RUN_INPUT);
    CHECK_EQUAL(ended((const char *const[]){"--network", rig_file(RIG_PAIR), "--netns",
                                            "/nowhere/ns", NULL}),
                RUN_WORLD);
    CHECK_EQUAL(
        ended((const char *const[]){"--network", rig_file(RIG_PAIR), "--port", "1790", NULL}),
        RUN_WORLD);
    CHECK_TEXT(said, "error: 169.254.1.1 is not an address of this machine; vpn-a/1 needs it\n");
}

int main(void)
{
    TEST(check_says_what_would_be_run);
    TEST(statuses_say_whose_fault_it_is);
    return harness_done();
}
