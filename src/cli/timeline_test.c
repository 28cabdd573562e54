#include "cli/timeline.h"

#include "cli/cli_rig.h"
#include "cli/source.h"

static char *shown;
static size_t shown_size;

static const char *timeline(const struct play *play, const struct timeline_options *options,
                            unsigned width, bool ascii)
{
    free(shown);
    shown = NULL;
    struct screen screen = {
        .out = open_memstream(&shown, &shown_size), .width = width, .ascii = ascii};
    struct timeline timeline = timeline_of(play);
    timeline_render(&timeline, options, &screen);
    fclose(screen.out);
    return shown;
}

static struct play incident(void)
{
    struct cli cli = {.err = {.out = stdout}};
    struct network *network = NULL;
    struct play play = {0};
    CHECK_EQUAL(source_network(&cli, "examples/incident.yaml", false, &network), CLI_FINE);
    CHECK_EQUAL(play_take(&cli, network, 1, -1, &play), CLI_FINE);
    return play;
}

static void no_line_is_wider_than_the_screen(void)
{
    struct play play = incident();
    struct timeline_options whole = {.whole = true};
    static const unsigned widths[] = {80, 100, 120};
    for (size_t i = 0; i < 3; i++) {
        const char *text = timeline(&play, &whole, widths[i], true);
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            CHECK(strcspn(line, "\n") <= widths[i]);
    }
    play_done(&play);
}

static void times_are_aligned_and_notes_at_the_edge(void)
{
    struct play play = incident();
    struct timeline_options main_lines = {.no_minor = true};
    const char *text = timeline(&play, &main_lines, 100, true);
    CHECK(contains(text, "\n     60.000  dx-edge announces 0.0.0.0/0\n"));
    const char *note = strstr(text, "RFC 4271 6.5\n");
    CHECK(note != NULL);
    const char *line = note;
    while (line && line > text && line[-1] != '\n')
        line--;
    CHECK_EQUAL(note ? note - line + 12 : 0, 100);
    play_done(&play);
}

static void once_stops_where_it_begins_again(void)
{
    struct play play = incident();
    struct timeline_options once = {.no_minor = true, .once = true};
    const char *text = timeline(&play, &once, 200, true);
    CHECK(contains(text, "swallows itself again after "));
    CHECK(!contains(text, "restarted"));
    CHECK(!contains(text, "loses"));
    play_done(&play);
}

static void a_machine_gets_every_moment(void)
{
    struct play play = incident();
    size_t count;
    sim_moments(play.sim, &count);
    struct timeline timeline = timeline_of(&play);
    json_t *list = timeline_json(&timeline);
    CHECK_EQUAL((int64_t)json_array_size(list), (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        json_t *moment = json_array_get(list, i);
        CHECK(json_is_number(json_object_get(moment, "at_s")));
        CHECK(json_is_string(json_object_get(moment, "kind")));
        CHECK(json_is_string(json_object_get(moment, "what")));
    }
    json_decref(list);
    play_done(&play);
}

int main(void)
{
    TEST(no_line_is_wider_than_the_screen);
    TEST(times_are_aligned_and_notes_at_the_edge);
    TEST(once_stops_where_it_begins_again);
    TEST(a_machine_gets_every_moment);
    free(shown);
    return rig_done();
}
