/* image/isa: what the sources compiled once per instruction set (base/isa.h) share: vectors of
 * VB bytes, seen as lanes of 16, and the few operations that vector extensions cannot say. All of
 * them work within the lanes, so that a wider vector is only more lanes.
 */
#ifndef IMAGE_ISA_H
#define IMAGE_ISA_H

#include "base/isa.h"
#include "image/kernels.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
enum { VB = 64 };
#elif defined(__AVX2__)
enum { VB = 32 };
#else
enum { VB = 16 };
#endif
enum { LANE = 16, LANES = VB / LANE };

typedef uint8_t bytes __attribute__((vector_size(VB)));
typedef int16_t words __attribute__((vector_size(VB)));
typedef int32_t sums __attribute__((vector_size(VB)));
typedef int64_t quads __attribute__((vector_size(VB)));

INLINE bytes load(const unsigned char *from)
{
    bytes x;
    memcpy(&x, from, sizeof x);
    return x;
}
INLINE void store(unsigned char *to, bytes x)
{
    memcpy(to, &x, sizeof x);
}
/* Two, or four, words in a row, again and again. */
INLINE words splat2(const int16_t *two)
{
    int32_t x;
    memcpy(&x, two, sizeof x);
    return (words)(x - (sums){0});
}
INLINE words splat4(const int16_t *four)
{
    int64_t x;
    memcpy(&x, four, sizeof x);
    return (words)(x - (quads){0});
}

/* Lane l is the 16 bytes at from[l]. */
INLINE bytes load_lanes(const unsigned char *const from[LANES])
{
#if defined(__AVX512F__)
    __m512i x = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)from[0]));
    x = _mm512_mask_broadcast_i32x4(x, 0x00F0, _mm_loadu_si128((const __m128i *)from[1]));
    x = _mm512_mask_broadcast_i32x4(x, 0x0F00, _mm_loadu_si128((const __m128i *)from[2]));
    return (bytes)_mm512_mask_broadcast_i32x4(x, 0xF000, _mm_loadu_si128((const __m128i *)from[3]));
#elif defined(__AVX2__)
    __m256i x = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)from[0]));
    return (bytes)_mm256_inserti128_si256(x, _mm_loadu_si128((const __m128i *)from[1]), 1);
#else
    return load(from[0]);
#endif
}

/* Lane l, which must be a constant. */
INLINE void store_lane(unsigned char *to, bytes x, int l)
{
#if defined(__AVX512F__)
    __m128i lane = l == 0   ? _mm512_castsi512_si128((__m512i)x)
                   : l == 1 ? _mm512_extracti32x4_epi32((__m512i)x, 1)
                   : l == 2 ? _mm512_extracti32x4_epi32((__m512i)x, 2)
                            : _mm512_extracti32x4_epi32((__m512i)x, 3);
    _mm_storeu_si128((__m128i *)to, lane);
#elif defined(__AVX2__)
    __m128i lane =
        l == 0 ? _mm256_castsi256_si128((__m256i)x) : _mm256_extracti128_si256((__m256i)x, 1);
    _mm_storeu_si128((__m128i *)to, lane);
#else
    (void)l;
    store(to, x);
#endif
}

/* a0 b0 a1 b1 ... of the lower, and of the upper, halves of the lanes. */
INLINE bytes interleave_low(bytes a, bytes b)
{
#if defined(__AVX512F__)
    return (bytes)_mm512_unpacklo_epi8((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (bytes)_mm256_unpacklo_epi8((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (bytes)_mm_unpacklo_epi8((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
    return (bytes)vzip1q_u8((uint8x16_t)a, (uint8x16_t)b);
#else
    bytes x;
    for (int i = 0; i < LANE / 2; i++) {
        x[2 * i] = a[i];
        x[2 * i + 1] = b[i];
    }
    return x;
#endif
}
INLINE bytes interleave_high(bytes a, bytes b)
{
#if defined(__AVX512F__)
    return (bytes)_mm512_unpackhi_epi8((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (bytes)_mm256_unpackhi_epi8((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (bytes)_mm_unpackhi_epi8((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
    return (bytes)vzip2q_u8((uint8x16_t)a, (uint8x16_t)b);
#else
    bytes x;
    for (int i = 0; i < LANE / 2; i++) {
        x[2 * i] = a[LANE / 2 + i];
        x[2 * i + 1] = b[LANE / 2 + i];
    }
    return x;
#endif
}

/* Byte n and the following ones, to the lower half of the lane. */
#if defined(__AVX512F__)
#define from_byte(x, n) ((bytes)_mm512_bsrli_epi128((__m512i)(x), n))
#elif defined(__AVX2__)
#define from_byte(x, n) ((bytes)_mm256_bsrli_epi128((__m256i)(x), n))
#elif defined(__SSE2__)
#define from_byte(x, n) ((bytes)_mm_bsrli_si128((__m128i)(x), n))
#elif defined(__aarch64__)
#define from_byte(x, n) ((bytes)vextq_u8((uint8x16_t)(x), vdupq_n_u8(0), n))
#else
INLINE bytes from_byte(bytes x, int n)
{
    bytes y = {0};
    for (int i = 0; i + n < LANE; i++)
        y[i] = x[i + n];
    return y;
}
#endif

/* a0 * b0 + a1 * b1, a2 * b2 + a3 * b3 ... */
INLINE sums multiply_pairs(words a, words b)
{
#if defined(__AVX512F__)
    return (sums)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (sums)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (sums)_mm_madd_epi16((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
    int16x8_t x = (int16x8_t)a, y = (int16x8_t)b;
    return (sums)vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y));
#else
    sums x;
    for (int i = 0; i < LANE / 4; i++)
        x[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
    return x;
#endif
}
/* a0 + a1, a2 + a3, b0 + b1, b2 + b3. */
INLINE sums add_pairs(sums a, sums b)
{
#if defined(__AVX512F__)
    __m512 x = (__m512)a, y = (__m512)b;
    return (sums)_mm512_shuffle_ps(x, y, 0x88) + (sums)_mm512_shuffle_ps(x, y, 0xDD);
#elif defined(__AVX2__)
    __m256 x = (__m256)a, y = (__m256)b;
    return (sums)_mm256_shuffle_ps(x, y, 0x88) + (sums)_mm256_shuffle_ps(x, y, 0xDD);
#elif defined(__SSE2__)
    __m128 x = (__m128)a, y = (__m128)b;
    return (sums)_mm_shuffle_ps(x, y, 0x88) + (sums)_mm_shuffle_ps(x, y, 0xDD);
#elif defined(__aarch64__)
    return (sums)vpaddq_s32((int32x4_t)a, (int32x4_t)b);
#else
    return (sums){a[0] + a[1], a[2] + a[3], b[0] + b[1], b[2] + b[3]};
#endif
}
/* a, b one after the other, cut to what 16 bits hold. */
INLINE words narrow(sums a, sums b)
{
#if defined(__AVX512F__)
    return (words)_mm512_packs_epi32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (words)_mm256_packs_epi32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (words)_mm_packs_epi32((__m128i)a, (__m128i)b);
#elif defined(__aarch64__)
    return (words)vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);
#else
    words x;
    for (int i = 0; i < LANE / 2; i++) {
        int32_t whole = i < LANE / 4 ? a[i] : b[i - LANE / 4];
        x[i] = (int16_t)(whole < INT16_MIN ? INT16_MIN : whole > INT16_MAX ? INT16_MAX : whole);
    }
    return x;
#endif
}
/* (a + 64) >> 7, and so on, one after the other, as bytes: below 0 is 0, above 255 is 255. They are
 * cut to 16 bits first, which changes none of the bytes. */
INLINE bytes clip4(sums a, sums b, sums c, sums d)
{
    words x = narrow(a, b), y = narrow(c, d);
#if defined(__AVX512F__)
    const __m512i scale = _mm512_set1_epi16(1 << 8); /* x * 2^8, rounded and >> 15 */
    return (bytes)_mm512_packus_epi16(_mm512_mulhrs_epi16((__m512i)x, scale),
                                      _mm512_mulhrs_epi16((__m512i)y, scale));
#elif defined(__AVX2__)
    const __m256i scale = _mm256_set1_epi16(1 << 8);
    return (bytes)_mm256_packus_epi16(_mm256_mulhrs_epi16((__m256i)x, scale),
                                      _mm256_mulhrs_epi16((__m256i)y, scale));
#elif defined(__SSE2__)
    const __m128i half = _mm_set1_epi16(64);
    return (bytes)_mm_packus_epi16(_mm_srai_epi16(_mm_adds_epi16((__m128i)x, half), 7),
                                   _mm_srai_epi16(_mm_adds_epi16((__m128i)y, half), 7));
#elif defined(__aarch64__)
    return (bytes)vqrshrun_high_n_s16(vqrshrun_n_s16((int16x8_t)x, 7), (int16x8_t)y, 7);
#else
    bytes z;
    for (int i = 0; i < LANE; i++) {
        int sum = ((i < LANE / 2 ? x[i] : y[i - LANE / 2]) + 64) >> 7;
        z[i] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
    return z;
#endif
}

/* Byte order[i] of each lane, 0 where that is NONE. The baseline of x86-64 has no such instruction.
 */
enum { NONE = 128 };
#if defined(__AVX2__) || defined(__aarch64__)
enum { CAN_SHUFFLE = 1 };
#else
enum { CAN_SHUFFLE = 0 };
#endif
INLINE bytes shuffle(bytes x, const uint8_t order[LANE])
{
#if defined(__AVX512F__)
    return (bytes)_mm512_shuffle_epi8(
        (__m512i)x, _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)order)));
#elif defined(__AVX2__)
    return (bytes)_mm256_shuffle_epi8(
        (__m256i)x, _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)order)));
#elif defined(__aarch64__)
    return (bytes)vqtbl1q_u8((uint8x16_t)x, vld1q_u8(order));
#else
    bytes y = {0};
    for (int i = 0; i < LANE; i++)
        if (order[i] < LANE)
            y[i] = x[order[i]];
    return y;
#endif
}

/* r0 g0 b0 r1 g1 b1 ... -> r0 r1 g0 g1 b0 b1 . . in 16 bits each, of the pixels 0 and 1 of each
 * lane. */
INLINE words first_pair(bytes pixels)
{
    static const uint8_t order[LANE] = {0, NONE, 3, NONE, 1,    NONE, 4,    NONE,
                                        2, NONE, 5, NONE, NONE, NONE, NONE, NONE};
    if (CAN_SHUFFLE)
        return (words)shuffle(pixels, order);
    return (words)interleave_low(interleave_low(pixels, from_byte(pixels, 3)), (bytes){0});
}

void ISA_NAME(resize_rows)(const struct resize_weights *weights, const unsigned char *from,
                           size_t stride, int channels, int rows, unsigned char *to);
void ISA_NAME(resize_columns)(const struct resize_weights *weights, const unsigned char *from,
                              size_t stride, size_t size, unsigned char *to);
void ISA_NAME(linear_row)(const int *starts, const int16_t *weights, int count,
                          const unsigned char *from, int channels, int16_t *to);
void ISA_NAME(linear_mix)(const int16_t *above, const int16_t *below, const int16_t *weights,
                          size_t count, unsigned char *to);
void ISA_NAME(pixels_luma)(const unsigned char *from, size_t count, unsigned char *to);
void ISA_NAME(pixels_planes)(const unsigned char *from, size_t count, unsigned char *first,
                             unsigned char *second, unsigned char *third);
void ISA_NAME(pixels_reverse)(const unsigned char *from, size_t count, unsigned char *to);

#endif
