#include "network/memory.h"

#include "tests/harness.h"

#include <stdlib.h>

static void text_is_copied_and_ended(void)
{
    char source[3] = {'a', 'b', 'c'};
    char *copy = memory_text(source, 2);
    CHECK_TEXT(copy, "ab");
    free(copy);
    copy = memory_text(NULL, 0);
    CHECK_TEXT(copy, "");
    free(copy);
}

static void growing_keeps_what_was_there_and_zeroes_the_rest(void)
{
    size_t cap = 0;
    uint32_t *items = NULL;
    bool zeroed = true, kept = true;
    for (uint32_t i = 0; i < 1000; i++) {
        items = memory_grow(items, i, &cap, sizeof *items);
        zeroed = zeroed && items[i] == 0;
        items[i] = i + 1;
    }
    for (uint32_t i = 0; i < 1000; i++)
        kept = kept && items[i] == i + 1;
    CHECK(zeroed);
    CHECK(kept);
    CHECK(cap < 2000);
    free(items);
}

int main(void)
{
    TEST(text_is_copied_and_ended);
    TEST(growing_keeps_what_was_there_and_zeroes_the_rest);
    return harness_done();
}
