#include "lab/chains.h"

#include "lab/run_rig.h"

#define CHAIN(rule) "  chain in { type filter hook input priority 0; " rule " }\n"

static void a_table_has_what_was_put_last(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        CHECK(chains_put(space, "a", NULL, &run_trouble)); /* there is none */
        CHECK(chains_put(space, "a", CHAIN("tcp dport 1 drop;"), &run_trouble));
        CHECK(chains_put(space, "b", CHAIN("tcp dport 2 drop;"), &run_trouble));
        CHECK(chains_put(space, "a", CHAIN("tcp dport 3 drop;"), &run_trouble));
        CHECK(!strstr(run_ruleset(space), "dport 1 "));
        CHECK(strstr(run_ruleset(space), "dport 2 ") && strstr(run_ruleset(space), "dport 3 "));
        CHECK(chains_put(space, "a", NULL, &run_trouble));
        CHECK(strstr(run_ruleset(space), "dport 2 ") && !strstr(run_ruleset(space), "dport 3 "));
    }
    run_clean();
}

/* The former rules stay, and nft's words are told. */
static void a_mistake_changes_nothing(void)
{
    char space[NAME_SPACE_BYTES];
    if (run_space("one", space)) {
        CHECK(chains_put(space, "a", CHAIN("tcp dport 1 drop;"), &run_trouble));
        CHECK(!chains_put(space, "a", CHAIN("no rule;"), &run_trouble));
        CHECK(strstr(run_trouble.sentence, "syntax error"));
        CHECK(strstr(run_ruleset(space), "dport 1 "));
    }
    run_clean();
}

int main(void)
{
    TEST(a_table_has_what_was_put_last);
    TEST(a_mistake_changes_nothing);
    return harness_done();
}
