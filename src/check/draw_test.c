#include "check/draw.h"

#include "check/check_rig.h"
#include "check/evidence.h"

static char *loop_texts[] = {"vyatta: one hop", "vyatta: another hop"};

static char *draw(unsigned width, bool ascii, const struct evidence *evidence, ip_addr outside)
{
    static uint32_t as_path[] = {10124, 65001};
    struct check_finding finding = {
        .connection = "vpn-vyatta",
        .tunnel = "vpn-vyatta/1",
        .router = "vyatta",
        .gateway = "vgw-main",
        .port = "vti1",
        .told_by = "vgw-main",
        .outside = outside,
        .origin = {.router = "dx-edge"},
        .as_path = as_path,
        .as_path_count = 2,
        .loop = {loop_texts, 2},
        .evidence = evidence,
    };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct screen screen = {.out = out, .width = width, .ascii = ascii};
    draw_loop(&screen, &finding, 11);
    fclose(out);
    return text;
}

static const struct evidence learned = {.turn = TURN_ROUTER, .by_bgp = true};

static void the_picture_stands_in_its_columns(void)
{
    char *text = draw(100, true, &learned, rig_ip(203, 0, 113, 225));
    CHECK_TEXT(
        text,
        "\n"
        "           dx-edge --0.0.0.0/0--> vgw-main --0.0.0.0/0--> vyatta    AS path 10124 65001\n"
        "                                      ^                      |\n"
        "                      203.0.113.225 --+-------- ESP <--------+\n"
        "                                                             +-> vti1 -> ESP -> vti1 ->"
        " ...\n\n");
    free(text);
}

static void in_utf8_it_has_the_same_columns(void)
{
    char *text = draw(100, false, &learned, rig_ip(203, 0, 113, 225));
    CHECK(strstr(text, "dx-edge ──0.0.0.0/0──▶ vgw-main ──0.0.0.0/0──▶ vyatta") != NULL);
    CHECK(strstr(text, "203.0.113.225 ──┴──────── ESP ◀────────┤\n") != NULL);
    free(text);
}

static void what_is_too_wide_is_listed(void)
{
    char *text = draw(80, true, &learned, rig_ip(203, 0, 113, 225));
    CHECK_TEXT(text, "  loop     vyatta: one hop\n           vyatta: another hop\n");
    free(text);
}

static void what_is_no_such_loop_is_listed(void)
{
    const struct evidence other = {.turn = TURN_ROUTER, .by_bgp = true, .into = 1};
    const struct evidence table = {.turn = TURN_TABLE};
    const struct evidence *all[] = {&other, &table, NULL};
    for (size_t i = 0; i < 3; i++) {
        char *text = draw(100, true, all[i], rig_ip(203, 0, 113, 225));
        CHECK(strncmp(text, "  loop     vyatta: one hop\n", 27) == 0);
        free(text);
    }
}

/* A short name above a long address: the picture moves to the right. */
static void the_address_has_room(void)
{
    struct check_finding finding = {.tunnel = "t/1",
                                    .router = "r",
                                    .gateway = "g",
                                    .port = "vti1",
                                    .told_by = "g",
                                    .outside = rig_ip(203, 0, 113, 225),
                                    .origin = {.router = "o"},
                                    .evidence = &learned};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct screen screen = {.out = out, .width = 100, .ascii = true};
    draw_loop(&screen, &finding, 0);
    fclose(out);
    CHECK_TEXT(text, "\n"
                     "o --0.0.0.0/0--> g --0.0.0.0/0--> r\n"
                     "                 ^                |\n"
                     " 203.0.113.225 --+----- ESP <-----+\n"
                     "                                  +-> vti1 -> ESP -> vti1 -> ...\n\n");
    free(text);
}

int main(void)
{
    TEST(the_picture_stands_in_its_columns);
    TEST(in_utf8_it_has_the_same_columns);
    TEST(what_is_too_wide_is_listed);
    TEST(what_is_no_such_loop_is_listed);
    TEST(the_address_has_room);
    return harness_done();
}
