#include "lab/watch.h"

#include "lab/run_rig.h"
#include "plane/routes.h"

static struct rig built;
static struct seen seen;
static struct lab_running *lab;
static int vyatta;

/* The incident's router as a namespace with the devices that it has there, and a log. */
static bool begin(void)
{
    char space[NAME_SPACE_BYTES], far[NAME_SPACE_BYTES];
    run_folder_make();
    if (!run_space("vyatta", space) || !run_space("far", far) ||
        !run_pair(space, "eth0", far, "far0") || !run_pair(space, "vti1", far, "far1"))
        return false;
    built = rig_build(rig_incident);
    vyatta = world_find_node(built.world, "vyatta");
    seen_init(&seen, built.world, watch_wall_us());
    lab = running_create("t", "x.yaml");
    struct running_node *node = run_node(lab, "vyatta", NODE_ROUTER, space);
    run_daemon(node, "bgpd", "bgpd.log");
    return true;
}

static void end(void)
{
    if (lab) {
        seen_done(&seen);
        rig_done(&built);
        running_free(lab);
        lab = NULL;
    }
    run_clean();
}

static void put(const char *device, unsigned len, uint32_t metric)
{
    struct rtnetlink here;
    struct plane_route route = {.to = {0, (uint8_t)len, false}, .device = device, .metric = metric};
    CHECK(rtnetlink_open(&here, lab->nodes[0].space, &run_trouble));
    CHECK(route_put(&here, &route, &run_trouble));
    rtnetlink_close(&here);
}

static bool heard(struct watch *watch, enum moment_kind kind, size_t count)
{
    for (int i = 0; i < 1200; i++) {
        size_t found = 0;
        watch_hear(watch, 50);
        for (size_t j = 0; j < seen.count; j++)
            found += seen.moments[j].kind == kind;
        if (found >= count)
            return true;
    }
    return false;
}

static void routes_are_seen_as_they_come_and_go(void)
{
    if (begin()) {
        put("eth0", 0, 900);
        struct watch *watch = watch_create(lab, &seen, &run_trouble);
        CHECK(watch != NULL);
        CHECK(heard(watch, MOMENT_ROUTE, 1)); /* what was there before */
        put("vti1", 0, 20);
        CHECK(heard(watch, MOMENT_SWALLOWED, 1));
        CHECK(seen.ends[0][TUNNEL_CUSTOMER].swallowed);
        watch_destroy(watch);
    }
    end();
}

/* The kernel does not say that routes have gone with their device. */
static void a_device_that_goes_down_takes_its_routes(void)
{
    if (begin()) {
        struct rtnetlink here;
        put("vti1", 0, 20);
        struct watch *watch = watch_create(lab, &seen, &run_trouble);
        CHECK(heard(watch, MOMENT_SWALLOWED, 1));
        CHECK(rtnetlink_open(&here, lab->nodes[0].space, &run_trouble));
        CHECK(device_up(&here, "vti1", false, &run_trouble));
        rtnetlink_close(&here);
        CHECK(heard(watch, MOMENT_FREED, 1));
        watch_destroy(watch);
    }
    end();
}

static void say(const char *line)
{
    char path[256];
    snprintf(path, sizeof path, "%s/bgpd.log", run_folder);
    FILE *file = fopen(path, "a");
    CHECK(file && fputs(line, file) >= 0 && fclose(file) == 0);
}

static void logs_are_read_as_they_grow(void)
{
    if (begin()) {
        struct watch *watch = watch_create(lab, &seen, &run_trouble);
        say("BGP: %ADJCHANGE: neighbor 169.254.252.30(x) in vrf default Up\nBGP: %ADJCHANGE: ");
        CHECK(heard(watch, MOMENT_SESSION_UP, 1));
        for (size_t i = 0; i < seen.count; i++) /* a line that has not ended is none */
            CHECK(seen.moments[i].kind != MOMENT_SESSION_DOWN);
        say("neighbor 169.254.252.30(x) in vrf default Down Peer closed the session\n");
        CHECK(heard(watch, MOMENT_SESSION_DOWN, 1));
        watch_destroy(watch);
    }
    end();
}

int main(void)
{
    TEST(routes_are_seen_as_they_come_and_go);
    TEST(a_device_that_goes_down_takes_its_routes);
    TEST(logs_are_read_as_they_grow);
    return harness_done();
}
