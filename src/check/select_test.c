#include "check/select.h"

#include "check/check_rig.h"

static size_t selected(const struct selection *selection)
{
    size_t count = 0;
    for (int i = 0; i < CHECK_FINDING_KINDS; i++)
        count += selection->kinds[i];
    return count;
}

static struct selection only(const char *list)
{
    struct selection selection = selection_all();
    struct selection_mistake mistake;
    CHECK(selection_only(&selection, list, &mistake));
    return selection;
}

static void names_and_traps_select(void)
{
    struct selection selection = only("T36,tunnel-recursion,T36");
    CHECK_EQUAL((int64_t)selected(&selection), 2);
    CHECK(selection.kinds[CHECK_FINDING_TUNNEL_RECURSION]);
    CHECK(selection.kinds[CHECK_FINDING_SINGLE_TUNNEL]);
    struct selection_mistake mistake;
    CHECK(selection_ignore(&selection, "T01", &mistake));
    CHECK_EQUAL((int64_t)selected(&selection), 1);
    CHECK(!selection_is_empty(&selection));
    CHECK(selection_ignore(&selection, "single-tunnel", &mistake));
    CHECK(selection_is_empty(&selection));
}

static void every_finding_is_selected_by_its_name(void)
{
    for (int i = 0; i < CHECK_FINDING_KINDS; i++) {
        struct selection selection = only(check_finding_name((enum check_finding_kind)i));
        CHECK(selection.kinds[i]);
        CHECK_EQUAL((int64_t)selected(&selection), 1);
        selection = only(check_finding_trap((enum check_finding_kind)i));
        CHECK(selection.kinds[i]);
    }
}

static void unknown_words_are_mistakes(void)
{
    static const struct {
        const char *list, *word, *nearest;
    } cases[] = {
        {"tunel-recursion", "tunel-recursion", "tunnel-recursion"},
        {"T01,T1", "T1", "T01"},
        {"t36", "t36", "T36"},
        {"default", "default", NULL},
        {"", "", NULL},
        {"T01,,T36", "", NULL},
        {"T01,", "", NULL},
        {"T", "T", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct selection selection = selection_all();
        struct selection_mistake mistake;
        CHECK(!selection_only(&selection, cases[i].list, &mistake));
        CHECK(!selection_ignore(&selection, cases[i].list, &mistake));
        CHECK_TEXT(mistake.word.text, cases[i].word);
        CHECK_TEXT(mistake.nearest ? mistake.nearest : "-",
                   cases[i].nearest ? cases[i].nearest : "-");
        CHECK_EQUAL((int64_t)selected(&selection), CHECK_FINDING_KINDS); /* nothing changed */
    }
}

/* The incident: a certain recursion, and a latent single tunnel. */
static void what_is_left_out_counts_no_more(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_check_as_told(network);
    size_t total = check_remedy_total(check);
    CHECK_EQUAL((int64_t)check_finding_count(check), 2);
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 1);
    struct selection selection = only("single-tunnel");
    selection_apply(check, &selection);
    CHECK_EQUAL((int64_t)check_finding_count(check), 1);
    CHECK_EQUAL(check_finding(check, 0)->kind, CHECK_FINDING_SINGLE_TUNNEL);
    CHECK_EQUAL((int64_t)check_left_out(check)->selection, 1);
    CHECK_EQUAL(check_exit_code(check, CHECK_CERTAIN), 0);
    CHECK_EQUAL(check_exit_code(check, CHECK_LATENT), 1);
    CHECK_EQUAL((int64_t)check_remedy_total(check), (int64_t)total);
    struct network *cured = check_remedy_applied(check, total); /* keeps its number */
    CHECK(total > 0 && cured != NULL);
    network_free(cured);
    check_free(check);
    network_free(network);
}

static void the_order_of_what_is_shown_stays(void)
{
    struct network *network = rig_example("incident.yaml");
    struct check *check = rig_blank(network);
    static const bool marked[] = {true, false, true, false, false};
    static const bool marked_again[] = {false, true, false};
    for (uintptr_t i = 0; i < 5; i++)
        check_add_finding(check)->period_us = (int64_t)i;
    CHECK_EQUAL((int64_t)selection_leave_out(check, marked), 2);
    CHECK_EQUAL((int64_t)selection_leave_out(check, marked_again), 1);
    static const int64_t order[] = {1, 4, 3, 0, 2};
    CHECK_EQUAL((int64_t)check->finding_count, 2);
    CHECK_EQUAL((int64_t)check->hidden_count, 3);
    for (size_t i = 0; i < 5; i++)
        CHECK_EQUAL(check->findings[i].period_us, order[i]);
    check_free(check);
    network_free(network);
}

int main(void)
{
    TEST(names_and_traps_select);
    TEST(every_finding_is_selected_by_its_name);
    TEST(unknown_words_are_mistakes);
    TEST(what_is_left_out_counts_no_more);
    TEST(the_order_of_what_is_shown_stays);
    return harness_done();
}
