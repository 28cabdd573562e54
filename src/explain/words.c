#include "explain/words.h"

#include "wire/bgp_as_path.h"

enum { SECOND_US = 1000000, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, WEEK_S = 604800 };

static void text_two(struct text *text, int64_t number)
{
    if (number < 10)
        text_char(text, '0');
    text_i64(text, number);
}

void text_span(struct text *text, int64_t us)
{
    if (us < SECOND_US) {
        text_seconds(text, us * 1000, us < 10000 && us % 1000 ? 3 : 0);
        text_add(text, " ms");
        return;
    }
    int64_t seconds = us / SECOND_US;
    if (seconds >= HOUR_S) {
        text_i64(text, seconds / HOUR_S);
        text_add(text, " h ");
        text_i64(text, seconds % HOUR_S / MINUTE_S);
        text_add(text, " min");
        return;
    }
    text_seconds(text, us, us % SECOND_US < 50000 || us % SECOND_US >= 950000 ? 0 : 1);
    text_add(text, " s");
}

void text_age(struct text *text, int64_t us)
{
    int64_t age_s = us < 0 ? 0 : us / SECOND_US;
    int64_t hours = age_s % DAY_S / HOUR_S, minutes = age_s % HOUR_S / MINUTE_S;
    if (age_s < DAY_S) {
        text_two(text, hours);
        text_char(text, ':');
        text_two(text, minutes);
        text_char(text, ':');
        text_two(text, age_s % MINUTE_S);
        return;
    }
    int64_t days = age_s / DAY_S;
    if (age_s >= WEEK_S) {
        text_i64(text, days / 7);
        text_char(text, 'w');
        days %= 7;
    }
    text_i64(text, days);
    text_char(text, 'd');
    text_two(text, hours);
    text_char(text, 'h');
    if (age_s < WEEK_S) {
        text_two(text, minutes);
        text_char(text, 'm');
    }
}

void text_as_path(struct text *text, const struct rib *rib, struct attr_id attr)
{
    const struct attr_facts *facts = attr_get(&rib->attrs, attr);
    struct slice bytes = attr_bytes(&rib->attrs, attr);
    struct cursor cursor =
        cursor_over((struct slice){bytes.data + facts->as_path_at, facts->as_path_bytes});
    struct bgp_segment segment;
    bool first = true;
    while (bgp_as_path_next(&cursor, &segment)) {
        bool set = segment.type == BGP_AS_SET || segment.type == BGP_AS_CONFED_SET;
        for (unsigned i = 0; i < segment.count; i++) {
            if (!first)
                text_char(text, set && i > 0 ? ',' : ' ');
            if (set && i == 0)
                text_char(text, '{');
            text_u64(text, bgp_segment_as(&segment, i));
            first = false;
        }
        if (set)
            text_char(text, '}');
    }
}
