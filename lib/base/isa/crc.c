/* CRC-32 by folding (Gopal et al., Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
 * Instruction, Intel 2009). The message is a polynomial over GF(2), and 16 bytes of it may be
 * replaced by what they leave as a remainder further on: their product with x^n mod P. So four
 * vectors go through the message, each taking the next bytes in by two multiplications, and in the
 * end become one, whose remainder, and that of the last bytes, zlib computes. */
#include "base/isa.h"

#include <stdint.h>

#include <zlib.h>

uint32_t ISA_NAME(crc)(const unsigned char *bytes, size_t size);

#if defined(__PCLMUL__)
#include <immintrin.h>

enum { VECTOR = 16, BLOCK = 4 * VECTOR };

INLINE __m128i load(const unsigned char *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* x moved on by the distance of the constants, and what is there. */
INLINE __m128i fold(__m128i x, __m128i constants, __m128i there)
{
    __m128i low = _mm_clmulepi64_si128(x, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(x, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

uint32_t ISA_NAME(crc)(const unsigned char *bytes, size_t size)
{
    /* x^(8 n + 32) and x^(8 n - 32) mod P, bits reflected, for n = BLOCK and n = VECTOR */
    const __m128i by_block = _mm_set_epi64x(0x1C6E41596, 0x154442BD4);
    const __m128i by_vector = _mm_set_epi64x(0x0CCAA009E, 0x1751997D0);
    __m128i x[4];
    unsigned char rest[VECTOR];
    if (size < BLOCK)
        return (uint32_t)crc32_z(0, bytes, size);
    UNROLL
    for (int i = 0; i < 4; i++)
        x[i] = load(bytes + i * VECTOR);
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128(-1)); /* the register's first state */
    for (bytes += BLOCK, size -= BLOCK; size >= BLOCK; bytes += BLOCK, size -= BLOCK)
        UNROLL
    for (int i = 0; i < 4; i++)
        x[i] = fold(x[i], by_block, load(bytes + i * VECTOR));
    UNROLL
    for (int i = 1; i < 4; i++)
        x[0] = fold(x[0], by_vector, x[i]);
    _mm_storeu_si128((__m128i *)rest, x[0]);
    /* zlib inverts the register before and after: here it begins with 0 */
    return (uint32_t)crc32_z(crc32_z(UINT32_MAX, rest, VECTOR), bytes, size);
}

#else

uint32_t ISA_NAME(crc)(const unsigned char *bytes, size_t size)
{
    return (uint32_t)crc32_z(0, bytes, size);
}

#endif
