#include "run/options.h"

#include "tests/harness.h"

#include <stdlib.h>

static struct run_options options;
static char said[512];

/* The words behind the program's name, at blanks. */
static enum run_exit given(const char *line)
{
    static char copy[1024];
    char *argv[16] = {copy}, *rest = copy;
    int argc = 0;
    snprintf(copy, sizeof copy, "sekishod%s%s", *line ? " " : "", line);
    while (rest && argc < 15) {
        argv[argc++] = rest;
        rest = strchr(rest, ' ');
        if (rest)
            *rest++ = '\0';
    }
    argv[argc] = NULL;
    FILE *err = fmemopen(said, sizeof said, "w");
    enum run_exit status = options_read(argc, argv, err, &options);
    fclose(err);
    return status;
}

static void options_have_their_values(void)
{
    CHECK_EQUAL(given("--port 1790 --network=x --check --memory 64"), RUN_FINE);
    CHECK_EQUAL(options.port, 1790);
    CHECK_EQUAL(options.memory_bytes, (size_t)64 << 20);
    CHECK(options.check && !options.help && !options.gateway);
    CHECK_EQUAL(given("--network x"), RUN_FINE);
    CHECK_EQUAL(options.port, 179);
    CHECK_EQUAL(options.memory_bytes, (size_t)1 << 30);
}

static void a_mistake_is_one_sentence_and_changes_nothing(void)
{
    options = (struct run_options){.port = 7};
    CHECK_EQUAL(given("--network x --port 0"), RUN_INPUT);
    CHECK_TEXT(said, "error: --port 0 is no port; expected 1 to 65535; see sekishod --help\n");
    CHECK_EQUAL(options.port, 7);
    CHECK_EQUAL(given("--network x --port 65536"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --port 1x"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --memory -1"), RUN_INPUT);
    CHECK_EQUAL(given(""), RUN_INPUT);
    CHECK_TEXT(said, "error: no network file is given; see sekishod --help\n");
    CHECK_EQUAL(given("--network"), RUN_INPUT);
    CHECK_TEXT(said, "error: --network needs its FILE; see sekishod --help\n");
    CHECK_EQUAL(given("--network="), RUN_INPUT);
    CHECK_EQUAL(given("--network x --nothing"), RUN_INPUT);
    CHECK_TEXT(said, "error: there is no option --nothing; see sekishod --help\n");
    CHECK_EQUAL(given("--network x y"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --check=1"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --gateway a --router b"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --name lab-t1-vgw.inner"), RUN_FINE);
    CHECK_EQUAL(given("--network x --name a/b"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --name .."), RUN_INPUT);
    CHECK_EQUAL(given("--network x --metrics 9179"), RUN_INPUT);
    CHECK_TEXT(said, "error: --metrics 9179 is no address and port; expected one such as "
                     "127.0.0.1:9179 or [::1]:9179; see sekishod --help\n");
}

static void pools_are_prefixes(void)
{
    CHECK_EQUAL(given("--network x --pool 203.0.113.0/24,198.51.100.0/25"), RUN_FINE);
    CHECK_EQUAL(options.pools.count, 2);
    CHECK_EQUAL(options.pools.items[1].len, 25);
    CHECK_EQUAL(given("--network x --pool 203.0.113.0"), RUN_INPUT);
    CHECK_TEXT(said, "error: --pool 203.0.113.0 is no prefix of outside addresses; see sekishod "
                     "--help\n");
    CHECK_EQUAL(given("--network x --pool 203.0.113.0/24,"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --pool 0.0.0.0/0"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --pool 2001:db8::/32"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --pool 203.0.113.0/24 --no-tunnels"), RUN_INPUT);
    CHECK_TEXT(said, "error: --pool is given, but no tunnels are made with --no-tunnels; see "
                     "sekishod --help\n");
}

/* What is counted are bytes, and not letters. */
static void a_farewell_is_utf8_and_not_too_long(void)
{
    char line[600] = "--network x --farewell ";
    size_t size = strlen(line);
    CHECK_EQUAL(given("--network x"), RUN_FINE);
    CHECK_TEXT(options.farewell, "sekishod stops");
    CHECK_EQUAL(given("--network x --farewell="), RUN_FINE);
    CHECK_TEXT(options.farewell, "");
    for (int i = 0; i < 127; i++, size += 2)
        memcpy(line + size, "\xc3\xbc", 3);
    memcpy(line + size, "x", 2);
    CHECK_EQUAL(given(line), RUN_FINE);
    CHECK_EQUAL(strlen(options.farewell), 255);
    memcpy(line + size, "\xc3\xbc", 3);
    CHECK_EQUAL(given(line), RUN_INPUT);
    CHECK_TEXT(said, "error: --farewell has 256 bytes; expected at most 255 (RFC 9003); see "
                     "sekishod --help\n");
    CHECK_EQUAL(given("--network x --farewell \xc3("), RUN_INPUT);
    CHECK_TEXT(said, "error: --farewell is not UTF-8; see sekishod --help\n");
}

static void a_daemon_is_one_node(void)
{
    CHECK_EQUAL(given("--network x --customer-gateway c --plane xfrm --separate"), RUN_FINE);
    CHECK_TEXT(options.plane, "xfrm");
    CHECK(options.separate && options_make_tunnels(&options) && options_are_customers(&options));
    CHECK_EQUAL(given("--network x --customer-gateway c --gateway g"), RUN_INPUT);
    CHECK_TEXT(said, "error: --gateway and --customer-gateway are given; the daemon is one node; "
                     "see sekishod --help\n");
    CHECK_EQUAL(given("--network x --plane esp"), RUN_INPUT);
    CHECK_TEXT(said, "error: --plane esp is none; expected auto, userspace or xfrm; see sekishod "
                     "--help\n");
    CHECK_EQUAL(given("--network x --separate"), RUN_INPUT);
    CHECK_EQUAL(given("--network x --customer-gateway c --no-tunnels --separate"), RUN_INPUT);
}

static void a_configuration_has_one_version_of_ike(void)
{
    CHECK_EQUAL(given("--configuration x --ike 1"), RUN_FINE);
    CHECK_EQUAL(options.ike, 1);
    CHECK_EQUAL(given("--configuration x"), RUN_FINE);
    CHECK_EQUAL(options.ike, 0);
    CHECK_EQUAL(given("--configuration x --ike 3"), RUN_INPUT);
    CHECK_TEXT(said, "error: --ike 3 is no version of IKE; expected 1 or 2; see sekishod --help\n");
    CHECK_EQUAL(given("--network x --customer-gateway c --ike 1"), RUN_INPUT);
    CHECK_TEXT(said, "error: --ike is given without --configuration; a network file says it; see "
                     "sekishod --help\n");
}

static void help_names_every_option(void)
{
    char text[4096];
    FILE *out = fmemopen(text, sizeof text, "w");
    options_help(out);
    fclose(out);
    CHECK(strstr(text, "  --network FILE") && strstr(text, "  --port N") &&
          strstr(text, "  --version"));
    CHECK_EQUAL(given("--help"), RUN_FINE);
    CHECK(options.help);
}

int main(void)
{
    TEST(options_have_their_values);
    TEST(a_mistake_is_one_sentence_and_changes_nothing);
    TEST(pools_are_prefixes);
    TEST(a_farewell_is_utf8_and_not_too_long);
    TEST(a_daemon_is_one_node);
    TEST(a_configuration_has_one_version_of_ike);
    TEST(help_names_every_option);
    return harness_done();
}
