#include "image/geometry.h"

/* a / b for a >= 0, b > 0. */
static int64_t divide(int64_t a, int64_t b, enum recipe_rounding rounding)
{
    int64_t quotient = a / b, twice = 2 * (a % b);
    if (rounding == ROUND_EVEN && (twice > b || (twice == b && quotient % 2)))
        quotient++;
    return quotient;
}

static void resized(const struct recipe *recipe, int64_t width, int64_t height, int64_t *new_width,
                    int64_t *new_height)
{
    *new_width = width;
    *new_height = height;
    if (recipe->resize == RESIZE_STRETCH) {
        *new_width = recipe->width;
        *new_height = recipe->height;
    } else if (recipe->resize == RESIZE_SHORT && width <= height) {
        *new_width = recipe->width;
        *new_height = divide(recipe->width * height, width, recipe->size_rounding);
    } else if (recipe->resize == RESIZE_SHORT) {
        *new_width = divide(recipe->width * width, height, recipe->size_rounding);
        *new_height = recipe->width;
    }
}

enum status geometry_of(const struct recipe *recipe, int width, int height, int64_t max_pixels,
                        struct geometry *geometry, struct error *err)
{
    struct window *window = &geometry->window;
    int64_t w, h;
    resized(recipe, width, height, &w, &h);
    if (w > max_pixels / h)
        return error_set(err, STATUS_FAILED,
                         "the picture of %dx%d would become %lldx%lld, more than %lld pixels",
                         width, height, (long long)w, (long long)h, (long long)max_pixels);
    geometry->width = (int)w;
    geometry->height = (int)h;
    *window = (struct window){0, 0, (int)w, (int)h};
    if (!recipe->crop_width)
        return STATUS_OK;
    if (recipe->crop_width > w || recipe->crop_height > h)
        return error_set(err, STATUS_FAILED,
                         "the crop %dx%d is larger than the picture, which is %lldx%lld here",
                         recipe->crop_width, recipe->crop_height, (long long)w, (long long)h);
    window->x = (int)divide(w - recipe->crop_width, 2, recipe->crop_rounding);
    window->y = (int)divide(h - recipe->crop_height, 2, recipe->crop_rounding);
    window->width = recipe->crop_width;
    window->height = recipe->crop_height;
    return STATUS_OK;
}
