#include "plane/trouble.h"

#include "tests/harness.h"

#include <errno.h>

static void a_trouble_names_the_object_and_the_reason(void)
{
    struct trouble trouble;
    CHECK(!trouble_is(&trouble, ENODEV, "the device %s", "eth7"));
    CHECK_EQUAL(trouble.error, ENODEV);
    CHECK_TEXT(trouble.sentence, "the device eth7: No such device");
    CHECK(!trouble_is(&trouble, 0, "before: %s", trouble.sentence));
    CHECK_TEXT(trouble.sentence, "before: the device eth7: No such device");
    CHECK(!trouble_is(NULL, ENODEV, "nobody asks"));
}

static void a_long_sentence_is_cut(void)
{
    struct trouble trouble;
    CHECK(!trouble_is(&trouble, EIO, "%*s", 2 * TROUBLE_BYTES, "x"));
    CHECK_EQUAL(strlen(trouble.sentence), TROUBLE_BYTES - 1);
}

int main(void)
{
    TEST(a_trouble_names_the_object_and_the_reason);
    TEST(a_long_sentence_is_cut);
    return harness_done();
}
