#include "cli/cli_rig.h"

static void a_verb_and_its_operands(void)
{
    check_mistake("lab", "error: lab needs up FILE | run FILE | tour FILE | status [FILE] | exec "
                         "NODE COMMAND... | shell"
                         " NODE | record [FILE] | down [FILE]; see: sekisho help lab\n");
    check_mistake("lab fly", "error: lab cannot \"fly\"; expected one of up, run, tour, "
                             "status, exec, shell,"
                             " record, down\n");
    check_mistake("lab up", "error: expected: sekisho lab up FILE\n");
    check_mistake("lab exec vyatta", "error: expected: sekisho lab exec NODE COMMAND...\n");
    check_mistake("lab shell", "error: expected: sekisho lab shell NODE\n");
}

static void a_lab_has_a_name(void)
{
    check_mistake("lab --lab A-b status", "error: --lab A-b is no name of a lab; expected 1 to 24"
                                          " letters a-z and digits\n");
    check_mistake("lab status --lab nosuchlab0 --pcap x", "error: --pcap is for lab run\n");
    check_mistake("lab up --timeline -", "error: --timeline is for lab run\n");
    check_mistake("lab up -", "error: - gives no name for a lab; --lab NAME does\n");
    const struct ran *none = run_cli("lab --lab nosuchlab0 status");
    CHECK_EQUAL(none->status, CLI_WORLD);
    CHECK_TEXT(none->out, "");
    CHECK_TEXT(none->err, "error: there is no lab nosuchlab0; sekisho lab up FILE starts one\n");
}

/* What stands behind the node is the command's, whatever it looks like. */
static void a_commands_options_are_its_own(void)
{
    const struct ran *none = run_cli("lab --lab nosuchlab0 exec vyatta ip -br --json addr");
    CHECK_EQUAL(none->status, CLI_WORLD);
    CHECK(contains(none->err, "there is no lab nosuchlab0"));
    check_mistake("lab status --lab nosuchlab0 --nothing",
                  "error: lab has no option --nothing; see: sekisho help lab\n");
}

int main(void)
{
    TEST(a_verb_and_its_operands);
    TEST(a_lab_has_a_name);
    TEST(a_commands_options_are_its_own);
    return rig_done();
}
