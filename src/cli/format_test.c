#include "cli/cli_rig.h"

#include <jansson.h>

static void canonical_form_is_written_and_is_canonical(void)
{
    const struct ran *formatted = run_cli("format examples/incident.yaml");
    CHECK_EQUAL(formatted->status, 0);
    CHECK_TEXT(formatted->err, "");
    char *once = strdup(formatted->out);
    const struct ran *judged = run_input("format --check -", once, strlen(once));
    CHECK_EQUAL(judged->status, 0);
    CHECK_TEXT(judged->out, "");
    const struct ran *again = run_input("format -", once, strlen(once));
    CHECK_TEXT(again->out, once);
    free(once);
}

static void another_form_is_bad_news(void)
{
    static const char text[] = "vpcs:\n  - id:   vpc\n    cidrs: [10.0.0.0/16]\n";
    const struct ran *judged = run_input("format --check -", text, sizeof text - 1);
    CHECK_EQUAL(judged->status, CLI_FOUND);
    CHECK_TEXT(judged->out, "standard input: not in canonical form from line 2 on\n");
    CHECK_TEXT(judged->err, "");
}

static void a_wrong_file_is_not_formatted(void)
{
    static const char text[] = "vpcs: 7\n";
    const struct ran *formatted = run_input("format -", text, sizeof text - 1);
    CHECK_EQUAL(formatted->status, CLI_USAGE);
    CHECK_TEXT(formatted->out, "");
}

static void check_answer(const struct ran *formatted, bool canonical, int line, const char *network)
{
    json_t *answer = json_loads(formatted->out, 0, NULL);
    CHECK(answer != NULL);
    CHECK_TEXT(formatted->err, "");
    CHECK_TEXT(json_string_value(json_object_get(answer, "file")), "standard input");
    CHECK_EQUAL(json_is_true(json_object_get(answer, "canonical")), canonical);
    if (line == 0)
        CHECK(json_is_null(json_object_get(answer, "line")));
    else
        CHECK_EQUAL(json_integer_value(json_object_get(answer, "line")), line);
    CHECK_TEXT(json_string_value(json_object_get(answer, "network")), network);
    json_decref(answer);
}

static void a_machine_is_told_whether_it_was_canonical(void)
{
    static const char text[] = "vpcs:\n  - id:   vpc\n    cidrs: [10.0.0.0/16]\n";
    char *canonical = strdup(run_input("format -", text, sizeof text - 1)->out);
    const struct ran *formatted = run_input("format --json -", text, sizeof text - 1);
    CHECK_EQUAL(formatted->status, CLI_FINE);
    check_answer(formatted, false, 2, canonical);
    formatted = run_input("format --json --check -", text, sizeof text - 1);
    CHECK_EQUAL(formatted->status, CLI_FOUND);
    check_answer(formatted, false, 2, canonical);
    formatted = run_input("format --json --check -", canonical, strlen(canonical));
    CHECK_EQUAL(formatted->status, CLI_FINE);
    check_answer(formatted, true, 0, canonical);
    free(canonical);
}

static void a_machine_is_told_mistakes_as_an_object(void)
{
    static const char text[] = "vpcs: 7\n";
    const struct ran *formatted = run_input("format --json -", text, sizeof text - 1);
    CHECK_EQUAL(formatted->status, CLI_USAGE);
    CHECK_TEXT(formatted->out, "");
    json_t *answer = json_loads(formatted->err, 0, NULL);
    CHECK_EQUAL(json_array_size(json_object_get(answer, "errors")), 1);
    json_decref(answer);
}

int main(void)
{
    TEST(canonical_form_is_written_and_is_canonical);
    TEST(another_form_is_bad_news);
    TEST(a_wrong_file_is_not_formatted);
    TEST(a_machine_is_told_whether_it_was_canonical);
    TEST(a_machine_is_told_mistakes_as_an_object);
    return rig_done();
}
