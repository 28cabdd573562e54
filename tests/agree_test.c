/* Every compiler builds the same machine: digests over long random runs of what the core stands on.
 * The lines that harness_digest prints are compared between all builds by tools/test. */
#include "tests/harness.h"

#include "base/digest.h"
#include "base/heap.h"
#include "base/prng.h"
#include "base/sort.h"
#include "base/text.h"
#include "net/lpm.h"

#include <stdlib.h>

enum { ROUNDS = 20000, ITEMS = 4096 };

static void *get(void *ctx, size_t size_bytes)
{
    (void)ctx;
    return malloc(size_bytes);
}

static void put(void *ctx, void *block, size_t size_bytes)
{
    (void)ctx;
    (void)size_bytes;
    free(block);
}

static struct budget heap_budget(void)
{
    struct budget budget;
    budget_init(&budget, (struct alloc){.get = get, .put = put}, 0);
    return budget;
}

static struct prefix random_prefix(struct prng *prng)
{
    uint8_t len = (uint8_t)prng_below(prng, 33);
    return prefix_around((ip_addr)prng_below(prng, 1ULL << 32), len);
}

static void numbers_and_hashes(void)
{
    struct prng prng = prng_seed(1);
    struct prng fork = prng_fork(&prng);
    struct digest digest = digest_start();
    for (uint64_t i = 1; i < ROUNDS; i++) {
        uint64_t number = prng_below(&prng, i << (i % 32));
        digest_u64(&digest, hash_u64(number, prng_next(&fork)));
        uint8_t bytes[8];
        struct writer writer = writer_over(bytes, sizeof bytes);
        writer_u32(&writer, (uint32_t)number);
        digest_u64(&digest, hash_bytes(writer_slice(&writer), i));
        digest_bytes(&digest, writer_slice(&writer));
    }
    CHECK(digest_end(&digest) != digest_end(&(struct digest){digest_start().state}));
    harness_digest("numbers and hashes", digest_end(&digest));
}

static int by_low_byte(const void *left, const void *right, const void *ctx)
{
    (void)ctx;
    return (int)(*(const uint64_t *)left & 0xff) - (int)(*(const uint64_t *)right & 0xff);
}

static void order_among_equals(void)
{
    static uint64_t items[ITEMS], scratch[ITEMS];
    static struct sort_key keys[ITEMS], key_scratch[ITEMS];
    struct prng prng = prng_seed(2);
    for (uint32_t i = 0; i < ITEMS; i++) {
        items[i] = prng_next(&prng);
        keys[i] = (struct sort_key){prng_below(&prng, ITEMS / 4), i};
    }
    sort_stable(items, ITEMS, sizeof items[0], scratch, by_low_byte, NULL);
    sort_keys(keys, ITEMS, key_scratch);
    struct digest digest = digest_start();
    for (uint32_t i = 0; i < ITEMS; i++) {
        CHECK(i == 0 || by_low_byte(&items[i - 1], &items[i], NULL) <= 0);
        digest_u64(&digest, items[i]);
        digest_u64(&digest, keys[i].key);
        digest_u64(&digest, keys[i].value);
    }
    harness_digest("order among equals", digest_end(&digest));
}

static void order_of_deadlines(void)
{
    struct budget budget = heap_budget();
    struct heap heap;
    heap_init(&heap, &budget);
    struct prng prng = prng_seed(3);
    struct digest digest = digest_start();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint32_t id = (uint32_t)prng_below(&prng, ITEMS);
        int64_t when_us = (int64_t)prng_below(&prng, 64);
        CHECK(heap_set(&heap, id, when_us, prng_below(&prng, 2)));
        const struct heap_entry *first = heap_first(&heap);
        digest_u64(&digest, (uint64_t)first->when_us);
        digest_u64(&digest, first->tie);
        if (i % 3 == 0)
            heap_drop(&heap, first->id);
    }
    heap_done(&heap);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
    harness_digest("order of deadlines", digest_end(&digest));
}

static void longest_matches(void)
{
    struct budget budget = heap_budget();
    struct lpm lpm;
    lpm_init(&lpm, &budget, 6);
    struct prng prng = prng_seed(4);
    struct digest digest = digest_start();
    for (uint32_t i = 1; i < ROUNDS; i++) {
        struct prefix prefix = random_prefix(&prng), found = {0};
        CHECK(lpm_set(&lpm, prefix, i));
        if (i % 4 == 0)
            digest_u64(&digest, lpm_remove(&lpm, random_prefix(&prng)));
        ip_addr addr = (ip_addr)prng_below(&prng, 1ULL << 32);
        digest_u64(&digest, lpm_match(&lpm, addr, 32, &found));
        char data[PREFIX_TEXT_BYTES];
        struct text text = text_over(data, sizeof data);
        text_prefix(&text, found);
        digest_bytes(&digest, (struct slice){(const uint8_t *)data, text.size});
    }
    lpm_done(&lpm);
    CHECK_EQUAL((int64_t)budget.used_bytes, 0);
    harness_digest("longest matches", digest_end(&digest));
}

int main(void)
{
    TEST(numbers_and_hashes);
    TEST(order_among_equals);
    TEST(order_of_deadlines);
    TEST(longest_matches);
    return harness_done();
}
