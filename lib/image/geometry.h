/* image/geometry: which pixels of a picture become which of a tensor, by a recipe. Only numbers: no
 * pixel is touched here.
 */
#ifndef IMAGE_GEOMETRY_H
#define IMAGE_GEOMETRY_H

#include "image/picture.h"
#include "image/recipe.h"

struct geometry {
    int width, height;    /* of the whole picture after the resize */
    struct window window; /* what the crop keeps of that */
    /* The tensor's size, and where in it the window lies: pixel (x, y) of the window becomes pixel
     * (left + x, top + y); all others have the recipe's colour `pad`. Without padding the window
     * is all of it: its size, 0 and 0. */
    int canvas_width, canvas_height;
    int left, top;
};

/* Of a picture of width x height. STATUS_FAILED: the crop is larger than the picture, or the
 * picture becomes larger than max_pixels. */
enum status geometry_of(const struct recipe *recipe, int width, int height, int64_t max_pixels,
                        struct geometry *geometry, struct error *err);
/* What the crop keeps of a picture that is width x height after the resize. STATUS_FAILED. */
enum status geometry_crop(const struct recipe *recipe, int width, int height, struct window *window,
                          struct error *err);

#endif
