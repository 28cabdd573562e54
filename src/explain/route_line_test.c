#include "explain/route_line.h"

#include "explain/run_rig.h"

/* The candidates of a prefix at the site, a line each. */
static const char *lines(const struct rig *rig, const char *prefix, unsigned parts)
{
    static char bytes[1024];
    struct text text = text_over(bytes, sizeof bytes);
    const struct table *table = engine_table(rig->world->nodes[rig->site].engine);
    struct table_candidate candidate;
    for (uint32_t i = 0; table_candidate(table, net_of(prefix), i, &candidate); i++) {
        text_add(&text, i ? "\n" : "");
        text_route_line(&text, rig->world, rig->site, net_of(prefix), &candidate, rig->now_us,
                        parts);
    }
    return bytes;
}

static void lines_read_as_show_ip_route(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    CHECK_TEXT(lines(&rig, "0.0.0.0/0", ROUTE_LINE_PREFIX | ROUTE_LINE_AGE),
               "B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1, 00:00:30\n"
               "S   0.0.0.0/0 [210/0] via 10.20.0.1, eth0 (DHCP)");
    CHECK_TEXT(lines(&rig, "10.20.0.0/24", ROUTE_LINE_AGE),
               "C>* is directly connected, eth0, 00:00:30");
    CHECK_TEXT(lines(&rig, "10.30.0.0/16", 0), "B>* [20/0] via 169.254.252.30, vti1");
    rig_done(&rig);
}

static void the_star_is_the_kernels(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_boot(&rig);
    kernel_remove(&rig.world->nodes[rig.site].kernel, net_of("10.30.0.0/16"));
    CHECK_TEXT(lines(&rig, "10.30.0.0/16", ROUTE_LINE_AGE), "B>  [20/0] via 169.254.252.30, vti1");
    rig_done(&rig);
}

static void a_default_in_the_kernel_is_the_kernels(void)
{
    struct rig rig;
    rig_init(&rig);
    rig.profiles[rig.site % 3].dhcp_is_kernel = true;
    rig_boot(&rig);
    CHECK_TEXT(lines(&rig, "0.0.0.0/0", 0), "K>* [0/0] via 10.20.0.1, eth0 (DHCP)");
    rig_done(&rig);
}

static void odd_routes_have_their_words(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_boot(&rig);
    struct event routes[] = {
        {.kind = EVENT_ROUTE_SET,
         .route = {.prefix = net_of("10.98.0.0/16"), .source = ROUTE_STATIC, .discard = true}},
        {.kind = EVENT_ROUTE_SET,
         .route = {.prefix = net_of("10.97.0.0/16"),
                   .source = ROUTE_STATIC,
                   .gateway = addr_of("10.30.0.1")}},
        {.kind = EVENT_ROUTE_SET,
         .route = {.prefix = net_of("10.96.0.0/16"),
                   .source = ROUTE_STATIC,
                   .gateway = addr_of("10.96.0.1")}},
    };
    for (size_t i = 0; i < 3; i++)
        rig_step(&rig, rig.site, routes[i]);
    CHECK_TEXT(lines(&rig, "10.98.0.0/16", 0), "S>* [1/0] unreachable (blackhole)");
    CHECK_TEXT(lines(&rig, "10.97.0.0/16", 0),
               "S>* [1/0] via 10.30.0.1 (recursive via 169.254.252.30), vti1");
    CHECK_TEXT(lines(&rig, "10.96.0.0/16", 0), "S   [1/0] via 10.96.0.1 inactive");
    rig_done(&rig);
}

static void what_the_kernel_holds_is_found_again(void)
{
    struct rig rig;
    char bytes[256];
    rig_init(&rig);
    rig_boot(&rig);
    struct text text = text_over(bytes, sizeof bytes);
    CHECK(text_installed(&text, rig.world, rig.site, net_of("0.0.0.0/0")));
    CHECK_TEXT(bytes, "S>* 0.0.0.0/0 [210/0] via 10.20.0.1, eth0 (DHCP)");
    CHECK(!text_installed(&text, rig.world, rig.site, net_of("192.0.2.0/24")));
    rig_done(&rig);
}

int main(void)
{
    TEST(lines_read_as_show_ip_route);
    TEST(the_star_is_the_kernels);
    TEST(a_default_in_the_kernel_is_the_kernels);
    TEST(odd_routes_have_their_words);
    TEST(what_the_kernel_holds_is_found_again);
    return harness_done();
}
