/* Random changes of the pictures, image/augment, made while the trainer's threads load them. */
#include "tools/imgtrain/imgtrain.h"

static void change_at_random(const void *context, uint64_t seed, float *from, float *to)
{
    struct augment_change change;
    augment_draw(context, seed, &change);
    augment_apply(context, &change, from, to);
}

void changes_prepare(struct imgtrain *train, const struct recipe *recipe)
{
    struct error err;
    struct augment *augment = &train->augment;
    struct dims dims = dataset_dims(train->data);
    train->input = dims;
    if (!augment_any(augment))
        return;
    if (dims.height == 0)
        tool_usage(&train->tool, "the tensors are vectors, and only pictures can be flipped, moved "
                                 "or changed otherwise");
    augment->channels = dims.channels;
    augment->height = dims.height;
    augment->width = dims.width;
    if (recipe)
        augment_colours(augment, recipe);
    if (augment_check(augment, &err) != STATUS_OK)
        tool_die(&train->tool, &err);
    augment_size(augment, &train->input.height, &train->input.width);
}

void changes_training(const struct imgtrain *train, struct feed_options *feed)
{
    if (!augment_any(&train->augment))
        return;
    feed->change = change_at_random;
    feed->context = &train->augment;
}
