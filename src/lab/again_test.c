#include "lab/again.h"

#include "lab/daemons.h"
#include "lab/run_rig.h"
#include "network/probe.h"

static struct network *network;
static struct lab_running *lab;
static struct running_node *node;

static bool begin(void)
{
    char space[NAME_SPACE_BYTES];
    run_folder_make();
    if (!run_space("dx", space))
        return false;
    network = probe_parse(rig_incident);
    lab = running_create("t", "x.yaml");
    snprintf(lab->folder, sizeof lab->folder, "%s", run_folder);
    node = run_node(lab, "dx-edge", NODE_ROUTER, space);
    snprintf(node->folder, sizeof node->folder, "%s", run_folder);
    return true;
}

static void end(void)
{
    for (size_t i = 0; lab && i < lab->nodes[0].daemon_count; i++)
        daemon_stop(&lab->nodes[0].daemons[i], 0, NULL);
    running_free(lab);
    network_free(network);
    lab = NULL;
    network = NULL;
    run_clean();
}

static struct running_daemon *sleeper(const char *name, const char *program)
{
    struct running_daemon *daemon = run_daemon(node, name, NULL);
    snprintf(daemon->space, sizeof daemon->space, "%s", node->space);
    snprintf(daemon->output, sizeof daemon->output, "%s/%s.out", run_folder, name);
    daemon_words(daemon, (const char *const[]){program, "600", NULL}, NULL);
    return daemon;
}

/* A lab's own folder is not there in this test, so its state cannot be written: that is told, and
 * what has been started runs. */
static void what_was_killed_runs_again(void)
{
    if (begin()) {
        struct running_daemon *bird = sleeper("bird", "sleep");
        CHECK(!running_lives(bird));
        (void)!lab_start_again(lab, node, network, &run_trouble);
        CHECK(running_lives(&node->daemons[0]));
    }
    end();
}

static void a_program_that_does_not_start_is_told(void)
{
    if (begin()) {
        sleeper("bird", "/nowhere/bird");
        CHECK(!lab_start_again(lab, node, network, &run_trouble));
        CHECK(strstr(run_trouble.sentence, "/nowhere/bird"));
    }
    end();
}

int main(void)
{
    TEST(what_was_killed_runs_again);
    TEST(a_program_that_does_not_start_is_told);
    return harness_done();
}
