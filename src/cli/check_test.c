#include "cli/cli_rig.h"

#include <jansson.h>

static void the_exit_status_is_the_answer(void)
{
    CHECK_EQUAL(run_cli("check examples/incident.yaml")->status, CLI_FOUND);
    CHECK_EQUAL(run_cli("check examples/incident-held.yaml")->status, CLI_FINE);
    CHECK_EQUAL(run_cli("check --fail-on protected examples/incident-held.yaml")->status,
                CLI_FOUND);
}

static void a_machine_gets_one_object(void)
{
    const struct ran *run = run_cli("check --json examples/incident.yaml");
    CHECK_EQUAL(run->status, CLI_FOUND);
    json_t *answer = json_loads(run->out, 0, NULL);
    CHECK_TEXT(json_string_value(json_object_get(answer, "verdict")), "unstable");
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
    CHECK_TEXT(json_string_value(json_object_get(finding, "name")), "tunnel-recursion");
    CHECK_TEXT(json_string_value(json_object_get(finding, "level")), "certain");
    CHECK(json_array_size(json_object_get(finding, "remedies")) >= 4);
    json_decref(answer);
}

/* What was verified is verified again, as a user would. */
static void an_applied_remedy_cures(void)
{
    for (int i = 1; i <= 4; i++) {
        char words[64];
        snprintf(words, sizeof words, "check --apply %d examples/incident.yaml", i);
        const struct ran *applied = run_cli(words);
        CHECK_EQUAL(applied->status, 0);
        char *cured = strdup(applied->out);
        CHECK_EQUAL(run_input("check -", cured, strlen(cured))->status, CLI_FINE);
        free(cured);
    }
}

static void the_cheapest_is_one(void)
{
    json_t *answer =
        json_loads(run_cli("check --json --cheapest examples/incident.yaml")->out, 0, NULL);
    json_t *finding = json_array_get(json_object_get(answer, "findings"), 0);
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(finding, "remedies")), 1);
    json_decref(answer);
}

static void mistakes_are_one_sentence(void)
{
    check_mistake("check --fail-on never examples/incident.yaml",
                  "error: --fail-on never: expected certain, likely, latent or protected\n");
    check_mistake("check --jobs 65 examples/incident.yaml", "error: --jobs 65: expected 1 to 64\n");
    check_mistake("check --jobs 0 examples/incident.yaml", "error: --jobs 0: expected 1 to 64\n");
    check_mistake("check --all --cheapest examples/incident.yaml",
                  "error: --all and --cheapest exclude each other\n");
    check_mistake("check --apply 99 examples/incident.yaml",
                  "error: --apply 99: expected a remedy's number, 1 to 5\n");
    check_mistake("check --apply 1 examples/incident-held.yaml",
                  "error: --apply: there is no remedy to apply\n");
    check_mistake("check", "error: check needs FILE|-; see: sekisho help check\n");
}

int main(void)
{
    TEST(the_exit_status_is_the_answer);
    TEST(a_machine_gets_one_object);
    TEST(an_applied_remedy_cures);
    TEST(the_cheapest_is_one);
    TEST(mistakes_are_one_sentence);
    return rig_done();
}
