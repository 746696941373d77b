#include "image/augment/augment_internal.h"

#include <stddef.h>
#include <string.h>

/* torchvision.transforms.v2.functional: adjust_brightness, adjust_contrast and adjust_saturation
 * blend a picture with black, with the mean of its grey values, and with its grey values, and keep
 * the result between black and white after each. The values here are normalised: v = black + p *
 * (white - black), p in 0..1.
 *
 * A block of values at a time, channels side by side as they are: loops over a whole block are
 * made of vectors. */

enum { BLOCK = 192 }; /* values: whole pixels of 1 and of 3 channels, whole vectors */

struct jitter {
    int channels;
    float brightness, contrast, saturation;
    float mean; /* of the grey values, after brightness */
    float black[BLOCK], range[BLOCK],
        scale[BLOCK]; /* of each value of a block; scale = 1 / range */
    float grey[RECIPE_CHANNELS];
};

static void clamp(float p[restrict BLOCK])
{
    for (int i = 0; i < BLOCK; i++)
        p[i] = p[i] > 0 ? p[i] : 0;
    for (int i = 0; i < BLOCK; i++)
        p[i] = p[i] < 1 ? p[i] : 1;
}

/* Values from 0 to 1, with the brightness changed. Those beyond count are 0. */
static void take(const struct jitter *jitter, const float *pixels, size_t count,
                 float p[restrict BLOCK])
{
    memcpy(p, pixels, count * sizeof *p);
    memcpy(p + count, jitter->black + count, (BLOCK - count) * sizeof *p);
    for (int i = 0; i < BLOCK; i++)
        p[i] = (p[i] - jitter->black[i]) * jitter->scale[i] * jitter->brightness;
    clamp(p);
}

static void give(const struct jitter *jitter, float p[restrict BLOCK], size_t count, float *pixels)
{
    for (int i = 0; i < BLOCK; i++)
        p[i] = p[i] * jitter->range[i] + jitter->black[i];
    memcpy(pixels, p, count * sizeof *p);
}

/* Of each pixel of three channels. */
static float grey_value(const struct jitter *jitter, const float *p)
{
    return jitter->grey[0] * p[0] + jitter->grey[1] * p[1] + jitter->grey[2] * p[2];
}

static float grey_sum(const struct jitter *jitter, const float p[BLOCK])
{
    float sum = 0;
    if (jitter->channels == 1)
        for (int i = 0; i < BLOCK; i++)
            sum += p[i];
    else
        for (int i = 0; i < BLOCK; i += RECIPE_CHANNELS)
            sum += grey_value(jitter, p + i);
    return sum;
}

static float grey_mean(const struct jitter *jitter, const float *pixels, size_t size)
{
    float p[BLOCK];
    double sum = 0;
    for (size_t first = 0; first < size; first += BLOCK) {
        take(jitter, pixels + first, size - first < BLOCK ? size - first : BLOCK, p);
        sum += (double)grey_sum(jitter, p);
    }
    return (float)(sum * jitter->channels / (double)size);
}

static void change_contrast(const struct jitter *jitter, float p[restrict BLOCK])
{
    float mean = (1 - jitter->contrast) * jitter->mean;
    for (int i = 0; i < BLOCK; i++)
        p[i] = jitter->contrast * p[i] + mean;
    clamp(p);
}

static void change_saturation(const struct jitter *jitter, float p[restrict BLOCK])
{
    float factor = jitter->saturation;
    for (int i = 0; i < BLOCK; i += RECIPE_CHANNELS) {
        float grey = (1 - factor) * grey_value(jitter, p + i);
        p[i] = factor * p[i] + grey;
        p[i + 1] = factor * p[i + 1] + grey;
        p[i + 2] = factor * p[i + 2] + grey;
    }
    clamp(p);
}

static void prepare(const struct augment *augment, struct jitter *jitter)
{
    for (int i = 0; i < BLOCK; i++) {
        int c = i % augment->channels;
        jitter->black[i] = augment->black[c];
        jitter->range[i] = augment->white[c] - augment->black[c];
        jitter->scale[i] = 1 / jitter->range[i];
    }
    memcpy(jitter->grey, augment->grey, sizeof jitter->grey);
}

void augment_colour(const struct augment *augment, const struct augment_change *change,
                    float *pixels)
{
    struct jitter jitter = {.channels = augment->channels,
                            .brightness = change->brightness,
                            .contrast = change->contrast,
                            .saturation = augment->channels == 1 ? 1 : change->saturation};
    size_t size = (size_t)augment->height * (size_t)augment->width * (size_t)augment->channels;
    float p[BLOCK];
    if (jitter.brightness == 1 && jitter.contrast == 1 && jitter.saturation == 1)
        return;
    prepare(augment, &jitter);
    if (jitter.contrast != 1)
        jitter.mean = grey_mean(&jitter, pixels, size);
    for (size_t first = 0; first < size; first += BLOCK) {
        size_t count = size - first < BLOCK ? size - first : BLOCK;
        take(&jitter, pixels + first, count, p);
        if (jitter.contrast != 1)
            change_contrast(&jitter, p);
        if (jitter.saturation != 1)
            change_saturation(&jitter, p);
        give(&jitter, p, count, pixels + first);
    }
}
