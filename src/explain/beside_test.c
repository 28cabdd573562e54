#include "explain/beside.h"

#include "explain/run_rig.h"

static char *shown;
static size_t shown_size;

static const char *beside(const struct rig *rig, unsigned width, const char *const *names,
                          size_t count)
{
    struct views views = {0};
    free(shown);
    shown = NULL;
    struct screen screen = {.out = open_memstream(&shown, &shown_size), .width = width};
    for (size_t i = 0; i < count; i++)
        CHECK(views_add_named(rig->world, names[i], &views));
    beside_render(rig->world, &views, rig->now_us, &screen);
    fclose(screen.out);
    views_done(&views);
    return shown;
}

static const char *const three[] = {"rtb-app", "vgw", "site"};

static void the_same_prefix_stands_on_the_same_line(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_announce(&rig, rig.edge, "0.0.0.0/0");
    rig_boot(&rig);
    CHECK_TEXT(beside(&rig, 120, three, 3),
               "                   rtb-app (VPC)          vgw               site\n"
               "0.0.0.0/0          vgw        propagated  dx     DX 65001   "
               "B>* [20/0] via 169.254.252.30, vti1, 00:00:30\n"
               "                                                            "
               "S   [210/0] via 10.20.0.1, eth0 (DHCP)\n"
               "10.10.0.0/16       local                  vpc    local      "
               "B>* [20/0] via 169.254.252.30, vti1, 00:00:30\n"
               "10.20.0.0/16       vgw        propagated  vpn/1  BGP 65000\n"
               "10.20.0.0/24                                                "
               "C>* is directly connected, eth0, 00:00:30\n"
               "10.30.0.0/16       vgw        propagated  dx     DX 65001   "
               "B>* [20/0] via 169.254.252.30, vti1, 00:00:30\n"
               "10.99.0.0/16       blackhole  static\n"
               "169.254.252.28/30                                           "
               "C>* is directly connected, vti1, 00:00:30\n");
    rig_done(&rig);
}

static void what_does_not_fit_stands_below(void)
{
    struct rig rig;
    rig_init(&rig);
    rig_boot(&rig);
    const char *narrow = beside(&rig, 60, three, 3);
    CHECK(strstr(narrow, "rtb-app (VPC)") != NULL);
    CHECK(strstr(narrow, "\n\n                   site\n") != NULL);
    for (const char *line = narrow; *line; line += strcspn(line, "\n") + 1)
        CHECK(strcspn(line, "\n") <= 67); /* a column of its own may be wider than the screen */
    rig_done(&rig);
}

static void a_table_that_is_down_is_said_to_be(void)
{
    struct rig rig;
    const char *names[] = {"site"};
    rig_init(&rig);
    CHECK_TEXT(beside(&rig, 80, names, 1), "  site (down)\n");
    rig_done(&rig);
}

int main(void)
{
    TEST(the_same_prefix_stands_on_the_same_line);
    TEST(what_does_not_fit_stands_below);
    TEST(a_table_that_is_down_is_said_to_be);
    free(shown);
    return harness_done();
}
