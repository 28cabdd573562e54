#include "import/remark.h"

#include "tests/harness.h"

static void a_remark_keeps_its_place(void)
{
    struct import_remarks remarks = {0};
    remark_say(&remarks, IMPORT_MISSING, (struct import_place){"a.json", 7}, "vpc-1", "%s is gone",
               "vpc-1");
    remark_depends(&remarks, "all of %d", 3);
    CHECK_EQUAL((int64_t)remarks.count, 1);
    CHECK_TEXT(remarks.items[0].file, "a.json");
    CHECK_EQUAL(remarks.items[0].line, 7);
    CHECK_TEXT(remarks.items[0].about, "vpc-1");
    CHECK_TEXT(remarks.items[0].text, "vpc-1 is gone");
    CHECK_TEXT(remarks.items[0].depends, "all of 3");
    remarks_done(&remarks);
    CHECK_EQUAL((int64_t)remarks.count, 0);
}

static void a_subject_is_bounded_and_counted(void)
{
    struct import_remarks remarks = {0};
    for (int i = 0; i < REMARKS_MAX + 20; i++) {
        remark_say(&remarks, IMPORT_WRONG, (struct import_place){0}, NULL, "one more");
        remark_depends(&remarks, "on what was not kept, nothing");
    }
    remark_say(&remarks, IMPORT_ASSUMED, (struct import_place){0}, NULL, "another subject");
    CHECK_EQUAL((int64_t)remarks.count, REMARKS_MAX + 1);
    CHECK_EQUAL((int64_t)remarks.counts[IMPORT_WRONG], REMARKS_MAX + 20);
    CHECK_TEXT(remarks.items[REMARKS_MAX].text, "another subject");
    remarks_done(&remarks);
}

static void what_all_ends_with_is_kept(void)
{
    struct import_remarks remarks = {0};
    for (int i = 0; i < REMARKS_MAX + 20; i++)
        remark_say(&remarks, IMPORT_WRONG, (struct import_place){0}, NULL, "one more");
    remark_conclude(&remarks, IMPORT_WRONG, "%d %% in vain", 100);
    CHECK_EQUAL((int64_t)remarks.count, REMARKS_MAX + 1);
    CHECK_EQUAL((int64_t)remarks.counts[IMPORT_WRONG], REMARKS_MAX + 21);
    CHECK_TEXT(remarks.items[remarks.count - 1].text, "100 % in vain");
    remarks_done(&remarks);
}

static void control_characters_become_harmless(void)
{
    char text[] = "a\033[1mb\nc\xc3\xa9\xff\xe2\x80\xa8\xc2\x9b.";
    remark_clean(text);
    CHECK_TEXT(text, "a?[1mb?c\xc3\xa9????\?\?.");
}

int main(void)
{
    TEST(a_remark_keeps_its_place);
    TEST(a_subject_is_bounded_and_counted);
    TEST(what_all_ends_with_is_kept);
    TEST(control_characters_become_harmless);
    return harness_done();
}
