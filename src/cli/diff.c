#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/contrast.h"
#include "cli/gateways.h"
#include "cli/source.h"

#include <string.h>

static const struct option options[] = {
    {"time", "TIME", "at that moment of the stories, such as 61s; otherwise at their ends"},
    {"seed", "N", "of all phases and latencies; 1 unless said"},
    {"json", NULL, "the answer for a machine"},
};

struct asked {
    const char *path;
    uint64_t seed;
    int64_t time_us;
    bool json;
};

static enum cli_exit play_file(struct cli *cli, const struct asked *asked, const char *path,
                               struct play *ret_play)
{
    struct network *network;
    enum cli_exit status = source_network(cli, path, asked->json, &network);
    return status == CLI_FINE ? play_take(cli, network, asked->seed, asked->time_us, ret_play)
                              : status;
}

static json_t *files_json(const struct contrast *contrast)
{
    json_t *object = json_object();
    for (int side = 0; side < 2; side++) {
        const struct play *play = contrast->plays[side];
        json_t *about = json_object();
        json_put(about, "file", json_text(contrast->names[side]));
        json_put(about, "verdict", json_text(play_verdict_name(play->verdict)));
        json_put(about, "end", json_text(play_end_name(play->end)));
        json_put(about, "at_s", json_seconds(sim_now_us(play->sim)));
        json_put(object, contrast->keys[side], about);
    }
    json_put(object, "same", json_boolean(contrast_is_empty(contrast)));
    contrast_json(contrast, object);
    return object;
}

static enum cli_exit show_files(struct cli *cli, const struct play plays[2],
                                const char *const names[2], bool json)
{
    static const char *const keys[] = {"left", "right"};
    struct contrast contrast;
    contrast_take(&plays[0], &plays[1], names, keys, &contrast);
    enum cli_exit status = contrast_is_empty(&contrast) ? CLI_FINE : CLI_FOUND;
    if (json) {
        if (!json_write_take(files_json(&contrast), cli->out.out))
            status = CLI_WORLD;
    } else {
        for (int side = 0; side < 2; side++)
            play_headline(&plays[side], names[side], &cli->out);
        if (status == CLI_FINE)
            screen_put(&cli->out, "\nNo difference in tunnels, reachability, announcements and"
                                  " tables.\n");
        contrast_render(&contrast, &cli->out);
    }
    contrast_done(&contrast);
    return status;
}

static enum cli_exit diff_files(struct cli *cli, const struct asked *asked, const char *other)
{
    const char *const names[] = {source_name(asked->path), source_name(other)};
    struct play plays[2] = {{0}, {0}};
    if (strcmp(asked->path, "-") == 0 && strcmp(other, "-") == 0) {
        cli_error(cli, "standard input cannot be both files");
        return CLI_USAGE;
    }
    enum cli_exit status = play_file(cli, asked, asked->path, &plays[0]);
    if (status == CLI_FINE)
        status = play_file(cli, asked, other, &plays[1]);
    if (status == CLI_FINE)
        status = show_files(cli, plays, names, asked->json);
    play_done(&plays[0]);
    play_done(&plays[1]);
    return status;
}

static enum cli_exit diff_gateways(struct cli *cli, const struct asked *asked,
                                   const char *const names[2])
{
    struct play play;
    int gateways[2];
    enum cli_exit status = play_file(cli, asked, asked->path, &play);
    if (status != CLI_FINE)
        return status;
    if (!gateways_find(cli, play.network, play.world, names, gateways)) {
        status = CLI_USAGE;
    } else {
        struct gateways pair;
        gateways_take(&play, gateways, &pair);
        status = gateways_are_equal(&pair) ? CLI_FINE : CLI_FOUND;
        if (!asked->json)
            gateways_render(&pair, source_name(asked->path), cli->program, &cli->out);
        else if (!json_write_take(gateways_json(&pair), cli->out.out))
            status = CLI_WORLD;
        gateways_done(&pair);
    }
    play_done(&play);
    return status;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *const *operands = arguments->operands;
    struct asked asked = {.path = operands[0], .json = arguments_has(arguments, "json")};
    if (!arguments_number(cli, arguments, "seed", 1, &asked.seed) ||
        !arguments_duration(cli, arguments, "time", -1, &asked.time_us))
        return CLI_USAGE;
    return arguments->operand_count == 2 ? diff_files(cli, &asked, operands[1])
                                         : diff_gateways(cli, &asked, operands + 1);
}

const struct command command_diff = {
    .name = "diff",
    .operands = "FILE|- FILE|- | FILE|- GATEWAY GATEWAY",
    .sentence = "Shows where two networks differ, or two gateways of one.",
    .text = "Tunnels, reachability, announcements and tables as they come out, not the files'\n"
            "words; what is equal is counted. Exit status 1: they differ.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 2,
    .most = 3,
    .run = run,
};
