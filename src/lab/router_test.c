#include "lab/router.h"

#include "network/build_rig.h"

#include <unistd.h>

static enum router_kind kind_with(const char *platform)
{
    char to[64];
    snprintf(to, sizeof to, "    platform: %s\n", platform);
    struct rig built = rig_build(rig_with(rig_site, "    platform: frr\n", to));
    enum router_kind kind = router_kind_of(built.world, world_find_node(built.world, "site"));
    rig_done(&built);
    return kind;
}

static void each_platform_has_its_daemons(void)
{
    CHECK_EQUAL(kind_with("vyatta"), ROUTER_FRR);
    CHECK_EQUAL(kind_with("vyos"), ROUTER_FRR);
    CHECK_EQUAL(kind_with("frr"), ROUTER_FRR);
    CHECK_EQUAL(kind_with("linux"), ROUTER_FRR);
    CHECK_EQUAL(kind_with("bird"), ROUTER_BIRD);
    CHECK_EQUAL(kind_with("cisco-ios"), ROUTER_UNKNOWN);
    CHECK_EQUAL(kind_with("junos"), ROUTER_UNKNOWN);
}

/* Of which nothing is said: at the end of a tunnel FRR, elsewhere BIRD. */
static void unknown_routers_are_run(void)
{
    struct rig built = rig_build(rig_incident);
    CHECK_EQUAL(router_kind_of(built.world, world_find_node(built.world, "dx-edge")), ROUTER_BIRD);
    CHECK_EQUAL(router_kind_of(built.world, world_find_node(built.world, "vgw-main")), ROUTER_NONE);
    rig_done(&built);
}

static void a_daemon_is_told_where_its_files_are(void)
{
    struct trouble trouble = {0};
    char folder[] = "/tmp/sekisho-router.XXXXXX", path[64];
    struct rig built = rig_build(rig_incident);
    struct running_node node = {.id = "dx-edge", .space = "s"};
    CHECK(mkdtemp(folder) != NULL);
    snprintf(node.folder, sizeof node.folder, "%s", folder);
    CHECK(router_prepare(built.world, world_find_node(built.world, "dx-edge"), &node, &trouble));
    CHECK_EQUAL(node.daemon_count, 1);
    const struct running_daemon *bird = &node.daemons[0];
    snprintf(path, sizeof path, "%s/bird.conf", folder);
    CHECK_TEXT(bird->name, "bird");
    CHECK_TEXT(bird->space, "s");
    CHECK_TEXT(bird->words[3], path);
    CHECK(access(path, R_OK) == 0);
    CHECK_EQUAL(bird->pid, 0);
    unlink(path);
    rmdir(folder);
    for (size_t i = 0; bird->words[i]; i++)
        free(bird->words[i]);
    free(node.daemons);
    rig_done(&built);
}

int main(void)
{
    TEST(each_platform_has_its_daemons);
    TEST(unknown_routers_are_run);
    TEST(a_daemon_is_told_where_its_files_are);
    return harness_done();
}
