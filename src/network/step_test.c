#include "network/step.h"

#include "tests/harness.h"

static const char file[] = "routers:\n"
                           "  - {id: tokyo, address: 198.51.100.10, bgp: {asn: 65001}}\n"
                           "  - {id: osaka, address: 198.51.100.11, bgp: {asn: 65002}}\n"
                           "story:\n"
                           "  - {at: 10s, announce: {router: tokyo, prefix: 10.1.0.0/16}}\n";

static struct diagnostics diagnostics;

static struct slice slice_of(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

static struct network *parsed(void)
{
    struct network *network = NULL;
    CHECK(network_parse(slice_of(file), "file", &diagnostics, &network));
    return network;
}

static void a_step_joins_the_story(void)
{
    struct network *network = parsed();
    CHECK(network_add_step(network, slice_of("{at: 20s, fail: {router: osaka}}"), "change",
                           &diagnostics));
    CHECK_EQUAL((int64_t)network->step_count, 2);
    CHECK_EQUAL(network->story[1].verb, NETWORK_STEP_FAIL);
    CHECK_EQUAL(network->story[1].object.index, 1);
    CHECK_EQUAL(network->story[0].object.index, 0);
    struct network *copy = network_copy(network);
    CHECK(network_equal(copy, network));
    network_free(copy);
    network_free(network);
}

static void check_wrong(const char *step, const char *message)
{
    struct network *network = parsed();
    diagnostics_done(&diagnostics);
    diagnostics_init(&diagnostics);
    CHECK(!network_add_step(network, slice_of(step), "change", &diagnostics));
    CHECK_EQUAL((int64_t)diagnostics.count, 1);
    if (diagnostics.count > 0)
        CHECK_TEXT(diagnostics.items[0].message, message);
    diagnostics_done(&diagnostics);
    network_free(network);
    diagnostics_init(&diagnostics);
}

static void mistakes_are_told_as_in_a_file(void)
{
    check_wrong("{at: 20s, fail: {router: osak}}", "no router is called \"osak\"");
    check_wrong("{at: 5s, fail: {router: osaka}}", "time runs backwards: 5s after 10s (line 5)");
    check_wrong("{at: 20s, announce: {router: osaka, prefix: 10.1.0.1/16}}",
                "prefix: 10.1.0.1/16 has host bits set");
    check_wrong("{at: 20s", "this { is never closed");
    check_wrong("20s", "a step of the story is expected here, not 20s");
    check_wrong("", "it says nothing");
}

int main(void)
{
    diagnostics_init(&diagnostics);
    TEST(a_step_joins_the_story);
    TEST(mistakes_are_told_as_in_a_file);
    diagnostics_done(&diagnostics);
    return harness_done();
}
