/* How fast is a network file of a megabyte read, with every reference resolved and every value
 * checked, and how fast is it written again? */
#include "bench/figure.h"
#include "bench/hub.h"

enum { TIMES = 7, WANTED_BYTES = 1 << 20 };

/* The smallest hub whose file is large enough. */
static struct slice megabyte(char **ret_text)
{
    struct hub hub = {.connections = 0, .tunnels = 2, .routes = 100};
    for (;;) {
        hub.connections += 10;
        struct slice text = hub_text(&hub, ret_text);
        if (text.size >= WANTED_BYTES)
            return text;
        free(*ret_text);
    }
}

int main(void)
{
    char *text, *written = NULL;
    struct slice slice = megabyte(&text);
    double parse_ms[TIMES], format_ms[TIMES];
    size_t written_bytes = 0;
    for (int i = 0; i < TIMES; i++) {
        double start_ns = figure_now_ns();
        struct network *network = hub_parse(slice);
        parse_ms[i] = (figure_now_ns() - start_ns) / 1e6;
        free(written);
        FILE *out = open_memstream(&written, &written_bytes);
        start_ns = figure_now_ns();
        network_format(network, out);
        fclose(out);
        format_ms[i] = (figure_now_ns() - start_ns) / 1e6;
        network_free(network);
    }
    figure("file.size", (double)slice.size / 1e6, "MB");
    figure("file.parse", figure_median(parse_ms, TIMES), "ms");
    figure("file.format", figure_median(format_ms, TIMES), "ms");
    free(written);
    free(text);
    return 0;
}
