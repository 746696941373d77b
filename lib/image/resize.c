#include "image/resize.h"

#include "image/filters/filters.h"

#include <string.h>

static void copy(const struct picture *from, const struct window *window, unsigned char *to)
{
    size_t size = (size_t)window->width * (size_t)from->channels;
    for (int y = 0; y < window->height; y++)
        memcpy(to + (size_t)y * size, picture_at(from, window->x, window->y + y), size);
}

/* The families of filters. */
static const struct family {
    enum status (*resize)(struct resizer *resizer, const struct picture *from,
                          enum recipe_filter filter, int width, int height,
                          const struct window *window, unsigned char *to, struct error *err);
    void (*reach)(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *end);
} of_pillow = {pillow_resize, pillow_reach}, of_opencv = {opencv_resize, opencv_reach},
  of_tensorflow = {NULL, resize_tf_reach}, of_one_pixel = {nearest_resize, nearest_reach};

static const struct family *family_of(enum recipe_filter filter)
{
    switch (filter) {
    case FILTER_PIL_NEAREST:
    case FILTER_CV_NEAREST:
    case FILTER_TF_NEAREST:
        return &of_one_pixel;
    case FILTER_CV_LINEAR:
    case FILTER_CV_AREA:
        return &of_opencv;
    case FILTER_TF_BILINEAR:
        return &of_tensorflow;
    default:
        return &of_pillow;
    }
}

enum status resize(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                   int width, int height, const struct window *window, unsigned char *to,
                   struct error *err)
{
    const struct family *family = family_of(filter);
    if (from->width == width && from->height == height) {
        copy(from, window, to);
        return STATUS_OK;
    }
    if (!family->resize)
        return error_set(err, STATUS_USAGE, "the filter gives fractions, not pixels");
    return family->resize(resizer, from, filter, width, height, window, to, err);
}

void resize_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *length)
{
    const struct family *family = family_of(filter);
    int end = first + count;
    *begin = first;
    if (from != to || family == &of_opencv)
        family->reach(filter, from, to, first, count, begin, &end);
    *length = end - *begin;
}

enum status resize_axis_room(struct resize_axis *axis, const struct resize_axis *wanted,
                             size_t weight, int *filled, struct error *err)
{
    size_t count = (size_t)wanted->count, taps = (size_t)wanted->taps;
    enum status status;
    *filled = axis->filter == wanted->filter && axis->from == wanted->from &&
              axis->to == wanted->to && axis->first == wanted->first &&
              axis->count == wanted->count && axis->taps == wanted->taps;
    if (*filled)
        return STATUS_OK;
    axis->filter = FILTER_NONE; /* until it is whole */
    status = buffer_room(&axis->weights, count * taps * weight, err);
    if (status == STATUS_OK)
        status = buffer_room(&axis->starts, count * sizeof(int), err);
    if (status == STATUS_OK)
        status = buffer_room(&axis->lengths, count * sizeof(int), err);
    if (status == STATUS_OK)
        *axis = (struct resize_axis){wanted->filter,
                                     wanted->from,
                                     wanted->to,
                                     wanted->first,
                                     wanted->count,
                                     wanted->taps,
                                     0,
                                     0,
                                     0,
                                     axis->starts,
                                     axis->lengths,
                                     axis->weights};
    return status;
}

static void axis_free(struct resize_axis *axis)
{
    buffer_free(&axis->starts);
    buffer_free(&axis->lengths);
    buffer_free(&axis->weights);
}

void resizer_free(struct resizer *resizer)
{
    axis_free(&resizer->horizontal);
    axis_free(&resizer->vertical);
    buffer_free(&resizer->middle);
}
