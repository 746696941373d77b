#include "image/prep.h"

#include "image/geometry.h"
#include "image/pixels.h"
#include "image/resize.h"

#include <stdlib.h>

struct prep {
    struct recipe recipe;
    int64_t max_pixels;
    struct decoder *decoder;
    struct picture decoded;
    struct resizer resizer;
    struct geometry geometry; /* of the picture read last */
    struct buffer cropped;    /* [window.height][window.width][decoded.channels], u8 or fractions in
                                 f32, where it is not yet the result */
    float values[RECIPE_CHANNELS][256];
};

/* What of the recipe the pixels do not follow yet. */
static enum status refuse(const struct recipe *recipe, struct error *err)
{
    const char *lacking = recipe->decoding != DECODING_FULL ? "decoding=fast"
                          : recipe->exif != EXIF_IGNORE     ? "exif=apply"
                          : recipe->has_background          ? "a background"
                          : recipe->padded                  ? "pad"
                                                            : NULL;
    if (!lacking)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE, "%s is not available in this version", lacking);
}

enum status prep_new(const struct recipe *recipe, const struct decode_options *options,
                     struct prep **result, struct error *err)
{
    struct decode_options decoding = *options;
    struct prep *prep;
    enum status status = recipe_check(recipe, err);
    *result = NULL;
    if (status == STATUS_OK)
        status = refuse(recipe, err);
    if (status != STATUS_OK)
        return status;
    if ((recipe->resize == RESIZE_STRETCH || recipe->padded) &&
        recipe->width > options->max_pixels / recipe->height)
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

/* What of the picture the window of its resize is made of. */
static struct window reach(const struct prep *prep, const struct decode_info *info)
{
    const struct geometry *geometry = &prep->geometry;
    const struct window *window = &geometry->window;
    enum recipe_filter filter = prep->recipe.filter;
    struct window needed;
    resize_reach(filter, info->width, geometry->width, window->x, window->width, &needed.x,
                 &needed.width);
    resize_reach(filter, info->height, geometry->height, window->y, window->height, &needed.y,
                 &needed.height);
    return needed;
}

void prep_form(const struct recipe *recipe, int height, int width, enum element_type *type,
               struct shape *shape)
{
    int64_t channels = recipe_channels(recipe);
    *type = recipe->type == TYPE_U8 ? ELEMENT_U8 : ELEMENT_F32;
    if (recipe->layout == LAYOUT_HWC)
        *shape = (struct shape){3, {height, width, channels}};
    else
        *shape = (struct shape){3, {channels, height, width}};
}

enum status prep_read(struct prep *prep, const void *bytes, size_t size,
                      struct prep_picture *picture, struct error *err)
{
    const struct window *window = &prep->geometry.window;
    struct decode_info info;
    enum status status = decode_open(prep->decoder, bytes, size, &info, err);
    if (status == STATUS_OK)
        status = geometry_of(&prep->recipe, info.width, info.height, prep->max_pixels,
                             &prep->geometry, err);
    if (status == STATUS_OK) {
        struct window needed = reach(prep, &info);
        status = decode_pixels(prep->decoder, &needed, &prep->decoded, err);
    }
    if (status != STATUS_OK)
        return status;
    picture->width = info.width;
    picture->height = info.height;
    prep_form(&prep->recipe, window->height, window->width, &picture->type, &picture->shape);
    return STATUS_OK;
}

static enum status write_fractions(struct prep *prep, float *to, struct error *err)
{
    const struct recipe *recipe = &prep->recipe;
    const struct geometry *geometry = &prep->geometry;
    size_t count = (size_t)geometry->window.width * (size_t)geometry->window.height;
    int channels = prep->decoded.channels;
    enum status status;
    buffer_clear(&prep->cropped);
    status = buffer_reserve(&prep->cropped, count * (size_t)channels * sizeof(float), err);
    if (status == STATUS_OK)
        status =
            resize_fractions(&prep->resizer, &prep->decoded, recipe->filter, geometry->width,
                             geometry->height, &geometry->window, (float *)prep->cropped.data, err);
    if (status == STATUS_OK)
        pixels_arrange_fractions((const float *)prep->cropped.data, channels, count, recipe, to);
    return status;
}

enum status prep_write(struct prep *prep, void *to, struct error *err)
{
    const struct recipe *recipe = &prep->recipe;
    const struct geometry *geometry = &prep->geometry;
    int channels = recipe_channels(recipe);
    size_t count = (size_t)geometry->window.width * (size_t)geometry->window.height;
    unsigned char *cropped = to;
    int direct;
    enum status status;
    if (channels == 1)
        pixels_grey(&prep->decoded);
    if (recipe_fractions(recipe))
        return write_fractions(prep, to, err);
    direct = recipe->type == TYPE_U8 && prep->decoded.channels == channels &&
             recipe->colour != COLOUR_BGR && (recipe->layout == LAYOUT_HWC || channels == 1);
    if (!direct) {
        buffer_clear(&prep->cropped);
        status = buffer_reserve(&prep->cropped, count * (size_t)prep->decoded.channels, err);
        if (status != STATUS_OK)
            return status;
        cropped = prep->cropped.data;
    }
    status = resize(&prep->resizer, &prep->decoded, recipe->filter, geometry->width,
                    geometry->height, &geometry->window, cropped, err);
    if (status != STATUS_OK || direct)
        return status;
    if (recipe->type == TYPE_U8)
        pixels_arrange_u8(cropped, prep->decoded.channels, count, recipe, to);
    else
        pixels_arrange_f32(cropped, prep->decoded.channels, count, recipe,
                           (const float(*)[256])prep->values, to);
    return STATUS_OK;
}
