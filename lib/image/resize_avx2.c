/* The inner loops of resizing for x86-64 with AVX2. vpmaddwd multiplies 16 pairs of 16-bit numbers
 * and adds each pair: with the weights in two halves (resize_internal.h), two of them do two taps
 * of 8 sums. Sums are modulo 2^32, so the halves may overflow on their way: the whole does not.
 *
 * Cost for two taps: rows, 9 instructions for 6 sums (RGB of two rows); columns, 14 for 16 sums. */
#include "image/resize_internal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

/* Two weights, the low or the high halves, in all lanes. */
AVX2 static inline __m256i pair(const int16_t *weights)
{
    int32_t two;
    memcpy(&two, weights, sizeof two);
    return _mm256_set1_epi32(two);
}

AVX2 static inline __m256i whole(__m256i low, __m256i high)
{
    __m256i sum = _mm256_add_epi32(low, _mm256_slli_epi32(high, RESIZE_LOW));
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(RESIZE_HALF)), RESIZE_BITS);
}

/* Each 128-bit half of a register is one row: R G B and a lane that nobody looks at. */
AVX2 static void rows(const unsigned char *const from[2], const int *starts, const int *lengths,
                      const int16_t *weights, int taps, int count, unsigned char *const to[2])
{
    /* r0 g0 b0 r1 g1 b1 . . -> r0 r1 g0 g1 b0 b1 . . in 16 bits each */
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    for (int x = 0; x < count; x++, weights += 2 * (ptrdiff_t)taps) {
        const unsigned char *first = from[0] + (ptrdiff_t)starts[x] * 3;
        const unsigned char *second = from[1] + (ptrdiff_t)starts[x] * 3;
        __m256i low = _mm256_setzero_si256(), high = low, bytes;
        uint32_t pixel;
        for (int i = 0; i < lengths[x]; i += 2, first += 6, second += 6) {
            __m256i pixels = _mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i *)first)),
                _mm_loadl_epi64((const __m128i *)second), 1);
            pixels = _mm256_shuffle_epi8(pixels, order);
            low = _mm256_add_epi32(low, _mm256_madd_epi16(pixels, pair(weights + i)));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(pixels, pair(weights + taps + i)));
        }
        bytes = _mm256_packs_epi32(whole(low, high), _mm256_setzero_si256());
        bytes = _mm256_packus_epi16(bytes, bytes);
        pixel = (uint32_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(bytes));
        memcpy(to[0] + 3 * (ptrdiff_t)x, &pixel, 3);
        pixel = (uint32_t)_mm_cvtsi128_si32(_mm256_extracti128_si256(bytes, 1));
        memcpy(to[1] + 3 * (ptrdiff_t)x, &pixel, 3);
    }
}

struct sums {
    __m256i low[2], high[2]; /* of 16 bytes: 0 to 7 and 8 to 15 */
};

/* Two taps of 16 bytes. */
AVX2 static inline void two_taps(struct sums *sums, __m128i a, __m128i b, __m256i low, __m256i high)
{
    __m256i first = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b));
    __m256i second = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
    sums->low[0] = _mm256_add_epi32(sums->low[0], _mm256_madd_epi16(first, low));
    sums->low[1] = _mm256_add_epi32(sums->low[1], _mm256_madd_epi16(second, low));
    sums->high[0] = _mm256_add_epi32(sums->high[0], _mm256_madd_epi16(first, high));
    sums->high[1] = _mm256_add_epi32(sums->high[1], _mm256_madd_epi16(second, high));
}

AVX2 static inline __m128i sixteen(const struct sums *sums)
{
    __m256i words =
        _mm256_packs_epi32(whole(sums->low[0], sums->high[0]), whole(sums->low[1], sums->high[1]));
    words = _mm256_permute4x64_epi64(words, 0xD8); /* the pack works in halves */
    return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

AVX2 static inline __m128i load(const unsigned char *bytes)
{
    return _mm_loadu_si128((const __m128i *)bytes);
}

/* 32 bytes. */
AVX2 static inline void block(const unsigned char *from, size_t stride, const int16_t *weights,
                              int taps, int length, unsigned char *to)
{
    const __m256i zero = _mm256_setzero_si256();
    struct sums left = {{zero, zero}, {zero, zero}}, right = left;
    int t = 0;
    for (; t + 1 < length; t += 2, from += 2 * stride) {
        __m256i low = pair(weights + t), high = pair(weights + taps + t);
        two_taps(&left, load(from), load(from + stride), low, high);
        two_taps(&right, load(from + 16), load(from + stride + 16), low, high);
    }
    if (t < length) { /* there may be no row after this one */
        __m256i low = pair(weights + t), high = pair(weights + taps + t);
        two_taps(&left, load(from), _mm_setzero_si128(), low, high);
        two_taps(&right, load(from + 16), _mm_setzero_si128(), low, high);
    }
    _mm_storeu_si128((__m128i *)to, sixteen(&left));
    _mm_storeu_si128((__m128i *)(to + 16), sixteen(&right));
}

AVX2 static void column(const unsigned char *from, size_t stride, const int16_t *weights, int taps,
                        int length, size_t size, unsigned char *to)
{
    enum { BLOCK = 32 };
    unsigned char last[BLOCK];
    size_t i = 0;
    for (; i + BLOCK <= size; i += BLOCK)
        block(from + i, stride, weights, taps, length, to + i);
    if (i < size) {
        block(from + i, stride, weights, taps, length, last);
        memcpy(to + i, last, size - i);
    }
}

static const struct resize_kernels avx2 = {rows, column};

const struct resize_kernels *resize_kernels(void)
{
    return __builtin_cpu_supports("avx2") ? &avx2 : &resize_kernels_plain;
}
#endif
