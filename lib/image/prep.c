#include "image/prep.h"

#include "image/pixels.h"
#include "image/resize.h"

#include <stdlib.h>

struct prep {
    struct recipe recipe;
    int64_t max_pixels;
    struct decoder *decoder;
    struct picture decoded;
    struct resizer resizer;
    int width, height;     /* after the resize, before the crop */
    struct window window;  /* the crop */
    struct buffer cropped; /* u8 [window.height][window.width][decoded.channels], where it is not
                              yet the result */
    float values[RECIPE_CHANNELS][256];
};

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

enum status prep_geometry(const struct recipe *recipe, int width, int height, int64_t max_pixels,
                          int *new_width, int *new_height, struct window *window, struct error *err)
{
    int64_t w, h;
    resized(recipe, width, height, &w, &h);
    if (w > max_pixels / h)
        return error_set(err, STATUS_FAILED,
                         "the picture of %dx%d would become %lldx%lld, more than %lld pixels",
                         width, height, (long long)w, (long long)h, (long long)max_pixels);
    *new_width = (int)w;
    *new_height = (int)h;
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

enum status prep_new(const struct recipe *recipe, const struct decode_options *options,
                     struct prep **result, struct error *err)
{
    struct decode_options decoding = *options;
    struct prep *prep;
    enum status status = recipe_check(recipe, err);
    *result = NULL;
    if (status != STATUS_OK)
        return status;
    if (recipe->resize == RESIZE_STRETCH && recipe->width > options->max_pixels / recipe->height)
        return error_set(err, STATUS_USAGE, "the size %dx%d is more than %lld pixels",
                         recipe->width, recipe->height, (long long)options->max_pixels);
    prep = memory_array(1, sizeof *prep);
    if (!prep)
        return error_memory(err);
    prep->recipe = *recipe;
    prep->max_pixels = options->max_pixels;
    recipe_values(recipe, prep->values);
    decoding.dct = recipe->dct;
    decoding.upsampling = recipe->upsampling;
    status = decoder_new(&decoding, &prep->decoder, err);
    if (status == STATUS_OK)
        *result = prep;
    else
        free(prep);
    return status;
}

void prep_free(struct prep *prep)
{
    if (!prep)
        return;
    decoder_free(prep->decoder);
    picture_free(&prep->decoded);
    resizer_free(&prep->resizer);
    buffer_free(&prep->cropped);
    free(prep);
}

enum status prep_read(struct prep *prep, const void *bytes, size_t size,
                      struct prep_picture *picture, struct error *err)
{
    int64_t channels = recipe_channels(&prep->recipe);
    enum status status = decode(prep->decoder, bytes, size, &prep->decoded, err);
    if (status == STATUS_OK)
        status = prep_geometry(&prep->recipe, prep->decoded.width, prep->decoded.height,
                               prep->max_pixels, &prep->width, &prep->height, &prep->window, err);
    if (status != STATUS_OK)
        return status;
    picture->width = prep->decoded.width;
    picture->height = prep->decoded.height;
    picture->type = prep->recipe.type == TYPE_U8 ? ELEMENT_U8 : ELEMENT_F32;
    if (prep->recipe.layout == LAYOUT_HWC)
        picture->shape = (struct shape){3, {prep->window.height, prep->window.width, channels}};
    else
        picture->shape = (struct shape){3, {channels, prep->window.height, prep->window.width}};
    return STATUS_OK;
}

enum status prep_write(struct prep *prep, void *to, struct error *err)
{
    const struct recipe *recipe = &prep->recipe;
    int channels = recipe_channels(recipe);
    size_t count = (size_t)prep->window.width * (size_t)prep->window.height;
    unsigned char *cropped = to;
    int direct;
    enum status status;
    if (channels == 1)
        pixels_grey(&prep->decoded);
    direct = recipe->type == TYPE_U8 && prep->decoded.channels == channels &&
             recipe->colour != COLOUR_BGR && (recipe->layout == LAYOUT_HWC || channels == 1);
    if (!direct) {
        buffer_clear(&prep->cropped);
        status = buffer_reserve(&prep->cropped, count * (size_t)prep->decoded.channels, err);
        if (status != STATUS_OK)
            return status;
        cropped = prep->cropped.data;
    }
    status = resize(&prep->resizer, &prep->decoded, recipe->filter, prep->width, prep->height,
                    &prep->window, cropped, err);
    if (status != STATUS_OK || direct)
        return status;
    if (recipe->type == TYPE_U8)
        pixels_arrange_u8(cropped, prep->decoded.channels, count, recipe, to);
    else
        pixels_arrange_f32(cropped, prep->decoded.channels, count, recipe,
                           (const float(*)[256])prep->values, to);
    return STATUS_OK;
}
