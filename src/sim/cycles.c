#include "sim/cycles.h"

enum {
    KEPT = CYCLES_MAX + 2,
    EVEN_US = 1500000, /* charon counts whole seconds: lengths of equal cycles differ by less */
};

void cycles_init(struct cycles *cycles)
{
    *cycles = (struct cycles){.renewed = true, .last_us = -1};
}

static void begin(struct beginnings *beginnings, const struct moment *moment)
{
    if (beginnings->count < KEPT)
        beginnings->items[beginnings->count++] = (struct beginning){moment->at_us, moment->state};
}

void cycles_take(struct cycles *cycles, const struct moment *moment, int customer)
{
    if (moment->kind == MOMENT_IKE_UP && moment->node == customer)
        cycles->renewed = true;
    if (moment->kind != MOMENT_SWALLOWED)
        return;
    if (cycles->renewed) {
        begin(&cycles->with_ike, moment);
        cycles->within.count = 0;
    }
    begin(&cycles->within, moment);
    cycles->renewed = false;
    cycles->last_us = moment->at_us;
}

static const struct beginnings *those_that_count(const struct cycles *cycles)
{
    return cycles->within.count > CYCLES_EVEN + 1 ? &cycles->within : &cycles->with_ike;
}

size_t cycles_count(const struct cycles *cycles)
{
    return those_that_count(cycles)->count;
}

static bool is_even(const struct beginning *last)
{
    int64_t difference_us = (last[0].at_us - last[-1].at_us) - (last[-1].at_us - last[-2].at_us);
    return last[0].state == last[-1].state && last[-1].state == last[-2].state &&
           difference_us < EVEN_US && difference_us > -EVEN_US;
}

static bool was_there_before(const struct beginnings *beginnings, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (beginnings->items[i].state == beginnings->items[index].state)
            return true;
    }
    return false;
}

bool cycles_is_circle(const struct cycles *cycles)
{
    const struct beginnings *beginnings = those_that_count(cycles);
    size_t count = beginnings->count;
    if (count <= CYCLES_EVEN)
        return false;
    if (is_even(&beginnings->items[count - 1]))
        return true;
    if (count <= CYCLES_UNEVEN)
        return false;
    for (size_t i = count - CYCLES_UNEVEN; i < count; i++) {
        if (!was_there_before(beginnings, i))
            return false;
    }
    return true;
}

int64_t cycles_period_us(const struct cycles *cycles)
{
    const struct beginnings *beginnings = those_that_count(cycles);
    int64_t lengths_us[KEPT];
    if (!cycles_is_circle(cycles))
        return 0;
    size_t count = beginnings->count - 1;
    for (size_t i = 0; i < count; i++) { /* sorted as they come in */
        int64_t length_us = beginnings->items[i + 1].at_us - beginnings->items[i].at_us;
        size_t at = i;
        for (; at > 0 && lengths_us[at - 1] > length_us; at--)
            lengths_us[at] = lengths_us[at - 1];
        lengths_us[at] = length_us;
    }
    return lengths_us[count / 2];
}

bool cycles_of_session(const struct moment *moments, size_t count, int64_t since_us)
{
    const struct moment *last = &moments[count - 1];
    unsigned ends = 0;
    for (size_t i = count; i > 0 && ends < CYCLES_SESSION; i--) {
        const struct moment *moment = &moments[i - 1];
        if (moment->at_us < since_us || moment->kind == MOMENT_SWALLOWED)
            return false;
        if (moment->kind != MOMENT_SESSION_DOWN || moment->node != last->node ||
            moment->neighbor != last->neighbor)
            continue;
        if (moment->reason != last->reason)
            return false;
        ends++;
    }
    return ends == CYCLES_SESSION;
}
