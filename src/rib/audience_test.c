#include "rib/audience.h"

#include "base/prng.h"
#include "tests/harness.h"
#include "tests/memory.h"

enum { ATTACHMENTS = 10 }; /* 1 to 9; 0 is a member that hangs on none */

static struct memory memory;
static struct budget budget;
static struct audiences audiences;

static void start(void)
{
    memory = (struct memory){0};
    budget_init(&budget, memory_alloc(&memory), 0);
    audiences_init(&audiences, &budget, 3);
}

static void finish(void)
{
    audiences_done(&audiences);
    CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
}

static unsigned bits_of(struct audience audience)
{
    unsigned bits = 0;
    for (uint16_t i = 0; i < ATTACHMENTS; i++)
        bits |= (unsigned)audience_has(&audiences, audience, (struct attachment_id){i}) << i;
    return bits;
}

static void the_usual_sets_cost_nothing(void)
{
    start();
    struct audience result, two = audience_but((struct attachment_id){2});
    CHECK_EQUAL(bits_of(AUDIENCE_ALL), 0x3ff);
    CHECK_EQUAL(bits_of(AUDIENCE_NOBODY), 0);
    CHECK(audience_is_nobody(AUDIENCE_NOBODY) && !audience_is_nobody(AUDIENCE_ALL));
    CHECK_EQUAL(bits_of(two), 0x3fb);
    CHECK_EQUAL(bits_of(audience_only((struct attachment_id){2})), 0x004);
    CHECK(audience_without(&audiences, audience_but((struct attachment_id){1}), two, &result));
    CHECK(audience_same(result, audience_only((struct attachment_id){2})));
    CHECK(audience_meet(&audiences, AUDIENCE_ALL, two, &result) && audience_same(result, two));
    CHECK_EQUAL((int64_t)memory.get_count, 0);
    finish();
}

static struct audience random_set(struct prng *prng, unsigned *ret_bits)
{
    uint16_t list[ATTACHMENTS];
    uint32_t count = 0;
    unsigned bits = 0;
    bool but = prng_below(prng, 2);
    uint64_t density = 1 + prng_below(prng, 4);
    for (uint16_t i = 1; i < ATTACHMENTS; i++) {
        if (prng_below(prng, 4) >= density)
            continue;
        list[count++] = i;
        bits |= 1u << i;
    }
    struct audience set;
    CHECK(audience_of(&audiences, list, count, but, &set));
    *ret_bits = but ? ~bits & 0x3ff : bits;
    return set;
}

static void arithmetic_is_that_of_bits(void)
{
    start();
    struct prng prng = prng_seed(5);
    for (unsigned i = 0; i < 20000; i++) {
        unsigned left_bits, right_bits;
        struct audience left = random_set(&prng, &left_bits);
        struct audience right = random_set(&prng, &right_bits), meet, without;
        CHECK_EQUAL(bits_of(left), left_bits);
        CHECK(audience_meet(&audiences, left, right, &meet));
        CHECK(audience_without(&audiences, left, right, &without));
        CHECK_EQUAL(bits_of(meet), left_bits & right_bits);
        CHECK_EQUAL(bits_of(without), left_bits & ~right_bits);
        CHECK_EQUAL(audience_same(left, right), left_bits == right_bits);
        CHECK_EQUAL(audience_is_nobody(without), (left_bits & ~right_bits) == 0);
        audience_unref(&audiences, left);
        audience_unref(&audiences, right);
        audience_unref(&audiences, meet);
        audience_unref(&audiences, without);
        CHECK_EQUAL(audiences.lists.used_count, 0);
        CHECK_EQUAL((int64_t)memory.live_blocks, 0);
    }
    finish();
}

static void equal_lists_are_one(void)
{
    start();
    struct audience one, same, opposite;
    CHECK(audience_of(&audiences, (uint16_t[]){2, 5}, 2, true, &one));
    CHECK(audience_of(&audiences, (uint16_t[]){2, 5}, 2, true, &same));
    CHECK(audience_of(&audiences, (uint16_t[]){2, 5}, 2, false, &opposite));
    CHECK(audience_same(one, same) && !audience_same(one, opposite));
    CHECK_EQUAL(audiences.lists.used_count, 1);
    audience_ref(&audiences, one);
    for (unsigned i = 0; i < 3; i++)
        audience_unref(&audiences, one);
    CHECK_EQUAL(audiences.lists.used_count, 1);
    audience_unref(&audiences, opposite);
    CHECK_EQUAL(audiences.lists.used_count, 0);
    finish();
}

static void a_refusal_gives_nothing(void)
{
    for (size_t refuse = 1; refuse < 6; refuse++) {
        start();
        struct audience set = AUDIENCE_ALL;
        memory.refuse_from = refuse;
        bool done = audience_of(&audiences, (uint16_t[]){1, 2, 3}, 3, false, &set);
        memory.refuse_from = 0;
        CHECK_EQUAL(bits_of(set), done ? 0xe : 0x3ff);
        CHECK_EQUAL(audiences.lists.used_count, done);
        audience_unref(&audiences, set);
        finish();
    }
}

int main(void)
{
    TEST(the_usual_sets_cost_nothing);
    TEST(arithmetic_is_that_of_bits);
    TEST(equal_lists_are_one);
    TEST(a_refusal_gives_nothing);
    return harness_done();
}
