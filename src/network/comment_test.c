#include "network/comment.h"

#include "network/probe.h"
#include "tests/harness.h"

/* What formatting makes of a text; the caller frees it. */
static char *formatted(const char *text)
{
    struct network *network = probe_parse(text);
    char *out = network ? probe_format(network) : probe_errors(text);
    network_free(network);
    return out;
}

/* Formatting gives this, and formatting that changes nothing. */
static void check_formatted(const char *text, const char *expected, int line)
{
    char *once = formatted(text), *twice = formatted(once);
    harness_same_text(once, expected, __FILE__, line);
    harness_same_text(twice, expected, __FILE__, line);
    free(once);
    free(twice);
}

static void comments_stay_with_what_they_stand_above(void)
{
    check_formatted("# The file\n# of two lines.\n"
                    "\n"
                    "# The routers\n"
                    "routers:\n"
                    "  # the first\n"
                    "  - id: a\n"
                    "    # why it is FRR\n"
                    "    platform: frr\n"
                    "\n"
                    "  # the second\n"
                    "\n"
                    "  - {id: b}\n"
                    "# the end\n",
                    "# The file\n# of two lines.\n"
                    "\n"
                    "# The routers\n"
                    "\n"
                    "routers:\n"
                    "  # the first\n"
                    "  - id: a\n"
                    "    # why it is FRR\n"
                    "    platform: frr\n"
                    "\n"
                    "  # the second\n"
                    "\n"
                    "  - {id: b}\n"
                    "# the end\n",
                    __LINE__);
}

static void comments_stay_at_the_end_of_their_line(void)
{
    check_formatted("routers:   # all of them\n"
                    "  - id: a   # the first\n"
                    "    platform: frr     # since May\n"
                    "    bgp:   # its BGP\n"
                    "      asn: 1\n"
                    "      announce:\n"
                    "        - 10.0.0.0/8 # everything\n"
                    "        - 11.0.0.0/8\n"
                    "  - {id: b}   # the second\n",
                    "routers:  # all of them\n"
                    "  - id: a  # the first\n"
                    "    platform: frr  # since May\n"
                    "    bgp:  # its BGP\n"
                    "      asn: 1\n"
                    "      announce:\n"
                    "        - 10.0.0.0/8  # everything\n"
                    "        - 11.0.0.0/8\n"
                    "  - {id: b}  # the second\n",
                    __LINE__);
}

/* A list of plain values has no place for comments: they move above it. */
static void comments_in_plain_lists_move_above_them(void)
{
    check_formatted("routers:\n"
                    "  - id: a\n"
                    "    lan:\n"
                    "      - 10.0.0.0/8 # the old one\n"
                    "      - 11.0.0.0/8\n",
                    "routers:\n"
                    "  - id: a\n"
                    "    # the old one\n"
                    "    lan: [10.0.0.0/8, 11.0.0.0/8]\n",
                    __LINE__);
}

static void comments_inside_maps_keep_them_open(void)
{
    check_formatted("vpn_gateways:\n"
                    "  - id: g\n"
                    "    # measured\n"
                    "    latency: {rib_to_fib: 1ms}\n"
                    "    limits:\n"
                    "      # asked for in March\n"
                    "      connections: 20\n"
                    "story:\n"
                    "  - at: 1s\n"
                    "    restart:\n"
                    "      # it used to help\n"
                    "      vpn_gateway: g\n",
                    "vpn_gateways:\n"
                    "  - id: g\n"
                    "    limits:\n"
                    "      # asked for in March\n"
                    "      connections: 20\n"
                    "    # measured\n"
                    "    latency: {rib_to_fib: 1ms}\n"
                    "\n"
                    "story:\n"
                    "  - at: 1s\n"
                    "    restart:\n"
                    "      # it used to help\n"
                    "      vpn_gateway: g\n",
                    __LINE__);
}

static void number_signs_in_values_are_no_comments(void)
{
    CHECK_ERRORS("routers: [{id: \"a #b\"}] # c\n",
                 "1:16 id: \"a #b\" is not a name | expected a letter, then letters, digits or . "
                 "_ -; 64 at most");
    struct network *network = probe_parse("routers: [{id: a}]\nuntil: \"5s\" # really\n");
    CHECK(network && network->comment_count == 1);
    CHECK(network && strcmp(network->comments[0].text, "# really") == 0);
    network_free(network);
}

/* Eight thousand lines of comments are one comment. */
static void many_comments_are_one(void)
{
    struct probe probe;
    probe_open(&probe);
    for (int i = 0; i < 8000; i++)
        fputs("#\n", probe.file);
    fputs("routers: []\n", probe.file);
    char *text = probe_close(&probe);
    struct network *network = probe_parse(text);
    CHECK(network && network->comment_count == 1);
    char *out = network ? probe_format(network) : NULL;
    CHECK(out && strlen(out) == strlen(text) + 1); /* a blank line below them */
    network_free(network);
    free(out);
    free(text);
}

int main(void)
{
    TEST(comments_stay_with_what_they_stand_above);
    TEST(comments_stay_at_the_end_of_their_line);
    TEST(comments_in_plain_lists_move_above_them);
    TEST(comments_inside_maps_keep_them_open);
    TEST(number_signs_in_values_are_no_comments);
    TEST(many_comments_are_one);
    return harness_done();
}
