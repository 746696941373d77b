#include "image/prep.h"

#include "image/geometry.h"
#include "image/pixels.h"
#include "image/resize.h"

#include <stdlib.h>
#include <string.h>

struct prep {
    struct recipe recipe;
    int64_t max_pixels;
    struct decoder *decoder;
    struct picture decoded;
    struct resizer resizer;
    struct geometry geometry; /* of the picture read last */
    struct buffer cropped;    /* [window.height][window.width][decoded.channels], u8 or fractions in
                                 f32, where it is not yet the result */
    struct buffer canvas;     /* the same [canvas_height][canvas_width][the recipe's channels] */
    float values[RECIPE_CHANNELS][256];
};

enum status prep_new(const struct recipe *recipe, const struct decode_options *options,
                     struct prep **result, struct error *err)
{
    struct decode_options decoding = *options;
    struct prep *prep;
    enum status status = recipe_check(recipe, err);
    *result = NULL;
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
    decoding.exif = recipe->exif;
    decoding.has_background = recipe->has_background;
    memcpy(decoding.background, recipe->background, sizeof decoding.background);
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
    buffer_free(&prep->canvas);
    free(prep);
}

/* What of the region, as large as it comes, the window of its resize is made of. */
static struct window reach(const struct prep *prep, const struct window *region)
{
    const struct geometry *geometry = &prep->geometry;
    const struct window *window = &geometry->window;
    enum recipe_filter filter = prep->recipe.filter;
    struct window needed;
    resize_reach(filter, region->width, geometry->width, window->x, window->width, &needed.x,
                 &needed.width);
    resize_reach(filter, region->height, geometry->height, window->y, window->height, &needed.y,
                 &needed.height);
    needed.x += region->x;
    needed.y += region->y;
    return needed;
}

/* The part of a side that the region is shall have `least` pixels: so many has the whole. */
static int whole_side(int whole, int region, int least)
{
    int64_t side = ((int64_t)whole * least + region - 1) / region;
    return side < whole ? (int)side : whole;
}

/* What of the picture the tensor is made of, and how. */
static enum status plan(struct prep *prep, const struct box *box, struct decode_info *info,
                        struct window *region, struct error *err)
{
    const struct geometry *geometry = &prep->geometry;
    *region = (struct window){0, 0, info->width, info->height};
    if (box)
        TRY(box_window(box, info->width, info->height, region, err));
    TRY(geometry_of(&prep->recipe, region->width, region->height, prep->max_pixels, &prep->geometry,
                    err));
    if (prep->recipe.decoding != DECODING_FAST)
        return STATUS_OK;
    decode_shrink(prep->decoder, whole_side(info->width, region->width, geometry->width),
                  whole_side(info->height, region->height, geometry->height), info);
    *region = (struct window){0, 0, info->width, info->height};
    return box ? box_window(box, info->width, info->height, region, err) : STATUS_OK;
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

enum status prep_read(struct prep *prep, const void *bytes, size_t size, const struct box *box,
                      struct prep_picture *picture, struct error *err)
{
    const struct geometry *geometry = &prep->geometry;
    struct decode_info info;
    struct window region, needed;
    TRY(decode_open(prep->decoder, bytes, size, &info, err));
    picture->width = info.width;
    picture->height = info.height;
    TRY(plan(prep, box, &info, &region, err));
    needed = reach(prep, &region);
    TRY(decode_pixels(prep->decoder, &needed, box ? REST_UNREAD : REST_CHECKED, &prep->decoded,
                      err));
    picture_cut(&prep->decoded, &region);
    picture->warning = decode_warning(prep->decoder);
    prep_form(&prep->recipe, geometry->canvas_height, geometry->canvas_width, &picture->type,
              &picture->shape);
    return STATUS_OK;
}

/* The window of the resized picture: pixels, or f32 where they have fractions. */
static enum status resize_window(struct prep *prep, void *to, struct error *err)
{
    const struct recipe *recipe = &prep->recipe;
    const struct geometry *geometry = &prep->geometry;
    if (recipe_fractions(recipe))
        return resize_fractions(&prep->resizer, &prep->decoded, recipe->filter, geometry->width,
                                geometry->height, &geometry->window, to, err);
    return resize(&prep->resizer, &prep->decoded, recipe->filter, geometry->width, geometry->height,
                  &geometry->window, to, err);
}

/* Puts the window into the middle of the canvas, which gets the recipe's channels. */
static enum status pad(struct prep *prep, size_t element, struct error *err)
{
    const struct geometry *geometry = &prep->geometry;
    size_t width = (size_t)geometry->canvas_width, height = (size_t)geometry->canvas_height;
    size_t pixel = (size_t)recipe_channels(&prep->recipe) * element, stride = width * pixel;
    const struct window *window = &geometry->window;
    size_t size = (size_t)window->width * (size_t)prep->decoded.channels * element;
    TRY(buffer_room(&prep->canvas, height * stride, err));
    pixels_fill(prep->canvas.data, width * height, &prep->recipe, element);
    for (int y = 0; y < window->height; y++)
        pixels_repeat(prep->cropped.data + (size_t)y * size, prep->decoded.channels,
                      (size_t)window->width, &prep->recipe, element,
                      prep->canvas.data + (size_t)(geometry->top + y) * stride +
                          (size_t)geometry->left * pixel);
    return STATUS_OK;
}

/* Order of channels, values, layout. */
static void arrange(const struct prep *prep, const void *from, int channels, void *to)
{
    const struct recipe *recipe = &prep->recipe;
    size_t count = (size_t)prep->geometry.canvas_width * (size_t)prep->geometry.canvas_height;
    if (recipe_fractions(recipe))
        pixels_arrange_fractions(from, channels, count, recipe, to);
    else if (recipe->type == TYPE_U8)
        pixels_arrange_u8(from, channels, count, recipe, to);
    else
        pixels_arrange_f32(from, channels, count, recipe, (const float(*)[256])prep->values, to);
}

enum status prep_write(struct prep *prep, void *to, struct error *err)
{
    const struct recipe *recipe = &prep->recipe;
    const struct window *window = &prep->geometry.window;
    int channels = recipe_channels(recipe);
    size_t element = recipe_fractions(recipe) ? sizeof(float) : 1;
    if (channels == 1)
        pixels_grey(&prep->decoded);
    if (recipe->type == TYPE_U8 && prep->decoded.channels == channels && !recipe->padded &&
        recipe->colour != COLOUR_BGR && (recipe->layout == LAYOUT_HWC || channels == 1))
        return resize_window(prep, to, err); /* it is what is wanted */
    TRY(buffer_room(&prep->cropped,
                    (size_t)window->width * (size_t)window->height *
                        (size_t)prep->decoded.channels * element,
                    err));
    TRY(resize_window(prep, prep->cropped.data, err));
    if (!recipe->padded) {
        arrange(prep, prep->cropped.data, prep->decoded.channels, to);
        return STATUS_OK;
    }
    TRY(pad(prep, element, err));
    arrange(prep, prep->canvas.data, channels, to);
    return STATUS_OK;
}
