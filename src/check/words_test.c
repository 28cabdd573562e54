#include "check/check_rig.h"

static void texts_grow_and_keep_their_order(void)
{
    struct check *check = rig_blank(NULL);
    struct check_texts texts = {0};
    for (int i = 0; i < 1000; i++)
        check_add_text(check, &texts, check_text(check, "text %d", i));
    CHECK_EQUAL((int64_t)texts.count, 1000);
    bool all = true;
    for (int i = 0; i < 1000; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "text %d", i);
        all &= strcmp(texts.items[i], expected) == 0;
    }
    CHECK(all);
    CHECK(check_has_text(&texts, "text 999"));
    CHECK(!check_has_text(&texts, "text 1000"));
    check_free(check);
}

static void a_long_text_is_cut_and_ends(void)
{
    struct check *check = rig_blank(NULL);
    char *text = check_text(check, "%5000s", "x");
    CHECK(strlen(text) < 5000);
    CHECK(strlen(text) > 500);
    check_free(check);
}

static void findings_keep_what_was_said_when_they_grow(void)
{
    struct check *check = rig_blank(NULL);
    for (int i = 0; i < 100; i++)
        check_add_finding(check)->period_us = i;
    bool all = true;
    for (int i = 0; i < 100; i++)
        all &= check->findings[i].period_us == i && check->findings[i].remedy_count == 0;
    CHECK(all);
    check_free(check);
}

static void addresses_side_by_side(void)
{
    char line[128];
    snprintf(line, sizeof line, "%s %s %s", text_of_ip(rig_ip(10, 20, 0, 1)),
             text_of_prefix(rig_prefix(0, 0, 0, 0, 0)), text_of_ip(rig_ip(203, 0, 113, 225)));
    CHECK_TEXT(line, "10.20.0.1 0.0.0.0/0 203.0.113.225");
}

static void runs_are_counted_and_told(void)
{
    struct check *check = rig_blank(NULL);
    check_counted(check, "base");
    check_counted(check, "base");
    CHECK_EQUAL((int64_t)check->networks_run, 2);
    check_free(check);
}

int main(void)
{
    TEST(texts_grow_and_keep_their_order);
    TEST(a_long_text_is_cut_and_ends);
    TEST(findings_keep_what_was_said_when_they_grow);
    TEST(addresses_side_by_side);
    TEST(runs_are_counted_and_told);
    return harness_done();
}
