#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/source.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    {"check", NULL, "write nothing; exit 1 when the file is not in canonical form"},
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

static enum cli_exit run(struct cli *cli, const struct arguments *arguments)
{
    const char *path = arguments->operands[0];
    bool judge = arguments_has(arguments, "check");
    char *bytes, *canonical;
    size_t size, canonical_size = 0;
    struct network *network;
    enum cli_exit status = source_read(cli, path, &bytes, &size);
    if (status != CLI_FINE)
        return status;
    status = source_parse(cli, source_name(path), (struct slice){(const uint8_t *)bytes, size},
                          false, &network);
    if (status != CLI_FINE) {
        free(bytes);
        return status;
    }
    canonical = formatted(network, &canonical_size);
    network_free(network);
    if (!canonical) {
        cli_error(cli, "no memory to format the file");
        status = CLI_WORLD;
    } else if (!judge) {
        fwrite(canonical, 1, canonical_size, cli->out.out);
    } else if (canonical_size != size || memcmp(canonical, bytes, size) != 0) {
        screen_say(&cli->out, "%s: not in canonical form from line %u on\n", source_name(path),
                   differing_line(canonical, canonical_size, bytes, size));
        status = CLI_FOUND;
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
