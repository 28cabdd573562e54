#include "network/diagnostics.h"

#include "network/probe.h"
#include "tests/harness.h"

static char *rendered(const char *text, struct diagnostics_style style)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct probe probe;
    diagnostics_init(&diagnostics);
    probe_open(&probe);
    if (network_parse(probe_slice(text), "incident.yaml", &diagnostics, &network))
        network_free(network);
    diagnostics_render(&diagnostics, style, probe.file);
    diagnostics_done(&diagnostics);
    return probe_close(&probe);
}

static void layout_is_the_documented_one(void)
{
    char *text = probe_replace(probe_sound, "cgw: 169.254.252.29", "cgw: 169.254.252.33");
    char *two = probe_replace(text, "vgw: 169.254.252.33, cgw: 169.254.252.34",
                              "vgw: 169.254.9.1, cgw: 169.254.9.2");
    char *three = probe_replace(two, "restart: {router: vyatta}", "restart: {router: vyata}");
    char *out = rendered(three, (struct diagnostics_style){0});
    CHECK_TEXT(
        out,
        "error: incident.yaml:24:69: inside address 169.254.252.33 is not in the /30 of its peer\n"
        "   24 │       - {outside: 203.0.113.225, inside: {vgw: 169.254.252.30, cgw: "
        "169.254.252.33}}\n"
        "      │                                                                     "
        "^^^^^^^^^^^^^^ expected 169.254.252.29, the other host of 169.254.252.28/30\n"
        "error: incident.yaml:36:34: no router is called \"vyata\"\n"
        "   36 │   - {at: 240s, restart: {router: vyata}}\n"
        "      │                                  ^^^^^ did you mean \"vyatta\" (line 30)?\n"
        "2 errors; nothing was run\n");
    free(text);
    free(two);
    free(three);
    free(out);
}

static void ascii_where_the_terminal_knows_no_more(void)
{
    char *out = rendered("routers:\n  - {id: a, platform: \"\xe9\x96\xa2\", lann: []}\n",
                         (struct diagnostics_style){.ascii = true});
    CHECK_TEXT(out, "error: incident.yaml:2:23: platform: \"?\" is not known here\n"
                    "    2 |   - {id: a, platform: \"?\", lann: []}\n"
                    "      |                       ^^^ expected one of unknown, vyatta, vyos, frr, "
                    "bird, cisco-ios, junos, linux, aws, sekisho\n"
                    "error: incident.yaml:2:28: \"lann\" is not a key of a router\n"
                    "    2 |   - {id: a, platform: \"?\", lann: []}\n"
                    "      |                            ^^^^ did you mean \"lan\"?\n"
                    "2 errors; nothing was run\n");
    free(out);
}

/* A wide character takes two columns, and the caret goes with it. */
static void carets_stand_below_what_they_mean(void)
{
    char *out = rendered("routers: [{id: a, platform: \"\xe9\x96\xa2\", lann: []}]\n",
                         (struct diagnostics_style){0});
    CHECK(strstr(out, "\n    1 │ routers: [{id: a, platform: \"\xe9\x96\xa2\", lann: []}]\n"
                      "      │                                   ^^^^ did you mean") != NULL);
    free(out);
}

static void a_long_hint_stands_below_in_lines(void)
{
    char *out = rendered("colour: red\n", (struct diagnostics_style){.ascii = true, .width = 60});
    CHECK(strstr(out, "\n    1 | colour: red\n"
                      "      | ^^^^^^\n"
                      "      | expected one of vpcs, vpc_peerings, prefix_lists,\n"
                      "      | vpn_gateways, customer_gateways, vpn_connections,\n"
                      "      | direct_connects, routers, internet_delay, wanted,\n"
                      "      | story, recorded, until\n"
                      "1 error") != NULL);
    free(out);
    out = rendered("routers: x", (struct diagnostics_style){.ascii = true, .width = 69});
    CHECK(strstr(out, " ^ expected [], [one, two] or lines that begin with -\n") != NULL);
    free(out);
    out = rendered("routers: x", (struct diagnostics_style){.ascii = true, .width = 68});
    CHECK(strstr(out, " ^\n      | expected [], [one, two] or lines that begin with -\n") != NULL);
    free(out);
}

static void color_is_only_for_those_who_ask(void)
{
    char *plain = rendered("routers: x", (struct diagnostics_style){0});
    char *color = rendered("routers: x", (struct diagnostics_style){.color = true});
    CHECK(strchr(plain, '\033') == NULL);
    CHECK(strncmp(color, "\033[1;31merror:\033[0m ", 18) == 0);
    free(plain);
    free(color);
}

static void long_lines_are_shown_in_part(void)
{
    struct probe probe;
    probe_open(&probe);
    fputs("routers: [", probe.file);
    for (int i = 0; i < 60; i++)
        fprintf(probe.file, "{id: router-%02d}, ", i);
    fputs("{id: 1}, {id: router-a, lan: [10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8, 13.0.0.0/8, "
          "14.0.0.0/8]}]\n",
          probe.file);
    char *text = probe_close(&probe);
    char *out = rendered(text, (struct diagnostics_style){.ascii = true});
    CHECK_TEXT(out, "error: incident.yaml:1:1036: id: 1 is not a name\n"
                    "    1 | ...{id: router-58}, {id: router-59}, {id: 1}, {id: router-a, lan: "
                    "[10.0.0.0/8, 11.0.0.0/8, 12.0.0.0/8, ...\n"
                    "      |                                           ^ expected a letter, then "
                    "letters, digits or . _ -; 64 at most\n"
                    "1 error; nothing was run\n");
    free(text);
    free(out);
}

static void machines_get_json(void)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct probe probe;
    diagnostics_init(&diagnostics);
    probe_open(&probe);
    CHECK(!network_parse(probe_slice("routers: [{id: \"a\\\"\"}]"), "-", &diagnostics, &network));
    diagnostics_json(&diagnostics, probe.file);
    diagnostics_done(&diagnostics);
    char *out = probe_close(&probe);
    CHECK_TEXT(out, "{\n  \"errors\": [\n    {\n      \"file\": \"-\",\n      \"line\": 1,\n"
                    "      \"column\": 16,\n      \"width\": 5,\n"
                    "      \"message\": \"id: \\\"a\\\"\\\" is not a name\",\n"
                    "      \"hint\": \"expected a letter, then letters, digits or . _ -; 64 at "
                    "most\"\n    }\n  ],\n  \"dropped\": 0\n}\n");
    free(out);
}

/* Whatever the file is called, and however long the message is. */
static void json_is_whole_and_well_formed(void)
{
    struct diagnostics diagnostics;
    struct probe probe;
    diagnostics_init(&diagnostics);
    diagnostics_open(&diagnostics, "a\xff", probe_slice(""));
    diagnostics_add(&diagnostics, (struct place){0}, 1, NULL, "%0120d", 0);
    probe_open(&probe);
    diagnostics_json(&diagnostics, probe.file);
    diagnostics_done(&diagnostics);
    char *out = probe_close(&probe);
    CHECK(strstr(out, "\"file\": \"a?\"") != NULL);
    CHECK(strstr(out, "\"message\": \"0000000000") != NULL);
    CHECK(strstr(out, "0000\",\n      \"hint\": null") != NULL);
    CHECK_EQUAL((int64_t)strspn(strstr(out, "000"), "0"), 120);
    free(out);
}

static void errors_without_a_place_have_their_hint(void)
{
    char *out = rendered("", (struct diagnostics_style){0});
    CHECK_TEXT(out, "error: incident.yaml: the file says nothing\n"
                    "      expected vpcs, routers, ...\n"
                    "1 error; nothing was run\n");
    free(out);
}

static void quotes_are_printable_and_short(void)
{
    char raw[200];
    memset(raw, 'x', sizeof raw);
    memcpy(raw, "a\x01\t\xff\xc3\xa9", 6);
    CHECK_TEXT(diagnostics_quote(raw, 6).text, "a? ?\xc3\xa9");
    struct quoted quoted = diagnostics_quote(raw, sizeof raw);
    CHECK_EQUAL((int64_t)strlen(quoted.text), 79);
    CHECK_TEXT(quoted.text + 76, "...");
    CHECK_TEXT(diagnostics_quote("", 0).text, "");
}

static void errors_come_in_the_order_of_the_text(void)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    diagnostics_open(&diagnostics, "t", probe_slice("a\nb\nc\n"));
    diagnostics_add(&diagnostics, (struct place){3, 1}, 1, NULL, "third");
    diagnostics_add(&diagnostics, (struct place){1, 1}, 9, NULL, "first");
    diagnostics_add(&diagnostics, (struct place){1, 1}, 1, NULL, "%s", "second");
    diagnostics_add(&diagnostics, (struct place){9, 9}, 1, NULL, "beyond");
    CHECK_TEXT(diagnostics.items[0].message, "first");
    CHECK_EQUAL(diagnostics.items[0].width, 1); /* no further than the line */
    CHECK_TEXT(diagnostics.items[1].message, "second");
    CHECK_TEXT(diagnostics.items[2].message, "third");
    CHECK_TEXT(diagnostics.items[3].excerpt, "");
    CHECK_EQUAL((int64_t)diagnostics_line((struct slice){0}, 1).size, 0);
    diagnostics_done(&diagnostics);
}

int main(void)
{
    TEST(layout_is_the_documented_one);
    TEST(ascii_where_the_terminal_knows_no_more);
    TEST(carets_stand_below_what_they_mean);
    TEST(a_long_hint_stands_below_in_lines);
    TEST(color_is_only_for_those_who_ask);
    TEST(long_lines_are_shown_in_part);
    TEST(machines_get_json);
    TEST(json_is_whole_and_well_formed);
    TEST(errors_without_a_place_have_their_hint);
    TEST(quotes_are_printable_and_short);
    TEST(errors_come_in_the_order_of_the_text);
    return harness_done();
}
