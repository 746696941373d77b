#include "image/box.h"

#include "base/number.h"

#include <math.h>

enum status box_parse(const char *text, struct box *box, struct error *err)
{
    double numbers[4];
    size_t count = 0;
    if (number_reals(text, numbers, 4, &count, err) != STATUS_OK || count != 4)
        return error_set(err, STATUS_FAILED,
                         "the box '%.64s' is not x0,y0,x1,y1: four fractions of width and height",
                         text);
    *box = (struct box){numbers[0], numbers[1], numbers[2], numbers[3]};
    return STATUS_OK;
}

static int clip(double fraction, int side)
{
    double at = rint(fraction * side);
    return at > 0 ? at < side ? (int)at : side : 0;
}

enum status box_window(const struct box *box, int width, int height, struct window *window,
                       struct error *err)
{
    int right = clip(box->x1, width), bottom = clip(box->y1, height);
    window->x = clip(box->x0, width);
    window->y = clip(box->y0, height);
    window->width = right - window->x;
    window->height = bottom - window->y;
    if (window->width > 0 && window->height > 0)
        return STATUS_OK;
    return error_set(err, STATUS_FAILED, "the box %g,%g,%g,%g holds no pixel of the picture, %dx%d",
                     box->x0, box->y0, box->x1, box->y1, width, height);
}
