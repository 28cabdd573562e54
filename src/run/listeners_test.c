#include "run/listeners.h"

#include "run/run_rig.h"

#include <netinet/in.h>

static char said[512];
static struct plan *plan;

static enum run_exit open_all(struct listeners *listeners)
{
    memset(said, 0, sizeof said);
    FILE *err = fmemopen(said, sizeof said, "w");
    enum run_exit status = listeners_open(listeners, plan, err);
    fclose(err);
    return status;
}

static int connect_from(const char *from, const char *to, uint16_t port)
{
    struct sockaddr_in near = {.sin_family = AF_INET};
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, from, &near.sin_addr);
    inet_pton(AF_INET, to, &far.sin_addr);
    CHECK(bind(fd, (struct sockaddr *)&near, sizeof near) == 0);
    CHECK(connect(fd, (struct sockaddr *)&far, sizeof far) == 0);
    return fd;
}

static void neighbors_are_known_by_both_addresses(void)
{
    uv_loop_t loop;
    struct listeners listeners;
    const struct plan_neighbor *neighbor = NULL;
    CHECK(uv_loop_init(&loop) == 0);
    listeners_init(&listeners, &loop, &(struct socket_place){.port = 179});
    CHECK_EQUAL(open_all(&listeners), RUN_FINE);
    int stranger = connect_from("169.254.1.9", "169.254.1.5", 179);
    int known = connect_from("169.254.1.6", "169.254.1.5", 179);
    uv_run(&loop, UV_RUN_ONCE);
    int fd = listeners_accept(&listeners, plan, &neighbor);
    CHECK(fd >= 0 && neighbor == &plan->neighbors[1]);
    CHECK_EQUAL(listeners_accept(&listeners, plan, &neighbor), -1);
    CHECK_EQUAL(listeners.stranger_count, 1);
    close(fd);
    close(stranger);
    close(known);
    listeners_done(&listeners);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
}

static void a_port_that_is_taken_is_said(void)
{
    uv_loop_t loop;
    struct listeners listeners;
    struct socket_place place = {.port = 179};
    CHECK(uv_loop_init(&loop) == 0);
    int taken = socket_listen(&place, 0xa9fe0105, false);
    listeners_init(&listeners, &loop, &place);
    CHECK_EQUAL(open_all(&listeners), RUN_WORLD);
    CHECK_TEXT(said, "error: 169.254.1.5 port 179 is taken by another program; vpn-b/1 needs it\n");
    close(taken);
    listeners_done(&listeners);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK(uv_loop_close(&loop) == 0);
}

int main(void)
{
    struct run_options options = {.network = "pair.yaml"};
    struct slice text = {(const uint8_t *)RIG_PAIR, sizeof RIG_PAIR - 1};
    if (plan_take(text, &options, stderr, &plan) != RUN_FINE)
        return 1;
    if (rig_network()) {
        TEST(neighbors_are_known_by_both_addresses);
        TEST(a_port_that_is_taken_is_said);
    } else {
        harness_skip("listeners", "no network namespace may be made here");
    }
    plan_free(plan);
    return harness_done();
}
