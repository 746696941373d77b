/* image/box: a part of a picture, as fractions of its width and height. */
#ifndef IMAGE_BOX_H
#define IMAGE_BOX_H

#include "image/picture.h"

struct box {
    double x0, y0, x1, y1; /* from the left and from the top; 1 is the whole width or height */
};

/* "x0,y0,x1,y1". STATUS_FAILED names the text. */
enum status box_parse(const char *text, struct box *box, struct error *err);
/* The pixels of a width x height picture in the box: from x0 * width to x1 * width, each rounded to
 * the nearest whole number, halves to the even one, and clipped to the picture; likewise the rows.
 * STATUS_FAILED: there are none. */
enum status box_window(const struct box *box, int width, int height, struct window *window,
                       struct error *err);

#endif
