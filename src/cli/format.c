#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "explain/json.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"check", NULL, "write nothing; exit 1 when the file is not in canonical form"},
    {"json", NULL, "the answer for a machine, with the canonical form in it"},
};

/* In memory first: a mistake half-way would leave half a file. NULL: no memory. */
static char *formatted(const struct network *network, size_t *ret_size)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, ret_size);
    if (!out)
        return NULL;
    network_format(network, out);
    if (fclose(out) == 0)
        return bytes;
    free(bytes);
    return NULL;
}

/* The first line in which two texts differ, from 1. */
static unsigned differing_line(const char *left, size_t left_size, const char *right,
                               size_t right_size)
{
    unsigned line = 1;
    for (size_t i = 0; i < left_size && i < right_size && left[i] == right[i]; i++)
        line += left[i] == '\n';
    return line;
}

/* differs_at: the line, from 1; 0: nowhere. */
static bool write_json(const struct cli *cli, const char *path, unsigned differs_at,
                       const char *canonical, size_t size)
{
    json_t *answer = json_object();
    json_put(answer, "file", json_text(source_name(path)));
    json_put(answer, "canonical", json_boolean(differs_at == 0));
    json_put(answer, "line", differs_at ? json_integer(differs_at) : json_null());
    json_put(answer, "network", json_stringn(canonical, size));
    return json_write_take(answer, cli->out.out);
}

static enum cli_exit answer(struct cli *cli, const struct arguments *arguments, unsigned differs_at,
                            const char *canonical, size_t size)
{
    const char *path = arguments->operands[0];
    bool judge = arguments_has(arguments, "check");
    if (arguments_has(arguments, "json")) {
        if (!write_json(cli, path, differs_at, canonical, size))
            return CLI_WORLD;
    } else if (!judge) {
        fwrite(canonical, 1, size, cli->out.out);
    } else if (differs_at) {
        screen_say(&cli->out, "%s: not in canonical form from line %u on\n", source_name(path),
                   differs_at);
    }
    return judge && differs_at ? CLI_FOUND : CLI_FINE;
}

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments->operands[0];
    char *bytes, *canonical;
    size_t size, canonical_size = 0;
    struct network *network;
    enum cli_exit status = source_read(cli, path, &bytes, &size);
    if (status != CLI_FINE)
        return status;
    status = source_parse(cli, source_name(path), (struct slice){(const uint8_t *)bytes, size},
                          arguments_has(arguments, "json"), &network);
    if (status != CLI_FINE) {
        free(bytes);
        return status;
    }
    canonical = formatted(network, &canonical_size);
    network_free(network);
    if (!canonical) {
        cli_error(cli, "no memory to format the file");
        status = CLI_WORLD;
    } else {
        bool same = canonical_size == size && memcmp(canonical, bytes, size) == 0;
        unsigned line = same ? 0 : differing_line(canonical, canonical_size, bytes, size);
        status = answer(cli, arguments, line, canonical, canonical_size);
    }
    free(canonical);
    free(bytes);
    return status;
}

const struct command command_format = {
    .name = "format",
    .operands = "FILE|-",
    .sentence = "Writes the file in its canonical form: same meaning, comments kept.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .least = 1,
    .most = 1,
    .run = run,
};
