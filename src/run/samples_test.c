/* The table of metrics keeps Prometheus' rules for names, and the reference page is what it says.
 * `samples_test --write` writes the page; run it in the source's root. */
#include "run/exposition.h"

#include "tests/harness.h"

#include <stdlib.h>

#define PAGE "docs/reference/metrics.md"

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);
    return size >= tail && strcmp(text + size - tail, end) == 0;
}

static void names_keep_the_rules(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
    for (unsigned i = 0; i < metrics_count; i++) {
        const struct metric *metric = &metrics_all[i];
        CHECK(strncmp(metric->name, "sekisho_", 8) == 0);
        CHECK_EQUAL(strspn(metric->name, letters), strlen(metric->name));
        CHECK_EQUAL(ends_with(metric->name, "_total"), metric->type == METRIC_COUNTER);
        for (unsigned other = 0; other < i; other++)
            CHECK(strcmp(metrics_all[other].name, metric->name) != 0);
    }
}

/* A line of text, a sentence, with nothing that would have to be escaped. */
static void help_is_a_sentence(void)
{
    for (unsigned i = 0; i < metrics_count; i++) {
        const char *help = metrics_all[i].help;
        CHECK(strchr(help, '\n') == NULL && strchr(help, '\\') == NULL);
        CHECK(strchr(help, '|') == NULL);
        CHECK(ends_with(help, ".") && ((help[0] >= 'A' && help[0] <= 'Z') || help[0] == '1'));
    }
}

/* -- the page -- */

static void write_row(FILE *out, const struct metric *metric)
{
    const char *each = metric_each_label(metric->each), *part = metric_part_label(metric->part);
    fprintf(out, "| `%s` | %s | %s%s%s | %s |\n", metric->name, metric_type_word(metric->type),
            each, *each && *part ? ", " : "", part, metric->help);
}

static void write_page(FILE *out)
{
    fputs(
        "# Metrics\n\n"
        "`sekishod --metrics 127.0.0.1:9179` answers `GET /metrics` with what Prometheus reads\n"
        "(text format 0.0.4). It is off unless asked for. Nothing there is secret but what the\n"
        "neighbors are called and how they are; it has no password and no TLS, so give it an\n"
        "address that only those reach who may know. It is in the network namespace in which\n"
        "the daemon is started, not in that of BGP's sockets.\n\n"
        "    scrape_configs:\n"
        "      - job_name: sekisho\n"
        "        static_configs: [{targets: [\"127.0.0.1:9179\"]}]\n\n"
        "Asking never holds up BGP: eight are answered at once, others wait for them; each gets\n"
        "a piece in a turn of the loop, and is broken off after ten seconds. Values are of the\n"
        "moment in which they are written, those of `sekisho_route_refused`,\n"
        "`sekisho_route_announced` and `sekisho_guard_prefixes` at most a second older. A reload\n"
        "breaks off answers that are under way. Reasons are those of [reasons.md](reasons.md),\n"
        "events those of `sekisho show events`, neighbors and attachments the file's. This page\n"
        "is written from the table in the source.\n\n"
        "| name | type | labels | |\n|---|---|---|---|\n",
        out);
    for (unsigned i = 0; i < metrics_count; i++)
        write_row(out, &metrics_all[i]);
    fputs("\n## What to be woken for\n\n"
          "    sekisho_bgp_session_state{state=\"Established\"} == 0\n"
          "    increase(sekisho_bgp_session_flaps_total[15m]) > 2\n"
          "    sum without (family) (sekisho_route_accepted) > 0.8 * sekisho_route_limit\n"
          "    sekisho_guard_prefixes{reason=\"guard-hold\"} > 0\n"
          "    sekisho_tunnel_up == 0\n"
          "    sekisho_fib_blocked > 0 or increase(sekisho_fib_refused_total[5m]) > 0\n"
          "    sekisho_journal_up == 0 or increase(sekisho_journal_missing_events_total[15m]) > 0\n"
          "    time() - sekisho_process_start_time_seconds < 60\n",
          out);
}

static char *page_made(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    write_page(out);
    fclose(out);
    return text;
}

static char *page_there(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size), *in = fopen(PAGE, "rb");
    for (int c; in && (c = fgetc(in)) != EOF;)
        fputc(c, out);
    if (in)
        fclose(in);
    fclose(out);
    return text;
}

static void the_page_is_what_the_table_says(void)
{
    char *made = page_made(), *there = page_there();
    CHECK(strcmp(made, there) == 0);
    free(made);
    free(there);
}

static int write_pages(void)
{
    FILE *out = fopen(PAGE, "wb");
    if (!out)
        return 1;
    write_page(out);
    return fclose(out) != 0;
}

int main(void)
{
    if (harness_flag("--write"))
        return write_pages();
    TEST(names_keep_the_rules);
    TEST(help_is_a_sentence);
    TEST(the_page_is_what_the_table_says);
    return harness_done();
}
