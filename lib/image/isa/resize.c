/* The inner loops of resizing. Rows: a lane is four sums of one output pixel, R, G, B and one that
 * nobody looks at, or those of four rows of grey; the lanes are other rows. Columns: a lane is 16
 * bytes of a row. */
#include "image/isa/isa.h"

/* Sums of the products with both halves of the weights. */
struct halves {
    sums low, high;
};

INLINE void multiply(struct halves *sum, words pixels, words low, words high)
{
    sum->low += multiply_pairs(pixels, low);
    sum->high += multiply_pairs(pixels, high);
}

/* The sum without its RESIZE_LOW lowest bits; clip4 does the rest. */
INLINE sums upper_bits(const struct halves *sum)
{
    _Static_assert(RESIZE_BITS - RESIZE_LOW == 7, "clip4 shifts by this");
    return sum->high + (sum->low >> RESIZE_LOW);
}

/* first_pair of the pixels 2 and 3. */
INLINE words second_pair(bytes pixels)
{
    static const uint8_t order[LANE] = {6, NONE, 9,  NONE, 7,    NONE, 10,   NONE,
                                        8, NONE, 11, NONE, NONE, NONE, NONE, NONE};
    return CAN_SHUFFLE ? (words)shuffle(pixels, order) : first_pair(from_byte(pixels, 6));
}

/* One output pixel of RGB, of LANES rows. */
INLINE sums colour_pixel(const unsigned char *const rows[LANES], ptrdiff_t offset, int length,
                         const int16_t *low, const int16_t *high)
{
    struct halves sum = {{0}, {0}};
    for (int i = 0; i < length; i += 4, offset += 12) {
        const unsigned char *from[LANES];
        bytes pixels;
        for (int l = 0; l < LANES; l++)
            from[l] = rows[l] + offset;
        pixels = load_lanes(from);
        multiply(&sum, first_pair(pixels), splat2(low + i), splat2(high + i));
        multiply(&sum, second_pair(pixels), splat2(low + i + 2), splat2(high + i + 2));
    }
    return upper_bits(&sum);
}

/* One output pixel of grey, of 4 * LANES rows. */
INLINE sums grey_pixel(const unsigned char *const rows[4 * LANES], ptrdiff_t offset, int length,
                       const int16_t *low, const int16_t *high)
{
    struct halves upper = {{0}, {0}}, lower = upper, sum;
    for (int i = 0; i < length; i += 4, offset += 4) {
        sums pixels; /* four of each row */
        for (int r = 0; r < 4 * LANES; r++) {
            int32_t four;
            memcpy(&four, rows[r] + offset, sizeof four);
            pixels[r] = four;
        }
        multiply(&upper, (words)interleave_low((bytes)pixels, (bytes){0}), splat4(low + i),
                 splat4(high + i));
        multiply(&lower, (words)interleave_high((bytes)pixels, (bytes){0}), splat4(low + i),
                 splat4(high + i));
    }
    sum.low = add_pairs(upper.low, lower.low);
    sum.high = add_pairs(upper.high, lower.high);
    return upper_bits(&sum);
}

/* Four output pixels' sums, as bytes that are ready for their rows. */
INLINE bytes ready(const sums sum[4], int channels)
{
    static const uint8_t three[LANE] = {0,  1,  2,  4,  5,    6,    8,    9,
                                        10, 12, 13, 14, NONE, NONE, NONE, NONE};
    bytes x = clip4(sum[0], sum[1], sum[2], sum[3]);
    if (channels == 3)
        return CAN_SHUFFLE ? shuffle(x, three) : x;
    x = interleave_low(x, from_byte(x, 8)); /* 4 x 4 bytes, transposed */
    return interleave_low(x, from_byte(x, 8));
}

/* `count` (at most 4) pixels that are ready, to their row. */
INLINE void put(unsigned char *to, const unsigned char *ready, int channels, int count)
{
    if (channels == 1 || CAN_SHUFFLE)
        memcpy(to, ready, (size_t)channels * (size_t)count);
    else
        for (int i = 0; i < count; i++)
            memcpy(to + 3 * i, ready + 4 * i, 3);
}

/* Some rows: their addresses (more of them than `rows` are the last one again), and how far apart
 * the outputs are. */
struct group {
    const unsigned char *from[4 * LANES];
    int rows;
    size_t size;
};

/* Four output pixels from x on, or `count` of them and copies of the first. */
INLINE bytes four_pixels(const struct resize_weights *weights, const struct group *group,
                         int channels, int single, int x, int count)
{
    sums sum[4];
    UNROLL
    for (int i = 0; i < 4; i++) {
        int at = i < count ? x + i : x;
        const int16_t *low = weights->weights + 2 * (ptrdiff_t)at * weights->taps;
        ptrdiff_t offset = (ptrdiff_t)weights->starts[at] * channels;
        int length = single ? 4 : weights->lengths[at];
        sum[i] = channels == 3 ? colour_pixel(group->from, offset, length, low, low + weights->taps)
                               : grey_pixel(group->from, offset, length, low, low + weights->taps);
    }
    return ready(sum, channels);
}

INLINE void group_rows(const struct resize_weights *weights, const struct group *group,
                       int channels, int single, unsigned char *to)
{
    int x = 0;
    /* What a lane has too much is overwritten by the next one. */
    if (channels == 3 && CAN_SHUFFLE && group->rows == LANES)
        for (; 3 * x + LANE <= 3 * weights->count; x += 4) {
            bytes out = four_pixels(weights, group, channels, single, x, 4);
            UNROLL
            for (int l = 0; l < LANES; l++)
                store_lane(to + (size_t)l * group->size + 3 * x, out, l);
        }
    for (; x < weights->count; x += 4) {
        const int count = weights->count - x < 4 ? weights->count - x : 4;
        const int step = channels == 3 ? LANE : 4;
        unsigned char out[VB];
        store(out, four_pixels(weights, group, channels, single, x, count));
        for (int r = 0; r < group->rows; r++)
            put(to + (size_t)r * group->size + x * channels, out + r * step, channels, count);
    }
}

INLINE void all_rows(const struct resize_weights *weights, const unsigned char *from, size_t stride,
                     int channels, int rows, int single, unsigned char *to)
{
    const int together = channels == 3 ? LANES : 4 * LANES;
    struct group group = {.size = (size_t)weights->count * (size_t)channels};
    for (int y = 0; y < rows; y += together) {
        group.rows = rows - y < together ? rows - y : together;
        for (int r = 0; r < together; r++)
            group.from[r] = from + (size_t)(y + (r < group.rows ? r : group.rows - 1)) * stride;
        group_rows(weights, &group, channels, single, to + (size_t)y * group.size);
    }
}

void ISA_NAME(resize_rows)(const struct resize_weights *weights, const unsigned char *from,
                           size_t stride, int channels, int rows, unsigned char *to)
{
    int single = weights->longest <= 4; /* one turn of the inner loop */
    if (channels == 3 && single)
        all_rows(weights, from, stride, 3, rows, 1, to);
    else if (channels == 3)
        all_rows(weights, from, stride, 3, rows, 0, to);
    else if (single)
        all_rows(weights, from, stride, 1, rows, 1, to);
    else
        all_rows(weights, from, stride, 1, rows, 0, to);
}

/* VB bytes of one output row. */
INLINE bytes column_block(const unsigned char *from, size_t stride, const int16_t *low,
                          const int16_t *high, int length)
{
    const bytes zero = {0};
    struct halves sum[4] = {{{0}, {0}}, {{0}, {0}}, {{0}, {0}}, {{0}, {0}}};
    for (int t = 0; t < length; t += 2, from += 2 * stride) {
        words l = splat2(low + t), h = splat2(high + t);
        bytes a = load(from);
        bytes b = t + 1 < length ? load(from + stride) : zero; /* there may be no such row */
        bytes left = interleave_low(a, b), right = interleave_high(a, b);
        multiply(&sum[0], (words)interleave_low(left, zero), l, h);
        multiply(&sum[1], (words)interleave_high(left, zero), l, h);
        multiply(&sum[2], (words)interleave_low(right, zero), l, h);
        multiply(&sum[3], (words)interleave_high(right, zero), l, h);
    }
    return clip4(upper_bits(&sum[0]), upper_bits(&sum[1]), upper_bits(&sum[2]),
                 upper_bits(&sum[3]));
}

void ISA_NAME(resize_columns)(const struct resize_weights *weights, const unsigned char *from,
                              size_t stride, size_t size, unsigned char *to)
{
    for (int y = 0; y < weights->count; y++, to += size) {
        const int16_t *low = weights->weights + 2 * (ptrdiff_t)y * weights->taps;
        const int16_t *high = low + weights->taps;
        const unsigned char *rows = from + (size_t)weights->starts[y] * stride;
        int length = weights->lengths[y];
        size_t i = 0;
        for (; i + VB <= size; i += VB)
            store(to + i, column_block(rows + i, stride, low, high, length));
        if (i < size) {
            bytes last = column_block(rows + i, stride, low, high, length);
            memcpy(to + i, &last, size - i);
        }
    }
}
