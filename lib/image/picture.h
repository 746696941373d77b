/* image/picture: a decoded picture in memory. */
#ifndef IMAGE_PICTURE_H
#define IMAGE_PICTURE_H

#include "base/memory.h"

#include <stdint.h>

/* Pixels u8, rows top to bottom, [height][width][channels], without gaps. Zero-initialise; the
 * memory is reused. */
struct picture {
    int width, height;
    int channels; /* 1 grey, 3 RGB */
    struct buffer pixels;
};

/* STATUS_FAILED when there are no pixels or more than max_pixels; to be called before anything is
 * allocated for them. */
enum status picture_check_size(int64_t width, int64_t height, int64_t max_pixels,
                               struct error *err);
/* Gives the picture that size and room for its pixels, and a few bytes more that vector loads may
 * touch. */
enum status picture_resize(struct picture *picture, int width, int height, int channels,
                           struct error *err);
void picture_free(struct picture *picture);

#endif
