/* Pillow's resampling: the filters pil-... and pil13-... but for nearest. */
#include "image/filters/filters.h"
#include "image/kernels.h"

#include <string.h>

static struct resize_weights weights_of(const struct resize_axis *axis)
{
    return (struct resize_weights){
        axis->count,
        axis->taps,
        axis->longest,
        (const int *)axis->starts.data,
        (const int *)axis->lengths.data,
        (const int16_t *)axis->weights.data,
    };
}

/* `count` rows of pixels, the first of which is that of axis->begin. */
static void all_rows(const struct resize_axis *axis, const unsigned char *from, size_t stride,
                     int channels, int count, unsigned char *to)
{
    const struct resize_weights weights = weights_of(axis);
    image_kernels_best()->rows(&weights, from, stride, channels, count, to);
}

/* `size` bytes of each row, the first of which is that of axis->begin. */
static void all_columns(const struct resize_axis *axis, const unsigned char *from, size_t stride,
                        size_t size, unsigned char *to)
{
    const struct resize_weights weights = weights_of(axis);
    image_kernels_best()->columns(&weights, from, stride, size, to);
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
    enum status status = buffer_room(&resizer->middle, middle + PIXELS_SLACK, err);
    unsigned char *between = resizer->middle.data;
    if (status != STATUS_OK)
        return status;
    memset(between + middle, 0, PIXELS_SLACK);
    if (rows_first) {
        all_rows(across, first, picture_stride(from), from->channels, rows, between);
        all_columns(down, between, narrow, narrow, to);
    } else {
        all_columns(down, first, picture_stride(from), wide, between);
        all_rows(across, between, wide, from->channels, down->count, to);
    }
    return STATUS_OK;
}

enum status pillow_resize(struct resizer *resizer, const struct picture *from,
                          enum recipe_filter filter, int width, int height,
                          const struct window *window, unsigned char *to, struct error *err)
{
    struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    size_t channels = (size_t)from->channels, stride = picture_stride(from);
    int narrower = from->width - width, lower = from->height - height;
    enum status status = STATUS_OK;
    if (narrower)
        status = pillow_weigh(across, filter, from->width, width, window->x, window->width,
                              &resizer->middle, err);
    if (lower && status == STATUS_OK)
        status = pillow_weigh(down, filter, from->height, height, window->y, window->height,
                              &resizer->middle, err);
    if (status != STATUS_OK)
        return status;
    if (narrower && lower) {
        int columns_first =
            pillow_columns_may_lead(filter) && lower > 0 && lower > 2 * (int64_t)narrower;
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
