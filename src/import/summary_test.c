#include "import/summary.h"

#include "import/import_rig.h"

static void the_head_says_what_was_read_and_assumed(void)
{
    rig_of("{" RIG_VPC ",\n 'Reservations': [{'Instances': [{'InstanceId': 'i-1', 'SubnetId':"
           " 'subnet-9'}]}]}");
    CHECK(strncmp(rig_text(),
                  "# From 1 file of AWS's answers: Vpcs 1, Subnets 1.\n"
                  "# There is nothing in it that a run could be held against.\n#\n# Wrong in the "
                  "export:\n"
                  "# - export.json:2: i-1: its subnet is not in the export; it is left out\n#\n"
                  "# Missing:\n",
                  220) == 0);
}

static void a_sentence_has_place_and_consequence(void)
{
    struct import_remark remark = {.file = (char[]){"a.json"}, .line = 3, .text = (char[]){"b"}};
    char *sentence = summary_sentence(&remark);
    CHECK_TEXT(sentence, "a.json:3: b");
    free(sentence);
    remark.line = 0;
    remark.depends = (char[]){"c"};
    sentence = summary_sentence(&remark);
    CHECK_TEXT(sentence, "a.json: b; on it depends: c");
    free(sentence);
}

static void subjects_have_names(void)
{
    CHECK_TEXT(import_subject_name(IMPORT_NOT_MODELED), "not_modeled");
    for (enum import_subject i = 0; i < IMPORT_SUBJECTS; i++)
        CHECK(import_subject_name(i) && summary_title(i));
}

int main(void)
{
    TEST(the_head_says_what_was_read_and_assumed);
    TEST(a_sentence_has_place_and_consequence);
    TEST(subjects_have_names);
    rig_close();
    return harness_done();
}
