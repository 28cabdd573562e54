#include "lab/build.h"

#include "lab/apply.h"
#include "lab/chains.h"
#include "lab/plan_rig.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char lab[32];

static bool may_build(void)
{
    static struct trouble trouble;
    char probe[NAME_SPACE_BYTES];
    snprintf(lab, sizeof lab, "test%d", getpid());
    snprintf(probe, sizeof probe, "sekisho-lab-%s-probe", lab);
    if (space_make(probe, &trouble)) {
        space_remove(probe, NULL);
        return true;
    }
    harness_leave_out(trouble.sentence);
    return false;
}

/* One ping of at most a second, from a node to an address; tried for a while, since a link that
 * has just come up may lose the first. */
static bool pings(const struct lab_plan *plan, const char *from, const char *to, int tries)
{
    char command[512];
    snprintf(command, sizeof command,
             "for i in $(seq %d); do ip netns exec %s ping -q -c1 -W1 %s >/dev/null 2>&1 && exit 0;"
             " done; exit 1",
             tries, lab_space_of(plan, world_find_node(rig.world, from)), to);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, NULL);
        _exit(127);
    }
    int status = -1;
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    return status == 0;
}

static struct lab_plan *built(const char *text)
{
    struct trouble trouble = {0};
    rig = rig_build(text);
    rig_boot(&rig);
    struct lab_plan *plan = lab_plan(rig.world, lab);
    bool done = lab_build(plan, lab, &trouble);
    CHECK(done);
    if (!done)
        printf("# %s\n", trouble.sentence);
    return plan;
}

/* Within a VPC, over its internet gateway through both NATs, and nowhere else. */
static void packets_go_where_the_tables_lead(void)
{
    if (!may_build())
        return;
    const char *text = rig_with(rig_incident, "address: 10.20.0.20}",
                                "address: 10.20.0.20, elastic_address: 198.51.100.20}");
    struct lab_plan *plan =
        built(rig_and(text, "  - {id: far, platform: linux, address: 192.0.2.7}\n"));
    CHECK_EQUAL(lab_count(lab), plan->space_count);
    CHECK(pings(plan, "i-host", "10.20.0.10", 20));
    CHECK(pings(plan, "far", "198.51.100.20", 20));
    CHECK(pings(plan, "i-host", "192.0.2.7", 20));
    CHECK(!pings(plan, "far", "10.20.0.20", 1));   /* an inner address is nobody's outside */
    CHECK(!pings(plan, "i-app", "10.20.0.20", 1)); /* another VPC */
    CHECK(lab_remove(lab, NULL));
    CHECK_EQUAL(lab_count(lab), 0);
    done(plan);
}

/* Does the node hear this source, when a packet with it leaves another one? */
static bool hears(const struct lab_plan *plan, const char *from, const char *source,
                  const char *node, const char *addr, int tries)
{
    static struct trouble trouble;
    const char *sender = lab_space_of(plan, world_find_node(rig.world, from));
    const char *receiver = lab_space_of(plan, world_find_node(rig.world, node));
    const char *const ping[] = {"ping", "-q", "-c1", "-W1", "-I", source, addr, NULL};
    const char *const list[] = {"nft", "list", "table", "inet", "heard", NULL};
    char chain[160], said[1024] = "packets 0";
    snprintf(chain, sizeof chain,
             "  chain in { type filter hook prerouting priority -600; ip saddr %s counter; }\n",
             source);
    CHECK(chains_put(receiver, "heard", chain, &trouble));
    for (int i = 0; i < tries && strstr(said, "packets 0"); i++) {
        (void)!lab_run_program(sender, ping, NULL, 0, NULL); /* the answer is another's */
        CHECK(lab_run_program(receiver, list, said, sizeof said, &trouble));
    }
    return !strstr(said, "packets 0");
}

/* A neighbor on its own range is reached without a provider. */
static void a_provider_takes_no_foreign_source(void)
{
    if (!may_build())
        return;
    struct lab_plan *plan =
        built(rig_and(rig_incident, "  - {id: one, platform: linux, address: 192.0.2.7}\n"
                                    "  - {id: near, platform: linux, address: 192.0.2.8}\n"
                                    "  - {id: far, platform: linux, address: 198.18.0.1}\n"
                                    "  - {id: other, platform: linux, address: 198.18.9.1}\n"));
    const char *const take[] = {"ip", "address", "add", "198.18.0.1/32", "dev", "lo", NULL};
    CHECK(lab_run_program(lab_space_of(plan, world_find_node(rig.world, "one")), take, NULL, 0,
                          NULL));
    CHECK(hears(plan, "one", "192.0.2.7", "other", "198.18.9.1", 20));
    CHECK(!hears(plan, "one", "198.18.0.1", "other", "198.18.9.1", 2));
    CHECK(hears(plan, "one", "198.18.0.1", "near", "192.0.2.8", 20));
    CHECK(lab_remove(lab, NULL));
    done(plan);
}

/* A plan that cannot be made leaves nothing behind. */
static void half_a_lab_is_none(void)
{
    if (!may_build())
        return;
    struct trouble trouble = {0};
    struct lab_plan *plan = plan_of(rig_incident);
    rig_done(&rig);
    lab_plan_free(plan);
    rig = rig_build(rig_incident);
    rig_boot(&rig);
    plan = lab_plan(rig.world, lab);
    plan->routes[0].route.gateway = RIG_IP(192, 0, 2, 200); /* on no link */
    CHECK(!lab_build(plan, lab, &trouble));
    CHECK(trouble.sentence[0] != '\0');
    CHECK_EQUAL(lab_count(lab), 0);
    done(plan);
}

int main(void)
{
    TEST(packets_go_where_the_tables_lead);
    TEST(a_provider_takes_no_foreign_source);
    TEST(half_a_lab_is_none);
    return harness_done();
}
