#include "cli/cli_rig.h"

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

int main(void)
{
    TEST(canonical_form_is_written_and_is_canonical);
    TEST(another_form_is_bad_news);
    TEST(a_wrong_file_is_not_formatted);
    return rig_done();
}
