#include "explain/words.h"

#include "explain/run_rig.h"

static const char *said(void (*say)(struct text *, int64_t), int64_t us)
{
    static char bytes[64];
    struct text text = text_over(bytes, sizeof bytes);
    say(&text, us);
    return bytes;
}

static void spans_are_as_fine_as_they_are_short(void)
{
    CHECK_TEXT(said(text_span, 78200000), "78.2 s");
    CHECK_TEXT(said(text_span, 78000000), "78 s");
    CHECK_TEXT(said(text_span, 77960000), "78 s");
    CHECK_TEXT(said(text_span, 500000), "500 ms");
    CHECK_TEXT(said(text_span, 1500), "1.500 ms");
    CHECK_TEXT(said(text_span, 0), "0 ms");
    CHECK_TEXT(said(text_span, 11400000000), "3 h 10 min");
}

static void ages_are_those_of_show_ip_route(void)
{
    CHECK_TEXT(said(text_age, 999999), "00:00:00");
    CHECK_TEXT(said(text_age, 58000000), "00:00:58");
    CHECK_TEXT(said(text_age, 86399000000), "23:59:59");
    CHECK_TEXT(said(text_age, 93780000000), "1d02h03m");
    CHECK_TEXT(said(text_age, 7ll * 86400 * 1000000 * 2 + 3ll * 86400000000 + 4ll * 3600000000),
               "2w3d04h");
    CHECK_TEXT(said(text_age, -5), "00:00:00");
}

static void as_paths_are_numbers_with_blanks(void)
{
    struct rig rig;
    char bytes[64];
    rig_init(&rig);
    rig_boot(&rig);
    const struct rib *rib = engine_rib(rig.world->nodes[rig.site].engine);
    uint32_t number = rib_find(rib, net_of("10.30.0.0/16"));
    struct text text = text_over(bytes, sizeof bytes);
    text_as_path(&text, rib, rib_best(rib, number).attr);
    CHECK_TEXT(bytes, "10124 65001");
    text = text_over(bytes, sizeof bytes);
    text_as_path(&text, rib, rib_best(rib, rib_find(rib, net_of("10.20.0.0/16"))).attr);
    CHECK_TEXT(bytes, "");
    rig_done(&rig);
}

int main(void)
{
    TEST(spans_are_as_fine_as_they_are_short);
    TEST(ages_are_those_of_show_ip_route);
    TEST(as_paths_are_numbers_with_blanks);
    return harness_done();
}
