/* image/picture: a decoded picture in memory. */
#ifndef IMAGE_PICTURE_H
#define IMAGE_PICTURE_H

#include "base/memory.h"

#include <stdint.h>

/* Some of a picture's columns and rows. */
struct window {
    int x, y, width, height;
};

/* Pixels u8, rows top to bottom, without gaps. Often only some of them are needed, and then only
 * those are decoded: `part`. Zero-initialise; the memory is reused. */
struct picture {
    int width, height;    /* of the whole */
    struct window part;   /* what of it is in memory */
    int channels;         /* 1 grey, 3 RGB */
    struct buffer pixels; /* [part.height][part.width][channels] */
};

/* STATUS_FAILED when there are no pixels or more than max_pixels; to be called before anything is
 * allocated for them. */
enum status picture_check_size(int64_t width, int64_t height, int64_t max_pixels,
                               struct error *err);
/* Gives the picture that size and room for the pixels of a part (NULL: of all), and a few bytes
 * more that vector loads may touch. */
enum status picture_resize(struct picture *picture, int width, int height,
                           const struct window *part, int channels, struct error *err);
/* Makes the window, which may reach beyond what is in memory, the whole picture. Copies nothing. */
void picture_cut(struct picture *picture, const struct window *window);
/* The first channel of the pixel, which is in memory; rows are picture_stride bytes apart. */
const unsigned char *picture_at(const struct picture *picture, int x, int y);
size_t picture_stride(const struct picture *picture);
void picture_free(struct picture *picture);

#endif
