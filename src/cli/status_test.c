#include "cli/daemon_rig.h"

#define STATUS(up)                                                                                 \
    "{\"node\": \"vgw\", \"asn\": 64512, \"up\": 61, \"neighbors\": 2, \"established\": " up       \
    ", \"prefixes\": 3, \"paths\": 5, \"memory_bytes\": 1048576, \"ipsec_not_carried\": 0}"

static void it_is_well_when_all_sessions_are_up(void)
{
    const struct ran *run = daemon_run("status", (const char *const[]){STATUS("2"), NULL});
    CHECK_EQUAL(run->status, CLI_FINE);
    CHECK_TEXT(run->out, "vgw  AS 64512  UP  2 of 2 neighbors  for 00:01:01\n"
                         "routes  3 prefixes, 5 paths, 1.0 MiB\n");
    run = daemon_run("status", (const char *const[]){STATUS("1"), NULL});
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK(contains(run->out, "  PARTLY UP  1 of 2 neighbors"));
    run = daemon_run("status --json", (const char *const[]){STATUS("0"), NULL});
    CHECK_EQUAL(run->status, CLI_FOUND);
    CHECK(contains(run->out, "\"established\": 0"));
}

int main(void)
{
    TEST(it_is_well_when_all_sessions_are_up);
    return rig_done();
}
