/* The inner loops of resizing, with the compilers' vector extensions: one source, compiled once for
 * the plain processor and, on x86-64, once for AVX2 (which multiplies 32-bit integers in one
 * instruction); integer arithmetic, so both give the same bytes.
 *
 * Cost per output byte and tap: a row takes one 4-lane multiply for the 3 channels of a pixel; a
 * column takes one 8-lane multiply for 8 bytes. */
#include "image/resize_internal.h"

#include <string.h>

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef int32_t ints4 __attribute__((vector_size(16)));
typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef int32_t ints8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))

enum {
    HALF = 1 << (RESIZE_BITS - 1),
    BLOCK = 32 /* bytes of a column pass at a time: 4 accumulators */
};

INLINE unsigned char clip(int32_t sum)
{
    sum >>= RESIZE_BITS;
    return (unsigned char)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

INLINE void row_colour(const unsigned char *from, const int *starts, const int *lengths,
                       const int32_t *weights, int taps, int count, unsigned char *to)
{
    for (int x = 0; x < count; x++, weights += taps, to += 3) {
        const unsigned char *pixel = from + (ptrdiff_t)starts[x] * 3;
        ints4 sum = {HALF, HALF, HALF, HALF};
        for (int i = 0; i < lengths[x]; i++, pixel += 3) {
            bytes4 four; /* the pixel, and a byte of the next, which nobody looks at */
            memcpy(&four, pixel, sizeof four);
            sum += __builtin_convertvector(four, ints4) * weights[i];
        }
        to[0] = clip(sum[0]);
        to[1] = clip(sum[1]);
        to[2] = clip(sum[2]);
    }
}

INLINE void row_grey(const unsigned char *from, const int *starts, const int *lengths,
                     const int32_t *weights, int taps, int count, unsigned char *to)
{
    for (int x = 0; x < count; x++, weights += taps) {
        const unsigned char *pixel = from + starts[x];
        int32_t sum = HALF;
        for (int i = 0; i < lengths[x]; i++)
            sum += pixel[i] * weights[i];
        to[x] = clip(sum);
    }
}

/* By pointer: vectors as arguments would depend on the instruction set. */
INLINE void clip8(const ints8 *sums, bytes8 *to)
{
    ints8 sum = *sums >> RESIZE_BITS;
    sum &= ~(sum >> 31);            /* below 0: 0 */
    sum |= (255 - sum) >> 31 & 255; /* above 255: the low byte is 255 */
    *to = __builtin_convertvector(sum, bytes8);
}

INLINE void column_block(const unsigned char *from, size_t stride, const int32_t *weights,
                         int length, bytes8 to[4])
{
    ints8 sum[4];
    for (int lane = 0; lane < 4; lane++)
        sum[lane] = (ints8){HALF, HALF, HALF, HALF, HALF, HALF, HALF, HALF};
    for (int t = 0; t < length; t++, from += stride)
        for (int lane = 0; lane < 4; lane++) {
            bytes8 eight;
            memcpy(&eight, from + (ptrdiff_t)lane * 8, sizeof eight);
            sum[lane] += __builtin_convertvector(eight, ints8) * weights[t];
        }
    for (int lane = 0; lane < 4; lane++)
        clip8(&sum[lane], &to[lane]);
}

INLINE void column(const unsigned char *from, size_t stride, const int32_t *weights, int length,
                   size_t size, unsigned char *to)
{
    bytes8 block[4];
    size_t i = 0;
    for (; i + BLOCK <= size; i += BLOCK) {
        column_block(from + i, stride, weights, length, block);
        memcpy(to + i, block, BLOCK);
    }
    if (i < size) {
        column_block(from + i, stride, weights, length, block);
        memcpy(to + i, block, size - i);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void row_colour_avx2(const unsigned char *from,
                                                            const int *starts, const int *lengths,
                                                            const int32_t *weights, int taps,
                                                            int count, unsigned char *to)
{
    row_colour(from, starts, lengths, weights, taps, count, to);
}

__attribute__((target("avx2"))) static void column_avx2(const unsigned char *from, size_t stride,
                                                        const int32_t *weights, int length,
                                                        size_t size, unsigned char *to)
{
    column(from, stride, weights, length, size, to);
}

static int has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define row_colour_avx2 row_colour
#define column_avx2     column

static int has_avx2(void)
{
    return 0;
}
#endif

void resize_row(const unsigned char *from, int channels, const int *starts, const int *lengths,
                const int32_t *weights, int taps, int count, unsigned char *to)
{
    if (channels == 1)
        row_grey(from, starts, lengths, weights, taps, count, to);
    else if (has_avx2())
        row_colour_avx2(from, starts, lengths, weights, taps, count, to);
    else
        row_colour(from, starts, lengths, weights, taps, count, to);
}

void resize_column(const unsigned char *from, size_t stride, const int32_t *weights, int length,
                   size_t size, unsigned char *to)
{
    if (has_avx2())
        column_avx2(from, stride, weights, length, size, to);
    else
        column(from, stride, weights, length, size, to);
}
