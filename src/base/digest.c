#include "base/digest.h"

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

/* Little-endian on every machine; size 0..8, missing bytes are zero. */
static uint64_t word_of(const uint8_t *data, size_t size)
{
    uint64_t word = 0;
    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)data[i] << (8 * i);
    return word;
}

struct digest digest_start(void)
{
    return (struct digest){0x9e3779b97f4a7c15u};
}

void digest_u64(struct digest *digest, uint64_t value)
{
    digest->state = digest_mix(digest->state ^ value) + 0x9e3779b97f4a7c15u;
}

void digest_bytes(struct digest *digest, struct slice bytes)
{
    digest_u64(digest, bytes.size);
    for (size_t at = 0; at < bytes.size; at += 8) {
        size_t left = bytes.size - at;
        digest_u64(digest, word_of(bytes.data + at, left < 8 ? left : 8));
    }
}

uint64_t digest_end(const struct digest *digest)
{
    return digest_mix(digest->state);
}

static void sip_round(uint64_t v[static 4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[static 4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

uint64_t hash_bytes(struct slice bytes, uint64_t secret)
{
    uint64_t k0 = secret, k1 = digest_mix(secret);
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    size_t whole = bytes.size & ~(size_t)7;
    for (size_t at = 0; at < whole; at += 8)
        sip_word(v, word_of(bytes.data + at, 8));
    uint64_t tail = bytes.size > whole ? word_of(bytes.data + whole, bytes.size - whole) : 0;
    sip_word(v, tail | (uint64_t)bytes.size << 56);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
