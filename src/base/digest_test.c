#include "base/digest.h"

#include "base/prng.h"
#include "tests/harness.h"

static uint64_t digest_of(const char *text)
{
    struct digest digest = digest_start();
    digest_bytes(&digest, (struct slice){(const uint8_t *)text, strlen(text)});
    return digest_end(&digest);
}

/* Frozen: a journal's digests must be equal on every machine, compiler and release. */
static void digests_never_change(void)
{
    struct digest digest = digest_start();
    CHECK(digest_end(&digest) == 0xe220a8397b1dcdafu);
    digest_u64(&digest, 0);
    CHECK(digest_end(&digest) == 0xa706dd2f4d197e6fu);
    CHECK(digest_of("") == 0xa706dd2f4d197e6fu); /* its length, zero, is all it has */
    CHECK(digest_of("10.10.0.0/16 via vti1") == 0x1661b226a772f4d3u);
}

static void order_length_and_every_bit_matter(void)
{
    struct digest there = digest_start(), back = digest_start();
    digest_u64(&there, 1);
    digest_u64(&there, 2);
    digest_u64(&back, 2);
    digest_u64(&back, 1);
    CHECK(digest_end(&there) != digest_end(&back));
    CHECK(digest_of("ab") != digest_of("ba"));
    CHECK(digest_of("a") != digest_of("aa"));

    static uint8_t bytes[21];
    uint64_t zeros[sizeof bytes + 1];
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct digest digest = digest_start();
        digest_bytes(&digest, (struct slice){bytes, size});
        zeros[size] = digest_end(&digest);
        for (size_t i = 0; i < size; i++)
            CHECK(zeros[i] != zeros[size]);
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            digest = digest_start();
            digest_bytes(&digest, (struct slice){bytes, size});
            CHECK(digest_end(&digest) != zeros[size]);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void reading_a_digest_does_not_end_it(void)
{
    struct digest digest = digest_start();
    digest_u64(&digest, 5);
    CHECK(digest_end(&digest) == digest_end(&digest));
    uint64_t before = digest_end(&digest);
    digest_u64(&digest, 0);
    CHECK(digest_end(&digest) != before);
}

/* SipHash-c-d as its paper tells it, byte by byte; slow and short. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static void sip_rounds(struct sip *s, int rounds)
{
    while (rounds-- > 0) {
        s->v0 += s->v1, s->v2 += s->v3;
        s->v1 = rotl(s->v1, 13), s->v3 = rotl(s->v3, 16);
        s->v1 ^= s->v0, s->v3 ^= s->v2;
        s->v0 = rotl(s->v0, 32);
        s->v2 += s->v1, s->v0 += s->v3;
        s->v1 = rotl(s->v1, 17), s->v3 = rotl(s->v3, 21);
        s->v1 ^= s->v2, s->v3 ^= s->v0;
        s->v2 = rotl(s->v2, 32);
    }
}

static uint64_t naive_sip(int c, int d, uint64_t k0, uint64_t k1, const uint8_t *in, size_t size)
{
    struct sip s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                    k1 ^ 0x7465646279746573u};
    uint64_t word = 0;
    size_t padded = size / 8 * 8 + 8;
    for (size_t i = 0; i < padded; i++) {
        uint8_t byte = i < size ? in[i] : i == padded - 1 ? (uint8_t)size : 0;
        word |= (uint64_t)byte << i % 8 * 8;
        if (i % 8 == 7) {
            s.v3 ^= word;
            sip_rounds(&s, c);
            s.v0 ^= word;
            word = 0;
        }
    }
    s.v2 ^= 0xff;
    sip_rounds(&s, d);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static void the_hash_of_bytes_is_siphash_1_3(void)
{
    uint8_t bytes[70];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    /* the oracle against the example of the paper's appendix A (SipHash-2-4) */
    CHECK(naive_sip(2, 4, 0x0706050403020100u, 0x0f0e0d0c0b0a0908u, bytes, 15) ==
          0xa129ca6149be45e5u);
    for (uint64_t secret = 0; secret < 50; secret++) {
        struct prng prng = prng_seed(secret - 0x9e3779b97f4a7c15u);
        uint64_t second = prng_next(&prng); /* the finalizer alone: the second half of the key */
        for (size_t size = 0; size <= sizeof bytes; size++)
            CHECK(hash_bytes((struct slice){bytes, size}, secret) ==
                  naive_sip(1, 3, secret, second, bytes, size));
    }
}

/* Prefixes in a row, as a neighbor would announce them, fill buckets as thrown dice would. */
static void keys_in_a_row_spread_over_buckets(void)
{
    enum { BUCKETS = 1024, KEYS = 64 * BUCKETS };
    for (uint64_t secret = 1; secret <= 3; secret++)
        for (unsigned shift = 0; shift <= 48; shift += 8) {
            static unsigned low[BUCKETS], high[BUCKETS];
            memset(low, 0, sizeof low);
            memset(high, 0, sizeof high);
            for (uint64_t key = 0; key < KEYS; key++) {
                uint64_t hash = hash_u64(key << shift, secret);
                low[hash % BUCKETS]++;
                high[hash >> 54]++;
            }
            for (unsigned i = 0; i < BUCKETS; i++) {
                CHECK(low[i] > 16 && low[i] < 112); /* 64 +- 6 sigma */
                CHECK(high[i] > 16 && high[i] < 112);
            }
        }
}

static void the_secret_matters(void)
{
    unsigned same_bucket = 0;
    for (uint64_t key = 0; key < 1024; key++)
        same_bucket += hash_u64(key, 1) % 1024 == hash_u64(key, 2) % 1024;
    CHECK(same_bucket < 20);
}

int main(void)
{
    TEST(digests_never_change);
    TEST(order_length_and_every_bit_matter);
    TEST(reading_a_digest_does_not_end_it);
    TEST(the_hash_of_bytes_is_siphash_1_3);
    TEST(keys_in_a_row_spread_over_buckets);
    TEST(the_secret_matters);
    return harness_done();
}
