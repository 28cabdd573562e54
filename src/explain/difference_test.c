#include "explain/difference.h"

#include "explain/run_rig.h"

static struct differences differences;
static char *shown;

/* Two rigs, the second with one announcement more. */
static void compare(struct rig *left, struct rig *right)
{
    differences_done(&differences);
    differences_take((struct side){left->world, "left"}, (struct side){right->world, "right"},
                     &differences);
}

static const struct difference_line *line_of(const char *place, const char *prefix)
{
    for (size_t i = 0; i < differences.count; i++) {
        if (strcmp(differences.lines[i].place, place) == 0 &&
            prefix_equal(differences.lines[i].prefix, net_of(prefix)))
            return &differences.lines[i];
    }
    return NULL;
}

static void rig_of(struct rig *rig, const char *more)
{
    rig_init(rig);
    if (more)
        rig_announce(rig, rig->edge, more);
    rig_boot(rig);
}

static void equal_worlds_have_nothing_to_tell(void)
{
    struct rig left, right;
    rig_of(&left, NULL);
    rig_of(&right, NULL);
    rig_pass(&right, 100 * SECOND_US); /* how long it has been so is no difference */
    compare(&left, &right);
    CHECK_EQUAL((int64_t)differences.count, 0);
    CHECK_EQUAL((int64_t)differences.alone_count, 0);
    CHECK(differences.equal_count > 10);
    rig_done(&left);
    rig_done(&right);
}

static void what_is_new_is_told_where_it_is(void)
{
    struct rig left, right;
    rig_of(&left, NULL);
    rig_of(&right, "0.0.0.0/0");
    compare(&left, &right);
    const struct difference_line *line = line_of("rtb-app", "0.0.0.0/0");
    CHECK(line && line->cells[0].count == 0 && line->cells[1].count == 1);
    CHECK_TEXT(line->cells[1].lines[0], "vgw, propagated");
    line = line_of("site", "0.0.0.0/0");
    CHECK(line && line->cells[0].count == 1 && line->cells[1].count == 2);
    CHECK_TEXT(line->cells[1].lines[0], "B>* [20/0] via 169.254.252.30, vti1");
    line = line_of("vgw tells site by vpn/1", "0.0.0.0/0");
    CHECK(line && line->about == DIFFERENCE_TOLD);
    CHECK(strncmp(line->cells[1].lines[0], "announced; guard-warn: ", 23) == 0);
    CHECK(line_of("rtb-app", "10.30.0.0/16") == NULL);
    rig_done(&left);
    rig_done(&right);
}

static void a_table_of_one_side_is_one_line(void)
{
    struct rig left, right;
    rig_of(&left, NULL);
    rig_init(&right);
    free(right.world->nodes[right.vpc].table_ids[1]);
    right.world->nodes[right.vpc].table_ids[1] = strdup("rtb-other");
    rig_boot(&right);
    compare(&left, &right);
    CHECK_EQUAL((int64_t)differences.alone_count, 2);
    CHECK_TEXT(differences.alone[0].place, "rtb-app");
    CHECK_EQUAL(differences.alone[0].side, 0);
    CHECK_TEXT(differences.alone[1].place, "rtb-other");
    CHECK_EQUAL((int64_t)differences.alone[1].prefix_count, 4);
    rig_done(&left);
    rig_done(&right);
}

static const char *rendered(enum difference_about about)
{
    size_t size;
    free(shown);
    shown = NULL;
    struct screen screen = {.out = open_memstream(&shown, &size), .width = 100};
    differences_render(&differences, about, &screen);
    fclose(screen.out);
    return shown;
}

static void a_difference_reads_like_one(void)
{
    struct rig left, right;
    rig_of(&left, NULL);
    rig_of(&right, "10.31.0.0/16");
    compare(&left, &right);
    CHECK(strstr(rendered(DIFFERENCE_TABLE), "  rtb-app\n    + 10.31.0.0/16  vgw, propagated\n") !=
          NULL);
    CHECK(strstr(rendered(DIFFERENCE_TOLD),
                 "  edge tells vgw by dx\n    + 10.31.0.0/16  announced\n") != NULL);
    static const char *const keys[] = {"before", "after"};
    json_t *list = differences_json(&differences, DIFFERENCE_TOLD, keys);
    json_t *first = json_array_get(list, 0);
    CHECK(json_is_null(json_object_get(first, "before")));
    CHECK_EQUAL((int64_t)json_array_size(json_object_get(first, "after")), 1);
    json_decref(list);
    rig_done(&left);
    rig_done(&right);
}

static void a_gateway_is_compared_with_itself(void)
{
    struct rig rig;
    rig_of(&rig, "0.0.0.0/0");
    differences_done(&differences);
    differences_of_gateways(rig.world, (int[2]){rig.vgw, rig.vgw}, &differences);
    CHECK_EQUAL((int64_t)differences.count, 0);
    CHECK_EQUAL((int64_t)differences.equal_count, 5); /* three learned, two told */
    rig_done(&rig);
}

int main(void)
{
    TEST(equal_worlds_have_nothing_to_tell);
    TEST(what_is_new_is_told_where_it_is);
    TEST(a_table_of_one_side_is_one_line);
    TEST(a_difference_reads_like_one);
    TEST(a_gateway_is_compared_with_itself);
    differences_done(&differences);
    free(shown);
    return harness_done();
}
