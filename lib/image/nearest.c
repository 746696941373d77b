/* Filters that take one input pixel for each output pixel. */
#include "image/resize_internal.h"

#include <string.h>

/* Where output pixels [first, first + count) come from. Pillow (Geometry.c: ImagingScaleAffine)
 * adds step to step, and the sum's rounding decides where it meets a whole number. */
static void places(int from, int to, int first, int count, int *at)
{
    double step = (double)from / to, x = step * 0.5;
    for (int i = 0; i < first; i++)
        x += step;
    for (int i = 0; i < count; i++, x += step)
        at[i] = (int)x;
}

static enum status place(struct resize_axis *axis, enum recipe_filter filter, int from, int to,
                         int first, int count, struct error *err)
{
    enum status status;
    if (axis->filter == filter && axis->from == from && axis->to == to && axis->first == first &&
        axis->count == count)
        return STATUS_OK;
    axis->filter = FILTER_NONE; /* until it is whole */
    status = resize_room(&axis->starts, (size_t)count * sizeof(int), err);
    if (status != STATUS_OK)
        return status;
    places(from, to, first, count, (int *)axis->starts.data);
    axis->filter = filter;
    axis->from = from;
    axis->to = to;
    axis->first = first;
    axis->count = count;
    return STATUS_OK;
}

enum status nearest(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                    int width, int height, const struct window *window, unsigned char *to,
                    struct error *err)
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
    (void)filter;
    places(from, to, first, 1, begin);
    places(from, to, first + count - 1, 1, end);
    ++*end;
}
