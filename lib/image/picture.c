/* The memory of a decoded picture, and how large one may be. */
#include "image/picture.h"

#include <string.h>

/* Bytes after the last pixel, so that vector loads stay inside the buffer. */
enum { PICTURE_SLACK = 64 };

enum status picture_check_size(int64_t width, int64_t height, int64_t max_pixels, struct error *err)
{
    if (width < 1 || height < 1)
        return error_set(err, STATUS_FAILED, "the picture is %lldx%lld: it has no pixels",
                         (long long)width, (long long)height);
    if (width > INT32_MAX || height > INT32_MAX || width > max_pixels / height)
        return error_set(err, STATUS_FAILED, "the picture is %lldx%lld, more than %lld pixels",
                         (long long)width, (long long)height, (long long)max_pixels);
    return STATUS_OK;
}

enum status picture_resize(struct picture *picture, int width, int height,
                           const struct window *part, int channels, struct error *err)
{
    struct window whole = {0, 0, width, height};
    size_t size;
    enum status status;
    if (!part)
        part = &whole;
    size = (size_t)part->width * (size_t)part->height * (size_t)channels;
    status = buffer_room(&picture->pixels, size + PICTURE_SLACK, err);
    if (status != STATUS_OK)
        return status;
    memset(picture->pixels.data + size, 0, PICTURE_SLACK);
    picture->pixels.size = size;
    picture->width = width;
    picture->height = height;
    picture->part = *part;
    picture->channels = channels;
    return STATUS_OK;
}

void picture_cut(struct picture *picture, const struct window *window)
{
    picture->width = window->width;
    picture->height = window->height;
    picture->part.x -= window->x;
    picture->part.y -= window->y;
}

size_t picture_stride(const struct picture *picture)
{
    return (size_t)picture->part.width * (size_t)picture->channels;
}

const unsigned char *picture_at(const struct picture *picture, int x, int y)
{
    size_t row = (size_t)(y - picture->part.y), column = (size_t)(x - picture->part.x);
    return picture->pixels.data + row * picture_stride(picture) +
           column * (size_t)picture->channels;
}

void picture_free(struct picture *picture)
{
    buffer_free(&picture->pixels);
}
