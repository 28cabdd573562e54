#include "check/check_rig.h"
#include "explain/screen.h"

static char *render(const char *example, const char *from, const char *to,
                    struct check_render_options options)
{
    struct network *network = rig_network(example, from, to, NULL, NULL);
    struct check *check = rig_check(network);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    options.title = example;
    check_render(check, out, &options);
    fclose(out);
    check_free(check);
    network_free(network);
    return text;
}

static bool says(const char *text, const char *part)
{
    if (strstr(text, part))
        return true;
    printf("# not said: %s\n", part);
    return false;
}

static void the_verdict_comes_first_and_the_cure_last(void)
{
    char *text = render("incident.yaml", NULL, NULL, (struct check_render_options){.utf8 = true});
    CHECK(strncmp(text, "incident.yaml: UNSTABLE  1 certain", 34) == 0);
    const char *because = strstr(text, "because"), *see = strstr(text, "you see");
    const char *cures = strstr(text, "cures"), *more = strstr(text, "  more  ");
    CHECK(because && see && cures && more);
    CHECK(because < see && see < cures && cures < more);
    CHECK(says(text, "error[tunnel-recursion] T01: vpn-vyatta will swallow itself, every "));
    CHECK(says(text, "announced by dx-edge (AS 65001) on dxvif-1"));
    CHECK(says(text, "takes    B>* 0.0.0.0/0 [20/0] via 169.254.252.30, vti1\n"));
    CHECK(says(text, "beats    S   0.0.0.0/0 [210/0] via 10.20.0.1, eth0 (DHCP)\n"));
    CHECK(says(text, "1  vgw-main: hold 0.0.0.0/0 back from vpn-vyatta   guard: hold"));
    CHECK(says(text, "set protocols static route 203.0.113.225/32 next-hop 10.20.0.1"));
    CHECK(says(text, "stop announcing 0.0.0.0/0   (not yours to change)"));
    CHECK(says(text, "sekisho explain tunnel-recursion"));
    CHECK(!strstr(text, "networks run")); /* nobody gave a clock */
    free(text);
}

static void what_is_seen_is_told_in_order(void)
{
    char *text = render("incident.yaml", NULL, NULL,
                        (struct check_render_options){.utf8 = true, .width = 200});
    const char *stops = strstr(text, "s traffic stops"), *down = strstr(text, "s BGP down");
    const char *given_up = strstr(text, "s IKE given up");
    const char *again = strstr(text, "up, and it all begins again");
    CHECK(stops && down && given_up && again);
    CHECK(stops < down && down < given_up && given_up < again);
    free(text);
}

/* A second session in the old tunnel is told as what it is, the one in the new tunnel is not. */
static void a_brief_second_session_is_told(void)
{
    struct check_moment timeline[] = {{.kind = CHECK_CAUSE},
                                      {.after_us = 130000, .kind = CHECK_TRAFFIC_STOPS},
                                      {.after_us = 30000000, .kind = CHECK_BGP_DOWN},
                                      {.after_us = 34000000, .kind = CHECK_BGP_UP},
                                      {.after_us = 40000000, .kind = CHECK_IKE_GIVEN_UP},
                                      {.after_us = 75000000, .kind = CHECK_IKE_GIVEN_UP},
                                      {.after_us = 75000000, .kind = CHECK_IKE_UP},
                                      {.after_us = 76000000, .kind = CHECK_BGP_UP},
                                      {.after_us = 77000000, .kind = CHECK_AGAIN}};
    struct check_finding finding = {.level = CHECK_CERTAIN,
                                    .connection = "c",
                                    .tunnel = "c/1",
                                    .router = "r",
                                    .timeline = timeline,
                                    .timeline_count = sizeof timeline / sizeof *timeline};
    struct check check = {.findings = &finding, .finding_count = 1, .spent_us = -1};
    for (int brief = 0; brief < 2; brief++) {
        timeline[3].kind = brief ? CHECK_BGP_UP : CHECK_ROUTE;
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        check_render(&check, out, &(struct check_render_options){.width = 200});
        fclose(out);
        CHECK(says(text, brief
                             ? "you see  +0.1 s traffic stops   +30 s BGP down   (BGP up once more,"
                               " briefly)   +40 s, +75 s IKE given up   +77 s up, and it all"
                               " begins again\n"
                             : "you see  +0.1 s traffic stops   +30 s BGP down   +40 s, +75 s IKE"
                               " given up   +77 s up, and it all begins again\n"));
        free(text);
    }
}

static void protection_is_told_with_its_line(void)
{
    char *text =
        render("incident-held.yaml", NULL, NULL, (struct check_render_options){.utf8 = true});
    CHECK(strncmp(text, "incident-held.yaml: STABLE  0 certain", 37) == 0);
    CHECK(says(text, "note[tunnel-recursion] T01: vpn-vyatta is protected"));
    CHECK(says(text, "but      vgw-main holds 0.0.0.0/0 back from vpn-vyatta\n"));
    CHECK(says(text, "line     guard: hold\n"));
    CHECK(!strstr(text, "cures"));
    free(text);
}

/* The two tunnels of a connection are one story; one that fares otherwise is another. */
static void tunnels_that_fare_alike_are_told_together(void)
{
    char *text = render("incident-two-tunnels.yaml", NULL, NULL,
                        (struct check_render_options){.utf8 = true});
    const char *first = strstr(text, "error[");
    CHECK(first && !strstr(first + 1, "error["));
    CHECK(says(text, "T01: vpn-vyatta will swallow itself"));
    free(text);
    text = render("incident-two-tunnels.yaml", "via: 10.20.0.1, from: dhcp}",
                  "via: 10.20.0.1, from: dhcp}, {prefix: 203.0.113.225/32, via: 10.20.0.1}",
                  (struct check_render_options){.utf8 = true});
    CHECK(says(text, "T01: vpn-vyatta/2 is swallowed by vpn-vyatta/1, and stays dead"));
    CHECK(says(text, "T01: vpn-vyatta/1 is protected"));
    free(text);
}

static void ascii_where_nothing_else_is_read(void)
{
    static const char *const names[] = {"incident.yaml", "incident-held.yaml",
                                        "incident-two-tunnels.yaml", "pasted-sample.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = render(names[i], NULL, NULL, (struct check_render_options){0});
        bool ascii = true;
        for (const char *at = text; *at; at++)
            ascii &= *at == '\n' || (*at >= ' ' && *at < 127);
        CHECK(ascii);
        free(text);
    }
}

static void color_is_for_who_asks(void)
{
    char *plain = render("incident.yaml", NULL, NULL, (struct check_render_options){.utf8 = true});
    char *colored = render("incident.yaml", NULL, NULL,
                           (struct check_render_options){.utf8 = true, .color = true});
    CHECK(!strchr(plain, '\033'));
    CHECK(strchr(colored, '\033') != NULL);
    size_t kept = 0; /* without its colors it says the same */
    for (char *at = colored; *at; at++) {
        if (*at == '\033')
            at += strcspn(at, "m");
        else
            colored[kept++] = *at;
    }
    colored[kept] = 0;
    CHECK_TEXT(colored, plain);
    free(plain);
    free(colored);
}

/* Lines to paste are never broken; all others keep within the width. */
static void the_width_is_kept(void)
{
    const struct screen screen = {.width = 80};
    for (unsigned width = 80; width <= 140; width += 20) {
        char *text = render("incident.yaml", NULL, NULL,
                            (struct check_render_options){.utf8 = true, .width = width});
        char *line = text, *end;
        bool within = true;
        for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = 0;
            bool paste = strstr(line, "set p") || strstr(line, "verified");
            within &= paste || screen_columns(&screen, line) <= width;
        }
        CHECK(within);
        free(text);
    }
}

static void without_a_cure_that_is_said(void)
{
    struct check_finding finding = {
        .level = CHECK_CERTAIN, .connection = "c", .tunnel = "c/1", .router = "r"};
    struct check check = {.findings = &finding, .finding_count = 1, .spent_us = 21000};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    check_render(&check, out, &(struct check_render_options){.width = 80});
    fclose(out);
    CHECK(says(text, "cures    none of the changes tried"));
    CHECK(says(text, "0 networks run in 21 ms\n"));
    free(text);
}

/* What is to be copied is whole, on a line of its own, and calls the program as its reader did. */
static void commands_are_whole_lines(void)
{
    static const char operand[] = "a/folder/of/some/length/incident-with-a-long-name.yaml";
    char *text = render(
        "incident.yaml", NULL, NULL,
        (struct check_render_options){.program = "build/sekisho", .operand = operand, .width = 80});
    CHECK(says(text, "\n  more     build/sekisho explain tunnel-recursion\n"
                     "           build/sekisho simulate --timeline"
                     " a/folder/of/some/length/incident-with-a-long-name.yaml\n"
                     "           build/sekisho check --apply 1"
                     " a/folder/of/some/length/incident-with-a-long-name.yaml\n"));
    free(text);
}

int main(void)
{
    TEST(the_verdict_comes_first_and_the_cure_last);
    TEST(what_is_seen_is_told_in_order);
    TEST(a_brief_second_session_is_told);
    TEST(protection_is_told_with_its_line);
    TEST(tunnels_that_fare_alike_are_told_together);
    TEST(ascii_where_nothing_else_is_read);
    TEST(color_is_for_who_asks);
    TEST(commands_are_whole_lines);
    TEST(the_width_is_kept);
    TEST(without_a_cure_that_is_said);
    return harness_done();
}
