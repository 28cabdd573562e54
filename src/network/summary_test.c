#include "network/summary.h"

#include "network/probe.h"
#include "tests/harness.h"

static struct network *with(const char *announced)
{
    char to[512];
    snprintf(to, sizeof to, "announce: [%s]", announced);
    char *text = probe_replace(probe_sound, "announce: [10.20.0.0/16]", to);
    struct network *network = probe_parse(text);
    CHECK(network != NULL);
    free(text);
    return network;
}

/* What the first router announces afterwards, and that the count was foretold. */
static void check_summary(const char *announced, const char *line)
{
    struct network *network = with(announced);
    size_t foretold = network_summary_count(network, 0);
    network_summarize(network, 0);
    CHECK_EQUAL((int64_t)network->routers[0].bgp->announce_count, (int64_t)foretold);
    char *text = probe_format(network);
    CHECK(strstr(text, line) != NULL);
    struct network *again = probe_parse(text);
    CHECK(again && network_equal(network, again));
    network_free(again);
    free(text);
    network_free(network);
}

static void halves_become_one(void)
{
    check_summary("10.20.0.0/24, 10.20.1.0/24", "announce: [10.20.0.0/23]");
    check_summary("10.20.3.0/24, 10.20.1.0/24, 10.20.0.0/24, 10.20.2.0/24",
                  "announce: [10.20.0.0/22]");
    check_summary("10.20.1.0/24, 10.20.2.0/24", "announce: [10.20.1.0/24, 10.20.2.0/24]");
}

static void nothing_is_added_or_hidden(void)
{
    check_summary("0.0.0.0/1, 128.0.0.0/1", "announce: [0.0.0.0/1, 128.0.0.0/1]");
    check_summary("10.20.0.0/23, 10.20.0.0/24, 10.20.1.0/24",
                  "announce: [10.20.0.0/23, 10.20.0.0/24, 10.20.1.0/24]");
    check_summary("10.20.0.0/24, {prefix: 10.20.1.0/24, med: 5}",
                  "announce: [10.20.0.0/24, {prefix: 10.20.1.0/24, med: 5}]");
}

static void the_new_ones_are_listed(void)
{
    size_t count;
    struct network *network = with("10.20.0.0/24, 10.20.1.0/24, 10.30.0.0/16");
    struct prefix *summaries = network_summaries(network, 0, &count);
    CHECK_EQUAL((int64_t)count, 1);
    CHECK(prefix_equal(summaries[0], (struct prefix){0x0a140000, 23}));
    free(summaries);
    network->routers[1].bgp->announce_count = 0;
    free(network_summaries(network, 1, &count));
    CHECK_EQUAL((int64_t)count, 0);
    network_free(network);
}

int main(void)
{
    TEST(halves_become_one);
    TEST(nothing_is_added_or_hidden);
    TEST(the_new_ones_are_listed);
    return harness_done();
}
