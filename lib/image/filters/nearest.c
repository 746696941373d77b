/* Filters that take one input pixel for each output pixel. */
#include "image/filters/filters.h"

#include <string.h>

/* Pillow (Geometry.c: ImagingScaleAffine) adds step to step, and the sum's rounding decides where
 * it meets a whole number. */
static void step_by_step(int from, int to, int first, int count, int *at)
{
    double step = (double)from / to, x = step * 0.5;
    for (int i = 0; i < first; i++)
        x += step;
    for (int i = 0; i < count; i++) {
        at[i] = (int)x;
        x += step;
    }
}

/* OpenCV takes the pixel under the corner, not the middle; its step is the inverse of an inverse.
 */
static void corners(int from, int to, int first, int count, int *at)
{
    double step = 1.0 / ((double)to / from);
    for (int i = 0; i < count; i++) {
        at[i] = (int)((first + i) * step);
        at[i] = at[i] < from ? at[i] : from - 1;
    }
}

/* TensorFlow, with half-pixel centres: all of it in f32. */
static void centres(int from, int to, int first, int count, int *at)
{
    float step = (float)from / (float)to;
    for (int i = 0; i < count; i++) {
        at[i] = (int)(((float)(first + i) + 0.5F) * step);
        at[i] = at[i] < from ? at[i] : from - 1;
    }
}

/* Where output pixels [first, first + count) come from. */
static void places(enum recipe_filter filter, int from, int to, int first, int count, int *at)
{
    if (filter == FILTER_CV_NEAREST)
        corners(from, to, first, count, at);
    else if (filter == FILTER_TF_NEAREST)
        centres(from, to, first, count, at);
    else
        step_by_step(from, to, first, count, at);
}

static enum status place(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                         int first, int count, struct error *err)
{
    const struct resize_axis wanted = {
        .filter = filter, .from = from, .to = to, .first = first, .count = count};
    int filled;
    enum status status = resize_axis_room(axis, &wanted, 0, &filled, err);
    if (status == STATUS_OK && !filled)
        places(filter, from, to, first, count, (int *)axis->starts.data);
    return status;
}

enum status nearest_resize(struct resizer *resizer, const struct picture *from,
                           enum recipe_filter filter, int width, int height,
                           const struct window *window, unsigned char *to, struct error *err)
{
    struct resize_axis *across = &resizer->horizontal, *down = &resizer->vertical;
    const size_t channels = (size_t)from->channels;
    const int *columns, *rows;
    enum status status = place(across, filter, from->width, width, window->x, window->width, err);
    if (status == STATUS_OK)
        status = place(down, filter, from->height, height, window->y, window->height, err);
    if (status != STATUS_OK)
        return status;
    columns = (const int *)across->starts.data;
    rows = (const int *)down->starts.data;
    for (int y = 0; y < window->height; y++) {
        const unsigned char *row = picture_at(from, columns[0], rows[y]);
        for (int x = 0; x < window->width; x++, to += channels) {
            const unsigned char *pixel = row + (size_t)(columns[x] - columns[0]) * channels;
            if (channels == 1)
                *to = *pixel;
            else
                memcpy(to, pixel, 3);
        }
    }
    return STATUS_OK;
}

void nearest_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                   int *end)
{
    places(filter, from, to, first, 1, begin);
    places(filter, from, to, first + count - 1, 1, end);
    ++*end;
}
