#include "network/generate.h"

#include "cli/cli_rig.h"
#include "cli/commands.h"

#include <jansson.h>

static void a_network_is_written_canonically_and_can_be_asked(void)
{
    const struct ran *written = run_cli("generate --seed 11");
    CHECK_EQUAL(written->status, CLI_FINE);
    CHECK_TEXT(written->err, "");
    char *text = strdup(written->out);
    CHECK_EQUAL(run_input("format --check -", text, strlen(text))->status, CLI_FINE);
    CHECK(contains(run_input("routes -", text, strlen(text))->out, "vgw-0"));
    free(text);
}

/* The command in the comment, behind its "# sekisho ". */
static void find_command(const char *text, char *ret_words, size_t size)
{
    const char *begin = strstr(text, "\n# sekisho ");
    CHECK(begin != NULL);
    begin = begin ? begin + strlen("\n# sekisho ") : "";
    snprintf(ret_words, size, "%.*s", (int)strcspn(begin, "\n"), begin);
}

static void the_comment_is_the_command(void)
{
    static const char *const commands[] = {
        "generate --seed 1",
        "generate --seed 5 --gateways 1 --sites 2 --danger 0",
        "generate --seed 18446744073709551615 --connections 1 --direct-connects 0 --steps 5 --fast",
        "generate --seed 3 --ipv6 0 --filters 100 --policies 50",
    };
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char words[256];
        char *text = strdup(run_cli(commands[i])->out);
        find_command(text, words, sizeof words);
        CHECK_TEXT(words, commands[i]);
        free(text);
    }
    CHECK(contains(run_cli("generate")->out, "\n# sekisho generate --seed 1\n"));
    CHECK(contains(run_cli("generate --sites 6 --danger 25")->out,
                   "\n# sekisho generate --seed 1\n"));
}

static void the_shape_is_heeded(void)
{
    char *one = strdup(run_cli("generate --sites 1 --connections 1 --seed 2")->out);
    char *other = strdup(run_cli("generate --sites 1 --connections 1 --seed 3")->out);
    CHECK(contains(one, "id: site-0") && !contains(one, "id: site-1"));
    CHECK(contains(one, "id: vpn-0") && !contains(one, "id: vpn-1"));
    CHECK(strcmp(one, other) != 0);
    free(one);
    free(other);
    CHECK(contains(run_cli("generate --fast")->out, "hold: 9s"));
    CHECK(contains(run_cli("generate --filters 100")->out, "security_groups:"));
    CHECK(!contains(run_cli("generate")->out, "security_groups:"));
    CHECK(contains(run_cli("generate --policies 100 --seed 3")->out, "on_export:"));
}

static void a_machine_is_given_the_same_file(void)
{
    char *text = strdup(run_cli("generate --seed 7 --sites 2 --ipv6 0 --fast")->out);
    const struct ran *written = run_cli("generate --seed 7 --sites 2 --ipv6 0 --fast --json");
    CHECK_EQUAL(written->status, CLI_FINE);
    CHECK_TEXT(written->err, "");
    json_t *answer = json_loads(written->out, 0, NULL), *shape = json_object_get(answer, "shape");
    CHECK_TEXT(json_string_value(json_object_get(answer, "network")), text);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "seed")), 7);
    CHECK_EQUAL(json_integer_value(json_object_get(shape, "sites")), 2);
    CHECK_EQUAL(json_integer_value(json_object_get(shape, "ipv6")), 0);
    CHECK_EQUAL(json_integer_value(json_object_get(shape, "gateways")), generate_usual.gateways);
    CHECK(json_is_true(json_object_get(shape, "fast")));
    json_decref(answer);
    free(text);
}

/* All that makes the network, and nothing else: each option but these two. */
static void a_machine_is_told_the_whole_shape(void)
{
    json_t *answer = json_loads(run_cli("generate --json")->out, 0, NULL);
    json_t *shape = json_object_get(answer, "shape");
    CHECK_EQUAL(json_object_size(shape), command_generate.option_count - 2);
    for (size_t i = 0; i < command_generate.option_count; i++) {
        char key[32];
        snprintf(key, sizeof key, "%s", command_generate.options[i].name);
        for (char *at = strchr(key, '-'); at; at = strchr(at, '-'))
            *at = '_';
        bool of_shape = strcmp(key, "seed") != 0 && strcmp(key, "json") != 0;
        CHECK_EQUAL(json_object_get(shape, key) != NULL, of_shape);
    }
    json_decref(answer);
}

static void what_is_out_of_bounds_is_a_mistake(void)
{
    check_mistake("generate --gateways 0", "error: --gateways 0: expected 1 to 8\n");
    check_mistake("generate --gateways 9", "error: --gateways 9: expected 1 to 8\n");
    check_mistake("generate --sites 33", "error: --sites 33: expected 1 to 32\n");
    check_mistake("generate --connections 4", "error: --connections 4: expected 1 to 3\n");
    check_mistake("generate --direct-connects 9", "error: --direct-connects 9: expected 0 to 8\n");
    check_mistake("generate --steps 17", "error: --steps 17: expected 0 to 16\n");
    check_mistake("generate --danger 101", "error: --danger 101: expected 0 to 100\n");
    check_mistake("generate --ipv6 101", "error: --ipv6 101: expected 0 to 100\n");
    check_mistake("generate --filters 101", "error: --filters 101: expected 0 to 100\n");
    check_mistake("generate --policies 101", "error: --policies 101: expected 0 to 100\n");
    check_mistake("generate --sites 18446744073709551615",
                  "error: --sites 18446744073709551615: expected 1 to 32\n");
    check_mistake("generate --seed x", "error: --seed x: expected a number, 0 or more\n");
    check_mistake("generate 7", "error: generate has no use for \"7\"; it takes options only\n");
}

/* Help has the bounds in words. */
static void help_says_the_bounds(void)
{
    const struct {
        const char *option;
        unsigned least, most, usual;
    } bounds[] = {
        {"gateways", 1, GENERATE_GATEWAYS_MAX, generate_usual.gateways},
        {"sites", 1, GENERATE_SITES_MAX, generate_usual.sites},
        {"connections", 1, GENERATE_CONNECTIONS_MAX, generate_usual.connections},
        {"direct-connects", 0, GENERATE_DIRECT_CONNECTS_MAX, generate_usual.direct_connects},
        {"steps", 0, GENERATE_STEPS_MAX, generate_usual.steps},
    };
    const struct ran *help = run_cli("help generate");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        char said[64];
        const char *line = strstr(help->out, bounds[i].option);
        CHECK(line != NULL);
        snprintf(said, sizeof said, "%u to %u; %u unless said\n", bounds[i].least, bounds[i].most,
                 bounds[i].usual);
        const char *found = line ? strstr(line, said) : NULL;
        CHECK(found && found < strchr(line, '\n'));
    }
    CHECK(contains(help->out, "usage: sekisho generate [OPTION...]\n"));
}

int main(void)
{
    TEST(a_network_is_written_canonically_and_can_be_asked);
    TEST(the_comment_is_the_command);
    TEST(the_shape_is_heeded);
    TEST(a_machine_is_given_the_same_file);
    TEST(a_machine_is_told_the_whole_shape);
    TEST(what_is_out_of_bounds_is_a_mistake);
    TEST(help_says_the_bounds);
    return rig_done();
}
