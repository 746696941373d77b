#include "base/sha256_internal.h"

#include <stdio.h>
#include <string.h>

static uint32_t rotate(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static uint32_t get_be32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void sha256_init(struct sha256 *sha)
{
    /* The same of the square roots of the first 8 primes. */
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(sha, 0, sizeof *sha);
    memcpy(sha->state, start, sizeof start);
    sha->blocks = sha256_blocks();
}

/* One round of section 6.2.2. Instead of moving the eight variables on, the caller moves their
 * names: what becomes e is in d afterwards, what becomes a in h. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                        uint32_t g, uint32_t *h, uint32_t word)
{
    *h += (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + word;
    *d += *h;
    *h += (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
}

void sha256_blocks_plain(uint32_t state[8], const unsigned char *blocks, size_t count)
{
    for (; count > 0; blocks += SHA256_BLOCK, count--) {
        uint32_t w[64], v[8];
        memcpy(v, state, sizeof v);
        for (int t = 0; t < 16; t++)
            w[t] = get_be32(blocks + 4 * t);
        for (int t = 16; t < 64; t++)
            w[t] = w[t - 16] + w[t - 7] +
                   (rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10) +
                   (rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3);
        for (int t = 0; t < 64; t++)
            w[t] += sha256_constants[t];
        for (int t = 0; t < 64; t += 8) {
            turn(v[0], v[1], v[2], &v[3], v[4], v[5], v[6], &v[7], w[t]);
            turn(v[7], v[0], v[1], &v[2], v[3], v[4], v[5], &v[6], w[t + 1]);
            turn(v[6], v[7], v[0], &v[1], v[2], v[3], v[4], &v[5], w[t + 2]);
            turn(v[5], v[6], v[7], &v[0], v[1], v[2], v[3], &v[4], w[t + 3]);
            turn(v[4], v[5], v[6], &v[7], v[0], v[1], v[2], &v[3], w[t + 4]);
            turn(v[3], v[4], v[5], &v[6], v[7], v[0], v[1], &v[2], w[t + 5]);
            turn(v[2], v[3], v[4], &v[5], v[6], v[7], v[0], &v[1], w[t + 6]);
            turn(v[1], v[2], v[3], &v[4], v[5], v[6], v[7], &v[0], w[t + 7]);
        }
        for (int i = 0; i < 8; i++)
            state[i] += v[i];
    }
}

void sha256_update(struct sha256 *sha, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    size_t held = sha->size % SHA256_BLOCK;
    sha->size += size;
    if (held) {
        size_t more = SHA256_BLOCK - held < size ? SHA256_BLOCK - held : size;
        memcpy(sha->block + held, at, more);
        at += more;
        size -= more;
        if (held + more < SHA256_BLOCK)
            return;
        sha->blocks(sha->state, sha->block, 1);
    }
    sha->blocks(sha->state, at, size / SHA256_BLOCK);
    memcpy(sha->block, at + size / SHA256_BLOCK * SHA256_BLOCK, size % SHA256_BLOCK);
}

const char *sha256_final(struct sha256 *sha, char text[SHA256_HEX])
{
    unsigned char end[SHA256_BLOCK + 8] = {0x80};
    uint64_t bits = sha->size * 8;
    size_t held = sha->size % SHA256_BLOCK;
    size_t zeros = (held < 56 ? 56 : 120) - held; /* with the bit that ends the bytes */
    for (int i = 0; i < 8; i++)
        end[zeros + (size_t)i] = (unsigned char)(bits >> (56 - 8 * i));
    sha256_update(sha, end, zeros + 8);
    for (int i = 0; i < 8; i++)
        snprintf(text + 8 * i, SHA256_HEX - 8 * (size_t)i, "%08x", (unsigned)sha->state[i]);
    return text;
}
