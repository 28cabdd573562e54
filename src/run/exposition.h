/* Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): a metric's HELP and TYPE, then
 * all of its lines, metric after metric in the order of run/metrics.def. It is written piece by
 * piece, so that a thousand neighbors are no work for one round and nobody's memory; each value is
 * that of the moment in which it is written. */
#pragma once

#include "run/samples.h"

#include <stddef.h>

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { EXPOSITION_LEAST = 16384 }; /* room for all lines of one thing */

struct exposition {
    unsigned metric;
    uint32_t item;
    bool began; /* the metric's HELP and TYPE are written */
};

/* As much as there is room for, whole lines, behind what was written before. cap: at least
 * EXPOSITION_LEAST. Returns how many bytes; 0: all is written. */
size_t exposition_write(struct exposition *exposition, const struct daemon *daemon, char *ret_text,
                        size_t cap) __attribute__((warn_unused_result));

/* "counter", "gauge" */
const char *metric_type_word(enum metric_type type);
/* The labels that a metric's lines have, for people: "neighbor, state"; "" for none. */
const char *metric_each_label(enum metric_each each);
const char *metric_part_label(enum metric_part part);

struct text;
/* A label's value: a backslash, a double quote and the end of a line are written as \\, \" and \n.
 */
void exposition_value(struct text *text, const char *words);
