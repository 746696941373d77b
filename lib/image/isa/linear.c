/* The inner loops of OpenCV's linear filter. Rows of RGB: a lane is one output pixel, whose two
 * input pixels are multiplied by their weights and added in pairs; then two output pixels in 16
 * bits, six numbers. */
#include "image/isa/isa.h"

/* One output pixel a lane: R G B and one that nobody looks at. */
INLINE sums mixed(const unsigned char *const pixels[LANES],
                  const unsigned char *const weights[LANES])
{
    return multiply_pairs(first_pair(load_lanes(pixels)), (words)load_lanes(weights)) >>
           LINEAR_SHIFT;
}

/* What is written after the six numbers is overwritten by the next ones. */
INLINE void put_lane(int16_t *to, bytes x, int l)
{
    static const uint8_t six[LANE] = {0,  1,  2,  3,  4,    5,    8,    9,
                                      10, 11, 12, 13, NONE, NONE, NONE, NONE};
    if (CAN_SHUFFLE) {
        store_lane((unsigned char *)to, shuffle(x, six), l);
    } else {
        memcpy(to, &x, LANE / 2);
        x = from_byte(x, 8);
        memcpy(to + 3, &x, LANE / 2);
    }
}

/* Returns how many output pixels it has made. */
INLINE int colour_row(const int *starts, const int16_t *weights, int count,
                      const unsigned char *from, int16_t *to)
{
    int x = 0;
    for (; x + 2 * LANES <= count; x += 2 * LANES) {
        const unsigned char *pixels[2][LANES], *two[2][LANES];
        bytes made;
        UNROLL
        for (int i = 0; i < 2 * LANES; i++) {
            int at = x + i;
            pixels[i % 2][i / 2] = from + 3 * (ptrdiff_t)(starts[at] - starts[0]);
            two[i % 2][i / 2] = (const unsigned char *)(weights + LINEAR_WEIGHTS * (ptrdiff_t)at);
        }
        made = (bytes)narrow(mixed(pixels[0], two[0]), mixed(pixels[1], two[1]));
        UNROLL
        for (int l = 0; l < LANES; l++)
            put_lane(to + 3 * (ptrdiff_t)x + 6 * l, made, l);
    }
    return x;
}

void ISA_NAME(linear_row)(const int *starts, const int16_t *weights, int count,
                          const unsigned char *from, int channels, int16_t *to)
{
    int x = channels == 3 ? colour_row(starts, weights, count, from, to) : 0;
    for (; x < count; x++) {
        const int16_t *two = weights + LINEAR_WEIGHTS * (ptrdiff_t)x;
        const unsigned char *pixel = from + (ptrdiff_t)(starts[x] - starts[0]) * channels;
        for (int c = 0; c < channels; c++)
            to[x * channels + c] =
                (int16_t)((pixel[c] * two[0] + pixel[channels + c] * two[1]) >> LINEAR_SHIFT);
    }
}

/* The compiler finds the vectors. */
void ISA_NAME(linear_mix)(const int16_t *restrict above, const int16_t *restrict below,
                          const int16_t *restrict weights, size_t count, unsigned char *restrict to)
{
    const int16_t a = weights[0], b = weights[1];
    for (size_t i = 0; i < count; i++) {
        int16_t upper = (int16_t)((a * above[i]) >> 16), lower = (int16_t)((b * below[i]) >> 16);
        to[i] = (unsigned char)((upper + lower + 2) >> 2);
    }
}
