/* The value of each line of run/metrics.def, as the daemon has it at that moment. */
#pragma once

#include "run/census.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

/* What there is a line of. */
enum metric_each { EACH_ONE, EACH_NEIGHBOR, EACH_ATTACHMENT, EACH_TUNNEL, EACH_COUNT };

/* A further label, and what it may say. */
enum metric_part {
    PART_WHOLE, /* none */
    PART_BUILD,
    PART_NODE,
    PART_STATE,
    PART_DOWN,
    PART_KIND,
    PART_TURNED,
    PART_FAMILY,
    PART_REFUSED,
    PART_EXPORT,
    PART_LOST,
    PART_CAUSE,
    PART_VERB,
    PART_RELOAD,
    PART_NOTE,
    PART_COUNT,
};

struct daemon;

/* Which line: item of EACH counts from 0, part from the part's first. */
struct sample_place {
    const struct daemon *daemon;
    uint32_t item;
    int part;
};

struct sample {
    int64_t value;
    bool us; /* in microseconds, and told in seconds */
};

struct metric {
    const char *name;
    enum metric_type type;
    enum metric_each each;
    enum metric_part part;
    const char *help;
    /* false: there is no such line. */
    bool (*sample)(const struct sample_place *at, struct sample *ret_sample);
};

extern const struct metric metrics_all[];
extern const unsigned metrics_count;
