#include "check/check.h"
#include "cli/arguments.h"
#include "cli/change_words.h"
#include "cli/commands.h"
#include "cli/contrast.h"
#include "cli/source.h"
#include "network/edit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"time", "TIME", "of the file's story only what happens up to then; otherwise all of it"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

enum { SECOND_US = 1000000, LINE_BYTES = 1024 };

/* One question: the network as it is, and changed. */
struct whatif {
    struct cli *cli;
    uint64_t seed;
    bool json;
    const char *name;
    struct changes changes;
    int64_t at_us; /* of the changes */
    struct play plays[2];
    struct check *checks[2];
    struct contrast contrast;
};

static const char *const sides[] = {"before", "after"};

/* The story up to the moment, and no end of it that the file may have set. */
static void cut_story(struct network *network, int64_t time_us)
{
    network->until_us = -1;
    for (size_t i = 0; time_us >= 0 && i < network->step_count; i++) {
        struct network_step *step = &network->story[i];
        if (step->at_us <= time_us)
            continue;
        network_drop_steps(network, i);
        return;
    }
}

/* -- findings -- */

static const struct check_finding *find_finding(const struct check *check,
                                                const struct check_finding *finding)
{
    for (size_t i = 0; i < check_finding_count(check); i++) {
        if (strcmp(check_finding(check, i)->identity, finding->identity) == 0)
            return check_finding(check, i);
    }
    return NULL;
}

/* A tunnel that went round until the changes and does not since: the changed network's run began
 * with the same trouble, and has seen it, too. */
static bool is_past(const struct whatif *whatif, int side, const struct check_finding *finding)
{
    const struct check_finding *before = find_finding(whatif->checks[0], finding);
    return side == 1 && !finding->what && !finding->conditional && finding->level == CHECK_LIKELY &&
           before && before->level > finding->level &&
           check_verdict(whatif->checks[1]) == CHECK_STABLE;
}

/* Is the finding, of that side, told on the other side with the same level? */
static bool is_news(const struct whatif *whatif, int side, const struct check_finding *finding)
{
    const struct check_finding *other = find_finding(whatif->checks[!side], finding);
    return !is_past(whatif, side, finding) && (!other || other->level != finding->level);
}

static void text_finding(struct text *text, const struct check_finding *finding)
{
    text_add(text, check_finding_trap(finding->kind));
    text_char(text, ' ');
    text_add(text, check_finding_name(finding->kind));
    text_add(text, " (");
    text_add(text, check_level_name(finding->level));
    text_add(text, "): ");
    if (finding->what) {
        text_add(text, finding->what);
        return;
    }
    text_add(text, finding->tunnel);
    text_add(text, ", whose outside address ");
    text_ip(text, finding->outside);
    text_add(text, " is covered by ");
    text_prefix(text, finding->prefix);
    text_add(text, " at ");
    text_add(text, finding->router);
}

static void render_findings(const struct whatif *whatif, const struct screen *screen)
{
    bool headed = false;
    for (int side = 0; side < 2; side++) {
        const struct check *check = whatif->checks[side];
        for (size_t i = 0; i < check_finding_count(check); i++) {
            char bytes[LINE_BYTES];
            struct text text = text_over(bytes, sizeof bytes);
            if (!is_news(whatif, side, check_finding(check, i)))
                continue;
            if (!headed)
                contrast_heading("findings", screen);
            headed = true;
            text_finding(&text, check_finding(check, i));
            screen_say(screen, "  %s%c ", side ? SCREEN_RED : SCREEN_GREEN, side ? '+' : '-');
            screen_paragraph(screen, 4, 6, bytes);
            screen_put(screen, SCREEN_END);
        }
    }
}

static bool has_new_trouble(const struct whatif *whatif)
{
    for (size_t i = 0; i < check_finding_count(whatif->checks[1]); i++) {
        const struct check_finding *finding = check_finding(whatif->checks[1], i);
        if (finding->level >= CHECK_LIKELY && is_news(whatif, 1, finding))
            return true;
    }
    return false;
}

/* -- the answer -- */

static void render(const struct whatif *whatif)
{
    const struct screen *screen = &whatif->cli->out;
    char *line = NULL;
    size_t size;
    FILE *out = open_memstream(&line, &size);
    if (!out)
        abort();
    fprintf(out, "%s at %.3f s", whatif->name, (double)whatif->at_us / 1e6);
    for (size_t i = 0; i < whatif->changes.count; i++)
        fprintf(out, "%s %s", i ? "," : "; then", whatif->changes.said[i]);
    fclose(out);
    screen_paragraph(screen, 0, 2, line);
    free(line);
    fputc('\n', screen->out);
    for (int side = 0; side < 2; side++)
        play_headline(&whatif->plays[side], sides[side], screen);
    if (contrast_is_empty(&whatif->contrast))
        screen_put(screen, "\nNothing changes.\n");
    render_findings(whatif, screen);
    contrast_render(&whatif->contrast, screen);
}

static json_t *side_json(const struct whatif *whatif, int side)
{
    const struct play *play = &whatif->plays[side];
    json_t *object = json_object(), *checked = check_json(whatif->checks[side]);
    json_t *findings = json_object_get(checked, "findings");
    for (size_t i = check_finding_count(whatif->checks[side]); i-- > 0;) {
        if (is_past(whatif, side, check_finding(whatif->checks[side], i)))
            json_array_remove(findings, i);
    }
    json_put(object, "verdict", json_text(play_verdict_name(play->verdict)));
    json_put(object, "end", json_text(play_end_name(play->end)));
    json_put(object, "end_s", json_seconds(sim_now_us(play->sim)));
    json_put(object, "findings", json_incref(findings));
    json_decref(checked);
    return object;
}

static json_t *answer(const struct whatif *whatif)
{
    json_t *object = json_object(), *changes = json_array();
    for (size_t i = 0; i < whatif->changes.count; i++)
        json_push(changes, json_text(whatif->changes.said[i]));
    json_put(object, "changes", changes);
    json_put(object, "at_s", json_seconds(whatif->at_us));
    for (int side = 0; side < 2; side++)
        json_put(object, sides[side], side_json(whatif, side));
    contrast_json(&whatif->contrast, object);
    return object;
}

/* -- the runs -- */

static enum cli_exit check_both(struct whatif *whatif)
{
    struct check_options how = {.seed = whatif->seed, .no_remedies = true, .no_variants = true};
    for (int side = 0; side < 2; side++) {
        whatif->checks[side] = check_run(whatif->plays[side].network, &how);
        if (!whatif->checks[side]) {
            cli_error(whatif->cli, "no memory to check the network");
            return CLI_WORLD;
        }
    }
    return CLI_FINE;
}

/* The changes in a story of their own, to see whether they can be; nothing is run yet. */
static bool can_be(struct whatif *whatif, const struct network *network)
{
    struct network *scratch = network_copy(network);
    size_t count = scratch->step_count;
    int64_t at_us = count ? scratch->story[count - 1].at_us : 0;
    bool fine = changes_add(whatif->cli, &whatif->changes, at_us, whatif->json, scratch);
    network_free(scratch);
    return fine;
}

/* Plays the file as it is until it rests, then, from the beginning, with the changes in a story of
 * its own at that moment. Takes the network. */
static enum cli_exit play_both(struct whatif *whatif, struct network *network)
{
    struct network *changed = network_copy(network);
    enum cli_exit status = play_take(whatif->cli, network, whatif->seed, -1, &whatif->plays[0]);
    if (status != CLI_FINE) {
        network_free(changed);
        return status;
    }
    whatif->at_us = (sim_now_us(whatif->plays[0].sim) / SECOND_US + 1) * SECOND_US;
    if (!changes_add(whatif->cli, &whatif->changes, whatif->at_us, whatif->json, changed)) {
        network_free(changed);
        return CLI_USAGE;
    }
    status = play_take(whatif->cli, changed, whatif->seed, -1, &whatif->plays[1]);
    if (status == CLI_FINE)
        status = check_both(whatif);
    return status;
}

static enum cli_exit show(struct whatif *whatif)
{
    enum cli_exit status = CLI_FINE;
    contrast_take(&whatif->plays[0], &whatif->plays[1], sides, sides, &whatif->contrast);
    if (contrast_is_worse(&whatif->contrast) || has_new_trouble(whatif))
        status = CLI_FOUND;
    if (!whatif->json)
        render(whatif);
    else if (!json_write_take(answer(whatif), whatif->cli->out.out))
        status = CLI_WORLD;
    contrast_done(&whatif->contrast);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    struct whatif whatif = {.cli = cli,
                            .json = arguments_has(arguments, "json"),
                            .name = source_name(arguments->operands[0])};
    struct network *network;
    int64_t time_us;
    if (!arguments_number(cli, arguments, "seed", 1, &whatif.seed) ||
        !arguments_duration(cli, arguments, "time", -1, &time_us))
        return CLI_USAGE;
    enum cli_exit status = source_network(cli, arguments->operands[0], whatif.json, &network);
    if (status != CLI_FINE)
        return status;
    cut_story(network, time_us);
    if (!changes_read(cli, network, arguments->operands + 1, arguments->operand_count - 1,
                      &whatif.changes) ||
        !can_be(&whatif, network)) {
        network_free(network);
        changes_done(&whatif.changes);
        return CLI_USAGE;
    }
    status = play_both(&whatif, network);
    if (status == CLI_FINE)
        status = show(&whatif);
    for (int side = 0; side < 2; side++) {
        check_free(whatif.checks[side]);
        play_done(&whatif.plays[side]);
    }
    changes_done(&whatif.changes);
    return status;
}

const struct command command_whatif = {
    .name = "whatif",
    .operands = "FILE|- CHANGE...",
    .sentence = "Makes changes to a copy that has come to rest, and shows what becomes different.",
    .text = "A CHANGE is a verb of a story and what it is about: announce ROUTER PREFIX,\n"
            "withdraw ROUTER PREFIX, fail, restore or restart THING, replace ROUTER,\n"
            "configure CONNECTION guard POLICY, configure TABLE|ROUTER add PREFIX TARGET,\n"
            "configure TABLE|ROUTER remove PREFIX; or a verb and its map as in a story.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 2,
    .most = OPERANDS_MAX,
    .run = run,
};
