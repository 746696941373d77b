/* Pillow's resampling: the filters pil-... and pil13-... but for nearest. */
#include "image/resize_internal.h"

#include <math.h>
#include <string.h>

static double triangle(double x)
{
    x = fabs(x);
    return x < 1 ? 1 - x : 0;
}

/* Weight at distance x, in units where shrinking by 1 or enlarging has the radius `support`. The
 * intermediate picture is rounded, so it matters which pass comes first: rows always, or, since
 * Pillow 13, columns where that saves work. */
static const struct {
    double (*weight)(double x);
    double support;
    int columns_may_lead;
} filters[FILTERS] = {
    [FILTER_PIL_BILINEAR] = {triangle, 1, 0},
    [FILTER_PIL13_BILINEAR] = {triangle, 1, 1},
};

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
        low[k] = (int16_t)(weight & ((1 << RESIZE_LOW) - 1));
        high[k] = (int16_t)(weight >> RESIZE_LOW);
    }
    if (i == 0)
        axis->begin = begin;
    axis->end = end;
    ((int *)axis->starts.data)[i] = begin - axis->begin;
    ((int *)axis->lengths.data)[i] = end - begin;
}

static enum status room(struct buffer *buffer, size_t size, struct error *err)
{
    buffer_clear(buffer);
    return buffer_reserve(buffer, size, err);
}

/* Computes the weights, unless they are those of the picture before. */
static enum status prepare(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                           int first, int count, struct buffer *scratch, struct error *err)
{
    double scale = (double)from / to, support = filters[filter].support * (scale < 1 ? 1 : scale);
    size_t taps = ((size_t)ceil(support) * 2 + 2) / 2 * 2; /* Pillow's, made even */
    enum status status;
    if (axis->filter == filter && axis->from == from && axis->to == to && axis->first == first &&
        axis->count == count)
        return STATUS_OK;
    axis->filter = FILTER_NONE; /* until it is whole */
    status = room(&axis->weights, 2 * taps * (size_t)count * sizeof(int16_t), err);
    if (status == STATUS_OK)
        status = room(&axis->starts, (size_t)count * sizeof(int), err);
    if (status == STATUS_OK)
        status = room(&axis->lengths, (size_t)count * sizeof(int), err);
    if (status == STATUS_OK)
        status = room(scratch, taps * sizeof(double), err);
    if (status != STATUS_OK)
        return status;
    *axis = (struct resize_axis){filter, from, to,           first,         count,        (int)taps,
                                 0,      0,    axis->starts, axis->lengths, axis->weights};
    for (int i = 0; i < count; i++)
        weigh(axis, i, (double *)scratch->data);
    return STATUS_OK;
}

/* `count` rows of pixels, the first of which is that of axis->begin. */
static void all_rows(const struct resize_axis *axis, const unsigned char *from, size_t stride,
                     int channels, int count, unsigned char *to)
{
    const struct resize_kernels *kernels = resize_kernels();
    const int *starts = (const int *)axis->starts.data, *lengths = (const int *)axis->lengths.data;
    const int16_t *weights = (const int16_t *)axis->weights.data;
    size_t size = (size_t)axis->count * (size_t)channels;
    if (channels == 1)
        for (int y = 0; y < count; y++)
            resize_row_grey(from + (size_t)y * stride, starts, lengths, weights, axis->taps,
                            axis->count, to + (size_t)y * size);
    else
        for (int y = 0; y < count; y += 2) {
            size_t a = (size_t)y, b = y + 1 < count ? a + 1 : a;
            const unsigned char *const inputs[2] = {from + a * stride, from + b * stride};
            unsigned char *const outputs[2] = {to + a * size, to + b * size};
            kernels->rows(inputs, starts, lengths, weights, axis->taps, axis->count, outputs);
        }
}

/* `size` bytes of each row, the first of which is that of axis->begin. */
static void all_columns(const struct resize_axis *axis, const unsigned char *from, size_t stride,
                        size_t size, unsigned char *to)
{
    const struct resize_kernels *kernels = resize_kernels();
    const int *starts = (const int *)axis->starts.data, *lengths = (const int *)axis->lengths.data;
    const int16_t *weights = (const int16_t *)axis->weights.data;
    for (int y = 0; y < axis->count; y++)
        kernels->column(from + (size_t)starts[y] * stride, stride,
                        weights + 2 * (ptrdiff_t)y * axis->taps, axis->taps, lengths[y], size,
                        to + (size_t)y * size);
}

static enum status both_passes(struct resizer *resizer, const struct picture *from, int rows_first,
                               unsigned char *to, struct error *err)
{
    const struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    size_t channels = (size_t)from->channels;
    size_t narrow = (size_t)across->count * channels;
    size_t wide = (size_t)(across->end - across->begin) * channels;
    int rows = down->end - down->begin;
    size_t middle = rows_first ? (size_t)rows * narrow : (size_t)down->count * wide;
    const unsigned char *first = picture_at(from, across->begin, down->begin);
    enum status status = room(&resizer->middle, middle + RESIZE_SLACK, err);
    unsigned char *between = resizer->middle.data;
    if (status != STATUS_OK)
        return status;
    memset(between + middle, 0, RESIZE_SLACK);
    if (rows_first) {
        all_rows(across, first, picture_stride(from), from->channels, rows, between);
        all_columns(down, between, narrow, narrow, to);
    } else {
        all_columns(down, first, picture_stride(from), wide, between);
        all_rows(across, between, wide, from->channels, down->count, to);
    }
    return STATUS_OK;
}

enum status resample(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                     int width, int height, const struct window *window, unsigned char *to,
                     struct error *err)
{
    struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    size_t channels = (size_t)from->channels, stride = picture_stride(from);
    int narrower = from->width - width, lower = from->height - height;
    enum status status = STATUS_OK;
    if (narrower)
        status = prepare(across, filter, from->width, width, window->x, window->width,
                         &resizer->middle, err);
    if (lower && status == STATUS_OK)
        status = prepare(down, filter, from->height, height, window->y, window->height,
                         &resizer->middle, err);
    if (status != STATUS_OK)
        return status;
    if (narrower && lower) {
        int columns_first =
            filters[filter].columns_may_lead && lower > 0 && lower > 2 * (int64_t)narrower;
        return both_passes(resizer, from, !columns_first, to, err);
    }
    if (narrower)
        all_rows(across, picture_at(from, across->begin, window->y), stride, from->channels,
                 window->height, to);
    else
        all_columns(down, picture_at(from, window->x, down->begin), stride,
                    (size_t)window->width * channels, to);
    return STATUS_OK;
}

void resample_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                    int *end)
{
    int last;
    extent(filter, from, to, first, begin, &last);
    extent(filter, from, to, first + count - 1, &last, end);
}

static void axis_free(struct resize_axis *axis)
{
    buffer_free(&axis->starts);
    buffer_free(&axis->lengths);
    buffer_free(&axis->weights);
}

void resample_free(struct resizer *resizer)
{
    axis_free(&resizer->horizontal);
    axis_free(&resizer->vertical);
    buffer_free(&resizer->middle);
}
