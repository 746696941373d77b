/* OpenCV's linear and area filters for 8 bits: the portable path of its resize, to the bit.
 *
 * Linear: two pixels along each axis, however much the picture shrinks, in fixed point with 11 bits
 * per axis. A row is interpolated to 19 bits and loses 4 of them; two rows are weighed by the upper
 * halves of 16-bit products, each cut; 2 bits are rounded at the end. So an output is within one
 * level of the exact one, and not always the nearest. A picture halved in both directions becomes
 * area instead.
 *
 * Area: the mean of the pixels under an output pixel, those at the border by their share. Only
 * where nothing is enlarged; else it is linear, with each output pixel being one input pixel but
 * where it lies across the edge between two.
 */
#include "image/filters/interpolate.h"

#include "base/isa.h"
#include "image/kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* OpenCV's: the inverse of an inverse, which is not always from / to. */
static double scale_of(int from, int to)
{
    return 1.0 / ((double)to / from);
}

/* --- Linear ---------------------------------------------------------------------------------- */

static int place(enum recipe_filter filter, int from, int to, int output, float *share)
{
    double scale = scale_of(from, to);
    int first;
    if (filter == FILTER_CV_AREA) {
        first = (int)floor(output * scale);
        *share = (float)((output + 1) - (first + 1) * ((double)to / from));
        *share = *share <= 0 ? 0 : *share - floorf(*share);
    } else {
        *share = (float)((output + 0.5) * scale - 0.5);
        first = (int)floorf(*share);
        *share -= (float)first;
    }
    return first;
}

static void weigh(float share, void *weights)
{
    int16_t *all = weights;
    for (int i = 0; i < LINEAR_WEIGHTS; i += 2) {
        all[i] = (int16_t)lrintf((1.0F - share) * (1 << LINEAR_BITS));
        all[i + 1] = (int16_t)lrintf(share * (1 << LINEAR_BITS));
    }
}

static void row(const struct resize_axis *across, const unsigned char *from, int channels, void *to)
{
    image_kernels_best()->linear_row((const int *)across->starts.data,
                                     (const int16_t *)across->weights.data, across->count, from,
                                     channels, to);
}

static void mix(const void *above, const void *below, const void *weights, size_t count, void *to)
{
    image_kernels_best()->linear_mix(above, below, weights, count, to);
}

static const struct interpolation linear = {
    place, weigh, LINEAR_WEIGHTS * sizeof(int16_t), row, sizeof(int16_t), mix, 1};

/* --- Area ------------------------------------------------------------------------------------ */

/* Pixels of which an output pixel covers no more than this are left out. */
#define SLIVER 1e-3

/* The input pixels under an output pixel, [begin, end), and their shares unless `shares` is NULL.
 */
static void cover(int from, int to, int output, int *begin, int *end, float *shares)
{
    double scale = scale_of(from, to), left = output * scale, right = left + scale;
    double size = scale < from - left ? scale : from - left;
    int first = (int)ceil(left), last = (int)floor(right); /* whole ones: [first, last) */
    last = last < from - 1 ? last : from - 1;
    first = first < last ? first : last;
    *begin = first - left > SLIVER ? first - 1 : first;
    *end = right - last > SLIVER ? last + 1 : last;
    for (int i = *begin; shares && i < *end; i++) {
        double share = i < first ? first - left : i < last ? 1 : right - last;
        share = share < 1 ? share : 1;
        shares[i - *begin] = (float)((share < size ? share : size) / size);
    }
}

static enum status prepare_area(struct resize_axis *axis, int from, int to, int first, int count,
                                struct error *err)
{
    int taps = (int)ceil(scale_of(from, to)) + 2, filled;
    const struct resize_axis wanted = {.filter = FILTER_CV_AREA,
                                       .from = from,
                                       .to = to,
                                       .first = first,
                                       .count = count,
                                       .taps = taps};
    enum status status = resize_axis_room(axis, &wanted, sizeof(float), &filled, err);
    if (status != STATUS_OK || filled)
        return status;
    for (int i = 0; i < count; i++) {
        int begin, end;
        cover(from, to, first + i, &begin, &end, (float *)axis->weights.data + (ptrdiff_t)i * taps);
        ((int *)axis->starts.data)[i] = begin;
        ((int *)axis->lengths.data)[i] = end - begin;
    }
    return STATUS_OK;
}

/* What a row gives. Called with constant channels, whose loops the compiler then writes out. */
INLINE void weigh_pixels(const struct resize_axis *axis, const unsigned char *from, int channels,
                         float *to)
{
    const int *starts = (const int *)axis->starts.data, *lengths = (const int *)axis->lengths.data;
    const float *shares = (const float *)axis->weights.data;
    for (int x = 0; x < axis->count; x++, shares += axis->taps, to += channels) {
        const unsigned char *pixel = from + (ptrdiff_t)(starts[x] - starts[0]) * channels;
        float sum[3] = {0, 0, 0};
        for (int i = 0; i < lengths[x]; i++, pixel += channels)
            UNROLL
        for (int c = 0; c < channels; c++)
            sum[c] += (float)pixel[c] * shares[i];
        UNROLL
        for (int c = 0; c < channels; c++)
            to[c] = sum[c];
    }
}

static void weigh_row(const struct resize_axis *axis, const struct picture *from, int y, float *to)
{
    const unsigned char *first = picture_at(from, ((const int *)axis->starts.data)[0], y);
    if (from->channels == 1)
        weigh_pixels(axis, first, 1, to);
    else
        weigh_pixels(axis, first, 3, to);
}

/* The first row begins the sums. */
static void add_row(const float *restrict row, float share, int begin, size_t size,
                    float *restrict sums)
{
    if (begin)
        for (size_t i = 0; i < size; i++)
            sums[i] = share * row[i];
    else
        for (size_t i = 0; i < size; i++)
            sums[i] += share * row[i];
}

static void round_row(const float *sums, size_t size, unsigned char *to)
{
    for (size_t i = 0; i < size; i++) {
        long level = lrintf(sums[i]);
        to[i] = (unsigned char)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
}

static enum status area(struct resizer *resizer, const struct picture *from, int width, int height,
                        const struct window *window, unsigned char *to, struct error *err)
{
    struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    size_t size = (size_t)window->width * (size_t)from->channels;
    float *sums, *row;
    int kept = -1;
    enum status status = prepare_area(across, from->width, width, window->x, window->width, err);
    if (status == STATUS_OK)
        status = prepare_area(down, from->height, height, window->y, window->height, err);
    if (status == STATUS_OK)
        status = buffer_room(&resizer->middle, 2 * size * sizeof(float), err);
    if (status != STATUS_OK)
        return status;
    sums = (float *)resizer->middle.data;
    row = sums + size;
    for (int y = 0; y < window->height; y++) {
        const float *shares = (const float *)down->weights.data + (ptrdiff_t)y * down->taps;
        for (int i = 0; i < ((const int *)down->lengths.data)[y]; i++) {
            int at = ((const int *)down->starts.data)[y] + i;
            if (at != kept) /* the last row of an output row is often the first of the next */
                weigh_row(across, from, kept = at, row);
            add_row(row, shares[i], i == 0, size, sums);
        }
        round_row(sums, size, to + (size_t)y * size);
    }
    return STATUS_OK;
}

/* --- Area where each output pixel is a whole number of pixels ----------------------------------
 */

/* That number along one axis, or 0. */
static int whole(int from, int to)
{
    double scale = scale_of(from, to);
    int factor = (int)lrint(scale);
    return fabs(scale - factor) < DBL_EPSILON ? factor : 0;
}

/* to[x] = the sum of across x down pixels; rows are `stride` bytes apart. */
static void blocks(const unsigned char *from, size_t stride, int channels, int across, int down,
                   int count, uint32_t *to)
{
    memset(to, 0, (size_t)count * (size_t)channels * sizeof *to);
    for (int y = 0; y < down; y++, from += stride) {
        const unsigned char *pixel = from;
        for (int x = 0; x < count; x++)
            for (int i = 0; i < across; i++, pixel += channels)
                for (int c = 0; c < channels; c++)
                    to[x * channels + c] += pixel[c];
    }
}

/* The mean of four is rounded up at halves, other means to even. */
static void means(const uint32_t *sums, int across, int down, size_t size, unsigned char *to)
{
    float inverse = 1.0F / (float)(across * down);
    if (across == 2 && down == 2)
        for (size_t i = 0; i < size; i++)
            to[i] = (unsigned char)((sums[i] + 2) >> 2);
    else
        for (size_t i = 0; i < size; i++)
            to[i] = (unsigned char)lrintf((float)sums[i] * inverse);
}

static enum status whole_area(struct resizer *resizer, const struct picture *from, int across,
                              int down, const struct window *window, unsigned char *to,
                              struct error *err)
{
    size_t size = (size_t)window->width * (size_t)from->channels;
    enum status status;
    status = buffer_room(&resizer->middle, size * sizeof(uint32_t), err);
    if (status != STATUS_OK)
        return status;
    for (int y = 0; y < window->height; y++) {
        uint32_t *sums = (uint32_t *)resizer->middle.data;
        blocks(picture_at(from, window->x * across, (window->y + y) * down), picture_stride(from),
               from->channels, across, down, window->width, sums);
        means(sums, across, down, size, to + (size_t)y * size);
    }
    return STATUS_OK;
}

/* --- Which ----------------------------------------------------------------------------------- */

/* Sums of larger blocks need more than 31 bits; OpenCV's overflow there. */
enum { MAX_BLOCK = INT32_MAX / 255 };

enum status opencv_resize(struct resizer *resizer, const struct picture *from,
                          enum recipe_filter filter, int width, int height,
                          const struct window *window, unsigned char *to, struct error *err)
{
    int across = whole(from->width, width), down = whole(from->height, height);
    int halved = across == 2 && down == 2;
    if (!halved && (filter == FILTER_CV_LINEAR || width > from->width || height > from->height))
        return interpolate(&linear, resizer, from, filter, width, height, window, to, err);
    if (across && down && across <= MAX_BLOCK / down)
        return whole_area(resizer, from, across, down, window, to, err);
    return area(resizer, from, width, height, window, to, err);
}

/* Whichever of the ways it will be. */
void opencv_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *end)
{
    interpolate_reach(&linear, filter, from, to, first, count, begin, end);
    if (filter == FILTER_CV_AREA && to <= from) {
        int last, unused;
        cover(from, to, first, begin, &unused, NULL);
        cover(from, to, first + count - 1, &unused, &last, NULL);
        *end = *end > last ? *end : last;
    }
}
