/* Which steps of a plan for several images run image by image.
 *
 * The first layers of a network have large pictures and few weights: image by image, what one layer
 * writes is still in the cache when the next reads it. The last ones have small pictures and many
 * weights: all images together, each weight is read from memory once. So a plan's first steps, up
 * to where the weights that would be read again outweigh the activations that would leave the
 * cache, run once for each image; the others once for all. */
#include "nn/net_internal.h"

#include <stdlib.h>

static int divide(size_t *count, size_t by)
{
    if (*count % by != 0)
        return 0;
    *count /= by;
    return 1;
}

static int is_constant(const struct plan *plan, int place)
{
    return place >= 0 && plan->places[place_root(plan, place, NULL)].fixed != NULL;
}

/* m x n x k elements, the images outermost; a constant must be the same for all of them, and
 * nothing else may be. */
static int divide_binary(const struct plan *plan, struct step *step, size_t images)
{
    for (int s = 0; s < 2; s++) {
        int differs = step->in_place >> s & 1 || step->operand[s].outer > 0;
        if (!step->by_pixel || differs == is_constant(plan, step->in[s]))
            return 0;
    }
    if (step->m == images) {
        step->m = 1;
        return 1;
    }
    if (step->m != 1 || step->in_place != 3)
        return 0;
    return divide(step->n > 1 ? &step->n : &step->k, images);
}

/* Makes of a step for all images one for a single image; 0 when that cannot be. */
static int divide_step(const struct plan *plan, struct step *step, size_t images)
{
    for (int i = 0; i < step->in_count && step->kind != STEP_BINARY; i++)
        if (is_constant(plan, step->in[i]))
            return 0;
    if (is_constant(plan, step->residual))
        return 0;
    switch (step->kind) {
    case STEP_CONV:
    case STEP_MAX_POOL:
    case STEP_AVERAGE_POOL:
    case STEP_PAD:
        return divide(&step->window.batch, images) && step->window.batch == 1;
    case STEP_GLOBAL_AVERAGE:
    case STEP_GLOBAL_MAX:
    case STEP_TO_NHWC:
    case STEP_TO_NCHW:
        return divide(&step->m, images) && step->m == 1;
    case STEP_SCALE:
    case STEP_LRN:
        return divide(&step->m, images);
    case STEP_ACTIVATION: /* rows, or all in one */
        return divide(step->m > 1 ? &step->m : &step->n, images);
    case STEP_CONCAT:
        return step->by_pixel && divide(&step->m, images);
    case STEP_BINARY:
        return divide_binary(plan, step, images);
    default:
        return 0;
    }
}

static int64_t place_bytes(const struct plan *plan, int place)
{
    const struct place *p = place < 0 ? NULL : &plan->places[place];
    if (!p || !place_in_memory(&plan->places[place_root(plan, place, NULL)]))
        return 0;
    return p->rows ? (int64_t)(p->rows * p->channels * sizeof(float)) : p->bytes;
}

/* What leaves the cache between the step and its neighbours when all images run together: nothing
 * when the cache holds it all. */
static int64_t activations(const struct net *net, const struct plan *plan, const struct step *step)
{
    int64_t bytes = place_bytes(plan, step->residual);
    for (int i = 0; i < step->in_count; i++)
        bytes += place_bytes(plan, step->in[i]);
    for (int i = 0; i < step->out_count; i++)
        bytes += place_bytes(plan, step->out[i]);
    return bytes > net->options.cache ? bytes : 0;
}

/* The number of first steps for which all is cheapest: the bytes that each further image costs, as
 * weights of the steps before, as activations of those after. */
static size_t choose_apart(const struct net *net, const struct plan *plan, size_t images)
{
    int64_t cost = 0, least = 0;
    size_t best = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        struct step copy = plan->steps[i];
        if (!divide_step(plan, &copy, images))
            break;
        cost += plan_weight_bytes(net, plan, &plan->steps[i]) -
                activations(net, plan, &plan->steps[i]) / (int64_t)images;
        if (cost < least) {
            least = cost;
            best = i + 1;
        }
    }
    return best;
}

static void mark(struct plan *plan, int place, unsigned char *seen, unsigned char bit)
{
    if (place >= 0)
        seen[place_root(plan, place, NULL)] |= bit;
}

/* What only the first steps touch needs room for one image; the rest lies image after image. */
static void divide_places(struct plan *plan, size_t images, unsigned char *seen)
{
    enum { BEFORE = 1, AFTER = 2 };
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct step *step = &plan->steps[i];
        unsigned char bit = i < plan->apart ? BEFORE : AFTER;
        for (int j = 0; j < step->in_count; j++)
            mark(plan, step->in[j], seen, bit);
        for (int j = 0; j < step->out_count; j++)
            mark(plan, step->out[j], seen, bit);
        mark(plan, step->residual, seen, bit);
    }
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].keep || (int)i == plan->picture_place)
            mark(plan, (int)i, seen, AFTER);
    for (size_t i = 0; i < plan->place_count; i++) {
        struct place *place = &plan->places[i];
        if (place->root != (int)i || place->fixed || !(seen[i] & BEFORE))
            continue;
        if (place->input >= 0 || seen[i] & AFTER)
            place->image_bytes = place->bytes / (int64_t)images;
        else
            place->bytes /= (int64_t)images;
    }
}

enum status plan_images(const struct net *net, struct plan *plan, struct error *err)
{
    size_t images = 0;
    unsigned char *seen;
    plan->images = 1;
    for (size_t i = 0; i < plan->step_count && !images; i++)
        if (plan->steps[i].kind == STEP_CONV)
            images = plan->steps[i].window.batch;
    if (images < 2)
        return STATUS_OK;
    plan->apart = choose_apart(net, plan, images);
    if (!plan->apart)
        return STATUS_OK;
    seen = memory_array(plan->place_count + 1, 1);
    if (!seen)
        return error_memory(err);
    plan->images = images;
    for (size_t i = 0; i < plan->apart; i++) {
        struct step *step = &plan->steps[i];
        divide_step(plan, step, images);
        if (step->scratch >= 0)
            plan->places[step->scratch].bytes =
                (int64_t)step->convolution->scratch_size(&step->window);
    }
    divide_places(plan, images, seen);
    free(seen);
    return STATUS_OK;
}
