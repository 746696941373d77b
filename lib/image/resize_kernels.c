#include "image/resize_internal.h"

static unsigned char clip(int32_t sum)
{
    sum >>= RESIZE_BITS;
    return (unsigned char)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static int32_t weight(const int16_t *weights, int taps, int t)
{
    return weights[t] + weights[taps + t] * (1 << RESIZE_LOW);
}

static void rows(const unsigned char *const from[2], const int *starts, const int *lengths,
                 const int16_t *weights, int taps, int count, unsigned char *const to[2])
{
    for (int r = 0; r < 2; r++) {
        const int16_t *at = weights;
        for (int x = 0; x < count; x++, at += 2 * (ptrdiff_t)taps) {
            const unsigned char *pixel = from[r] + (ptrdiff_t)starts[x] * 3;
            int32_t red = RESIZE_HALF, green = RESIZE_HALF, blue = RESIZE_HALF;
            for (int i = 0; i < lengths[x]; i++, pixel += 3) {
                int32_t w = weight(at, taps, i);
                red += pixel[0] * w;
                green += pixel[1] * w;
                blue += pixel[2] * w;
            }
            to[r][3 * (ptrdiff_t)x] = clip(red);
            to[r][3 * (ptrdiff_t)x + 1] = clip(green);
            to[r][3 * (ptrdiff_t)x + 2] = clip(blue);
        }
    }
}

void resize_row_grey(const unsigned char *from, const int *starts, const int *lengths,
                     const int16_t *weights, int taps, int count, unsigned char *to)
{
    for (int x = 0; x < count; x++, weights += 2 * (ptrdiff_t)taps) {
        int32_t sum = RESIZE_HALF;
        for (int i = 0; i < lengths[x]; i++)
            sum += from[starts[x] + i] * weight(weights, taps, i);
        to[x] = clip(sum);
    }
}

/* Blocks of sums, so that each input row is read in runs. */
static void column(const unsigned char *from, size_t stride, const int16_t *weights, int taps,
                   int length, size_t size, unsigned char *to)
{
    enum { BLOCK = 256 };
    int32_t sums[BLOCK];
    for (size_t i = 0; i < size; i += BLOCK) {
        size_t count = size - i < BLOCK ? size - i : BLOCK;
        for (size_t k = 0; k < count; k++)
            sums[k] = RESIZE_HALF;
        for (int t = 0; t < length; t++) {
            const unsigned char *row = from + (size_t)t * stride + i;
            int32_t w = weight(weights, taps, t);
            for (size_t k = 0; k < count; k++)
                sums[k] += row[k] * w;
        }
        for (size_t k = 0; k < count; k++)
            to[i + k] = clip(sums[k]);
    }
}

const struct resize_kernels resize_kernels_plain = {rows, column};

#if !defined(__x86_64__)
const struct resize_kernels *resize_kernels(void)
{
    return &resize_kernels_plain;
}
#endif
