#include "run/exposition.h"

#include "run/daemon.h"
#include "run/run.h"
#include "tunnel/state.h"
#include "wire/journal.h"
#include "world/names.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* -- words -- */

const char *metric_type_word(enum metric_type type)
{
    return type == METRIC_COUNTER ? "counter" : "gauge";
}

const char *metric_each_label(enum metric_each each)
{
    static const char *const labels[EACH_COUNT] = {[EACH_ONE] = "",
                                                   [EACH_NEIGHBOR] = "neighbor",
                                                   [EACH_ATTACHMENT] = "attachment",
                                                   [EACH_TUNNEL] = "tunnel"};
    return labels[each];
}

const char *metric_part_label(enum metric_part part)
{
    static const char *const labels[PART_COUNT] = {
        [PART_WHOLE] = "",        [PART_BUILD] = "version, build", [PART_NODE] = "node, asn",
        [PART_STATE] = "state",   [PART_DOWN] = "reason",          [PART_KIND] = "kind",
        [PART_TURNED] = "reason", [PART_FAMILY] = "family",        [PART_REFUSED] = "reason",
        [PART_EXPORT] = "reason", [PART_LOST] = "reason",          [PART_CAUSE] = "cause",
        [PART_VERB] = "verb",     [PART_RELOAD] = "result",        [PART_NOTE] = "event"};
    return labels[part];
}

/* From the first that a part may be to the one behind its last. */
static void part_range(enum metric_part part, int *ret_first, int *ret_end)
{
    static const struct {
        int first, end;
    } ranges[PART_COUNT] = {[PART_WHOLE] = {0, 1},
                            [PART_BUILD] = {0, 1},
                            [PART_NODE] = {0, 1},
                            [PART_STATE] = {SESSION_IDLE, SESSION_ESTABLISHED + 1},
                            [PART_DOWN] = {BGP_DOWN_NONE + 1, BGP_DOWN_COUNT},
                            [PART_KIND] = {BGP_OPEN, BGP_KINDS},
                            [PART_TURNED] = {0, 2},
                            [PART_FAMILY] = {0, 2},
                            [PART_REFUSED] = {0, REASON_COUNT},
                            [PART_EXPORT] = {0, REASON_COUNT},
                            [PART_LOST] = {0, 3},
                            [PART_CAUSE] = {0, TUNNEL_CAUSES},
                            [PART_VERB] = {0, 2},
                            [PART_RELOAD] = {0, 2},
                            [PART_NOTE] = {0, NOTE_COUNT}};
    *ret_first = ranges[part].first;
    *ret_end = ranges[part].end;
}

static const char *part_word(enum metric_part part, int value)
{
    static const char *const
        turned[] = {"stranger", "no-descriptor"},
        *const families[] = {"ipv4", "ipv6"}, *const lost[] = {"stranger", "too-far", "unsent"},
        *const verbs[] = {"put", "remove"}, *const results[] = {"refused", "taken"};
    switch (part) {
    case PART_STATE:
        return session_state_word((enum session_state)value);
    case PART_DOWN:
        return bgp_down_word((enum bgp_down)value);
    case PART_KIND:
        return bgp_type_word((enum bgp_type)value);
    case PART_TURNED:
        return turned[value];
    case PART_FAMILY:
        return families[value];
    case PART_REFUSED:
    case PART_EXPORT:
        return reason_text((enum reason)value)->name;
    case PART_LOST:
        return lost[value];
    case PART_CAUSE:
        return tunnel_cause_word((enum tunnel_cause)value);
    case PART_VERB:
        return verbs[value];
    case PART_RELOAD:
        return results[value];
    case PART_NOTE:
        return note_word((enum note_kind)value);
    case PART_WHOLE:
    case PART_BUILD:
    case PART_NODE:
    case PART_COUNT:
    default:
        return "";
    }
}

/* -- labels -- */

void exposition_value(struct text *text, const char *words)
{
    for (; *words; words++) {
        if (*words == '\\' || *words == '"')
            text_char(text, '\\');
        if (*words == '\n')
            text_add(text, "\\n");
        else
            text_char(text, *words);
    }
}

static void put_label(struct text *text, const char *label, const char *words)
{
    bool first = text->size == 0 || text->data[text->size - 1] != '"';
    text_char(text, first ? '{' : ',');
    text_add(text, label);
    text_add(text, "=\"");
    exposition_value(text, words);
    text_char(text, '"');
}

static void put_thing(struct text *text, const struct daemon *daemon, enum metric_each each,
                      uint32_t item)
{
    const struct plan *plan = daemon->plan;
    char name[160];
    struct text words = text_over(name, sizeof name);
    if (each == EACH_ONE)
        return;
    if (each == EACH_NEIGHBOR)
        text_add(&words, plan->neighbors[item].name);
    else if (each == EACH_TUNNEL)
        text_add(&words, daemon->tunnels.items[item].said.name);
    else
        text_attachment(&words, plan->world, plan->node_index, (uint16_t)(item + 1));
    put_label(text, metric_each_label(each), name);
}

static void put_part(struct text *text, const struct daemon *daemon, enum metric_part part,
                     int value)
{
    char words[24];
    if (part == PART_BUILD) {
        snprintf(words, sizeof words, "%016" PRIx64, journal_build);
        put_label(text, "version", SEKISHOD_VERSION);
        put_label(text, "build", words);
    } else if (part == PART_NODE) {
        snprintf(words, sizeof words, "%" PRIu32, daemon->plan->config.asn);
        put_label(text, "node", daemon->plan->node->id);
        put_label(text, "asn", words);
    } else if (part != PART_WHOLE) {
        put_label(text, metric_part_label(part), part_word(part, value));
    }
}

/* -- lines -- */

static void put_line(struct text *text, const struct metric *metric, const struct sample_place *at,
                     const struct sample *sample)
{
    text_add(text, metric->name);
    put_thing(text, at->daemon, metric->each, at->item);
    put_part(text, at->daemon, metric->part, at->part);
    if (text->data[text->size - 1] == '"')
        text_char(text, '}');
    text_char(text, ' ');
    if (sample->us)
        text_seconds(text, sample->value, 6);
    else
        text_i64(text, sample->value);
    text_char(text, '\n');
}

/* All lines of one thing. */
static void put_item(struct text *text, const struct metric *metric, const struct daemon *daemon,
                     uint32_t item)
{
    struct sample_place at = {.daemon = daemon, .item = item};
    struct sample sample;
    int end;
    part_range(metric->part, &at.part, &end);
    for (; at.part < end; at.part++) {
        if (metric->sample(&at, &sample))
            put_line(text, metric, &at, &sample);
    }
}

static void put_head(struct text *text, const struct metric *metric)
{
    text_add(text, "# HELP ");
    text_add(text, metric->name);
    text_char(text, ' ');
    text_add(text, metric->help);
    text_add(text, "\n# TYPE ");
    text_add(text, metric->name);
    text_char(text, ' ');
    text_add(text, metric_type_word(metric->type));
    text_char(text, '\n');
}

static uint32_t item_count(const struct daemon *daemon, enum metric_each each)
{
    switch (each) {
    case EACH_NEIGHBOR:
        return daemon->plan->neighbor_count;
    case EACH_ATTACHMENT:
        return engine_attachment_count(daemon->engine);
    case EACH_TUNNEL:
        return (uint32_t)daemon->tunnels.count;
    case EACH_ONE:
    case EACH_COUNT:
    default:
        return 1;
    }
}

/* The next head, or the lines of the next thing, perhaps none. false: all is written. */
static bool put_next(struct exposition *exposition, const struct daemon *daemon, struct text *text)
{
    if (exposition->metric == metrics_count)
        return false;
    const struct metric *metric = &metrics_all[exposition->metric];
    if (!exposition->began)
        put_head(text, metric);
    else if (exposition->item < item_count(daemon, metric->each))
        put_item(text, metric, daemon, exposition->item++);
    if (exposition->began && exposition->item >= item_count(daemon, metric->each))
        *exposition = (struct exposition){.metric = exposition->metric + 1};
    else
        exposition->began = true;
    return true;
}

size_t exposition_write(struct exposition *exposition, const struct daemon *daemon, char *ret_text,
                        size_t cap)
{
    struct text text = text_over(ret_text, cap);
    assert(cap >= EXPOSITION_LEAST);
    for (;;) {
        struct exposition before = *exposition;
        size_t size = text.size;
        if (!put_next(exposition, daemon, &text))
            return size;
        if (!text.cut)
            continue;
        assert(size > 0); /* nothing is as long as that */
        *exposition = before;
        return size;
    }
}
