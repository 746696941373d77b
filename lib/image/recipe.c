#include "image/recipe.h"

#include <string.h>

void recipe_init(struct recipe *recipe)
{
    memset(recipe, 0, sizeof *recipe);
    recipe->crop_rounding = ROUND_EVEN;
    recipe->scale = 1;
    for (int c = 0; c < RECIPE_CHANNELS; c++)
        recipe->std[c] = 1;
}

int recipe_channels(const struct recipe *recipe)
{
    return recipe->colour == COLOUR_GREY ? 1 : 3;
}

int recipe_fixed_size(const struct recipe *recipe, int *width, int *height)
{
    if (recipe->crop_width) {
        *width = recipe->crop_width;
        *height = recipe->crop_height;
        return 1;
    }
    *width = recipe->width;
    *height = recipe->height;
    return recipe->resize == RESIZE_STRETCH || recipe->padded;
}

static int usable(float value)
{
    return value - value == 0; /* neither infinite nor no number, after the rounding to f32 */
}

/* Resize, filter, padding and crop beside each other. */
static enum status check_sizes(const struct recipe *recipe, struct error *err)
{
    if ((recipe->resize == RESIZE_NONE) != (recipe->filter == FILTER_NONE))
        return error_set(err, STATUS_USAGE,
                         "resize and filter contradict each other: a filter is for a resize");
    if (recipe->padded && recipe->resize != RESIZE_FIT)
        return error_set(err, STATUS_USAGE, "pad is for a picture that was made to fit (fit)");
    if (recipe->padded && recipe->crop_width)
        return error_set(err, STATUS_USAGE,
                         "pad and crop contradict each other: a padded picture has its size");
    if (recipe_fractions(recipe) && recipe->type == TYPE_U8)
        return error_set(err, STATUS_USAGE,
                         "the filter %s gives fractions: the type must be f32, not u8",
                         recipe_filter_name(recipe->filter));
    if (recipe->resize == RESIZE_SHORT && recipe->crop_width > recipe->width &&
        recipe->crop_height > recipe->width)
        return error_set(err, STATUS_USAGE,
                         "the crop %dx%d is larger than the picture whose short side is %d",
                         recipe->crop_width, recipe->crop_height, recipe->width);
    if ((recipe->resize == RESIZE_STRETCH || recipe->resize == RESIZE_FIT) &&
        (recipe->crop_width > recipe->width || recipe->crop_height > recipe->height))
        return error_set(err, STATUS_USAGE, "the crop %dx%d is larger than the picture of %dx%d",
                         recipe->crop_width, recipe->crop_height, recipe->width, recipe->height);
    return STATUS_OK;
}

static enum status check_values(const struct recipe *recipe, struct error *err)
{
    if (!usable(recipe->scale) || recipe->scale == 0)
        return error_set(err, STATUS_USAGE,
                         "scale is not a number other than 0 within the range of f32");
    for (int c = 0; c < RECIPE_CHANNELS; c++) {
        if (!usable(recipe->mean[c]) || !usable(recipe->std[c]) || recipe->std[c] == 0)
            return error_set(err, STATUS_USAGE,
                             "mean or std is beyond the range of f32, or std is 0");
        if (recipe->colour == COLOUR_GREY &&
            (recipe->mean[c] != recipe->mean[0] || recipe->std[c] != recipe->std[0]))
            return error_set(err, STATUS_USAGE,
                             "mean and std of grey pictures are one number each, not 3");
        if (recipe->colour == COLOUR_GREY && recipe->pad[c] != recipe->pad[0])
            return error_set(err, STATUS_USAGE, "pad of grey pictures is one number, not 3");
    }
    return STATUS_OK;
}

enum status recipe_check(const struct recipe *recipe, struct error *err)
{
    enum status status = check_sizes(recipe, err);
    return status == STATUS_OK ? check_values(recipe, err) : status;
}

int recipe_fractions(const struct recipe *recipe)
{
    return recipe->filter == FILTER_TF_BILINEAR;
}

float recipe_value(const struct recipe *recipe, int c, float pixel)
{
    float scaled = pixel * recipe->scale;
    return (scaled - recipe->mean[c]) / recipe->std[c];
}

void recipe_values(const struct recipe *recipe, float values[RECIPE_CHANNELS][256])
{
    for (int c = 0; c < RECIPE_CHANNELS; c++)
        for (int pixel = 0; pixel < 256; pixel++)
            values[c][pixel] = recipe_value(recipe, c, (float)pixel);
}
