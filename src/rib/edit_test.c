#include "rib/edit.h"

#include "tests/harness.h"

static const struct route_edit base = {.local_pref = 200,
                                       .med = 7,
                                       .add = {1, 2},
                                       .remove = {3},
                                       .add_count = 2,
                                       .remove_count = 1,
                                       .prepend = 2,
                                       .has_local_pref = true,
                                       .has_med = true};

/* Every member makes a difference, so that no two policies share a group by mistake. */
static void every_member_counts(void)
{
    struct route_edit others[10];
    for (int i = 0; i < 10; i++)
        others[i] = base;
    others[0].local_pref = 201;
    others[1].med = 8;
    others[2].add[1] = 9;
    others[3].remove[0] = 9;
    others[4].add_count = 1;
    others[5].remove_count = 0;
    others[6].prepend = 3;
    others[7].drop_communities = true;
    others[8].has_local_pref = false;
    others[9].has_med = false;
    CHECK(route_edit_same(&base, &base));
    for (int i = 0; i < 10; i++) {
        CHECK(!route_edit_same(&base, &others[i]));
        CHECK(!route_edit_same(&others[i], &base));
        CHECK(!route_edit_is_nothing(&others[i]));
    }
}

static void what_does_not_count_makes_none(void)
{
    struct route_edit left = {.local_pref = 5, .med = 6, .add = {7}}, right = {0};
    CHECK(route_edit_same(&left, &right) && route_edit_is_nothing(&left));
}

int main(void)
{
    TEST(every_member_counts);
    TEST(what_does_not_count_makes_none);
    return harness_done();
}
