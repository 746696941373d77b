/* The weights of Pillow's filters (Resample.c: precompute_coeffs). */
#define _XOPEN_SOURCE 700 /* M_PI */
#include "image/filters/filters.h"
#include "image/kernels.h"

#include <math.h>
#include <string.h>

/* Weights at distance x, in units where shrinking by 1 or enlarging has the radius `support`. */
static double box(double x)
{
    return x > -0.5 && x <= 0.5;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

static double sinc(double x)
{
    x *= M_PI;
    return x == 0 ? 1 : sin(x) / x;
}

/* The window's constants are of single precision. */
static double hamming(double x)
{
    x = fabs(x);
    return x == 0 ? 1 : x < 1 ? sinc(x) * (0.54F + 0.46F * cos(x * M_PI)) : 0;
}

/* Keys' convolution with a = -0.5. */
static double bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static double lanczos(double x)
{
    return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/* The intermediate picture is rounded, so it matters which pass comes first: rows always, or,
 * since Pillow 13, columns where that saves work. */
static const struct {
    double (*weight)(double x);
    double support;
    int columns_may_lead;
} filters[FILTERS] = {
    [FILTER_PIL_BOX] = {box, 0.5, 0},           [FILTER_PIL_BILINEAR] = {triangle, 1, 0},
    [FILTER_PIL_HAMMING] = {hamming, 1, 0},     [FILTER_PIL_BICUBIC] = {bicubic, 2, 0},
    [FILTER_PIL_LANCZOS] = {lanczos, 3, 0},     [FILTER_PIL13_BOX] = {box, 0.5, 1},
    [FILTER_PIL13_BILINEAR] = {triangle, 1, 1}, [FILTER_PIL13_HAMMING] = {hamming, 1, 1},
    [FILTER_PIL13_BICUBIC] = {bicubic, 2, 1},   [FILTER_PIL13_LANCZOS] = {lanczos, 3, 1},
};

int pillow_columns_may_lead(enum recipe_filter filter)
{
    return filters[filter].columns_may_lead;
}

static int32_t fixed_point(double weight)
{
    return (int32_t)((weight < 0 ? -0.5 : 0.5) + weight * (1 << RESIZE_BITS));
}

/* The input pixels under an output pixel: [begin, end), cut at the edges. */
static void extent(enum recipe_filter filter, int from, int to, int output, int *begin, int *end)
{
    double scale = (double)from / to, support = filters[filter].support * (scale < 1 ? 1 : scale);
    double centre = (output + 0.5) * scale;
    *begin = (int)(centre - support + 0.5);
    *end = (int)(centre + support + 0.5);
    if (*begin < 0)
        *begin = 0;
    if (*end > from)
        *end = from;
}

/* The input pixels under output pixel i and their weights. The order of these operations decides
 * about the last bit. */
static void weigh(struct resize_axis *axis, int i, double *real)
{
    double scale = (double)axis->from / axis->to, stretch = scale < 1 ? 1 : scale;
    double centre = (axis->first + i + 0.5) * scale, sum = 0;
    int16_t *low = (int16_t *)axis->weights.data + (ptrdiff_t)i * 2 * axis->taps,
            *high = low + axis->taps;
    int begin, end;
    extent(axis->filter, axis->from, axis->to, axis->first + i, &begin, &end);
    for (int k = 0; k < end - begin; k++) {
        real[k] = filters[axis->filter].weight((k + begin - centre + 0.5) * (1 / stretch));
        sum += real[k];
    }
    memset(low, 0, 2 * (size_t)axis->taps * sizeof *low);
    for (int k = 0; k < end - begin; k++) {
        int32_t weight = fixed_point(sum != 0 ? real[k] / sum : real[k]);
        kernels_halve(weight, &low[k], &high[k]);
    }
    if (i == 0)
        axis->begin = begin;
    axis->end = end;
    if (axis->longest < end - begin)
        axis->longest = end - begin;
    ((int *)axis->starts.data)[i] = begin - axis->begin;
    ((int *)axis->lengths.data)[i] = end - begin;
}

enum status pillow_weigh(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                         int first, int count, struct buffer *scratch, struct error *err)
{
    double scale = (double)from / to, support = filters[filter].support * (scale < 1 ? 1 : scale);
    int taps = ((int)ceil(support) * 2 + RESIZE_TAPS) / RESIZE_TAPS * RESIZE_TAPS;
    const struct resize_axis wanted = {
        .filter = filter, .from = from, .to = to, .first = first, .count = count, .taps = taps};
    int filled;
    enum status status = buffer_room(scratch, (size_t)taps * sizeof(double), err);
    if (status == STATUS_OK)
        status = resize_axis_room(axis, &wanted, 2 * sizeof(int16_t), &filled, err);
    if (status != STATUS_OK || filled)
        return status;
    for (int i = 0; i < count; i++)
        weigh(axis, i, (double *)scratch->data);
    return STATUS_OK;
}

void pillow_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *end)
{
    int last;
    extent(filter, from, to, first, begin, &last);
    extent(filter, from, to, first + count - 1, &last, end);
}
