#include "lab/look.h"

#include "plane/child.h"
#include "tests/harness.h"

#include <unistd.h>

static struct lab_running *lab_of(pid_t pid)
{
    struct lab_running *lab = running_create("t1", "/t1.yaml");
    struct running_node *node = running_add_node(lab);
    struct running_daemon *daemon = running_add_daemon(node);
    snprintf(node->id, sizeof node->id, "site");
    node->kind = NODE_ROUTER;
    snprintf(daemon->name, sizeof daemon->name, "bgpd");
    daemon->pid = pid;
    daemon->start = child_start_of(getpid());
    return lab;
}

static const json_t *daemon_in(const json_t *look)
{
    const json_t *node = json_array_get(json_object_get(look, "nodes"), 0);
    return json_array_get(json_object_get(node, "daemons"), 0);
}

static void a_program_runs_or_has_ended(void)
{
    struct lab_running *lab = lab_of(getpid());
    json_t *look = lab_look(lab);
    CHECK(json_is_true(json_object_get(daemon_in(look), "runs")));
    CHECK(json_integer_value(json_object_get(daemon_in(look), "resident_kib")) > 0);
    CHECK(lab_is_well(look));
    json_decref(look);
    lab->nodes[0].daemons[0].start++;
    look = lab_look(lab);
    CHECK(json_is_false(json_object_get(daemon_in(look), "runs")));
    CHECK(!lab_is_well(look));
    json_decref(look);
    running_free(lab);
}

static bool well_with(const char *tunnel, const char *session)
{
    json_t *look = json_pack("{s:[], s:[{s:s}], s:[{s:s}]}", "nodes", "tunnels", "state", tunnel,
                             "sessions", "state", session);
    bool well = lab_is_well(look);
    json_decref(look);
    return well;
}

static void well_is_all_up(void)
{
    CHECK(well_with("up", "Established"));
    CHECK(!well_with("down", "Established"));
    CHECK(!well_with("up", "Active"));
}

int main(void)
{
    TEST(a_program_runs_or_has_ended);
    TEST(well_is_all_up);
    return harness_done();
}
