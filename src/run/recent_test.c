#include "run/recent.h"

#include "tests/harness.h"

static void the_newest_are_kept(void)
{
    struct recent recent;
    struct effect_note note = {.kind = NOTE_SESSION_UP};
    recent_init(&recent);
    CHECK(!recent_after(&recent, 0));
    for (uint16_t i = 1; i <= 3; i++) {
        note.neighbor = i;
        recent_add(&recent, &note, i * 1000);
    }
    CHECK_EQUAL(recent_after(&recent, 0)->note.neighbor, 1);
    CHECK_EQUAL(recent_after(&recent, 2)->wall_us, 3000);
    CHECK(!recent_after(&recent, 3));
    for (unsigned i = 0; i < RECENT_CAP; i++)
        recent_add(&recent, &note, 0);
    CHECK_EQUAL(recent_after(&recent, 0)->number, 4); /* the first three are gone */
    CHECK_EQUAL(recent_after(&recent, 9)->number, 10);
    recent_done(&recent);
}

int main(void)
{
    TEST(the_newest_are_kept);
    return harness_done();
}
