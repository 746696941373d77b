#include "image/geometry.h"

#include <math.h>

/* The side that becomes size * side / other, for the other becomes size. Cut, that is what
 * torchvision's Resize does. Rounded, the two libraries that do so divide first, in doubles, so
 * that a half is not always met exactly: Pillow's ImageOps.contain divides the sides, the ONNX
 * zoo's image_resize the size by the other side. At least 1. */
static int64_t in_proportion(const struct recipe *recipe, int size, int64_t side, int64_t other)
{
    double rounded;
    int64_t cut = size * side / other;
    if (recipe->size_rounding == ROUND_TRUNCATE)
        return cut ? cut : 1;
    if (recipe->resize == RESIZE_FIT)
        rounded = (double)side / (double)other * size;
    else
        rounded = (double)size / (double)other * (double)side;
    rounded = rint(rounded);
    return rounded >= 1 ? (int64_t)rounded : 1;
}

/* RESIZE_FIT: Pillow's ImageOps.contain. It compares the proportions in doubles, where sides up to
 * 65535 that differ in them never look alike. */
static void fitted(const struct recipe *recipe, int64_t width, int64_t height, int64_t *new_width,
                   int64_t *new_height)
{
    int64_t wide = width * recipe->height, high = height * recipe->width;
    *new_width = recipe->width;
    *new_height = recipe->height;
    if (wide > high)
        *new_height = in_proportion(recipe, recipe->width, height, width);
    else if (wide < high)
        *new_width = in_proportion(recipe, recipe->height, width, height);
}

static void resized(const struct recipe *recipe, int64_t width, int64_t height, int64_t *new_width,
                    int64_t *new_height)
{
    *new_width = width;
    *new_height = height;
    switch (recipe->resize) {
    case RESIZE_NONE:
        break;
    case RESIZE_STRETCH:
        *new_width = recipe->width;
        *new_height = recipe->height;
        break;
    case RESIZE_SHORT:
        *new_width = *new_height = recipe->width;
        if (width < height)
            *new_height = in_proportion(recipe, recipe->width, height, width);
        else if (width > height)
            *new_width = in_proportion(recipe, recipe->width, width, height);
        break;
    case RESIZE_FIT:
        fitted(recipe, width, height, new_width, new_height);
        break;
    }
}

/* Where the middle `part` of a side begins. */
static int middle(int whole, int part, enum recipe_rounding rounding)
{
    int rest = whole - part, half = rest / 2;
    if (rounding == ROUND_HALVES)
        return whole / 2 - part / 2;
    return rounding == ROUND_EVEN && rest % 2 && half % 2 ? half + 1 : half;
}

/* The canvas, and the window on it: its middle, as Pillow's ImageOps.pad. */
static void place(const struct recipe *recipe, struct geometry *geometry)
{
    const struct window *window = &geometry->window;
    geometry->canvas_width = recipe->padded ? recipe->width : window->width;
    geometry->canvas_height = recipe->padded ? recipe->height : window->height;
    geometry->left = middle(geometry->canvas_width, window->width, ROUND_EVEN);
    geometry->top = middle(geometry->canvas_height, window->height, ROUND_EVEN);
}

enum status geometry_crop(const struct recipe *recipe, int width, int height, struct window *window,
                          struct error *err)
{
    *window = (struct window){0, 0, width, height};
    if (!recipe->crop_width)
        return STATUS_OK;
    if (recipe->crop_width > width || recipe->crop_height > height)
        return error_set(err, STATUS_FAILED,
                         "the crop %dx%d is larger than the picture, which is %dx%d here",
                         recipe->crop_width, recipe->crop_height, width, height);
    window->x = middle(width, recipe->crop_width, recipe->crop_rounding);
    window->y = middle(height, recipe->crop_height, recipe->crop_rounding);
    window->width = recipe->crop_width;
    window->height = recipe->crop_height;
    return STATUS_OK;
}

enum status geometry_of(const struct recipe *recipe, int width, int height, int64_t max_pixels,
                        struct geometry *geometry, struct error *err)
{
    int64_t w, h;
    resized(recipe, width, height, &w, &h);
    if (w > max_pixels / h)
        return error_set(err, STATUS_FAILED,
                         "the picture of %dx%d would become %lldx%lld, more than %lld pixels",
                         width, height, (long long)w, (long long)h, (long long)max_pixels);
    geometry->width = (int)w;
    geometry->height = (int)h;
    TRY(geometry_crop(recipe, geometry->width, geometry->height, &geometry->window, err));
    place(recipe, geometry);
    return STATUS_OK;
}
