/* Random changes of the pictures, image/augment, made while the trainer's threads load
 * them. Those of the validation set only lose their edges, where the others do. */
#include "tools/imgtrain/imgtrain.h"

#include <stdio.h>

static void change_at_random(const void *context, uint64_t seed, float *from, float *to)
{
    struct augment_change change;
    augment_draw(context, seed, &change);
    augment_apply(context, &change, from, to);
}

static void change_nothing(const void *context, uint64_t seed, float *from, float *to)
{
    struct augment_change change;
    (void)seed;
    augment_still(context, &change);
    augment_apply(context, &change, from, to);
}

static void crop_recipe(struct imgtrain *train, struct recipe recipe)
{
    struct error err;
    augment_recipe(&train->augment, &recipe);
    if (recipe_check(&recipe, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    recipe_format(&recipe, train->recipe);
}

/* Of the pictures that come out. */
static struct dims changed_dims(const struct imgtrain *train)
{
    struct dims dims = dataset_dims(train->data);
    if (train->augment.crop)
        dims.height = dims.width = train->augment.crop;
    return dims;
}

void changes_prepare(struct imgtrain *train, const struct recipe *recipe)
{
    struct error err;
    struct augment *augment = &train->augment;
    struct dims dims = dataset_dims(train->data);
    train->input = dims;
    snprintf(train->recipe, sizeof train->recipe, "%s", dataset_recipe(train->data));
    if (dims.height == 0 && (augment_any(augment) || train->cutmix > 0))
        tool_usage(&train->tool, "the tensors are vectors, and only pictures can be flipped, moved "
                                 "or changed otherwise");
    if (!augment_any(augment))
        return;
    if (augment->crop && !recipe && *train->recipe)
        tool_usage(&train->tool, "--random-crop is for pictures, not for features of them");
    if (augment->crop && train->backbone.path)
        tool_usage(&train->tool,
                   "--random-crop would change the size of pictures that %s says: "
                   "--resized-crop does not",
                   train->backbone.path);
    augment->channels = dims.channels;
    augment->height = dims.height;
    augment->width = dims.width;
    if (recipe)
        augment_colours(augment, recipe);
    if (augment_check(augment, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    train->input = changed_dims(train);
    if (recipe && augment->crop)
        crop_recipe(train, *recipe);
}

void changes_training(const struct imgtrain *train, struct feed_options *feed)
{
    feed->dims = changed_dims(train);
    feed->mixup = train->mixup;
    feed->cutmix = train->cutmix;
    if (!augment_any(&train->augment))
        return;
    feed->change = change_at_random;
    feed->context = &train->augment;
}

void changes_validation(const struct imgtrain *train, struct feed_options *feed)
{
    feed->dims = changed_dims(train);
    if (!train->augment.crop)
        return;
    feed->change = change_nothing;
    feed->context = &train->augment;
}
