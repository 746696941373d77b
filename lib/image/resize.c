#include "image/resize.h"

#include "image/resize_internal.h"

#include <string.h>

enum status resize_room(struct buffer *buffer, size_t size, struct error *err)
{
    buffer_clear(buffer);
    return buffer_reserve(buffer, size, err);
}

static void copy(const struct picture *from, const struct window *window, unsigned char *to)
{
    size_t size = (size_t)window->width * (size_t)from->channels;
    for (int y = 0; y < window->height; y++)
        memcpy(to + (size_t)y * size, picture_at(from, window->x, window->y + y), size);
}

enum status resize(struct resizer *resizer, const struct picture *from, enum recipe_filter filter,
                   int width, int height, const struct window *window, unsigned char *to,
                   struct error *err)
{
    if (from->width == width && from->height == height) {
        copy(from, window, to);
        return STATUS_OK;
    }
    if (filter == FILTER_PIL_NEAREST)
        return nearest(resizer, from, filter, width, height, window, to, err);
    return resample(resizer, from, filter, width, height, window, to, err);
}

void resize_reach(enum recipe_filter filter, int from, int to, int first, int count, int *begin,
                  int *length)
{
    int end = first + count;
    *begin = first;
    if (from != to && filter == FILTER_PIL_NEAREST)
        nearest_reach(filter, from, to, first, count, begin, &end);
    else if (from != to)
        resample_reach(filter, from, to, first, count, begin, &end);
    *length = end - *begin;
}

void resizer_free(struct resizer *resizer)
{
    resample_free(resizer);
}
