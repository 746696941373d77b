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

enum status picture_resize(struct picture *picture, int width, int height, int channels,
                           struct error *err)
{
    size_t size = (size_t)width * (size_t)height * (size_t)channels;
    enum status status;
    buffer_clear(&picture->pixels);
    status = buffer_reserve(&picture->pixels, size + PICTURE_SLACK, err);
    if (status != STATUS_OK)
        return status;
    memset(picture->pixels.data + size, 0, PICTURE_SLACK);
    picture->pixels.size = size;
    picture->width = width;
    picture->height = height;
    picture->channels = channels;
    return STATUS_OK;
}

void picture_free(struct picture *picture)
{
    buffer_free(&picture->pixels);
}
