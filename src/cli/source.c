#include "cli/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_BYTES = 1 << 16 };

const char *source_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* size 0: not known, only that it is too much. */
static enum cli_exit too_large(struct cli *cli, const char *name, int64_t size_bytes)
{
    struct quoted shown = diagnostics_quote(name, strlen(name));
    int most_mib = NETWORK_FILE_MAX >> 20;
    if (size_bytes)
        cli_error(cli, "%s: %" PRId64 " MiB large; a network file may have %d MiB", shown.text,
                  size_bytes >> 20, most_mib);
    else
        cli_error(cli, "%s: larger than the %d MiB that a network file may have", shown.text,
                  most_mib);
    return CLI_USAGE;
}

static enum cli_exit slurp(struct cli *cli, FILE *in, const char *name, char **ret_bytes,
                           size_t *ret_size)
{
    size_t size = 0, cap = FIRST_BYTES;
    char *bytes = malloc(cap);
    while (bytes) {
        size += fread(bytes + size, 1, cap - size, in);
        if (size < cap || size > NETWORK_FILE_MAX)
            break;
        cap *= 2;
        char *longer = realloc(bytes, cap);
        if (!longer)
            free(bytes);
        bytes = longer;
    }
    if (!bytes) {
        cli_error(cli, "%s: no memory to read it", name);
        return CLI_WORLD;
    }
    enum cli_exit status = CLI_FINE;
    if (ferror(in)) {
        struct quoted shown = diagnostics_quote(name, strlen(name));
        cli_error(cli, "%s: cannot read: %s", shown.text, strerror(errno));
        status = errno == EISDIR ? CLI_USAGE : CLI_WORLD;
    } else if (size > NETWORK_FILE_MAX) {
        status = too_large(cli, name, 0);
    }
    if (status != CLI_FINE) {
        free(bytes);
        return status;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return CLI_FINE;
}

enum cli_exit source_read(struct cli *cli, const char *path, char **ret_bytes, size_t *ret_size)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return slurp(cli, cli->in, source_name(path), ret_bytes, ret_size);
    FILE *in = fopen(path, "re");
    if (!in) {
        struct quoted shown = diagnostics_quote(path, strlen(path));
        cli_error(cli, "%s: %s", shown.text, strerror(errno));
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? CLI_WORLD : CLI_USAGE;
    }
    enum cli_exit status;
    if (fstat(fileno(in), &about) == 0 && S_ISREG(about.st_mode) &&
        about.st_size > NETWORK_FILE_MAX)
        status = too_large(cli, path, about.st_size);
    else
        status = slurp(cli, in, path, ret_bytes, ret_size);
    fclose(in);
    return status;
}

struct diagnostics_style source_style(const struct cli *cli)
{
    return (struct diagnostics_style){
        .ascii = cli->err.ascii, .color = cli->err.color, .width = cli->err.width};
}

enum cli_exit source_parse(struct cli *cli, const char *name, struct slice text, bool json,
                           struct network **ret_network)
{
    struct diagnostics diagnostics;
    enum cli_exit status = CLI_FINE;
    diagnostics_init(&diagnostics);
    if (!network_parse(text, name, &diagnostics, ret_network)) {
        if (json)
            diagnostics_json(&diagnostics, cli->err.out);
        else
            diagnostics_render(&diagnostics, source_style(cli), cli->err.out);
        status = CLI_USAGE;
    }
    diagnostics_done(&diagnostics);
    return status;
}

enum cli_exit source_network(struct cli *cli, const char *path, bool json,
                             struct network **ret_network)
{
    char *bytes;
    size_t size;
    enum cli_exit status = source_read(cli, path, &bytes, &size);
    if (status != CLI_FINE)
        return status;
    struct slice text = {(const uint8_t *)bytes, size};
    status = source_parse(cli, source_name(path), text, json, ret_network);
    free(bytes);
    return status;
}
