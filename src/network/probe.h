/* For the tests of this room: a text goes in, errors or the network come out. */
#pragma once

#include "network/network.h"
#include "tests/harness.h"

#include <stdlib.h>

static inline struct slice probe_slice(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* What FILE-writing functions wrote, as a text that the caller frees. */
struct probe {
    char *text;
    size_t size;
    FILE *file;
};

static inline void probe_open(struct probe *probe)
{
    *probe = (struct probe){0};
    probe->file = open_memstream(&probe->text, &probe->size);
}

static inline char *probe_close(struct probe *probe)
{
    fclose(probe->file);
    return probe->text;
}

/* The errors as lines "2:7 message | hint"; "fine" when there are none. */
static inline char *probe_errors_in(struct slice text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    struct probe probe;
    diagnostics_init(&diagnostics);
    probe_open(&probe);
    if (network_parse(text, "test.yaml", &diagnostics, &network))
        fputs("fine", probe.file);
    for (size_t i = 0; i < diagnostics.count; i++) {
        const struct diagnostic *item = &diagnostics.items[i];
        fprintf(probe.file, "%s%u:%u %s%s%s", i ? "\n" : "", item->place.line, item->place.column,
                item->message, item->hint ? " | " : "", item->hint ? item->hint : "");
    }
    network_free(network);
    diagnostics_done(&diagnostics);
    return probe_close(&probe);
}

static inline char *probe_errors(const char *text)
{
    return probe_errors_in(probe_slice(text));
}

/* The network, which the test expects to be sound; else its errors are shown. */
static inline struct network *probe_parse(const char *text)
{
    struct diagnostics diagnostics;
    struct network *network = NULL;
    diagnostics_init(&diagnostics);
    if (!network_parse(probe_slice(text), "test.yaml", &diagnostics, &network))
        diagnostics_render(&diagnostics, (struct diagnostics_style){.ascii = true}, stdout);
    diagnostics_done(&diagnostics);
    return network;
}

static inline char *probe_format(const struct network *network)
{
    struct probe probe;
    probe_open(&probe);
    network_format(network, probe.file);
    return probe_close(&probe);
}

#define CHECK_ERRORS(yaml, expected)                                                               \
    do {                                                                                           \
        char *found_errors = probe_errors(yaml);                                                   \
        harness_same_text(found_errors, expected, __FILE__, __LINE__);                             \
        free(found_errors);                                                                        \
    } while (0)
