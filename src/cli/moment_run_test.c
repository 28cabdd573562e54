#include "cli/moment_run.h"

#include "cli/cli_rig.h"
#include "cli/commands.h"

static struct moment_run taken(const char *at, const char *time)
{
    struct cli cli = {.err = {.out = stdout}};
    char *words[] = {(char *)(uintptr_t) "examples/incident.yaml", (char *)(uintptr_t) "--at",
                     (char *)(uintptr_t)at, (char *)(uintptr_t) "--time", (char *)(uintptr_t)time};
    struct arguments arguments;
    struct moment_run moment = {0};
    CHECK(arguments_read(&cli, &command_routes, 5, words, &arguments));
    CHECK_EQUAL(moment_run_take(&cli, &arguments, arguments.operands[0], &moment), CLI_FINE);
    CHECK_EQUAL(moment_run_views(&cli, at, "--at ", &moment), CLI_FINE);
    return moment;
}

static void the_run_stands_at_the_moment(void)
{
    struct moment_run moment = taken("vyatta,vpc-branch", "61s");
    CHECK_EQUAL(sim_now_us(moment.play.sim), 61000000);
    CHECK_EQUAL((int64_t)moment.views.count, 2);
    CHECK_TEXT(moment.views.items[0].name, "vyatta");
    CHECK_TEXT(moment.views.items[1].name, "rtb-branch");
    json_t *answer = moment_run_json(&moment);
    CHECK_EQUAL(json_integer_value(json_object_get(answer, "at_s")), 61);
    CHECK_TEXT(json_string_value(json_object_get(answer, "end")), "until");
    json_decref(answer);
    moment_run_done(&moment);
}

static void the_headline_says_when(void)
{
    struct moment_run moment = taken("vyatta", "60.5");
    char *shown = NULL;
    size_t size;
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 100};
    moment_run_headline(&moment, &screen);
    fclose(screen.out);
    CHECK_TEXT(shown, "examples/incident.yaml at 60.500 s\n");
    free(shown);
    moment_run_done(&moment);
}

int main(void)
{
    TEST(the_run_stands_at_the_moment);
    TEST(the_headline_says_when);
    return rig_done();
}
