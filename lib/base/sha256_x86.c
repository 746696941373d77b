/* SHA-256 by the SHA instructions of x86-64: sha256rnds2 does two rounds, sha256msg1 and msg2 make
 * four words of the schedule. They want the state as two registers, (a, b, e, f) and (c, d, g, h),
 * the first named uppermost. */
#include "base/sha256_internal.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,ssse3,sse4.1")))

/* Words 4i to 4i + 3 of the schedule, from the 16 before them. */
SHA static inline __m128i schedule(const __m128i w[16], int i)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i - 4], w[i - 3]),
                                _mm_alignr_epi8(w[i - 1], w[i - 2], 4));
    return _mm_sha256msg2_epu32(sum, w[i - 1]);
}

SHA static void blocks_sha(uint32_t state[8], const unsigned char *blocks, size_t count)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i *in = (__m128i *)state;
    /* What the memory has as a b c d and e f g h becomes the two registers, and back again. */
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(in), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(in + 1), 0x1b);
    __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
    for (; count > 0; blocks += SHA256_BLOCK, count--) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[16];
        for (int i = 0; i < 16; i++) {
            __m128i sum;
            w[i] = i < 4 ? _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)blocks + i), swap)
                         : schedule(w, i);
            sum = _mm_add_epi32(
                w[i], _mm_loadu_si128((const __m128i *)(const void *)(sha256_constants + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    abcd = _mm_shuffle_epi32(abef, 0x1b);
    cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(in, _mm_blend_epi16(abcd, cdgh, 0xf0));
    _mm_storeu_si128(in + 1, _mm_alignr_epi8(cdgh, abcd, 8));
}

/* Compilers before gcc 11 and clang 15 do not know the name "sha". */
static int has_sha(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") &&
           __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA;
}

sha256_blocks_function *sha256_blocks(void)
{
    return has_sha() ? blocks_sha : sha256_blocks_plain;
}
#else
sha256_blocks_function *sha256_blocks(void)
{
    return sha256_blocks_plain;
}
#endif
