#include "image/augment/augment_internal.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

enum { WINDOW_TRIES = 10 }; /* of RandomResizedCrop, before it takes the centre */

void augment_colours(struct augment *augment, const struct recipe *recipe)
{
    /* ITU-R 601, as torchvision rounds it; red, green, blue. */
    static const float weights[RECIPE_CHANNELS] = {0.2989F, 0.587F, 0.114F};
    float values[RECIPE_CHANNELS][256];
    recipe_values(recipe, values);
    augment->colours = 1;
    for (int c = 0; c < RECIPE_CHANNELS; c++) {
        augment->black[c] = values[c][0];
        augment->white[c] = values[c][255];
        augment->grey[c] = weights[recipe->colour == COLOUR_BGR ? RECIPE_CHANNELS - 1 - c : c];
    }
    if (recipe->colour == COLOUR_GREY)
        augment->grey[0] = 1;
}

void augment_recipe(const struct augment *augment, struct recipe *recipe)
{
    int side = augment->crop;
    if (!side || (recipe->crop_width == side && recipe->crop_height == side))
        return;
    recipe->crop_width = recipe->crop_height = side;
    recipe->crop_rounding = ROUND_EVEN;
}

static int changes_colours(const struct augment *augment)
{
    return augment->brightness > 0 || augment->contrast > 0 || augment->saturation > 0;
}

int augment_any(const struct augment *augment)
{
    return changes_colours(augment) || augment->turn || augment->rotate > 0 || augment->flip ||
           augment->crop || augment->shift || augment->resized_crop > 0 || augment->cutout;
}

void augment_size(const struct augment *augment, int *height, int *width)
{
    *height = augment->crop ? augment->crop : augment->height;
    *width = augment->crop ? augment->crop : augment->width;
}

enum status augment_check(const struct augment *augment, struct error *err)
{
    int crop = augment->crop,
        room = augment->height < augment->width ? augment->height : augment->width;
    if (changes_colours(augment) && !augment->colours)
        return error_set(err, STATUS_USAGE,
                         "brightness, contrast and saturation can only be changed in pictures "
                         "whose recipe says what is black and what is white");
    if (augment->shift && augment->resized_crop > 0)
        return error_set(err, STATUS_USAGE,
                         "a window that is resized lies within the picture: it is not shifted");
    if (crop && augment->resized_crop <= 0 && crop > room + 2 * augment->shift)
        return error_set(err, STATUS_USAGE, "pictures of %dx%d are too small for a window of %dx%d",
                         augment->width, augment->height, crop, crop);
    return STATUS_OK;
}

void augment_still(const struct augment *augment, struct augment_change *change)
{
    memset(change, 0, sizeof *change);
    change->brightness = change->contrast = change->saturation = 1;
    augment_size(augment, &change->window_height, &change->window_width);
    /* rint: halves to the even neighbour, as recipes crop */
    change->top = (int)rint((augment->height - change->window_height) / 2.0);
    change->left = (int)rint((augment->width - change->window_width) / 2.0);
    change->cut_top = change->cut_left = -augment->cutout; /* outside */
}

static float draw_factor(struct random *random, double range)
{
    double low = range < 1 ? 1 - range : 0;
    return range > 0 ? (float)(low + random_uniform(random) * (1 + range - low)) : 1;
}

/* 0 .. most */
static int draw_to(struct random *random, int most)
{
    return (int)random_below(random, (uint64_t)most + 1);
}

/* As RandomResizedCrop: scale (resized_crop, 1), ratio (3/4, 4/3). */
static void draw_window(const struct augment *augment, struct random *random,
                        struct augment_change *change)
{
    const double narrow = 3.0 / 4, wide = 4.0 / 3, least = augment->resized_crop;
    double height = augment->height, width = augment->width;
    for (int i = 0; i < WINDOW_TRIES; i++) {
        double area = height * width * (least + random_uniform(random) * (1 - least));
        double ratio = exp(log(narrow) + random_uniform(random) * (log(wide) - log(narrow)));
        double w = rint(sqrt(area * ratio)), h = rint(sqrt(area / ratio));
        if (w < 1 || h < 1 || w > width || h > height)
            continue;
        change->window_height = (int)h;
        change->window_width = (int)w;
        change->top = draw_to(random, augment->height - change->window_height);
        change->left = draw_to(random, augment->width - change->window_width);
        return;
    }
    change->window_height = (int)fmin(height, rint(width / narrow));
    change->window_width = (int)fmin(width, rint(height * wide));
    change->top = (augment->height - change->window_height) / 2;
    change->left = (augment->width - change->window_width) / 2;
}

void augment_draw(const struct augment *augment, uint64_t seed, struct augment_change *change)
{
    struct random random;
    int height, width;
    random_seed(&random, seed);
    augment_size(augment, &height, &width);
    augment_still(augment, change);
    if (augment->flip)
        change->flip = draw_to(&random, 1);
    if (augment->turn)
        change->turns =
            augment->height == augment->width ? draw_to(&random, 3) : 2 * draw_to(&random, 1);
    if (augment->rotate > 0) /* as many digits as its text has */
        change->angle = (double)(float)(augment->rotate * (2 * random_uniform(&random) - 1));
    if (augment->resized_crop > 0) {
        draw_window(augment, &random, change);
    } else if (augment->crop || augment->shift) {
        int reach = augment->shift;
        change->top = draw_to(&random, augment->height - height + 2 * reach) - reach;
        change->left = draw_to(&random, augment->width - width + 2 * reach) - reach;
    }
    change->brightness = draw_factor(&random, augment->brightness);
    change->contrast = draw_factor(&random, augment->contrast);
    change->saturation = draw_factor(&random, augment->saturation);
    if (augment->cutout) {
        change->cut_top = draw_to(&random, height - 1) - augment->cutout / 2;
        change->cut_left = draw_to(&random, width - 1) - augment->cutout / 2;
    }
}

static void cut_out(const struct augment *augment, const struct augment_change *change, float *to)
{
    int height, width, side = augment->cutout, top = change->cut_top, left = change->cut_left;
    int bottom, right;
    augment_size(augment, &height, &width);
    bottom = top + side < height ? top + side : height;
    right = left + side < width ? left + side : width;
    left = left > 0 ? left : 0;
    for (int y = top > 0 ? top : 0; y < bottom; y++)
        memset(to + ((size_t)y * (size_t)width + (size_t)left) * (size_t)augment->channels, 0,
               (size_t)(right - left) * (size_t)augment->channels * sizeof *to);
}

void augment_apply(const struct augment *augment, const struct augment_change *change, float *from,
                   float *to)
{
    if (augment->colours)
        augment_colour(augment, change, from);
    augment_place(augment, change, from, to);
    if (augment->cutout)
        cut_out(augment, change, to);
}
